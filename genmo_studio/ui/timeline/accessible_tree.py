"""What of the painted timeline assistive technology is told: its rows and what lies on them, by key. Pure, no widgets.

The rows of regions and joints that are unfolded below a track are rows of their own, after it; folded ones are not
there, as they are not on the screen.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from genmo_studio.document.model import Document, Track
from genmo_studio.document.queries import find_marker, find_take, find_track, item_start
from genmo_studio.shapes import Int
from genmo_studio.ui.timeline import walking
from genmo_studio.ui.timeline.headers import HeaderButton, header_buttons
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.layout import RESULT_ROW, Row, item_rect, marker_rect, result_rect, sub_rects, track_rects
from genmo_studio.ui.timeline.paint_rows import KIND_TITLE, Look, result_summary, state_text
from genmo_studio.ui.timeline.subrows import SubRow, bits, folds, is_sub_row, sub_rows, track_of_row
from genmo_studio.ui.timeline.tips import button_words, item_tip, marker_tip, take_tip
from genmo_studio.ui.timeline.view import Rect, View
from genmo_studio.ui.timeline.walking import Place

MARKERS = "\0markers"
"""Key of the group of markers among the rows."""


@dataclass(frozen=True)
class Shown:
    """What the timeline shows now."""

    document: Document
    view: View
    look: Look
    cache: IndexCache
    cursor: Place | None
    playhead: int
    focused: bool


class Key(NamedTuple):
    """Names a child: a row, or something in it."""

    row: str  # id of a track; SubRow.key of a row below one; RESULT_ROW; MARKERS
    part: str | None = None  # id of an item, take or marker; value of a HeaderButton
    frame: int = -1  # of an item or a piece
    button: bool = False


def key_of(place: Place) -> Key:
    """The child at which the keyboard is."""
    return Key(place.row) if place.item is None else Key(place.row, place.item, place.frame)


def rows(shown: Shown) -> list[Key]:
    """The children of the area."""
    document, unfolded = shown.document, shown.view.unfolded
    known: list[Key] = []
    for row in walking.rows(document):
        known.append(Key(row))
        track = find_track(document, row)
        if track is not None:
            known += [Key(sub.key) for sub in sub_rows(track, unfolded)]
    return [*known, Key(MARKERS)] if document.markers else known


def _sub_row(shown: Shown, row: str) -> tuple[Track, SubRow] | None:
    """The track and the row of a region or joint below it; None for all other rows, and once it is folded."""
    track = find_track(shown.document, track_of_row(row)) if is_sub_row(row) else None
    if track is None:
        return None
    return next(((track, sub) for sub in sub_rows(track, shown.view.unfolded) if sub.key == row), None)


def _held(shown: Shown, track: Track, sub: SubRow) -> Int[np.ndarray, " some"]:
    """Positions in the track of the keys that a row of a region or joint shows, in order."""
    return shown.cache.holding(track, bits(sub.parts))


def _holds(shown: Shown, track: Track, sub: SubRow, at: int) -> bool:
    """Whether a row of a region or joint shows the key at a position in the track."""
    held = _held(shown, track, sub)
    place = int(np.searchsorted(held, at))
    return place < len(held) and int(held[place]) == at


def parts(shown: Shown, row: str) -> list[Key]:
    """The children of a row: its buttons, then what lies on it in order of time."""
    document = shown.document
    if row == MARKERS:
        return [Key(MARKERS, marker.id, marker.frame) for marker in document.markers]
    if row == RESULT_ROW:
        return [Key(row, piece.take, piece.span.start) for piece in walking.pieces(document)]
    below = _sub_row(shown, row)
    if below is not None:
        items = [below[0].items[at] for at in _held(shown, *below)]
        return [Key(row, item.id, item_start(item)) for item in items]
    track = find_track(document, row)
    if track is None:
        return []
    buttons = [Key(row, button.value, button=True) for button in HeaderButton]
    return [*buttons, *(Key(row, item.id, item_start(item)) for item in track.items)]


def part_count(shown: Shown, row: str) -> int:
    """Number of children of a row, without making them."""
    document = shown.document
    below = _sub_row(shown, row)
    if below is not None:
        return len(_held(shown, *below))
    if row == MARKERS:
        return len(document.markers)
    if row == RESULT_ROW:
        return len(document.result)
    track = find_track(document, row)
    return 0 if track is None else len(HeaderButton) + len(track.items)


def part_at(shown: Shown, row: str, position: int) -> Key | None:
    """One child of a row; quick for tracks of many items."""
    below = _sub_row(shown, row)
    if below is not None:
        held = _held(shown, *below)
        if not 0 <= position < len(held):
            return None
        item = below[0].items[int(held[position])]
        return Key(row, item.id, item_start(item))
    track = find_track(shown.document, row)
    count = len(HeaderButton)
    if track is not None and position >= count:
        if position - count >= len(track.items):
            return None
        item = track.items[position - count]
        return Key(row, item.id, item_start(item))
    known = parts(shown, row) if track is None else [Key(row, b.value, button=True) for b in HeaderButton]
    return known[position] if 0 <= position < len(known) else None


def rect_of(shown: Shown, key: Key) -> Rect | None:
    """Where a child is, in the area's coordinates; None when it is gone."""
    if key.row == MARKERS:
        return _marker_place(shown, key.part)
    below = _sub_row(shown, key.row)
    if below is not None:
        return _sub_place(shown, key, *below)
    if key.part is None:
        known = track_rects(shown.document, shown.view)
        return result_rect(shown.view) if key.row == RESULT_ROW else known.get(key.row)
    if key.button:
        return _button_place(shown, key.row, HeaderButton(key.part))
    place = Place(key.row, key.part, key.frame)
    gone = walking.span_of(shown.document, place) is None
    return None if gone else walking.place_rect(shown.document, shown.view, place, shown.cache)


def _sub_place(shown: Shown, key: Key, track: Track, sub: SubRow) -> Rect | None:
    """Where a row of a region or joint is, or a key in it."""
    found = (rect for _, other, rect in sub_rects(shown.document, shown.view) if other.key == sub.key)
    row = next(found, None)
    if row is None or key.part is None:
        return row
    at = walking.position_in(track, key.part, key.frame)
    gone = at is None or not _holds(shown, track, sub, at)
    return None if gone or at is None else item_rect(shown.cache.of(track), at, shown.view, row)


def _marker_place(shown: Shown, part: str | None) -> Rect | None:
    view = shown.view
    if part is None:
        return Rect(view.metrics.header_width, 0.0, view.content_width, view.metrics.ruler_height)
    found = find_marker(shown.document, part)
    return None if found is None else marker_rect(found, view)


def _button_place(shown: Shown, row: str, button: HeaderButton) -> Rect | None:
    rect, track = track_rects(shown.document, shown.view).get(row), find_track(shown.document, row)
    if rect is None or track is None:
        return None
    return header_buttons(Row(row, track, rect), shown.view)[button]


def name_of(shown: Shown, key: Key) -> str:
    """What a child is called: what it is and when."""
    document, style = shown.document, shown.look.time_format
    if key.row == MARKERS:
        return "Markers" if key.part is None else _flat(marker_tip(key.part, document, style=style))
    if key.row == RESULT_ROW:
        return _result_name(shown, key.part)
    below = _sub_row(shown, key.row)
    if below is not None:
        return _sub_name(shown, key, *below)
    track = find_track(document, key.row)
    return "" if track is None else _track_name(shown, track, key)


def _result_name(shown: Shown, part: str | None) -> str:
    if part is None:
        return f"Result, {result_summary(shown.document, shown.look)}"
    take = find_take(shown.document, part)
    state = ", stale" if part in shown.look.stale else ""
    return f"Take {take.name if take is not None else 'missing'}{state}"


def _sub_name(shown: Shown, key: Key, track: Track, sub: SubRow) -> str:
    """A row: "Left arm of Poses, 3 keys"; a key in it: what it is about, then the key."""
    if key.part is None:
        count = len(_held(shown, track, sub))
        keys = "1 key" if count == 1 else f"{count} keys"
        unfolded = ", unfolded" if sub.key in shown.view.unfolded and not sub.joint else ""
        return f"{sub.title} of {track.name}, {keys}{unfolded}"
    at = walking.position_in(track, key.part, key.frame)
    tip = "" if at is None else _flat(item_tip(track.items[at], shown.document, style=shown.look.time_format))
    return f"{sub.title}: {tip}" if tip else ""


def _track_name(shown: Shown, track: Track, key: Key) -> str:
    if key.part is None:
        unfolded = ", unfolded" if track.id in shown.view.unfolded and folds(track) else ""
        return f"{KIND_TITLE[track.kind]} track {track.name}, {state_text(track, shown.look)}{unfolded}"
    if key.button:
        return f"{HeaderButton(key.part).value.capitalize()} {track.name}"
    at = walking.position_in(track, key.part, key.frame)
    style = shown.look.time_format
    return "" if at is None else _flat(item_tip(track.items[at], shown.document, style=style))


def description_of(shown: Shown, key: Key) -> str:
    """What the tool tip says more; empty where that is nothing."""
    document = shown.document
    if key.row == RESULT_ROW and key.part is not None:
        return _flat(take_tip(key.part, document, frame=key.frame, stale=shown.look.stale))
    track = find_track(document, track_of_row(key.row))
    if key.button and track is not None and key.part is not None:
        return button_words(HeaderButton(key.part), track)
    return ""


def _flat(words: str) -> str:
    return ", ".join(words.splitlines())


def flags_of(shown: Shown, key: Key) -> set[str]:
    """The flags of QAccessible.State that are true of a child."""
    rect, track = rect_of(shown, key), find_track(shown.document, track_of_row(key.row))
    if rect is None:
        return {"invalid"}
    flags = set() if rect.meets(Rect(0.0, 0.0, shown.view.width, shown.view.height)) else {"offscreen"}
    if key.button and track is not None and key.part is not None:
        return flags | {"checkable"} | ({"checked"} if _pressed(track, HeaderButton(key.part)) else set())
    if not is_sub_row(key.row):  # the keyboard walks over the tracks' own rows, where every key is
        flags.add("focusable")
    if shown.focused and shown.cursor is not None and key_of(shown.cursor) == key:
        flags.add("focused")
    if track is not None and track.locked:
        flags.add("readOnly")
    if key.part is not None:
        flags |= {"selectable", "multiSelectable"} | ({"selected"} if _selected(shown, key) else set())
    return flags


def _selected(shown: Shown, key: Key) -> bool:
    """A key in the row of a region or joint is selected where these joints are meant, or the key as a whole."""
    if key.part not in shown.look.selection:
        return False
    below, meant = _sub_row(shown, key.row), shown.look.parts
    return below is None or meant is None or bool(meant & below[1].parts)


def _pressed(track: Track, button: HeaderButton) -> bool:
    return {HeaderButton.MUTE: track.muted, HeaderButton.SOLO: track.solo, HeaderButton.LOCK: track.locked}[button]
