"""The timeline: one painted widget. It shows a document, runs the pointer tool and asks others for everything else.

State lives elsewhere: the document in the editor, selection, zoom and playhead in the session. The widget paints
through ``Picture`` (cached, row by row), maps Qt's pointer events to plain ones, and carries out the tool's effects.
"""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QContextMenuEvent,
    QCursor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from genmo_studio.document.editor import Editor
from genmo_studio.document.model import Document
from genmo_studio.document.time import Span
from genmo_studio.ui.theme import DARK, Theme
from genmo_studio.ui.timeline import choosing, commands
from genmo_studio.ui.timeline.accessible import TimelineArea
from genmo_studio.ui.timeline.accessible_tree import Shown
from genmo_studio.ui.timeline.art import MediaArt
from genmo_studio.ui.timeline.badges import Badges
from genmo_studio.ui.timeline.beats import document_beats
from genmo_studio.ui.timeline.cursor import TimelineCursor
from genmo_studio.ui.timeline.drags import Scene
from genmo_studio.ui.timeline.heat import HeatStrip
from genmo_studio.ui.timeline.hit import Hit, HitKind, place_of
from genmo_studio.ui.timeline.index import IndexCache, Silence
from genmo_studio.ui.timeline.keyboard import Keyboard
from genmo_studio.ui.timeline.looks import Looks
from genmo_studio.ui.timeline.navigation import WHEEL_NOTCH, ZOOM_STEP, Navigator
from genmo_studio.ui.timeline.paint_rows import Look
from genmo_studio.ui.timeline.picture import Overlay, Picture
from genmo_studio.ui.timeline.pointing import Pointing
from genmo_studio.ui.timeline.qt_pointer import held
from genmo_studio.ui.timeline.runner import EffectRunner
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.timeline.text_field import TextField
from genmo_studio.ui.timeline.view import HEAT_HEIGHT, Follow, Rect, View
from genmo_studio.ui.timeline.wheel import Turn, heights, meaning
from genmo_studio.values import replace


class TimelineWidget(QAbstractScrollArea):
    """Shows and edits the tracks of the editor's document."""

    playhead_requested = Signal(int)  # frame; connect to Transport.seek
    scrub_started = Signal()  # the user took the playhead; connect to Transport.pause
    carry_requested = Signal(bool)  # the pose that is shown goes along with the playhead from now on, or no longer
    selection_changed = Signal(object)  # frozenset[str]
    message = Signal(str)  # one sentence for the user: why an edit was not done
    menu_requested = Signal(object, object)  # Hit, QPoint in global coordinates
    heat_menu_requested = Signal(object)  # QPoint in global coordinates

    def __init__(
        self,
        editor: Editor,
        *,
        session: Session,
        art: MediaArt,
        theme: Theme = DARK,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._editor, self._session, self._art = editor, session, art
        self._cache = IndexCache()
        self.looks = Looks(Silence(self._cache))
        self.badges = Badges(theme, repaint=self._repaint)
        self._viewed: View | None = None
        self.follow = Follow.PAGE
        self._unfolded = session.view.unfolded
        self._area = TimelineArea(self._shown)
        self.setViewport(self._area)
        self._picture = Picture(theme, art, self._cache)
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        self._navigator = Navigator(editor, session, self._cache, across=across, down=down)
        self._runner = EffectRunner(
            editor,
            session,
            seek=self.playhead_requested.emit,
            pan=self._navigator.pan,
            zoom=self._navigator.zoom_about,
            edit_text=self.edit_text,
            unfold=self._navigator.unfold,
            carry=self.carry_requested.emit,
            message=self.message.emit,
            overlay=Overlay(playhead=session.playhead),
        )
        self._pointing = Pointing(self._area, self._runner, self._navigator, scene=self.scene, parent=self)
        self.cursor_item = TimelineCursor(editor, session, self._cache, go=self._navigator.go, parent=self)
        menu = self.menu_requested.emit
        self._keyboard = Keyboard(
            self, self._area, self.cursor_item, editor=editor, session=session, edit_text=self.edit_text, menu=menu
        )
        self._field = TextField(self.viewport())
        self._build()
        session.attach(editor)
        self._unsubscribe = editor.subscribe(changed=self._document_changed)
        session.selection_changed.connect(self._selection_changed)
        session.playhead_changed.connect(self._playhead_changed)
        session.view_changed.connect(self._view_changed)
        self._pointing.changed.connect(self._repaint)
        session.parts_changed.connect(self._repaint)
        session.time_format_changed.connect(self._repaint)
        session.snapping_changed.connect(self._repaint)
        session.track_changed.connect(self._repaint)
        self._pointing.scrub_started.connect(self.scrub_started)
        self._pointing.heat_menu_requested.connect(self.heat_menu_requested)
        art.arrived.connect(self._art_arrived)
        self._field.accepted.connect(self._text_accepted)
        self._field.left.connect(self.setFocus)

    def _build(self) -> None:
        self.setFrameStyle(0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Timeline")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        area = self.viewport()
        area.setMouseTracking(True)
        area.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # -- what others may ask for ---------------------------------------------------------------------------------------

    @property
    def view(self) -> View:
        """Zoom and scroll."""
        return self._session.view

    @property
    def picture(self) -> Picture:
        """The cached picture with the placement that is on screen."""
        return self._picture

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for the rows of a usual project."""
        return QSize(1200, 360)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another theme."""
        self._picture.set_theme(theme)
        self.badges.theme = theme
        self._repaint()

    def set_stale(self, takes: Iterable[str]) -> None:
        """Ids of takes whose conditions have changed since they were made."""
        self.looks.stale = frozenset(takes)
        self._repaint()

    def set_failed(self, spans: Iterable[Span]) -> None:
        """Spans for which the last attempt to generate failed."""
        self.looks.failed = tuple(spans)
        self._repaint()

    def set_anew(self, span: Span | None) -> None:
        """Show on the result which frames the next regeneration is about; None: none."""
        if span != self.looks.anew:
            self.looks.anew = span
            self._repaint()

    def set_heat(self, strip: HeatStrip | None, *, coming: bool = False) -> None:
        """Show a measure under the result, or no strip; room for one that is ``coming``."""
        self.looks.heat = strip
        height = HEAT_HEIGHT if strip is not None or coming else 0.0
        if height != self.view.metrics.heat_height:
            self._navigator.go(replace(self.view, metrics=replace(self.view.metrics, heat_height=height)))
        self._repaint()

    def zoom_in(self) -> None:
        """Show less time, about the playhead when it is visible."""
        self._navigator.zoom(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Show more time, about the playhead when it is visible."""
        self._navigator.zoom(1 / ZOOM_STEP)

    def zoom_fit(self) -> None:
        """Show the whole project."""
        self._navigator.fit()

    def zoom_selection(self) -> None:
        """Show what is selected, else from in to out, else all."""
        document, chosen = self._editor.document, self._session.selection
        self._navigator.fit(choosing.span_of(document, chosen) or document.in_out)

    def edit_text(self, thing: str) -> None:
        """Open the field that edits a text segment, a marker's name or a track's name where it lies."""
        words = commands.words_of(self._editor.document, thing)
        rect = self._rect_of(thing)
        if words is not None and rect is not None:
            self._viewed = self.view
            self._field.open(thing, words, rect, view=self.view)

    def place_of(self, thing: str) -> QPoint:
        """Below an item, marker or header, on the screen; where the pointer is when it is out of sight."""
        rect = self._rect_of(thing)
        if rect is None:
            return QCursor.pos()
        return self.viewport().mapToGlobal(QPoint(round(max(rect.x, 8.0)), round(rect.bottom) + 2))

    def playhead_place(self) -> QPoint:
        """Beside the playhead below the ruler, on the screen."""
        self._navigator.reveal(self._session.playhead)
        x = self.view.x_of(self._session.playhead)
        return self.viewport().mapToGlobal(QPoint(round(x) + 6, round(self.view.metrics.ruler_height) + 4))

    def _rect_of(self, thing: str) -> Rect | None:
        self._refresh()
        return place_of(self._picture.layout, thing)

    def detach(self) -> None:
        """Stop listening to the editor; call before the window goes away."""
        self._pointing.stop()
        self._unsubscribe()

    # -- painting ------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Bring the picture up to date, copy the exposed part and draw the overlays."""
        self._refresh()
        with QPainter(self.viewport()) as painter:
            painter.setClipRect(event.rect())
            self._picture.draw(
                painter, replace(self._runner.overlay, focus=self.hasFocus(), cursor=self.cursor_item.rect)
            )
            self.badges.draw(painter, self._picture.layout)

    def _refresh(self) -> None:
        self._picture.refresh(self._editor.document, self.view, self._look(), ratio=self.viewport().devicePixelRatioF())

    def _look(self) -> Look:
        return self.looks.of(self._editor.document, self._session)

    def _shown(self) -> Shown:
        """What assistive technology is told about."""
        return Shown(
            self._editor.document, self.view, self._look(), self._cache, self.cursor_item.place,
            self._session.playhead, self.hasFocus(),
        )  # fmt: skip

    def _repaint(self, *_: object) -> None:
        self.viewport().update()

    def _art_arrived(self, media: str) -> None:
        for track in self._editor.document.tracks:
            if any(getattr(item, "media", None) == media for item in track.items):
                self._picture.invalidate(track.id)
        self._repaint()

    def _document_changed(self, old: Document, new: Document) -> None:
        if old.id != new.id:
            self._picture.invalidate()
            self._area.forget()
        if not self._editor.in_gesture and old.tracks is not new.tracks:
            self._area.tell(QAccessible.Event.ObjectReorder)
        self._cache.keep_only(new)
        self._art.set_document(new)
        self.cursor_item.follow(new)
        self._navigator.fit_once(again=old.id != new.id)
        self._navigator.sync_bars()
        self._repaint()

    def _selection_changed(self, chosen: frozenset[str]) -> None:
        self._area.tell(QAccessible.Event.SelectionWithin)
        self.selection_changed.emit(chosen)
        self._repaint()

    def _playhead_changed(self, frame: int) -> None:
        old = self._runner.overlay.playhead
        self._runner.overlay = replace(self._runner.overlay, playhead=frame)
        if not self._pointing.dragging:
            self._navigator.go(self.view.following(frame, self.follow))
        for at in (old, frame):
            self.viewport().update(self._picture.playhead_strip(at, self.view).toAlignedRect())

    # -- the view ------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show more or less time at the same zoom."""
        super().resizeEvent(event)
        self._navigator.resize(self.viewport().size())

    def _view_changed(self, view: View) -> None:
        if view.unfolded != self._unfolded:
            self._unfolded = view.unfolded
            self._area.tell(QAccessible.Event.ObjectReorder)
        before, self._viewed = self._viewed, view
        lies = None if self._field.item is None else self._rect_of(self._field.item)
        if lies is not None and before is not None and replace(view, metrics=before.metrics) == before:
            self._field.place(lies, view=view)  # a strip came or went, by itself: one types on
        else:
            typing = self._field.hasFocus()
            self._field.keep()
            if typing:  # the hidden field would hand the keys to whatever comes next
                self.setFocus()
        self._navigator.sync_bars()
        self._repaint()

    # -- pointer and keys ----------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Zoom, pan, or change the height of tracks."""
        at, turned = event.position(), event.angleDelta()
        sideways, headers = abs(turned.x()) > abs(turned.y()), at.x() < self.view.metrics.header_width
        turn = meaning(self._session.wheel, held(event), sideways=sideways, over_headers=headers)
        if turn is Turn.HEIGHT:
            self._change_heights(at.y(), (turned.y() or turned.x()) / WHEEL_NOTCH)
        else:
            self._navigator.turn(turn, event)
        event.accept()

    def _change_heights(self, y: float, notches: float) -> None:
        self._refresh()
        row = self._picture.layout.row_at(y)
        track = None if row is None or row.track is None else row.key
        wanted = heights(self._editor.document, self.view, track=track, notches=notches)
        self._editor.edit(wanted.label, wanted.edit, merge=f"height {track}")

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin what the place under the pointer is for."""
        self._pointing.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Go on with a drag, or show what is under the pointer."""
        self._pointing.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """End a drag."""
        self._pointing.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Edit text in place; elsewhere the second press counts like the first."""
        self._pointing.double_click(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Ask the window for the menu of the place under the pointer."""
        hit = self._pointing.hit(event.pos().x(), event.pos().y())
        if hit.kind is HitKind.HEAT:
            self.heat_menu_requested.emit(event.globalPos())
        elif hit.kind is not HitKind.HEAT_HEADER:  # its press has opened the menu
            self.menu_requested.emit(hit, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Esc gives a drag up, then the selection; all other keys are actions of the window."""
        if event.key() != Qt.Key.Key_Escape:
            event.ignore()
        elif not self._pointing.give_up():
            self._session.select(())

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show the focus."""
        super().focusInEvent(event)
        self._repaint()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show that the focus has left."""
        super().focusOutEvent(event)
        self._repaint()

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Tool tips and leaving; the rest goes its usual way."""
        if event.type() is QEvent.Type.Leave:
            self._pointing.leave()
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tip(self._pointing.hit(event.x(), event.y())), self.viewport())
            return True
        return super().viewportEvent(event)

    def _tip(self, hit: Hit) -> str:
        style = self._session.time_format
        return self.looks.tip(hit, self._editor.document, style=style) + self.badges.tip(hit.item)

    def scene(self) -> Scene:
        """What a tool may look at now; drops from outside snap by it."""
        self._refresh()
        return Scene(
            layout=self._picture.layout,
            cache=self._cache,
            selection=self._session.selection,
            parts=self._session.parts,
            playhead=self._session.playhead,
            snapping=self._session.snapping,
            beats=lambda document: document_beats(document, self._art.beats),
            time_format=self._session.time_format,
        )

    def _text_accepted(self, item: str, text: str) -> None:
        self._runner.apply(commands.change_words(self._editor.document, item, text))
