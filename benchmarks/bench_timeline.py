"""Timeline: milliseconds of CPU a repaint, a zoom step, a playhead move and a drag move, for growing projects.

Run with ``python benchmarks/bench_timeline.py``; it needs no screen. CPU time of the process is counted, so that other
work on the machine does not enter. Budgets (p95): playhead move 16 ms, drag of a
clip among 5,000 16 ms, zoom and scroll with 5,000 clips 16 ms, with 100,000 keys 33 ms.
"""

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from genmo_studio.document.editor import Editor
from genmo_studio.document.model import Document, PoseKey, TextClip, Track, TrackKind
from genmo_studio.document.time import Span
from genmo_studio.ui.theme import DARK, apply_theme
from genmo_studio.ui.timeline.art import MediaArt
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.timeline.widget import TimelineWidget

TRACKS = 12
NONE = Qt.KeyboardModifier.NoModifier


def clips_document(count: int) -> Document:
    """Labelled text clips on twelve tracks, one after the other with small gaps."""
    each = count // TRACKS
    tracks = tuple(
        Track(
            f"t{t}",
            TrackKind.TEXT,
            f"Text {t}",
            tuple(TextClip(f"t{t}c{n:06d}", Span(40 * n, 40 * n + 34), f"walk {n}") for n in range(each)),
            height=32,
        )
        for t in range(TRACKS)
    )
    return Document("d", "bench", length=40 * each, tracks=tracks)


def keys_document(count: int) -> Document:
    """A key every other frame."""
    keys = tuple(PoseKey(f"k{n:06d}", 2 * n) for n in range(count))
    return Document("d", "bench", length=2 * count, tracks=(Track("t", TrackKind.FULL_KEYS, "Keys", keys),))


def timed(action: Callable[[int], None], *, times: int = 40) -> str:
    """Median and p95 of an action in milliseconds."""
    taken = []
    for n in range(times):
        begin = time.process_time()
        action(n)
        taken.append(1000 * (time.process_time() - begin))
    taken.sort()
    return f"{statistics.median(taken):7.2f} / {taken[int(0.95 * (len(taken) - 1))]:7.2f}"


def measure(name: str, document: Document, folder: Path) -> None:
    """Print one line for a document."""
    app = QApplication.instance()
    assert app is not None
    editor, session = Editor(document), Session()
    art = MediaArt(document, locate=lambda _ref: None, cache=folder)
    widget = TimelineWidget(editor, session=session, art=art, theme=DARK)
    widget.playhead_requested.connect(session.set_playhead)
    widget.resize(1800, 500)
    widget.show()
    app.processEvents()
    area = widget.viewport()

    def repaint(_n: int) -> None:
        widget.picture.invalidate()
        area.repaint()

    def zoom(n: int) -> None:
        widget.zoom_in() if n % 2 else widget.zoom_out()
        area.repaint()

    def playhead(n: int) -> None:
        session.set_playhead(n)
        app.processEvents()

    def drag(n: int) -> None:
        QTest.mouseMove(area, QPoint(start.x() + 20 + n, start.y()))
        app.processEvents()

    full = timed(repaint)
    zoomed = timed(zoom)
    widget.zoom_fit()
    moved = timed(playhead)
    session.set_playhead(document.length // 2)
    for _ in range(14):
        widget.zoom_in()
    app.processEvents()
    tenth = timed(repaint)
    rects = [rect for rect in widget.picture.layout.rows[1].rects if rect.right > 900]
    start = QPoint(round(max(900.0, rects[0].x + rects[0].width / 2)), round(rects[0].y + rects[0].height / 2))
    QTest.mousePress(area, Qt.MouseButton.LeftButton, NONE, start)
    dragged = timed(drag)
    QTest.mouseRelease(area, Qt.MouseButton.LeftButton, NONE, start)
    print(f"{name:>20}" + "".join(f"{cell:>20}" for cell in (full, zoomed, tenth, moved, dragged)))
    widget.detach()
    widget.close()
    art.close()


def main() -> None:
    """Measure all sizes."""
    app = QApplication([])
    apply_theme(app, DARK)
    print(
        "CPU ms, median / p95     whole painted       zoom step          zoomed in 23x      "
        "playhead           drag a clip"
    )
    with TemporaryDirectory() as folder:
        for count in (100, 1_000, 5_000, 20_000):
            measure(f"{count:,} clips", clips_document(count), Path(folder))
        for count in (1_000, 100_000):
            measure(f"{count:,} keys", keys_document(count), Path(folder))


if __name__ == "__main__":
    main()
