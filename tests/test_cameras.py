"""Synthetic cameras: frames of reference, projection, boxes, and what the made-up detector may and may not say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmo_studio.motion.body import forward_kinematics, load_body
from genmo_studio.training.cameras import (
    COCO_SWAP,
    HEAD_POINTS,
    Faults,
    camera_rotation,
    cliffcam,
    coco_keypoints,
    person_boxes,
    view_motion,
)

ANGLE = st.floats(-3, 3)


@pytest.fixture(scope="module")
def standing():
    """Keypoints (8, 40, 17, 3) and roots of eight people that walk slowly along +z."""
    body = load_body("genmo-free")
    rest = np.asarray(body.rest_joints(np.zeros(10, np.float32)))
    turns = np.tile(np.eye(3, dtype=np.float32), (8, 40, 24, 1, 1))
    path = np.zeros((8, 40, 3), np.float32)
    path[..., 1], path[..., 2] = -body.v_template[:, 1].min(), np.linspace(0, 1, 40)
    world, placed = forward_kinematics(turns, rest, path)
    return coco_keypoints(world, placed), placed[..., 0, :]


@given(yaw=ANGLE, pitch=st.floats(-1.5, 1.5), roll=ANGLE)
def test_cameras_are_rotations_that_look_where_they_say(yaw, pitch, roll):
    turn = camera_rotation(np.array(yaw), np.array(pitch), np.array(roll))
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(turn) == pytest.approx(1)
    forward = np.array([np.sin(yaw) * np.cos(pitch), -np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
    np.testing.assert_allclose(turn @ forward, (0, 0, 1), atol=1e-9)


def test_a_level_camera_has_up_above_and_left_mirrored():
    """Someone who faces the camera has the left hand on the picture's right."""
    turn = camera_rotation(np.array(np.pi), np.array(0.0), np.array(0.0))  # looks along -z at a face towards +z
    assert (turn @ (0, 1, 0))[1] == pytest.approx(-1)
    assert (turn @ (1, 0, 0))[0] == pytest.approx(1)


def test_the_face_lies_on_the_head_of_the_body():
    body = load_body("genmo-free")
    head = np.asarray(body.rest_joints(np.zeros(10, np.float32)))[15]
    near = np.linalg.norm(body.v_template - (head + HEAD_POINTS)[:, None], axis=-1).min(1)
    assert near.max() < 0.012
    assert HEAD_POINTS[1, 0] > 0  # the left eye is on the left


def test_exact_keypoints_are_the_projection(standing):
    points, root = standing
    views = view_motion(points, root, rng=np.random.default_rng(1), faults=Faults.NONE)
    local = (points - views.camera_position[:, :, None]) @ np.swapaxes(views.world_to_camera, -1, -2)
    image = local @ np.swapaxes(views.intrinsics, -1, -2)
    pixels = image[..., :2] / image[..., 2:]
    assert views.has_2d.all()
    np.testing.assert_allclose(views.keypoints[..., :2], pixels, rtol=1e-4, atol=0.05)
    assert (pixels[..., 0, 1] < pixels[..., 15, 1]).all()  # the nose is above the ankle
    np.testing.assert_allclose(views.cliffcam, cliffcam(views.bbox_xys, views.intrinsics))


def test_boxes_hold_the_seen_keypoints():
    rng = np.random.default_rng(0)
    points = rng.uniform(0, 500, (20, 17, 2))
    seen = rng.random((20, 17)) < 0.6
    boxes = person_boxes(points, seen)
    offset = np.abs(points - boxes[:, None, :2]).max(-1)
    assert (np.where(seen, offset, 0) <= boxes[:, 2:] / 2).all()
    tall = person_boxes(np.array([[[0.0, 0], [10, 100]]]), np.ones((1, 2), bool))
    np.testing.assert_allclose(tall, [[5, 50, 120]])
    wide = person_boxes(np.array([[[0.0, 0], [300, 100]]]), np.ones((1, 2), bool))
    np.testing.assert_allclose(wide, [[150, 50, 480]])
    np.testing.assert_allclose(
        person_boxes(points[:1], np.zeros((1, 17), bool)), person_boxes(points[:1], seen[:1] | True)
    )


@given(seed=st.integers(0, 2**31))
def test_the_detector_stays_within_its_rules(standing, seed):
    points, root = standing
    views = view_motion(points, root, rng=np.random.default_rng(seed))
    confidence = views.keypoints[..., 2]
    assert ((confidence >= 0) & (confidence <= 1)).all()
    assert (views.keypoints[confidence == 0] == 0).all()
    assert (views.bbox_xys[..., 2] > 0).all()
    assert (confidence[~views.has_2d] == 0).all()
    assert ((confidence > 0).sum(-1)[views.has_2d] >= 5).all()
    for array in (views.world_to_camera, views.camera_position, views.cliffcam, views.cam_angvel):
        assert array.dtype == np.float32
        assert np.isfinite(array).all()


def test_detections_are_near_the_truth_and_some_are_hidden(standing):
    points, root = standing
    errors, hidden, moving = [], [], []
    for seed in range(30):
        views = view_motion(points, root, rng=np.random.default_rng(seed))
        local = (points - views.camera_position[:, :, None]) @ np.swapaxes(views.world_to_camera, -1, -2)
        image = local @ np.swapaxes(views.intrinsics, -1, -2)
        error = np.linalg.norm(views.keypoints[..., :2] - image[..., :2] / image[..., 2:], axis=-1)
        sure = views.keypoints[..., 2] > 0.4
        errors.append((error / views.bbox_xys[..., 2:])[sure])
        hidden.append(1 - (views.keypoints[..., 2] > 0)[views.has_2d].mean())
        moving.append((np.abs(views.cam_angvel - np.array([1, 0, 0, 0, 1, 0])) > 1e-5).any((1, 2)))
    errors = np.concatenate(errors)
    assert np.median(errors) < 0.015
    assert np.quantile(errors, 0.95) < 0.06
    assert 0.05 < np.mean(hidden) < 0.4
    assert 0.35 < np.mean(np.concatenate(moving)) < 0.75  # the rest are on a tripod


def test_swapping_sides_twice_is_nothing():
    assert np.array_equal(np.array(COCO_SWAP)[list(COCO_SWAP)], np.arange(17))
