"""Messages in place: what happened, what was kept, what to do, and details to copy. Never a modal window."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.ui.icons import icon, pixmap
from genmo_studio.ui.theme import Theme

MAX_MESSAGES = 20
REMARK_MS = 20_000
"""After this a remark leaves by itself, unless the pointer is on it; warnings and errors stay until they are closed."""


class Severity(Enum):
    """How much a message matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def icon(self) -> str:
        """Name of the icon."""
        return "info" if self is Severity.INFO else "warning"

    def colour(self, theme: Theme) -> str:
        """Accent colour, "#rrggbb"."""
        return {Severity.INFO: theme.accent, Severity.WARNING: theme.warning, Severity.ERROR: theme.error}[self]


@dataclass(frozen=True)
class Message:
    """One message to the user."""

    what: str
    """What happened, one sentence."""
    advice: str = ""
    """What was kept and what to do now."""
    details: str = ""
    """For a bug report; copied, not shown."""
    severity: Severity = Severity.ERROR
    action: tuple[str, Callable[[], None]] | None = None
    """A button: its text and what it does."""
    topic: str = ""
    """Messages of one topic replace each other: the newest says it all."""


class MessageBar(QFrame):
    """Shows one message until it is closed; the others come back in turn. Empty: takes no room.

    A remark makes room for the next one and leaves by itself: what was said about the last step is of no use later.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._messages: list[Message] = []
        self._times: dict[str, int] = {}
        self.setObjectName("messageBar")
        self.setAccessibleName("Messages")
        self._icon = QLabel()
        self._what = QLabel(wordWrap=True)
        self._what.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._advice = QLabel(wordWrap=True)
        self._advice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._action = QPushButton()
        self._action.setAccessibleName("Answer to the message")
        self._action.clicked.connect(self._act)
        self._copy = QPushButton(icon("copy"), "Copy details")
        self._copy.clicked.connect(self._copy_details)
        self._close = QToolButton(autoRaise=True)
        self._close.setIcon(icon("close"))
        self._close.setIconSize(QSize(14, 14))
        self._close.setToolTip("Close this message")
        self._close.setAccessibleName("Close this message")
        self._close.clicked.connect(self.dismiss)
        for label in (self._what, self._advice):
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addWidget(self._what)
        texts.addWidget(self._advice)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 7, 8, 7)
        row.setSpacing(10)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        for button in (self._action, self._copy, self._close):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._remark = QTimer(self)
        self._remark.setInterval(REMARK_MS)
        self._remark.timeout.connect(self._remark_read)
        self.hide()

    @property
    def messages(self) -> tuple[Message, ...]:
        """What waits to be read, oldest first."""
        return tuple(self._messages)

    def post(self, message: Message) -> None:
        """Show a message. One that says the same as a waiting one replaces it and is counted: no storms (PG6)."""
        others = [m for m in self._messages if m.what != message.what and not (m.topic and m.topic == message.topic)]
        if message.severity is Severity.INFO:
            others = [m for m in others if m.severity is not Severity.INFO]
        self._messages = [*others[-MAX_MESSAGES + 1 :], message]
        self._times = {m.what: self._times.get(m.what, 0) for m in self._messages}
        self._times[message.what] += 1
        self._refresh()

    @property
    def shown(self) -> Message | None:
        """The newest of the most serious messages: a remark does not cover an error that nobody has read."""
        order = list(Severity)
        return max(reversed(self._messages), key=lambda m: order.index(m.severity), default=None)

    def dismiss(self) -> None:
        """Close the shown message."""
        shown = self.shown
        if shown is not None:
            self._messages.remove(shown)
            del self._times[shown.what]
        self._refresh()

    def set_theme(self, theme: Theme) -> None:
        """Show the message in another theme."""
        self._theme = theme
        self._refresh()

    def clear(self) -> None:
        """Close all messages."""
        self._messages.clear()
        self._times.clear()
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """A remark's time runs while it can be read."""
        super().showEvent(event)
        self._remark.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's name)
        """Nothing ticks out of sight."""
        super().hideEvent(event)
        self._remark.stop()

    def _remark_read(self) -> None:
        shown = self.shown
        focus = QApplication.focusWidget()
        reading = self.underMouse() or (focus is not None and self.isAncestorOf(focus))
        if shown is not None and shown.severity is Severity.INFO and not reading:
            self.dismiss()

    def _refresh(self) -> None:
        message = self.shown
        if message is None:
            self.hide()
            return
        colour = message.severity.colour(self._theme)
        self.setStyleSheet(
            f"#messageBar {{ border: none; border-left: 4px solid {colour}; background: {self._theme.row_current}; }}"
        )
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(pixmap(message.severity.icon, size=20, colour=QColor(colour), scale=ratio))
        times, waiting = self._times[message.what], len(self._messages)
        facts = [f"{times} times"] if times > 1 else []
        facts += [f"{waiting} messages"] if waiting > 1 else []
        more = f"  ({', '.join(facts)})" if facts else ""
        self._what.setText(message.what + more)
        self._advice.setText(message.advice)
        self._advice.setVisible(bool(message.advice))
        self._copy.setText("Copy details")
        self._copy.setVisible(bool(message.details))
        self._action.setVisible(message.action is not None)
        if message.action is not None:
            self._action.setText(message.action[0])
            self._action.setAccessibleName(message.action[0])
        self.setAccessibleDescription(f"{message.what} {message.advice}")
        self.show()
        if self.isVisible():
            self._remark.start()

    def _act(self) -> None:
        shown = self.shown
        self.dismiss()
        if shown is not None and shown.action is not None:
            shown.action[1]()

    def _copy_details(self) -> None:
        message = self.shown
        if message is not None:
            QGuiApplication.clipboard().setText(f"{message.what}\n{message.advice}\n\n{message.details}")
            self._copy.setText("Copied")
