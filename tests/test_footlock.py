"""Foot clean-up and contact figures on a walk whose plants are known."""

import numpy as np
import pytest
import torch

from genmo_studio.motion.body import joint_positions, load_body
from genmo_studio.motion.contacts import contact_labels, foot_skate, motion_quality, sole_heights
from genmo_studio.motion.correction import meet_keys, pose_target_of
from genmo_studio.motion.footlock import lock_feet
from genmo_studio.motion.ik import LIMBS, reach_with_limb
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import rotvec_from_matrix
from genmo_studio.values import replace

BODY = load_body("genmo-free")
REST = BODY.rest_joints(np.zeros(10))
STEP, LIFT = 20, 0.12  # frames a step, m


def walk(frames=120):
    """A walk along +z: each foot stands for a step and swings for the next; flat feet, so plants are exact."""
    time = np.arange(frames)
    standing = -float(BODY.v_template[:, 1].min())
    speed = 0.5 / STEP
    translation = np.zeros((frames, 3))
    translation[:, 1], translation[:, 2] = standing - 0.04, time * speed
    local = np.tile(np.eye(3), (frames, 24, 1, 1))
    contacts = np.zeros((frames, 6), np.float32)
    for column, (name, phase) in enumerate((("left_leg", 0), ("right_leg", STEP))):
        limb = LIMBS[name]
        cycle, place = np.divmod(time + phase, 2 * STEP)
        swing = np.clip((place - STEP) / STEP, 0, 1)
        smooth = swing * swing * (3 - 2 * swing)
        ahead = (cycle * 2 * STEP - phase + STEP / 2) * speed + smooth * 2 * STEP * speed
        targets = np.tile(REST[limb.end], (frames, 1))
        targets[:, 1] += standing + LIFT * np.sin(np.pi * swing) ** 2
        targets[:, 2] += ahead
        local = reach_with_limb(local, REST, translation, limb, targets=targets, keep_end_orientation=True)
        contacts[:, 2 * column : 2 * column + 2] = (place < STEP)[:, None]
    return Motion(
        rotations=rotvec_from_matrix(local).astype(np.float32),
        translation=translation.astype(np.float32),
        contacts=contacts,
    )


def skating(seed, drift=0.2, frames=120):
    """The same walk on a drifting root."""
    rng = np.random.default_rng(seed)
    motion = walk(frames)
    time = np.arange(frames)[:, None] / 30
    slide = sum(rng.normal(scale=drift / f, size=(1, 3)) * np.sin(f * time + rng.uniform(0, 6)) for f in (1.5, 3.0))
    slide[:, 1] *= 0.1
    return replace(motion, translation=(motion.translation + slide).astype(np.float32))


def worst_acceleration(motion):
    legs = joint_positions(motion, BODY).astype(np.float64)[:, [4, 5, 7, 8, 10, 11]]
    return np.linalg.norm(np.diff(legs, n=2, axis=0), axis=-1).max() * 900


def test_figures_of_a_clean_walk():
    motion = walk()
    quality = motion_quality(motion, BODY)
    assert quality.foot_skate < 0.01
    assert quality.penetration < 0.005
    assert quality.floating < 0.01
    slid = motion_quality(skating(0), BODY)
    assert slid.foot_skate > 0.1
    positions = joint_positions(motion, BODY)
    assert foot_skate(positions, None, 30) < 0.15 < foot_skate(joint_positions(skating(0), BODY), None, 30)
    assert sole_heights(BODY, motion.betas)[0] == pytest.approx(sole_heights(BODY, motion.betas)[2])


def test_labels_are_the_joints_slower_than_15_cm_a_second():
    positions = np.zeros((10, 24, 3), np.float32)
    speeds = {7: 0.10, 10: 0.149, 8: 0.151, 11: 1.0, 20: 0.0, 21: 0.3}
    for joint, speed in speeds.items():
        positions[:, joint, 0] = np.arange(10) * speed / 30
    labels = contact_labels(positions, 30.0)
    np.testing.assert_array_equal(labels, np.tile([1, 1, 0, 0, 1, 0], (10, 1)))
    np.testing.assert_array_equal(contact_labels(torch.tensor(positions), 30.0), labels)
    assert contact_labels(positions[:1]).shape == (1, 6)


@pytest.mark.parametrize("keys", [(), (37,), (0, 50, 51, 119)])
@pytest.mark.parametrize("seed", [2, 3, 13, 15])
def test_feet_stop_skating_without_pops_and_protected_frames_stay(seed, keys):
    motion = skating(seed)
    protected = sorted(keys)
    locked, report = lock_feet(motion, BODY, protected=protected)
    assert report.skate_before == pytest.approx(foot_skate(joint_positions(motion, BODY), motion.contacts, 30))
    assert report.skate_after == pytest.approx(foot_skate(joint_positions(locked, BODY), motion.contacts, 30))
    assert report.skate_after < (0.5 if keys else 0.35) * report.skate_before
    np.testing.assert_array_equal(locked.rotations[protected], motion.rotations[protected])
    np.testing.assert_array_equal(locked.translation[protected], motion.translation[protected])
    legs = [1, 2, 4, 5, 7, 8]
    others = [j for j in range(24) if j not in legs]
    np.testing.assert_array_equal(locked.rotations[:, others], motion.rotations[:, others])
    assert worst_acceleration(locked) < worst_acceleration(motion) + 25
    straight = -0.13  # the rest pose's knees are bent by 7 degrees
    assert locked.rotations[:, [4, 5], 0].min() > straight
    assert np.isfinite(locked.rotations).all()


def test_a_clean_walk_hardly_changes_and_no_strength_changes_nothing():
    motion = walk()
    locked, report = lock_feet(motion, BODY)
    assert np.abs(joint_positions(locked, BODY) - joint_positions(motion, BODY)).max() < 0.03
    assert report.skate_after <= report.skate_before + 1e-3
    untouched, _ = lock_feet(skating(1), BODY, strength=0.0)
    np.testing.assert_array_equal(untouched.rotations, skating(1).rotations)
    half = lock_feet(skating(1), BODY, strength=0.5)[1]
    full = lock_feet(skating(1), BODY, strength=1.0)[1]
    assert full.skate_after < half.skate_after < full.skate_before


def test_a_hovering_body_is_put_on_the_floor_unless_frames_are_protected():
    motion = walk()
    hovering = replace(motion, translation=motion.translation + np.float32([0, 0.3, 0]))
    locked, report = lock_feet(hovering, BODY)
    assert report.floor_shift == pytest.approx(-0.3, abs=0.01)
    assert motion_quality(locked, BODY).floating < 0.01
    kept, report = lock_feet(hovering, BODY, protected=[5])
    assert report.floor_shift == 0
    np.testing.assert_array_equal(kept.translation[5], hovering.translation[5])
    lowered, report = lock_feet(hovering, BODY, protected=[5], floor=True)
    assert report.floor_shift == pytest.approx(-0.3, abs=0.01)
    np.testing.assert_array_equal(lowered.translation[5, [0, 2]], hovering.translation[5, [0, 2]])


def test_keys_are_still_met_after_the_clean_up():
    motion = skating(4)
    keys = [pose_target_of(skating(5), BODY, frame) for frame in (20, 75)]
    corrected, _, _ = meet_keys(motion, BODY, keys)
    locked, _ = lock_feet(corrected, BODY, protected=[key.frame for key in keys])
    _, before, after = meet_keys(locked, BODY, keys)
    assert before.unmet == after.unmet == ()
