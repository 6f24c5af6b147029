"""What can be drawn as a curve of the character: three angles of each joint, the place and the speed of the root.

Values are in the units that people read: degrees, centimetres, metres a second. No Qt.
"""

from collections.abc import Iterable
from enum import Enum

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.euler import ORDERS, angles_from_rotvec, continuous, nearest_angles, order_name
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINTS
from genmo_studio.ui.body_words import spoken

Floats = NDArray[np.float64]
ROOT = "pelvis"
MOST_JOINTS = 12
"""Joints that are drawn at once; more curves than that cannot be told apart."""
AXES = "XYZ"


class Part(Enum):
    """What a channel is about."""

    TURN = "turn"
    PLACE = "place"
    SPEED = "speed"


UNITS = {Part.TURN: "°", Part.PLACE: "cm", Part.SPEED: "m/s"}


class Channel(msgspec.Struct, frozen=True, order=True):
    """One curve."""

    joint: int
    """Index of the joint; 0 for what is about the root."""
    order: int
    """Of its kind within the joint: place, speed, turn."""
    axis: int
    """0, 1, 2; 0 for speed."""

    @staticmethod
    def of(joint: str, part: Part, axis: int = 0) -> "Channel":
        """The channel of a joint."""
        return Channel(JOINTS.index(joint), _PARTS.index(part), axis)

    @property
    def part(self) -> Part:
        """What it is about."""
        return _PARTS[self.order]

    @property
    def joint_name(self) -> str:
        """Name of the joint in the skeleton."""
        return JOINTS[self.joint]

    @property
    def unit(self) -> str:
        """Of its values."""
        return UNITS[self.part]

    @property
    def editable(self) -> bool:
        """False for what follows from others."""
        return self.part is not Part.SPEED

    @property
    def id(self) -> str:
        """Names it in the settings."""
        return f"{self.joint_name}.{self.part.value}.{self.axis}"

    @property
    def short(self) -> str:
        """Within its joint."""
        return "Speed" if self.part is Part.SPEED else AXES[self.axis]

    @property
    def name(self) -> str:
        """Everywhere else."""
        if self.part is Part.SPEED:
            return "Root speed"
        if self.part is Part.PLACE:
            return f"Root {AXES[self.axis]}"
        return f"{_words(self.joint_name)} {AXES[self.axis]}"

    @property
    def tip(self) -> str:
        """What it is, in a sentence."""
        if self.part is Part.SPEED:
            return "Speed of the pelvis over the ground, m/s; follows from its place."
        if self.part is Part.PLACE:
            where = ("to the left of the start", "above the ground", "ahead of the start")[self.axis]
            return f"Place of the pelvis {where}, cm."
        about = ("sideways axis (x)", "upright axis (y)", "forward axis (z)")[self.axis]
        order = order_name(ORDERS[self.joint_name])
        joint = _words(self.joint_name).lower()
        return f"Turn of the {joint} about its {about}, degrees. Turns apply in the order {order}."


_PARTS = (Part.PLACE, Part.SPEED, Part.TURN)


def _words(joint: str) -> str:
    return spoken(joint).capitalize()


def group_name(channel: Channel) -> str:
    """Heading of the channels that belong together."""
    return "Root" if channel.part is not Part.TURN else _words(channel.joint_name)


def channels_of(joints: Iterable[str]) -> tuple[Channel, ...]:
    """The channels of some joints, root first; without a joint, those of the root."""
    chosen = [joint for joint in JOINTS[:BODY_JOINT_COUNT] if joint in set(joints)][:MOST_JOINTS]
    found = [Channel.of(joint, Part.TURN, axis) for joint in chosen for axis in range(3)]
    if not chosen or ROOT in chosen:
        found = [*(Channel.of(ROOT, Part.PLACE, axis) for axis in range(3)), Channel.of(ROOT, Part.SPEED), *found]
    return tuple(sorted(found))


class JointAngles:
    """The angles of one joint over a motion; a change of a few frames costs a few frames."""

    def __init__(self, joint: str) -> None:
        self.order = ORDERS[joint]
        self._turns: NDArray[np.float32] | None = None
        self.values: Floats = np.zeros((0, 3))

    def follow(self, turns: NDArray[np.float32]) -> Floats:
        """(T, 3) degrees of rotation vectors (T, 3), without jumps of whole turns."""
        before = self._turns
        if before is not None and before.shape == turns.shape:
            rows = np.flatnonzero((before != turns).any(axis=1))
            if not len(rows):
                self._turns = turns
                return self.values
            if self._patched(turns, int(rows[0]), int(rows[-1]) + 1):
                self._turns = turns
                return self.values
        self.values = continuous(angles_from_rotvec(turns, self.order), self.order)
        self._turns = turns
        return self.values

    def _patched(self, turns: NDArray[np.float32], first: int, stop: int) -> bool:
        """Only some frames anew; False when those after them would need other whole turns now."""
        if first == 0:
            return False
        angles = angles_from_rotvec(turns[first:stop], self.order)
        angles[0] = nearest_angles(angles[0], self.order, to=self.values[first - 1])
        angles = continuous(angles, self.order)
        if stop < len(turns):
            after = nearest_angles(self.values[stop], self.order, to=angles[-1])
            if not np.allclose(after, self.values[stop], atol=1e-6):
                return False
        self.values = self.values.copy()
        self.values[first:stop] = angles
        return True


def root_place(translation: NDArray[np.float32], rest_pelvis: NDArray[np.float32]) -> Floats:
    """(T, 3) cm: the pelvis in the world."""
    return (translation.astype(np.float64) + rest_pelvis) * 100.0


def root_speed(translation: NDArray[np.float32], *, fps: float) -> Floats:
    """(T,) m/s over the ground."""
    if len(translation) < 2:
        return np.zeros(len(translation))
    speed: Floats = np.linalg.norm(np.gradient(translation[:, [0, 2]].astype(np.float64), axis=0), axis=1) * fps
    return speed
