"""The Help panel: one page about the panel under the pointer."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QImage, QResizeEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTextBrowser, QVBoxLayout, QWidget

_MARGIN = 12


class _Page(QTextBrowser):
    """Shows Markdown with pictures that are never wider than the page."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenExternalLinks(False)
        self.setAccessibleName("Help page")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # else its coming changes the width
        self.document().setDocumentMargin(_MARGIN)
        self.document().setIndentWidth(18)
        self._text = ""
        self._laid_for = 0

    def show_text(self, text: str, *, folder: Path | None) -> None:
        """Show a page from its top."""
        self.setSearchPaths([str(folder)] if folder is not None else [])
        self._text = text
        self._lay()
        self.verticalScrollBar().setValue(0)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:  # noqa: N802 (Qt's name)
        """A picture, made as narrow as the page."""
        found = super().loadResource(kind, name)
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return found
        image = QImage.fromData(found) if not isinstance(found, QImage) else found
        ratio, room = self.devicePixelRatioF(), self._room()
        if image.isNull() or image.width() <= room * ratio:
            return image
        image = image.scaledToWidth(round(room * ratio), Qt.TransformationMode.SmoothTransformation)
        image.setDevicePixelRatio(ratio)
        return image

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Another width, other pictures; the place in the page stays."""
        super().resizeEvent(event)
        if self._text and self._room() != self._laid_for:
            bar = self.verticalScrollBar()
            part = bar.value() / max(bar.maximum(), 1)
            self._lay()
            bar.setValue(round(part * bar.maximum()))

    def _room(self) -> int:
        return max(80, self.viewport().width() - 2 * _MARGIN)

    def _lay(self) -> None:
        self._laid_for = self._room()
        features = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
        self.document().setMarkdown(self._text, features)
        self.moveCursor(QTextCursor.MoveOperation.Start)  # else the first showing brings the end of the page into view


class HelpPanel(QWidget):
    """A page, the way to all keys, and the tour."""

    shortcuts_wanted = Signal()
    tour_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.browser = _Page()
        self.setFocusProxy(self.browser)
        keys, tour = QPushButton("All Keys"), QPushButton("Take the Tour")
        keys.clicked.connect(self.shortcuts_wanted)
        tour.clicked.connect(self.tour_wanted)
        row = QHBoxLayout()
        row.setContentsMargins(10, 6, 10, 8)
        row.addWidget(keys)
        row.addWidget(tour)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.browser, 1)
        layout.addLayout(row)

    def show_page(self, text: str, *, folder: Path | None) -> None:
        """Show Markdown; pictures are looked for in ``folder``. HTML in it is shown as it stands."""
        self.browser.show_text(text, folder=folder)
