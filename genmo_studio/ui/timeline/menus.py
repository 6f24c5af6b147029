"""Context menus of the timeline as data: which commands belong to which kind of place. Pure.

Nothing is done by the right button itself (TL21): a press selects what is under it and opens one of these menus.
"""

from genmo_studio.document.model import ContactClip, Document, LockClip, PoseKey, TextClip, TrackKind, Tweak, Waypoint
from genmo_studio.document.queries import find_item, find_track
from genmo_studio.ui.timeline.hit import OF_ITEM, Hit, HitKind

Ids = tuple[str, ...]
"""Action ids; "-" is a separator."""

_RULER: Ids = (
    "marker.add", "-", "play.mark_in", "play.mark_out", "play.clear_marks", "marker.mark", "-",
    "edit.insert_time", "edit.close_gap", "-", "view.zoom_fit", "view.zoom_selection", "play.time_format",
)  # fmt: skip
_CONTACTS: Ids = ("contact.left_planted", "contact.right_planted", "contact.left_free", "contact.right_free")
_LOCKS: Ids = ("lock.add", "lock.regions")
_SPANS: Ids = (*_CONTACTS, *_LOCKS, "tweak.add")
_MARKS: Ids = (
    "play.go_to_in", "play.go_to_out", "play.range", "play.loop", "-", *_SPANS, "-", "marker.add_range",
    "edit.remove_time", "file.export", "-", "view.zoom_selection", "play.clear_marks",
)  # fmt: skip
_MARKER: Ids = (
    "edit.rename", "marker.colour", "marker.mark", "-", "edit.cut", "edit.copy", "-", "marker.previous",
    "marker.next", "-", "edit.delete",
)  # fmt: skip
_ADD: Ids = (
    "track.add_text", "track.add_video", "track.add_music", "track.add_poses", "track.add_limbs", "track.add_path",
    "track.add_contacts", "track.add_tweaks", "track.add_locks",
)  # fmt: skip
_HEADER: Ids = (
    "track.rename", "track.colour", "track.unfold", "-",
    "track.mute", "track.solo", "track.lock", "track.hide", "track.show_all", "-",
    "track.up", "track.down", "-", "track.select", "track.remove", "-", *_ADD,
)  # fmt: skip
_CORNER: Ids = ("view.snapping", "view.wheel_pans", "edit.select_follows", "-", *_ADD, "-", "track.show_all")
_RESULT: Ids = (
    "regenerate.choose", "generate.full", "generate.draft", "-",
    "takes.splice", "takes.fade", "takes.compare", "takes.ghost", "-",
    *_SPANS, "-", "marker.mark", "view.zoom_selection", "-", "file.export", "-", "edit.clear_result",
)  # fmt: skip
_EMPTY: Ids = (
    "edit.add_text", "edit.paste", "edit.paste_insert", "marker.add", "-", "edit.close_gap", "edit.insert_time", "-",
    "edit.select_all", "edit.select_before", "edit.select_after", "-", "view.zoom_fit",
)  # fmt: skip
_EMPTY_OF_KIND: dict[TrackKind, Ids] = {
    TrackKind.CONTACTS: (*_CONTACTS, "-"), TrackKind.LOCKS: (*_LOCKS, "-"), TrackKind.TWEAKS: ("tweak.add", "-"),
}  # fmt: skip
"""What an empty place of such a row offers first."""
_BELOW: Ids = ("edit.add_text", "edit.paste", "-", *_SPANS, "-", *_ADD, "-", "track.show_all", "view.zoom_fit")
_CLIPBOARD: Ids = ("edit.cut", "edit.copy", "edit.paste", "edit.paste_attributes", "edit.duplicate")
_LAST: Ids = (
    "edit.mute", "marker.mark", "edit.fit_to_marks", "view.zoom_selection", "-", "edit.delete", "edit.ripple_delete",
)  # fmt: skip
_CLIP: Ids = (*_CLIPBOARD, "-", "edit.split", "edit.trim_start", "edit.trim_end", "-", *_LAST)
_TEXT: Ids = (
    "edit.rename", "-", *_CLIPBOARD, "-", "edit.split", "edit.trim_start", "edit.trim_end", "-",
    "text.merge", "text.swap_previous", "text.swap_next", "-", *_LAST,
)  # fmt: skip
_CONTACT: Ids = ("contact.other_foot", "contact.toggle", "-", *_CLIP)
_TWEAK: Ids = ("tweak.accept", "-", *_CLIP)
_LOCK: Ids = ("lock.regions", "-", *_CLIP)
_KEY: Ids = (
    *_CLIPBOARD, "-", "key.hold", "key.breakdown", "key.scale", "key.reverse", "key.mirror", "key.mirror_world", "-",
    "text.swap_previous", "text.swap_next", "-", "view.frame_selected", "edit.mute", "marker.mark",
    "edit.fit_to_marks", "view.zoom_selection", "-", "key.free_joints", "edit.delete",
)  # fmt: skip

_SUB_KEY: Ids = ("key.free_joints", "-", *_KEY[:-3])

_OF_PLACE: dict[HitKind, Ids] = {
    HitKind.RULER: _RULER,
    HitKind.MARK_IN: _MARKS,
    HitKind.MARK_OUT: _MARKS,
    HitKind.MARKER: _MARKER,
    HitKind.MARKER_STOP: _MARKER,
    HitKind.HEADER: _HEADER,
    HitKind.HEADER_BUTTON: _HEADER,
    HitKind.DISCLOSURE: _HEADER,
    HitKind.ROW_RESIZE: _HEADER,
    HitKind.CORNER: _CORNER,
    HitKind.SNAP_BUTTON: _CORNER,
    HitKind.RESULT: _RESULT,
    HitKind.EMPTY: _EMPTY,
}


def menu_of(hit: Hit, document: Document) -> Ids:
    """The commands for a place; empty where nothing can be done."""
    if hit.kind is HitKind.HEADER and hit.track is None:
        return _CORNER
    if hit.kind is HitKind.EMPTY:
        track = find_track(document, hit.track) if hit.track is not None else None
        return _BELOW if track is None else (*_EMPTY_OF_KIND.get(track.kind, ()), *_EMPTY)
    if hit.kind not in OF_ITEM:
        return _OF_PLACE.get(hit.kind, ())
    if hit.kind is HitKind.SUB_KEY:
        return _SUB_KEY
    item = find_item(document, hit.item) if hit.item is not None else None
    if isinstance(item, PoseKey | Waypoint):
        return _KEY
    kinds = ((TextClip, _TEXT), (ContactClip, _CONTACT), (LockClip, _LOCK), (Tweak, _TWEAK))
    return next((ids for kind, ids in kinds if isinstance(item, kind)), _CLIP)
