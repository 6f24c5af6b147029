"""Offsets spread over time: exact at keys, of continuous acceleration, without overshoot, nothing far away."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from genmo_studio.motion.body import load_body
from genmo_studio.motion.correction import PoseTarget, WaypointTarget, meet_keys
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.motion.spreading import BLEND_FRAMES, WIDEST, carried, faded, smoothstep, widths
from genmo_studio.motion.suddenness import joint_accelerations, knee_speeds, turn_accelerations
from genmo_studio.motion.usual import USUAL_ACCELERATION, USUAL_TURN

BODY = load_body("genmo-free")
FRAMES = 200
KEYS = st.sets(st.integers(0, FRAMES - 1), min_size=1, max_size=12).map(sorted)


def offsets(keys, seed):
    return np.random.default_rng(seed).normal(size=(len(keys), 3))


@settings(max_examples=60)
@example(keys=[0, 4], seed=0, reach=2)
@given(keys=KEYS, seed=st.integers(0, 10**6), reach=st.integers(2, 45))
def test_a_fading_offset_is_exact_at_keys_and_nothing_beyond_its_reach(keys, seed, reach):
    values = offsets(keys, seed)
    curve = faded(FRAMES, keys, values, [reach] * len(keys))
    np.testing.assert_array_equal(curve[keys], values)
    far = np.abs(np.arange(FRAMES)[:, None] - keys).min(axis=1) >= reach
    assert not curve[far].any()
    assert np.abs(curve).max(axis=0) == pytest.approx(np.abs(values).max(axis=0))  # nothing overshoots


@settings(max_examples=60)
@given(keys=KEYS, seed=st.integers(0, 10**6))
def test_a_carried_offset_stays_between_its_keys(keys, seed):
    values = offsets(keys, seed)
    curve = carried(FRAMES, keys, values)
    np.testing.assert_array_equal(curve[keys], values)
    np.testing.assert_array_equal(curve[: keys[0]], np.repeat(values[:1], keys[0], axis=0))
    np.testing.assert_array_equal(curve[keys[-1] :], np.repeat(values[-1:], FRAMES - keys[-1], axis=0))
    for start, stop, low, high in zip(keys[:-1], keys[1:], values[:-1], values[1:], strict=True):
        part = curve[start : stop + 1]
        assert (part >= np.minimum(low, high) - 1e-9).all()
        assert (part <= np.maximum(low, high) + 1e-9).all()


def test_acceleration_is_continuous_through_keys():
    """Halving the time step halves the largest change of the second derivative: it has no step."""

    def roughness(scale):
        keys = [10 * scale, 40 * scale, 60 * scale, 100 * scale]
        curve = carried(110 * scale + 1, keys, np.array([[0.0], [1.0], [1.6], [0.2]]))
        return np.abs(np.diff(curve, n=3, axis=0)).max() * scale**2

    assert roughness(32) < 0.6 * roughness(16)
    assert roughness(64) < 0.6 * roughness(32)


def test_a_straight_run_of_offsets_has_no_acceleration():
    curve = carried(61, [0, 20, 40, 60], np.array([[0.0], [2.0], [4.0], [6.0]]))
    assert np.abs(np.diff(curve[20:41], n=2, axis=0)).max() < 1e-9


def test_larger_offsets_fade_wider_and_within_half_the_usual_acceleration():
    sizes = np.array([0.0, 0.1, 0.4, 1.0, 30.0])
    found = widths(sizes, 20.0, blend=BLEND_FRAMES, fps=30)
    assert found[0] == found[1] == BLEND_FRAMES
    assert found == sorted(found)
    assert found[-1] == WIDEST
    for size, width in zip(sizes[:-1], found[:-1], strict=True):
        assert np.abs(np.diff(size * smoothstep(np.arange(-2, width + 2) / width), n=2)).max() * 900 <= 10.0 + 1e-9


def standing(frames=120):
    translation = np.zeros((frames, 3), np.float32)
    translation[:, 1] = 0.93
    return Motion(rotations=np.zeros((frames, 24, 3), np.float32), translation=translation)


@pytest.mark.parametrize("joint", ["pelvis", "spine3", "left_collar", "left_shoulder", "right_knee", "head"])
@pytest.mark.parametrize("degrees", [5, 20, 45, 90])
def test_gz4_a_key_adds_no_acceleration_beyond_the_usual(joint, degrees):
    index = INDEX[joint]
    key = PoseTarget(60, rotations={index: (float(np.radians(degrees)), 0.0, 0.0)})
    corrected, _, after = meet_keys(standing(), BODY, [key])
    assert after.unmet == ()
    needed = widths(np.radians([float(degrees)]), USUAL_TURN[index], blend=BLEND_FRAMES, fps=30)[0]
    share = 0.5 if needed < WIDEST else 2.0  # 90 degrees of the chest take longer than any key may reach
    assert turn_accelerations(corrected)[:, index].max() <= share * USUAL_TURN[index] * 1.02


def test_gz4_a_path_point_and_a_raised_pelvis_add_no_acceleration_beyond_the_usual():
    points = [WaypointTarget(30, (0.0, 0.0)), WaypointTarget(90, (1.5, 0.5))]
    raised = PoseTarget(60, root_position=(0.75, 1.2, 0.25))
    corrected, _, after = meet_keys(standing(), BODY, [raised], points)
    assert after.unmet == ()
    assert (joint_accelerations(corrected, BODY) <= USUAL_ACCELERATION).all()


def test_keys_that_contradict_each_other_three_frames_apart_force_no_more_than_they_ask_for():
    left = PoseTarget(60, rotations={16: (0.0, 0.0, 1.2)})
    right = PoseTarget(63, rotations={16: (0.0, 0.0, -1.2)})
    corrected, _, after = meet_keys(standing(), BODY, [left, right])
    assert after.unmet == ()
    turns = corrected.rotations[:, 16, 2]
    assert np.abs(turns).max() <= 1.2 + 1e-5  # the neighbours do not swing beyond the keys
    forced = 2.4 / 3
    assert np.abs(np.diff(turns)).max() <= 1.875 * forced + 1e-5  # the peak speed of the smoothest way between
    away = np.abs(np.arange(len(turns)) - 61.5) > 3
    assert np.abs(np.diff(turns))[away[1:] & away[:-1]].max() < 0.2 * forced


def test_a_turn_of_more_than_half_a_circle_between_keys_does_not_spin():
    keys = [PoseTarget(frame, rotations={0: (0.0, angle, 0.0)}) for frame, angle in ((50, 2.9), (60, -2.9))]
    corrected, _, after = meet_keys(standing(), BODY, keys)
    assert after.rotation_degrees < 0.1
    between = np.linalg.norm(corrected.rotations[50:61, 0], axis=-1)
    assert between.min() > 2.8  # through the half turn, not back through the front


def test_measures_of_suddenness_on_motions_whose_figures_are_known():
    frames = 40
    time = np.arange(frames) / 30
    motion = standing(frames)
    rotations, translation = motion.rotations.copy(), motion.translation.copy()
    translation[:, 0] = 0.5 * 4.0 * time**2
    rotations[:, 4, 0] = 0.5 * 3.0 * time**2
    moved = Motion(rotations=rotations, translation=translation)
    assert joint_accelerations(moved, BODY)[1:-1, 0] == pytest.approx(4.0, abs=0.02)
    assert turn_accelerations(moved)[1:-1, 4] == pytest.approx(3.0, abs=0.02)
    assert turn_accelerations(moved)[:, 5].max() == 0
    assert knee_speeds(moved)[10, 0] == pytest.approx(np.degrees(3.0 * (10.5 / 30)), rel=0.01)
    assert knee_speeds(moved).shape == (frames, 2)
    assert joint_accelerations(standing(1), BODY).shape == turn_accelerations(standing(1)).shape == (1, 22)
    assert knee_speeds(standing(1)).shape == (1, 2)
