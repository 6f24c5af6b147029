"""Where something that is dragged over the timeline would land, and where its ghosts are painted. Pure."""

from collections.abc import Callable, Sequence

import msgspec

from genmo_studio.document.model import TrackKind
from genmo_studio.ui.media_import import Ghost, Landing, Place, Target
from genmo_studio.ui.timeline.drags import Scene
from genmo_studio.ui.timeline.effects import Pointer
from genmo_studio.ui.timeline.layout import Layout, Row
from genmo_studio.ui.timeline.snap import SnapTargets, snap_shift
from genmo_studio.ui.timeline.timecode import format_duration, format_time
from genmo_studio.ui.timeline.view import Rect

NEW_ROW_HEIGHT = 44.0
"""of a track that does not exist yet"""
BOTTOM_STRIP = 18.0
"""at the bottom edge that counts as below the tracks, so that a new track can be made however many there are"""
_MOST_EDGES = 32


class Hover(msgspec.Struct, frozen=True):
    """What a drag over the timeline shows."""

    place: Place
    landing: Landing
    line: int | None = None
    """frame of the snap line"""
    words: str = ""
    """beside the pointer"""
    opens: bool = False
    """a project would be opened"""

    @property
    def legal(self) -> bool:
        """True when a release would do something."""
        return self.opens or bool(self.landing.ghosts)


class PlacedGhost(msgspec.Struct, frozen=True):
    """A ghost on screen."""

    ghost: Ghost
    rect: Rect


class NewRow(msgspec.Struct, frozen=True):
    """A track that the drop would make."""

    kind: TrackKind
    rect: Rect


def row_under(layout: Layout, y: float) -> Row | None:
    """The row at y; the gap under a row belongs to it. None above the rows and below the last one."""
    if y < layout.view.metrics.ruler_height:
        return None
    row = layout.row_at(y)
    if row is not None:
        return row
    above = [row for row in layout.rows if row.rect.y <= y]
    last = max(above, key=lambda row: row.rect.y, default=None)
    return last if last is not None and y < rows_bottom(layout) else None


def rows_bottom(layout: Layout) -> float:
    """y under the last track."""
    view = layout.view
    return view.tracks_top - view.scroll_y + layout.content_height


def target_at(layout: Layout, x: float, y: float) -> Place:
    """The place under the pointer, without snapping."""
    view = layout.view
    frame = max(0, round(view.frame_at(max(x, view.metrics.header_width))))
    if y < view.metrics.ruler_height:
        return Place(frame, Target.AUTO)
    row = row_under(layout, y) if y < view.height - BOTTOM_STRIP else None
    if row is None:
        return Place(frame, Target.BELOW)
    return Place(frame, Target.RESULT) if row.track is None else Place(frame, Target.TRACK, row.key)


def hover(pointer: Pointer, scene: Scene, land: Callable[[Place], Landing], *, targets: SnapTargets) -> Hover:
    """Where a drag at ``pointer`` would land, snapped as a moved clip is: the edge nearest to a target takes it.

    ``targets`` are ``scene.targets()``, which are collected once for a drag.
    """
    loose = target_at(scene.layout, pointer.x, pointer.y)
    landing = land(loose)
    if not landing.ghosts:
        return Hover(loose, landing, words=landing.problem)
    edges = sorted({edge - loose.frame for ghost in landing.ghosts for edge in (ghost.span.start, ghost.span.stop)})
    view = scene.layout.view
    wanted = view.frame_at(max(pointer.x, view.metrics.header_width))
    snap = snap_shift(wanted, edges[:_MOST_EDGES], targets, within=scene.within(pointer))
    frame = max(0, snap.frame)
    place = Place(frame, loose.target, loose.track)
    landing = land(place)
    return Hover(place, landing, snap.line if frame == snap.frame else None, describe(landing, scene))


def describe(landing: Landing, scene: Scene) -> str:
    """What would be made, in one line: name, length, time, track."""
    ghosts = landing.ghosts
    if not ghosts:
        return landing.problem
    fps, style = scene.document.fps, scene.time_format
    first = ghosts[0]
    sources = {ghost.source for ghost in ghosts}
    start, stop = min(g.span.start for g in ghosts), max(g.span.stop for g in ghosts)
    known = all(ghost.known for ghost in ghosts)
    length = format_duration(stop - start, fps=fps, style=style) if known else "length is being read"
    if len(sources) == 1 and len(ghosts) > 1:
        what = f"{len(ghosts)} text segments"
    else:
        what = first.name if len(sources) == 1 else f"{len(sources)} files"
    return f"{what}   {length}   at {format_time(start, fps=fps, style=style)}   {_where(ghosts, scene)}"


def _where(ghosts: Sequence[Ghost], scene: Scene) -> str:
    names = {track.id: track.name for track in scene.document.tracks}
    places = dict.fromkeys(
        "Result" if ghost.kind is None
        else f"new {ghost.kind.value} track" if ghost.track is None
        else names.get(ghost.track, "")
        for ghost in ghosts
    )  # fmt: skip
    return "→ " + ", ".join(places)


def new_rows(layout: Layout, ghosts: Sequence[Ghost]) -> tuple[NewRow, ...]:
    """Where the tracks that would be made are shown: under the last track, or at the bottom edge for want of room."""
    view = layout.view
    kinds = list(dict.fromkeys(ghost.kind for ghost in ghosts if ghost.kind is not None and ghost.track is None))
    gap = view.metrics.row_gap
    needed = len(kinds) * (NEW_ROW_HEIGHT + gap)
    top = max(min(rows_bottom(layout), view.height - needed), view.tracks_top)
    return tuple(
        NewRow(kind, Rect(0.0, top + n * (NEW_ROW_HEIGHT + gap), view.width, NEW_ROW_HEIGHT))
        for n, kind in enumerate(kinds)
    )


def placed_ghosts(layout: Layout, ghosts: Sequence[Ghost]) -> tuple[PlacedGhost, ...]:
    """The ghosts whose rows can be seen."""
    view, padding = layout.view, layout.view.metrics.row_padding
    rows = {row.key: row.rect for row in layout.rows if row.track is not None}
    result = next((row.rect for row in layout.rows if row.track is None), None)
    made = {row.kind: row.rect for row in new_rows(layout, ghosts)}
    placed: list[PlacedGhost] = []
    for ghost in ghosts:
        row = rows.get(ghost.track or "") if ghost.track is not None or ghost.kind is None else made[ghost.kind]
        rect = result if ghost.kind is None else row
        if rect is not None:
            x = view.x_of(ghost.span.start)
            width = max(3.0, ghost.span.length * view.scale)
            placed.append(PlacedGhost(ghost, Rect(x, rect.y + padding, width, rect.height - 2 * padding)))
    return tuple(placed)
