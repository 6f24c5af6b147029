"""The 151 channels: layout, round trips through the world, and agreement with the public release's vectors."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genmo_studio.motion import rotations as r
from genmo_studio.motion.release_rollout import release_world_rollout
from genmo_studio.motion.representation import (
    CHANNELS,
    LAYOUT,
    Features,
    TurnIntegration,
    anchored,
    cam_angvel_from_rotations,
    camera_to_gravity_view,
    camera_translation,
    decode,
    encode,
    encode_root,
    gravity_view_orientations,
    pred_cam_from_translation,
    world_rollout,
)

REFERENCE = Path(__file__).parents[1].parent / "shared" / "reference"
CASES = ("c0", "c1", "c2")


@pytest.fixture(scope="module")
def reference():
    if not REFERENCE.is_dir():
        pytest.skip("the release's reference vectors are not beside the project")
    with np.load(REFERENCE / "gem_tiny.npz") as file:
        vectors = {name: file[name] for name in file.files}
    stats = json.loads((REFERENCE / "gem_stats.json").read_text())
    mean, deviation = np.array(stats["mean"], np.float32), np.maximum(np.array(stats["std"], np.float32), 1)
    return vectors, mean, deviation


def smooth_motion(rng, frames, batch=()):
    """Random smooth orientations (near upright), translations and camera rotations."""

    def wander(scale, size):
        steps = rng.normal(size=(*batch, frames, size)).cumsum(-2)
        return steps * scale / np.sqrt(frames)

    upright = r.matrix_from_rotvec(wander(0.3, 3))
    orient = r.yaw_matrix(rng.uniform(-3, 3) + wander(2.0, 1)[..., 0]) @ upright
    camera = r.matrix_from_rotvec(wander(0.5, 3) + rng.normal(size=3) * 0.3)
    looking_forward = np.array([[-1.0, 0, 0], [0, -1, 0], [0, 0, 1]])  # y-up world into a camera with y down
    return orient, wander(1.0, 3), camera @ looking_forward


def test_layout():
    assert CHANNELS == 151
    assert [(name, part.start, part.stop) for name, part in LAYOUT.items()] == [
        ("body_pose", 0, 126),
        ("betas", 126, 136),
        ("global_orient", 136, 142),
        ("global_orient_gv", 142, 148),
        ("local_transl_vel", 148, 151),
    ]


@pytest.mark.parametrize("library", [np.asarray, torch.tensor], ids=["numpy", "torch"])
def test_encode_and_decode_are_inverse(library):
    rng = np.random.default_rng(0)
    features = Features(
        body_pose=library(r.matrix_from_rotvec(rng.normal(size=(2, 7, 21, 3)))),
        betas=library(rng.normal(size=(2, 7, 10))),
        global_orient=library(r.matrix_from_rotvec(rng.normal(size=(2, 7, 3)))),
        global_orient_gv=library(r.matrix_from_rotvec(rng.normal(size=(2, 7, 3)))),
        local_transl_vel=library(rng.normal(size=(2, 7, 3))),
    )
    channels = encode(features)
    assert channels.shape == (2, 7, 151)
    again = decode(channels)
    for name in LAYOUT:
        np.testing.assert_allclose(getattr(again, name), getattr(features, name), atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), frames=st.integers(1, 60), batched=st.booleans())
def test_rollout_inverts_encoding_up_to_first_heading_and_position(seed, frames, batched):
    orient, transl, camera = smooth_motion(np.random.default_rng(seed), frames, (2,) if batched else ())
    in_camera, in_gv, velocity = encode_root(orient, transl, camera)
    rolled = world_rollout(
        global_orient=in_camera,
        global_orient_gv=in_gv,
        cam_angvel=cam_angvel_from_rotations(camera),
        local_transl_vel=velocity,
        integration=TurnIntegration.EXACT,
    )
    heading = r.heading_from_matrix(orient[..., 0, :, :])
    back_orient, back_transl = anchored(*rolled, heading=heading, position=transl[..., 0, :])
    np.testing.assert_allclose(back_orient, orient, atol=1e-8)
    np.testing.assert_allclose(back_transl, transl, atol=1e-8)


def test_release_integration_is_exact_for_a_camera_at_rest():
    orient, transl, camera = smooth_motion(np.random.default_rng(1), 50)
    camera = np.repeat(camera[:1], 50, axis=0)
    in_camera, in_gv, velocity = encode_root(orient, transl, camera)
    rolled = {
        integration: world_rollout(
            global_orient=in_camera,
            global_orient_gv=in_gv,
            cam_angvel=cam_angvel_from_rotations(camera),
            local_transl_vel=velocity,
            integration=integration,
        )
        for integration in TurnIntegration
    }
    for released, exact in zip(rolled[TurnIntegration.RELEASE], rolled[TurnIntegration.EXACT], strict=True):
        np.testing.assert_allclose(released, exact, atol=1e-12)


def test_gravity_view_frame():
    looking_level = np.array([[-1.0, 0, 0], [0, -1, 0], [0, 0, 1]])
    for pitch in (-0.7, 0.0, 0.9):
        camera = r.matrix_from_rotvec(np.array([pitch, 0, 0])) @ looking_level
        to_view = camera_to_gravity_view(camera)
        np.testing.assert_allclose(to_view @ camera @ [0, 1, 0], [0, 1, 0], atol=1e-12)
        assert (to_view @ [0, 0, 1])[2] > 0.5
        assert abs((to_view @ [0, 0, 1])[0]) < 1e-12
        orient = r.yaw_matrix(0.4)
        np.testing.assert_allclose(gravity_view_orientations(orient, camera), orient, atol=1e-12)
    for pitch in (-np.pi / 2, np.pi / 2):  # straight up and straight down
        to_view = camera_to_gravity_view(r.matrix_from_rotvec(np.array([pitch, 0, 0])) @ looking_level)
        np.testing.assert_allclose(to_view @ to_view.T, np.eye(3), atol=1e-9)


def test_rollout_has_finite_gradients_in_float32():
    rng = np.random.default_rng(2)
    channels = torch.tensor(rng.normal(size=(3, 40, 151)), dtype=torch.float32, requires_grad=True)
    still = torch.tensor([1.0, 0, 0, 0, 1, 0]).expand(3, 40, 6)
    for integration in TurnIntegration:
        features = decode(channels)
        orient, transl = world_rollout(
            global_orient=features.global_orient,
            global_orient_gv=features.global_orient_gv,
            cam_angvel=still,
            local_transl_vel=features.local_transl_vel,
            integration=integration,
        )
        (gradient,) = torch.autograd.grad(orient.sum() + transl.sum(), channels)
        assert torch.isfinite(gradient).all()


def test_camera_translation_has_an_inverse():
    rng = np.random.default_rng(3)
    transl = rng.normal(loc=(0, 0, 5), size=(9, 3))
    box = rng.uniform(200, 600, size=(9, 3))
    intrinsics = np.broadcast_to(np.array([[900.0, 0, 320], [0, 900, 240], [0, 0, 1]]), (9, 3, 3))
    again = camera_translation(pred_cam_from_translation(transl, box, intrinsics), box, intrinsics)
    np.testing.assert_allclose(again, transl, atol=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_agrees_with_the_release(reference, case):
    vectors, mean, deviation = reference
    features = decode(vectors[f"{case}_ddim50_x0"] * deviation + mean)
    decoded = {name: vectors[f"{case}_dec_{name}"] for name in LAYOUT}
    for name in ("body_pose", "global_orient", "global_orient_gv"):
        ours = getattr(features, name)
        theirs = r.matrix_from_rotvec(decoded[name].reshape(*ours.shape[:-2], 3))
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    np.testing.assert_allclose(features.betas, decoded["betas"], atol=1e-4)
    np.testing.assert_allclose(features.local_transl_vel, decoded["local_transl_vel"], atol=1e-4)

    world_orient = r.matrix_from_rotvec(vectors[f"{case}_world_global_orient"])
    world_transl = vectors[f"{case}_world_transl"]
    cam_angvel = vectors[f"{case}_in_cam_angvel"]
    names = ("global_orient", "global_orient_gv", "local_transl_vel")
    orient, transl = release_world_rollout(
        **{name: torch.tensor(decoded[name]) for name in names}, cam_angvel=torch.tensor(cam_angvel)
    )
    np.testing.assert_allclose(orient, world_orient, atol=1e-4)
    np.testing.assert_allclose(transl, world_transl, atol=1e-4)

    # the better rounding of the function in use: the paths are 100 m long, so compare them in metres a metre
    orient, transl = world_rollout(
        global_orient=features.global_orient,
        global_orient_gv=features.global_orient_gv,
        cam_angvel=cam_angvel,
        local_transl_vel=features.local_transl_vel,
    )
    np.testing.assert_allclose(orient, world_orient, atol=5e-4)
    np.testing.assert_allclose(transl, world_transl, atol=3e-4 * np.abs(world_transl).max())

    box, intrinsics = vectors[f"{case}_in_bbx_xys"], vectors[f"{case}_in_K_fullimg"]
    in_camera = camera_translation(vectors[f"{case}_ddim50_pred_cam"], box, intrinsics)
    np.testing.assert_allclose(in_camera, vectors[f"{case}_incam_transl"], atol=1e-4)
