"""The four laws for edits between neighbours, ripple trims and pasting (TL8, TL14, TL18), and hostile clipboards."""

import random
from pathlib import Path

import msgspec
import pytest
from document_cases import KINDS, MEDIA, Plain, assert_valid, plain, random_document, random_item, randoms
from edit_cases import Case, obeys_the_four_laws, pick, shift, start, track, without
from hypothesis import given, settings
from hypothesis import strategies as st

from genmo_studio.document import clipping, edits
from genmo_studio.document.clipping import ClippingError
from genmo_studio.document.edits import Edit, EditError
from genmo_studio.document.model import Document, MediaKind, MediaRef, TextClip, Track, TrackKind, VideoClip
from genmo_studio.document.queries import find_item
from genmo_studio.document.time import Span

CASES: list[Case] = []


def case(function: Case) -> Case:
    """Add an edit to the table."""
    CASES.append(function)
    return function


def set_span(item: Plain, first: int, stop: int) -> None:
    item["span"] = {"start": first, "stop": stop}


@case
def merge_texts(rng: random.Random, _document: Document, want: Plain) -> Edit:
    row = track(want, "t1")
    if len(row["items"]) < 2:
        return edits.compose()
    chosen = sorted(rng.sample(row["items"], 2), key=lambda item: (start(item), item["id"]))
    first, second = chosen
    words = [item["text"] for item in chosen if item["text"]]
    first["text"] = ", then ".join(words)
    set_span(first, first["span"]["start"], max(item["span"]["stop"] for item in chosen))
    row["items"].remove(second)
    return edits.merge_texts([second["id"], first["id"]])


@case
def swap_items(rng: random.Random, _document: Document, want: Plain) -> Edit:
    row = track(want, rng.choice(("t1", "v1", "k1", "w1")))
    if len(row["items"]) < 2:
        return edits.compose()
    first, second = sorted(rng.sample(row["items"], 2), key=lambda item: (start(item), item["id"]))
    begin, later = start(first), start(second)
    if "frame" in first:
        shift(first, later - begin)
        shift(second, begin - later)
    else:
        lengths = [item["span"]["stop"] - item["span"]["start"] for item in (first, second)]
        gap = max(later - first["span"]["stop"], -min(lengths))
        shift(second, begin - later)
        shift(first, lengths[1] + gap)
    return edits.swap_items(second["id"], first["id"])


@case
def copy_attributes(rng: random.Random, document: Document, want: Plain) -> Edit:
    source = pick(rng, want, tuple(KINDS))[1]
    item = find_item(document, source["id"])
    assert item is not None
    chosen = [pick(rng, want, (name,))[1] for name in ("v1", "m1", "k1")]
    for other in chosen:
        other.update(weight=source["weight"], muted=source["muted"])
        if other["type"] == source["type"] == "music":
            other.update(tempo=source["tempo"], gain=source["gain"])
    return edits.copy_attributes(item, [other["id"] for other in chosen])


def _cut_in_two(rng: random.Random, want: Plain) -> tuple[Plain, Plain, int] | None:
    longer = [(row, item) for row in want["tracks"] for item in row["items"]
              if item["type"] == "text" and item["span"]["stop"] - item["span"]["start"] > 1]  # fmt: skip
    if not longer:
        return None
    row, item = rng.choice(longer)
    return row, item, rng.randrange(item["span"]["start"] + 1, item["span"]["stop"])


@case
def ripple_trim_start(rng: random.Random, _document: Document, want: Plain) -> Edit:
    chosen = _cut_in_two(rng, want)
    if chosen is None:
        return edits.compose()
    row, item, frame = chosen
    cut = frame - item["span"]["start"]
    set_span(item, item["span"]["start"], item["span"]["stop"] - cut)
    for other in row["items"]:
        if other is not item and start(other) >= frame:
            shift(other, -cut)
    return edits.ripple_trim_start([item["id"]], frame)


@case
def ripple_trim_end(rng: random.Random, _document: Document, want: Plain) -> Edit:
    chosen = _cut_in_two(rng, want)
    if chosen is None:
        return edits.compose()
    row, item, frame = chosen
    stop = item["span"]["stop"]
    set_span(item, item["span"]["start"], frame)
    for other in row["items"]:
        if other is not item and start(other) > frame:
            shift(other, frame - start(other) if start(other) < stop else frame - stop)
    return edits.ripple_trim_end([item["id"]], frame)


@case
def duplicate_to_another_track(rng: random.Random, _document: Document, want: Plain) -> Edit:
    item = pick(rng, want, ("k1",))[1]
    copy = {**item, "id": "copy"}
    shift(copy, 9)
    goal = track(want, "k2")
    goal["items"].append(copy)
    without(goal, copy["frame"], copy)
    return edits.duplicate_items([item["id"]], by=9, new_ids=["copy"], to_track="k2")


@case
def paste_at_a_frame(rng: random.Random, document: Document, want: Plain) -> Edit:
    names = rng.sample(list(KINDS), 3)
    chosen = [pick(rng, want, (name,)) for name in sorted(names, key=list(KINDS).index)]
    ids = [item["id"] for _, item in chosen]
    at = rng.randrange(300)
    by = at - min(start(item) for _, item in chosen)
    for number, (row, item) in enumerate(chosen):
        copy = {**item, "id": f"new{number}"}
        shift(copy, by)
        row["items"].append(copy)
        if "frame" in copy:
            without(row, copy["frame"], copy)
    copied = clipping.clip(document, ids)
    assert copied is not None
    return edits.paste(clipping.decode(clipping.encode(copied)), at, new_ids=["new0", "new1", "new2"])


@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_tl8_tl14_tl18_the_four_laws_of_an_edit(build: Case) -> None:
    obeys_the_four_laws(build)


@given(randoms())
@settings(max_examples=40)
def test_tl18_paste_insert_is_inserting_time_and_pasting(rng: random.Random) -> None:
    document = random_document(rng)
    texts = [item.id for item in document.tracks[2].items]
    copied = clipping.clip(document, [*texts, "b"])
    assert copied is not None
    at = rng.randrange(300)
    names = [f"new{n}" for n in range(len(texts) + 1)]
    pasted = edits.paste(copied, at, new_ids=names, insert=True)(document)
    assert_valid(pasted)
    opened = edits.insert_time(at, copied.span.length)(document)
    apart = edits.paste(copied, at, new_ids=names)(opened)
    without_ids = [[plain_item(item) for item in row.items] for row in apart.tracks]
    assert [[plain_item(item) for item in row.items] for row in pasted.tracks] == without_ids
    assert pasted.markers == apart.markers, "markers are pasted and move along"
    new = find_item(pasted, "new0")
    assert new is not None
    assert start(plain_item(new)) >= at


def plain_item(item: object) -> Plain:
    """Without the id, which a split makes up."""
    made: Plain = msgspec.json.decode(msgspec.json.encode(item))
    made.pop("id")
    return made


def test_tl18_what_was_copied_is_understood_in_another_project(tmp_path: Path) -> None:
    rng = random.Random(4)
    document = random_document(rng)
    first = document.tracks[0].items[0]
    ids = [first.id, document.tracks[2].items[0].id, document.tracks[5].items[0].id]
    copied = clipping.clip(document, ids, locate=lambda ref: tmp_path / ref.name)
    assert copied is not None
    read = clipping.decode(clipping.encode(copied))
    assert read == copied
    assert [ref.absolute_path for ref in read.media] == [str(tmp_path / "clip.mp4")]

    other = Document(id="other", name="Other", fps=60, tracks=(Track("t", TrackKind.TEXT, "Words"),))
    with pytest.raises(EditError, match="frame rate"):
        edits.paste(read, 0, new_ids=["a", "b", "c"])(other)
    fitted = read.at_rate(60)
    pasted = edits.paste(fitted, 30, new_ids=["a", "b", "c"])(other)
    assert_valid(pasted)
    assert [(row.kind, len(row.items)) for row in pasted.tracks] == [
        (TrackKind.TEXT, 1),
        (TrackKind.VIDEO, 1),
        (TrackKind.FULL_KEYS, 1),
    ]
    clip = find_item(pasted, "a")
    assert isinstance(clip, VideoClip)
    assert isinstance(first, VideoClip)
    assert clip.span.length == 2 * first.span.length
    again = edits.paste(fitted, 300, new_ids=["d", "e", "f"])(pasted)
    assert again.media == pasted.media, "a file that is known is not added twice"

    stranger = MediaRef("clip", MediaKind.VIDEO, "other.mp4", absolute_path="/o.mp4", frames=9999, size=1)
    third = msgspec.structs.replace(other, fps=30, media=(stranger,))
    mixed = edits.paste(read, 0, new_ids=["a", "b", "c"])(third)
    assert len({ref.id for ref in mixed.media}) == 2, "another file under the same id stays another file"
    assert_valid(mixed)


def test_tl18_pasting_prefers_the_current_track_and_leaves_locked_ones_alone() -> None:
    document = random_document(random.Random(2))
    copied = clipping.clip(document, [document.tracks[2].items[0].id])
    assert copied is not None

    def home(of: Document, track: str | None) -> str:
        new = edits.paste(copied, 0, new_ids=["new"], track=track)(of)
        return next(row.name for row in new.tracks if any(item.id == "new" for item in row.items))

    assert home(document, None) == "T1"
    assert home(document, "t2") == "T2"
    assert home(document, "v1") == "T1", "a video track does not take texts"
    locked = edits.set_track_flags("t1", locked=True)(document)
    assert home(locked, None) == "T2"
    closed = edits.set_track_flags("t2", locked=True)(locked)
    made = edits.paste(copied, 0, new_ids=["new"])(closed)
    assert [row.kind for row in made.tracks[len(KINDS) :]] == [TrackKind.TEXT], "a new track, below all"


def _hostile() -> list[tuple[str, bytes]]:
    good = clipping.clip(random_document(random.Random(1)), ["t1.0"])
    assert good is not None
    text = TextClip("x", Span(0, 5), "a")

    def with_items(*items: object, kind: str = "text", media: object = ()) -> bytes:
        raw = {"form": 1, "fps": 30, "tracks": [{"id": "t", "kind": kind, "name": "", "items": items}], "media": media}
        return msgspec.json.encode(raw)

    clip = msgspec.to_builtins(random_item(random.Random(1), TrackKind.VIDEO, "v", frame=3))
    deep = b'{"form": 1, "fps": 30, "tracks": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    return [
        ("nothing", b""),
        ("other json", b"[1, 2, 3]"),
        ("not json", b"\xff\xfe\x00"),
        ("deep", deep),
        ("deep unknown", b'{"form": 1, "fps": 30, "more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        ("huge", b" " * (clipping.MAX_BYTES + 1)),
        ("empty", msgspec.json.encode({"form": 1, "fps": 30})),
        ("newer", msgspec.json.encode({**msgspec.to_builtins(good), "form": 2})),
        ("rate", msgspec.json.encode({**msgspec.to_builtins(good), "fps": 0})),
        ("reversed", with_items(msgspec.structs.replace(text, span=Span(9, 3)))),
        ("before zero", with_items(msgspec.structs.replace(text, span=Span(-9, 3)))),
        ("far away", with_items(msgspec.structs.replace(text, span=Span(0, 2**62)))),
        ("twice", with_items(text, text)),
        ("wrong track", with_items(text, kind="music")),
        ("no medium", with_items(clip, kind="video")),
        ("nul path", with_items(clip, kind="video", media=[msgspec.to_builtins(
            msgspec.structs.replace(MEDIA[0], absolute_path="/a\0b"))])),
        ("weight", with_items(msgspec.structs.replace(text, weight=1e300))),
        ("not finite", with_items({**msgspec.to_builtins(text), "weight": float("nan")})),
        ("long text", with_items(msgspec.structs.replace(text, text="x" * 20_000))),
        ("long id", with_items(msgspec.structs.replace(text, id="x" * 500))),
    ]  # fmt: skip


@pytest.mark.parametrize("data", [row[1] for row in _hostile()], ids=[row[0] for row in _hostile()])
def test_tl18_a_hostile_clipboard_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(ClippingError) as caught:
        clipping.decode(data)
    assert str(caught.value).endswith(".")
    assert len(str(caught.value)) < 300


@given(st.integers(0, 2**32), st.binary(max_size=8))
@settings(max_examples=150)
def test_tl18_broken_bytes_never_get_through_as_something_unsound(seed: int, noise: bytes) -> None:
    rng = random.Random(seed)
    copied = clipping.clip(random_document(rng), ["v1.0", "t1.0", "k1.0", "w1.0", "m1.0", "b"])
    assert copied is not None
    data = bytearray(clipping.encode(copied))
    for byte in noise:
        data[rng.randrange(len(data))] = byte
    try:
        read = clipping.decode(bytes(data))
    except ClippingError:
        return
    names = [f"n{n}" for n in range(len(read.items) + len(read.markers))]
    try:
        pasted = edits.paste(read.at_rate(30), 0, new_ids=names)(Document(id="p", name="p"))
    except EditError:
        return
    assert_valid(pasted)


def test_what_cannot_be_merged_swapped_or_trimmed_is_said() -> None:
    document = random_document(random.Random(3), most=4)
    before = plain(document)
    for edit, words in (
        (edits.merge_texts(["t1.0"]), "two or more"),
        (edits.merge_texts(["t1.0", "t2.0"]), "two or more"),
        (edits.merge_texts([item.id for item in document.tracks[0].items] * 2 + ["v2.0"]), "one track"),
        (edits.swap_items("t1.0", "k1.0"), "one track"),
        (edits.ripple_trim_start(["t1.0"], 5000), "across"),
        (edits.ripple_trim_end(["k1.0"], 5), "across"),
    ):
        with pytest.raises(EditError, match=words):
            edit(document)
    assert plain(document) == before
