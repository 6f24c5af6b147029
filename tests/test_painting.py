"""A fault while something is painted ends with that picture; the window goes on painting."""

from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from genmo_studio.ui.icons import icon
from genmo_studio.ui.panels.video_panel import VideoPanel
from genmo_studio.ui.theme import DARK

UI = Path(__file__).parent.parent / "genmo_studio" / "ui"


def test_a_fault_while_painting_does_not_stop_the_painting(qtbot, monkeypatch) -> None:
    panel = VideoPanel(DARK)
    qtbot.addWidget(panel)
    panel.resize(300, 200)
    panel.show_sentence("Nothing here")
    painted, paint = [], panel._paint_sentence

    def faulty(painter) -> None:
        painted.append(True)
        if len(painted) == 1:
            raise ValueError("a fault")
        paint(painter)

    monkeypatch.setattr(panel, "_paint_sentence", faulty)
    with qtbot.captureExceptions() as faults:  # holds the frame of the fault, as Python itself does
        panel.show()
        qtbot.waitUntil(lambda: len(painted) == 1)
        panel.update()
        qtbot.waitUntil(lambda: len(painted) >= 2, timeout=3000)
        panel.resize(340, 240)  # the paint device is made anew
        qtbot.waitUntil(lambda: len(painted) >= 3, timeout=3000)
    assert [str(fault[1]) for fault in faults] == ["a fault"]
    picture = QImage(QSize(340, 240), QImage.Format.Format_RGB32)
    panel.render(picture)
    assert picture.pixelColor(2, 2).name() == DARK.outside


def test_a_button_without_room_paints_no_icon(qtbot) -> None:
    """Qt would complain forty times, which fails a test."""
    assert icon("play").pixmap(QSize(16, 0)).isNull()
    assert icon("play").pixmap(QSize(0, 0)).isNull()
    assert not icon("play").pixmap(QSize(16, 16)).isNull()


def test_every_painter_ends_whatever_happens() -> None:
    """A painter that outlives its function, in the traceback of a fault, blocks its paint device for good."""
    for path in UI.rglob("*.py"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert "= QPainter(" not in line, f"{path.name}:{number}: use `with QPainter(...) as painter`"
