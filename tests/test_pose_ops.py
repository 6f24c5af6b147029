"""Poses made from poses: the laws that mirror, breakdown, blend and difference keep."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genmo_studio.motion.body import load_body
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.pose_ops import (
    Plane,
    blended,
    breakdown,
    copied,
    difference,
    heading_of,
    mirrored,
    pasted_flipped,
    reset,
    t_pose,
    with_joints,
)
from genmo_studio.motion.rotations import angle_between, matrix_from_rotvec
from genmo_studio.motion.skeleton import MIRROR, REGIONS

REST = load_body("genmo-free").rest_joints(np.zeros(10))
SEEDS = st.integers(0, 10**6)
LEFT_ARM = REGIONS["left_arm"]


def random_pose(seed: int, *, scale: float = 0.6) -> Pose:
    rng = np.random.default_rng(seed)
    return Pose(rng.normal(scale=scale, size=(24, 3)), rng.normal(size=3))


def apart(a: Pose, b: Pose) -> float:
    """rad and m."""
    turned = angle_between(a.matrices(), b.matrices()).max()
    return float(max(turned, np.abs(a.translation - b.translation).max()))


@settings(max_examples=60)
@given(seed=SEEDS, plane=st.sampled_from(Plane))
def test_gz8_mirroring_twice_gives_the_pose_back(seed, plane):
    pose = random_pose(seed)
    assert apart(mirrored(mirrored(pose, REST, plane=plane), REST, plane=plane), pose) < 1e-9


@settings(max_examples=60)
@given(seed=SEEDS)
def test_gz8_mirroring_in_the_world_reflects_every_joint(seed):
    pose = random_pose(seed)
    placed = pose.world(REST)[1]
    np.testing.assert_allclose(
        mirrored(pose, REST, plane=Plane.WORLD_X).world(REST)[1][list(MIRROR)], placed * [-1, 1, 1], atol=2e-3
    )  # the free body's own left and right differ by less than 2 mm


@settings(max_examples=60)
@given(seed=SEEDS)
def test_gz8_mirroring_in_the_body_keeps_place_and_heading(seed):
    pose = random_pose(seed)
    image = mirrored(pose, REST)
    np.testing.assert_array_equal(image.translation, pose.translation)
    assert np.cos(heading_of(image) - heading_of(pose)) > 1 - 1e-9
    angle = heading_of(pose)
    across = np.array([np.cos(angle), 0, -np.sin(angle)])  # normal of the plane
    pelvis = pose.world(REST)[1][0]
    off = pose.world(REST)[1] - pelvis
    reflected = off - 2 * (off @ across)[:, None] * across
    np.testing.assert_allclose((image.world(REST)[1] - pelvis)[list(MIRROR)], reflected, atol=2e-3)


@settings(max_examples=30)
@given(seed=SEEDS)
def test_gz8_mirroring_some_joints_leaves_the_others(seed):
    pose = random_pose(seed)
    image = mirrored(pose, REST, joints=LEFT_ARM)
    others = [joint for joint in range(24) if joint not in LEFT_ARM]
    np.testing.assert_array_equal(image.rotations[others], pose.rotations[others])
    np.testing.assert_array_equal(image.translation, pose.translation)
    np.testing.assert_allclose(
        image.rotations[list(LEFT_ARM)], pose.rotations[[MIRROR[j] for j in LEFT_ARM]] * [1, -1, -1]
    )


@settings(max_examples=60)
@given(first=SEEDS, second=SEEDS)
def test_gz8_breakdown_is_exact_at_its_ends_and_even_between(first, second):
    a, b = random_pose(first), random_pose(second)
    assert breakdown(a, b, 0.0).same_as(a)
    assert breakdown(a, b, 1.0).same_as(b)
    full = angle_between(a.matrices(), b.matrices())
    for share in (0.25, 0.5, 0.8):
        np.testing.assert_allclose(
            angle_between(a.matrices(), breakdown(a, b, share).matrices()), share * full, atol=1e-7
        )
    assert apart(breakdown(a, b, 0.3), breakdown(b, a, 0.7)) < 1e-6


def test_gz8_breakdown_overshoots_and_stops_at_half():
    a = t_pose()
    b = with_joints(a, {18: np.array([0.0, -1.0, 0.0])})
    np.testing.assert_allclose(breakdown(a, b, 1.5).rotations[18], [0, -1.5, 0], atol=1e-9)
    np.testing.assert_allclose(breakdown(a, b, -0.5).rotations[18], [0, 0.5, 0], atol=1e-9)
    assert breakdown(a, b, 9.0).same_as(breakdown(a, b, 1.5))
    only = breakdown(a, b, 0.5, joints=[4], of=b)
    np.testing.assert_array_equal(only.rotations, b.rotations)


@settings(max_examples=30)
@given(seed=SEEDS, other=SEEDS)
def test_gz8_copy_and_paste_flipped(seed, other):
    pose, source = random_pose(seed), random_pose(other)
    pasted = copied(pose, source, joints=LEFT_ARM)
    np.testing.assert_array_equal(pasted.rotations[list(LEFT_ARM)], source.rotations[list(LEFT_ARM)])
    assert pasted.translation is pose.translation
    flipped = pasted_flipped(pose, source, REST, joints=LEFT_ARM)
    right = [MIRROR[joint] for joint in LEFT_ARM]
    np.testing.assert_allclose(flipped.rotations[right], source.rotations[list(LEFT_ARM)] * [1, -1, -1])
    others = [joint for joint in range(24) if joint not in right]
    np.testing.assert_array_equal(flipped.rotations[others], pose.rotations[others])
    whole = pasted_flipped(pose, source, REST, joints=None)
    assert np.cos(heading_of(whole) - heading_of(pose)) > 1 - 1e-9
    np.testing.assert_array_equal(whole.translation[[0, 2]], pose.translation[[0, 2]])
    assert whole.translation[1] == source.translation[1]


def test_gz8_reset_to_rest_and_to_what_was_generated():
    pose, generated = random_pose(1), random_pose(2)
    back = reset(pose, joints=[18, 20])
    assert not back.rotations[[18, 20]].any()
    np.testing.assert_array_equal(back.rotations[:18], pose.rotations[:18])
    assert reset(pose, joints=None, to=generated).same_as(generated)
    stood = reset(pose, joints=None)
    assert not stood.rotations[1:].any()
    assert heading_of(stood) == pytest.approx(heading_of(pose))
    np.testing.assert_array_equal(stood.translation, pose.translation)


@settings(max_examples=60)
@given(first=SEEDS, second=SEEDS)
def test_difference_leads_from_one_pose_to_the_other(first, second):
    a, b = random_pose(first), random_pose(second)
    found = difference(a, b)
    assert apart(found.added(a), b) < 1e-6
    assert apart(found.added(a, weight=0.0), a) < 1e-6
    assert difference(a, a).changed() == ()
    some = found.added(a, joints=[5])
    assert difference(a, some).changed() in ((5,), ())
    np.testing.assert_array_equal(some.translation, a.translation)


@settings(max_examples=40)
@given(first=SEEDS, second=SEEDS, share=st.floats(0.05, 0.95))
def test_blend_of_two_is_their_breakdown_and_of_one_itself(first, second, share):
    a, b = random_pose(first), random_pose(second)
    assert apart(blended([a], [3.0]), a) < 1e-9
    near = breakdown(a, b, 0.4)  # less than a half turn apart, where the mean is one
    assert apart(blended([a, near], [1 - share, share]), breakdown(a, near, share)) < 1e-6
    assert apart(blended([a, near], [2, 1]), blended([near, a], [1, 2])) < 1e-6


def test_blends_need_weights():
    with pytest.raises(ValueError, match="positive"):
        blended([t_pose()], [0.0])
    with pytest.raises(ValueError, match="2 poses and 1 weights"):
        blended([t_pose(), t_pose()], [1.0])


def test_t_pose_stands_on_the_ground_and_faces_z():
    pose = t_pose(REST, ground=0.0)
    turned, placed = pose.world(REST)
    assert placed[:, 1].min() == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_array_equal(turned, np.tile(np.eye(3), (24, 1, 1)))
    assert heading_of(pose) == 0.0


@pytest.mark.parametrize("tilt", [-1.5707, 1.5707])
def test_heading_of_a_body_that_lies_is_where_its_head_or_feet_lead(tilt):
    pose = Pose(np.zeros((24, 3)), np.zeros(3))
    turned = with_joints(pose, {0: np.array([tilt, 0.0, 0.0])})
    assert abs(heading_of(turned)) < 1e-6
    image = mirrored(turned, REST)
    assert apart(image, turned) < 1e-3
    assert matrix_from_rotvec(image.rotations[0])[1, 1] < 0.01
