"""Exact correction: every key that can be met is met, smoothly, and what is far from keys is not touched."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genmo_studio.motion.body import joint_positions, load_body
from genmo_studio.motion.correction import (
    PoseTarget,
    WaypointTarget,
    key_errors,
    meet_keys,
    pose_target_of,
)
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import heading_from_matrix, matrix_from_rotvec, rotvec_from_matrix, yaw_matrix
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.values import replace

BODY = load_body("genmo-free")
SEEDS = st.integers(0, 10**6)
FRAMES = 90


def wandering(seed, frames=FRAMES):
    """A smooth random motion: a person who turns, walks off and gestures."""
    rng = np.random.default_rng(seed)
    time = np.arange(frames)[:, None, None] / 30
    waves = sum(rng.normal(scale=0.25, size=(1, 24, 3)) * np.sin(time * f + rng.uniform(0, 6)) for f in (1.0, 2.3, 4.1))
    turn = yaw_matrix(rng.uniform(-3, 3) + rng.normal() * time[:, 0, 0])
    waves[:, 0] = rotvec_from_matrix(turn @ matrix_from_rotvec(0.3 * waves[:, 0]))
    ground = np.array([0, 1, 0]) + np.cumsum(rng.normal(scale=0.02, size=(frames, 3)), axis=0)
    return Motion(rotations=waves.astype(np.float32), translation=ground.astype(np.float32))


def keys_from(seed, frames):
    """Full-body keys taken from another motion, so that they contradict this one everywhere."""
    other = wandering(seed + 1)
    return [pose_target_of(other, BODY, frame) for frame in frames]


@settings(max_examples=12)
@given(seed=SEEDS, frames=st.sets(st.integers(0, FRAMES - 1), min_size=1, max_size=6))
def test_full_body_keys_are_met_exactly(seed, frames):
    motion, poses = wandering(seed), keys_from(seed, sorted(frames))
    corrected, before, after = meet_keys(motion, BODY, poses)
    assert before.rotation_degrees > 1
    assert after.rotation_degrees < 0.1
    assert after.root_position < 1e-3
    assert after.unmet == ()
    assert before.unmet
    wanted = joint_positions(wandering(seed + 1), BODY)[sorted(frames)]
    np.testing.assert_allclose(joint_positions(corrected, BODY)[sorted(frames)][:, :22], wanted[:, :22], atol=1e-3)
    again, _, _ = meet_keys(corrected, BODY, poses)
    np.testing.assert_allclose(joint_positions(again, BODY), joint_positions(corrected, BODY), atol=1e-4)


@settings(max_examples=12)
@given(seed=SEEDS, frames=st.sets(st.integers(0, FRAMES - 1), min_size=1, max_size=8))
def test_waypoints_are_met_and_nothing_jumps(seed, frames):
    rng = np.random.default_rng(seed)
    motion = wandering(seed)
    points = [WaypointTarget(f, tuple(rng.normal(size=2)), rng.uniform(-3, 3)) for f in sorted(frames)]
    corrected, _, after = meet_keys(motion, BODY, (), points)
    assert after.waypoint < 1e-3
    assert after.heading_degrees < 0.1
    assert after.unmet == ()
    np.testing.assert_array_equal(corrected.rotations[:, 1:], motion.rotations[:, 1:])
    np.testing.assert_array_equal(corrected.translation[:, 1], motion.translation[:, 1])
    shift = (corrected.translation - motion.translation)[:, [0, 2]]
    np.testing.assert_allclose(shift[: min(frames) + 1], np.tile(shift[min(frames)], (min(frames) + 1, 1)), atol=1e-6)
    after_last = shift[max(frames) :]
    np.testing.assert_allclose(after_last, np.tile(after_last[0], (len(after_last), 1)), atol=1e-6)


def test_the_shift_of_the_root_has_continuous_velocity():
    motion = wandering(5)
    points = [WaypointTarget(f, (x, 0.0)) for f, x in ((10, 0.0), (40, 2.0), (60, 1.0), (85, 4.0))]
    corrected, _, _ = meet_keys(motion, BODY, (), points)
    shift = (corrected.translation - motion.translation).astype(np.float64)
    assert np.abs(np.diff(shift, axis=0)).max() < 0.25
    assert np.abs(np.diff(shift, n=2, axis=0)).max() < 0.04


@settings(max_examples=10)
@given(seed=SEEDS, at=st.integers(0, FRAMES - 1))
def test_frames_far_from_partial_keys_stay_bit_identical(seed, at):
    motion = wandering(seed)
    poses = [PoseTarget(at, rotations={16: (0.1, 0.4, -0.9), 18: (0.0, -1.0, 0.0)})]
    corrected, _, after = meet_keys(motion, BODY, poses)
    assert after.unmet == ()
    far = np.abs(np.arange(FRAMES) - at) >= 15
    np.testing.assert_array_equal(corrected.rotations[far], motion.rotations[far])
    others = [j for j in range(24) if j not in (16, 18)]
    np.testing.assert_array_equal(corrected.rotations[:, others], motion.rotations[:, others])
    np.testing.assert_array_equal(corrected.translation, motion.translation)


@settings(max_examples=10)
@given(seed=SEEDS, frames=st.sets(st.integers(0, FRAMES - 1), min_size=1, max_size=4), data=st.data())
def test_reachable_positions_are_met_beside_full_keys(seed, frames, data):
    rng = np.random.default_rng(seed)
    motion = wandering(seed)
    placed = joint_positions(motion, BODY)
    ends = data.draw(st.sets(st.sampled_from([7, 8, 10, 11, 15, 20, 21, 22, 4, 18]), min_size=1, max_size=3))
    poses = []
    for frame in sorted(frames):
        bent = motion.rotations[frame].astype(np.float64)
        bent[1:] += rng.normal(scale=0.15, size=(23, 3))
        wish = replace(motion.sliced(frame, frame + 1), rotations=bent[None].astype(np.float32))
        goal = joint_positions(wish, BODY)[0]
        poses.append(PoseTarget(frame, positions={j: tuple(map(float, goal[j])) for j in ends}))
    free = [f for f in range(FRAMES) if f not in frames]
    full = pose_target_of(wandering(seed + 7), BODY, free[len(free) // 2])
    # the key keeps the root where it is, so that it cannot carry the others out of reach
    root = {0: tuple(map(float, motion.rotations[full.frame, 0]))}
    full = replace(full, rotations={**full.rotations, **root}, root_position=tuple(map(float, placed[full.frame, 0])))
    corrected, before, after = meet_keys(motion, BODY, [*poses, full])
    assert after.joint_position < 1e-3, after.unmet
    assert after.rotation_degrees < 0.1
    assert after.root_position < 1e-3
    assert before.joint_position > after.joint_position
    np.testing.assert_allclose(corrected.rotations[:, 0], motion.rotations[:, 0], atol=1e-5)


def test_unreachable_and_contradicting_targets_are_named():
    motion = wandering(3)
    far = PoseTarget(20, positions={INDEX["left_wrist"]: (30.0, 1.0, 0.0)})
    fixed = replace(pose_target_of(motion, BODY, 60), positions={INDEX["right_ankle"]: (0.0, 5.0, 0.0)})
    rival = WaypointTarget(60, (9.0, 9.0))
    corrected, _, after = meet_keys(motion, BODY, [far, fixed], [rival])
    told = " | ".join(after.unmet)
    assert "left wrist" in told
    assert "out of reach" in told
    assert "the pose of the same key fixes where it is" in told
    assert "path point" in told
    assert "another" not in told
    assert len(after.unmet) == 3
    assert after.root_position < 1e-3
    assert np.isfinite(corrected.rotations).all()
    assert key_errors(corrected, BODY, [far, fixed], [rival]) == after
    with pytest.raises(ValueError, match="outside the motion"):
        meet_keys(motion, BODY, [PoseTarget(FRAMES)])


def test_no_keys_change_nothing():
    motion = wandering(1)
    corrected, before, after = meet_keys(motion, BODY, ())
    np.testing.assert_array_equal(corrected.rotations, motion.rotations)
    np.testing.assert_array_equal(corrected.translation, motion.translation)
    assert before == after


def test_heading_of_a_corrected_key_turns_the_short_way():
    motion = wandering(2)
    now = float(heading_from_matrix(matrix_from_rotvec(motion.rotations[45, 0].astype(np.float64))))
    corrected, before, _ = meet_keys(motion, BODY, (), [WaypointTarget(45, heading=now + 2 * np.pi + 0.2)])
    assert before.heading_degrees == pytest.approx(np.degrees(0.2), abs=1e-3)
    turned = heading_from_matrix(matrix_from_rotvec(corrected.rotations[:, 0].astype(np.float64)))
    original = heading_from_matrix(matrix_from_rotvec(motion.rotations[:, 0].astype(np.float64)))
    assert np.abs(np.diff(np.unwrap(turned)) - np.diff(np.unwrap(original))).max() < 0.05
