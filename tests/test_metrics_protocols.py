"""The figures of the literature: what they forgive, what they punish, and known values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from genmo_studio.motion.body import load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.training import metrics_protocols as protocols

SEED = st.integers(0, 2**31)


def walk(frames: int = 60, speed: float = 0.04) -> Motion:
    places = np.zeros((frames, 3), np.float32)
    places[:, 2] = speed * np.arange(frames)
    return Motion(rotations=np.zeros((frames, 24, 3), np.float32), translation=places)


@given(seed=SEED)
def test_npss_knows_what_a_spectrum_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    time = np.arange(30) / 30
    truth = np.cos(2 * np.pi * 2 * time)[None, :, None] * rng.uniform(0.5, 1.5, (3, 1, 4)) + 0.1
    assert protocols.npss(truth, truth) == 0
    assert protocols.npss(2 * truth, truth) == pytest.approx(0, abs=1e-9)  # only the shares count
    still = np.broadcast_to(truth[:, :1], truth.shape)
    assert protocols.npss(still, truth) > protocols.npss(truth + rng.normal(0, 0.01, truth.shape), truth)


@given(seed=SEED)
def test_the_root_error_forgives_where_and_whither_but_not_how_far(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = np.cumsum(rng.normal(0, 0.05, (80, 3)), 0)
    moved = truth @ Rotation.random(rng=rng).as_matrix().T + rng.normal(size=3)
    assert protocols.root_translation_error(moved, truth) < 1e-6
    assert protocols.root_translation_error(1.3 * moved, truth) > 0.5
    assert protocols.root_translation_error(moved, np.zeros((80, 3))) == 0


def test_hips_are_what_aligns_the_joints() -> None:
    truth = np.random.default_rng(0).normal(size=(5, 24, 3))
    moved = truth + np.random.default_rng(1).normal(size=(5, 1, 3))
    assert protocols.hip_aligned_mpjpe(moved, truth) < 1e-12
    off = truth.copy()
    off[:, 0] += 1  # the pelvis alone is wrong: one joint of 24, and no other moves with it
    assert protocols.hip_aligned_mpjpe(off, truth) == pytest.approx(3**0.5 / 24)


def test_sliding_counts_where_the_true_foot_rests() -> None:
    body = load_body("genmo-free")
    points = protocols.foot_vertices(body)
    placed = body.v_template[list(points)]
    assert len(set(points)) == 4
    assert (placed[:2, 0] > 0).all()  # left is +x
    assert (placed[2:, 0] < 0).all()
    assert (placed[:, 1] < body.v_template[:, 1].min() + 0.04).all()
    assert placed[1, 2] - placed[0, 2] > 0.1  # from heel to toes
    assert placed[3, 2] - placed[2, 2] > 0.1
    still = walk(20, 0.0)
    assert protocols.foot_sliding(walk(20, 0.03), still, body) == pytest.approx(30, rel=1e-3)
    assert protocols.foot_sliding(still, walk(20, 0.03), body) == 0  # the true foot never rests


def test_beats_of_a_dance_lie_where_it_pauses() -> None:
    frames = np.arange(180)
    positions = np.zeros((180, 24, 3))
    positions[:, 20, 0] = np.cumsum(np.abs(np.sin(np.pi * (frames - 15) / 30)))  # stops at 15, 45, 75, ..
    dance = protocols.dance_beats(positions)
    music = np.arange(15, 180, 30)
    assert np.abs(dance[:, None] - music).min(axis=1).max() <= 1
    assert protocols.beat_alignment(music, dance) > 0.85
    assert protocols.beat_alignment(music + 15, dance[:-1]) < 0.05
    assert protocols.beat_alignment(music[:0], dance) is None
    assert protocols.beat_alignment(music, dance[:0]) == 0


def test_speeding_up_over_sliding_feet_is_implausible() -> None:
    rng = np.random.default_rng(0)
    positions = np.zeros((60, 24, 3))
    positions += np.cumsum(rng.normal(0, 0.02, (60, 1, 3)) * (1, 0, 1), 0)  # all joints glide together
    planted = positions.copy()
    planted[:, [7, 10]] = 0
    assert protocols.physical_foot_contact(positions) > 1
    assert protocols.physical_foot_contact(planted) == 0  # one standing foot explains it
    assert protocols.physical_foot_contact(np.zeros((10, 24, 3))) == 0


@settings(max_examples=20)
@given(seed=SEED)
def test_frechet_distance_of_shifted_and_scaled_clouds(seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=(400, 3))
    assert protocols.frechet_distance(x, x) == pytest.approx(0, abs=1e-6)
    assert protocols.frechet_distance(x + 2, x) == pytest.approx(12, rel=1e-6)
    spread = np.cov(x, rowvar=False)
    assert protocols.frechet_distance(3 * (x - x.mean(0)), x - x.mean(0)) == pytest.approx(
        4 * np.trace(spread), rel=1e-6
    )
    with pytest.raises(ValueError, match="two samples"):
        protocols.frechet_distance(x[:1], x)


def test_r_precision_counts_ranks_within_batches() -> None:
    rng = np.random.default_rng(0)
    texts = rng.normal(size=(70, 8))
    assert protocols.r_precision(texts, texts) == [1, 1, 1]
    assert protocols.r_precision(texts, np.roll(texts, 1, axis=0))[0] == 0
    chance = np.mean([protocols.r_precision(texts, rng.normal(size=(70, 8))) for _ in range(40)], axis=0)
    np.testing.assert_allclose(chance, [1 / 32, 2 / 32, 3 / 32], atol=0.02)
    assert protocols.r_precision(np.zeros((64, 8)), np.zeros((64, 8))) == [0, 0, 0]  # a constant knows nothing
    with pytest.raises(ValueError, match="there are 31"):
        protocols.r_precision(texts[:31], texts[:31])


def test_pairs_are_of_different_samples() -> None:
    two = np.array([[0.0], [1.0]])
    assert protocols.mean_pair_distance(two) == 1
    assert protocols.mean_pair_distance(two[:1]) == 0


def test_kinetic_features_are_speeds_and_accelerations_per_joint() -> None:
    time = np.arange(61)[:, None, None] / 30
    glide = np.concatenate([2 * time, 0 * time, 0 * time], axis=-1) * np.ones((1, 2, 1))  # 2 m/s over the ground
    np.testing.assert_allclose(protocols.kinetic_features(glide), [4, 0, 0] * 2, atol=1e-9)
    falls = np.concatenate([0 * time, -4.9 * time**2, 0 * time], axis=-1)
    ground, up, energy = protocols.kinetic_features(falls)
    assert (ground, energy) == (0, pytest.approx(9.8))
    assert up == pytest.approx(9.8**2 * 4 / 3, rel=0.05)
    rng = np.random.default_rng(0)
    dances = np.stack([protocols.kinetic_features(np.cumsum(rng.normal(0, 0.01, (60, 5, 3)), 0)) for _ in range(40)])
    assert protocols.kinetic_frechet_distance(dances, dances) == pytest.approx(0, abs=1e-6)
    assert protocols.kinetic_frechet_distance(2 * dances, dances) > 1
