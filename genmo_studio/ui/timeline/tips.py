"""Words for places of the timeline: tool tips and the shape of the pointer. Pure."""

import math
from bisect import bisect_right

from genmo_studio.document.model import (
    Clip,
    ContactClip,
    Document,
    Item,
    LockClip,
    MusicClip,
    PoseKey,
    TextClip,
    Track,
    Tweak,
    VideoClip,
    Waypoint,
)
from genmo_studio.document.queries import find_item, find_marker, find_media, find_take, find_track, item_start
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT
from genmo_studio.ui.body_words import joint_words, parts_words, region_words
from genmo_studio.ui.timeline.fills import NO_FILLS, Fills
from genmo_studio.ui.timeline.headers import HeaderButton
from genmo_studio.ui.timeline.hit import Hit, HitKind
from genmo_studio.ui.timeline.index import KEY_KINDS
from genmo_studio.ui.timeline.timecode import TimeFormat, format_duration, format_time

_HOW = {
    HitKind.RULER: "Drag to move the playhead; with Shift and the middle button the pose goes along",
    HitKind.HEADER: "Drag to reorder, double-click to rename, right-click for more",
    HitKind.ROW_RESIZE: "Drag to change the height; Ctrl and the wheel do the same",
    HitKind.MARKER: "Drag to move, double-click to rename",
    HitKind.MARKER_STOP: "Drag to change the range",
    HitKind.MARK_IN: "In: drag to change where the marked range begins, click to go there",
    HitKind.MARK_OUT: "Out: drag to change where the marked range ends, click to go there",
    HitKind.BODY: "Drag to move, Ctrl-drag to copy",
    HitKind.START_EDGE: "Drag to trim, Alt-drag to stretch in time",
    HitKind.STOP_EDGE: "Drag to trim, Alt-drag to stretch in time",
    HitKind.SUB_KEY: "Drag to move these joints alone, Delete to let the model decide about them",
    HitKind.DISCLOSURE: "Click to show or hide the rows below",
    HitKind.HOLD: "Drag to let the key hold its pose for longer, or not at all",
    HitKind.RISE: "Drag to change over how many frames it grows",
    HitKind.FALL: "Drag to change over how many frames it fades",
    HitKind.KEY: "Drag to move, Ctrl-drag to copy, Alt-drag to stretch in time, double-click to go there",
}
"""What dragging and clicking do in each kind of place."""


def tip(hit: Hit, document: Document, *, style: TimeFormat, stale: frozenset[str], fills: Fills = NO_FILLS) -> str:
    """Tool tip of a place; empty where there is nothing to say."""
    words = ""
    match hit.kind:
        case HitKind.SNAP_BUTTON:
            words = "Snap to edges, keys, beats and the playhead. Hold Shift while dragging to do the opposite."
        case HitKind.HEADER_BUTTON if hit.track is not None:
            words = _button_tip(hit, document)
        case HitKind.MARKER if hit.item is not None:
            words = marker_tip(hit.item, document, style=style)
        case HitKind.RESULT if hit.item is not None:
            words = take_tip(hit.item, document, frame=int(hit.frame // 1), stale=stale)
        case HitKind.EMPTY:
            words = fill_tip(hit, document, fills)
        case HitKind.SUB_KEY if hit.item is not None and hit.parts is not None:
            words = f"{parts_words(hit.parts).capitalize()} of: {_found_tip(hit.item, document, style=style)}"
        case _ if hit.item is not None:
            words = _found_tip(hit.item, document, style=style)
    how = "" if hit.kind is HitKind.HEADER and hit.track is None else _HOW.get(hit.kind, "")
    return "\n".join(part for part in (words, how) if part)


def summary(document: Document, *, selection: frozenset[str], playhead: int, style: TimeFormat) -> str:
    """One sentence on what the timeline shows, for assistive technology."""
    at = format_time(playhead, fps=document.fps, style=style)
    items = sum(len(track.items) for track in document.tracks)
    return f"{len(document.tracks)} tracks, {items} items, {len(selection)} selected, playhead at {at}"


def marker_tip(marker_id: str, document: Document, *, style: TimeFormat) -> str:
    """Name and time of a marker."""
    marker = find_marker(document, marker_id)
    if marker is None:
        return ""
    at = format_time(marker.frame, fps=document.fps, style=style)
    length = f", {format_duration(marker.length, fps=document.fps, style=style)}" if marker.length else ""
    return f"{marker.name or 'Marker'}\n{at}{length}"


def _button_tip(hit: Hit, document: Document) -> str:
    track = find_track(document, hit.track or "")
    return "" if track is None or hit.button is None else button_words(hit.button, track)


def button_words(button: HeaderButton, track: Track) -> str:
    """What pressing a button of a track's header does."""
    return {
        HeaderButton.MUTE: ("Mute: generate as if this track were empty", "Unmute: let this track speak again"),
        HeaderButton.SOLO: ("Solo: only solo tracks speak", "Let the other tracks speak again"),
        HeaderButton.LOCK: ("Lock: nothing on this track can be changed", "Unlock this track"),
    }[button][{HeaderButton.MUTE: track.muted, HeaderButton.SOLO: track.solo, HeaderButton.LOCK: track.locked}[button]]


def take_tip(take_id: str, document: Document, *, frame: int, stale: frozenset[str]) -> str:
    """A take of the result and where it came from (TL22)."""
    take = find_take(document, take_id)
    if take is None:
        return "The motion of this take is missing from the project."
    lines = [
        f"{take.name}: {take.mode.value}, model {take.model}, seed {take.seed}, on {take.device}",
        f"{take.span.length} frames" + (f", made {take.created[:16].replace('T', ' ')} UTC" if take.created else ""),
        f"Conditions {take.conditions_hash[:10] or 'not recorded'}, request {take.request_hash[:10] or 'not recorded'}",
    ]
    blend = next((p.blend for p in document.result if p.take == take_id and 0 <= frame - p.span.start < p.blend), 0)
    if blend:
        lines.append(f"Cross-fade from the take before: {blend} frames")
    if take.id in stale:
        lines.append("Stale: the conditions have changed since it was made. Generate to answer them.")
    return "\n".join(lines)


def _found_tip(item_id: str, document: Document, *, style: TimeFormat) -> str:
    item = find_item(document, item_id)
    return "" if item is None else item_tip(item, document, style=style)


def item_tip(item: Item, document: Document, *, style: TimeFormat) -> str:
    """What a clip or key is, and where it lies in time."""
    fps = document.fps
    if isinstance(item, PoseKey | Waypoint):
        what = _pose_words(item) if isinstance(item, PoseKey) else _waypoint_words(item)
        notes = [format_time(item.frame, fps=fps, style=style)]
        if isinstance(item, PoseKey) and item.hold:
            notes.append(f"held for {format_duration(item.hold, fps=fps, style=style)}")
        if item.weight < 1:
            notes.append(f"a breakdown: suggested with weight {item.weight:g}, not met exactly")
        if item.muted:
            notes.append("muted: left out of the next take")
        return f"{what}\n{', '.join(notes)}"
    start = format_time(item.span.start, fps=fps, style=style)
    length = format_duration(item.span.length, fps=fps, style=style)
    return f"{_title(item, document)}\nfrom {start}, {length}"


def _pose_words(key: PoseKey) -> str:
    if len(key.rotations) >= BODY_JOINT_COUNT:
        return "Full-body key"
    joints = {*key.rotations, *key.positions}
    parts = [joint_words(joints)] if joints else []
    return "Key: " + (", ".join([*parts, *(["root place"] if key.root_position is not None else [])]) or "nothing yet")


def _waypoint_words(point: Waypoint) -> str:
    where = "any place" if point.position is None else f"x {point.position[0]:.2f} m, z {point.position[1]:.2f} m"
    facing = "" if point.heading is None else f", facing {math.degrees(point.heading):.0f}°"
    passed = "" if point.velocity is None else f", passed at {math.hypot(*point.velocity):.2f} m/s"
    return f"Waypoint: {where}{facing}{passed}"


def fill_tip(hit: Hit, document: Document, fills: Fills) -> str:
    """What lies between the two keys around a place of a row of keys, or at a place of the result; else empty."""
    frame = int(hit.frame // 1)
    if hit.track is None:
        on_result = hit.row_of_result and 0 <= frame < document.length
        return f"Result: {fills.between(frame, frame + 1).value}." if on_result else ""
    track = find_track(document, hit.track)
    if track is None or track.kind not in KEY_KINDS:
        return ""
    after = bisect_right(track.items, frame, key=item_start)
    if not 0 < after < len(track.items):
        return ""
    start, stop = item_start(track.items[after - 1]), item_start(track.items[after])
    return f"Frames {start} to {stop}: {fills.between(start, stop).value}."


def _title(item: Clip, document: Document) -> str:
    match item:
        case TextClip():
            return item.text
        case ContactClip():
            return f"{item.foot.value.capitalize()} foot {'planted' if item.planted else 'free'}"
        case Tweak():
            return f"Tweak: {tweak_words(item)}"
        case LockClip():
            return f"Locked: {region_words(item.regions)}"
        case VideoClip() | MusicClip():
            media = find_media(document, item.media)
            return media.name if media is not None else "Missing medium"


def tweak_words(item: Tweak) -> str:
    """What a tweak changes."""
    parts = [joint_words(item.rotations)] if item.rotations else []
    return ", ".join([*parts, *(["root shift"] if item.shift is not None else [])]) or "no change yet"
