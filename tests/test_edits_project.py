"""The four laws for edits of the project, its takes and media; what is refused; what is shared."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from document_cases import KINDS, Plain, assert_valid, plain, random_document, randoms
from edit_cases import Case, obeys_the_four_laws
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
    TextClip,
    TrackKind,
)
from genmo_studio.document.queries import find_item, find_track, items_in
from genmo_studio.document.time import Span

CASES: list[Case] = []


def case(function: Case) -> Case:
    """Add an edit to the table."""
    CASES.append(function)
    return function


@case
def add_take(rng: random.Random, _document: Document, want: Plain) -> Edit:
    take = Take(id="z", name="Take z", span=Span(0, 410), blob="a" * 64, request_hash="q", seed=3, model="default")
    want["takes"].append(plain(take))
    want["result"] = [{"span": {"start": 0, "stop": 410}, "take": "z", "blend": 4, "offset": 0, "anchors": []}]
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
    obeys_the_four_laws(build, grows=build.__name__ not in GROWS)


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
