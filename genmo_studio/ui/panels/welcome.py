"""The welcome view: a column beside the viewport, so that the first thing one sees is motion, not a question (ON1)."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QImage, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.ui.icons import icon, pixmap
from genmo_studio.ui.recent import RecentProject, thumbnail
from genmo_studio.ui.theme import RADIUS, Theme

WIDTH = 344
CHOICES = ("file.open_sample", "file.new_text", "file.new_video", "file.new_music")
_WORDS = ("Open Sample", "New from Text", "New from Video", "New from Music")
_THUMB = QSize(64, 36)


class WelcomePanel(QFrame):
    """Four choices, recent projects, a place to drop files. Not modal: everything else works meanwhile."""

    closed = Signal()
    open_requested = Signal(object)  # Path
    remove_requested = Signal(object)  # Path
    at_start_changed = Signal(bool)

    def __init__(self, actions: Mapping[str, QAction], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setAccessibleName("Welcome")
        self.setFixedWidth(WIDTH)
        self._recents: tuple[RecentProject, ...] = ()
        self.choices = [_choice(actions[i], words) for i, words in zip(CHOICES, _WORDS, strict=True)]
        self.close_button = QToolButton(autoRaise=True)
        self.close_button.setIcon(icon("close"))
        self.close_button.setIconSize(QSize(14, 14))
        self.close_button.setToolTip("Close the welcome view; File > Welcome brings it back")
        self.close_button.setAccessibleName("Close the welcome view")
        self.close_button.clicked.connect(self.closed)
        self.at_start = QCheckBox("Show at start")
        self.at_start.toggled.connect(self.at_start_changed)
        self.tour_button = QPushButton("Take the Tour")
        self.tour_button.setToolTip(actions["help.tour"].toolTip())
        self.tour_button.clicked.connect(actions["help.tour"].trigger)
        self._drop = QLabel("Drop a video, a song, a motion\nor a project anywhere in the window")
        self._drop.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._drop.setObjectName("drop")
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        self._lay_out()
        self.set_theme(theme)
        self.show_recents(())

    def set_theme(self, theme: Theme) -> None:
        """Look like another theme."""
        self._theme = theme
        self.setStyleSheet(
            f"#welcome {{ background: {theme.panel}; border: none; border-right: 1px solid {theme.line_strong}; }}"
            f"#welcome QToolButton#choice {{ background: {theme.raised}; border: 1px solid {theme.line_strong};"
            f" border-radius: {RADIUS}px; padding: 8px 4px 6px 4px; }}"
            f"#welcome QToolButton#choice:hover {{ background: {theme.hover}; border-color: {theme.accent}; }}"
            f"#welcome QToolButton#choice:focus {{ border: 2px solid {theme.accent}; }}"
            f"#welcome #drop {{ border: 1px dashed {theme.text_dim}; border-radius: {RADIUS}px;"
            f" color: {theme.text_dim}; padding: 7px; }}"
            f"#welcome QPushButton#recent {{ text-align: left; background: transparent; border: 1px solid transparent;"
            " padding: 3px 4px; }"
            f"#welcome QPushButton#recent:hover {{ background: {theme.hover}; }}"
            f"#welcome QPushButton#recent:focus {{ border-color: {theme.accent}; }}"
            f"#welcome #heading {{ color: {theme.text_dim}; }}"
            "#welcome QScrollArea, #welcome QScrollArea > QWidget > QWidget { background: transparent; }"
        )
        self.show_recents(self._recents)

    def show_recents(self, recents: Sequence[RecentProject]) -> None:
        """Show the recent projects; those that are missing are grey."""
        self._recents = tuple(recents)
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for project in self._recents:
            row = _Recent(project, self._theme)
            row.open_button.clicked.connect(lambda _=False, path=project.path: self.open_requested.emit(path))
            row.remove_button.clicked.connect(lambda _=False, path=project.path: self.remove_requested.emit(path))
            self._list.addWidget(row)
        self._heading.setVisible(bool(self._recents))

    @property
    def rows(self) -> list["_Recent"]:
        """The recent projects as they are shown."""
        made = [self._list.itemAt(i) for i in range(self._list.count())]
        return [item.widget() for item in made if item is not None]  # type: ignore[misc]

    def _lay_out(self) -> None:
        title = QLabel("Welcome")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        font.setBold(True)
        title.setFont(font)
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(self.close_button)
        grid = QGridLayout()
        grid.setSpacing(8)
        for place, button in enumerate(self.choices):
            grid.addWidget(button, place // 2, place % 2)
        self._heading = QLabel("Recent projects")
        self._heading.setObjectName("heading")
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 4, 12, 8)
        column.setSpacing(8)
        column.addLayout(grid)
        column.addWidget(self._drop)
        column.addWidget(self._heading)
        column.addLayout(self._list)
        column.addStretch(1)
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        top = QWidget()
        top.setLayout(head)
        head.setContentsMargins(14, 8, 8, 2)
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(14, 4, 12, 8)
        row.addWidget(self.at_start)
        row.addStretch(1)
        row.addWidget(self.tour_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(top)
        layout.addWidget(area, 1)
        layout.addWidget(foot)


def _choice(action: QAction, words: str) -> QToolButton:
    """A large button that does what an action does."""
    button = QToolButton()
    button.setObjectName("choice")
    button.setIcon(action.icon())
    button.setText(words)
    button.setIconSize(QSize(26, 26))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    button.setToolTip(action.toolTip())
    button.setAccessibleName(words)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    trigger: Callable[[], None] = action.trigger
    button.clicked.connect(lambda _=False: trigger())
    return button


class _Recent(QWidget):
    """One recent project: picture, name, folder; and a button that takes it from the list."""

    def __init__(self, project: RecentProject, theme: Theme) -> None:
        super().__init__()
        self.open_button = QPushButton()
        self.open_button.setObjectName("recent")
        self.open_button.setIcon(_picture(project, theme))
        self.open_button.setIconSize(_THUMB)
        self.open_button.setEnabled(not project.missing)
        metrics = self.open_button.fontMetrics()
        room = WIDTH - _THUMB.width() - 90
        name = metrics.elidedText(project.name, Qt.TextElideMode.ElideRight, room)
        second = "missing" if project.missing else project.folder
        self.open_button.setText(f"{name}\n{metrics.elidedText(second, Qt.TextElideMode.ElideMiddle, room)}")
        state = ", the file is not there" if project.missing else ""
        self.open_button.setToolTip(f"{project.path}{state}")
        self.open_button.setAccessibleName(f"Open {project.name}{state}")
        self.remove_button = QToolButton(autoRaise=True)
        self.remove_button.setIcon(icon("close"))
        self.remove_button.setIconSize(QSize(12, 12))
        self.remove_button.setToolTip("Remove from this list; the file stays where it is")
        self.remove_button.setAccessibleName(f"Remove {project.name} from the list")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.open_button, 1)
        row.addWidget(self.remove_button)


def _picture(project: RecentProject, theme: Theme) -> QPixmap:
    """The file's own picture, cut to the shape of the list; an icon where there is none."""
    data = None if project.missing else thumbnail(project.path)
    image = QImage.fromData(data) if data else QImage()
    if image.isNull():
        name = "warning" if project.missing else "skeleton"
        return pixmap(name, size=36, colour=QColor(theme.text_disabled), scale=2.0)
    size = _THUMB * 2
    fill, smooth = Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    image = image.scaled(size, fill, smooth)
    left, top = (image.width() - size.width()) // 2, (image.height() - size.height()) // 2
    made = QPixmap.fromImage(image.copy(left, top, size.width(), size.height()))
    made.setDevicePixelRatio(2.0)
    return made
