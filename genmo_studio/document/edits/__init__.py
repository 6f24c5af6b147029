"""Edits: small functions that return ``Edit = Callable[[Document], Document]``.

An edit is pure: the same document gives the same result, so a gesture can apply it again and again from where it
began. Ids of new things are therefore chosen when the edit is made, not when it is applied. An edit that cannot be
done raises EditError with one sentence and changes nothing. What an edit does not name stays identical (``is``), so
views and the undo history compare by identity.

Rules that hold for all of them: items of a locked track are not touched; a project grows to hold what is put into it
and never shrinks by itself; clips may overlap; a key that lands on the frame of another key of its track replaces it.
"""

from genmo_studio.document.edits.clips import (
    retime,
    set_gain,
    set_tempo,
    set_text,
    slip_source,
    split_items,
    stretch_items,
    trim_end,
    trim_start,
)
from genmo_studio.document.edits.core import Edit, EditError, compose, new_id
from genmo_studio.document.edits.items import (
    add_item,
    add_items,
    delete_items,
    duplicate_items,
    move_items,
    replace_item,
    set_muted,
    set_weight,
)
from genmo_studio.document.edits.key_ops import free_parts, move_joints, replace_items, reverse_items
from genmo_studio.document.edits.keys import (
    change_pose,
    free_joints,
    set_hold,
    set_key,
    set_tangent,
    set_velocity,
    set_waypoint,
)
from genmo_studio.document.edits.paste import paste
from genmo_studio.document.edits.project import (
    add_marker,
    add_media,
    change_generation,
    change_marker,
    delete_marker,
    rebase_media,
    relink_media,
    remove_media,
    rename_project,
    set_body,
    set_in_out,
    set_length,
)
from genmo_studio.document.edits.ripple import (
    close_gap,
    delete_time,
    insert_time,
    ripple_delete,
    ripple_trim_end,
    ripple_trim_start,
)
from genmo_studio.document.edits.spans import lay, lay_contact, set_contact, set_regions
from genmo_studio.document.edits.takes import (
    add_take,
    clear_result,
    delete_take,
    delete_unused_takes,
    rename_take,
    set_blend,
    set_favourite,
    show_regenerated,
    shown_span,
    splice_result,
    splice_take,
)
from genmo_studio.document.edits.texts import copy_attributes, merge_texts, swap_items
from genmo_studio.document.edits.tracks import (
    add_track,
    move_track,
    remove_track,
    rename_track,
    set_track_colour,
    set_track_flags,
    set_track_height,
)
from genmo_studio.document.edits.tweaks import accept_tweaks, add_tweak, change_tweak

__all__ = [
    "Edit",
    "EditError",
    "accept_tweaks",
    "add_item",
    "add_items",
    "add_marker",
    "add_media",
    "add_take",
    "add_track",
    "add_tweak",
    "change_generation",
    "change_marker",
    "change_pose",
    "change_tweak",
    "clear_result",
    "close_gap",
    "compose",
    "copy_attributes",
    "delete_items",
    "delete_marker",
    "delete_take",
    "delete_time",
    "delete_unused_takes",
    "duplicate_items",
    "free_joints",
    "free_parts",
    "insert_time",
    "lay",
    "lay_contact",
    "merge_texts",
    "move_items",
    "move_joints",
    "move_track",
    "new_id",
    "paste",
    "rebase_media",
    "relink_media",
    "remove_media",
    "remove_track",
    "rename_project",
    "rename_take",
    "rename_track",
    "replace_item",
    "replace_items",
    "retime",
    "reverse_items",
    "ripple_delete",
    "ripple_trim_end",
    "ripple_trim_start",
    "set_blend",
    "set_body",
    "set_contact",
    "set_favourite",
    "set_gain",
    "set_hold",
    "set_in_out",
    "set_key",
    "set_length",
    "set_muted",
    "set_regions",
    "set_tangent",
    "set_tempo",
    "set_text",
    "set_track_colour",
    "set_track_flags",
    "set_track_height",
    "set_velocity",
    "set_waypoint",
    "set_weight",
    "show_regenerated",
    "shown_span",
    "slip_source",
    "splice_result",
    "splice_take",
    "split_items",
    "stretch_items",
    "swap_items",
    "trim_end",
    "trim_start",
]
