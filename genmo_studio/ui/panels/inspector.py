"""The inspector: what is selected, with fields to change it; a take shows how it was made."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.document.model import (
    ContactClip,
    Document,
    Item,
    LockClip,
    Marker,
    MusicClip,
    PoseKey,
    Take,
    TextClip,
    Tweak,
    VideoClip,
    Waypoint,
)
from genmo_studio.document.queries import find_item, find_marker, find_take
from genmo_studio.ui.icons import pixmap
from genmo_studio.ui.panels.inspector_pages import ManyPage, MarkerPage, ProjectPage
from genmo_studio.ui.panels.item_forms import (
    ItemForm,
    MusicForm,
    TextForm,
    VideoForm,
)
from genmo_studio.ui.panels.key_forms import PoseForm, WaypointForm
from genmo_studio.ui.panels.span_forms import ContactForm, LockForm, TweakForm
from genmo_studio.ui.panels.take_report import TakeReport
from genmo_studio.ui.theme import Theme

SOON_MS = 100
"""How long the fields may lag behind a drag."""

_TITLES: dict[type, tuple[str, str, str]] = {
    VideoClip: ("Video", "video", "video"),
    TextClip: ("Text", "text", "text"),
    MusicClip: ("Music", "music", "music"),
    PoseKey: ("Pose key", "key", "full_keys"),
    Waypoint: ("Waypoint", "path", "path"),
    ContactClip: ("Foot contact", "contact", "contacts"),
    Tweak: ("Tweak", "curves", "tweaks"),
    LockClip: ("Lock", "lock", "locks"),
    Take: ("Take", "take", "result"),
    Marker: ("Marker", "marker", ""),
}
"""Title, icon, and colour of the theme for each kind of thing."""


class _Pages(QStackedWidget):
    """As tall as the page on show; Qt's own takes the tallest, and a short page could be scrolled for nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(lambda _: self.updateGeometry())

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """What the page on show wants."""
        page = self.currentWidget()
        return super().sizeHint() if page is None else page.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """What the page on show needs."""
        page = self.currentWidget()
        return super().minimumSizeHint() if page is None else page.minimumSizeHint()


class Inspector(QWidget):
    """Follows selection and document."""

    edited = Signal(str, object, str)  # label, Edit, name of the run of changes it belongs to

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._document: Document | None = None
        self._selection: frozenset[str] = frozenset()
        self._shown: object = None
        self._icon, self._title = QLabel(), QLabel()
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 12, 2)
        head.setSpacing(8)
        head.addWidget(self._icon)
        head.addWidget(self._title, 1)
        self._stack = _Pages()
        self._many, self._marker, self._project = ManyPage(), MarkerPage(), ProjectPage()
        self.take_report = self._report = TakeReport()
        self._forms: dict[type, ItemForm[object]] = {}  # type: ignore[type-var]  # each form shows its own type
        for page in (self._many, self._marker, self._project):
            page.edited.connect(self.edited)
            self._stack.addWidget(page)
        self._stack.addWidget(self._report)
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(self._stack)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the fields take it; the area follows them
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(area, 1)
        self._soon = QTimer(self, interval=SOON_MS, singleShot=True)
        self._soon.timeout.connect(self._refresh)
        self._refresh()

    def set_theme(self, theme: Theme) -> None:
        """Draw the mark of what is shown in another theme's colour."""
        self._theme = theme
        if self._document is not None:
            self.show_document(self._document, again=True)

    def show_document(self, document: Document, *, again: bool = False, soon: bool = False) -> None:
        """Follow the document; ``again`` fills the fields anew, after a change in them was refused.

        ``soon`` is enough while something is dragged: the numbers follow ten times a second, the motion as it can.
        """
        self._document = document
        if again:
            self._shown = None
        if not soon:
            self._refresh()
        elif not self._soon.isActive():
            self._soon.start()

    def show_selection(self, selection: frozenset[str]) -> None:
        """Follow the selection."""
        self._selection = selection
        self._refresh()

    @property
    def form(self) -> QWidget | None:
        """What is shown: a form, the report of a take, or a hint."""
        self._refresh(unseen=True)
        return self._stack.currentWidget()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """Catch up with what has changed while nobody looked."""
        super().showEvent(event)
        self._refresh()

    def _refresh(self, *, unseen: bool = False) -> None:
        """Show what is selected; behind a tab only for who asks, because large projects take their time."""
        document = self._document
        if document is None or not (unseen or self.isVisible()):
            return
        chosen = self._chosen(document)
        if len(chosen) != 1:
            self._shown = None
            self._show_other(document, chosen)
            return
        (thing,) = chosen
        if thing is self._shown:
            return
        self._shown = thing
        if isinstance(thing, Take):
            self._head(type(thing), thing.name)
            self._report.show_take(thing, document)
            self._stack.setCurrentWidget(self._report)
        elif isinstance(thing, Marker):
            self._head(type(thing), thing.name or "Marker")
            self._marker.show_marker(thing)
            self._stack.setCurrentWidget(self._marker)
        else:
            self._head(type(thing), _TITLES[type(thing)][0])
            form = self._form(thing)
            form.show_item(thing, document)
            self._stack.setCurrentWidget(form)

    def _show_other(self, document: Document, chosen: list[Item | Take | Marker]) -> None:
        """Nothing or many."""
        items = [thing for thing in chosen if not isinstance(thing, Take | Marker)]
        if items:
            self._head(None, f"{len(chosen)} selected")
            self._many.show_items(items)
            self._stack.setCurrentWidget(self._many)
        else:
            self._head(None, f"{len(chosen)} selected" if chosen else "Project")
            self._project.show_document(document)
            self._stack.setCurrentWidget(self._project)

    def _chosen(self, document: Document) -> list[Item | Take | Marker]:
        find = (find_item, find_take, find_marker)
        found = (next((thing for look in find if (thing := look(document, i))), None) for i in sorted(self._selection))
        return [thing for thing in found if thing is not None]

    def _head(self, kind: type | None, title: str) -> None:
        self._title.setText(title)
        self._icon.setVisible(kind is not None)
        if kind is not None:
            _, name, colour = _TITLES[kind]
            ink = QColor(self._theme.kind(colour) if colour else self._theme.marker)
            self._icon.setPixmap(pixmap(name, size=18, colour=ink, scale=self.devicePixelRatioF()))

    def _form(self, item: Item) -> "ItemForm[Item]":
        kinds: dict[type, type] = {
            TextClip: TextForm, VideoClip: VideoForm, MusicClip: MusicForm, PoseKey: PoseForm, Waypoint: WaypointForm,
            ContactClip: ContactForm, Tweak: TweakForm, LockClip: LockForm,
        }  # fmt: skip
        kind = type(item)
        if kind not in self._forms:
            form = kinds[kind]()
            form.edited.connect(self.edited)
            self._forms[kind] = form
            self._stack.addWidget(form)
        return self._forms[kind]  # type: ignore[return-value]
