"""The four laws for every edit, from one table: the expected result, undo restores, JSON round trip, nothing else
touched. Expectations are written on plain dicts, by other means than the edits use; comparing whole documents with
them shows at once that nothing else changed."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from document_cases import (
    CLIP_TRACKS,
    KINDS,
    Plain,
    assert_valid,
    plain,
    random_document,
    random_item,
    randoms,
)
from hypothesis import given, settings

from genmo_studio.document import edits
from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import Edit, EditError
from genmo_studio.document.model import (
    BodySettings,
    Document,
    Marker,
    MediaKind,
    MediaRef,
    PoseKey,
    Take,
    TempoScale,
    TextClip,
    TrackKind,
)
from genmo_studio.document.queries import find_item, find_track, items_in, trim_limits
from genmo_studio.document.schema import SCHEMA, decode, decode_raw, encode
from genmo_studio.document.time import Span

Case = Callable[[random.Random, Document, Plain], Edit]
CASES: list[Case] = []


def case(function: Case) -> Case:
    """Add an edit to the table: the function returns the edit and turns the plain document into what is expected."""
    CASES.append(function)
    return function


def track(document: Plain, name: str) -> Plain:
    return next(track for track in document["tracks"] if track["id"] == name)


def pick(rng: random.Random, document: Plain, names: tuple[str, ...]) -> tuple[Plain, Plain]:
    row = track(document, rng.choice(names))
    return row, rng.choice(row["items"])


def start(item: Plain) -> int:
    return item["frame"] if "frame" in item else item["span"]["start"]


def tidy(document: Plain) -> None:
    """Sort every track and let the project grow, as all edits promise."""
    for row in document["tracks"]:
        row["items"].sort(key=lambda item: (start(item), item["id"]))
        for item in row["items"]:
            stop = item["frame"] + 1 if "frame" in item else item["span"]["stop"]
            document["length"] = max(document["length"], stop)


def shift(item: Plain, by: int) -> None:
    if "frame" in item:
        item["frame"] += by
    else:
        item["span"] = {"start": item["span"]["start"] + by, "stop": item["span"]["stop"] + by}


def without(row: Plain, frame: int, keep: Plain) -> None:
    """In tracks of keys a key that lands on another replaces it."""
    row["items"] = [item for item in row["items"] if item is keep or item.get("frame") != frame]


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
    length = 1 if "frame" in item else item["span"]["stop"] - item["span"]["start"]
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


@case
def add_take(rng: random.Random, _document: Document, want: Plain) -> Edit:
    take = Take(id="z", name="Take z", span=Span(0, 410), blob="a" * 64, request_hash="q", seed=3, model="default")
    want["takes"].append(plain(take))
    want["result"] = [{"span": {"start": 0, "stop": 410}, "take": "z", "blend": 4, "offset": 0}]
    want["length"] = max(want["length"], 410)
    return edits.add_take(take, blend=4)


@case
def delete_take(rng: random.Random, _document: Document, want: Plain) -> Edit:
    want["takes"] = [take for take in want["takes"] if take["id"] != "x"]
    want["result"] = [piece for piece in want["result"] if piece["take"] != "x"]
    return edits.delete_take("x")


@case
def rename_and_star_take(rng: random.Random, _document: Document, want: Plain) -> Edit:
    want["takes"][1].update(name="best", favourite=True)
    return edits.compose(edits.rename_take("y", "best"), edits.set_favourite("y", favourite=True))


def shown(document: Plain) -> dict[int, tuple[str, int]]:
    """Timeline frame -> (take, frame of the take before its span is taken off)."""
    return {
        frame: (piece["take"], frame - piece["offset"])
        for piece in document["result"]
        for frame in range(piece["span"]["start"], piece["span"]["stop"])
    }


@given(randoms())
@settings(max_examples=60)
def test_splicing_the_result_changes_the_shown_frames_of_its_span_only(rng: random.Random) -> None:
    document = random_document(rng)
    first = rng.randrange(50, 340)
    span = Span(first, rng.randrange(first + 1, 361))
    new = edits.splice_result("y", span, blend=2)(document)
    want = {**shown(plain(document)), **{frame: ("y", frame) for frame in range(span.start, span.stop)}}
    assert shown(plain(new)) == want
    assert_valid(new)
    cleared = edits.clear_result(span)(new)
    assert shown(plain(cleared)) == {frame: take for frame, take in want.items() if frame not in span}
    assert_valid(cleared)


@case
def markers(rng: random.Random, _document: Document, want: Plain) -> Edit:
    new = Marker(id="c", frame=380, length=40)
    want["markers"] = sorted([*want["markers"], plain(new)], key=lambda m: (m["frame"], m["id"]))
    want["markers"] = [marker for marker in want["markers"] if marker["id"] != "a"]
    b = next(marker for marker in want["markers"] if marker["id"] == "b")
    b.update(frame=390, name="later", colour="#000000", length=0)
    want["markers"].sort(key=lambda m: (m["frame"], m["id"]))
    want["length"] = max(want["length"], 420)
    return edits.compose(
        edits.add_marker(new),
        edits.delete_marker("a"),
        edits.change_marker("b", frame=390, name="later", colour="#000000", length=0),
    )


@case
def project_fields(rng: random.Random, _document: Document, want: Plain) -> Edit:
    want.update(name="Second", length=77, in_out={"start": 3, "stop": 9})
    want["body"] = {"model": "other", "betas": [0.5] * 10}
    want["generation"].update(steps=7, guidance=1.5, model="tiny", foot_lock=0.0)
    return edits.compose(
        edits.rename_project("Second"),
        edits.set_length(77),
        edits.set_in_out(Span(3, 9)),
        edits.set_body(BodySettings(model="other", betas=(0.5,) * 10)),
        edits.change_generation(steps=7, guidance=1.5, model="tiny", foot_lock=0.0),
    )


@case
def media(rng: random.Random, _document: Document, want: Plain) -> Edit:
    new = MediaRef(id="extra", kind=MediaKind.AUDIO, name="extra.wav", relative_path="extra.wav")
    want["media"][0].update(relative_path=None, absolute_path="/moved/clip.mp4", size=10, frames=500)
    want["media"].append(plain(new))
    return edits.compose(
        edits.add_media(new),
        edits.add_media(MediaRef(id="gone", kind=MediaKind.AUDIO, name="gone")),
        edits.remove_media("gone"),
        edits.relink_media("clip", relative_path=None, absolute_path="/moved/clip.mp4", size=10, frames=500),
    )


GROWS = {"project_fields"}  # sets the length itself, below what is on the timeline


@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_the_four_laws_of_an_edit(build: Case) -> None:
    @given(randoms())
    @settings(max_examples=20)
    def laws(rng: random.Random) -> None:
        document = random_document(rng)
        before, want = plain(document), plain(document)
        edit = build(rng, document, want)
        if build.__name__ not in GROWS:
            tidy(want)
        editor = Editor(document)
        new = editor.edit("Try", edit)

        assert plain(new) == want  # 1: the expected result, and 4: nothing else
        assert_valid(new)
        assert plain(document) == before
        for old_part, new_part in zip(_parts(document), _parts(new), strict=False):
            assert old_part is new_part or old_part != new_part  # 4: what is equal is shared
        editor.undo()
        assert editor.document == document  # 2
        editor.redo()
        assert editor.document == new
        assert decode(decode_raw(encode(new)), SCHEMA) == new  # 3

    laws()


def _parts(document: Document) -> list[object]:
    rows = {row.id: row for row in document.tracks}
    return [rows.get(name) for name in KINDS] + [document.media, document.takes, document.result, document.markers]


def _late(make: Callable[[], Edit]) -> Edit:
    """An edit that is already refused while it is made."""
    return lambda document: make()(document)  # noqa: PLW0108


def _refusals() -> list[tuple[str, Edit, str]]:
    lock = edits.set_track_flags("k1", locked=True)
    return [
        ("unknown item", edits.delete_items(["nobody"]), "no longer"),
        ("unknown track", edits.rename_track("nobody", "x"), "no longer"),
        ("locked", edits.compose(lock, edits.move_items(["k1.0"], by=1)), "locked"),
        ("locked target", edits.compose(lock, edits.move_items(["k2.0"], to_track="k1")), "locked"),
        ("locked removal", edits.compose(lock, edits.remove_track("k1")), "locked"),
        ("before zero", edits.move_items(["t1.0"], by=-5000), "before the start"),
        ("beyond the longest", edits.move_items(["t1.0"], by=2_000_000), "longest"),
        ("wrong track", edits.move_items(["t1.0"], to_track="v1"), "does not take"),
        ("twice", edits.add_item("t1", TextClip(id="t1.0", span=Span(0, 1), text="")), "already"),
        ("no medium", edits.remove_media("clip"), "still used"),
        (
            "too short a medium",
            edits.relink_media("clip", relative_path="a", absolute_path=None, frames=1),
            "too short",
        ),
        ("past the medium", edits.trim_end("v1.0", 900_000), "after its end"),
        ("nothing left", edits.trim_end("t1.0", 0), "at least one frame"),
        ("key without length", edits.trim_end("k1.0", 9), "no length"),
        ("split beside", edits.split_items(["t1.0"], 5000), "across"),
        ("weight", edits.set_weight(["t1.0"], float("nan")), "weight"),
        ("text on a key", edits.set_text("k1.0", "x"), "text clip"),
        ("colliding keys", edits.add_items("k1", [PoseKey(id=name, frame=7) for name in "ab"]), "same frame"),
        (
            "keys without room",
            edits.stretch_items(["extra500", "extra501"], old=Span(0, 400), new=Span(0, 1)),
            "same frame",
        ),
        ("result without take", edits.splice_result("nobody", Span(0, 5)), "not in the project"),
        ("result beyond take", edits.splice_result("x", Span(0, 500)), "does not have"),
        (
            "take without hash",
            edits.add_take(Take(id="q", name="", span=Span(0, 1), blob="../x", request_hash="", seed=0, model="")),
            "SHA-256",
        ),
        ("steps", edits.change_generation(steps=0), "steps"),
        ("betas", _late(lambda: edits.set_body(BodySettings(betas=(1.0,)))), "ten shape"),
        ("length", _late(lambda: edits.set_length(0)), "1 to"),
        ("no gap", edits.close_gap(100_000), "no gap"),
        ("infinite", edits.set_key("k1", PoseKey(id="q", frame=0, rotations={"head": (float("inf"), 0, 0)})), "number"),
    ]


REFUSALS = _refusals()


@pytest.mark.parametrize(("edit", "words"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_what_cannot_be_done_is_one_sentence_and_changes_nothing(edit: Edit, words: str) -> None:
    rng = random.Random(3)
    document = random_document(rng, most=4)
    document = edits.add_items("k1", [PoseKey(id=f"extra{frame}", frame=frame) for frame in (500, 501)])(document)
    before = plain(document)
    editor = Editor(document)
    with pytest.raises(EditError, match=words) as caught:
        editor.edit("Try", edit)
    assert editor.document is document
    assert plain(document) == before
    assert str(caught.value).endswith(".")
    assert not editor.can_undo


def test_items_are_found_by_time_and_id() -> None:
    document = random_document(random.Random(1), most=8)
    for name in KINDS:
        row = find_track(document, name)
        assert row is not None
        for span in (Span(0, 1), Span(40, 90), Span(299, 400)):
            expected = [item for item in row.items if any(frame in span for frame in _frames(item))]
            assert list(items_in(row, span)) == expected
        assert all(find_item(document, item.id) is item for item in row.items)


def _frames(item: object) -> range:
    span = getattr(item, "span", None)
    return range(span.start, span.stop) if span else range(item.frame, item.frame + 1)  # type: ignore[attr-defined]


def test_media_paths_follow_a_project_to_another_folder() -> None:
    document = random_document(random.Random(1))
    moved = edits.rebase_media(Path("/projects/one"), Path("/projects/two/deep"))(document)
    first, second = moved.media
    assert first.absolute_path == "/projects/one/media/clip.mp4"
    assert first.relative_path == "../../one/media/clip.mp4"
    assert second.relative_path == "../../../music/song.ogg"
    back = edits.rebase_media(Path("/projects/two/deep"), Path("/projects/one"))(moved)
    assert back.media[0].relative_path == "media/clip.mp4"


def test_a_hundred_thousand_keys_are_shared_between_documents() -> None:
    document = edits.add_track(TrackKind.FULL_KEYS, track_id="many")(random_document(random.Random(1)))
    keys = [PoseKey(id=f"many{frame}", frame=frame) for frame in range(100_000)]
    document = edits.add_items("many", keys)(document)
    editor = Editor(document)
    for frame in range(10, 30):
        editor.edit("Move", edits.move_items([f"many{frame}"], by=200_000))
    rows = find_track(document, "many"), find_track(editor.document, "many")
    assert rows[0]
    assert rows[1]
    shared = set(map(id, rows[0].items)) & set(map(id, rows[1].items))
    assert len(shared) == 100_000 - 20
    assert all(old is new for old, new in zip(document.tracks[:-1], editor.document.tracks[:-1], strict=True))
    editor.jump(0)
    assert editor.document == document
