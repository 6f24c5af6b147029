"""What the measurements of a model share: windows of recordings, keys taken from them, and running a request."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.request import PoseCondition, WaypointCondition
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedVideo
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.model.generator import GenerationResult, generate
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix, yaw_matrix
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINTS
from genmo_studio.shapes import Float
from genmo_studio.training.clips import ClipStore
from genmo_studio.values import replace

Vec3 = tuple[float, float, float]


def take(resolved: ResolvedConditions, *, model: LoadedModel, body: Body) -> GenerationResult:
    """Run a request to its end."""
    result = None
    for event in generate(resolved, model=model, body=body):
        if isinstance(event, GenerationResult):
            result = event
    assert result is not None
    return result


def vec3(values: NDArray[np.floating[Any]]) -> Vec3:
    """Three plain numbers."""
    x, y, z = (float(value) for value in values)
    return x, y, z


def pose_key(motion: Motion, frame: int, *, body: Body, weight: float = 1.0) -> PoseCondition:
    """A full-body key: the pose and the pelvis position that ``motion`` has at ``frame``."""
    return PoseCondition(
        frame=frame,
        rotations={JOINTS[joint]: vec3(motion.rotations[frame, joint]) for joint in range(BODY_JOINT_COUNT)},
        root_position=vec3(motion.translation[frame] + body.rest_joints(motion.betas)[0]),
        weight=weight,
    )


def joint_key(motion: Motion, frame: int, *, joints: tuple[int, ...], weight: float = 1.0) -> PoseCondition:
    """A partial key: the local rotations of some joints."""
    return PoseCondition(
        frame=frame, rotations={JOINTS[joint]: vec3(motion.rotations[frame, joint]) for joint in joints}, weight=weight
    )


def reach_key(
    positions: Float[NDArray[np.floating[Any]], "24 3"], frame: int, *, names: tuple[str, ...], weight: float = 1.0
) -> PoseCondition:
    """A key of end effectors: where some joints are in the world, and where the pelvis is."""
    return PoseCondition(
        frame=frame,
        root_position=vec3(positions[0]),
        positions={name: vec3(positions[INDEX[name]]) for name in names},
        weight=weight,
    )


def waypoint(motion: Motion, frame: int, *, body: Body, weight: float = 1.0) -> WaypointCondition:
    """The point of the ground above which the pelvis of ``motion`` is at ``frame``."""
    x, _, z = vec3(motion.translation[frame] + body.rest_joints(motion.betas)[0])
    return WaypointCondition(frame=frame, position=(x, z), weight=weight)


def spread_windows(store: ClipStore, *, frames: int, count: int, seed: int) -> list[tuple[int, int]]:
    """(clip, first frame) of ``count`` windows: contents take turns, so that no large content outweighs the others."""
    rng = np.random.default_rng(seed)
    groups: dict[tuple[str, str], list[int]] = {}
    for number, clip in enumerate(store.clips):
        if clip.frames >= frames:
            groups.setdefault((clip.source, clip.content), []).append(number)
    chosen: list[tuple[int, int]] = []
    members_of = list(groups.values())
    order = [members_of[i] for i in rng.permutation(len(members_of))]  # few windows shall not all be of one source
    while order and len(chosen) < count:
        for members in order[: count - len(chosen)]:
            member = members[int(rng.integers(len(members)))]
            chosen.append((member, int(rng.integers(store.clips[member].frames - frames + 1))))
    return chosen


def facing_camera(motion: Motion, batch: dict[str, Any], *, body: Body) -> Motion:
    """The motion turned about the vertical so that the first camera of a batch of one looks along -z."""
    look = batch["world_to_camera"][0, 0, 2].astype(np.float64)
    turn = yaw_matrix(float(np.pi - np.arctan2(look[0], look[2])))
    rotations = matrix_from_rotvec(motion.rotations[:, 0].astype(np.float64))
    turned = motion.rotations.copy()
    turned[:, 0] = rotvec_from_matrix(turn @ rotations)
    pelvis = np.asarray(body.rest_joints(motion.betas)[0], np.float64)
    translation = (motion.translation + pelvis) @ turn.T - pelvis
    return replace(motion, rotations=turned, translation=translation.astype(np.float32))


def video_of(batch: dict[str, Any]) -> ResolvedVideo:
    """What the camera of a batch of one saw, as the extraction of a video would hand it over."""
    turns = batch["world_to_camera"][0].astype(np.float64)
    return ResolvedVideo(
        exists=batch["has_2d"][0],
        keypoints=batch["keypoints"][0],
        bbox_xys=batch["bbox_xys"][0],
        intrinsics=batch["intrinsics"][0],
        camera_rotations=(turns @ turns[0].T).astype(np.float32),
        weight=np.ones(len(turns), np.float32),
    )


def root_speed(motion: Motion) -> float:
    """Mean speed over the ground, m/s."""
    steps = np.diff(motion.translation[:, [0, 2]].astype(np.float64), axis=0)
    return float(np.linalg.norm(steps, axis=-1).mean() * motion.fps) if len(steps) else 0.0


def body_positions(motion: Motion, *, body: Body) -> NDArray[np.float64]:
    """(T, 22, 3) the joints that the model moves."""
    return np.asarray(joint_positions(motion, body)[:, :BODY_JOINT_COUNT], np.float64)
