"""Exact correction of keys: what the model left over of the user's keys is taken out, smoothly.

The residual of each key (the rotation or shift that is missing at its frame) is spread over the frames around it by
curves of continuous acceleration (spreading.py). Rotations and heights fade to nothing, the wider the larger they are,
so that the fading itself stays within half the acceleration that is usual for the joint (usual.py); where two keys are
too near for that, their residuals pass into one another. The root's shift on the ground is carried from key to key and
kept before the first and after the last one, so that a path goes on from where the key put it. Targets of hands, feet
and other joints are met last, by inverse kinematics at the key whose turns are spread in the same way. Frames that no
blend touches stay bit-identical.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import Body, forward_kinematics, joint_positions
from genmo_studio.motion.ik import LIMB_OF_END, chain_above, reach_with_limb, solve_positions
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import (
    angle_between,
    heading_from_matrix,
    matrix_from_rotvec,
    rotvec_from_matrix,
    transpose,
    yaw_matrix,
)
from genmo_studio.motion.skeleton import JOINT_COUNT, JOINTS
from genmo_studio.motion.spreading import BLEND_FRAMES, carried, faded, widths
from genmo_studio.motion.usual import USUAL_ROOT, USUAL_TURN
from genmo_studio.shapes import Float
from genmo_studio.values import replace

Floats = NDArray[np.float64]
Vec3 = tuple[float, float, float]

_RIVAL = "a pose key of the same frame wants something else"
_HALF_TURN_FROM = 0.75 * np.pi  # rad: shorter turns are never replaced by the turn the other way round
MET_POSITION = 1e-3
"""m: a position is met when it is nearer than this."""
MET_ROTATION = float(np.radians(0.1))
"""rad: a rotation is met when it is nearer than this."""


@dataclass(frozen=True)
class PoseTarget:
    """A pose wanted at a frame; what is absent is free."""

    frame: int
    rotations: Mapping[int, Vec3] = field(default_factory=dict)
    """joint -> local rotation vector, rad; joint 0 is the root's orientation in the world"""
    root_position: Vec3 | None = None
    """pelvis in the world, m"""
    positions: Mapping[int, Vec3] = field(default_factory=dict)
    """joint -> position in the world, m"""


@dataclass(frozen=True)
class WaypointTarget:
    """A point of the root path; what is absent is free."""

    frame: int
    position: tuple[float, float] | None = None
    """x, z of the pelvis in the world, m"""
    heading: float | None = None
    """rad about +y, 0 faces +z"""


@dataclass(frozen=True)
class KeyErrors:
    """The worst distance between a motion and its keys, of each kind (0 where there is no such key)."""

    rotation_degrees: float = 0.0
    root_position: float = 0.0
    """m, pose keys"""
    joint_position: float = 0.0
    """m, position targets of joints"""
    waypoint: float = 0.0
    """m on the ground"""
    heading_degrees: float = 0.0
    unmet: tuple[str, ...] = ()
    """A sentence for each target that is not met to 1 mm and 0.1 degree, with the reason where it is known."""


def meet_keys(
    motion: Motion,
    body: Body,
    poses: Sequence[PoseTarget],
    waypoints: Sequence[WaypointTarget] = (),
    *,
    blend: int = BLEND_FRAMES,
) -> tuple[Motion, KeyErrors, KeyErrors]:
    """The motion with every key met to 1 mm and 0.1 degree, and the errors before and after.

    A target that contradicts a pose key of its frame gives way to it; one out of reach is approached. Both are named
    in ``unmet`` afterwards. Raises ValueError when a key lies outside the motion.
    """
    for frame in _key_frames(poses, waypoints):
        if not 0 <= frame < len(motion):
            raise ValueError(f"the key at frame {frame} lies outside the motion of {len(motion)} frames")
    before = key_errors(motion, body, poses, waypoints)
    corrected = _turn_joints(motion, _rotation_targets(motion, poses, waypoints), blend=blend)
    corrected = _move_root(corrected, body, poses, waypoints, blend=blend)
    corrected = _reach_positions(corrected, body, poses, blend=blend)
    after = key_errors(corrected, body, poses, waypoints)
    return corrected, before, after


def key_errors(
    motion: Motion, body: Body, poses: Sequence[PoseTarget], waypoints: Sequence[WaypointTarget] = ()
) -> KeyErrors:
    """How far a motion is from its keys."""
    frames = _key_frames(poses, waypoints)
    if not frames:
        return KeyErrors()
    at = {frame: index for index, frame in enumerate(frames)}
    local = matrix_from_rotvec(motion.rotations[frames].astype(np.float64))
    rest = body.rest_joints(motion.betas.astype(np.float64))
    turned, placed = forward_kinematics(local, rest, motion.translation[frames].astype(np.float64))
    found = _Findings()
    placing = {pose.frame for pose in poses if pose.root_position is not None or 0 in pose.positions}
    turning = {pose.frame for pose in poses if 0 in pose.rotations}
    for pose in poses:
        index = at[pose.frame]
        joints = list(pose.rotations)
        if joints:
            off = angle_between(local[index, joints], _matrices(pose))
            for joint, error in zip(joints, off.tolist(), strict=True):
                found.angle("rotation_degrees", error, f"the {_name(joint)}", pose.frame)
        if pose.root_position is not None:
            found.distance("root_position", placed[index, 0] - pose.root_position, "the pelvis", pose.frame)
        for joint, position in pose.positions.items():
            reason = _why_unreached(joint, pose)
            found.distance("joint_position", placed[index, joint] - position, f"the {_name(joint)}", pose.frame, reason)
    for point in waypoints:
        index = at[point.frame]
        if point.position is not None:
            off = placed[index, 0, [0, 2]] - point.position
            found.distance("waypoint", off, "the path point", point.frame, _RIVAL if point.frame in placing else "")
        if point.heading is not None:
            off_angle = abs(_wrapped(float(heading_from_matrix(turned[index, 0])) - point.heading))
            found.angle(
                "heading_degrees", off_angle, "the heading", point.frame, _RIVAL if point.frame in turning else ""
            )
    return KeyErrors(**found.worst, unmet=tuple(found.unmet))


def _key_frames(poses: Sequence[PoseTarget], waypoints: Sequence[WaypointTarget]) -> list[int]:
    return sorted({*(pose.frame for pose in poses), *(point.frame for point in waypoints)})


class _Findings:
    """Collects the worst error of each kind and a sentence for each target that is not met."""

    def __init__(self) -> None:
        self.worst: dict[str, float] = {}
        self.unmet: list[str] = []

    def distance(self, kind: str, off: Floats, what: str, frame: int, reason: str = "") -> None:
        error = float(np.linalg.norm(off))
        self.worst[kind] = max(error, self.worst.get(kind, 0.0))
        if error > MET_POSITION:
            self._miss(f"{what} is {error * 100:.1f} cm from its target at frame {frame}", reason)

    def angle(self, kind: str, error: float, what: str, frame: int, reason: str = "") -> None:
        degrees = float(np.degrees(error))
        self.worst[kind] = max(degrees, self.worst.get(kind, 0.0))
        if error > MET_ROTATION:
            self._miss(f"{what} is {degrees:.1f} degrees from its target at frame {frame}", reason)

    def _miss(self, what: str, reason: str) -> None:
        self.unmet.append(f"{what}: {reason}" if reason else what)


def _name(joint: int) -> str:
    return JOINTS[joint].replace("_", " ")


def _why_unreached(joint: int, pose: PoseTarget) -> str:
    chain = chain_above(joint)
    if joint == 0 or all(above in pose.rotations for above in chain):
        return "the pose of the same key fixes where it is"
    return "it is out of reach"


def _wrapped(angle: float) -> float:
    return float((angle + np.pi) % (2 * np.pi) - np.pi)


def _rotation_targets(
    motion: Motion, poses: Sequence[PoseTarget], waypoints: Sequence[WaypointTarget]
) -> dict[int, dict[int, Floats]]:
    """joint -> frame -> wanted local rotation matrix; headings turn the root as it is, unless a pose fixes it."""
    targets: dict[int, dict[int, Floats]] = {}
    for point in waypoints:
        if point.heading is not None:
            root = matrix_from_rotvec(motion.rotations[point.frame, 0].astype(np.float64))
            turn = _wrapped(point.heading - float(heading_from_matrix(root)))
            targets.setdefault(0, {})[point.frame] = yaw_matrix(turn) @ root
    for pose in poses:
        if pose.rotations:
            for joint, matrix in zip(pose.rotations, _matrices(pose), strict=True):
                targets.setdefault(joint, {})[pose.frame] = matrix
    return targets


def _matrices(pose: PoseTarget) -> Float[Floats, "keyed 3 3"]:
    return np.asarray(matrix_from_rotvec(np.array(list(pose.rotations.values()), np.float64)))


def _turn_joints(
    motion: Motion,
    targets: Mapping[int, Mapping[int, Floats]],
    *,
    blend: int,
    held: Mapping[int, Sequence[int]] | None = None,
) -> Motion:
    """Meet rotation targets (joint -> frame -> local matrix); at ``held`` frames of a joint nothing is added."""
    if not targets:
        return motion
    joints = sorted(targets)
    present = np.asarray(matrix_from_rotvec(motion.rotations[:, joints].astype(np.float64)))
    offsets = np.zeros((len(motion), len(joints), 3))
    groups: dict[tuple[int, ...], list[int]] = {}
    for column, joint in enumerate(joints):
        groups.setdefault(tuple(sorted({*targets[joint], *(held or {}).get(joint, ())})), []).append(column)
    for keys, columns in groups.items():
        residuals = _residuals([targets[joints[column]] for column in columns], keys, present[list(keys)][:, columns])
        for column, residual in zip(columns, residuals, strict=True):
            usual = USUAL_TURN[joints[column]]
            reach = widths(np.linalg.norm(residual, axis=1), usual, blend=blend, fps=motion.fps)
            offsets[:, column] = faded(len(motion), keys, residual, reach)
    rotations = motion.rotations.copy()
    frames, moved = np.nonzero(np.any(offsets != 0, axis=-1))
    if len(frames):
        turned = matrix_from_rotvec(offsets[frames, moved]) @ present[frames, moved]
        rotations[frames, np.array(joints)[moved]] = rotvec_from_matrix(turned)
    return replace(motion, rotations=rotations)


def _residuals(
    targets: Sequence[Mapping[int, Floats]], keys: Sequence[int], present: Float[Floats, "keys joints 3 3"]
) -> list[Float[Floats, "keys 3"]]:
    """For each joint the rotation vectors that are missing at the keys; none where a joint is only held."""
    goals = present.copy()
    for column, wanted in enumerate(targets):
        for row, key in enumerate(keys):
            if key in wanted:
                goals[row, column] = wanted[key]
    missing = np.asarray(rotvec_from_matrix(goals @ transpose(present)))
    for column, wanted in enumerate(targets):
        missing[[key not in wanted for key in keys], column] = 0
    return [_unwrapped(missing[:, column]) for column in range(len(targets))]


def _unwrapped(residuals: Float[Floats, "keys 3"]) -> Float[Floats, "keys 3"]:
    """The same rotations, those beyond a half turn too where that is nearer to the key before: nothing spins around."""
    result = residuals.copy()
    for index in range(1, len(result)):
        angle = float(np.linalg.norm(result[index]))
        if angle > _HALF_TURN_FROM:
            other = result[index] * (1 - 2 * np.pi / angle)
            before = result[index - 1]
            if np.linalg.norm(other - before) < np.linalg.norm(result[index] - before):
                result[index] = other
    return result


def _move_root(
    motion: Motion, body: Body, poses: Sequence[PoseTarget], waypoints: Sequence[WaypointTarget], *, blend: int
) -> Motion:
    """Meet root positions and path points; heights settle back within ``blend`` frames, so that nobody hovers."""
    pelvis = motion.translation.astype(np.float64) + body.rest_joints(motion.betas.astype(np.float64))[0]
    ground: dict[int, Floats] = {
        point.frame: np.array(point.position, np.float64) for point in waypoints if point.position is not None
    }
    height: dict[int, float] = {}
    for pose in poses:
        position = pose.root_position if pose.root_position is not None else pose.positions.get(0)
        if position is not None:
            ground[pose.frame] = np.array([position[0], position[2]], np.float64)
            height[pose.frame] = position[1]
    shift = np.zeros((len(motion), 3))
    if ground:
        keys = sorted(ground)
        missing = np.stack([ground[key] - pelvis[key, [0, 2]] for key in keys])
        shift[:, [0, 2]] = carried(len(motion), keys, missing)
    if height:
        keys = sorted(height)
        rise = np.array([[height[key] - pelvis[key, 1]] for key in keys])
        shift[:, 1] = faded(len(motion), keys, rise, widths(rise[:, 0], USUAL_ROOT, blend=blend, fps=motion.fps))[:, 0]
    translation = motion.translation.copy()
    moved = np.any(shift != 0, axis=1)
    translation[moved] += shift[moved].astype(np.float32)
    return replace(motion, translation=translation)


def _reach_positions(motion: Motion, body: Body, poses: Sequence[PoseTarget], *, blend: int) -> Motion:
    """Meet position targets of joints other than the root."""
    reaching = [pose for pose in poses if any(joint > 0 for joint in pose.positions)]
    if not reaching:
        return motion
    rest = body.rest_joints(motion.betas.astype(np.float64))
    targets: dict[int, dict[int, Floats]] = {}
    for pose in reaching:
        local = matrix_from_rotvec(motion.rotations[pose.frame].astype(np.float64))
        solved = _solved_pose(local, rest, motion.translation[pose.frame].astype(np.float64), pose)
        for joint in range(1, JOINT_COUNT):
            if not np.array_equal(solved[joint], local[joint]):
                targets.setdefault(joint, {})[pose.frame] = solved[joint]
    anchors = [pose.frame for pose in reaching]
    held = {joint: [*anchors, *(pose.frame for pose in poses if joint in pose.rotations)] for joint in targets}
    return _turn_joints(motion, targets, blend=blend, held=held)


def _solved_pose(
    local: Float[Floats, "24 3 3"], rest: Float[Floats, "24 3"], translation: Float[Floats, "3"], pose: PoseTarget
) -> Float[Floats, "24 3 3"]:
    """Free limbs first, analytically; where that does not suffice, the free joints of the limb, then of the spine."""
    wanted = {joint: np.array(position, np.float64) for joint, position in pose.positions.items() if joint > 0}
    solved = local
    for joint, target in wanted.items():
        limb = LIMB_OF_END.get(joint)
        if limb is not None and limb.start not in pose.rotations and limb.middle not in pose.rotations:
            keep = joint not in pose.rotations and JOINTS[joint].endswith("ankle")
            solved = reach_with_limb(
                solved[None], rest, translation[None], limb, targets=target[None], keep_end_orientation=keep
            )[0]
    own = {above for joint in wanted for above in _own_chain(joint)}
    every = {above for joint in wanted for above in chain_above(joint)}
    for joints in (own, every):
        _, placed = forward_kinematics(solved, rest, translation)
        if max(np.linalg.norm(placed[joint] - target) for joint, target in wanted.items()) < MET_POSITION / 4:
            break
        free = sorted(joint for joint in joints if joint not in pose.rotations)
        solved = solve_positions(solved, rest, translation, targets=wanted, free=free)
    return solved


def _own_chain(joint: int) -> tuple[int, ...]:
    """The joints above within the same arm or leg (collar included); for head and spine the whole chain."""
    sided = tuple(above for above in chain_above(joint) if JOINTS[above].startswith(("left_", "right_")))
    return sided or chain_above(joint)


def pose_target_of(motion: Motion, body: Body, frame: int) -> PoseTarget:
    """The full-body key that a frame of a motion already is: all 22 rotations and the pelvis position."""
    return PoseTarget(
        frame=frame,
        rotations={joint: _vec3(motion.rotations[frame, joint]) for joint in range(22)},
        root_position=_vec3(joint_positions(motion.sliced(frame, frame + 1), body)[0, 0]),
    )


def _vec3(values: NDArray[np.floating]) -> Vec3:
    x, y, z = (float(value) for value in values)
    return x, y, z
