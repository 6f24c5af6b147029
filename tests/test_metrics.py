"""Figures of merit: what they must not change with, and the baselines they are compared with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from genmo_studio.motion.body import load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.training import metrics

SEED = st.integers(0, 2**31)


@given(seed=SEED, scale=st.floats(0.3, 3))
def test_alignment_forgives_similarities_and_nothing_else(seed, scale):
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(12, 22, 3))
    turn = Rotation.random(rng=rng).as_matrix()
    moved = scale * truth @ turn.T + rng.normal(size=3)
    assert metrics.pa_mpjpe(moved, truth) < 1e-9
    assert max(metrics.world_mpjpe(moved, truth, segment=5)) < 1e-9
    assert metrics.mpjpe(truth + rng.normal(size=(12, 1, 3)), truth) < 1e-12
    mirrored = truth * (-1, 1, 1)
    assert metrics.pa_mpjpe(mirrored, truth) > 0.1  # a mirror image is not a rotation
    noisy = truth + rng.normal(0, 0.1, truth.shape)
    assert metrics.pa_mpjpe(noisy, truth) <= metrics.mpjpe(noisy, truth) + 0.05
    assert metrics.pa_mpjpe(noisy, truth) > 0.05


def test_frames_can_be_left_out():
    truth = np.random.default_rng(0).normal(size=(4, 22, 3))
    wrong = truth.copy()
    wrong[2, 5] += 10
    assert metrics.mpjpe(wrong, truth) > 0.1
    assert metrics.mpjpe(wrong, truth, valid=np.array([True, True, False, True])) == 0


def test_derivatives_have_their_units():
    time = np.arange(60)[:, None, None] / 30
    falling = np.broadcast_to(np.array([0, -4.905, 0]) * time**2, (60, 22, 3))
    assert metrics.acceleration_error(falling, np.zeros((60, 22, 3))) == pytest.approx(9.81)
    assert metrics.jitter(falling) == pytest.approx(0, abs=1e-6)
    assert metrics.acceleration_error(falling[:2], falling[:2]) == 0


def test_in_between_errors():
    rng = np.random.default_rng(1)
    turns = Rotation.random(44, rng=rng).as_matrix().reshape(2, 22, 3, 3)
    assert metrics.l2q(turns, turns) == pytest.approx(0, abs=1e-9)
    half = turns @ Rotation.from_euler("x", 180, degrees=True).as_matrix()
    assert metrics.l2q(half, turns) == pytest.approx(np.sqrt(2 * 22))
    assert metrics.l2p(np.ones((3, 22, 3)), np.zeros((3, 22, 3))) == pytest.approx(np.sqrt(66))


def swaying(frames=40):
    rotations = np.zeros((frames, 24, 3), np.float32)
    rotations[:, 1, 0] = np.linspace(-1, 1, frames)
    translation = np.linspace(0, 1, frames)[:, None].astype(np.float32) * np.array([1, 0, 2], np.float32)
    return Motion(rotations=rotations, translation=translation)


def test_interpolation_is_exact_for_steady_motion_and_holding_is_not():
    body, motion = load_body("genmo-free"), swaying()
    for start, stop in metrics.gaps(40, length=15):
        position, turn = metrics.gap_errors(
            metrics.interpolated(motion, start=start, stop=stop), motion, body=body, start=start, stop=stop
        )
        assert position < 1e-5
        assert turn < 1e-6
        held = metrics.held(motion, start=start, stop=stop)
        assert metrics.gap_errors(held, motion, body=body, start=start, stop=stop)[0] > 0.2
    assert list(metrics.gaps(40, length=15)) == [(10, 25)]
    with pytest.raises(ValueError, match="needs a frame before and after"):
        metrics.interpolated(motion, start=0, stop=5)


def test_separability():
    rng = np.random.default_rng(0)
    labels = ["a"] * 10 + ["b"] * 10
    near = np.concatenate([rng.normal(0, 0.1, (10, 3)), rng.normal(5, 0.1, (10, 3))])
    assert metrics.separability(near, labels, neighbours=3) == 1
    assert metrics.separability(rng.normal(size=(20, 3)), labels) < 0.9
