"""The Help panel: one page about the panel under the pointer."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTextBrowser, QVBoxLayout, QWidget


class HelpPanel(QWidget):
    """A page, the way to all keys, and the tour."""

    shortcuts_wanted = Signal()
    tour_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.browser = QTextBrowser()
        self.browser.setOpenExternalLinks(False)
        self.browser.setAccessibleName("Help page")
        self.browser.document().setDocumentMargin(12)
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
        self.browser.setSearchPaths([str(folder)] if folder is not None else [])
        features = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
        self.browser.document().setMarkdown(text, features)
