"""How the window answers while motion is made: Generate to queued, Cancel to idle, polls, and the worker free again.

python benchmarks/bench_jobs.py [--frames 300] [--repeats 9] [--model default]

The real window with the real engine and model under an own screen. Measured on the window's thread:

* ``press_to_queued``: from the press of Generate to the repainted job strip and Jobs panel (budget 100 ms); on a
  machine without graphics card most of it is one frame of the 3D picture, which Qt composes with every repaint;
* ``cancel_to_idle``: from the press of Cancel to the repainted idle strip (budget 200 ms);
* ``cancel_to_free``: until the worker has let go, beside ``step``, the time of one denoising step (budget: one step);
* ``poll``: taking in what the worker said, previews with 3D picture included: what typing or playing may wait for;
* ``preview_share``: part of the worker's time that the previews cost, and how many seconds lie between two.
"""

import argparse
import os
import statistics
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import machine
from bench_startup import screen

FIRST = 300.0  # seconds for the engine to start
STEPS = 1000


def window_on(frames: int, model: str, folder: Path) -> Any:
    """The studio on a project of two prompts."""
    from PySide6.QtCore import QSettings

    from genmo_studio import app as program
    from genmo_studio.document import storage
    from genmo_studio.document.model import Document, GenerationSettings, TextClip, Track, TrackKind
    from genmo_studio.document.time import Span

    half = frames // 2
    items = (
        TextClip(id="a", span=Span(0, half + 10), text="a person walks forward"),
        TextClip(id="b", span=Span(half - 10, frames), text="a person waves"),
    )
    track = Track(id="t", kind=TrackKind.TEXT, name="Text", items=items)
    settings = GenerationSettings(model=model, steps=STEPS)
    document = Document(id="bench", name="Bench", length=frames, tracks=(track,), generation=settings)
    storage.save(folder / "bench.genmo", document, takes={})
    ini = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    window = program.open_window(program.make_application(), folder / "bench.genmo", settings=ini, warm_up=False)
    window.resize(1280, 800)
    window.show()
    window.docks["jobs"].raise_()
    return window


class Bench:
    """Presses and waits."""

    def __init__(self, window: Any) -> None:
        self.window = window
        self.app = window.parts.app
        self.polls: list[float] = []
        poll = window.jobs._poll

        def timed() -> None:
            began = time.perf_counter()
            poll()
            self.polls.append(time.perf_counter() - began)

        window.jobs._timer.timeout.disconnect()
        window.jobs._timer.timeout.connect(timed)

    def wait(self, ready: Any, *, patience: float = FIRST) -> None:
        """Let the window live until something is so."""
        deadline = time.monotonic() + patience
        while not ready():
            if time.monotonic() > deadline:
                raise SystemExit("the engine did not come that far")
            self.app.processEvents()
            time.sleep(0.001)

    def press(self, action: str) -> float:
        """Seconds from the press of a command to the repainted strip and list."""
        began = time.perf_counter()
        self.window.actions_by_id[action].trigger()
        self.window.strip.repaint()
        self.window.docks["jobs"].widget().list.viewport().repaint()
        return time.perf_counter() - began

    def step(self) -> int:
        """The denoising step that is shown; 0 before the first."""
        state = self.window.strip.state
        words = state.detail.split() if state is not None and "denois" in state.stage else []
        return int(words[1]) if words[:1] == ["step"] else 0


def measure(bench: Bench, repeats: int) -> dict[str, object]:
    """All figures."""
    found: dict[str, list[float]] = {
        name: [] for name in ("press_to_queued", "cancel_to_idle", "cancel_to_free", "step")
    }
    freed: list[float] = []
    bench.window.parts.service.subscribe(
        lambda event: freed.append(event.seconds) if hasattr(event, "seconds") else None
    )
    shown: list[float] = []
    bench.window.jobs.preview_changed.connect(lambda motion: shown.append(time.perf_counter()) if motion else None)
    for turn in range(repeats + 1):
        queued = bench.press("generate.full")
        bench.wait(lambda: bench.step() >= 2)
        first, began = bench.step(), time.perf_counter()
        bench.wait(lambda: bench.step() >= first + 5)  # noqa: B023 (called at once)
        step = (time.perf_counter() - began) / (bench.step() - first)
        idle = bench.press("generate.cancel_all")
        if bench.window.strip.state is not None:
            raise SystemExit("the window is not idle after Cancel")
        bench.wait(lambda: not bench.window.jobs.freeing)
        if turn:  # the first one starts the engine
            for name, value in zip(found, (queued, idle, freed[-1], step), strict=True):
                found[name].append(1000 * value)
    return {
        **{f"{name}_ms": _spread(values) for name, values in found.items()},
        **_previews(bench, shown),
        "poll_ms": _spread([1000 * value for value in bench.polls]),
    }


def _previews(bench: Bench, shown: list[float]) -> dict[str, object]:
    from genmo_studio.document.edits import change_generation
    from genmo_studio.engine.service import Finished

    reports: list[Any] = []
    bench.window.parts.service.subscribe(lambda e: reports.append(e.report) if isinstance(e, Finished) else None)
    bench.window.commands.edit("Steps", change_generation(steps=50))
    shown.clear()
    began = time.perf_counter()
    bench.press("generate.full")
    bench.wait(lambda: bool(reports))
    seconds = reports[0]["seconds"]
    gaps = [b - a for a, b in pairwise(shown)]
    return {
        "first_preview_seconds": round(shown[0] - began, 3) if shown else None,
        "between_previews_seconds": round(statistics.median(gaps), 3) if gaps else None,
        "preview_share": round(seconds.get("previews", 0.0) / sum(seconds.values()), 4),
        "take_seconds": round(sum(seconds.values()), 3),
    }


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 2),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 2),
        "worst": round(ordered[-1], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--model", default="default")
    options = parser.parse_args()
    server = screen()
    os.environ.setdefault("QT_XCB_GL_INTEGRATION", "xcb_egl")
    try:
        with tempfile.TemporaryDirectory() as folder:
            window = window_on(options.frames, options.model, Path(folder))
            bench = Bench(window)
            bench.wait(window.isVisible)
            figures = measure(bench, options.repeats)
            window.files.may_leave = lambda: True
            window.close()
    finally:
        if server is not None:
            server.terminate()
            server.wait()
    machine.report("jobs", {"machine": machine.machine(), "frames": options.frames, "model": options.model, **figures})


if __name__ == "__main__":
    main()
