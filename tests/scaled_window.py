"""Opens the window at the scale of the environment, takes its picture and prints what a test compares (HD2)."""

import sys
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from genmo_studio.document.model import TextClip
from tests.studio_window import close_window, scripted_window


def main(out: Path, folder: Path) -> None:
    window = scripted_window(folder)
    view, timeline = window.viewport.viewport, window.timeline
    picture = window.grab()
    picture.save(str(out))
    clip = next(
        placed for row in timeline.picture.layout.rows for placed in row.clips if isinstance(placed.item, TextClip)
    )
    spot = QPoint(round(clip.rect.x + clip.rect.width / 2), round(clip.rect.y + clip.rect.height / 2))
    QTest.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    print(f"ratio={window.devicePixelRatioF()}")
    print(f"width={window.width()}")
    print(f"viewport={view.width()}")
    print(f"framebuffer={view.grabFramebuffer().width()}")
    print(f"timeline={timeline.viewport().width()}")
    print(f"timeline_picture={timeline.viewport().grab().width()}")
    print(f"picked={'ok' if window.session.selection == {clip.item.id} else window.session.selection}")
    close_window(window)


main(Path(sys.argv[1]), Path(sys.argv[2]))
