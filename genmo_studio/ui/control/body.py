"""The body: model and shape."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from genmo_studio.document import edits
from genmo_studio.document.model import BodySettings, Document
from genmo_studio.motion.body import load_body
from genmo_studio.ui.control.base import Control, DockSpec
from genmo_studio.ui.panels.body_shape import BodyPanel
from genmo_studio.ui.panels.message_bar import Message, Severity

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

FILTER = "SMPL body (*.npz *.pkl)"


class BodyControl(Control):
    """The Body panel, and the body in the viewport."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self.panel = BodyPanel()

    def docks(self) -> tuple[DockSpec, ...]:
        """See Control."""
        return (DockSpec("body", "Body", self.panel, beside="inspector", shown=False),)

    def connect(self) -> None:
        """See Control."""
        self.panel.edited.connect(self._edited)
        self.panel.file_wanted.connect(self._choose)

    def document_changed(self, old: Document, new: Document) -> None:
        """Follow the body, and what is shown on it."""
        if old is new or old.body != new.body or old.takes is not new.takes or old.result is not new.result:
            body = self.window.picture.body
            known = body if new.body.model == body.name or Path(new.body.model).stem == body.name else None
            self.panel.show_body(new.body, known)
            self.panel.show_take(*self._origin(new))

    def _origin(self, document: Document) -> tuple[BodySettings | None, str]:
        """The body that the shown take was made for, when it is another, and what is done about it."""
        given = self.window.stage.result
        if given is None or self.window.stage.shown is given:
            return None, ""
        motion = given.motion
        sentence = (
            "The shown take was made for another body: its turns are kept, its way is scaled, its feet stay on the "
            "ground. Generate again for a take that fits."
        )
        if motion.body != self.window.picture.body.name:
            return None, sentence
        return BodySettings(model=document.body.model, betas=tuple(float(b) for b in motion.betas)), sentence

    def _edited(self, label: str, settings: object, merge: str) -> None:
        if isinstance(settings, BodySettings):
            self.window.commands.edit(label, edits.set_body(settings), merge=merge)

    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self.window, "Choose a Body", str(Path.home()), FILTER)
        if name:
            self.use_file(Path(name))

    def use_file(self, path: Path) -> bool:
        """Animate the body of an SMPL file; one that cannot be read changes nothing."""
        try:
            load_body(str(path))
        except ValueError as error:
            advice = "The project keeps its body."
            self.window.post(Message(f"{path.name} cannot be used as a body: {error}", advice, repr(error),
                                     Severity.WARNING))  # fmt: skip
            return False
        return self.window.commands.edit("Choose Body", edits.set_body(BodySettings(model=str(path))))
