"""Changes on top of a motion: each turns some joints and moves the root inside its span, and leaves all else alone.

The weight of a change grows over its first frames, holds, and falls over its last ones along a step whose first and
second derivatives vanish at both ends (Perlin 2002, 6x^5 - 15x^4 + 10x^3), so that neither speed nor acceleration jumps
where a change begins or ends. Frames outside of every change stay the same bits.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX
from genmo_studio.values import replace

Vec3 = tuple[float, float, float]


class SpanLike(Protocol):
    """Frames [start, stop)."""

    @property
    def start(self) -> int:
        """First frame."""

    @property
    def stop(self) -> int:
        """First frame after it."""


class TweakLike(Protocol):
    """What a change says; ``document.model.Tweak`` is one."""

    @property
    def span(self) -> SpanLike:
        """Timeline frames."""

    @property
    def rotations(self) -> Mapping[str, Vec3]:
        """Joint name -> rotation vector, rad."""

    @property
    def shift(self) -> Vec3 | None:
        """Of the root in the world, m."""

    @property
    def rise(self) -> int:
        """Frames in which it grows."""

    @property
    def fall(self) -> int:
        """Frames in which it fades."""

    @property
    def weight(self) -> float:
        """Its strength; 1 = as given."""


def smooth_step(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 up to x = 0, 1 from x = 1 on, with two continuous derivatives."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * x * (x * (6.0 * x - 15.0) + 10.0)


def envelope(tweak: TweakLike) -> NDArray[np.float64]:
    """(T,) share 0..1 of a change in each frame of its span, without its weight.

    The frame before the span and the one after it have none; frame ``rise`` has all of it. Where rise and fall together
    are longer than the span, both are shortened alike, so that the change still reaches its whole share in between.
    """
    last = tweak.span.stop - tweak.span.start - 1
    rise, fall = float(max(tweak.rise, 0)), float(max(tweak.fall, 0))
    if rise + fall > last:
        rise, fall = (rise * last / (rise + fall), fall * last / (rise + fall)) if last > 0 else (0.0, 0.0)
    frames = np.arange(last + 1, dtype=np.float64)
    return smooth_step((frames + 1) / (rise + 1)) * smooth_step((last - frames + 1) / (fall + 1))


def apply_tweaks(motion: Motion, tweaks: Iterable[TweakLike], *, start: int) -> Motion:
    """The motion with changes on top, each on top of the ones before it; ``start`` is its first timeline frame.

    The local rotation R of a named joint becomes exp(w v) R, the root moves by w times the shift (m, world), with w the
    envelope times the weight. Names that are no joint of the body are left out. The same object comes back when nothing
    is changed; arrays that no change touches are shared.
    """
    rotations, translation = motion.rotations, motion.translation
    for tweak in tweaks:
        first, stop = max(tweak.span.start - start, 0), min(tweak.span.stop - start, len(motion))
        if first >= stop:
            continue
        skipped = first + start - tweak.span.start
        share = tweak.weight * envelope(tweak)[skipped : skipped + stop - first]
        turns = {INDEX[name]: turn for name, turn in tweak.rotations.items() if INDEX.get(name, 99) < BODY_JOINT_COUNT}
        if any(any(turn) for turn in turns.values()):
            rotations = rotations.copy() if rotations is motion.rotations else rotations
            rotations[first:stop, list(turns)] = _turned(
                rotations[first:stop, list(turns)], np.array(list(turns.values()), np.float64), share
            )
        if tweak.shift is not None and any(tweak.shift):
            translation = translation.copy() if translation is motion.translation else translation
            translation[first:stop] += (share[:, None] * np.array(tweak.shift, np.float64)).astype(np.float32)
    if rotations is motion.rotations and translation is motion.translation:
        return motion
    return replace(motion, rotations=rotations, translation=translation)


def _turned(
    rotations: NDArray[np.float32], turns: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Rotation vectors (T, J, 3) turned by ``share`` (T,) of ``turns`` (J, 3)."""
    added = matrix_from_rotvec(share[:, None, None] * turns)
    turned: NDArray[np.float32] = rotvec_from_matrix(added @ matrix_from_rotvec(rotations.astype(np.float64))).astype(
        np.float32
    )
    return turned
