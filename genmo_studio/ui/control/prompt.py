"""The prompt helper: beside the text field on the timeline and in the Inspector while one types."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from genmo_studio.document.model import TextClip
from genmo_studio.ui import commands
from genmo_studio.ui.control.base import Control
from genmo_studio.ui.panels.prompt_hint import PromptHint
from genmo_studio.ui.prompt_hints import hints
from genmo_studio.ui.timeline.text_field import TextField

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow


class PromptControl(Control):
    """Watches which field has the focus."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self.hint = PromptHint(window.parts.theme, window)
        self._field: TextField | QPlainTextEdit | None = None
        self._later = QTimer(window)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._refresh)

    def connect(self) -> None:
        """See Control."""
        self.window.parts.app.focusChanged.connect(self._focus_changed)

    def close(self) -> None:
        """See Control."""
        self.window.parts.app.focusChanged.disconnect(self._focus_changed)
        self._later.stop()

    def selection_changed(self, selection: frozenset[str]) -> None:  # noqa: ARG002
        """See Control."""
        if self._field is not None:
            self._later.start()

    def _focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        inside = isinstance(new, QPlainTextEdit) and self.window.inspector.isAncestorOf(new)
        field = new if isinstance(new, TextField) or inside else None
        if self._field is not None and field is not self._field:
            self._field.textChanged.disconnect(self._later.start)
            self._field = None
            self.hint.hide()
        if isinstance(field, TextField | QPlainTextEdit) and self._field is None:
            self._field = field
            field.textChanged.connect(self._later.start)
            self._later.start()

    def _refresh(self) -> None:
        """Only words of one text clip are words for the model; a name of a track or a marker is not."""
        field, w = self._field, self.window
        chosen = commands.items_of(w.editor.document, w.session.selection)
        clip = chosen[0] if len(chosen) == 1 else None
        if field is None or not field.isVisible() or not isinstance(clip, TextClip):
            self.hint.hide()
            return
        if isinstance(field, TextField) and field.item != clip.id:
            self.hint.hide()
            return
        text = field.text() if isinstance(field, TextField) else field.toPlainText()
        self.hint.show_hints(hints(text, frames=clip.span.length), field=field)
