"""How soon playing begins, how many pictures a second it shows, and how far picture and sound are apart.

python benchmarks/bench_playback.py [--seconds 6]

In the real window with the sample, which has music and a film. Press: from the call of Play to the first picture of
another frame, the sound running since before that. Late: how old the frame is when its picture has been painted. Apart:
frame on the screen against position of the sound, while it plays. Drift: a device whose clock is off by 300 parts in a
million, over ten minutes of its blocks; beside it a clock that follows the computer, as without an audio master.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import machine
import numpy as np
from screen import screen

MUSIC_FRAME = 420
FILM_FRAME = 10


def wait(milliseconds: int) -> None:
    """Let the window work; unlike QTest.qWait this lets other threads work too."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_until(holds: Any, *, seconds: float = 20.0) -> None:
    """Wait for a condition; SystemExit when it does not come."""
    end = time.perf_counter() + seconds
    while not holds():
        if time.perf_counter() > end:
            raise SystemExit("the window did not come that far")
        wait(5)


def presses(window: Any, *, repeats: int = 12) -> dict[str, float]:
    """Milliseconds from Play to the first picture of another frame."""
    transport, viewport = window.transport, window.viewport.viewport
    taken = []
    for _ in range(repeats):
        transport.seek(MUSIC_FRAME)
        wait(300)
        moved: list[float] = []

        def painted(moved: list[float] = moved) -> None:
            if transport.frame != MUSIC_FRAME and not moved:
                moved.append(time.perf_counter())

        viewport.painted.connect(painted)
        began = time.perf_counter()
        transport.toggle()
        wait_until(lambda moved=moved: bool(moved))
        taken.append((moved[0] - began) * 1000)
        transport.toggle()
        viewport.painted.disconnect(painted)
    return {"median_ms": statistics.median(taken), "p95_ms": float(np.percentile(taken, 95))}


def playing(window: Any, frame: int, *, seconds: float) -> dict[str, float]:
    """Pictures a second, and how far the painted frame is behind the clock that it follows."""
    transport, viewport = window.transport, window.viewport.viewport
    transport.seek(frame)
    wait(400)
    late: list[float] = []
    viewport_frames: list[int] = []

    def painted() -> None:
        view = viewport.through
        shown = transport.frame if view is None else view.moment
        late.append((transport.time - shown) / 30 * 1000)
        viewport_frames.append(transport.frame)

    viewport.painted.connect(painted)
    transport.play()
    began = time.perf_counter()
    wait(round(seconds * 1000))
    passed = time.perf_counter() - began
    transport.pause()
    viewport.painted.disconnect(painted)
    shown = len(set(viewport_frames))
    return {
        "pictures_per_second": len(late) / passed,
        "frames_shown_of_30_fps": shown / (passed * 30),
        "late_median_ms": float(np.median(late)),
        "late_p95_ms": float(np.percentile(late, 95)),
    }


def apart(window: Any, *, seconds: float) -> dict[str, float]:
    """Milliseconds between the frame of the transport and the position of the sound, seen from outside."""
    transport, out = window.transport, window.parts.audio
    transport.seek(MUSIC_FRAME)
    transport.play()
    found: list[float] = []
    end = time.perf_counter() + min(seconds, 5.0)
    while time.perf_counter() < end:
        position = out.position
        if position is not None:
            found.append(abs(transport.time / 30 - position) * 1000)
        wait(11)
    transport.pause()
    return {"median_ms": float(np.median(found)), "worst_ms": max(found)}


def drift(error: float) -> dict[str, float]:
    """Worst distance of picture and sound in ten minutes, ours and that of a clock that counts seconds for itself."""
    from genmo_studio.media.output import Feed
    from genmo_studio.ui.clock import PlaybackClock

    rate, block = 48_000, np.zeros((480, 1), np.float32)
    real, filled = 0.0, 0
    feed = Feed(np.zeros((rate, 1), np.float32), rate, start=0.0)
    ours = PlaybackClock(fps=30, length=20_000, now=lambda: feed.position(real))
    counting = PlaybackClock(fps=30, length=20_000, now=lambda: real)
    ours.start()
    counting.start()
    worst = [0.0, 0.0]
    for tick in range(600 * 60):
        real = tick / 60
        while filled / (rate * (1 + error)) <= real:
            feed.fill(block, heard_at=filled / (rate * (1 + error)))
            filled += len(block)
        heard = real * (1 + error)
        worst = [max(w, abs(c.time() / 30 - heard)) for w, c in zip(worst, (ours, counting), strict=True)]
    return {"audio_master_ms": worst[0] * 1000, "own_clock_ms": worst[1] * 1000}


def measure(seconds: float) -> dict[str, object]:
    """All figures; a screen exists."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if sys.platform.startswith("linux"):
        os.environ.update(QT_XCB_GL_INTEGRATION="xcb_egl", PYOPENGL_PLATFORM="egl")
    from PySide6.QtCore import QSettings

    from genmo_studio.app import make_application, open_window
    from genmo_studio.ui.control.video import VideoControl
    from genmo_studio.ui.project import sample_path

    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        app = make_application()
        window = open_window(app, sample_path(), settings=settings, warm_up=False)
        window.resize(1280, 800)
        window.show()
        wait_until(lambda: window.transport.has_sound)
        wait(1500)
        figures: dict[str, object] = {
            "sound": window.parts.audio.problem or "device",
            "press": presses(window),
            "playing": playing(window, MUSIC_FRAME, seconds=seconds),
            "apart": apart(window, seconds=seconds),
        }
        control = window.commands.of(VideoControl)
        window.docks["video"].raise_()
        window.transport.seek(FILM_FRAME)
        window.actions_by_id["video.camera"].trigger()
        began = time.perf_counter()
        wait_until(lambda: "px from" in control.bar.text)
        figures["camera_found_s"] = time.perf_counter() - began
        figures["camera_view"] = playing(window, FILM_FRAME, seconds=min(seconds, 4.5))
        window.close()
        del app
    return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    with screen():
        figures = measure(options.seconds)
    figures["drift_10_min"] = {f"{error:+.0e}": drift(error) for error in (-3e-4, 0.0, 3e-4)}
    machine.report("playback", {**figures, "budgets": {"press_ms": 100, "drift_ms": 20}})


if __name__ == "__main__":
    main()
