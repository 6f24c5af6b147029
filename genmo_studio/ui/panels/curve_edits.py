"""What dragging in the graph editor changes in the document: keys, or a tweak with a falloff on the dense motion. Pure.

A drag is always computed from where it began. What is shown of a rotation are angles; the document keeps rotation
vectors, so the other two angles of a joint are held while one is moved.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.result import ShownMotion, heard_tweaks
from genmo_studio.document.edits import Edit, EditError, add_tweak, change_tweak, compose, new_id
from genmo_studio.document.edits.core import change_items
from genmo_studio.document.model import Document, Item, PoseKey, TrackKind, Tweak, Vec3
from genmo_studio.document.time import Span
from genmo_studio.motion.euler import ORDERS, rotvec_from_angles
from genmo_studio.motion.layers import envelope
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix, transpose
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.ui.panels.curve_channels import Channel, Part
from genmo_studio.ui.panels.curve_model import CurveSet
from genmo_studio.ui.panels.curve_view import DotAt

Floats = NDArray[np.float64]
NEAR = 0.3
"""Share that a tweak must have at a frame to be changed by a drag there; less would need too large a change."""
LARGEST_TURN = 3.0
"""rad; a tweak turns less than half a turn, or it would go the other way round."""


def moved_dots(curves: CurveSet, dots: Iterable[DotAt], *, frames: int, values: Mapping[Channel, float]) -> Edit:
    """Move keys by whole frames, and what they say on the given channels by values in the channels' units."""
    wanted: dict[str, dict[Channel, Floats]] = {}
    for dot in dots:
        mine = wanted.setdefault(dot.key, {})
        first = Channel(dot.channel.joint, dot.channel.order, 0)
        said = mine.setdefault(first, _said(curves, dot.key, first))
        said[dot.channel.axis] += values.get(dot.channel, 0.0)

    def change(item: Item) -> Item:
        if not isinstance(item, PoseKey):
            raise EditError("Only pose keys lie on these curves.")
        if item.frame + frames < 0:
            raise EditError("A key cannot lie before the start of the project.")
        turns, place = dict(item.rotations), item.root_position
        if any(values.values()):
            for channel, said in wanted[item.id].items():
                if channel.part is Part.TURN:
                    turns[channel.joint_name] = _vec3(rotvec_from_angles(said, ORDERS[channel.joint_name]))
                elif channel.part is Part.PLACE:
                    place = _vec3(said / 100.0)
        return msgspec.structs.replace(item, frame=item.frame + frames, rotations=turns, root_position=place)

    return lambda document: change_items(document, tuple(wanted), change)


def _said(curves: CurveSet, key: str, first: Channel) -> Floats:
    """(3,) what a key says on the three channels of a kind, as it is drawn."""
    found = []
    for axis in range(3):
        curve = curves.of(Channel(first.joint, first.order, axis))
        if curve is None or key not in curve.dots.keys:
            raise EditError("This key is no longer in the project.")
        found.append(float(curve.dots.values[curve.dots.keys.index(key)]))
    return np.array(found)


def _vec3(values: Floats) -> Vec3:
    x, y, z = (float(value) for value in values)
    return x, y, z


@dataclass(frozen=True, eq=False)
class Grab:
    """A point of the dense motion that is held: what moving it and widening its falloff does."""

    channel: Channel
    frame: int
    tweak: Tweak
    """As it is at the start; a new one turns nothing yet."""
    fresh: bool
    shown: Floats
    """(3,) what the three channels of the kind show at the frame."""
    below: Floats
    """(3, 3) the joint's rotation under the tweak; identity for the root's place."""
    above: Floats
    """(3, 3) what tweaks on top of it add."""
    frames: Span
    """Of the motion."""
    scale: float = 1.0
    """How much longer the shown root's way is than that of the motion as it was made."""
    add: Edit = field(default=lambda document: document)
    """Puts a new tweak in place."""

    @property
    def value(self) -> float:
        """What the channel shows."""
        return float(self.shown[self.channel.axis])

    def shaped(self, widen: int) -> Tweak:
        """The tweak with its falloff wider by frames on both sides, within the motion."""
        tweak = self.tweak
        rise, fall = max(tweak.rise + widen, 0), max(tweak.fall + widen, 0)
        start, stop = tweak.span.start + tweak.rise, tweak.span.stop - tweak.fall  # what is held
        span = Span(max(start - rise, min(self.frames.start, start)), min(stop + fall, max(self.frames.stop, stop)))
        return msgspec.structs.replace(tweak, span=span, rise=start - span.start, fall=span.stop - stop)

    def edit(self, by: float, *, widen: int = 0) -> Edit:
        """The channel moved by a value at the frame, others of its kind as they are."""
        shaped = self.shaped(widen)
        share = shaped.weight * float(envelope(shaped)[self.frame - shaped.span.start])
        wanted = self.shown.copy()
        wanted[self.channel.axis] += by
        turns: dict[str, Vec3] = {}
        shift: Vec3 | None = None
        if by == 0 and widen == 0:
            return self.add
        if self.channel.part is Part.PLACE:
            shift = _vec3(np.array(shaped.shift or (0.0,) * 3) + (wanted - self.shown) / 100.0 / self.scale / share)
        else:
            joint = self.channel.joint_name
            target = matrix_from_rotvec(rotvec_from_angles(wanted, ORDERS[joint]))
            turn = rotvec_from_matrix(transpose(self.above) @ target @ transpose(self.below)) / share
            length = float(np.linalg.norm(turn))
            turns[joint] = _vec3(turn if length <= LARGEST_TURN else turn * (LARGEST_TURN / length))
        change = change_tweak(
            shaped.id, span=shaped.span, rotations=turns, shift=shift, rise=shaped.rise, fall=shaped.fall
        )
        return compose(self.add, change)


def grab(
    document: Document,
    bare: ShownMotion,
    channel: Channel,
    frame: int,
    *,
    shown: Floats,
    radius: int,
    selected: frozenset[str] = frozenset(),
    scale: float = 1.0,
) -> Grab | None:
    """Hold a point of the motion; None outside of it.

    A tweak is changed when it is selected or holds its whole share there; otherwise a new one begins to rise ``radius``
    frames before and is gone ``radius`` frames after. ``shown`` (3,): what the channels of the kind show.
    """
    row = frame - bare.start
    if not 0 <= row < len(bare.motion):
        return None
    tweak = _changed_by(document, channel, frame, selected)
    fresh, add = tweak is None, compose()
    if tweak is None:
        start, stop = max(frame - radius, bare.span.start), min(frame + radius + 1, bare.span.stop)
        tweak = Tweak(new_id(), Span(start, stop), rise=frame - start, fall=stop - 1 - frame)
        add = add_tweak(tweak)
        document = add(document)
    below, above, passed = np.eye(3), np.eye(3), False
    if channel.part is Part.TURN:
        joint = channel.joint_name
        below = matrix_from_rotvec(bare.motion.rotations[row, INDEX[joint]].astype(np.float64))
        for other in heard_tweaks(document):
            if other.id == tweak.id:
                passed = True
            elif frame in other.span and joint in other.rotations:
                share = other.weight * float(envelope(other)[frame - other.span.start])
                turned = matrix_from_rotvec(share * np.array(other.rotations[joint]))
                above, below = (turned @ above, below) if passed else (above, turned @ below)
    return Grab(channel, frame, tweak, fresh, shown.copy(), below, above, bare.span, scale, add)


def _changed_by(document: Document, channel: Channel, frame: int, selected: frozenset[str]) -> Tweak | None:
    """The tweak that a drag at a frame changes: a selected one, else the topmost that holds its whole share there."""
    locked = {item.id for t in document.tracks if t.kind is TrackKind.TWEAKS and t.locked for item in t.items}
    holding = None
    for tweak in reversed(heard_tweaks(document)):
        if tweak.id in locked or frame not in tweak.span:
            continue
        if float(envelope(tweak)[frame - tweak.span.start]) * tweak.weight < NEAR:
            continue
        if tweak.id in selected:
            return tweak
        mine = bool(tweak.shift) if channel.part is Part.PLACE else channel.joint_name in tweak.rotations
        if mine and tweak.span.start + tweak.rise <= frame < tweak.span.stop - tweak.fall:
            holding = holding or tweak
    return holding


def widened(document: Document, ids: Iterable[str], *, by: int) -> Edit | None:
    """Falloffs of tweaks wider by frames on both sides; None when none of the ids is a tweak."""
    wanted = set(ids)
    tweaks = [item for t in document.tracks if t.kind is TrackKind.TWEAKS for item in t.items if item.id in wanted]
    edits = []
    for tweak in tweaks:
        if isinstance(tweak, Tweak):
            rise, fall = max(tweak.rise + by, 0), max(tweak.fall + by, 0)
            held = Span(tweak.span.start + tweak.rise, tweak.span.stop - tweak.fall)
            span = Span(max(held.start - rise, 0), max(held.stop, min(held.stop + fall, document.length)))
            edits.append(change_tweak(tweak.id, span=span, rise=held.start - span.start, fall=span.stop - held.stop))
    return compose(*edits) if edits else None
