"""The four laws for edits of tracks, clips and keys, from one table."""

import random

import pytest
from document_cases import CLIP_TRACKS, KINDS, Plain, plain, random_item
from edit_cases import Case, obeys_the_four_laws, pick, shift, start, track, without

from genmo_studio.document import edits
from genmo_studio.document.edits import Edit
from genmo_studio.document.model import (
    Document,
    PoseKey,
    TempoScale,
    TextClip,
    TrackKind,
)
from genmo_studio.document.queries import find_item, trim_limits
from genmo_studio.document.time import Span

CASES: list[Case] = []


def case(function: Case) -> Case:
    """Add an edit to the table."""
    CASES.append(function)
    return function


@case
def add_track(rng: random.Random, _document: Document, want: Plain) -> Edit:
    fields = {"muted": False, "solo": False, "locked": False, "hidden": False, "colour": None, "height": 48}
    want["tracks"].insert(2, {"id": "new", "kind": "path", "name": "Path 2", "items": [], **fields})
    return edits.add_track(TrackKind.PATH, index=2, track_id="new")


@case
def remove_track(rng: random.Random, _document: Document, want: Plain) -> Edit:
    name = rng.choice(list(KINDS))
    want["tracks"].remove(track(want, name))
    return edits.remove_track(name)


@case
def rename_track(rng: random.Random, _document: Document, want: Plain) -> Edit:
    track(want, "t1")["name"] = "Words"
    return edits.rename_track("t1", "Words")


@case
def move_track(rng: random.Random, _document: Document, want: Plain) -> Edit:
    row = want["tracks"].pop(rng.randrange(len(KINDS)))
    index = rng.randrange(len(KINDS))
    want["tracks"].insert(index, row)
    return edits.move_track(row["id"], index)


@case
def set_track_flags(rng: random.Random, _document: Document, want: Plain) -> Edit:
    flags = {name: rng.random() < 0.5 for name in rng.sample(["muted", "solo", "locked", "hidden"], 3)}
    track(want, "k1").update(flags)
    return edits.set_track_flags("k1", **flags)


@case
def set_track_colour(rng: random.Random, _document: Document, want: Plain) -> Edit:
    track(want, "m1")["colour"] = colour = rng.choice(["#010203", None])
    return edits.set_track_colour("m1", colour)


@case
def set_track_height(rng: random.Random, _document: Document, want: Plain) -> Edit:
    track(want, "m1")["height"] = 16
    return edits.set_track_height("m1", -5)


@case
def add_item(rng: random.Random, _document: Document, want: Plain) -> Edit:
    name = rng.choice(list(KINDS))
    item = random_item(rng, KINDS[name], "added", frame=rng.randrange(500))
    row, new = track(want, name), plain(item)
    row["items"].append(new)
    if "frame" in new:
        without(row, new["frame"], new)
    return edits.add_item(name, item)


@case
def add_items_of_many(rng: random.Random, _document: Document, want: Plain) -> Edit:
    frames = rng.sample(range(600), 100)
    items = [random_item(rng, TrackKind.FULL_KEYS, f"added{frame}", frame=frame) for frame in frames]
    row = track(want, "k1")
    row["items"] = [item for item in row["items"] if item["frame"] not in frames] + [plain(item) for item in items]
    return edits.add_items("k1", items)


@case
def replace_item(rng: random.Random, _document: Document, want: Plain) -> Edit:
    row, item = pick(rng, want, ("t1", "t2"))
    row["items"].remove(item)
    new = TextClip(id=item["id"], span=Span(7, 9), text="other")
    row["items"].append(plain(new))
    return edits.replace_item(new)


@case
def move_items(rng: random.Random, _document: Document, want: Plain) -> Edit:
    chosen = [pick(rng, want, (name,)) for name in rng.sample(list(KINDS), 3)]
    by = rng.randrange(-min(start(item) for _, item in chosen), 300)
    for row, item in chosen:
        shift(item, by)
        if "frame" in item:
            without(row, item["frame"], item)
    return edits.move_items([item["id"] for _, item in chosen], by=by)


@case
def move_items_to_track(rng: random.Random, _document: Document, want: Plain) -> Edit:
    source, target = rng.choice([("v1", "v2"), ("t2", "t1"), ("k1", "k2")])
    row, item = pick(rng, want, (source,))
    by = rng.randrange(-start(item), 100)
    row["items"].remove(item)
    shift(item, by)
    goal = track(want, target)
    goal["items"].append(item)
    if "frame" in item:
        without(goal, item["frame"], item)
    return edits.move_items([item["id"]], by=by, to_track=target)


@case
def duplicate_items(rng: random.Random, _document: Document, want: Plain) -> Edit:
    row, item = pick(rng, want, tuple(KINDS))
    copy = {**item, "id": "copy"}
    length = 1 + item.get("hold", 0) if "frame" in item else item["span"]["stop"] - item["span"]["start"]
    by = rng.choice([None, 17])
    shift(copy, length if by is None else by)
    row["items"].append(copy)
    if "frame" in copy:
        without(row, copy["frame"], copy)
    return edits.duplicate_items([item["id"]], by=by, new_ids=["copy"])


@case
def delete_items(rng: random.Random, _document: Document, want: Plain) -> Edit:
    chosen = [pick(rng, want, (name,)) for name in rng.sample(list(KINDS), 4)]
    for row, item in chosen:
        row["items"].remove(item)
    return edits.delete_items([item["id"] for _, item in chosen])


@case
def set_weight(rng: random.Random, _document: Document, want: Plain) -> Edit:
    chosen = [pick(rng, want, (name,))[1] for name in ("v1", "k1", "w1")]
    for item in chosen:
        item["weight"] = 0.75
    return edits.set_weight([item["id"] for item in chosen], 0.75)


@case
def set_muted(rng: random.Random, _document: Document, want: Plain) -> Edit:
    item = pick(rng, want, tuple(KINDS))[1]
    item["muted"] = not item["muted"]
    return edits.set_muted([item["id"]], muted=item["muted"])


@case
def trim_inwards(rng: random.Random, document: Document, want: Plain) -> Edit:
    item = pick(rng, want, CLIP_TRACKS)[1]
    span, source = item["span"], item.get("source")
    length = span["stop"] - span["start"]
    cut = rng.randrange(0, length)
    rest = length - cut
    at_start = rng.random() < 0.5
    if source:
        # the share of the source that is cut off, rounded to whole frames, half up at the boundary
        size = source["stop"] - source["start"]
        boundary = cut if at_start else rest
        place = source["start"] + int(boundary * size / length + 0.5)
        if at_start:
            source["start"] = min(place, source["stop"] - 1)
        else:
            source["stop"] = max(place, source["start"] + 1)
    frame = span["start"] + cut if at_start else span["stop"] - cut
    span["start" if at_start else "stop"] = frame
    return edits.trim_start(item["id"], frame) if at_start else edits.trim_end(item["id"], frame)


@case
def trim_outwards(rng: random.Random, document: Document, want: Plain) -> Edit:
    item = pick(rng, want, ("t1", "v1", "m1"))[1]
    clip = find_item(document, item["id"])
    assert clip is not None
    if item["type"] != "text":  # at normal speed, so that the expectation is plain arithmetic
        item["source"]["stop"] = item["source"]["start"] + item["span"]["stop"] - item["span"]["start"]
        normal = edits.replace_item(
            type(clip)(**{**{f: getattr(clip, f) for f in clip.__struct_fields__},
                          "source": Span(item["source"]["start"], item["source"]["stop"])})
        )  # fmt: skip
    else:
        normal = edits.compose()
    limits = trim_limits(normal(document), find_item(normal(document), item["id"]))
    more = rng.randrange(0, min(150, limits.stop - item["span"]["stop"]) + 1)
    less = rng.randrange(0, min(150, item["span"]["start"] - limits.start) + 1)
    for part in ("span", *(["source"] if "source" in item else [])):
        item[part]["start"] -= less
        item[part]["stop"] += more
    ends = item["span"]["start"], item["span"]["stop"]
    return edits.compose(normal, edits.trim_end(item["id"], ends[1]), edits.trim_start(item["id"], ends[0]))


@case
def split_items(rng: random.Random, _document: Document, want: Plain) -> Edit:
    longer = [(row, item) for row in want["tracks"] for item in row["items"]
              if "span" in item and item["span"]["stop"] - item["span"]["start"] > 1]  # fmt: skip
    if not longer:
        return edits.compose()
    row, item = rng.choice(longer)
    at = rng.randrange(item["span"]["start"] + 1, item["span"]["stop"])
    right = {**item, "id": "right", "span": {"start": at, "stop": item["span"]["stop"]}}
    if "source" in item:
        source = item["source"]
        size, length = source["stop"] - source["start"], item["span"]["stop"] - item["span"]["start"]
        place = source["start"] + int((at - item["span"]["start"]) * size / length + 0.5)
        right["source"] = {"start": min(place, source["stop"] - 1), "stop": source["stop"]}
        item["source"] = {"start": source["start"], "stop": max(place, source["start"] + 1)}
    item["span"] = {"start": item["span"]["start"], "stop": at}
    if item["type"] == "tweak":  # as strong at the cut as before
        item["fall"] = right["rise"] = 0
    row["items"].append(right)
    return edits.split_items([item["id"]], at, new_ids=["right"])


@case
def retime(rng: random.Random, _document: Document, want: Plain) -> Edit:
    item = pick(rng, want, CLIP_TRACKS)[1]
    item["span"] = {"start": 33, "stop": 500}
    return edits.retime(item["id"], Span(33, 500))


@case
def stretch_items(rng: random.Random, _document: Document, want: Plain) -> Edit:
    row = track(want, rng.choice(list(KINDS)))
    for item in row["items"]:
        if "frame" in item:
            item["frame"] = 10 + 3 * item["frame"]
        else:
            item["span"] = {end: 10 + 3 * frame for end, frame in item["span"].items()}
        for length in ("hold", "rise", "fall"):
            if length in item:
                item[length] *= 3
    return edits.stretch_items([item["id"] for item in row["items"]], old=Span(0, 100), new=Span(10, 310))


@case
def slip_source(rng: random.Random, _document: Document, want: Plain) -> Edit:
    item = pick(rng, want, ("v1", "m1"))[1]
    by = -item["source"]["start"]
    item["source"] = {"start": 0, "stop": item["source"]["stop"] + by}
    return edits.slip_source(item["id"], by=by)


@case
def set_text(rng: random.Random, _document: Document, want: Plain) -> Edit:
    item = pick(rng, want, ("t1",))[1]
    item["text"] = "a person sits down"
    return edits.set_text(item["id"], "a person sits down")


@case
def set_tempo_and_gain(rng: random.Random, _document: Document, want: Plain) -> Edit:
    item = pick(rng, want, ("m1",))[1]
    item.update(tempo="double", gain=0.25)
    return edits.compose(edits.set_tempo(item["id"], TempoScale.DOUBLE), edits.set_gain(item["id"], 0.25))


@case
def set_key(rng: random.Random, _document: Document, want: Plain) -> Edit:
    row, item = pick(rng, want, ("k1", "p1"))
    key = PoseKey(id="other", frame=rng.choice([item["frame"], 450]), rotations={"head": (0.5, 0.0, 0.0)})
    if key.frame == item["frame"]:
        row["items"][row["items"].index(item)] = {**plain(key), "id": item["id"]}
    else:
        row["items"].append(plain(key))
    return edits.set_key(row["id"], key)


@case
def change_pose(rng: random.Random, _document: Document, want: Plain) -> Edit:
    item = pick(rng, want, ("k1",))[1]
    item["rotations"]["left_knee"] = [0.5, 0.25, 0.0]
    item["positions"]["left_foot"] = [0.0, 0.5, 1.0]
    item["root_position"] = [1.0, 2.0, 3.0]
    return edits.change_pose(
        item["id"],
        rotations={"left_knee": (0.5, 0.25, 0.0)},
        positions={"left_foot": (0.0, 0.5, 1.0)},
        root_position=(1.0, 2.0, 3.0),
    )


@case
def free_joints(rng: random.Random, _document: Document, want: Plain) -> Edit:
    item = pick(rng, want, ("k1",))[1]
    del item["rotations"]["pelvis"]
    item["root_position"] = None
    return edits.free_joints(item["id"], ["pelvis", "head"], root_position=True)


@case
def set_waypoint(rng: random.Random, _document: Document, want: Plain) -> Edit:
    item = pick(rng, want, ("w1",))[1]
    item.update(position=[0.5, -2.0], heading=None)
    return edits.set_waypoint(item["id"], position=(0.5, -2.0), heading=None)


@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_the_four_laws_of_an_edit(build: Case) -> None:
    obeys_the_four_laws(build)
