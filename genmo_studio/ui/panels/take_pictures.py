"""Strips of poses for takes, made on another thread when they are first painted and kept by content hash.

A pose is painted, not rendered: joints from forward kinematics, limbs as rounded strokes from back to front. That takes
milliseconds, needs no graphics context beside the viewport's, and reads better at 50 pixels than a mesh would.
"""

from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRunnable, Qt, QThreadPool, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from genmo_studio.motion.arrays import evenly
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.ui.theme import Theme, mix

POSES = 12
"""Poses kept of a take; a row shows as many of them as it has room for."""
TILE_HEIGHT = 52
TILE_WIDTH = 76
"""Logical pixels of a picture; wider than the step from one to the next, because arms reach out."""
KEPT = 400
"""Takes; each is about 12 × 16 kB."""
_METRES = 2.05
"""That the height of a picture shows."""
_VIEW_YAW = 0.6
"""Radians from the front that one looks from."""

_LIMBS: tuple[tuple[str, str, float], ...] = (
    ("left_hip", "left_knee", 0.075),
    ("left_knee", "left_ankle", 0.055),
    ("left_ankle", "left_foot", 0.042),
    ("right_hip", "right_knee", 0.075),
    ("right_knee", "right_ankle", 0.055),
    ("right_ankle", "right_foot", 0.042),
    ("left_shoulder", "left_elbow", 0.047),
    ("left_elbow", "left_wrist", 0.038),
    ("left_wrist", "left_hand", 0.035),
    ("right_shoulder", "right_elbow", 0.047),
    ("right_elbow", "right_wrist", 0.038),
    ("right_wrist", "right_hand", 0.035),
    ("left_hip", "right_hip", 0.09),
    ("pelvis", "spine2", 0.115),
    ("spine2", "neck", 0.105),
    ("left_shoulder", "right_shoulder", 0.07),
    ("neck", "head", 0.055),
)
"""From joint, to joint, half thickness in m."""
_HEAD = 0.105


class _Task(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()


class TakePictures(QObject):
    """Pictures by blob. ``read`` gives the bytes of a motion; it is called on the window's thread."""

    arrived = Signal(str)
    """hash of the motion whose pictures are there now"""
    _made = Signal(str, object)

    def __init__(
        self, *, read: Callable[[str], bytes | None], body: Body, theme: Theme, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._read, self._body = read, body
        self._front, self._back = _inks(theme)
        self._strips: OrderedDict[tuple[str, float], tuple[QImage, ...]] = OrderedDict()
        self._begun: set[tuple[str, float]] = set()
        self._closing = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._made.connect(self._keep)

    def strip(self, blob: str, *, ratio: float) -> tuple[QImage, ...]:
        """Pictures from the first pose to the last at a device pixel ratio; empty while they are being made."""
        key = (blob, ratio)
        if key in self._strips:
            self._strips.move_to_end(key)
            return self._strips[key]
        if key not in self._begun and not self._closing:
            data = self._read(blob)
            if data is not None:
                self._begun.add(key)
                self._pool.start(_Task(lambda: self._make(blob, data, ratio)))
        return ()

    @property
    def idle(self) -> bool:
        """True when everything that was asked for has been made."""
        return not self._begun

    def set_theme(self, theme: Theme) -> None:
        """Paint anew in the colours of another theme."""
        self._front, self._back = _inks(theme)
        self._strips.clear()

    def close(self) -> None:
        """Stop making pictures and wait for the one that is being made."""
        self._closing = True
        self._pool.clear()
        self._pool.waitForDone()

    def _make(self, blob: str, data: bytes, ratio: float) -> None:
        """On a thread of the pool."""
        try:
            motion = Motion.from_bytes(data)
        except ValueError:
            images: tuple[QImage, ...] = ()
        else:
            images = paint_poses(motion, self._body, front=self._front, back=self._back, ratio=ratio)
        if not self._closing:
            self._made.emit(blob, (ratio, images))

    def _keep(self, blob: str, made: tuple[float, tuple[QImage, ...]]) -> None:
        ratio, images = made
        self._begun.discard((blob, ratio))
        self._strips[blob, ratio] = images
        while len(self._strips) > KEPT:
            self._strips.popitem(last=False)
        self.arrived.emit(blob)


def _inks(theme: Theme) -> tuple[str, str]:
    """Colours of what is near and far."""
    return mix(theme.text, theme.panel, 0.80), mix(theme.text, theme.panel, 0.42)


def paint_poses(motion: Motion, body: Body, *, front: str, back: str, ratio: float) -> tuple[QImage, ...]:
    """Pictures of up to POSES poses spread over the motion. May run on any thread."""
    if not len(motion):
        return ()
    chosen = evenly(0, len(motion) - 1, POSES)
    poses = Motion(motion.rotations[chosen], motion.translation[chosen], betas=motion.betas, body=motion.body)
    joints = joint_positions(poses, body).astype(np.float64)
    return tuple(_paint(pose, front=QColor(front), back=QColor(back), ratio=ratio) for pose in joints)


def _paint(joints: NDArray[np.float64], *, front: QColor, back: QColor, ratio: float) -> QImage:
    """One pose, seen from the front left, its middle in the middle of the picture, the ground at its foot."""
    image = QImage(round(TILE_WIDTH * ratio), round(TILE_HEIGHT * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    centre = joints[[INDEX["pelvis"], INDEX["spine3"]]].mean(axis=0)
    across = (joints[:, 0] - centre[0]) * np.cos(_VIEW_YAW) - (joints[:, 2] - centre[2]) * np.sin(_VIEW_YAW)
    depth = (joints[:, 0] - centre[0]) * np.sin(_VIEW_YAW) + (joints[:, 2] - centre[2]) * np.cos(_VIEW_YAW)
    scale = (TILE_HEIGHT - 3) / max(_METRES, float(joints[:, 1].max()) + 0.2)
    floor = min(0.0, float(joints[:, 1].min()))
    points = [
        QPointF(TILE_WIDTH / 2 + x * scale, TILE_HEIGHT - 2 - (y - floor) * scale)
        for x, y in zip(across, joints[:, 1], strict=True)
    ]
    strokes = [(depth[INDEX[a]] + depth[INDEX[b]], a, b, r) for a, b, r in _LIMBS]
    low, high = min(stroke[0] for stroke in strokes), max(stroke[0] for stroke in strokes)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for far, first, last, radius in sorted(strokes):
            ink = _between(back, front, (far - low) / max(high - low, 1e-6))
            painter.setPen(QPen(ink, 2 * radius * scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(points[INDEX[first]], points[INDEX[last]])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(front)
        painter.drawEllipse(points[INDEX["head"]] - QPointF(0, 0.06 * scale), _HEAD * scale, _HEAD * 1.15 * scale)
    return image


def _between(a: QColor, b: QColor, share: float) -> QColor:
    return QColor.fromRgbF(
        a.redF() + (b.redF() - a.redF()) * share,
        a.greenF() + (b.greenF() - a.greenF()) * share,
        a.blueF() + (b.blueF() - a.blueF()) * share,
    )
