"""The tour: a few cards that point at real parts of the window; nothing is blocked meanwhile (ON4)."""

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from genmo_studio.ui.theme import Theme

WIDTH = 320
_FRAME = 3


class Stop(msgspec.Struct, frozen=True):
    """One card."""

    title: str
    text: str
    widget: Callable[[], QWidget]
    """What it points at; brought to the front when the stop is reached."""


class Tour(QFrame):
    """A card beside the part that it explains, which has a frame."""

    ended = Signal()

    def __init__(self, stops: Sequence[Stop], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("tour")
        self.setAccessibleName("Tour")
        self.setFixedWidth(WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._over, self._stops, self.place = parent, tuple(stops), 0
        self._title, self._text, self._count = QLabel(), QLabel(wordWrap=True), QLabel()
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self.skip, self.next = QPushButton("Skip"), QPushButton("Next")
        self.skip.clicked.connect(self.end)
        self.next.clicked.connect(lambda: self.go(self.place + 1))
        row = QHBoxLayout()
        row.addWidget(self._count, 1)
        row.addWidget(self.skip)
        row.addWidget(self.next)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(self._text)
        layout.addLayout(row)
        self._edges = [QWidget(parent) for _ in range(4)]
        for edge in self._edges:
            edge.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            edge.setAutoFillBackground(True)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Look like another theme."""
        self.setStyleSheet(
            f"#tour {{ background: {theme.raised}; border: 2px solid {theme.accent}; border-radius: 6px; }}"
        )
        for edge in self._edges:
            colours = edge.palette()
            colours.setColor(QPalette.ColorRole.Window, QColor(theme.accent))
            edge.setPalette(colours)

    def go(self, place: int) -> None:
        """Show a stop; after the last one the tour is over."""
        if place >= len(self._stops):
            self.end()
            return
        self.place = place
        stop = self._stops[place]
        target = stop.widget()
        self._title.setText(stop.title)
        self._text.setText(stop.text)
        self._count.setText(f"{place + 1} of {len(self._stops)}")
        self.next.setText("Done" if place + 1 == len(self._stops) else "Next")
        self.setAccessibleDescription(f"{stop.title}. {stop.text}")
        self._point_at(QRect(target.mapTo(self._over, QPoint(0, 0)), target.size()))
        self.show()
        self.raise_()
        self.next.setFocus()

    def end(self) -> None:
        """Take the cards away."""
        if self.isHidden() and self.place == 0:
            return
        for edge in self._edges:
            edge.hide()
            edge.deleteLater()
        self._edges = []
        self.hide()
        self.ended.emit()
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Esc skips, Enter goes on."""
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.go(self.place + 1)
        else:
            super().keyPressEvent(event)

    def _point_at(self, box: QRect) -> None:
        places = (
            QRect(box.left(), box.top(), box.width(), _FRAME),
            QRect(box.left(), box.bottom() - _FRAME + 1, box.width(), _FRAME),
            QRect(box.left(), box.top(), _FRAME, box.height()),
            QRect(box.right() - _FRAME + 1, box.top(), _FRAME, box.height()),
        )
        for edge, where in zip(self._edges, places, strict=True):
            edge.setGeometry(where)
            edge.show()
            edge.raise_()
        self._text.setFixedWidth(WIDTH - 32)
        self.adjustSize()
        room = self._over.rect().adjusted(12, 12, -12, -12)
        spots = (
            QPoint(box.left() + 16, box.bottom() + 10),
            QPoint(min(box.right(), room.right()) - self.width() + 1, box.bottom() + 10),
            QPoint(box.left() + 16, box.top() - self.height() - 10),
            QPoint(box.left() - self.width() - 10, box.top() + 16),
            QPoint(box.right() + 10, box.top() + 16),
            box.center() - self.rect().center(),
        )
        fits = (spot for spot in spots if room.contains(QRect(spot, self.size())))
        self.move(next(fits, spots[-1]))
