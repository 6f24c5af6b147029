"""Read BVH: skeleton, offsets and motion as arrays, for training data and for import.

BVH has no unit and no up axis of its own; this reader takes y up and a unit given by the caller (centimetres by
default, as nearly all mocap does).
"""

import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.rotations import slerp_matrices
from genmo_studio.values import replace

MAX_BYTES = 256 * 1024 * 1024
MAX_JOINTS = 1_024
MAX_FRAMES = 1_000_000
MAX_DEPTH = 256
MAX_NUMBERS = 20_000_000
CENTIMETRE = 0.01

_POSITIONS = {"xposition": 0, "yposition": 1, "zposition": 2}
_ROTATIONS = {"xrotation": 0, "yrotation": 1, "zrotation": 2}


class BvhError(ValueError):
    """The file is not BVH that can be read; the message is one sentence for the user."""


@dataclass(frozen=True, eq=False)
class BvhClip:
    """A BVH file as arrays; lengths in metres, y up."""

    joints: tuple[str, ...]
    """Names in file order; parents come before children."""
    parents: tuple[int, ...]
    """Index of each joint's parent, -1 at the root."""
    offsets: NDArray[np.float64]
    """(J, 3) rest offset from the parent, m; the root's own offset is in ``positions``."""
    rotations: NDArray[np.float64]
    """(T, J, 3, 3) local rotation matrices."""
    positions: NDArray[np.float64]
    """(T, 3) root position in the world, m."""
    fps: float
    end_sites: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    """Offset of the end site below a leaf joint, m."""

    def __len__(self) -> int:
        return len(self.positions)

    def rest_positions(self) -> NDArray[np.float64]:
        """(J, 3) joint positions of the rest pose (all rotations zero) relative to the root, m."""
        rest = np.zeros_like(self.offsets)
        for joint, parent in enumerate(self.parents):
            if parent >= 0:
                rest[joint] = rest[parent] + self.offsets[joint]
        return rest

    def global_pose(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Forward kinematics: world rotations (T, J, 3, 3) and joint positions (T, J, 3) in m."""
        rotations = np.empty_like(self.rotations)
        positions = np.empty((*self.rotations.shape[:2], 3))
        for joint, parent in enumerate(self.parents):
            if parent < 0:
                rotations[:, joint] = self.rotations[:, joint]
                positions[:, joint] = self.positions
            else:
                rotations[:, joint] = rotations[:, parent] @ self.rotations[:, joint]
                positions[:, joint] = positions[:, parent] + rotations[:, parent] @ self.offsets[joint]
        return rotations, positions

    def resampled(self, fps: float) -> "BvhClip":
        """The clip at another rate: frame k of the answer is at time k / fps; rotations by slerp, path linearly."""
        if abs(fps / self.fps - 1) < 1e-3 or len(self) < 2:
            return replace(self, fps=fps)
        count = int(np.floor((len(self) - 1) / self.fps * fps + 1e-6)) + 1
        at = np.minimum(np.arange(count) * (self.fps / fps), len(self) - 1.0)
        low = np.minimum(at.astype(np.int64), len(self) - 2)
        part = at - low
        rotations = slerp_matrices(self.rotations[low], self.rotations[low + 1], part[:, None])
        positions = self.positions[low] + (self.positions[low + 1] - self.positions[low]) * part[:, None]
        return replace(self, rotations=np.asarray(rotations), positions=positions, fps=fps)


@dataclass
class _Skeleton:
    """What the HIERARCHY block says, while it is read."""

    joints: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    offsets: list[tuple[float, float, float]] = field(default_factory=list)
    channels: list[tuple[str, ...]] = field(default_factory=list)
    end_sites: dict[str, tuple[float, float, float]] = field(default_factory=dict)


def read_bvh(source: Path | str, *, metres_per_unit: float = CENTIMETRE) -> BvhClip:
    """Read a BVH file (a ``Path``) or BVH text (a ``str``).

    Rotations follow the file's channel order: channels A B C mean R = R_A R_B R_C. A joint other than the root that
    has position channels gets their median as its offset, since bones keep their length here.
    Raises BvhError with one sentence, OSError when the file can't be opened.
    """
    if isinstance(source, Path):
        name = source.name
        if source.stat().st_size > MAX_BYTES:
            raise BvhError(f"{name} is larger than {MAX_BYTES // 2**20} MB; cut it into shorter clips")
        text = source.read_bytes().decode("utf-8", "replace")
    else:
        name, text = "the BVH text", source
    head, mark, motion = text.partition("MOTION")
    if not mark or "HIERARCHY" not in head[:4096]:
        raise BvhError(f"{name} is not BVH: it has no HIERARCHY and MOTION blocks")
    skeleton = _read_hierarchy(head.split(), name=name)
    frames, seconds, numbers = _read_motion(motion, width=sum(map(len, skeleton.channels)), name=name)
    return _assemble(skeleton, numbers.reshape(frames, -1), fps=_rate(seconds), unit=metres_per_unit)


def _read_hierarchy(tokens: list[str], *, name: str) -> _Skeleton:
    skeleton = _Skeleton()
    try:
        _parse_hierarchy(tokens, skeleton, name=name)
    except BvhError:
        raise
    except (IndexError, ValueError) as error:
        raise BvhError(f"{name}: the skeleton block is broken or cut off") from error
    if len(set(skeleton.joints)) != len(skeleton.joints):
        raise BvhError(f"{name}: two joints have the same name")
    if not np.isfinite(skeleton.offsets).all():
        raise BvhError(f"{name}: a bone offset is not a number")
    return skeleton


def _parse_hierarchy(tokens: list[str], skeleton: _Skeleton, *, name: str) -> None:
    """Fill ``skeleton`` from the words after HIERARCHY. ``stack`` holds the open joints, -1 for an open end site."""
    stack: list[int] = []
    at = 1
    while at < len(tokens):
        word = tokens[at].upper()
        if word in ("ROOT", "JOINT"):
            if (
                (word == "ROOT") != (not skeleton.joints)
                or len(skeleton.joints) >= MAX_JOINTS
                or len(stack) > MAX_DEPTH
            ):
                raise BvhError(f"{name}: only one skeleton of at most {MAX_JOINTS} joints can be read")
            opening = tokens.index("{", at)
            skeleton.joints.append(" ".join(tokens[at + 1 : opening]))
            skeleton.parents.append(stack[-1] if stack else -1)
            skeleton.offsets.append((0.0, 0.0, 0.0))
            skeleton.channels.append(())
            stack.append(len(skeleton.joints) - 1)
            at = opening + 1
        elif word == "END":
            stack.append(-1)
            at = tokens.index("{", at) + 1
        elif word == "OFFSET":
            offset = (float(tokens[at + 1]), float(tokens[at + 2]), float(tokens[at + 3]))
            if stack[-1] < 0:
                skeleton.end_sites[skeleton.joints[stack[-2]]] = offset
            else:
                skeleton.offsets[stack[-1]] = offset
            at += 4
        elif word == "CHANNELS":
            channels = tuple(channel.lower() for channel in tokens[at + 2 : at + 2 + int(tokens[at + 1])])
            if len(channels) > 6 or any(c not in _POSITIONS and c not in _ROTATIONS for c in channels):
                raise BvhError(f"{name}: joint {skeleton.joints[stack[-1]]} has channels that BVH does not have")
            skeleton.channels[stack[-1]] = channels
            at += 2 + len(channels)
        elif word == "}":
            stack.pop()
            at += 1
        else:
            raise BvhError(f"{name}: unexpected word {tokens[at][:40]!r} in the skeleton")
    if not skeleton.joints or stack:
        raise ValueError("unbalanced braces")


def _read_motion(text: str, *, width: int, name: str) -> tuple[int, float, NDArray[np.float64]]:
    lines = text.lstrip().split("\n", 2)
    if len(lines) < 3 or not lines[0].strip().lower().startswith("frames:"):
        raise BvhError(f"{name}: the MOTION block has no Frames line")
    frame_time = lines[1].strip().lower()
    try:
        frames = int(lines[0].split(":", 1)[1])
        seconds = float(frame_time.split(":", 1)[1])
    except (IndexError, ValueError) as error:
        raise BvhError(f"{name}: Frames or Frame Time is not a number") from error
    if not frame_time.startswith("frame time:") or not np.isfinite(seconds) or not 1e-4 <= seconds <= 10:
        raise BvhError(f"{name}: Frame Time must lie between 0.0001 and 10 seconds")
    if not 1 <= frames <= MAX_FRAMES or width < 1 or frames * width > MAX_NUMBERS:
        raise BvhError(f"{name}: {frames} frames of {width} channels can't be read (1 to {MAX_FRAMES:,} frames)")
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        try:
            numbers = np.fromstring(lines[2], dtype=np.float64, sep=" ", count=-1)
        except (DeprecationWarning, ValueError) as error:
            raise BvhError(f"{name}: the motion block holds something that is not a number") from error
    if len(numbers) != frames * width:
        raise BvhError(f"{name} says {frames} frames of {width} channels but holds {len(numbers):,} numbers")
    if not np.isfinite(numbers).all():
        raise BvhError(f"{name}: the motion block holds something that is not a number")
    return frames, seconds, numbers


def _rate(seconds: float) -> float:
    """Frames per second of a frame time that was written with few decimals (0.008333 means 120)."""
    nearest = max(round(1.0 / seconds), 1)
    return float(nearest) if abs(seconds * nearest - 1.0) < 5e-4 else 1.0 / seconds


def _assemble(skeleton: _Skeleton, numbers: NDArray[np.float64], *, fps: float, unit: float) -> BvhClip:
    frames, count = len(numbers), len(skeleton.joints)
    offsets = np.array(skeleton.offsets, np.float64) * unit
    angles = np.zeros((frames, count, 3))
    axes = np.tile(np.arange(3), (count, 1))
    positions = np.tile(offsets[0], (frames, 1))
    column = 0
    for joint, channels in enumerate(skeleton.channels):
        turn = 0
        for channel in channels:
            values = numbers[:, column]
            column += 1
            if channel in _ROTATIONS and turn < 3:
                axes[joint, turn] = _ROTATIONS[channel]
                angles[:, joint, turn] = np.radians(values)
                turn += 1
            elif channel in _POSITIONS and joint == 0:
                positions[:, _POSITIONS[channel]] = values * unit
            elif channel in _POSITIONS:
                offsets[joint, _POSITIONS[channel]] = np.median(values) * unit
    return BvhClip(
        joints=tuple(skeleton.joints),
        parents=tuple(skeleton.parents),
        offsets=offsets,
        rotations=_euler_matrices(angles, axes),
        positions=positions,
        fps=fps,
        end_sites={joint: np.array(offset) * unit for joint, offset in skeleton.end_sites.items()},
    )


def _euler_matrices(angles: NDArray[np.float64], axes: NDArray[np.int64]) -> NDArray[np.float64]:
    """R_a R_b R_c from angles (T, J, 3) about the axes (J, 3): Rodrigues about each unit axis."""
    cross = np.zeros((3, 3, 3))
    for axis in range(3):
        cross[axis, (axis + 2) % 3, (axis + 1) % 3] = 1.0
        cross[axis, (axis + 1) % 3, (axis + 2) % 3] = -1.0
    result: NDArray[np.float64] | None = None
    for turn in range(3):
        skew = cross[axes[:, turn]]
        sine = np.sin(angles[..., turn])[..., None, None]
        versine = (1.0 - np.cos(angles[..., turn]))[..., None, None]
        matrix = np.eye(3) + sine * skew + versine * (skew @ skew)
        result = matrix if result is None else result @ matrix
    assert result is not None
    return result
