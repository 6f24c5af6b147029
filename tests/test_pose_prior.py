"""The prior of poses: small, made of free data, and better at what was not touched than no prior."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from genmo_studio import paths
from genmo_studio.motion.body import load_body
from genmo_studio.motion.full_body_ik import Effector, held, solve
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.pose_prior import FEATURES, PosePrior, feature_rates, features, load_prior
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.motion.skeleton import INDEX, MIRROR

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
from measure_pose_prior import inferred_errors

REST = load_body("genmo-free").rest_joints(np.zeros(10))


def held_out() -> list[Pose]:
    """Poses of subjects that the prior was not fitted to."""
    stored = json.loads((Path(__file__).parent / "data" / "held_out_poses.json").read_text())
    poses = []
    for pose in stored["poses"]:
        rotations = np.zeros((24, 3))
        rotations[:22] = pose["rotations"]
        poses.append(Pose(rotations, np.array(pose["translation"])))
    return poses


def test_gz5_untouched_joints_are_nearer_to_the_truth_with_the_prior():
    rng = np.random.default_rng(0)
    prior = load_prior()
    errors = [inferred_errors(pose, REST, prior, heading=rng.uniform(-0.5, 0.5), iterations=30) for pose in held_out()]
    without, with_prior = np.mean(errors, axis=(0, 2))
    assert with_prior < 0.85 * without
    assert with_prior < 0.04


def test_gz5_what_is_touched_is_met_and_pins_stay_while_the_rest_is_suggested():
    pose = Pose(np.zeros((24, 3)), np.array([0, 0.98, 0]))
    goal = np.array([-0.3, 1.2, 0.45])
    pins = [held(pose, REST, INDEX[name], position=True, rotation=True) for name in ("left_ankle", "right_ankle")]
    goals = [Effector(INDEX["right_wrist"], goal)]
    found = solve(pose, REST, goals=goals, pins=pins, prior=load_prior(), suggest=1.0, iterations=80)
    assert found.goals[0].metres < 1e-3
    assert all(miss.metres < 1e-3 and miss.radians < np.radians(0.1) for miss in found.pins)
    left = found.pose.world(REST)[1][INDEX["left_wrist"]]
    assert left[1] < pose.world(REST)[1][INDEX["left_wrist"]][1] - 0.15  # nobody asked for a T-pose's arm


def test_without_suggestion_the_prior_moves_nothing_on_its_own():
    pose = held_out()[0]
    goal = Effector(INDEX["right_wrist"], pose.world(REST)[1][INDEX["right_wrist"]])
    assert solve(pose, REST, goals=[goal], prior=load_prior()).pose.same_as(pose)


def test_real_poses_are_likelier_than_twisted_ones():
    prior = load_prior()
    rng = np.random.default_rng(1)
    real = [prior.distance(pose) for pose in held_out()]
    twisted = [
        prior.distance(Pose(pose.rotations + rng.normal(scale=0.5, size=(24, 3)), pose.translation))
        for pose in held_out()
    ]
    assert max(real) < 2.5
    assert np.mean(twisted) > 2 * np.mean(real)


def test_the_prior_is_symmetric_and_knows_no_heading():
    prior = load_prior()
    for pose in held_out()[:4]:
        rotations = pose.rotations[list(MIRROR)] * [1, -1, -1]
        assert prior.distance(Pose(rotations, pose.translation)) == pytest.approx(prior.distance(pose), rel=0.02)
        local = pose.matrices()
        local[0] = matrix_from_rotvec(np.array([0, 1.3, 0])) @ local[0]
        turned = Pose.from_matrices(local, pose.translation)
        assert prior.distance(turned) == pytest.approx(prior.distance(pose), rel=1e-6)


def test_the_rates_are_the_derivatives_of_the_features():
    rng = np.random.default_rng(2)
    local = matrix_from_rotvec(rng.normal(scale=0.5, size=(24, 3)))
    world = matrix_from_rotvec(rng.normal(scale=0.5, size=(24, 3)))
    turns, world_turns = rng.normal(size=(2, 24, 3, 1))
    step = 1e-6
    ends = [
        features(
            matrix_from_rotvec(sign * step * turns[..., 0]) @ local,
            matrix_from_rotvec(sign * step * world_turns[..., 0]) @ world,
        )
        for sign in (1, -1)
    ]
    np.testing.assert_allclose(
        feature_rates(local, world, turns, world_turns)[:, 0], (ends[0] - ends[1]) / (2 * step), atol=1e-7
    )


def test_the_file_is_small_and_says_where_it_is_from():
    folder = paths.assets() / "pose_prior"
    assert (folder / "pose_prior.npz").stat().st_size < 300_000
    assert "mocap.cs.cmu.edu" in (folder / "README.md").read_text()
    assert "assets/pose_prior" in (paths.assets().parent / "NOTICE").read_text()


def test_a_broken_file_is_named(tmp_path):
    broken = tmp_path / "prior.npz"
    broken.write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"prior\.npz cannot be read"):
        PosePrior.read(broken)
    np.savez(broken, mean=np.zeros(5), covariance=np.eye(5))
    with pytest.raises(ValueError, match="another body"):
        PosePrior.read(broken)
    assert load_prior().mean.shape == (FEATURES,)
