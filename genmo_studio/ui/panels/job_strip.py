"""What the worker does now: stage, step, time left, and a slim bar. Always keeps its room, so nothing jumps."""

import msgspec
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget


class JobState(msgspec.Struct, frozen=True):
    """One moment of a job."""

    title: str
    """What is being made: "Take 3", "Draft"."""
    stage: str
    fraction: float
    """0..1 of the whole job; negative when it cannot be told."""
    detail: str = ""
    seconds_left: float | None = None
    queued: int = 0
    """Jobs that wait behind this one."""

    @property
    def sentence(self) -> str:
        """One line for the user."""
        stage = self.stage[:1].upper() + self.stage[1:]
        parts = [f"{self.title}: {stage}" if self.title else stage, *self._progress()]
        return " · ".join(parts)

    @property
    def shorter(self) -> tuple[str, str, str]:
        """The line without the title, then also without the detail, then the stage alone: for less and less room."""
        stage = self.stage[:1].upper() + self.stage[1:]
        left = [] if self.seconds_left is None else [time_left(self.seconds_left)]
        return " · ".join([stage, *self._progress()]), " · ".join([stage, *left]), stage

    def _progress(self) -> list[str]:
        parts = []
        if self.detail:
            parts.append(self.detail)
        if self.seconds_left is not None:
            parts.append(time_left(self.seconds_left))
        if self.queued:
            parts.append(f"{self.queued} waiting")
        return parts


def time_left(seconds: float) -> str:
    """Words such as "about 8 s left" or "about 3 min left"."""
    if seconds < 1:
        return "nearly done"
    if seconds < 90:
        return f"about {round(seconds)} s left"
    return f"about {round(seconds / 60)} min left"


class JobStrip(QWidget):
    """Two lines: a sentence and a bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setMinimumWidth(0)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setMaximumHeight(6)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName("Progress of the generation")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 3, 8, 3)
        layout.setSpacing(3)
        layout.addStretch(1)
        layout.addWidget(self._text)
        layout.addWidget(self._bar)
        layout.addStretch(1)
        self._state: JobState | None = None
        self._idle_text = ""
        self.set_state(None)

    @property
    def state(self) -> JobState | None:
        """What is shown; None when nothing runs."""
        return self._state

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Enough for a stage and a time."""
        return QSize(280, 34)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """May shrink; the text is elided."""
        return QSize(120, 34)

    def set_idle_text(self, text: str) -> None:
        """What stands there when nothing runs: the outcome of the last job."""
        self._idle_text = text
        self._refresh()

    def set_state(self, state: JobState | None) -> None:
        """Show a job, or None when it has ended."""
        self._state = state
        self._refresh()

    def resizeEvent(self, event: object) -> None:  # noqa: N802, ARG002 (Qt's name)
        """Elide the text anew."""
        self._refresh()

    def _refresh(self) -> None:
        state = self._state
        sentence = self._idle_text if state is None else state.sentence
        room = self.width() - 16
        metrics = self._text.fontMetrics()
        lines = (sentence,) if state is None else state.shorter
        line = next((line for line in lines if metrics.horizontalAdvance(line) <= room), lines[-1])
        self._text.setText(metrics.elidedText(line, Qt.TextElideMode.ElideRight, room))
        self._text.setForegroundRole(QPalette.ColorRole.WindowText if state else QPalette.ColorRole.PlaceholderText)
        self.setToolTip(sentence)
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(policy)
        self._bar.setVisible(state is not None)
        if state is not None:
            known = state.fraction >= 0
            self._bar.setRange(0, 1000 if known else 0)
            if known:
                self._bar.setValue(round(1000 * min(state.fraction, 1.0)))
