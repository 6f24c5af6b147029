"""What the pointer does in the graph editor: a small state machine that answers events with effects. Pure.

A press on a key begins to move it (and all that are chosen with it); on a curve it holds that point of the dense motion
and moves it with a falloff; on nothing it draws a box. The strip with the times scrubs.
"""

from collections.abc import Callable
from dataclasses import dataclass

from genmo_studio.document.edits import EditError
from genmo_studio.ui.panels.curve_channels import Channel, Part
from genmo_studio.ui.panels.curve_edits import Grab, moved_dots
from genmo_studio.ui.panels.curve_model import CurveSet
from genmo_studio.ui.panels.curve_view import Box, CurveAt, DotAt, Shown, curve_at, dot_at, dots_in
from genmo_studio.ui.timeline.effects import Begin, Button, Finish, Modifier, Pointer, Preview, Restore, Seek
from genmo_studio.values import replace

THRESHOLD = 4.0
"""Pixels before a press becomes a drag."""
STEPS = {Part.TURN: 5.0, Part.PLACE: 1.0, Part.SPEED: 1.0}
"""What values snap to with Ctrl, in the channel's unit."""


@dataclass(frozen=True, slots=True)
class Pick:
    """Choose these keys on these channels."""

    dots: frozenset[DotAt]


@dataclass(frozen=True, slots=True)
class Band:
    """Draw a box between two corners (x, y, x, y); None takes it away."""

    corners: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True)
class Say:
    """A read-out of what is dragged; empty takes it away."""

    text: str


@dataclass(frozen=True, slots=True)
class Falling:
    """Show where a falloff reaches (frames, half-open); None takes it away. ``radius`` is kept for the next one."""

    span: tuple[int, int] | None
    radius: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """Show another part of time and heights."""

    box: Box


Effect = Begin | Preview | Finish | Restore | Seek | Pick | Band | Say | Falling | Move


@dataclass(frozen=True, eq=False)
class Place:
    """What the pointer meets."""

    shown: Shown
    box: Box
    picked: frozenset[DotAt]
    grab: Callable[[Channel, int], Grab | None]
    ruler: bool = False
    """The pointer is over the strip with the times."""


@dataclass
class _Drag:
    """A press that may be a drag."""

    pointer: Pointer
    place: Place
    moved: bool = False


@dataclass
class _Pan(_Drag):
    pass


@dataclass
class _Scrub(_Drag):
    pass


@dataclass
class _BoxSelect(_Drag):
    pass


@dataclass
class _Keys(_Drag):
    dot: DotAt | None = None
    dots: frozenset[DotAt] = frozenset()
    narrow: bool = False
    """Without a drag, the press chooses its own key alone."""


@dataclass
class _Hold(_Drag):
    point: CurveAt | None = None
    grab: Grab | None = None
    by: float = 0.0
    widen: int = 0


class CurveHand:
    """One pointer over the curves."""

    def __init__(self) -> None:
        self._drag: _Drag | None = None

    @property
    def busy(self) -> bool:
        """True while a button is held."""
        return self._drag is not None

    @property
    def holding(self) -> bool:
        """True while a point of the dense motion is dragged: the wheel changes its falloff."""
        return isinstance(self._drag, _Hold) and self._drag.moved

    def press(self, pointer: Pointer, place: Place) -> list[Effect]:
        """A button goes down."""
        if self._drag is not None:
            return []
        if pointer.button is Button.MIDDLE:
            self._drag = _Pan(pointer, place)
        elif pointer.button is not Button.LEFT:
            return []
        elif place.ruler:
            self._drag = _Scrub(pointer, place)
            return [Seek(_frame(place, pointer))]
        else:
            return self._press_curves(pointer, place)
        return []

    def _press_curves(self, pointer: Pointer, place: Place) -> list[Effect]:
        scales = place.shown.scales()
        dot = dot_at(place.shown, place.box, scales, x=pointer.x, y=pointer.y)
        if dot is not None:
            return self._press_dot(dot, pointer, place)
        point = curve_at(place.shown, place.box, scales, x=pointer.x, y=pointer.y)
        if point is not None and point.channel.editable and point.channel not in place.shown.locked:
            self._drag = _Hold(pointer, place, point=point)
        else:
            self._drag = _BoxSelect(pointer, place)
        return []

    def _press_dot(self, dot: DotAt, pointer: Pointer, place: Place) -> list[Effect]:
        picked = place.picked
        adds = bool(pointer.modifiers & (Modifier.SHIFT | Modifier.CTRL))
        if adds:
            picked = picked ^ {dot}
            self._drag = _Keys(pointer, place, dot=dot, dots=picked)
            return [Pick(picked)]
        if dot in picked:
            self._drag = _Keys(pointer, place, dot=dot, dots=picked, narrow=len(picked) > 1)
            return []
        self._drag = _Keys(pointer, place, dot=dot, dots=frozenset({dot}))
        return [Pick(frozenset({dot}))]

    def move(self, pointer: Pointer) -> list[Effect]:
        """The pointer moves with the button held."""
        drag = self._drag
        if drag is None:
            return []
        dx, dy = pointer.x - drag.pointer.x, pointer.y - drag.pointer.y
        begins = not drag.moved and max(abs(dx), abs(dy)) >= THRESHOLD
        if not drag.moved and not begins and not isinstance(drag, _Scrub | _Pan):
            return []
        drag.moved = True
        return self._dragged(drag, pointer, begins=begins)

    def _dragged(self, drag: _Drag, pointer: Pointer, *, begins: bool) -> list[Effect]:
        match drag:
            case _Pan():
                dx, dy = pointer.x - drag.pointer.x, pointer.y - drag.pointer.y
                return [Move(drag.place.box.panned(dx, dy))]
            case _Scrub():
                return [Seek(_frame(drag.place, pointer))]
            case _BoxSelect():
                corners = (drag.pointer.x, drag.pointer.y, pointer.x, pointer.y)
                return [Band(corners), Pick(_boxed(drag, corners))]
            case _Keys():
                return self._drag_keys(drag, pointer, begins=begins)
            case _Hold():
                return self._drag_hold(drag, pointer, begins=begins)
        return []

    def _drag_keys(self, drag: _Keys, pointer: Pointer, *, begins: bool) -> list[Effect]:
        place, dot = drag.place, drag.dot
        if dot is None or dot not in drag.dots:
            return []
        curves, scales = place.shown.curves, place.shown.scales()
        free = frozenset(d for d in drag.dots if d.channel not in place.shown.locked)
        frames, up = _along(drag, pointer)
        held = curves.of(dot.channel)
        if held is None or not free:
            return [Say("Locked: unlock the channel in the list to move its keys.")] if not free else []
        index = held.dots.keys.index(dot.key)
        value = float(held.dots.values[index])
        own = up / scales[dot.channel].gain
        if pointer.modifiers & Modifier.CTRL and up:
            step = STEPS[dot.channel.part]
            own = round((value + own) / step) * step - value
            up = own * scales[dot.channel].gain
        frames = max(frames, -_first_frame(curves, free))
        values = {d.channel: up / scales[d.channel].gain for d in free}
        frame = int(held.dots.frames[index]) + frames
        effects: list[Effect] = [Begin("Move Keys" if len({d.key for d in free}) > 1 else "Move Key")] if begins else []
        try:
            effects.append(Preview(moved_dots(curves, free, frames=frames, values=values)))
        except EditError as error:
            return [*effects, Say(str(error))]
        return [*effects, Say(_told(dot.channel, frame, value + own))]

    def _drag_hold(self, drag: _Hold, pointer: Pointer, *, begins: bool) -> list[Effect]:
        place, point = drag.place, drag.point
        if point is None:
            return []
        effects: list[Effect] = []
        if begins:
            drag.grab = place.grab(point.channel, point.frame)
            if drag.grab is None:
                return [Say("There is no motion here to change.")]
            effects.append(Begin("Tweak Motion" if drag.grab.fresh else "Change Tweak"))
        if drag.grab is None:
            return effects
        scale = place.shown.scales()[point.channel]
        up = (drag.pointer.y - pointer.y) / max(place.box.height, 1.0) * (place.box.high - place.box.low)
        drag.by = up / scale.gain
        if pointer.modifiers & Modifier.CTRL:
            step = STEPS[point.channel.part]
            drag.by = round((drag.grab.value + drag.by) / step) * step - drag.grab.value
        return [*effects, *_held(drag)]

    def widen(self, frames: int) -> list[Effect]:
        """Make the falloff of what is held wider or narrower."""
        drag = self._drag
        if not isinstance(drag, _Hold) or drag.grab is None:
            return []
        drag.widen = max(drag.widen + frames, -max(drag.grab.tweak.rise, drag.grab.tweak.fall))
        return _held(drag)

    def release(self, pointer: Pointer) -> list[Effect]:
        """The button goes up."""
        drag, self._drag = self._drag, None
        over: list[Effect] = [Say(""), Band(None), Falling(None)]
        match drag:
            case _Keys():
                return [*_dropped(drag), *over]
            case _Hold():
                return _let_go(drag, over)
            case _BoxSelect() if not drag.moved and not pointer.modifiers & (Modifier.SHIFT | Modifier.CTRL):
                return [Pick(frozenset()), *over]
        return over

    def cancel(self) -> list[Effect]:
        """Esc, or the pointer is lost: everything is as it was before the press."""
        drag, self._drag = self._drag, None
        if drag is None:
            return []
        over: list[Effect] = [Say(""), Band(None), Falling(None)]
        if isinstance(drag, _Keys | _Hold):
            return [Restore(), *over]
        if isinstance(drag, _BoxSelect):
            return [Pick(drag.place.picked), *over]
        return [Move(drag.place.box), *over] if isinstance(drag, _Pan) else over


def _frame(place: Place, pointer: Pointer) -> int:
    return max(0, round(place.box.frame_at(pointer.x)))


def _along(drag: _Drag, pointer: Pointer) -> tuple[int, float]:
    """Frames and height of a drag; with Shift only the greater of the two ways."""
    box, (dx, dy) = drag.place.box, (pointer.x - drag.pointer.x, pointer.y - drag.pointer.y)
    if pointer.modifiers & Modifier.SHIFT:
        dx, dy = (dx, 0.0) if abs(dx) > abs(dy) else (0.0, dy)
    frames = round(dx / max(box.width, 1.0) * (box.last - box.first))
    return frames, -dy / max(box.height, 1.0) * (box.high - box.low)


def _first_frame(curves: CurveSet, dots: frozenset[DotAt]) -> int:
    """Of these keys: none of them may go before frame 0."""
    found = [curve.dots.frames[curve.dots.keys.index(key)] for key, c in dots if (curve := curves.of(c)) is not None]
    return int(min(found, default=0))


def _boxed(drag: _BoxSelect, corners: tuple[float, float, float, float]) -> frozenset[DotAt]:
    found = dots_in(drag.place.shown, drag.place.box, drag.place.shown.scales(), corners=corners)
    adds = drag.pointer.modifiers & (Modifier.SHIFT | Modifier.CTRL)
    return found | drag.place.picked if adds else found


def _dropped(drag: _Keys) -> list[Effect]:
    """Keys at the end of a press."""
    if drag.moved and drag.dot in drag.dots:
        return [Finish()]
    return [Pick(frozenset({drag.dot}))] if drag.narrow and drag.dot is not None else []


def _let_go(drag: _Hold, over: list[Effect]) -> list[Effect]:
    """A point of the motion at the end of a press: without a change there is no tweak."""
    if not drag.moved or drag.grab is None:
        return [Pick(frozenset()), *over]
    if not drag.by and not drag.widen:
        return [Restore(), *over]
    wide = drag.grab.shaped(drag.widen)
    return [Finish(frozenset({drag.grab.tweak.id})), *over[:-1], Falling(None, max(wide.rise, wide.fall))]


def _held(drag: _Hold) -> list[Effect]:
    """Show what is held where it is dragged to."""
    grab = drag.grab
    if grab is None:
        return []
    wide = grab.shaped(drag.widen)
    return [
        Preview(grab.edit(drag.by, widen=drag.widen)),
        Falling((wide.span.start, wide.span.stop), text=f"{wide.rise} + {wide.fall} frames"),
        Say(f"{_told(grab.channel, grab.frame, grab.value + drag.by)}   ({drag.by:+.1f})"),
    ]


def _told(channel: Channel, frame: int, value: float) -> str:
    return f"{channel.name}   frame {frame}   {spoken(channel, value)}"


def spoken(channel: Channel, value: float) -> str:
    """A value with its unit."""
    return (
        f"{value:.2f} m/s"
        if channel.part is Part.SPEED
        else f"{value:.1f}{'' if channel.unit == '°' else ' '}{channel.unit}"
    )


def at_pixels(box: Box, width: float, height: float) -> Box:
    """The same part on a plot of another size."""
    return replace(box, width=max(width, 1.0), height=max(height, 1.0))
