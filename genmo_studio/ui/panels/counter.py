"""The time counter: shows the playhead, takes typed times (``120``, ``4s``, ``+10``, ``0:04:00``), changes units."""

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QToolTip, QWidget

from genmo_studio.ui.theme import mono_font
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.timeline.timecode import TimeFormat, TimeInputError, format_time, parse_time

_UNIT = {TimeFormat.TIMECODE: "h:m:s:f", TimeFormat.FRAMES: "frames", TimeFormat.SECONDS: "seconds"}


class _Field(QLineEdit):
    """Selects everything when entered, gives up on Esc."""

    left = Signal()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusInEvent(event)
        QTimer.singleShot(0, self, self.selectAll)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusOutEvent(event)
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if event.key() == Qt.Key.Key_Escape:
            self.clearFocus()
            return
        super().keyPressEvent(event)


class TimeCounter(QWidget):
    """Counter and unit button; asks for a frame, never sets it."""

    seek_requested = Signal(int)

    def __init__(self, session: Session, *, fps: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._fps = session, fps
        self._field = _Field(alignment=Qt.AlignmentFlag.AlignCenter)
        self._field.setFont(mono_font(points=11.0))
        self._field.setFixedWidth(self._field.fontMetrics().horizontalAdvance("00:00:00:00") + 26)
        self._field.setAccessibleName("Time")
        self._field.setToolTip("Type a time: 120, 4s, +10 or 00:00:04:00")
        self._field.returnPressed.connect(self._accept)
        self._field.left.connect(self._refresh)
        self._unit = QToolButton(autoRaise=True)
        self._unit.setObjectName("unit")
        self._unit.setToolTip("Change between timecode, frames and seconds")
        self._unit.setAccessibleName("Unit of time")
        self._unit.setFixedWidth(self._unit.fontMetrics().horizontalAdvance("seconds") + 16)
        self._unit.clicked.connect(lambda: session.set_time_format(session.time_format.following()))
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 0)
        row.setSpacing(2)
        row.addWidget(self._field)
        row.addWidget(self._unit)
        session.playhead_changed.connect(self._refresh)
        session.time_format_changed.connect(self._refresh)
        self._refresh()

    def set_fps(self, fps: int) -> None:
        """The project's rate."""
        self._fps = fps
        self._refresh()

    def begin_typing(self) -> None:
        """Put the cursor into the field, everything selected."""
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _refresh(self, *_: object) -> None:
        if not self._field.hasFocus():
            style = self._session.time_format
            self._field.setText(format_time(self._session.playhead, fps=self._fps, style=style))
            self._unit.setText(_UNIT[style])

    def _accept(self) -> None:
        try:
            frame = parse_time(self._field.text(), fps=self._fps, current=self._session.playhead)
        except TimeInputError as error:
            QToolTip.showText(self._field.mapToGlobal(self._field.rect().bottomLeft()), str(error), self._field)
            return
        self.seek_requested.emit(frame)
        self._field.clearFocus()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow a change of the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_field"):
            self._refresh()
