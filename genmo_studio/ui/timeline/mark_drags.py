"""Drags in the ruler and the headers: markers, the ends of ranges, in and out, track heights and order. Pure, no Qt."""

from genmo_studio.document.edits import Edit, change_marker, move_track, set_in_out, set_track_height
from genmo_studio.document.queries import find_marker
from genmo_studio.document.time import Span
from genmo_studio.ui.timeline.drags import DOWN, NEITHER, EditDrag, Scene
from genmo_studio.ui.timeline.effects import Effect, Finish, Guide, Pointer, Preview, Restore, Seek
from genmo_studio.ui.timeline.hit import Hit, HitKind
from genmo_studio.ui.timeline.layout import block_height, row_height
from genmo_studio.ui.timeline.snap import SnapTargets, snap_frame, snap_shift
from genmo_studio.ui.timeline.timecode import format_duration, format_time


class MarkerDrag(EditDrag):
    """A marker follows the pointer, a range as a whole."""

    label = "Move Marker"

    def __init__(self, marker: str, pointer: Pointer, scene: Scene) -> None:
        super().__init__(pointer)
        self._id = marker
        self._targets = scene.targets(exclude=frozenset({marker}))
        found = find_marker(scene.document, marker)
        self._span = Span(found.frame, found.frame + found.length) if found is not None else Span(0, 0)
        self._offset = self._span.start - scene.layout.view.frame_at(pointer.x)

    def plan(self, pointer: Pointer, scene: Scene) -> tuple[Edit | None, Guide]:
        """See EditDrag."""
        wanted = scene.layout.view.frame_at(pointer.x) + self._offset - self._span.start
        edges = tuple({self._span.start, self._span.stop})
        snap = snap_shift(wanted, edges, self._targets, within=scene.within(pointer))
        frame = max(0, min(self._span.start + snap.frame, scene.document.length))
        words = format_time(frame, fps=scene.document.fps, style=scene.time_format)
        line = snap.line if frame == self._span.start + snap.frame else None
        return change_marker(self._id, frame=frame), Guide(line, words)


class MarkerEnd(EditDrag):
    """The end of a range marker follows the pointer; at its start the range becomes a point."""

    label = "Change Marker Range"

    def __init__(self, hit: Hit, pointer: Pointer, scene: Scene) -> None:
        super().__init__(pointer)
        assert hit.item is not None, "the end belongs to a marker"
        assert hit.span is not None, "a range has a span"
        self._id, self._span = hit.item, hit.span
        self._offset = hit.span.stop - hit.frame
        self._targets = scene.targets(exclude=frozenset({hit.item}))

    def plan(self, pointer: Pointer, scene: Scene) -> tuple[Edit | None, Guide]:
        """See EditDrag."""
        wanted = scene.layout.view.frame_at(pointer.x) + self._offset
        frame, line = _snapped(wanted, self._targets, scene, pointer, low=self._span.start)
        length = frame - self._span.start
        words = f"length {format_duration(length, fps=scene.document.fps, style=scene.time_format)}"
        return change_marker(self._id, length=length), Guide(line, words)


class InOutDrag(EditDrag):
    """The edge of the marked range follows the pointer; at least one frame stays marked."""

    def __init__(self, hit: Hit, pointer: Pointer, scene: Scene) -> None:
        """A click without a drag goes to the frame, as everywhere in the ruler."""
        frame = max(0, min(round(hit.frame), scene.document.length - 1))
        super().__init__(pointer, clicked=[Seek(frame)])
        assert hit.span is not None, "the edge belongs to the marked range"
        self._span, self._at_start = hit.span, hit.kind is HitKind.MARK_IN
        self.label = "Move In" if self._at_start else "Move Out"
        self._offset = (hit.span.start if self._at_start else hit.span.stop) - hit.frame
        self._targets = scene.targets(marks=False)

    def plan(self, pointer: Pointer, scene: Scene) -> tuple[Edit | None, Guide]:
        """See EditDrag."""
        wanted = scene.layout.view.frame_at(pointer.x) + self._offset
        low, high = (0, self._span.stop - 1) if self._at_start else (self._span.start + 1, scene.document.length)
        frame, line = _snapped(wanted, self._targets, scene, pointer, low=low, high=max(low, high))
        span = Span(frame, self._span.stop) if self._at_start else Span(self._span.start, frame)
        fps, style = scene.document.fps, scene.time_format
        shown = frame if self._at_start else frame - 1  # out is the last frame that is played, not the first after it
        words = f"{format_time(shown, fps=fps, style=style)}   {format_duration(span.length, fps=fps, style=style)}"
        return set_in_out(span), Guide(line, words)


def _snapped(
    wanted: float, targets: SnapTargets, scene: Scene, pointer: Pointer, *, low: int, high: int | None = None
) -> tuple[int, int | None]:
    """A frame drawn to the targets and held in a range, and the line to show."""
    snap = snap_frame(wanted, targets, within=scene.within(pointer))
    frame = max(low, snap.frame if high is None else min(snap.frame, high))
    return frame, snap.line if frame == snap.frame else None


class TrackReorder(EditDrag):
    """A track follows the pointer up and down; the others make room."""

    label = "Move Track"
    reach = DOWN

    def __init__(self, track: str, pointer: Pointer, scene: Scene) -> None:
        super().__init__(pointer)
        view, document = scene.layout.view, scene.document
        self._track = track
        row = next((row for row in scene.layout.rows if row.key == track), None)
        self._above = pointer.y - row.rect.y if row is not None else 0.0  # of the pointer, inside the row
        gap = view.metrics.row_gap
        others = [other for other in document.tracks if other.id != track]
        self._heights = [0.0 if other.hidden else block_height(other, view) + gap for other in others]

    def plan(self, pointer: Pointer, scene: Scene) -> tuple[Edit | None, Guide]:
        """See EditDrag."""
        view = scene.layout.view
        top = pointer.y - self._above - view.tracks_top + view.scroll_y
        place, y = 0, 0.0
        for number, height in enumerate(self._heights, start=1):
            if height and top < y + height / 2:
                break
            y += height
            place = number
        return move_track(self._track, place), Guide()


class RowResize:
    """A track's height follows the pointer."""

    edges = NEITHER

    def __init__(self, track: str, pointer: Pointer, scene: Scene) -> None:
        self._track, self._start = track, pointer.y
        row = next(row for row in scene.layout.rows if row.key == track)
        self._height = row_height(row.track, scene.layout.view) if row.track is not None else 0.0

    def move(self, pointer: Pointer, _scene: Scene) -> list[Effect]:
        """See Drag."""
        return [Preview(set_track_height(self._track, round(self._height + pointer.y - self._start)))]

    def release(self) -> list[Effect]:
        """See Drag."""
        return [Finish()]

    def cancel(self) -> list[Effect]:
        """See Drag."""
        return [Restore()]
