"""A field that asks for a time where the work is, for example how much to insert."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from genmo_studio.ui.panels.asking import AskingPopup, hint
from genmo_studio.ui.timeline.timecode import TimeInputError, parse_time


class TimePopup(AskingPopup):
    """Asks for a length; Enter accepts what can be understood, Esc closes."""

    accepted = Signal(int)  # frames

    def __init__(self, parent: QWidget, *, question: str, proposal: str, fps: int) -> None:
        super().__init__(parent, question=question)
        self._fps = fps
        self.field = QLineEdit(proposal)
        self.field.setAccessibleName(question)
        self.field.setMinimumWidth(210)
        self.field.selectAll()
        self.field.returnPressed.connect(self._accept)
        self._hint = hint("For example 1s, 12 (frames) or 00:00:02:00. Enter inserts, Esc closes.")
        self.add(self.field, self._hint, focus=self.field)

    def _accept(self) -> None:
        try:
            frames = parse_time(self.field.text(), fps=self._fps, current=0)
            if not frames:
                raise TimeInputError("At least one frame, please.")
        except TimeInputError as error:
            self._hint.setEnabled(True)
            self._hint.setText(str(error))
            self.field.selectAll()
            return
        self.close()
        self.accepted.emit(frames)
