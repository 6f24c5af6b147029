"""What is wrong or doubtful in the conditions: a few sentences; a click goes to the place on the timeline."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from genmo_studio.conditions.problem import Problem, Severity, ranked
from genmo_studio.ui.icons import pixmap
from genmo_studio.ui.theme import Theme

SHOWN = 2
"""Problems that are shown before one asks for all."""
MOST = 100
"""Problems that are listed when one asks for all; each is a few widgets."""


class _Row(QWidget):
    """One problem."""

    chosen = Signal(object)

    def __init__(self, problem: Problem, theme: Theme) -> None:
        super().__init__()
        self._problem = problem
        colours = {Severity.ERROR: theme.error, Severity.WARNING: theme.warning, Severity.INFO: theme.text_dim}
        mark = QLabel()
        name = "info" if problem.severity is Severity.INFO else "warning"
        ink = QColor(colours[problem.severity])
        mark.setPixmap(pixmap(name, size=16, colour=ink, scale=self.devicePixelRatioF()))
        mark.setFixedSize(QSize(16, 16))
        text = QLabel(problem.sentence, wordWrap=True)
        advice = QLabel(problem.advice, wordWrap=True)
        advice.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        advice.setVisible(bool(problem.advice))
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(text)
        words.addWidget(advice)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 3, 2, 3)
        row.setSpacing(8)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(problem.sentence)
        self.setAccessibleDescription(f"{problem.why} {problem.advice}".strip())
        last = problem.span.stop - 1
        where = f"Frame {last}" if problem.span.length == 1 else f"Frames {problem.span.start} to {last}"
        self.setToolTip(f"{problem.words}\n\n{where}: click to go there (F8: next problem)")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Return or Space goes there."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._problem)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802, ARG002 (Qt's name)
        self.chosen.emit(self._problem)


class ProblemList(QWidget):
    """The most serious ones first; the rest is counted."""

    chosen = Signal(object)  # Problem

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._given: Sequence[Problem] | None = None
        self._shown: tuple[Problem, ...] | None = None
        self._all = False
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 6, 0, 0)
        self._layout.setSpacing(2)
        self.setAccessibleName("Problems")

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self._theme = theme
        self._fill()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All of them, the most serious first."""
        return self._shown or ()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Replace the list."""
        if problems is self._given:
            return
        self._given, found = problems, ranked(problems)
        if found == self._shown:
            return
        self._shown = found
        self._fill()

    def _fill(self) -> None:
        every = self._shown or ()
        shown = every[: MOST if self._all else SHOWN]
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()  # at once: it may be deleted only when the window is idle again
                widget.deleteLater()
        for problem in shown:
            row = _Row(problem, self._theme)
            row.chosen.connect(self.chosen)
            self._layout.addWidget(row)
        if len(every) > SHOWN:
            more = QToolButton(autoRaise=True)
            left = f" ({len(every) - MOST:,} more: F8 goes through them)" if len(every) > MOST else ""
            more.setText(f"Show less{left}" if self._all else f"Show {min(len(every), MOST) - SHOWN} more{left}")
            more.clicked.connect(self._toggle)
            self._layout.addWidget(more)
        self.setVisible(bool(every))

    def _toggle(self) -> None:
        self._all = not self._all
        self._fill()
