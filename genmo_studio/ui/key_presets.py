"""What the key presets Maya, Blender and Editor change in the ACTIONS table. Only differences; ids as in the table."""

from collections.abc import Mapping
from types import MappingProxyType

Keys = tuple[str, ...]

MAYA: Mapping[str, Keys] = MappingProxyType(
    {
        "edit.undo": ("Ctrl+Z", "Z"),
        "edit.redo": ("Ctrl+Shift+Z", "Ctrl+Y", "Shift+Z"),
        "play.toggle": ("Space", "Alt+V"),
        "play.step_back": ("Left", "Alt+,"),
        "play.step_forward": ("Right", "Alt+."),
        "view.bones": ("4",),
        "view.shaded": ("5",),
        "view.orthographic": ("Ctrl+5",),
        "view.zoom_selection": ("|", "F"),
        "view.zoom_fit": ("\\", "A"),
    }
)
"""Maya and Blender's industry-compatible keys: ``F``, ``A``, ``,`` and ``.`` are the table's own already."""

BLENDER: Mapping[str, Keys] = MappingProxyType(
    {
        "play.start": ("Shift+Left",),
        "play.end": ("Shift+Right",),
        "play.jump_back": ("Ctrl+Alt+Left",),
        "play.jump_forward": ("Ctrl+Alt+Right",),
        "play.previous_key": ("Down",),
        "play.next_key": ("Up",),
        "play.mark_in": ("Ctrl+Home",),
        "play.mark_out": ("Ctrl+End",),
        "play.clear_marks": ("Alt+P",),
        "play.time_format": ("Ctrl+T",),
        "edit.delete": ("X", "Delete"),
        "edit.duplicate": ("Shift+D",),
        "edit.split": ("Y",),
        "key.scale": ("S", "Alt+S"),
        "key.mirror": ("Ctrl+M", "Alt+M"),
        "edit.select_all": ("A", "Ctrl+A"),
        "edit.select_none": ("Alt+A",),
        "edit.history": ("Ctrl+Alt+Z",),
        "takes.switch": ("Alt+Y",),
        "view.snapping": ("Shift+Tab",),
        "view.zoom_fit": ("Home", "Ctrl+0"),
        "view.zoom_selection": (".", "Shift+Z"),
        "view.frame_all": ("Home",),
        "view.frame_selected": (".",),
        "view.skeleton": ("Alt+Z",),
        "view.full_screen": ("Alt+F11", "F11"),
        "window.palette": ("F3", "Ctrl+Shift+P"),
        "pose.key": ("I",),
        "pose.grab": ("G",),
        "pose.turn": ("R",),
    }
)
"""``Up`` is the next key and ``Down`` the one before, as in Blender's timeline."""

EDITOR: Mapping[str, Keys] = MappingProxyType(
    {
        "play.clear_marks": ("Ctrl+Shift+X",),
        "play.range": ("Ctrl+Shift+Space", "Shift+Space"),
        "play.mute": ("Alt+Shift+M",),
        "file.export": ("Ctrl+M",),
        "media.import": ("Ctrl+I",),
        "edit.select_invert": ("Ctrl+Shift+I",),
        "edit.add_text": ("Ctrl+T",),
        "edit.duplicate": ("Ctrl+Shift+D", "Ctrl+D"),
        "marker.next": ("Shift+M", ">"),
        "marker.previous": ("Ctrl+Shift+M", "<"),
        "track.mute": ("Alt+M",),
        "view.full_screen": ("Ctrl+`", "F11"),
    }
)
"""Premiere and its relatives."""
