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
        "play.start": ("Home", "Alt+Shift+V"),
        "view.zoom_fit": ("\\", "Ctrl+0"),
    }
)
"""Maya and Blender's industry-compatible keys: ``F``, ``A``, ``,`` and ``.`` are the table's own already."""

BLENDER: Mapping[str, Keys] = MappingProxyType(
    {
        "play.start": ("Shift+Left",),
        "play.end": ("Shift+Right",),
        "play.jump_back": ("Ctrl+Alt+Left",),
        "play.jump_forward": ("Ctrl+Alt+Right",),
        "play.mark_in": ("Ctrl+Home",),
        "play.mark_out": ("Ctrl+End",),
        "play.clear_marks": ("Alt+P",),
        "edit.delete": ("X", "Delete"),
        "edit.duplicate": ("Shift+D",),
        "edit.split": ("Y", "Ctrl+K"),
        "view.zoom_fit": ("Home", "Ctrl+0"),
        "view.frame_all": ("Home",),
        "view.frame_selected": (".",),
        "view.skeleton": ("Alt+Z",),
        "view.front": ("1",),
        "view.side": ("3",),
        "view.top": ("7",),
        "view.perspective": ("0",),
        "play.previous_key": ("Down",),
        "play.next_key": ("Up",),
    }
)
"""``Up`` is the next key and ``Down`` the one before, as in Blender's timeline."""

EDITOR: Mapping[str, Keys] = MappingProxyType(
    {
        "play.clear_marks": ("Ctrl+Shift+X",),
        "file.export": ("Ctrl+M",),
        "edit.split": ("Ctrl+K",),
        "edit.add_text": ("Ctrl+T",),
        "edit.duplicate": ("Ctrl+Shift+D", "Ctrl+D"),
        "view.zoom_fit": ("\\", "Ctrl+0"),
        "view.full_screen": ("Ctrl+`", "F11"),
    }
)
"""Premiere and its relatives."""
