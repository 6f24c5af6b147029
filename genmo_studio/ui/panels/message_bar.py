"""Messages in place: what happened, what was kept, what to do, and details to copy. Never a modal window.

The bar lies over the top of the viewport and moves nothing. It shows one message at a time; a message leaves when its
cause is gone (``withdraw``, or the next step of the document), when it was closed, or by itself where it is a remark.
"""

from collections.abc import Callable
from enum import Enum

import msgspec
from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication, QHideEvent, QKeyEvent, QShowEvent
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
from shiboken6 import isValid

from genmo_studio.ui.icons import icon, pixmap
from genmo_studio.ui.theme import Theme

MAX_MESSAGES = 20
REMARK_MS = 12_000
"""After this a remark leaves by itself, unless the pointer is on it."""
WIDEST = 640
"""Pixels; a longer message takes a second line rather than more of the picture."""
GAP = 8
"""Pixels between the bar and the sides of what it lies over."""


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


class Lasts(Enum):
    """When a message leaves without being closed."""

    MOMENT = "moment"
    """when it could be read: remarks"""
    STEP = "step"
    """when the document changes, or as a remark does: what could not be done is done in another way, or given up"""
    CLOSED = "closed"
    """not before it is closed or withdrawn"""


class Message(msgspec.Struct, frozen=True):
    """One message to the user."""

    what: str
    """What happened, one sentence."""
    advice: str = ""
    """What was kept and what to do now."""
    details: str = ""
    """For a bug report; copied, not shown."""
    severity: Severity = Severity.ERROR
    action: tuple[str, Callable[[], object]] | None = None
    """A button: its text and what it does."""
    topic: str = ""
    """Messages of one topic replace each other: the newest says it all. ``withdraw`` takes them back."""
    lasts: Lasts | None = None
    """None: remarks a moment, all others until they are closed"""

    @property
    def leaves(self) -> Lasts:
        """When it leaves."""
        remark = self.severity is Severity.INFO
        return self.lasts if self.lasts is not None else Lasts.MOMENT if remark else Lasts.CLOSED


def refusal(what: str, advice: str = "Nothing was changed.") -> Message:
    """What could not be done, and why. It leaves with the next thing that can."""
    return Message(what, advice, severity=Severity.WARNING, lasts=Lasts.STEP, topic="refusal")


class MessageBar(QFrame):
    """Shows one message until it is closed; the others come back in turn, or when they are leafed to.

    A remark makes room for the next one (unless it offers something) and leaves by itself: what was said about the last
    step is of no use later.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._messages: list[Message] = []
        self._times: dict[str, int] = {}
        self._leafed: Message | None = None
        self._over: tuple[QWidget, int] | None = None
        self.setObjectName("messageBar")
        self.setAccessibleName("Messages")
        self._icon = QLabel()
        self._what, self._advice = _text("messageWhat"), _text("messageAdvice")
        self._action = QPushButton()
        self._action.setAccessibleName("Answer to the message")
        self._action.clicked.connect(self._act)
        self._copy = QPushButton(icon("copy"), "Copy details")
        self._copy.clicked.connect(self._copy_details)
        self._next = QToolButton(autoRaise=True)
        self._next.setToolTip("Show the next message")
        self._next.setAccessibleName("Show the next message")
        self._next.clicked.connect(self.leaf)
        self._close = QToolButton(autoRaise=True)
        self._close.setIcon(icon("close"))
        self._close.setIconSize(QSize(14, 14))
        self._close.setToolTip("Close this message")
        self._close.setAccessibleName("Close this message")
        self._close.clicked.connect(self.dismiss)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addStretch(1)
        texts.addWidget(self._what)
        texts.addWidget(self._advice)
        texts.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 5, 6, 5)
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(texts, 1)
        for button in (self._action, self._copy, self._next, self._close):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where one works
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._remark = QTimer(self)
        self._remark.setInterval(REMARK_MS)
        self._remark.timeout.connect(self._remark_read)
        self._came_from: QWidget | None = None  # who had the focus before one of the buttons
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)
        self.hide()

    def lie_over(self, host: QWidget, *, top: int) -> None:
        """Lie over the top of ``host``, ``top`` pixels down, instead of in a layout."""
        self.setParent(host)
        self._over = host, top
        host.installEventFilter(self)
        self._place()

    @property
    def messages(self) -> tuple[Message, ...]:
        """What waits to be read, oldest first."""
        return tuple(self._messages)

    @property
    def shown(self) -> Message | None:
        """What was leafed to, or the newest of the most serious: a remark does not cover an error nobody has read."""
        if self._leafed is not None:
            return self._leafed
        return next(iter(self._in_order()), None)

    def post(self, message: Message) -> None:
        """Show a message. One that says the same as a waiting one replaces it and is counted: no storms (PG6)."""
        others = [m for m in self._messages if m.what != message.what and not (m.topic and m.topic == message.topic)]
        if message.severity is Severity.INFO:
            others = [m for m in others if m.severity is not Severity.INFO or m.action is not None]
        self._leafed = None
        self._keep([*others[-MAX_MESSAGES + 1 :], message])
        self._times[message.what] += 1
        self._refresh()

    def withdraw(self, topic: str) -> None:
        """The cause of the messages of a topic, and of those below it (``topic/...``), is gone."""
        self._only([m for m in self._messages if m.topic != topic and not m.topic.startswith(f"{topic}/")])

    def step_made(self) -> None:
        """The document was changed: what could not be done before is not news any more."""
        self._only([m for m in self._messages if m.leaves is not Lasts.STEP])

    def leaf(self) -> None:
        """Show the next message that waits."""
        order = self._in_order()
        if self.shown is not None:
            self._leafed = order[(order.index(self.shown) + 1) % len(order)]
        self._refresh()

    def dismiss(self) -> None:
        """Close the shown message."""
        self._only([m for m in self._messages if m is not self.shown])

    def clear(self) -> None:
        """Close all messages."""
        self._only([])

    def set_theme(self, theme: Theme) -> None:
        """Show the message in another theme."""
        self._theme = theme
        self._refresh()

    # -- Qt ------------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Stay in the middle of what it lies over."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest) and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """A remark's time runs while it can be read."""
        super().showEvent(event)
        self._remark.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's name)
        """Nothing ticks out of sight."""
        super().hideEvent(event)
        self._remark.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Esc closes it where the focus is on one of its buttons."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _in_order(self) -> list[Message]:
        """As they are shown: the most serious first, of those the newest."""
        order = list(Severity)
        newest_first = list(reversed(self._messages))
        return sorted(newest_first, key=lambda m: -order.index(m.severity))

    def _keep(self, messages: list[Message]) -> None:
        self._messages = messages
        self._times = {m.what: self._times.get(m.what, 0) for m in messages}
        if self._leafed not in messages:
            self._leafed = None

    def _only(self, messages: list[Message]) -> None:
        if len(messages) != len(self._messages):
            self._keep(messages)
            self._refresh()

    def _remark_read(self) -> None:
        shown = self.shown
        focus = QApplication.focusWidget()
        reading = self.underMouse() or (focus is not None and self.isAncestorOf(focus))
        if shown is not None and shown.leaves is not Lasts.CLOSED and not reading:
            self.dismiss()

    def _refresh(self) -> None:
        message = self.shown
        if message is None:
            self._leave()
            return
        colour = message.severity.colour(self._theme)
        self.setStyleSheet(
            f"#messageBar {{ border: 1px solid {self._theme.line_strong}; border-left: 4px solid {colour};"
            f" border-radius: 4px; background: {self._theme.row_current}; }}"
            f" #messageAdvice {{ color: {self._theme.text_dim}; }}"
        )
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(pixmap(message.severity.icon, size=20, colour=QColor(colour), scale=ratio))
        times, waiting = self._times[message.what], self._in_order()
        self._what.setText(message.what + (f"  ({times} times)" if times > 1 else ""))
        self._advice.setText(message.advice)
        self._advice.setVisible(bool(message.advice))
        place = f"{waiting.index(message) + 1} of {len(waiting)}"
        self._next.setText(f"{place} ›")
        self._next.setAccessibleName(f"Message {place}, show the next one")
        self._next.setVisible(len(waiting) > 1)
        self._copy.setText("Copy details")
        self._copy.setVisible(bool(message.details))
        self._action.setVisible(message.action is not None)
        if message.action is not None:
            self._action.setText(message.action[0])
            self._action.setAccessibleName(message.action[0])
        self.setAccessibleDescription(f"{message.what} {message.advice}")
        self._place()
        self.show()
        self.raise_()
        if self.isVisible():
            self._remark.start()

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and self.isAncestorOf(new) and not (old is not None and self.isAncestorOf(old)):
            self._came_from = old

    def _leave(self) -> None:
        """Hide, and give the keyboard back to where it came from."""
        focus, before = QApplication.focusWidget(), self._came_from
        had = focus is not None and self.isAncestorOf(focus)
        self.hide()
        if had and before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    def _place(self) -> None:
        """In the middle of its host's width, as wide as its words, no wider than WIDEST."""
        if self._over is None:
            return
        host, top = self._over
        row = self.layout()
        assert row is not None
        row.activate()
        width = max(1, min(self._wanted(), WIDEST, host.width() - 2 * GAP))
        height = max(row.totalHeightForWidth(width), row.totalMinimumSize().height())
        self.setGeometry((host.width() - width) // 2, top, width, height)

    def _wanted(self) -> int:
        """The width at which no line is broken."""
        row = self.layout()
        assert row is not None
        labels = [label for label in (self._what, self._advice) if not label.isHidden()]
        lines = [label.fontMetrics().horizontalAdvance(label.text()) + 8 for label in labels]
        return row.totalMinimumSize().width() + max(lines) - max(label.minimumSizeHint().width() for label in labels)

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


def _text(name: str) -> QLabel:
    """A line of the message; it can be copied from."""
    label = QLabel(wordWrap=True)
    label.setObjectName(name)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return label
