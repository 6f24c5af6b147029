"""Take the pictures of the README from the real window on the sample: docs/images/*.png.

    python scripts/make_screenshots.py [--steps 50]

Nothing is staged: the window opens the sample, the real engine generates, and the pictures are what it shows meanwhile.
Where there is no screen, an Xvfb is started for the run.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap
    from PySide6.QtWidgets import QApplication

    from genmo_studio.ui.main_window import MainWindow

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
LARGEST = 600_000
"""Bytes of a picture in the repository."""
SHOWN_FRAME = 470
PATIENCE = 900.0
"""Seconds that the engine may take; a busy machine listens to music for minutes."""


def screen() -> subprocess.Popen[bytes] | None:
    """An X server for this run, where there is none."""
    if os.environ.get("DISPLAY") or not sys.platform.startswith("linux"):
        return None
    if shutil.which("Xvfb") is None:
        raise SystemExit("There is no screen and no Xvfb.")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1676x1048x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as answer:
        os.environ["DISPLAY"] = f":{answer.readline().strip()}"
    return server


def wait(app: "QApplication", done: Callable[[], bool], *, seconds: float = PATIENCE) -> None:
    """Let the window live until something is so."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise SystemExit("The window did not come to the point of the next picture.")
        app.processEvents()
        time.sleep(0.01)


def rest(app: "QApplication", seconds: float) -> None:
    """Let the window live for a while."""
    end = time.monotonic() + seconds
    wait(app, lambda: time.monotonic() >= end)


def save(picture: "QPixmap", name: str) -> None:
    """Write a picture, with fewer colours when it would be too large."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage, QImageWriter

    path = IMAGES / name
    image = picture.toImage()
    for candidate in (
        image,
        image.convertToFormat(QImage.Format.Format_Indexed8, Qt.ImageConversionFlag.DiffuseDither),
    ):
        writer = QImageWriter(str(path))
        writer.setCompression(100)
        if not writer.write(candidate):
            raise SystemExit(f"{path} cannot be written: {writer.errorString()}")
        if path.stat().st_size <= LARGEST:
            break
    print(f"{path.relative_to(ROOT)}: {image.width()} x {image.height()}, {path.stat().st_size // 1000} kB")


def take_pictures(app: "QApplication", window: "MainWindow", *, steps: int) -> None:
    """From the first look to a second take."""
    from genmo_studio.document.edits import change_generation

    wait(app, lambda: "CPU" in window.device_text or "NVIDIA" in window.device_text)
    wait(app, lambda: window.art.idle and not window.jobs.busy)
    window.transport.pause()
    window.transport.seek(SHOWN_FRAME)
    rest(app, 1.5)  # edges are smoothed once the picture stands still
    save(window.grab(), "window.png")
    save(window.timeline.grab(), "timeline.png")

    window.actions_by_id["file.export"].trigger()
    rest(app, 1.0)
    (dialog,) = [widget for widget in app.topLevelWidgets() if widget.objectName() == "export"]
    save(dialog.grab(), "export.png")
    dialog.close()

    seen: list[object] = []
    window.jobs.preview_changed.connect(seen.append)
    window.commands.edit(
        "New settings", change_generation(seed=window.editor.document.generation.seed + 1, steps=steps)
    )
    window.actions_by_id["generate.full"].trigger()
    wait(app, lambda: len(seen) >= 3 or not window.jobs.running)
    save(window.grab(), "generating.png")
    window.actions_by_id["generate.cancel"].trigger()
    wait(app, lambda: not window.jobs.running)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=50)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    server = screen()
    try:
        with tempfile.TemporaryDirectory() as folder:
            from PySide6.QtCore import QSettings

            from genmo_studio.app import make_application, open_window

            app = make_application()
            settings = QSettings(f"{folder}/s.ini", QSettings.Format.IniFormat)
            settings.setValue("start/welcome", False)  # the guide shows it
            window = open_window(app, None, settings=settings)
            window.show()
            take_pictures(app, window, steps=options.steps)
            window.editor.mark_saved()
            window.files.pending.discard_all()
            window.close()
            app.shutdown()  # before the screen goes
    finally:
        if server is not None:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
