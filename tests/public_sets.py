"""Small data sets of the form in which the public ones are handed out, invented here; no number of theirs is used."""

import json
import pickle
from pathlib import Path

import numpy as np

from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, yaw_matrix

INTRINSICS = np.array([[900.0, 0, 480], [0, 900, 640], [0, 0, 1]])


def walk(frames: int, *, seed: int = 0, fps: float = 30.0) -> tuple[np.ndarray, np.ndarray]:
    """(frames, 24, 3) rotation vectors and (frames, 3) transl of somebody who sways on the way along +z."""
    rng = np.random.default_rng(seed)
    time = np.arange(frames) / fps
    waves = np.sin(2 * np.pi * rng.uniform(0.3, 1.0, (1, 22, 3)) * time[:, None, None] + rng.uniform(0, 6, (1, 22, 3)))
    rotations = np.zeros((frames, 24, 3))
    rotations[:, :22] = 0.15 * waves
    rotations[:, 0] *= 0.3
    return rotations, np.stack([0.1 * np.sin(time), 0.95 + 0 * time, 0.8 * time], axis=1)


def cameras(frames: int) -> np.ndarray:
    """(frames, 4, 4) a camera 4 m before the person, at 1.2 m, that pans slowly."""
    found = np.tile(np.eye(4), (frames, 1, 1))
    for frame in range(frames):
        turn = np.diag([1.0, -1.0, -1.0]) @ yaw_matrix(np.array(0.002 * frame))
        found[frame, :3, :3] = turn
        found[frame, :3, 3] = -turn @ np.array([0.0, 1.2, 5.0])
    return found


def write_emdb(folder: Path, *, frames: int = 60, name: str = "P1_14_outdoor_climb") -> Path:
    rotations, places = walk(frames)
    place = folder / "P1" / name[3:]
    place.mkdir(parents=True)
    mask = np.ones(frames, bool)
    mask[-5:] = False
    data = {
        "gender": "female", "name": name, "emdb1": True, "emdb2": False, "n_frames": frames, "good_frames_mask": mask,
        "camera": {"intrinsics": INTRINSICS, "extrinsics": cameras(frames), "width": 960, "height": 1280},
        "smpl": {
            "poses_root": rotations[:, 0], "poses_body": rotations[:, 1:].reshape(frames, 69), "trans": places,
            "betas": np.linspace(-1, 1, 10),
        },
        "kp2d": np.zeros((frames, 24, 2)),
        "bboxes": {"bboxes": np.zeros((frames, 4)), "invalid_idxs": np.zeros(0, int)},
    }  # fmt: skip
    path = place / f"{name}_data.pkl"
    path.write_bytes(pickle.dumps(data))
    return path


def write_threedpw(folder: Path, *, frames: int = 50) -> Path:
    """As Python 2 wrote it: protocol 2, byte strings for words, people in lists."""
    place = folder / "sequenceFiles" / "test"
    place.mkdir(parents=True)
    people = [walk(frames, seed=seed) for seed in (0, 1)]
    valid = np.ones(frames, np.uint8)
    valid[:10] = 0
    data = {
        "sequence": b"downtown_walk_00", "genders": [b"m", b"f"], "betas": [np.ones(10), np.zeros(300)],
        "poses": [rotations.reshape(frames, 72) for rotations, _ in people], "trans": [places for _, places in people],
        "campose_valid": [valid, np.ones(frames, np.uint8)], "cam_poses": cameras(frames),
        "cam_intrinsics": INTRINSICS, "poses2d": [np.zeros((frames, 3, 18))] * 2, "texture_maps": [None, None],
        "img_frame_ids": np.arange(frames),
    }  # fmt: skip
    path = place / "downtown_walk_00.pkl"
    path.write_bytes(pickle.dumps(data, protocol=2))
    return path


def write_rich(folder: Path, *, frames: int = 40) -> Path:
    rotations, places = walk(frames)
    sequence = folder / "bodies" / "test" / "Gym_013_burpee4"
    for frame in range(frames):
        place = sequence / f"{frame + 30:05d}"
        place.mkdir(parents=True)
        one = {
            "global_orient": rotations[frame, :1], "body_pose": rotations[frame, 1:22].reshape(1, 63),
            "transl": places[frame][None], "betas": np.zeros((1, 10)), "left_hand_pose": np.zeros((1, 12)),
        }  # fmt: skip
        (place / "013.pkl").write_bytes(pickle.dumps(one))
    calibration = folder / "scan_calibration" / "Gym" / "calibration"
    calibration.mkdir(parents=True)
    turn = cameras(1)[0]

    def matrix(name: str, values: np.ndarray) -> str:
        words = " ".join(f"{value:.17g}" for value in values.ravel())
        rows, columns = values.shape
        return (
            f'<{name} type_id="opencv-matrix"><rows>{rows}</rows><cols>{columns}</cols><dt>d</dt>'
            f"<data>\n  {words}</data></{name}>"
        )

    parts = [matrix("CameraMatrix", turn[:3]), matrix("Intrinsics", INTRINSICS), matrix("Distortion", np.zeros((1, 8)))]
    (calibration / "006.xml").write_text(f'<?xml version="1.0"?>\n<opencv_storage>{"".join(parts)}</opencv_storage>\n')
    return sequence


AIST_NAME = "gBR_sBM_cAll_d04_mBR0_ch01"


def write_aist(folder: Path, *, frames: int = 120, scale: float = 93.0) -> None:
    rotations, places = walk(frames, fps=60.0)
    for name in ("motions", "keypoints2d", "keypoints3d", "cameras", "splits"):
        (folder / name).mkdir(parents=True)
    motion = {
        "smpl_loss": 1.0, "smpl_poses": rotations.reshape(frames, 72), "smpl_scaling": np.array([scale]),
        "smpl_trans": places * scale,
    }  # fmt: skip
    points = np.concatenate([np.full((2, frames, 17, 2), 300.0), np.full((2, frames, 17, 1), 0.9)], axis=-1)
    points[..., :2] += np.arange(17)[:, None] * 20
    for name in (AIST_NAME, "gPO_sFM_cAll_d10_mPO1_ch02"):
        (folder / "motions" / f"{name}.pkl").write_bytes(pickle.dumps(motion))
        (folder / "keypoints2d" / f"{name}.pkl").write_bytes(
            pickle.dumps({"keypoints2d": points, "det_scores": np.ones((2, frames)), "timestamps": np.arange(frames)})
        )
        optim = np.ones((frames, 17, 3)) * scale
        (folder / "keypoints3d" / f"{name}.pkl").write_bytes(
            pickle.dumps({"keypoints3d": np.full_like(optim, np.nan), "keypoints3d_optim": optim})
        )
    camera = {
        "name": "c01", "size": [1920, 1080], "matrix": INTRINSICS.tolist(), "rotation": [0.0, np.pi, 0.0],
        "translation": [0.0, 100.0, 500.0], "distortions": [0, 0, 0, 0, 0],
    }  # fmt: skip
    (folder / "cameras" / "setting1.json").write_text(json.dumps([camera, camera]))
    (folder / "cameras" / "mapping.txt").write_text(f"{AIST_NAME} setting1\ngPO_sFM_cAll_d10_mPO1_ch02 setting1\n")
    for kind in ("pose", "crossmodal"):
        (folder / "splits" / f"{kind}_test.txt").write_text(f"{AIST_NAME}\ngBR_bad\n")
        (folder / "splits" / f"{kind}_train.txt").write_text("gPO_sFM_cAll_d10_mPO1_ch02\n")
    (folder / "ignore_list.txt").write_text("gBR_bad\n")


def humanml_vectors(joints: np.ndarray, heading: np.ndarray) -> np.ndarray:
    """(T, 263) of joints (T, 22, 3) and a heading about y (T,) that begins at 0, by HumanML3D's definition."""
    frames = len(joints)
    vectors = np.zeros((frames, 263))
    half = -heading / 2
    vectors[:-1, 0] = np.diff(half)
    step = np.diff(joints[:, 0], axis=0)
    vectors[:-1, 1:3] = np.einsum("tji,tj->ti", yaw_matrix(heading[1:]), step)[:, [0, 2]]
    vectors[:, 3] = joints[:, 0, 1]
    local = (joints[:, 1:] - joints[:, :1] * (1, 0, 1)) @ yaw_matrix(heading)
    vectors[:, 4:67] = local.reshape(frames, 63)
    return vectors


def write_humanml(folder: Path, body: Body, *, frames: int = 80) -> np.ndarray:
    """The set; returns the joints of its first clip."""
    for name in ("new_joint_vecs", "texts"):
        (folder / name).mkdir(parents=True)
    first: np.ndarray | None = None
    for number, name in enumerate(("000001", "M000002")):
        rotations, places = walk(frames, seed=number, fps=20.0)
        places = places - places[0] * (1, 0, 1) - np.array(body.rest_joints(np.zeros(10, np.float32))[0]) * (1, 0, 1)
        motion = Motion(rotations=rotations.astype(np.float32), translation=places.astype(np.float32))
        joints = joint_positions(motion, body)[:, :22].astype(np.float64)
        first = joints if first is None else first
        np.save(folder / "new_joint_vecs" / f"{name}.npy", humanml_vectors(joints, 0.02 * np.arange(frames)))
        (folder / "texts" / f"{name}.txt").write_text(
            "a person sways.#a/DET person/NOUN sway/VERB#0.0#0.0\nhe takes a step#he/PRON take/VERB#1.0#2.5\n"
        )
    (folder / "test.txt").write_text("000001\n")
    (folder / "train.txt").write_text("M000002\nmissing\n")
    assert first is not None
    return first


def write_motionx(folder: Path, *, frames: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """The set, one clip with y up and the same with z up; returns rotations and places of the first."""
    rotations, places = walk(frames)
    up = matrix_from_rotvec(np.array([np.pi / 2, 0, 0]))  # y to z
    turned = rotations.copy()
    from genmo_studio.motion.rotations import rotvec_from_matrix

    turned[:, 0] = rotvec_from_matrix(up @ matrix_from_rotvec(rotations[:, 0]))
    for name, pose, place in (
        ("idea400/subset_0001/Dance", rotations, places),
        ("kungfu/subset_0002/Kick_clip_1", turned, places @ up.T),
    ):
        values = np.zeros((frames, 322), np.float32)
        values[:, :66] = pose[:, :22].reshape(frames, 66)
        values[:, 309:312] = place
        path = folder / "motion_data" / "smplx_322" / f"{name}.npy"
        path.parent.mkdir(parents=True)
        np.save(path, values)
        text = folder / "texts" / "semantic_labels" / f"{name}.txt"
        text.parent.mkdir(parents=True)
        text.write_text("a person dances with the left arm\n")
    (folder / "test.txt").write_text("kungfu/subset_0002/Kick_clip_1\n")
    (folder / "train.txt").write_text("idea400/subset_0001/Dance\n")
    return rotations, places
