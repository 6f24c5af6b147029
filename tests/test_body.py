"""The free body, forward kinematics and skinning, checked against the smplx package where it is installed."""

import numpy as np
import pytest
import torch

from genmo_studio.motion.body import (
    Body,
    forward_kinematics,
    joint_positions,
    load_body,
    skin,
    skinning_transforms,
)
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.motion.skeleton import INDEX, JOINT_COUNT, MIRROR, PARENTS
from genmo_studio.paths import assets
from genmo_studio.values import replace


@pytest.fixture(scope="module")
def body() -> Body:
    return load_body("genmo-free")


def random_motion(rng, frames=4):
    return Motion(
        rotations=rng.normal(scale=0.5, size=(frames, JOINT_COUNT, 3)).astype(np.float32),
        translation=rng.normal(size=(frames, 3)).astype(np.float32),
        betas=rng.normal(size=10).astype(np.float32),
    )


def test_free_body_is_a_symmetric_person_in_t_pose(body):
    assert (assets() / "body" / "genmo_free.npz").stat().st_size <= 3_000_000
    assert (assets() / "body" / "LICENSE.txt").is_file()
    assert 1.7 < np.ptp(body.v_template[:, 1]) < 1.9
    np.testing.assert_allclose(body.weights.sum(1), 1, atol=1e-5)
    np.testing.assert_allclose(body.joint_regressor.sum(1), 1, atol=1e-5)
    rng = np.random.default_rng(0)
    for betas in (np.zeros(10), rng.normal(size=10)):
        joints = body.rest_joints(betas.astype(np.float32))
        np.testing.assert_allclose(joints[0], 0, atol=1e-6)
        np.testing.assert_allclose(joints, joints[list(MIRROR)] * [-1, 1, 1], atol=1e-6)
        assert joints[INDEX["left_wrist"], 0] > 0.5
        assert joints[INDEX["left_foot"], 2] > joints[INDEX["left_ankle"], 2] + 0.05  # the toes point to +z
        arm = joints[[INDEX[f"left_{name}"] for name in ("shoulder", "elbow", "wrist")]]
        np.testing.assert_allclose(np.ptp(arm[:, 1:], axis=0), 0, atol=5e-3)
        np.testing.assert_allclose(body.joint_regressor @ body.shaped(betas), joints, atol=1e-5)


def test_forward_kinematics_equals_the_plain_recursion(body):
    motion = random_motion(np.random.default_rng(1))
    rest = body.rest_joints(motion.betas)
    local = matrix_from_rotvec(motion.rotations)
    turned, placed = forward_kinematics(local, rest, motion.translation)
    for frame in range(len(motion)):
        rotations, positions = [local[frame, 0]], [rest[0] + motion.translation[frame]]
        for joint in range(1, JOINT_COUNT):
            parent = PARENTS[joint]
            positions.append(positions[parent] + rotations[parent] @ (rest[joint] - rest[parent]))
            rotations.append(rotations[parent] @ local[frame, joint])
        np.testing.assert_allclose(turned[frame], rotations, atol=1e-5)
        np.testing.assert_allclose(placed[frame], positions, atol=1e-5)


def test_forward_kinematics_in_torch_with_batches_and_22_joints(body):
    rng = np.random.default_rng(2)
    local = torch.tensor(rng.normal(size=(2, 5, 22, 3)), dtype=torch.float32, requires_grad=True)
    betas = torch.tensor(rng.normal(size=(2, 5, 10)), dtype=torch.float32)
    rest = body.rest_joints(betas)
    assert rest.shape == (2, 5, 24, 3)
    turned, placed = forward_kinematics(matrix_from_rotvec(local), rest[..., :22, :], torch.zeros(2, 5, 3))
    assert turned.shape == (2, 5, 22, 3, 3)
    placed.sum().backward()
    assert torch.isfinite(local.grad).all()
    pose = np.concatenate([local[1, 3].detach().numpy(), np.zeros((2, 3), np.float32)])
    motion = Motion(rotations=pose[None], translation=np.zeros((1, 3), np.float32), betas=betas[1, 3].numpy())
    np.testing.assert_allclose(placed[1, 3].detach(), joint_positions(motion, body)[0, :22], atol=1e-5)


def test_skinning_transforms_move_the_rest_joints_to_the_posed_ones(body):
    motion = random_motion(np.random.default_rng(3))
    rest = body.rest_joints(motion.betas)
    transforms = skinning_transforms(motion.rotations, rest, motion.translation)
    moved = np.einsum("tjab,jb->tja", transforms[..., :3, :3], rest) + transforms[..., :3, 3]
    np.testing.assert_allclose(moved, joint_positions(motion, body), atol=1e-5)
    still = Motion(rotations=np.zeros((1, 24, 3), np.float32), translation=np.ones((1, 3), np.float32))
    np.testing.assert_allclose(skin(body, still)[0], body.v_template + 1, atol=1e-6)


@pytest.mark.parametrize("pose_corrections", [False, True])
def test_skinning_agrees_with_smplx(body, pose_corrections):
    smplx = pytest.importorskip("smplx", reason="the optional extra 'smpl' is not installed")
    rng = np.random.default_rng(4)
    with np.load(assets() / "body" / "genmo_free.npz") as file:
        fields = {name: file[name] for name in file.files}
    if pose_corrections:
        fields["posedirs"] = rng.normal(scale=1e-3, size=fields["posedirs"].shape).astype(np.float32)
        body = replace(body, posedirs=fields["posedirs"])
    oracle = smplx.SMPL("", data_struct=smplx.utils.Struct(**fields))
    motion = random_motion(rng)
    pose = torch.tensor(motion.rotations)
    with torch.no_grad():
        theirs = oracle(
            betas=torch.tensor(motion.betas)[None].expand(len(motion), -1),
            global_orient=pose[:, :1].flatten(1),
            body_pose=pose[:, 1:].flatten(1),
            transl=torch.tensor(motion.translation),
        )
    np.testing.assert_allclose(skin(body, motion), theirs.vertices, atol=1e-5)
    np.testing.assert_allclose(joint_positions(motion, body), theirs.joints[:, :24], atol=1e-5)
