"""Timeline: milliseconds of a playhead move, a scroll, a drag with snapping and a zoom step in a large project, beside
a QGraphicsView that has one item for each clip and key, in the same run.

    python benchmarks/bench_timeline.py [--clips 5000] [--keys 100000] [--times 60]

It needs no screen. Every figure is from the change to the finished picture. ``wall`` is what a user waits on this
machine with all that runs beside it; ``cpu`` counts this process alone. Budgets (p95): playhead, scroll and drag 16 ms,
zoom 33 ms, whichever part of the project is on screen.
"""

import argparse
import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import machine
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsItem, QGraphicsRectItem, QGraphicsScene, QGraphicsView
from timeline_documents import large_document

from genmo_studio.document.editor import Editor
from genmo_studio.document.model import Document, PoseKey
from genmo_studio.document.queries import item_span
from genmo_studio.ui.theme import DARK, apply_theme
from genmo_studio.ui.timeline.art import MediaArt
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.timeline.widget import TimelineWidget

SIZE = 1800, 500
BUDGETS = {"playhead": 16.0, "scroll": 16.0, "drag": 16.0, "zoom": 33.0}
SHARES = {"whole": 1, "tenth": 10, "hundredth": 100, "thousandth": 1000}
"""Name of a stretch -> how many of them make the project."""
NONE = Qt.KeyboardModifier.NoModifier

Figures = dict[str, dict[str, float]]


class Studio:
    """The studio's timeline."""

    def __init__(self, document: Document) -> None:
        self.editor, self.session = Editor(document), Session()
        self.art = MediaArt(document, locate=lambda _ref: None, cache=None)
        self.widget = TimelineWidget(self.editor, session=self.session, art=self.art, theme=DARK)
        self.widget.playhead_requested.connect(self.session.set_playhead)
        self.widget.resize(*SIZE)
        self.widget.show()
        self.area = self.widget.viewport()

    def show_part(self, share: int) -> None:
        """Put one of ``share`` equal parts of the project on screen, from the middle."""
        view = self.widget.view
        length = self.editor.document.length
        self.widget.zoom_fit()
        view = self.widget.view.zoomed(share, about_x=view.origin + view.content_width / 2)
        self.session.set_view(view)
        self.session.set_playhead(int(view.frame_at(view.width / 2)) % length)
        self.finish()

    def finish(self) -> None:
        QApplication.processEvents()

    def playhead(self, n: int) -> None:
        view = self.widget.view
        self.session.set_playhead(int(view.frame_at(view.width / 2)) + n)
        self.finish()

    def scroll(self, n: int) -> None:
        bar = self.widget.horizontalScrollBar()
        bar.setValue(bar.value() + (23 if n % 20 < 10 else -23))
        self.finish()

    def zoom(self, n: int) -> None:
        self.widget.zoom_in() if n % 2 else self.widget.zoom_out()
        self.finish()

    def drag(self, times: int) -> dict[str, float]:
        """A clip that is moved past the edges and keys around it."""
        layout = self.widget.picture.layout
        rects = [rect for row in layout.rows if row.track is not None for rect in row.rects]
        middle = layout.view.width / 2
        rect = min(rects, key=lambda rect: abs(rect.x + rect.width / 2 - middle) - min(rect.width, 60))
        start = QPoint(round(rect.x + rect.width / 2), round(rect.y + rect.height / 2))
        QTest.mousePress(self.area, Qt.MouseButton.LeftButton, NONE, start)

        def move(n: int) -> None:
            QTest.mouseMove(self.area, QPoint(start.x() + 20 + 3 * n, start.y()))
            self.finish()

        figures = machine.timed(move, times=times)
        QTest.keyClick(self.widget, Qt.Key.Key_Escape)
        QTest.mouseRelease(self.area, Qt.MouseButton.LeftButton, NONE, start)
        return figures

    def close(self) -> None:
        self.widget.detach()
        self.widget.close()
        self.art.close()


class Clip(QGraphicsRectItem):
    """A labelled clip of the reference."""

    def __init__(self, rect: QRectF, words: str) -> None:
        super().__init__(rect)
        self.words = words
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsMovable)

    def paint(self, painter: QPainter, _option: object, _widget: object = None) -> None:
        painter.fillRect(self.rect(), QColor("#5b4c2c"))
        scale = painter.worldTransform().m11()
        if self.rect().width() * scale > 26:
            painter.save()
            painter.setPen(QColor("#ffffff"))
            painter.translate(self.rect().topLeft())
            painter.scale(1 / scale, 1)
            painter.drawText(QPointF(5, 16), self.words)
            painter.restore()


class Reference:
    """A QGraphicsView with one item a clip and a key; one unit of the scene is a frame."""

    def __init__(self, document: Document) -> None:
        self.length = document.length
        self.scene = QGraphicsScene()
        self.items: list[QGraphicsRectItem] = []
        for row, track in enumerate(document.tracks):
            for item in track.items:
                span = item_span(item)
                box = QRectF(span.start, 34 * row, span.length, 30)
                made = QGraphicsRectItem(box) if isinstance(item, PoseKey) else Clip(box, getattr(item, "text", ""))
                self.scene.addItem(made)
                self.items.append(made)
        self.head = self.scene.addLine(0, 0, 0, 34 * len(document.tracks))
        self.view = QGraphicsView(self.scene)
        self.view.resize(*SIZE)
        self.view.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.view.show()

    def show_part(self, share: int) -> None:
        self.view.resetTransform()
        self.view.scale(share * SIZE[0] / self.length, 1.0)
        self.view.centerOn(self.length / 2, 0)
        self.finish()

    def finish(self) -> None:
        QApplication.processEvents()

    def playhead(self, n: int) -> None:
        self.head.setX(self.length / 2 + n)
        self.finish()

    def scroll(self, n: int) -> None:
        bar = self.view.horizontalScrollBar()
        bar.setValue(bar.value() + (23 if n % 20 < 10 else -23))
        self.finish()

    def zoom(self, n: int) -> None:
        factor = 1.25 if n % 2 else 0.8
        self.view.scale(factor, 1.0)
        self.finish()

    def drag(self, times: int) -> dict[str, float]:
        """A clip that is moved; it looks for the nearest edge as a snapping drag does."""
        middle = self.view.mapToScene(self.view.viewport().rect().center()).x()
        item = min((i for i in self.items if isinstance(i, Clip)), key=lambda i: abs(i.rect().center().x() - middle))
        unit = 1 / self.view.transform().m11()

        def move(n: int) -> None:
            at = item.rect().x() + (20 + 3 * n) * unit
            near = self.scene.items(QRectF(at - 8 * unit, 0, 16 * unit, 34 * 13))
            edges = [other.rect().x() for other in near if isinstance(other, QGraphicsRectItem) and other is not item]
            item.setX(min(edges, key=lambda x: abs(x - at), default=at) - item.rect().x())
            self.finish()

        figures = machine.timed(move, times=times)
        item.setX(0)
        return figures

    def close(self) -> None:
        self.view.close()


def measure(what: Studio | Reference, *, times: int) -> dict[str, Figures]:
    """Every action, with every stretch of the project on screen."""
    found: dict[str, Figures] = {}
    for name, share in SHARES.items():
        what.show_part(share)
        figures = {"playhead": machine.timed(what.playhead, times=times)}
        what.show_part(share)
        figures["scroll"] = machine.timed(what.scroll, times=times)
        what.show_part(share)
        figures["drag"] = what.drag(times)
        what.show_part(share)
        figures["zoom"] = machine.timed(what.zoom, times=times)
        found[name] = figures
    return found


def worst(figures: dict[str, Figures], measure_name: str) -> dict[str, float]:
    """Of each action, the largest figure over the stretches."""
    return {action: max(part[action][measure_name] for part in figures.values()) for action in BUDGETS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=5_000)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--no-reference", action="store_true")
    options = parser.parse_args()
    app = QApplication([])
    apply_theme(app, DARK)
    document = large_document(clips=options.clips, keys=options.keys)
    studio = Studio(document)
    ours = measure(studio, times=options.times)
    studio.close()
    figures: dict[str, object] = {"machine": machine.machine(), "clips": options.clips, "keys": options.keys}
    figures["budgets_ms_p95"] = BUDGETS
    slowest = worst(ours, "wall_p95")
    figures["within_budget"] = {action: slowest[action] <= BUDGETS[action] for action in BUDGETS}
    figures["slowest_p95_ms"] = {"studio": slowest, "studio_cpu": worst(ours, "cpu_p95")}
    if not options.no_reference:
        reference = Reference(document)
        theirs = measure(reference, times=max(5, options.times // 5))
        reference.close()
        figures["slowest_p95_ms"] = {
            "studio": slowest,
            "studio_cpu": worst(ours, "cpu_p95"),
            "graphics_view": worst(theirs, "wall_p95"),
            "graphics_view_cpu": worst(theirs, "cpu_p95"),
        }
        figures["graphics_view"] = theirs
    figures["studio"] = ours
    machine.report("timeline", figures)


if __name__ == "__main__":
    main()
