"""Tweaks on top of the result: their shape in time, that nothing else changes, and when they are flagged."""

import random
from pathlib import Path

import numpy as np
import pytest
from edit_cases import obeys_the_four_laws
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as put
from window_document import walking, window_document

from genmo_studio.cli.project import read_motion
from genmo_studio.conditions.checks import check_conditions
from genmo_studio.conditions.result import assemble_result, heard_tweaks
from genmo_studio.document import edits, storage
from genmo_studio.document.edits import EditError
from genmo_studio.document.model import Document, ResultPiece, Take, Track, TrackKind, Tweak
from genmo_studio.document.queries import find_item
from genmo_studio.document.time import Span
from genmo_studio.document.under import is_unchecked, under_hash
from genmo_studio.motion.layers import apply_tweaks, envelope
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import angle_between, matrix_from_rotvec
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.ui.comparing import RESULT, seen

FRAMES = 90
ELBOW = INDEX["left_elbow"]


def tweak(start: int = 20, stop: int = 50, **fields: object) -> Tweak:
    given: dict[str, object] = {"rotations": {"left_elbow": (0.0, 0.0, 0.6)}, "rise": 8, "fall": 8}
    return Tweak(id=str(fields.pop("id", "w")), span=Span(start, stop), **{**given, **fields})  # type: ignore[arg-type]


def project(*tweaks: Tweak) -> Document:
    made, _ = window_document()
    return put(made, tracks=(*made.tracks, Track(id="tw", kind=TrackKind.TWEAKS, name="Tweaks", items=tweaks)))


def angle(a: Motion, b: Motion, joint: int = ELBOW) -> np.ndarray:
    first, second = (matrix_from_rotvec(m.rotations[:, joint].astype(np.float64)) for m in (a, b))
    return np.asarray(angle_between(first, second))


def test_kf11_a_tweak_grows_holds_and_fades_and_leaves_every_other_frame_bit_for_bit() -> None:
    before = walking()
    after = apply_tweaks(before, [tweak()], start=0)
    turned = angle(before, after)
    assert turned[28:42] == pytest.approx(0.6, abs=1e-5)
    assert (np.diff(turned[19:29]) > 0).all()
    assert (np.diff(turned[41:51]) < 0).all()
    outside = np.r_[0:20, 50:FRAMES]
    assert np.array_equal(before.rotations[outside], after.rotations[outside])
    others = [joint for joint in range(24) if joint != ELBOW]
    assert np.array_equal(before.rotations[:, others], after.rotations[:, others])
    assert after.translation is before.translation
    assert after.contacts is before.contacts


def test_kf11_neither_speed_nor_acceleration_jumps_where_a_tweak_begins_or_ends() -> None:
    """The envelope with its zeros around it: the second difference stays of the size that a smooth step has."""
    wide = tweak(0, 201, rise=100, fall=100)
    share = np.concatenate([np.zeros(5), envelope(wide), np.zeros(5)])
    third = np.diff(share, 3) * 101.0**3
    assert np.abs(third).max() < 75.0  # the step's own third derivative is at most 60, in units of its length
    assert share.max() == pytest.approx(1.0)
    assert share[:5].sum() == share[-5:].sum() == 0


@given(st.integers(1, 60), st.integers(0, 80), st.integers(0, 80))
@settings(max_examples=60)
def test_kf11_the_whole_share_is_reached_however_short_the_span(length: int, rise: int, fall: int) -> None:
    share = envelope(tweak(0, length, rise=rise, fall=fall))
    assert len(share) == length
    assert ((share >= 0) & (share <= 1)).all()
    if rise + fall < length:
        assert share.max() == pytest.approx(1.0)
        assert share[rise] == pytest.approx(1.0)
    elif length > 2:
        assert share.max() > 0.6  # the summit may lie between two frames


def test_kf11_a_tweak_turns_in_the_frame_of_the_parent_and_moves_the_root_in_the_world() -> None:
    before = walking()
    change = tweak(rotations={"left_shoulder": (0.0, 0.5, 0.0)}, shift=(0.1, 0.2, -0.3), rise=0, fall=0, weight=0.5)
    after = apply_tweaks(before, [change], start=0)
    joint = INDEX["left_shoulder"]
    expected = matrix_from_rotvec(np.array([0.0, 0.25, 0.0])) @ matrix_from_rotvec(
        before.rotations[30, joint].astype(np.float64)
    )
    assert matrix_from_rotvec(after.rotations[30, joint].astype(np.float64)) == pytest.approx(expected, abs=1e-6)
    assert after.translation[30] - before.translation[30] == pytest.approx([0.05, 0.1, -0.15], abs=1e-6)
    assert np.array_equal(after.translation[:20], before.translation[:20])


def test_kf11_a_tweak_that_begins_before_the_motion_is_cut_not_moved() -> None:
    before = walking()
    whole = apply_tweaks(before, [tweak()], start=0)
    part = apply_tweaks(before.sliced(30, 90), [tweak()], start=30)
    assert np.array_equal(part.rotations, whole.rotations[30:])
    assert apply_tweaks(before, [tweak(200, 220)], start=0) is before
    assert apply_tweaks(before, [tweak(rotations={"tail": (1.0, 0.0, 0.0)})], start=0) is before


def test_kf11_tweaks_lie_on_each_other_in_the_order_of_the_tracks() -> None:
    first, second = (
        tweak(rise=0, fall=0, rotations={"left_elbow": turn}) for turn in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    )
    made = project(put(first, id="low"))
    made = put(
        made,
        tracks=(Track(id="top", kind=TrackKind.TWEAKS, name="", items=(put(second, id="high"),)), *made.tracks),
    )
    assert [t.id for t in heard_tweaks(made)] == ["low", "high"]
    shown = assemble_result(made, lambda _: walking())
    assert shown is not None
    wanted = matrix_from_rotvec(np.array([0.0, 1.0, 0.0])) @ matrix_from_rotvec(np.array([1.0, 0.0, 0.0]))
    assert matrix_from_rotvec(shown.motion.rotations[30, ELBOW].astype(np.float64)) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(
    "change",
    [
        edits.set_track_flags("tw", muted=True),
        edits.set_track_flags("t1", solo=True),
        edits.set_muted(("w",), muted=True),
        edits.set_weight(("w",), 0.0),
    ],
)
def test_kf11_a_tweak_that_is_not_heard_changes_nothing(change) -> None:
    motion = walking()
    made = project(tweak())
    heard = assemble_result(made, lambda _: motion)
    silent = assemble_result(change(made), lambda _: motion)
    assert heard is not None
    assert silent is not None
    assert heard.motion is not motion
    assert silent.motion is motion
    hidden = assemble_result(edits.set_track_flags("tw", hidden=True)(made), lambda _: motion)
    assert hidden is not None
    assert np.array_equal(hidden.motion.rotations, heard.motion.rotations)


def test_kf11_a_regeneration_starts_from_the_result_without_tweaks() -> None:
    motion = walking()
    bare = assemble_result(project(tweak()), lambda _: motion, tweaked=False)
    assert bare is not None
    assert bare.motion is motion


def test_kf11_what_a_command_exports_has_the_tweaks(tmp_path: Path) -> None:
    _, takes = window_document()
    path = tmp_path / "tweaked.genmo"
    storage.save(path, project(tweak()), takes=takes)
    turned = angle(walking(), read_motion(path).motion)
    assert turned[35] == pytest.approx(0.6, abs=1e-5)
    assert turned[10] == 0


def test_kf11_comparing_shows_takes_with_the_same_tweaks_as_the_result() -> None:
    motion = walking()
    for side in (RESULT, "take1"):
        shown = seen(project(tweak()), side, lambda _: motion)
        assert shown is not None
        assert angle(motion, shown.motion)[35] == pytest.approx(0.6, abs=1e-5)


# -- edits -------------------------------------------------------------------------------------------------------------


def test_kf11_a_tweak_is_put_on_a_track_of_its_own_and_taken_away_by_undo() -> None:
    made, _ = window_document()
    new = edits.add_tweak(tweak())(made)
    row = new.tracks[-1]
    assert row.kind is TrackKind.TWEAKS
    assert row.items[0].under == under_hash(made, tweak())  # type: ignore[union-attr]
    again = edits.add_tweak(tweak(id="w2"))(new)
    assert len(again.tracks[-1].items) == 2
    locked = edits.set_track_flags(row.id, locked=True)(new)
    assert len(edits.add_tweak(tweak(id="w2"))(locked).tracks) == len(new.tracks) + 1


def test_kf11_adding_a_tweak_obeys_the_four_laws() -> None:
    def build(rng: random.Random, document: Document, want: dict) -> edits.Edit:
        made = tweak(rng.randrange(0, 30), rng.randrange(40, 90))
        item = {
            "type": "tweak", "id": "w", "span": {"start": made.span.start, "stop": made.span.stop},
            "rotations": {"left_elbow": [0.0, 0.0, 0.6]}, "shift": None, "rise": 8, "fall": 8, "weight": 1.0,
            "muted": False, "under": under_hash(document, made),
        }  # fmt: skip
        fresh = edits.add_track(TrackKind.TWEAKS, track_id="fresh")
        want["tracks"].append(
            {
                "id": "fresh", "kind": "tweaks", "name": "Tweaks 2", "items": [item], "muted": False, "solo": False,
                "locked": False, "hidden": False, "colour": None, "height": 48,
            }
        )  # fmt: skip
        return edits.compose(fresh, edits.add_tweak(made, track_id="fresh"))

    obeys_the_four_laws(build)


def test_kf11_a_tweak_is_changed_joint_by_joint() -> None:
    made = edits.add_tweak(tweak())(window_document()[0])
    new = edits.change_tweak("w", rotations={"right_elbow": (0.1, 0.0, 0.0)}, shift=(0.0, 0.1, 0.0), rise=3)(made)
    item = find_item(new, "w")
    assert isinstance(item, Tweak)
    assert set(item.rotations) == {"left_elbow", "right_elbow"}
    assert (item.shift, item.rise, item.fall) == ((0.0, 0.1, 0.0), 3, 8)
    gone = find_item(
        edits.change_tweak("w", rotations={"left_elbow": (0.0, 0.0, 0.0)}, shift=(0.0, 0.0, 0.0))(new), "w"
    )
    assert isinstance(gone, Tweak)
    assert set(gone.rotations) == {"right_elbow"}
    assert gone.shift is None
    with pytest.raises(EditError, match="Only a tweak"):
        edits.change_tweak("key0", rise=3)(made)


# -- flags -------------------------------------------------------------------------------------------------------------


def regenerated(document: Document, span: Span) -> Document:
    """As a partial regeneration leaves it: another take in that span."""
    take = Take(id="new", name="n", span=Span(0, FRAMES), blob="f" * 64, request_hash="", seed=1, model="m")
    return edits.splice_take("new", span)(edits.add_take(take, place=False)(document))


def flags(document: Document) -> list[str]:
    return [p.items[0] for p in check_conditions(document) if "under the tweak" in p.sentence]


def test_kf11_a_tweak_is_flagged_when_the_result_below_it_changes_and_only_then() -> None:
    made = edits.add_tweak(tweak())(window_document()[0])
    assert flags(made) == []
    assert flags(regenerated(made, Span(60, 80))) == []
    over = regenerated(made, Span(30, 40))
    assert flags(over) == ["w"]
    kept = find_item(over, "w")
    assert isinstance(kept, Tweak)
    assert kept.rotations == {"left_elbow": (0.0, 0.0, 0.6)}  # it survives
    assert flags(edits.accept_tweaks(("w",))(over)) == []


def test_kf11_a_blend_that_reaches_into_a_tweak_flags_it() -> None:
    made = edits.add_tweak(tweak())(window_document()[0])
    take = Take(id="new", name="n", span=Span(0, FRAMES), blob="f" * 64, request_hash="", seed=1, model="m")
    beside = edits.add_take(take, place=False)(made)
    beside = put(beside, result=(ResultPiece(Span(0, 19), "new"), ResultPiece(Span(19, FRAMES), "take1")))
    assert flags(beside) == []
    assert flags(put(beside, result=(beside.result[0], put(beside.result[1], blend=6)))) == ["w"]


def test_kf11_a_tweak_goes_with_its_time_and_where_the_user_moves_it() -> None:
    made = edits.add_tweak(tweak())(window_document()[0])
    later = edits.insert_time(5, 12)(made)
    item = find_item(later, "w")
    assert isinstance(item, Tweak)
    assert item.span == Span(32, 62)
    assert flags(later) == []
    moved = edits.move_items(("w",), by=10)(made)
    assert flags(moved) == []
    assert flags(edits.trim_end("w", 40)(made)) == []
    assert flags(edits.move_items(("w",), by=5)(regenerated(made, Span(30, 40)))) == ["w"]  # moving is no looking


def test_kf11_a_tweak_of_unknown_origin_is_not_flagged() -> None:
    made = project(tweak())
    assert not is_unchecked(made, tweak())
    assert flags(made) == []
