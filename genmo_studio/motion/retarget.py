"""Retarget a source skeleton with a T-pose rest facing +z to the 24 SMPL joints.

World rotations are carried over, not local ones: both rests are T-poses, so a joint's world rotation means the same
on both figures up to a constant that turns the SMPL bone's rest direction into the source bone's.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import rotvec_from_matrix, slerp_matrices, transpose
from genmo_studio.motion.skeleton import INDEX, JOINT_COUNT, JOINTS, PARENTS

Array = NDArray[np.float64]

_TORSO = ("pelvis", "spine1", "spine2", "spine3")
_BONE_TIPS = {
    f"{side}_{joint}": f"{side}_{tip}"
    for side in ("left", "right")
    for joint, tip in (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist"))
}
"""Joints whose bone must point where the source's does; trunk, collars and head keep the SMPL body's own shape."""
_REQUIRED = ("pelvis", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle")
_INTERPOLATED_WEIGHT = 0.5
_STILL = np.radians(0.05)
_GROUND_SHARE = 0.2


class RetargetError(ValueError):
    """The source skeleton can't play the SMPL body; the message is one sentence for the user."""


class SourceClip(Protocol):
    """A source skeleton in motion: what ``importers.bvh.BvhClip`` is, and any other reader can be."""

    @property
    def joints(self) -> tuple[str, ...]:
        """Names."""

    @property
    def parents(self) -> tuple[int, ...]:
        """Parent of each joint, -1 at the root; parents come first."""

    @property
    def rotations(self) -> Array:
        """(T, J, 3, 3) local rotations."""

    @property
    def end_sites(self) -> dict[str, Array]:
        """Offset from a leaf joint to the end of its bone, m."""

    @property
    def fps(self) -> float:
        """Frames per second."""

    def rest_positions(self) -> Array:
        """(J, 3) T-pose joint positions, facing +z, m."""

    def global_pose(self) -> tuple[Array, Array]:
        """World rotations (T, J, 3, 3) and joint positions (T, J, 3), m."""


class _Source(msgspec.Struct, frozen=True, eq=False):
    """A source clip with its forward kinematics done once."""

    joints: Sequence[str]
    rest: Array
    local_rotations: Array
    global_rotations: Array
    global_positions: Array
    tips: Mapping[str, Array]


class Retargeted(msgspec.Struct, frozen=True, eq=False):
    """A motion on the SMPL body and what its joints are worth."""

    motion: Motion
    joint_weight: NDArray[np.float32]
    """(24,) 1 where the source told the rotation, 0.5 where it was spread between neighbours, 0 where it is unknown."""
    scale: float
    """SMPL leg length / source leg length; the root path was scaled by it."""


def retarget_bvh(
    clip: SourceClip,
    *,
    mapping: Mapping[str, str | None],
    body: Body,
    source_floor: bool = True,
    sole_up: Array | None = None,
) -> Retargeted:
    """Play ``clip`` on ``body`` (neutral shape), at the clip's own rate.

    ``mapping`` gives, by SMPL joint name, the source joint that plays it (None or absent where there is none).
    The root path is scaled by the ratio of leg lengths, about the middle of the hips. ``source_floor`` keeps the
    source's ground at y = 0 as the floor (the soles of both figures are matched while planted); otherwise the lowest
    planted foot is put on y = 0. ``sole_up`` (3,) is the direction of up in the left ankle's frame when the source
    stands flat (``motion.soles`` measures it; the right is its mirror image); None: the rest pose's soles are flat.
    Raises RetargetError when legs or pelvis are not mapped.
    """
    global_rotations, global_positions = clip.global_pose()
    source = _Source(
        clip.joints, clip.rest_positions(), clip.rotations, global_rotations, global_positions, clip.end_sites
    )
    index = {name: i for i, name in enumerate(source.joints)}
    played = {INDEX[name]: index[mapping[name]] for name in JOINTS if mapping.get(name) in index}  # type: ignore[index]
    missing = [name for name in _REQUIRED if INDEX[name] not in played]
    if missing:
        raise RetargetError(f"the skeleton has no joint for {', '.join(missing)}; name them in the joint mapping")
    rest = np.asarray(body.rest_joints(np.zeros(10, np.float32)), np.float64)
    world = _world_rotations(source, played=played, rest=rest, sole_up=sole_up)
    local, weight = _local_rotations(world, source=source, played=played)
    scale = _leg_length(rest, (1, 4, 7)) / _leg_length(source.rest, [played[INDEX[f"left_{j}"]] for j in _LEG])
    hips = source.global_positions[:, [played[1], played[2]]].mean(1) * scale
    root = hips - world[:, 0] @ ((rest[1] + rest[2]) / 2 - rest[0])
    shift = _floor_shift(
        world, root, source=source, played=played, body=body, rest=rest, scale=scale, keep=source_floor
    )
    root[:, 1] += shift
    motion = Motion(
        rotations=np.ascontiguousarray(rotvec_from_matrix(local), np.float32),
        translation=np.ascontiguousarray(root - rest[0], np.float32),
        fps=clip.fps,
        body=body.name,
    )
    return Retargeted(motion=motion, joint_weight=weight, scale=float(scale))


_LEG = ("hip", "knee", "ankle")


def _leg_length(rest: Array, chain: Sequence[int]) -> float:
    return float(sum(np.linalg.norm(rest[b] - rest[a]) for a, b in pairwise(chain)))


def _world_rotations(source: _Source, *, played: Mapping[int, int], rest: Array, sole_up: Array | None) -> Array:
    """(T, 24, 3, 3): mapped joints from the source, torso gaps by slerp, other gaps rigid with their parent."""
    frames = len(source.global_positions)
    world = np.empty((frames, JOINT_COUNT, 3, 3))
    for joint in range(JOINT_COUNT):
        if joint in played:
            correction = _rest_correction(joint, source=source, played=played, rest=rest)
            if sole_up is not None and joint in _FEET:
                side = 1.0 if JOINTS[joint].startswith("left") else -1.0
                correction = correction @ shortest_turn(np.array([0.0, 1.0, 0.0]), sole_up * (side, 1.0, 1.0))
            world[:, joint] = source.global_rotations[:, played[joint]] @ correction
        else:
            world[:, joint] = world[:, PARENTS[joint]]
    torso = [INDEX[name] for name in _TORSO]
    told = [step for step, joint in enumerate(torso) if joint in played]
    for low, high in pairwise(told):
        for step in range(low + 1, high):
            part = (step - low) / (high - low)
            world[:, torso[step]] = slerp_matrices(world[:, torso[low]], world[:, torso[high]], part)
    return world


def _rest_correction(joint: int, *, source: _Source, played: Mapping[int, int], rest: Array) -> Array:
    """Constant rotation that turns the SMPL bone's rest direction into the source bone's.

    Feet turn about the vertical only: both soles lie flat in the rest pose, so the slope from ankle to toe is
    anatomy, not posture.
    """
    name = JOINTS[joint]
    side, _, part = name.partition("_")
    if name in _BONE_TIPS:
        tip = INDEX[_BONE_TIPS[name]]
        if tip not in played:
            return np.eye(3)
        return shortest_turn(rest[tip] - rest[joint], source.rest[played[tip]] - source.rest[played[joint]])
    if part == "wrist":
        offset = source.tips.get(source.joints[played[joint]])
        straight = np.array([1.0 if side == "left" else -1.0, 0.0, 0.0])
        known = offset is not None and float(np.linalg.norm(offset)) > 0.01
        return shortest_turn(rest[INDEX[f"{side}_hand"]] - rest[joint], offset if known else straight)  # type: ignore[arg-type]
    if part in ("ankle", "foot"):
        ankle, toe = INDEX[f"{side}_ankle"], INDEX[f"{side}_foot"]
        ours = rest[toe] - rest[ankle]
        if toe in played:
            theirs = source.rest[played[toe]] - source.rest[played[ankle]]
        else:
            theirs = source.tips.get(source.joints[played[ankle]], ours)
        flat = np.array([1.0, 0.0, 1.0])
        if np.linalg.norm(theirs * flat) < 0.02:
            return np.eye(3)
        return shortest_turn(ours * flat, theirs * flat)
    return np.eye(3)


def shortest_turn(start: Array, end: Array) -> Array:
    """(3, 3) rotation of least angle that turns the direction ``start`` (3,) into ``end`` (3,)."""
    a, b = start / np.linalg.norm(start), end / np.linalg.norm(end)
    axis, cosine = np.cross(a, b), float(a @ b)
    if cosine < -0.999999:
        normal = np.cross(a, np.eye(3)[np.argmin(np.abs(a))])
        normal /= np.linalg.norm(normal)
        return 2 * np.outer(normal, normal) - np.eye(3)
    skew = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.asarray(np.eye(3) + skew + skew @ skew / (1 + cosine))


def _local_rotations(world: Array, *, source: _Source, played: Mapping[int, int]) -> tuple[Array, NDArray[np.float32]]:
    """Local rotations (T, 24, 3, 3) and the joints' weights (24,)."""
    local = world.copy()
    weight = np.zeros(JOINT_COUNT, np.float32)
    torso = [INDEX[name] for name in _TORSO]
    last = max(step for step, joint in enumerate(torso) if joint in played)
    for joint in range(JOINT_COUNT):
        if joint:
            local[:, joint] = transpose(world[:, PARENTS[joint]]) @ world[:, joint]
        if joint in played:
            trace = np.trace(source.local_rotations[:, played[joint]], axis1=-2, axis2=-1)
            moves = np.arccos(np.clip((trace - 1) / 2, -1, 1)).max() > _STILL
            weight[joint] = 1.0 if joint == 0 or moves else 0.0
        elif joint in torso[:last]:
            weight[joint] = _INTERPOLATED_WEIGHT
    for before, after in pairwise(torso[1:]):
        if before not in played and after in played:
            weight[after] = min(weight[after], _INTERPOLATED_WEIGHT)
    return local, weight


def _floor_shift(
    world: Array,
    root: Array,
    *,
    source: _Source,
    played: Mapping[int, int],
    body: Body,
    rest: Array,
    scale: float,
    keep: bool,
) -> float:
    """Vertical shift (m) that puts the SMPL body's soles where the source's are, or the lowest on y = 0."""
    sole = float(body.v_template[:, 1].min())
    ours = _clearance(_leg_positions(world, root, rest), rest, sole=sole)
    if not keep:
        return -float(np.quantile(ours, 0.05))
    names = [(joint, played[joint]) for joint in _FEET if joint in played]
    floor = min(
        float(source.rest[theirs, 1] + min(0.0, float(source.tips.get(source.joints[theirs], np.zeros(3))[1])))
        for _, theirs in names
    )
    heights = []
    for _, theirs in names:
        heights.append(source.global_positions[:, theirs, 1] - (source.rest[theirs, 1] - floor))
        tip = source.tips.get(source.joints[theirs])
        if tip is not None:
            point = source.global_positions[:, theirs] + source.global_rotations[:, theirs] @ tip
            heights.append(point[:, 1] - (source.rest[theirs, 1] + tip[1] - floor))
    theirs_clear = np.min(heights, 0)
    near = theirs_clear <= np.quantile(theirs_clear, _GROUND_SHARE)
    return float(np.median((theirs_clear * scale - ours)[near]))


_FEET = (INDEX["left_ankle"], INDEX["right_ankle"], INDEX["left_foot"], INDEX["right_foot"])


def _leg_positions(world: Array, root: Array, rest: Array) -> Array:
    """(T, 24, 3) joint positions from world rotations; only the legs are filled in."""
    positions = np.zeros((len(root), JOINT_COUNT, 3))
    positions[:, 0] = root
    for joint in (1, 2, 4, 5, 7, 8, 10, 11):
        parent = PARENTS[joint]
        positions[:, joint] = positions[:, parent] + world[:, parent] @ (rest[joint] - rest[parent])
    return positions


def _clearance(positions: Array, rest: Array, *, sole: float) -> Array:
    """(T,) height over the floor of the lowest of ankles and toe joints, each less its height in a flat-footed rest."""
    heights = [positions[:, joint, 1] - (rest[joint, 1] - sole) for joint in _FEET]
    return np.asarray(np.min(heights, 0))
