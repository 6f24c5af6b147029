"""The graph editor without a window: angles, curves, what lies under the pointer, and what dragging changes."""

import itertools

import numpy as np
import pytest
from curve_samples import BOX, HEIGHT, RISE, SHOULDER, curves_of, held, scene, spot, value
from hypothesis import given, settings
from hypothesis import strategies as st
from window_document import FRAMES, walking, window_document

from genmo_studio.conditions.result import heard_tweaks
from genmo_studio.document.edits import EditError, add_tweak, set_track_flags
from genmo_studio.document.model import PoseKey, Tweak
from genmo_studio.document.queries import find_item
from genmo_studio.document.time import Span
from genmo_studio.motion.euler import (
    ORDERS,
    angles_from_rotvec,
    continuous,
    nearest_angles,
    other_angles,
    rotvec_from_angles,
)
from genmo_studio.motion.rotations import angle_between, matrix_from_rotvec
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.ui.panels.curve_channels import MOST_JOINTS, JointAngles, channels_of
from genmo_studio.ui.panels.curve_edits import moved_dots, widened
from genmo_studio.ui.panels.curve_view import DotAt, Shown, curve_at, dot_at, dots_in, fitted
from genmo_studio.values import replace


def same_turn(a, b) -> None:
    first, second = (matrix_from_rotvec(np.asarray(turn, np.float64)) for turn in (a, b))
    assert np.max(angle_between(first, second)) < 1e-5


# -- angles ------------------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(-3.0, 3.0), min_size=3, max_size=3), st.permutations(range(3)))
@settings(max_examples=120)
def test_kf10_angles_and_rotations_are_the_same_thing_in_every_order(turn: list[float], order: list[int]) -> None:
    order_of = (order[0], order[1], order[2])
    angles = angles_from_rotvec(np.array(turn), order_of)
    assert abs(angles[order_of[1]]) <= 90.0
    far = nearest_angles(angles, order_of, to=np.array([400.0, -300.0, 100.0]))
    for same in (angles, other_angles(angles, order_of), far):
        same_turn(rotvec_from_angles(same, order_of), turn)


def test_kf10_the_angles_of_a_motion_do_not_jump_where_the_rotation_does_not() -> None:
    """Two full turns about the outermost axis, and a middle angle that passes a quarter turn."""
    order = ORDERS["left_elbow"]
    way = np.zeros((240, 3))
    way[:, order[0]] = np.linspace(0.0, 720.0, 240)
    way[:, order[1]] = np.linspace(0.0, 150.0, 240)
    turns = rotvec_from_angles(way, order)
    raw = angles_from_rotvec(turns, order)
    assert np.abs(np.diff(raw, axis=0)).max() > 170.0
    found = continuous(raw, order)
    assert found == pytest.approx(way, abs=1e-6)


def test_kf10_the_order_of_the_turns_keeps_usual_poses_away_from_the_pole() -> None:
    """An arm hanging down, a thigh raised, an elbow and a knee bent: the middle angle is far from a quarter turn."""
    for joint, turn in (
        ("left_shoulder", (0.0, 0.0, -1.45)),
        ("right_shoulder", (0.0, 0.0, 1.45)),
        ("left_hip", (-1.9, 0.0, 0.0)),
        ("left_elbow", (0.0, -2.3, 0.0)),
        ("right_knee", (2.2, 0.0, 0.0)),
        ("pelvis", (0.0, 3.0, 0.0)),
    ):
        order = ORDERS[joint]
        assert abs(angles_from_rotvec(np.array(turn), order)[order[1]]) < 20.0


def test_kf10_a_change_of_some_frames_gives_the_angles_that_a_fresh_look_gives() -> None:
    motion = walking()
    turns = motion.rotations[:, INDEX["left_shoulder"]]
    angles = JointAngles("left_shoulder")
    first = angles.follow(turns)
    changed = turns.copy()
    changed[30:50, 1] += np.sin(np.linspace(0, np.pi, 20)).astype(np.float32)
    assert angles.follow(changed) == pytest.approx(JointAngles("left_shoulder").follow(changed), abs=1e-9)
    assert np.array_equal(first[:30], angles.values[:30])
    spun = turns.copy()
    spun[60:, 2] += 2 * np.pi * np.linspace(0, 1, FRAMES - 60, dtype=np.float32)
    assert angles.follow(spun) == pytest.approx(JointAngles("left_shoulder").follow(spun), abs=1e-9)


# -- channels and curves -----------------------------------------------------------------------------------------------


def test_kf10_without_a_joint_the_root_is_drawn_with_all_joints_only_so_many() -> None:
    assert [c.name for c in channels_of(())] == ["Root X", "Root Y", "Root Z", "Root speed"]
    assert [c.name for c in channels_of(("left_knee",))] == ["Left knee X", "Left knee Y", "Left knee Z"]
    assert len(channels_of(ORDERS)) == 4 + 3 * MOST_JOINTS
    made, _ = window_document()
    assert curves_of(made, tuple(ORDERS)).left_out == len(ORDERS) - MOST_JOINTS


def test_kf10_the_generated_curve_lies_under_the_edited_one_where_a_tweak_changes_it() -> None:
    made, _ = window_document()
    plain = curves_of(made).of(RISE)
    assert plain is not None
    assert plain.generated is plain.edited
    tweaked = add_tweak(Tweak("w", Span(20, 41), {"left_shoulder": (0.0, 0.0, 0.5)}, rise=10, fall=10))(made)
    curve = curves_of(tweaked).of(RISE)
    assert curve is not None
    assert curve.generated == pytest.approx(plain.edited)
    assert np.array_equal(curve.edited[:20], curve.generated[:20])
    assert curve.edited[30] - curve.generated[30] == pytest.approx(np.degrees(0.5), abs=0.2)


def test_kf10_keys_lie_on_the_curve_of_a_motion_that_meets_them() -> None:
    made, _ = window_document()
    for channel in (*SHOULDER, HEIGHT):
        curve = curves_of(made, ("left_shoulder", "pelvis")).of(channel)
        assert curve is not None
        assert curve.dots.keys == ("key0", "key1", "key2")
        assert curve.dots.values == pytest.approx(curve.edited[curve.dots.frames], abs=1e-3)
    hidden = set_track_flags("t2", hidden=True)(made)
    assert not len(curves_of(hidden).curves[0].dots)


# -- under the pointer -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("equal", [False, True])
def test_kf10_keys_and_curves_are_found_where_they_are_drawn(equal: bool) -> None:
    shown = scene(equal=equal)
    box = fitted(BOX, shown, shown.scales())
    assert (box.first, box.last) == pytest.approx((-2.67, 91.67))
    scales = shown.scales()
    x, y = spot(shown, RISE, 45, box)
    assert dot_at(shown, box, scales, x=x + 3, y=y - 3) == DotAt("key1", RISE)
    assert dot_at(replace(shown, hidden=frozenset({RISE})), box, scales, x=x, y=y) != DotAt("key1", RISE)
    x, y = spot(shown, HEIGHT, 30, box)
    hit = curve_at(shown, box, scales, x=x, y=y + 2)
    assert hit is not None
    assert hit.frame == 30
    assert curve_at(Shown(), box, scales, x=x, y=y) is None


def test_kf10_a_box_finds_the_keys_in_it_and_no_others() -> None:
    shown = scene(hidden=frozenset(c for c in channels_of(("pelvis", "left_shoulder")) if c != RISE))
    x, y = spot(shown, RISE, 45)
    found = dots_in(shown, BOX, shown.scales(), corners=(x + 20, y + 20, x - 20, y - 20))
    assert found == {DotAt("key1", RISE)}
    everything = dots_in(shown, BOX, shown.scales(), corners=(0, 0, 1000, 400))
    assert len(everything) == 3


def test_kf10_fitting_a_span_looks_at_that_span() -> None:
    shown = scene(hidden=frozenset(c for c in channels_of(("pelvis", "left_shoulder")) if c != RISE))
    whole, part = (fitted(BOX, shown, shown.scales(), span=span) for span in (None, Span(40, 50)))
    assert part.last - part.first < 15
    assert part.high - part.low <= whole.high - whole.low


def test_kf10_zooming_keeps_the_point_under_the_pointer() -> None:
    for factor in (1.3, 0.6, 1e6):
        zoomed = BOX.zoomed(factor, factor, x=300.0, y=100.0)
        assert zoomed.frame_at(300.0) == pytest.approx(BOX.frame_at(300.0))
        assert zoomed.up_at(100.0) == pytest.approx(BOX.up_at(100.0))
        assert zoomed.last - zoomed.first >= 4.0 - 1e-9


# -- moving keys -------------------------------------------------------------------------------------------------------


def test_kf10_a_key_is_moved_in_one_angle_and_keeps_the_others() -> None:
    made, _ = window_document()
    curves = curves_of(made)
    new = moved_dots(curves, [DotAt("key1", RISE)], frames=3, values={RISE: 25.0})(made)
    key, old = find_item(new, "key1"), find_item(made, "key1")
    assert isinstance(key, PoseKey)
    assert isinstance(old, PoseKey)
    assert key.frame == old.frame + 3
    order = ORDERS["left_shoulder"]
    before = angles_from_rotvec(np.array(old.rotations["left_shoulder"]), order)
    after = nearest_angles(angles_from_rotvec(np.array(key.rotations["left_shoulder"]), order), order, to=before)
    assert after - before == pytest.approx([0.0, 0.0, 25.0], abs=1e-4)
    assert {n: r for n, r in key.rotations.items() if n != "left_shoulder"} == {
        n: r for n, r in old.rotations.items() if n != "left_shoulder"
    }
    assert key.root_position == old.root_position


def test_kf10_several_keys_and_kinds_of_channel_move_together() -> None:
    made, _ = window_document()
    curves = curves_of(made, ("left_shoulder", "pelvis"))
    dots = [DotAt("key1", RISE), DotAt("key2", RISE), DotAt("key2", HEIGHT)]
    new = moved_dots(curves, dots, frames=-2, values={RISE: 10.0, HEIGHT: -12.0})(made)
    first, second = find_item(new, "key1"), find_item(new, "key2")
    assert isinstance(first, PoseKey)
    assert isinstance(second, PoseKey)
    was = [find_item(made, name) for name in ("key1", "key2")]
    assert [first.frame, second.frame] == [k.frame - 2 for k in was if isinstance(k, PoseKey)]
    assert isinstance(was[1], PoseKey)
    assert second.root_position is not None
    assert was[1].root_position is not None
    assert second.root_position[1] - was[1].root_position[1] == pytest.approx(-0.12)
    assert first.root_position == was[0].root_position  # type: ignore[union-attr]
    with pytest.raises(EditError, match="before the start"):
        moved_dots(curves, dots, frames=-60, values={})(made)
    with pytest.raises(EditError, match="locked"):
        moved_dots(curves, dots, frames=1, values={})(set_track_flags("t2", locked=True)(made))


# -- falloff -----------------------------------------------------------------------------------------------------------


def test_kf11_a_dragged_point_goes_where_it_is_dragged_and_others_follow_less_with_distance() -> None:
    made, _ = window_document()
    new = held(made, RISE, 40).edit(30.0)(made)
    assert value(new, RISE, 40) - value(made, RISE, 40) == pytest.approx(30.0, abs=1e-3)
    for other in SHOULDER[:2]:
        assert value(new, other, 40) == pytest.approx(value(made, other, 40), abs=1e-3)
    moved = [value(new, RISE, f) - value(made, RISE, f) for f in range(FRAMES)]
    assert moved[:30] == pytest.approx([0.0] * 30, abs=1e-6)
    assert moved[51:] == pytest.approx([0.0] * (FRAMES - 51), abs=1e-6)
    assert all(a < b for a, b in itertools.pairwise(moved[29:41]))
    (tweak,) = heard_tweaks(new)
    assert (tweak.span, tweak.rise, tweak.fall) == (Span(30, 51), 10, 10)
    assert find_item(new, "key1") == find_item(made, "key1")


def test_kf11_the_place_of_the_root_is_tweaked_in_the_world_whatever_the_size_of_the_body() -> None:
    made, _ = window_document()
    new = held(made, HEIGHT, 40).edit(-20.0)(made)
    assert value(new, HEIGHT, 40) - value(made, HEIGHT, 40) == pytest.approx(-20.0, abs=1e-3)
    (tweak,) = heard_tweaks(held(made, HEIGHT, 40, scale=2.0).edit(-20.0)(made))
    assert tweak.shift == pytest.approx((0.0, -0.1, 0.0))


def test_kf11_dragging_at_the_same_frame_again_changes_the_tweak_that_is_there() -> None:
    made, _ = window_document()
    once = held(made, RISE, 40).edit(30.0)(made)
    (tweak,) = heard_tweaks(once)
    again = held(once, RISE, 40)
    assert not again.fresh
    twice = again.edit(-10.0)(once)
    assert len(heard_tweaks(twice)) == 1
    assert value(twice, RISE, 40) - value(made, RISE, 40) == pytest.approx(20.0, abs=1e-3)
    other = held(twice, HEIGHT, 40)
    assert other.fresh
    chosen = held(twice, HEIGHT, 42, selected=frozenset({tweak.id}))
    assert not chosen.fresh
    both = chosen.edit(5.0)(twice)
    assert value(both, HEIGHT, 42) - value(made, HEIGHT, 42) == pytest.approx(5.0, abs=1e-3)
    assert value(both, RISE, 40) == pytest.approx(value(twice, RISE, 40), abs=1e-6)
    locked = set_track_flags(once.tracks[-1].id, locked=True)(once)
    assert held(locked, RISE, 40).fresh


def test_kf11_a_drag_between_other_tweaks_still_lands_where_it_is_dragged() -> None:
    made, _ = window_document()
    for name, start, turn in (("a", 10, (0.3, 0.2, 0.0)), ("z", 35, (0.0, -0.4, 0.2))):
        made = add_tweak(Tweak(name, Span(start, start + 40), {"left_shoulder": turn}, rise=5, fall=5))(made)
    new = held(made, RISE, 28, radius=12).edit(18.0)(made)
    assert value(new, RISE, 28) - value(made, RISE, 28) == pytest.approx(18.0, abs=1e-3)
    inside = held(made, RISE, 44, selected=frozenset({"a"}))
    assert inside.tweak.id == "a"
    new = inside.edit(-7.0)(made)
    assert value(new, RISE, 44) - value(made, RISE, 44) == pytest.approx(-7.0, abs=1e-3)


def test_kf11_the_falloff_grows_and_shrinks_on_both_sides_and_stays_in_the_motion() -> None:
    made, _ = window_document()
    grabbed = held(made, RISE, 5)
    for widen in (-20, -3, 0, 4, 500):
        shaped = grabbed.shaped(widen)
        assert 0 <= shaped.span.start <= 5 < shaped.span.stop <= FRAMES
        assert shaped.span.start + shaped.rise == 5
        assert shaped.span.stop - shaped.fall == 6
        new = grabbed.edit(12.0, widen=widen)(made)
        assert value(new, RISE, 5) - value(made, RISE, 5) == pytest.approx(12.0, abs=1e-3)
    edit = widened(new, [grabbed.tweak.id], by=-4)
    assert edit is not None
    (tweak,) = heard_tweaks(edit(new))
    assert tweak.fall == FRAMES - 6 - 4
    assert widened(new, ["key0"], by=2) is None
