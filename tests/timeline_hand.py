"""A hand with a pointer over a timeline: plain events against a real editor, no window and no Qt events."""

from timeline_samples import BEATS

from genmo_studio.document.editor import Editor
from genmo_studio.document.model import Document
from genmo_studio.document.queries import find_item, item_span
from genmo_studio.document.time import Span
from genmo_studio.ui.timeline.beats import document_beats
from genmo_studio.ui.timeline.drags import Scene
from genmo_studio.ui.timeline.effects import Button, Modifier, Pointer
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.layout import lay_out
from genmo_studio.ui.timeline.runner import EffectRunner
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.timeline.tools import PointerTool
from genmo_studio.ui.timeline.view import Rect, View
from genmo_studio.values import replace


class Hand:
    """A hand with a pointer over a timeline at two pixels a frame."""

    def __init__(self, document: Document) -> None:
        self.editor, self.session, self.tool, self.cache = Editor(document), Session(), PointerTool(), IndexCache()
        self.session.attach(self.editor)
        self.view = View(width=1500, height=600, scale=2.0)
        self.sought: list[int] = []
        self.said: list[str] = []
        self.edited: list[str] = []
        self.runner = EffectRunner(
            self.editor,
            self.session,
            seek=self._seek,
            pan=self._pan,
            zoom=self._zoom,
            edit_text=self.edited.append,
            unfold=self._unfold,
            message=self.said.append,
        )

    def _seek(self, frame: int) -> None:
        self.sought.append(frame)
        self.session.set_playhead(frame)

    def _pan(self, dx: float, dy: float) -> None:
        self.view = self.view.panned(dx, dy=dy)

    def _zoom(self, factor: float, about_x: float) -> None:
        self.view = self.view.zoomed(factor, about_x=about_x)

    def _unfold(self, key: str) -> None:
        self.view = replace(self.view, unfolded=self.view.unfolded ^ {key})

    @property
    def scene(self) -> Scene:
        return Scene(
            layout=lay_out(self.editor.document, self.view, self.cache),
            cache=self.cache,
            selection=self.session.selection,
            parts=self.session.parts,
            playhead=self.session.playhead,
            snapping=self.session.snapping,
            beats=lambda document: document_beats(document, lambda _media: BEATS),
        )

    def rect(self, item: str) -> Rect:
        rows = self.scene.layout.rows
        return next(p.rect for row in rows for p in (*row.clips, *row.keys) if p.item.id == item)

    def middle(self, item: str) -> tuple[float, float]:
        rect = self.rect(item)
        return rect.x + rect.width / 2, rect.y + rect.height / 2

    def header(self, track: str) -> tuple[float, float]:
        row = next(row for row in self.scene.layout.rows if row.key == track)
        return 60.0, row.rect.y + row.rect.height / 2

    def press(self, x: float, y: float, *, keys: Modifier = Modifier.NONE, button: Button = Button.LEFT) -> None:
        pointer = Pointer(x, y, button, keys)
        self.runner.run(self.tool.press(pointer, self.scene), pointer)

    def move(self, x: float, y: float, *, keys: Modifier = Modifier.NONE) -> None:
        pointer = Pointer(x, y, Button.LEFT, keys)
        self.runner.run(self.tool.move(pointer, self.scene), pointer)

    def release(self) -> None:
        self.runner.run(self.tool.release(), Pointer(0, 0))

    def cancel(self) -> None:
        self.runner.run(self.tool.cancel(), Pointer(0, 0))

    def click(self, x: float, y: float, *, keys: Modifier = Modifier.NONE) -> None:
        self.press(x, y, keys=keys)
        self.release()

    def double_click(self, x: float, y: float) -> None:
        pointer = Pointer(x, y)
        self.runner.run(self.tool.double_click(pointer, self.scene), pointer)

    def drag(
        self,
        start: tuple[float, float],
        dx: float,
        *,
        dy: float = 0.0,
        keys: Modifier = Modifier.NONE,
        at_press: Modifier = Modifier.NONE,
    ) -> None:
        """``keys`` are held while moving, ``at_press`` from the press on."""
        self.press(*start, keys=at_press)
        for part in (0.3, 0.7, 1.0):
            self.move(start[0] + part * dx, start[1] + part * dy, keys=keys | at_press)
        self.release()

    def span(self, item: str) -> Span:
        found = find_item(self.editor.document, item)
        assert found is not None
        return item_span(found)
