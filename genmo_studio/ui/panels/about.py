"""The About box: version, licences of program, parts and data, and what the default model may be used for."""

import platform
from pathlib import Path

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

import genmo_studio
from genmo_studio import paths
from genmo_studio.ui.icons import app_icon
from genmo_studio.ui.theme import Theme, mono_font

MODEL_LICENCE = (
    "The default model was trained on motion data of which a part is licensed CC BY-NC 4.0. It and what you make with "
    "it are for non-commercial use; for commercial work load a checkpoint that allows it."
)

PARTS: tuple[tuple[str, str, str], ...] = (
    ("GENMO Studio", "the program", "Apache-2.0"),
    ("Default model", "weights", "CC BY-NC 4.0 (data: Bandai Namco, CMU, SIE and others)"),
    ("Default body", "from MakeHuman data", "CC0 1.0"),
    ("BlazePose", "2D pose weights", "Apache-2.0"),
    ("MiniLM", "text encoder weights", "Apache-2.0"),
    ("Qt and PySide6", "window", "LGPL-3.0"),
    ("PyTorch", "model", "BSD-3-Clause"),
    ("NumPy, SciPy", "numbers", "BSD-3-Clause"),
    ("PyOpenGL", "3D view", "BSD-3-Clause"),
    ("pyqtgraph", "curves", "MIT"),
    ("trimesh", "meshes", "MIT"),
    ("PyAV with FFmpeg", "video", "BSD-3-Clause; FFmpeg LGPL, x264 and x265 GPL"),
    ("librosa", "music features", "ISC"),
    ("sounddevice, soundfile", "sound", "MIT, BSD-3-Clause"),
    ("LiteRT", "2D pose", "Apache-2.0"),
    ("msgspec, safetensors, tokenizers", "files", "BSD-3-Clause, Apache-2.0"),
)
"""Name, what for, licence."""


def notice_text() -> str:
    """The NOTICE file as it was shipped; a short sentence where it was taken away."""
    root = paths.assets().parent
    for place in (root / "NOTICE", Path(genmo_studio.__file__).parent / "NOTICE"):
        if place.is_file():
            return place.read_text("utf-8", errors="replace")
    return "The NOTICE file is missing from this copy of the program."


class AboutBox(QDialog):
    """Tabs: about, parts and licences, notice."""

    def __init__(self, theme: Theme, *, device: str, graphics: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About GENMO Studio")
        self.resize(660, 480)
        tabs = QTabWidget()
        tabs.addTab(self._front(theme, device=device, graphics=graphics), "About")
        tabs.addTab(_parts(), "Licences")
        notice = QPlainTextEdit(notice_text(), readOnly=True)
        notice.setAccessibleName("Notice")
        notice.setFont(mono_font(points=8.5))
        tabs.addTab(notice, "Notice")
        close = QPushButton("Close")
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addWidget(tabs, 1)
        layout.addLayout(buttons)

    def _front(self, theme: Theme, *, device: str, graphics: str) -> QWidget:
        page = QWidget()
        mark = QLabel()
        mark.setPixmap(app_icon().pixmap(72, 72))
        title = QLabel(f"<span style='font-size:16pt'>GENMO Studio</span><br>version {genmo_studio.__version__}")
        head = QHBoxLayout()
        head.addWidget(mark)
        head.addWidget(title, 1)
        text = QLabel(
            "Recovers and creates human motion on one timeline: from video, text, music, poses and paths to an "
            "animated body.<br><br>Everything runs on this computer; nothing is sent anywhere."
        )
        licence = QLabel(f"<b>Default model: CC BY-NC 4.0.</b> {MODEL_LICENCE}")
        licence.setStyleSheet(
            f"border-left: 4px solid {theme.warning}; background: {theme.row_current}; padding: 8px 10px;"
        )
        system = QLabel(
            f"Model runs on: {device or 'not started yet'}<br>3D view: {graphics or 'not available'}<br>"
            f"Python {platform.python_version()}, Qt for Python {pyside_version}, {platform.system()}"
        )
        system.setEnabled(False)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(20, 18, 20, 18)
        layout.setSpacing(14)
        layout.addLayout(head)
        for label in (text, licence, system):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            layout.addWidget(label)
        layout.addStretch(1)
        return page


def _parts() -> QTreeWidget:
    tree = QTreeWidget()
    tree.setRootIsDecorated(False)
    tree.setAlternatingRowColors(True)
    tree.setHeaderLabels(["Part", "Used for", "Licence"])
    tree.setAccessibleName("Parts and their licences")
    for row in PARTS:
        tree.addTopLevelItem(QTreeWidgetItem(list(row)))
    for column in range(3):
        tree.resizeColumnToContents(column)
    return tree
