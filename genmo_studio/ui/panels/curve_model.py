"""The curves of the selected joints and the keys on them, kept up to date with little work. No Qt.

``generated`` is the result without tweaks, ``edited`` with them: the same array when no tweak changes the channel.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.model import Document, PoseKey, TrackKind, Vec3
from genmo_studio.motion.euler import ORDERS, angles_from_rotvec, nearest_angles
from genmo_studio.motion.interpolate import Tangent
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.ui.panels.curve_channels import (
    Channel,
    JointAngles,
    Part,
    channels_of,
    root_place,
    root_speed,
)

Floats = NDArray[np.float64]
_POSES = (TrackKind.FULL_KEYS, TrackKind.PARTIAL_KEYS)


@dataclass(frozen=True, eq=False)
class Dots:
    """The keys on a curve, by frame within each track."""

    keys: tuple[str, ...] = ()
    frames: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    values: Floats = field(default_factory=lambda: np.zeros(0))
    fixed: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    """of locked tracks"""
    muted: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    tangents: tuple[Tangent, ...] = ()
    """how interpolation passes each"""

    def __len__(self) -> int:
        return len(self.keys)


NO_DOTS = Dots()


class Curve(msgspec.Struct, frozen=True, eq=False):
    """A channel of the shown motion."""

    channel: Channel
    edited: Floats
    """(T,)"""
    generated: Floats
    """(T,); ``edited`` itself where nothing differs."""
    dots: Dots = NO_DOTS


class CurveSet(msgspec.Struct, frozen=True, eq=False):
    """All curves at one moment."""

    start: int = 0
    """Timeline frame of the first value."""
    curves: tuple[Curve, ...] = ()
    left_out: int = 0
    """Selected joints beyond those that are drawn."""

    @property
    def frames(self) -> int:
        """Length of the curves."""
        return len(self.curves[0].edited) if self.curves else 0

    def of(self, channel: Channel) -> Curve | None:
        """The curve of a channel."""
        return next((curve for curve in self.curves if curve.channel == channel), None)


class CurveModel:
    """Makes the curves; remembers angles by joint and keys by track."""

    def __init__(self) -> None:
        self._edited: dict[str, JointAngles] = {}
        self._generated: dict[str, JointAngles] = {}

    def curves(
        self,
        document: Document,
        joints: Iterable[str],
        *,
        shown: ShownMotion | None,
        bare: ShownMotion | None,
        rest_pelvis: NDArray[np.float32],
    ) -> CurveSet:
        """The curves of some joints, with the document's keys; ``bare`` is the shown motion without tweaks."""
        chosen = frozenset(joints)
        channels = channels_of(chosen)
        drawn = {channel.joint_name for channel in channels if channel.part is Part.TURN}
        for cache in (self._edited, self._generated):
            for gone in cache.keys() - drawn:
                del cache[gone]
        edited = None if shown is None else shown.motion
        generated = edited if bare is None or edited is None or len(bare.motion) != len(edited) else bare.motion
        start = 0 if shown is None else shown.start
        values = self._values(edited, self._edited, channels, rest_pelvis)
        below = values
        if generated is not edited:
            below = self._values(generated, self._generated, channels, rest_pelvis)
        dots = _dots(document, channels, values, start=start)
        curves = []
        for channel in channels:
            over, under = values[channel], below[channel]
            under = over if under is over or np.array_equal(over, under) else _beside(under, over, channel)
            curves.append(Curve(channel, over, under, dots.get(channel, NO_DOTS)))
        return CurveSet(start, tuple(curves), len(chosen - drawn))

    def _values(
        self,
        motion: Motion | None,
        cache: dict[str, JointAngles],
        channels: tuple[Channel, ...],
        rest_pelvis: NDArray[np.float32],
    ) -> dict[Channel, Floats]:
        if motion is None:
            return {channel: np.zeros(0) for channel in channels}
        found: dict[Channel, Floats] = {}
        place = root_place(motion.translation, rest_pelvis) if any(c.part is Part.PLACE for c in channels) else None
        for channel in channels:
            if channel.part is Part.PLACE and place is not None:
                found[channel] = place[:, channel.axis]
            elif channel.part is Part.SPEED:
                found[channel] = root_speed(motion.translation, fps=motion.fps)
            else:
                joint = channel.joint_name
                if joint not in cache:
                    cache[joint] = JointAngles(joint)
                if channel.axis == 0:
                    cache[joint].follow(motion.rotations[:, INDEX[joint]])
                found[channel] = cache[joint].values[:, channel.axis]
        return found


def _dots(
    document: Document, channels: tuple[Channel, ...], values: Mapping[Channel, Floats], *, start: int
) -> dict[Channel, Dots]:
    rows = [t for t in document.tracks if not t.hidden and t.kind in _POSES]
    keys = [(track, key) for track in rows for key in track.items if isinstance(key, PoseKey)]
    found: dict[Channel, Dots] = {}
    for first in (channel for channel in channels if channel.axis == 0 and channel.editable):
        joint, part = first.joint_name, first.part
        mine = [(t, k, said) for t, k in keys if (said := _said(k, joint, part)) is not None]
        if not mine:
            continue
        frames = np.array([key.frame for _, key, _ in mine], np.int64)
        values_said = np.array([one for *_, one in mine], np.float64)
        three = [Channel.of(joint, part, axis) for axis in range(3)]
        if part is Part.TURN:
            values_said = _near_curve(values_said, joint, [values[channel] for channel in three], frames - start)
        else:
            values_said *= 100.0
        names = tuple(key.id for _, key, _ in mine)
        fixed = np.array([track.locked for track, *_ in mine])
        muted = np.array([key.muted or track.muted or key.weight <= 0 for track, key, _ in mine])
        tangents = tuple(Tangent(key.tangent.value) for _, key, _ in mine)
        for channel in three:
            found[channel] = Dots(names, frames, values_said[:, channel.axis], fixed, muted, tangents)
    return found


def _said(key: PoseKey, joint: str, part: Part) -> Vec3 | None:
    """What a key says about a joint: a rotation vector, or the place of the pelvis in m."""
    return key.rotations.get(joint) if part is Part.TURN else key.root_position


def _near_curve(said: Floats, joint: str, curve: list[Floats], rows: NDArray[np.int64]) -> Floats:
    """Rotation vectors (K, 3) of keys as the angles that lie nearest to the curve at their frames."""
    order = ORDERS[joint]
    angles = angles_from_rotvec(said, order)
    if not len(curve[0]):
        return angles
    rows = np.clip(rows, 0, len(curve[0]) - 1)
    return nearest_angles(angles, order, to=np.stack([values[rows] for values in curve], axis=1))


def _beside(under: Floats, over: Floats, channel: Channel) -> Floats:
    """The generated curve moved by whole turns so that it lies near the edited one."""
    if channel.part is not Part.TURN:
        return under
    turns = np.round(np.median(over - under) / 360.0) * 360.0 if len(over) else 0.0
    return under + turns
