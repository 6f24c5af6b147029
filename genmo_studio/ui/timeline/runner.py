"""Carries out what the tools ask for: gestures and edits in the editor, the selection, the traces of a drag."""

from collections.abc import Callable
from dataclasses import dataclass, field

from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import Edit, EditError
from genmo_studio.document.gesture import Gesture
from genmo_studio.ui.timeline.effects import (
    Apply,
    Band,
    Begin,
    Carry,
    Choose,
    ChooseParts,
    EditText,
    Effect,
    Finish,
    Guide,
    Pan,
    Pointer,
    PressButton,
    Preview,
    Restore,
    Seek,
    ToggleSnapping,
    Unfold,
    UseTrack,
    Zoom,
)
from genmo_studio.ui.timeline.picture import Overlay
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.timeline.tools import toggle_edit
from genmo_studio.values import replace


@dataclass(slots=True)
class EffectRunner:
    """Effects in, changes out. The callbacks are for what only the widget or the transport can do."""

    editor: Editor
    session: Session
    seek: Callable[[int], None]
    pan: Callable[[float, float], None]
    zoom: Callable[[float, float], None]
    edit_text: Callable[[str], None]
    message: Callable[[str], None]
    unfold: Callable[[str], None] = lambda _key: None
    carry: Callable[[bool], None] = lambda _on: None
    overlay: Overlay = field(default_factory=Overlay)
    _gesture: Gesture | None = None

    def run(self, effects: list[Effect], pointer: Pointer) -> None:
        """Carry out all effects of one pointer event."""
        for effect in effects:
            if not self._changes_document(effect):
                self._shows(effect, pointer)

    def apply(self, wanted: Apply | None) -> None:
        """One labelled edit; what cannot be done is said and nothing is changed."""
        if wanted is None:
            return
        try:
            self.editor.edit(wanted.label, wanted.edit, select=wanted.select)
        except EditError as error:
            self.message(str(error))

    def _changes_document(self, effect: Effect) -> bool:
        match effect:
            case Begin(label):
                self._gesture = self.editor.gesture(label)
            case Preview(edit):
                self._preview(edit)
            case Finish(select):
                self._end(commit=True, select=select)
            case Restore():
                self._end(commit=False)
            case Apply():
                self.apply(effect)
            case PressButton(track, button):
                self.apply(toggle_edit(self.editor.document, track, button))
            case _:
                return False
        return True

    def _shows(self, effect: Effect, pointer: Pointer) -> None:
        match effect:
            case Seek(frame):
                self.seek(frame)
            case Carry(on):
                self.carry(on)
            case Choose(ids):
                self.session.select(ids)
            case ChooseParts(parts):
                self.session.select_parts(parts)
            case Unfold(key):
                self.unfold(key)
            case Band(rect):
                self.overlay = replace(self.overlay, band=rect)
            case Guide(line, readout):
                at = (pointer.x, pointer.y)
                self.overlay = replace(self.overlay, snap_line=line, readout=readout, pointer=at)
            case Pan(dx, dy):
                self.pan(dx, dy)
            case Zoom(factor, about_x):
                self.zoom(factor, about_x)
            case UseTrack(track):
                self.session.set_track(track)
            case ToggleSnapping():
                self.session.set_snapping(not self.session.snapping)
            case EditText(item):
                self.edit_text(item)

    def _preview(self, edit: Edit | None) -> None:
        if self._gesture is None:
            return
        try:
            self._gesture.preview(edit or (lambda document: document))
        except EditError as error:
            self.message(str(error))

    def _end(self, *, commit: bool, select: frozenset[str] | None = None) -> None:
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.commit(select=select) if commit else gesture.cancel()
