"""Inverse kinematics reaches what can be reached, bends the natural way, and leaves alone what is in place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genmo_studio.motion.body import forward_kinematics, load_body
from genmo_studio.motion.ik import LIMBS, chain_above, reach_with_limb, shortest_arc, solve_positions
from genmo_studio.motion.rotations import matrix_from_rotvec, rotate, rotvec_from_matrix

REST = load_body("genmo-free").rest_joints(np.zeros(10))
SEEDS = st.integers(0, 10**6)


def random_pose(rng, frames, scale=0.4):
    local = matrix_from_rotvec(rng.normal(scale=scale, size=(frames, 24, 3)))
    return local, rng.normal(size=(frames, 3))


@settings(max_examples=40)
@given(seed=SEEDS, name=st.sampled_from(sorted(LIMBS)), keep=st.booleans())
def test_limb_meets_every_target_in_reach(seed, name, keep):
    rng, limb = np.random.default_rng(seed), LIMBS[name]
    local, translation = random_pose(rng, 8)
    turned, placed = forward_kinematics(local, REST, translation)
    length = np.linalg.norm(REST[limb.middle] - REST[limb.start]) + np.linalg.norm(REST[limb.end] - REST[limb.middle])
    direction = rng.normal(size=(8, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    targets = placed[:, limb.start] + direction * length * rng.uniform(0.3, 0.99, size=(8, 1))
    solved = reach_with_limb(local, REST, translation, limb, targets=targets, keep_end_orientation=keep)
    turned_after, placed_after = forward_kinematics(solved, REST, translation)
    np.testing.assert_allclose(placed_after[:, limb.end], targets, atol=2e-4)
    if keep:
        np.testing.assert_allclose(turned_after[:, limb.end], turned[:, limb.end], atol=1e-9)
    others = [j for j in range(24) if j not in (limb.start, limb.middle, limb.end)]
    np.testing.assert_array_equal(solved[:, others], local[:, others])


@settings(max_examples=20)
@given(seed=SEEDS, name=st.sampled_from(sorted(LIMBS)))
def test_limb_in_place_stays_and_too_far_points_at_the_target(seed, name):
    rng, limb = np.random.default_rng(seed), LIMBS[name]
    local, translation = random_pose(rng, 8)
    local[:, limb.middle] = matrix_from_rotvec(np.array(limb.hinge) * rng.uniform(0.05, 2, size=(8, 1)))
    _, placed = forward_kinematics(local, REST, translation)
    same = reach_with_limb(local, REST, translation, limb, targets=placed[:, limb.end], keep_end_orientation=False)
    np.testing.assert_allclose(same, local, atol=1e-9)
    away = rng.normal(size=(8, 3)) * 10
    stretched = reach_with_limb(
        local, REST, translation, limb, targets=placed[:, limb.start] + away, keep_end_orientation=False
    )
    _, reached = forward_kinematics(stretched, REST, translation)
    reach = reached[:, limb.end] - reached[:, limb.start]
    cosine = (reach * away).sum(1) / np.linalg.norm(reach, axis=1) / np.linalg.norm(away, axis=1)
    np.testing.assert_allclose(cosine, 1, atol=1e-6)


@pytest.mark.parametrize("name", sorted(LIMBS))
def test_straight_limb_bends_like_a_human(name):
    limb = LIMBS[name]
    local = np.tile(np.eye(3), (30, 24, 1, 1))
    _, placed = forward_kinematics(local, REST, np.zeros((30, 3)))
    share = np.linspace(1.0, 0.5, 30)[:, None]
    targets = placed[:, limb.start] + share * (placed[:, limb.end] - placed[:, limb.start])
    solved = reach_with_limb(local, REST, np.zeros((30, 3)), limb, targets=targets, keep_end_orientation=False)
    bends = rotvec_from_matrix(solved[:, limb.middle])
    assert ((bends @ np.array(limb.hinge))[5:] > 0.8 * np.linalg.norm(bends, axis=1)[5:]).all()
    if "leg" in name:
        _, after = forward_kinematics(solved, REST, np.zeros((30, 3)))
        assert (after[5:, limb.middle, 2] > after[5:, limb.end, 2]).all()  # knees go forward


@settings(max_examples=50)
@given(seed=SEEDS, opposite=st.booleans())
def test_shortest_arc(seed, opposite):
    a, b = np.random.default_rng(seed).normal(size=(2, 3))
    b = -a if opposite else b
    turned = rotate(shortest_arc(a, b), a / np.linalg.norm(a))
    np.testing.assert_allclose(turned, b / np.linalg.norm(b), atol=1e-9)


@settings(max_examples=15)
@given(seed=SEEDS)
def test_solve_positions_reaches_and_only_turns_what_is_free(seed):
    rng = np.random.default_rng(seed)
    local, translation = random_pose(rng, 1, 0.3)
    wish = local[0].copy()
    for joint in chain_above(15):
        wish[joint] = wish[joint] @ matrix_from_rotvec(rng.normal(scale=0.1, size=3))
    _, placed = forward_kinematics(wish, REST, translation[0])
    solved = solve_positions(local[0], REST, translation[0], targets={15: placed[15]}, free=chain_above(15))
    _, after = forward_kinematics(solved, REST, translation[0])
    assert np.linalg.norm(after[15] - placed[15]) < 1e-3
    kept = [j for j in range(24) if j not in chain_above(15)]
    np.testing.assert_array_equal(solved[kept], local[0][kept])
