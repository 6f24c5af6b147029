"""Turns that the network was unsure of: smooth where they are too sudden, and left alone everywhere else."""

import numpy as np
import pytest
import torch

from genmo_studio.model.decoding import rolled_out, surely_turned
from genmo_studio.model.statistics import Statistics
from genmo_studio.motion.representation import LAYOUT, cam_angvel_from_rotations
from genmo_studio.motion.rotations import (
    angle_between,
    matrix_from_rotvec,
    matrix_from_sixd,
    rotvec_from_matrix,
    sixd_from_matrix,
    transpose,
    yaw_matrix,
)
from genmo_studio.motion.steadied import steadied, sureness
from genmo_studio.motion.usual import USUAL_TURN

FRAMES, PASSES = 60, 30
STILL = (np.arange(FRAMES) < PASSES - 12) | (np.arange(FRAMES) > PASSES + 12)


def hesitating() -> np.ndarray:
    """(T, 6) rows that go straight from one heading to another 170 degrees away, nearly vanishing half-way."""
    share = np.clip((np.arange(FRAMES) - PASSES) / 16 + 0.5, 0, 1)[:, None]
    start, end = sixd_from_matrix(yaw_matrix(0.0)), sixd_from_matrix(yaw_matrix(np.radians(170)))
    return start + share * (end - start)


def suddenness(turns: np.ndarray) -> np.ndarray:
    steps = np.asarray(rotvec_from_matrix(turns[1:] @ transpose(turns[:-1])))
    return np.linalg.norm(np.diff(steps, axis=0), axis=-1) * 900


def test_sureness_is_the_smaller_singular_value_and_one_for_a_rotation() -> None:
    rows = np.random.default_rng(1).normal(size=(50, 2, 3))
    expected = np.minimum(np.linalg.svd(rows, compute_uv=False)[:, 1], 1)
    np.testing.assert_allclose(sureness(rows.reshape(50, 6)), expected, atol=1e-9)
    assert sureness(sixd_from_matrix(yaw_matrix(0.7))) == pytest.approx(1)


def test_rows_that_nearly_vanish_make_a_jerk_that_is_taken_out() -> None:
    sixd = hesitating()
    turns = np.asarray(matrix_from_sixd(sixd))
    assert suddenness(turns).max() > 10 * USUAL_TURN[0]
    steady, changed = steadied(turns[:, None], sureness(sixd)[:, None], fps=30)
    assert suddenness(steady[:, 0]).max() < USUAL_TURN[0]
    np.testing.assert_array_equal(steady[~changed], turns[:, None][~changed])
    assert not changed[STILL].any()
    apart = np.degrees(angle_between(steady[[0, -1], 0], turns[[0, -1]]))
    np.testing.assert_array_equal(apart, 0)  # it still gets where it was going


def test_sudden_turns_that_are_sure_stay_as_they_are_bit_for_bit() -> None:
    turns = np.asarray(matrix_from_sixd(hesitating()))[:, None]
    steady, changed = steadied(turns, np.ones((FRAMES, 1)), fps=30)
    assert steady is turns
    assert not changed.any()


def test_doubted_turns_that_are_not_sudden_stay_too() -> None:
    turns = np.asarray(yaw_matrix(np.linspace(0, 2, FRAMES)))[:, None]
    steady, _ = steadied(turns, np.full((FRAMES, 1), 0.2), fps=30)
    assert steady is turns


@pytest.mark.parametrize("frames", [1, 2, 3, 5])
def test_short_motions_are_no_trouble(frames: int) -> None:
    turns = np.asarray(matrix_from_rotvec(np.random.default_rng(0).normal(size=(frames, 22, 3))))
    steady, _ = steadied(turns, np.full((frames, 22), 0.1), fps=30)
    assert np.isfinite(steady).all()


def test_a_decoded_motion_keeps_its_way_and_loses_its_jerks() -> None:
    plain = torch.zeros(151)
    statistics = Statistics(plain, plain + 1, torch.zeros(6), torch.ones(6), torch.zeros(35), torch.ones(35))
    channels = np.zeros((FRAMES, 151))
    upright = sixd_from_matrix(np.eye(3))
    channels[:, LAYOUT["body_pose"]] = np.tile(upright, 21)
    channels[:, LAYOUT["global_orient"]] = upright
    channels[:, LAYOUT["global_orient_gv"]] = hesitating()
    channels[:, LAYOUT["local_transl_vel"]] = [0, 0, 0.02]
    x0 = torch.tensor(channels, dtype=torch.float32)[None]
    still = torch.tensor(np.asarray(cam_angvel_from_rotations(np.repeat(np.eye(3)[None], FRAMES, axis=0))))[
        None
    ].float()
    world = rolled_out(x0, statistics=statistics, cam_angvel=still)
    steady = surely_turned(world, x0, statistics=statistics, fps=30)
    assert suddenness(world.orient[0].astype(np.float64)).max() > 10 * USUAL_TURN[0]
    assert suddenness(steady.orient[0].astype(np.float64)).max() < 1.1 * USUAL_TURN[0]
    assert steady.translation is world.translation
    np.testing.assert_array_equal(steady.features.body_pose, world.features.body_pose)
    np.testing.assert_array_equal(steady.orient[0, STILL], world.orient[0, STILL])
