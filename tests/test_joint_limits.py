"""Joint limits are shown as stress and lean on a solver, but never clamp what a user set."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genmo_studio import paths
from genmo_studio.motion.body import load_body
from genmo_studio.motion.full_body_ik import Effector, held, solve
from genmo_studio.motion.joint_limits import COMFORT, HIGH, LOW, Limits, angles, limits_of, stress
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.motion.skeleton import INDEX, MIRROR

REST = load_body("genmo-free").rest_joints(np.zeros(10))
SEEDS = st.integers(0, 10**6)


def turned(joint: str, rotation: list[float]) -> np.ndarray:
    rotations = np.zeros((24, 3))
    rotations[INDEX[joint]] = rotation
    return rotations


def test_gz9_the_t_pose_has_no_stress():
    assert not stress(np.zeros((24, 3))).any()


@pytest.mark.parametrize(
    "joint", ["left_knee", "right_knee", "spine1", "neck", "left_hip", "right_elbow", "left_wrist"]
)
@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("side", [0, 1])
def test_gz9_stress_is_nothing_in_comfort_one_at_the_limit_and_grows_beyond(joint, axis, side):
    limit = np.radians(limits_of(joint)[axis][side])
    unit = np.eye(3)[axis] * limit
    values = [stress(turned(joint, share * unit))[INDEX[joint]] for share in (0.5, COMFORT, 0.9, 1.0, 1.1, 1.15)]
    assert values[0] == 0.0
    assert values[1] == pytest.approx(0.0, abs=1e-9)
    assert 0 < values[2] < 1
    assert values[3] == pytest.approx(1.0)
    assert 1 < values[4] < values[5]


def test_gz9_a_knee_bent_backwards_is_beyond_and_a_deep_squat_is_not():
    assert stress(turned("left_knee", [-0.4, 0, 0]))[INDEX["left_knee"]] > 1
    assert stress(turned("left_knee", [2.4, 0, 0]))[INDEX["left_knee"]] <= 1
    assert stress(turned("left_shoulder", [0, 0, -1.45]))[INDEX["left_shoulder"]] == 0  # a hanging arm


@settings(max_examples=40)
@given(seed=SEEDS)
def test_left_and_right_have_the_same_limits(seed):
    rotations = np.random.default_rng(seed).normal(scale=0.8, size=(24, 3))
    image = rotations[list(MIRROR)] * [1, -1, -1]
    np.testing.assert_allclose(stress(image), stress(rotations)[list(MIRROR)], atol=1e-9)


@settings(max_examples=40)
@given(seed=SEEDS)
def test_angles_put_swing_and_twist_back_together(seed):
    rotations = np.random.default_rng(seed).normal(scale=0.9, size=(24, 3))
    found = angles(matrix_from_rotvec(rotations))
    for joint in range(24):
        axis = 0 if any(word in list(INDEX)[joint] for word in ("collar", "shoulder", "elbow", "wrist", "hand")) else 1
        twist = np.eye(3)[axis] * found[joint, axis]
        swing = found[joint] - twist
        together = matrix_from_rotvec(swing) @ matrix_from_rotvec(twist)
        np.testing.assert_allclose(together, matrix_from_rotvec(rotations[joint]), atol=1e-9)


@settings(max_examples=20)
@given(seed=SEEDS)
def test_the_push_is_the_slope_of_the_squared_excess(seed):
    rng = np.random.default_rng(seed)
    local = matrix_from_rotvec(rng.normal(scale=0.7, size=(24, 3)))
    limits = Limits(LOW * 0.3, HIGH * 0.3)

    def energy(turned):
        found = angles(turned)
        excess = found - np.clip(found, limits.low, limits.high)
        return 0.5 * (excess * excess).sum()

    beyond, slopes, curvatures = limits.push(local)
    for joint, slope in zip(beyond[:6], slopes, strict=False):
        for axis in range(3):
            away = [local.copy(), local.copy()]
            for side, sign in enumerate((1, -1)):
                away[side][joint] = matrix_from_rotvec(np.eye(3)[axis] * sign * 1e-5) @ local[joint]
            assert (energy(away[0]) - energy(away[1])) / 2e-5 == pytest.approx(slope[axis], abs=1e-3)
    assert (np.linalg.eigvalsh(curvatures) > -1e-9).all()


def test_gz9_a_solve_does_not_pull_back_what_the_user_set_beyond_a_limit():
    rotations = turned("left_knee", [-0.5, 0, 0])
    rotations[INDEX["neck"]] = [1.4, 0, 0]
    pose = Pose(rotations, np.zeros(3))
    goal = pose.world(REST)[1][INDEX["right_wrist"]] + [0.1, -0.2, 0.2]
    found = solve(pose, REST, goals=[Effector(INDEX["right_wrist"], goal)], move_root=False, iterations=60)
    np.testing.assert_array_equal(found.pose.rotations[INDEX["left_knee"]], rotations[INDEX["left_knee"]])
    assert np.abs(found.pose.rotations[INDEX["neck"]] - [1.4, 0, 0]).max() < 1e-3
    assert found.stress[INDEX["neck"]] > 1


def test_gz9_a_solve_prefers_poses_within_the_limits():
    pose = Pose(np.zeros((24, 3)), np.zeros(3))
    turned_far = matrix_from_rotvec(np.array([0.0, 2.6, 0.0]))  # the head asks for more than a neck gives
    pins = [held(pose, REST, INDEX["pelvis"], position=True, rotation=True)]
    found = solve(pose, REST, goals=[Effector(INDEX["head"], rotation=turned_far)], pins=pins, iterations=80)
    spread = stress(found.pose.rotations)[[INDEX[name] for name in ("spine1", "spine2", "spine3", "neck", "head")]]
    assert spread.max() < 1.7
    assert (spread > 0).sum() >= 3  # shared, not all in one joint


def test_real_motion_lies_inside():
    held_out = json.loads((Path(__file__).parent / "data" / "held_out_poses.json").read_text())
    rotations = np.zeros((len(held_out["poses"]), 24, 3))
    rotations[:, :22] = [pose["rotations"] for pose in held_out["poses"]]
    assert (stress(rotations)[:, :22] <= 1).mean() > 0.98
    with np.load(paths.assets() / "sample" / "walk.truth.npz") as walk:
        assert (stress(walk["rotations"]) <= 1).mean() > 0.99
