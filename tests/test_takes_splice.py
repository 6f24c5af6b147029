"""Splicing takes: the edit as a pure function, the assembled seams, and standing where the result stands."""

import hashlib
import math
import random
from pathlib import Path

import numpy as np
import pytest
from document_cases import assert_valid, random_document, randoms
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as put

from genmo_studio.cli.project import read_motion
from genmo_studio.conditions.record import record_of
from genmo_studio.conditions.request import GenerationRequest, WaypointCondition
from genmo_studio.conditions.result import ShownMotion, assemble_result, placed_motion
from genmo_studio.document import edits, storage
from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import EditError
from genmo_studio.document.model import Anchor, BodySettings, Document, ResultPiece, Take
from genmo_studio.document.schema import SCHEMA, decode, decode_raw, encode
from genmo_studio.document.time import Span
from genmo_studio.motion.body import load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, yaw_matrix
from genmo_studio.ui.splice import Align, Slide, Splice, slides, splice_edit, splice_span, turn_between
from genmo_studio.ui.viewport.worn import Wardrobe

LENGTH = 120


def walk(
    frames: int = LENGTH, *, heading: float = 0.0, at: tuple[float, float] = (0.0, 0.0), phase: float = 0.0
) -> Motion:
    """A walk at 1 m/s in a direction, with swinging shoulders, from a place on the ground."""
    t = np.arange(frames)
    rotations = np.zeros((frames, 24, 3), np.float32)
    rotations[:, 16, 2] = 0.8 * np.sin(0.2 * t + phase)
    rotations[:, 0, 1] = heading
    way = np.array([math.sin(heading), math.cos(heading)])
    ground = np.array(at) + t[:, None] / 30 * way
    translation = np.stack([ground[:, 0], np.full(frames, 0.95), ground[:, 1]], axis=1)
    return Motion(rotations, translation.astype(np.float32), contacts=np.zeros((frames, 6), np.float32))


MOTIONS = {
    "a": walk(),
    "b": walk(heading=1.2, at=(4.0, -2.0), phase=1.0),
    "c": walk(heading=-2.5, at=(-3.0, 1.0), phase=2.0),
}


def document(*pieces: ResultPiece) -> Document:
    takes = tuple(
        Take(id=name, name=name, span=Span(0, LENGTH), blob="0" * 64, request_hash="", seed=0, model="m")
        for name in MOTIONS
    )
    return Document(id="d", name="d", length=LENGTH, takes=takes, result=pieces or (ResultPiece(Span(0, LENGTH), "a"),))


def assembled(made: Document) -> ShownMotion:
    shown = assemble_result(made, MOTIONS.get)
    assert shown is not None
    return shown


def covered(made: Document) -> set[int]:
    return {frame for piece in made.result for frame in range(piece.span.start, piece.span.stop)}


@st.composite
def splices(draw: st.DrawFn) -> tuple[Document, Splice]:
    """A result of one to four pieces with blends, and something to splice into it."""
    cuts = sorted(draw(st.sets(st.integers(1, LENGTH - 1), max_size=3)))
    pieces = [
        ResultPiece(Span(start, stop), draw(st.sampled_from("ab")), blend=draw(st.integers(0, 12)) if start else 0)
        for start, stop in zip([0, *cuts], [*cuts, LENGTH], strict=True)
        if draw(st.integers(0, 5))
    ]
    start = draw(st.integers(0, LENGTH - 1))
    span = Span(start, draw(st.integers(start + 1, LENGTH)))
    align = draw(st.sampled_from(Align))
    return document(*pieces), Splice("c", span, blend=draw(st.integers(0, 20)), align=align)


def straddling(made: Document, span: Span) -> set[int]:
    """Frames after the span that belong to a cross-fade which the span cuts (or begins right before)."""
    return {
        frame
        for piece in made.result
        for frame in range(span.stop, piece.span.start + piece.blend)
        if piece.span.start <= span.stop
    }


@given(splices())
@settings(max_examples=120)
def test_un4_splicing_covers_the_range_and_leaves_every_other_frame_bit_for_bit(case: tuple[Document, Splice]) -> None:
    before, splice = case
    edit = splice_edit(before, splice, MOTIONS.get)
    editor = Editor(before)
    after = editor.edit("Splice", edit)
    assert_valid(after)
    assert covered(after) == covered(before) | set(range(splice.span.start, splice.span.stop))
    old, new = assemble_result(before, MOTIONS.get), assembled(after)
    if old is not None:
        same = sorted(
            covered(before) - set(range(splice.span.start, splice.span.stop)) - straddling(before, splice.span)
        )
        was, now = np.array(same, int) - old.start, np.array(same, int) - new.start
        np.testing.assert_array_equal(old.motion.rotations[was], new.motion.rotations[now])
        np.testing.assert_array_equal(old.motion.translation[was], new.motion.translation[now])
    first = next(piece for piece in after.result if splice.span.start in piece.span)
    assert first.take == "c"
    assert decode(decode_raw(encode(after)), SCHEMA) == after
    editor.undo()
    assert editor.document == before
    editor.redo()
    assert editor.document == after


def steps(shown: ShownMotion) -> np.ndarray:
    """(T - 1,) metres that the root moves from frame to frame."""
    return np.linalg.norm(np.diff(shown.motion.translation, axis=0), axis=1)


def turns(shown: ShownMotion) -> np.ndarray:
    """(T - 1,) radians that the root turns from frame to frame."""
    return np.array(
        [turn_between(a, b) for a, b in zip(shown.motion.rotations[:-1, 0], shown.motion.rotations[1:, 0], strict=True)]
    )


def test_un5_aligned_at_both_seams_nothing_teleports_and_the_rest_stays_where_it_was() -> None:
    before = document()
    splice = Splice("b", Span(40, 90), blend=10)
    after = splice_edit(before, splice, MOTIONS.get)(before)
    shown = assembled(after)
    assert steps(assembled(splice_edit(before, put_align(splice), MOTIONS.get)(before))).max() > 0.5, "it would"
    assert steps(shown).max() < 0.08, "at most about twice the walking speed of 1/30 m a frame"
    assert np.abs(turns(shown)).max() < 0.08
    np.testing.assert_allclose(shown.motion.translation[:, 1], 0.95, atol=1e-6)
    # Takes meet in the middle of each blend.
    for frame in (45, 84):
        piece = next(piece for piece in after.result if piece.take == "b")
        there = placed_motion(MOTIONS["b"], piece.anchors)
        np.testing.assert_allclose(there.translation[frame], MOTIONS["a"].translation[frame], atol=1e-5)
        assert turn_between(there.rotations[frame, 0], MOTIONS["a"].rotations[frame, 0]) == pytest.approx(0, abs=1e-5)


def put_align(splice: Splice) -> Splice:
    return Splice(splice.take, splice.span, blend=splice.blend, align=Align.MADE)


def test_at_the_end_of_the_result_the_range_is_aligned_once_and_moved_as_one() -> None:
    before = document()
    after = splice_edit(before, Splice("b", Span(60, LENGTH), blend=8), MOTIONS.get)(before)
    assert [(piece.span, piece.blend) for piece in after.result] == [(Span(0, 60), 0), (Span(60, LENGTH), 8)]
    (anchor,) = after.result[-1].anchors
    assert anchor.frame == 64
    placed = placed_motion(MOTIONS["b"], (anchor,))
    np.testing.assert_allclose(np.linalg.norm(np.diff(placed.translation, axis=0), axis=1), 1 / 30, atol=1e-5)
    assert steps(assembled(after)).max() < 0.05


def test_the_end_of_a_spliced_range_fades_back_inside_of_it() -> None:
    after = edits.splice_take("b", Span(30, 60), blend=10)(document())
    assert [(piece.take, piece.span, piece.blend) for piece in after.result] == [
        ("a", Span(0, 30), 0),
        ("b", Span(30, 50), 10),
        ("a", Span(50, LENGTH), 10),
    ]
    shown = assembled(after)
    shoulder = shown.motion.rotations[:, 16, 2]
    own, other = MOTIONS["a"].rotations[:, 16, 2], MOTIONS["b"].rotations[:, 16, 2]
    np.testing.assert_array_equal(shoulder[40:50], other[40:50])
    for frame in range(50, 60):
        low, high = sorted((own[frame], other[frame]))
        assert low - 1e-5 <= shoulder[frame] <= high + 1e-5


def test_putting_the_first_take_back_leaves_no_seams() -> None:
    before = document()
    spliced = edits.splice_take("b", Span(30, 60), blend=10)(before)
    assert edits.splice_take("a", Span(25, 70), blend=10)(spliced) == before


def test_a_blend_that_is_cut_goes_on_as_a_blend() -> None:
    before = document(ResultPiece(Span(0, 40), "a"), ResultPiece(Span(40, LENGTH), "b", blend=30))
    shown = assembled(edits.splice_take("c", Span(50, 90), blend=12)(before))
    jumps = np.abs(np.diff(shown.motion.rotations[:, 16, 2]))
    assert jumps.max() < 0.25, "no frame is further from the next than the swing and the fades make it"
    hard = assembled(edits.splice_take("c", Span(50, 90))(before))
    assert np.abs(np.diff(hard.motion.rotations[:, 16, 2])).max() > 0.3


def test_a_single_take_on_anchors_is_shown_where_they_put_it() -> None:
    anchors = (Anchor(0, (0.0, 0.0), (5.0, 5.0), math.pi / 2),)
    shown = assembled(document(ResultPiece(Span(0, LENGTH), "a", anchors=anchors)))
    np.testing.assert_allclose(shown.motion.translation[30], [6.0, 0.95, 5.0], atol=1e-5)
    turned = matrix_from_rotvec(shown.motion.rotations[30, 0].astype(float))
    np.testing.assert_allclose(turned, yaw_matrix(math.pi / 2), atol=1e-6)


def test_an_aligned_take_stays_on_the_keys_it_was_made_from() -> None:
    points = tuple(WaypointCondition(frame, position=(0.0, 0.0)) for frame in (5, 55, 60, 70, 110))
    request = GenerationRequest(frames=LENGTH, waypoints=points)
    before = document()
    before = put(before, takes=tuple(put(take, request=record_of(request)) for take in before.takes))
    after = splice_edit(before, Splice("b", Span(40, 90), blend=10), MOTIONS.get)(before)
    (piece,) = [piece for piece in after.result if piece.take == "b"]
    assert [anchor.frame for anchor in piece.anchors] == [45, 55, 70, 84]
    shown = assembled(after)
    np.testing.assert_allclose(shown.motion.translation[55:71], MOTIONS["b"].translation[55:71], atol=1e-5)
    np.testing.assert_allclose(shown.motion.translation[45], MOTIONS["a"].translation[45], atol=0.02)
    assert_valid(after)


def test_what_a_command_exports_is_the_spliced_and_aligned_result(tmp_path: Path) -> None:
    data = {name: motion.to_bytes() for name, motion in MOTIONS.items()}
    blobs = {name: hashlib.sha256(value).hexdigest() for name, value in data.items()}
    made = document()
    made = put(made, takes=tuple(put(take, blob=blobs[take.id]) for take in made.takes))
    made = splice_edit(made, Splice("b", Span(30, 70), blend=6), MOTIONS.get)(made)
    storage.save(tmp_path / "a.genmo", made, takes={blobs[name]: value for name, value in data.items()})
    read = read_motion(tmp_path / "a.genmo")
    shown = assembled(made)
    assert any(piece.anchors for piece in made.result)
    np.testing.assert_array_equal(read.motion.rotations, shown.motion.rotations)
    np.testing.assert_array_equal(read.motion.translation, shown.motion.translation)


def test_what_a_command_exports_is_on_the_body_of_the_project(tmp_path: Path) -> None:
    """As in the viewport and in the export dialog."""
    data = {name: motion.to_bytes() for name, motion in MOTIONS.items()}
    blobs = {name: hashlib.sha256(value).hexdigest() for name, value in data.items()}
    made = document()
    made = put(made, takes=tuple(put(take, blob=blobs[take.id]) for take in made.takes))
    made = put(made, body=BodySettings(betas=(2.0, -1.0, *(0.0,) * 8)))
    storage.save(tmp_path / "a.genmo", made, takes={blobs[name]: value for name, value in data.items()})
    read = read_motion(tmp_path / "a.genmo")
    assert read.body is not None
    wardrobe = Wardrobe(read.body)
    wardrobe.set_body(read.body, made.body)
    worn = wardrobe.worn(assembled(made)).motion
    np.testing.assert_array_equal(read.motion.betas, np.asarray(made.body.betas, np.float32))
    np.testing.assert_array_equal(read.motion.translation, worn.translation)
    assert not np.array_equal(worn.translation, assembled(made).motion.translation)


def test_the_turn_between_two_lying_bodies_is_found() -> None:
    lying = np.array([math.pi / 2, 0.0, 0.0])
    for angle in (-2.0, 0.3, 1.5):
        from genmo_studio.motion.rotations import rotvec_from_matrix

        turned = rotvec_from_matrix(yaw_matrix(angle) @ matrix_from_rotvec(lying))
        assert turn_between(lying, turned) == pytest.approx(angle)


def test_the_range_comes_from_the_marks_or_from_the_selected_piece() -> None:
    made = document(ResultPiece(Span(0, 40), "a"), ResultPiece(Span(40, LENGTH), "b"))
    take = made.takes[2]
    assert splice_span(made, take, selected=frozenset(), playhead=3) is None
    assert splice_span(made, take, selected=frozenset({"b"}), playhead=3) == Span(40, LENGTH)
    marked = edits.set_in_out(Span(10, 20))(made)
    assert splice_span(marked, take, selected=frozenset({"b"}), playhead=3) == Span(10, 20)


def test_faults_are_said_in_one_sentence() -> None:
    made = document()
    for edit, words in (
        (edits.splice_take("nobody", Span(0, 5)), "not in the project"),
        (edits.splice_take("a", Span(0, LENGTH + 1)), "does not have"),
        (edits.set_blend(7, 3), "no longer there"),
        (edits.delete_unused_takes(), None),
    ):
        if words is None:
            assert [take.id for take in edit(made).takes] == ["a"]
            with pytest.raises(EditError, match="favourite"):
                edit(edit(made))
            continue
        with pytest.raises(EditError, match=words):
            edit(made)


@given(randoms())
@settings(max_examples=40)
def test_splices_of_any_document_are_valid_and_undo_exactly(rng: random.Random) -> None:
    before = random_document(rng)
    first = rng.randrange(50, 340)
    span = Span(first, rng.randrange(first + 1, 361))
    editor = Editor(before)
    after = editor.edit("Splice", edits.splice_take("y", span, blend=rng.randrange(30)))
    assert_valid(after)
    editor.undo()
    assert editor.document == before


def made_anew(before: Document, span: Span) -> tuple[Document, dict[str, Motion]]:
    """The document with a take made from its result of which ``span`` was made anew, and the motions."""
    base = assembled(before)
    new = base.motion.rotations.copy()
    inside = slice(span.start - base.start, span.stop - base.start)
    new[inside] += 0.3
    motion = Motion(new, base.motion.translation, contacts=base.motion.contacts)
    take = Take(id="n", name="n", span=base.span, blob="1" * 64, request_hash="", seed=0, model="m")
    shown = edits.compose(edits.add_take(take, place=False), edits.show_regenerated("n", span))(before)
    return shown, {**MOTIONS, "n": motion}


@given(splices(), st.integers(0, LENGTH), st.integers(1, LENGTH))
@settings(max_examples=300)
def test_gz4_a_regenerated_span_changes_no_frame_outside_of_it(case: tuple[Document, Splice], start: int, length: int):
    before, _ = case
    shown = assemble_result(before, MOTIONS.get)
    if shown is None:
        return
    span = Span(max(start, shown.start), min(max(start, shown.start) + length, shown.start + len(shown.motion)))
    if span.length < 1:
        return
    after, motions = made_anew(before, span)
    assert_valid(after)
    undone = Editor(before)
    undone.edit("Regenerate", lambda _: after)
    undone.undo()
    assert undone.document == before
    new = assemble_result(after, motions.get)
    assert new is not None
    assert new.start == shown.start
    assert len(new.motion) == len(shown.motion)
    inside = np.zeros(len(shown.motion), bool)
    inside[span.start - shown.start : span.stop - shown.start] = True
    held = np.array([frame not in covered(before) for frame in range(shown.span.start, shown.span.stop)])
    outside = ~(inside | held)
    for name in ("rotations", "translation", "contacts"):
        assert getattr(new.motion, name)[outside].tobytes() == getattr(shown.motion, name)[outside].tobytes()
    assert new.motion.rotations[inside].tobytes() == motions["n"].rotations[inside].tobytes()


def test_gz4_a_regenerated_span_is_shown_until_the_cross_fade_behind_it_is_over():
    before = document(ResultPiece(Span(0, 40), "a"), ResultPiece(Span(40, LENGTH), "b", blend=10))
    assert edits.shown_span(before, Span(20, 39)) == Span(20, 39)
    assert edits.shown_span(before, Span(20, 40)) == Span(20, 50)
    assert edits.shown_span(before, Span(20, 44)) == Span(20, 50)
    assert edits.shown_span(before, Span(20, 60)) == Span(20, 60)
    after, _ = made_anew(before, Span(20, 40))
    assert [(piece.take, piece.span, piece.blend) for piece in after.result] == [
        ("a", Span(0, 20), 0),
        ("n", Span(20, 50), 0),
        ("b", Span(50, LENGTH), 0),
    ]
    with_gap = document(ResultPiece(Span(0, 40), "a"), ResultPiece(Span(60, LENGTH), "b", blend=10))
    assert edits.shown_span(with_gap, Span(20, 40)) == Span(20, 40), "across a gap nothing was faded"
    assert edits.shown_span(with_gap, Span(20, 60)) == Span(20, 60)
    filled, _ = made_anew(with_gap, Span(20, 60))
    assert filled.result[-1].blend == 0, "and nothing shall be now"


def test_gz4_a_take_without_the_frames_to_show_is_refused():
    before = document(ResultPiece(Span(0, 40), "a"), ResultPiece(Span(40, LENGTH), "b", blend=30))
    take = Take(id="n", name="n", span=Span(0, 60), blob="1" * 64, request_hash="", seed=0, model="m")
    added = edits.add_take(take, place=False)(before)
    with pytest.raises(EditError, match="does not have"):
        edits.show_regenerated("n", Span(20, 45))(added)
    with pytest.raises(EditError, match="no longer"):
        edits.show_regenerated("x", Span(20, 45))(added)


def stands(side: str, *, at: float) -> Motion:
    """Stands still with its feet at rest, ``at`` metres aside."""
    made = walk()
    still = np.tile(np.array([at, 0.95, 0.0], np.float32), (LENGTH, 1))
    contacts = np.ones((LENGTH, 6), np.float32)
    rotations = np.zeros_like(made.rotations)
    rotations[:, 1 if side == "left" else 2, 0] = -0.5
    return Motion(rotations, still, contacts=contacts)


def slid(splice: Splice, first: Motion, second: Motion) -> tuple[Slide, ...]:
    """What a splice of the second into the first does to the feet."""
    motions, before = {"a": first, "b": second}, document()
    after = splice_edit(before, splice, motions.get)(before)
    was, shown = assemble_result(before, motions.get), assemble_result(after, motions.get)
    assert shown is not None
    return slides(was, shown, second, splice, start=0, body=load_body("genmo-free"))


def test_a_blend_between_two_ways_of_standing_is_told_as_a_slide() -> None:
    splice = Splice("b", Span(40, 90), blend=6)
    found = slid(splice, stands("left", at=0.0), stands("right", at=0.0))
    assert len(found) == 2
    assert 38 <= found[0].frame <= 48
    assert 82 <= found[1].frame <= 92
    assert all(slide.speed > 0.3 for slide in found)


def test_a_blend_that_keeps_the_feet_and_one_that_is_slow_enough_are_no_slides() -> None:
    splice = Splice("b", Span(40, 90), blend=6)
    assert slid(splice, stands("left", at=0.0), stands("left", at=3.0)) == ()
    assert slid(put(splice, blend=24), stands("left", at=0.0), stands("left", at=0.0)) == ()


def test_a_take_that_slides_by_itself_is_not_blamed_on_the_splice() -> None:
    gliding = Motion(walk().rotations, walk().translation, contacts=np.ones((LENGTH, 6), np.float32))
    assert slid(Splice("b", Span(40, 90), blend=6), gliding, gliding) == ()
