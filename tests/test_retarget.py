"""Retargeting: the SMPL skeleton onto itself, other T-poses, feet on the floor, gaps in the mapping, unknown rigs."""

import json
from pathlib import Path

import numpy as np
import pytest
from bvh_cases import smooth_rotations, smpl_bvh
from scipy.spatial.transform import Rotation

from genmo_studio.importers.bvh import read_bvh
from genmo_studio.motion.body import forward_kinematics, joint_positions, load_body
from genmo_studio.motion.joint_names import guess_mapping
from genmo_studio.motion.retarget import RetargetError, retarget_bvh, shortest_turn
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINTS
from genmo_studio.motion.soles import planted_up, sole_direction

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
LIMBS = [
    (f"{side}_{a}", f"{side}_{b}")
    for side in ("left", "right")
    for a, b in (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist"))
]


@pytest.fixture(scope="module")
def body():
    return load_body("genmo-free")


def test_the_bodys_own_skeleton_comes_back_unchanged(body):
    rng = np.random.default_rng(3)
    turns = smooth_rotations(rng, frames=20, joints=BODY_JOINT_COUNT)
    places = np.array([0, 1.0, 0]) + np.cumsum(rng.normal(0, 0.01, (20, 3)), 0)
    clip = read_bvh(smpl_bvh(body, turns, places, frames=20))
    made = retarget_bvh(clip, mapping={name: name for name in JOINTS[:BODY_JOINT_COUNT]}, body=body)
    assert made.scale == pytest.approx(1, abs=1e-6)
    expected = turns.as_matrix().reshape(20, BODY_JOINT_COUNT, 3, 3)
    wrists = [INDEX["left_wrist"], INDEX["right_wrist"]]  # their bone's end is not in the file
    joints = [j for j in range(BODY_JOINT_COUNT) if j not in wrists]
    ours = matrix_from_rotvec(made.motion.rotations.astype(np.float64))[:, :BODY_JOINT_COUNT]
    np.testing.assert_allclose(ours[:, joints], expected[:, joints], atol=1e-5)
    _, source = clip.global_pose()
    error = (
        joint_positions(made.motion, body)[:, :BODY_JOINT_COUNT]
        - source[:, [clip.joints.index(j) for j in JOINTS[:22]]]
    )
    np.testing.assert_allclose(error - error[0, 0], 0, atol=1e-4)  # the same up to the floor's height
    assert made.joint_weight[:BODY_JOINT_COUNT].min() == 1
    assert made.joint_weight[22:].max() == 0


def straight_skeleton():
    """Another figure: taller, legs straight down, arms straight out, one spine joint, no collars, no toes."""
    names = ["Hips", "Chest", "Neck"]
    parents, offsets = [-1, 0, 1], [[0, 0, 0], [0, 30, 0], [0, 28, 0]]
    for side, x in (("Left", 1), ("Right", -1)):
        start = len(names)
        names += [f"{side}{part}" for part in ("UpLeg", "Leg", "Foot", "Arm", "ForeArm", "Hand")]
        parents += [0, start, start + 1, 1, start + 3, start + 4]
        offsets += [[10 * x, -2, 0], [0, -52, 0], [0, -50, 0], [20 * x, 20, 0], [31 * x, 0, 0], [29 * x, 0, 0]]
    return names, parents, np.array(offsets, float)


def test_limbs_point_where_the_source_points(body):
    from bvh_cases import bvh_text

    names, parents, offsets = straight_skeleton()
    turns = smooth_rotations(np.random.default_rng(5), frames=15, joints=len(names), size=1.2)
    text = bvh_text(
        names, parents, offsets, turns.as_euler("ZXY", degrees=True).reshape(15, -1, 3),
        np.tile([0.0, 110, 0], (15, 1)), orders=["ZXY"] * len(names),
        tips={"LeftFoot": (0, -8, 18), "RightFoot": (0, -8, 18)},
    )  # fmt: skip
    clip = read_bvh(text)
    mapping = guess_mapping(clip.joints, clip.parents)
    made = retarget_bvh(clip, mapping=mapping, body=body)
    placed, (_, source) = joint_positions(made.motion, body), clip.global_pose()
    at = {name: index for index, name in enumerate(clip.joints)}
    for start, end in LIMBS:
        ours = placed[:, INDEX[end]] - placed[:, INDEX[start]]
        theirs = source[:, at[mapping[end]]] - source[:, at[mapping[start]]]
        ours /= np.linalg.norm(ours, axis=-1, keepdims=True)
        theirs /= np.linalg.norm(theirs, axis=-1, keepdims=True)
        assert np.degrees(np.arccos(np.clip((ours * theirs).sum(-1), -1, 1))).max() < 0.1
    weight = dict(zip(JOINTS, made.joint_weight, strict=True))
    assert weight["spine1"] == weight["spine2"] == 0.5  # the one spine joint's turn is spread over both
    assert weight["left_collar"] == weight["left_foot"] == weight["head"] == 0


def test_a_standing_figure_of_any_size_stands_on_the_floor(body):
    from bvh_cases import bvh_text

    names, parents, offsets = straight_skeleton()
    for size in (0.6, 1.0, 1.7):
        text = bvh_text(
            names, parents, offsets * size, np.zeros((5, len(names), 3)), np.tile([0, (104 + 8) * size, 0], (5, 1)),
            orders=["ZXY"] * len(names), tips={"LeftFoot": (0, -8 * size, 18), "RightFoot": (0, -8 * size, 18)},
        )  # fmt: skip
        clip = read_bvh(text)
        made = retarget_bvh(clip, mapping=guess_mapping(clip.joints, clip.parents), body=body)
        placed = joint_positions(made.motion, body)
        rest = body.rest_joints(np.zeros(10, np.float32))
        height = rest[INDEX["left_ankle"], 1] - body.v_template[:, 1].min()
        assert abs(placed[0, INDEX["left_ankle"], 1] - height) < 0.005
        lifted = read_bvh(text.replace(f"{112 * size:.8f}", f"{112 * size + 500:.8f}"))
        made = retarget_bvh(lifted, mapping=guess_mapping(clip.joints, clip.parents), body=body, source_floor=False)
        assert abs(joint_positions(made.motion, body)[0, INDEX["left_ankle"], 1] - height) < 0.005


def test_rolled_soles_are_measured_and_put_right(body):
    tilt = Rotation.from_euler("Z", -20, degrees=True).as_matrix()
    rest = np.asarray(body.rest_joints(np.zeros(10, np.float32)), np.float64)
    turns = np.tile(np.eye(3), (30, BODY_JOINT_COUNT, 1, 1))
    turns[:, INDEX["left_ankle"]], turns[:, INDEX["right_ankle"]] = tilt, tilt.T
    place = np.tile(rest[0] - [0, body.v_template[:, 1].min(), 0], (30, 1))
    clip = read_bvh(smpl_bvh(body, Rotation.from_matrix(turns.reshape(-1, 3, 3)), place, frames=30))
    mapping = {name: name for name in JOINTS[:BODY_JOINT_COUNT]}
    crooked = retarget_bvh(clip, mapping=mapping, body=body).motion
    up = sole_direction(planted_up(crooked, body))
    assert up is not None
    flat = retarget_bvh(clip, mapping=mapping, body=body, sole_up=up).motion
    world, _ = forward_kinematics(matrix_from_rotvec(flat.rotations), rest.astype(np.float32), flat.translation)
    for ankle in (INDEX["left_ankle"], INDEX["right_ankle"]):
        assert np.degrees(np.arccos(world[0, ankle, 1, 1].clip(-1, 1))) < 0.5


def test_missing_legs_are_named(body):
    clip = read_bvh(smpl_bvh(body, Rotation.identity(44), np.zeros((2, 3)), frames=2))
    with pytest.raises(RetargetError, match="left_knee"):
        retarget_bvh(clip, mapping={n: n for n in JOINTS[:22] if n != "left_knee"}, body=body)


@pytest.mark.parametrize("end", [[0, 0, 1.0], [0, 0, -1.0], [1, 1, 0.5], [-1e-8, 0, -1]])
def test_shortest_turn(end):
    turn = shortest_turn(np.array([0.0, 0, 2]), np.array(end, float))
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(turn) == pytest.approx(1)
    np.testing.assert_allclose(turn @ [0, 0, 1], np.array(end) / np.linalg.norm(end), atol=1e-6)


MIXAMO = [
    "Hips", "Spine", "Spine1", "Spine2", "Neck", "Head",
    "LeftShoulder", "LeftArm", "LeftForeArm", "LeftHand", "LeftHandIndex1",
    "RightShoulder", "RightArm", "RightForeArm", "RightHand",
    "LeftUpLeg", "LeftLeg", "LeftFoot", "LeftToeBase", "RightUpLeg", "RightLeg", "RightFoot", "RightToeBase",
]  # fmt: skip
MIXAMO_PARENTS = [-1, 0, 1, 2, 3, 4, 3, 6, 7, 8, 9, 3, 11, 12, 13, 0, 15, 16, 17, 0, 19, 20, 21]


def test_joints_of_known_rigs_are_guessed():
    found = guess_mapping([f"mixamorig:{name}" for name in MIXAMO], MIXAMO_PARENTS)
    assert found["left_collar"] == "mixamorig:LeftShoulder"
    assert found["left_shoulder"] == "mixamorig:LeftArm"
    assert found["right_knee"] == "mixamorig:RightLeg"
    assert found["left_wrist"] == "mixamorig:LeftHand"
    assert [found[f"spine{k}"] for k in (1, 2, 3)] == [f"mixamorig:Spine{k}" for k in ("", "1", "2")]
    from genmo_studio.motion.skeleton import PARENTS

    own = guess_mapping(JOINTS, PARENTS)
    assert all(own[name] == name for name in JOINTS[:BODY_JOINT_COUNT])
    unknown = guess_mapping(["a", "b"], [-1, 0])
    assert unknown["left_hip"] is None


@pytest.mark.skipif(not (SHARED / "data").is_dir(), reason="the mocap archives are not beside the repository")
def test_the_rigs_of_the_training_data_are_guessed():
    for name, skeleton in json.loads((SHARED / "data" / "skeletons.json").read_text()).items():
        joints = skeleton["joints"]
        found = guess_mapping(joints, [-1 if p is None else joints.index(p) for p in skeleton["parents"]])
        wrong = {k for k, v in skeleton["smpl22"].items() if found.get(k) != v}
        assert wrong <= {"spine2", "spine3"}, name
