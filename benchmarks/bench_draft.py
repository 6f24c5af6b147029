"""From a pointer event to the new motion on the screen, while a pose key is dragged, in the real window.

python benchmarks/bench_draft.py [--events 60]

The window shows a project of 5 s with three whole-body keys, a path and a text, and the default model. A pointer drags
the middle key along the timeline, one event after the other; the next follows when the motion that answers the last has
been painted, so that every event is measured from its posting to the paint of its own answer. Of that, ``compute`` is
what the worker took from the request to the motion. A second run posts events as a hand does, 60 a second, and measures
from the newest event before each answer: there the newest wins and many are left out.

The reference, in the same run: one plain pass of the network over as many frames in a process of its own, with the
machine otherwise idle, and the time of one paint of the viewport. Without a screen an Xvfb is started; there the
processor draws too.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import machine
import numpy as np
from screen import screen

FRAMES = 150
WARM = 5
"""Events that are not counted."""
BUDGET_MS, BUDGET_COMPUTE_MS = 100.0, 50.0


def figures(values: list[float]) -> dict[str, float]:
    """Milliseconds: median, p95, best."""
    found = np.array(values) * 1e3
    return {
        "p50_ms": round(float(np.median(found)), 1),
        "p95_ms": round(float(np.percentile(found, 95)), 1),
        "best_ms": round(float(found.min()), 1),
        "count": len(values),
    }


def network_pass() -> dict[str, float]:
    """The reference: one pass of the default network over FRAMES frames, nothing else."""
    from genmo_studio.engine.resources import prepare_process

    prepare_process()
    import torch

    from genmo_studio.model.checkpoint import load_model

    model = load_model("default", device="cpu")
    config = model.config
    with torch.inference_mode():
        fused = torch.zeros(1, FRAMES, config.width)
        text = model.network.denoiser.text_context(
            torch.zeros(1, 1, config.text_tokens, config.text_dim), torch.ones(1, 1, FRAMES)
        )
        xt, steps = torch.zeros(1, FRAMES, 151), torch.zeros(1, dtype=torch.long)
        times = []
        for _ in range(25):
            began = time.perf_counter()
            model.network.denoiser(xt, steps, fused=fused, text=text)
            times.append(time.perf_counter() - began)
    return figures(times[5:])


def project() -> tuple[Any, dict[str, bytes]]:
    """5 s of walking with keys at both ends and in the middle, and a text."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from tests.window_document import walking, window_document

    return window_document(walking(FRAMES))


class Hand:
    """A pointer on a key of the timeline."""

    def __init__(self, window: Any, key: str) -> None:
        from PySide6.QtCore import QPointF, Qt

        window.timeline.grab()
        self.area = window.timeline.viewport()
        keys = (placed for row in window.timeline.picture.layout.rows for placed in row.keys)
        rect = next(placed.rect for placed in keys if placed.item.id == key)
        self.at = QPointF(round(rect.x + rect.width / 2), round(rect.y + rect.height / 2))
        self.pixels = window.timeline.view.scale  # a frame
        self.buttons = Qt.MouseButton.LeftButton

    def post(self, kind: Any, dx: float) -> None:
        """A mouse event as the system delivers it: through the queue."""
        from PySide6.QtCore import QPointF, Qt
        from PySide6.QtGui import QMouseEvent
        from PySide6.QtWidgets import QApplication

        at = QPointF(self.at.x() + dx, self.at.y())
        held = Qt.MouseButton.NoButton if kind == QMouseEvent.Type.MouseButtonRelease else self.buttons
        button = Qt.MouseButton.NoButton if kind == QMouseEvent.Type.MouseMove else self.buttons
        place = QPointF(self.area.mapToGlobal(at.toPoint()))
        event = QMouseEvent(kind, at, place, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.postEvent(self.area, event)


class Bench:
    """The window, a hand on a key, and what is heard from them."""

    def __init__(self, application: Any, window: Any) -> None:
        self.application, self.window = application, window
        self.drafts: list[Any] = []
        self.painted: list[float] = []
        window.live.drafted.connect(self.drafts.append)
        window.viewport.viewport.painted.connect(lambda: self.painted.append(time.perf_counter()))

    def until(self, holds: Any, *, seconds: float = 120.0) -> None:
        """Let the window work until something holds."""
        end = time.perf_counter() + seconds
        while not holds():
            self.application.processEvents()
            if time.perf_counter() > end:
                raise SystemExit("no draft came")
            time.sleep(0.0005)

    def rest(self, seconds: float) -> None:
        """Let the window work for a while."""
        end = time.perf_counter() + seconds
        self.until(lambda: time.perf_counter() > end)

    def one_by_one(self, hand: Hand, events: int) -> dict[str, object]:
        """Every event waits for the paint of its own answer."""
        from PySide6.QtCore import QEvent

        paints, arrivals, compute = [], [], []
        for number in range(events + WARM):
            self.until(lambda: not self.window.parts.service.live.waiting)
            self.drafts.clear()
            began = time.perf_counter()
            hand.post(QEvent.Type.MouseMove, places(number) * hand.pixels)
            self.until(lambda: bool(self.drafts))
            came = time.perf_counter()
            self.painted.clear()
            self.until(lambda: bool(self.painted))
            if number >= WARM:
                paints.append(self.painted[0] - began)
                arrivals.append(came - began)
                compute.append(self.drafts[0].compute_seconds)
        return {
            "event_to_paint": figures(paints),
            "event_to_motion": figures(arrivals),
            "compute": figures(compute),
        }

    def paint(self) -> dict[str, float]:
        """One picture of the viewport, nothing else."""
        found = []
        for _ in range(20):
            self.painted.clear()
            began = time.perf_counter()
            self.window.viewport.viewport.update()
            self.until(lambda: bool(self.painted))
            found.append(self.painted[0] - began)
        return figures(found)

    def streamed(self, hand: Hand, events: int) -> dict[str, object]:
        """Events 60 a second; from the event that a draft answers to the paint that shows it."""
        from PySide6.QtCore import QEvent

        found: list[float] = []
        began = time.perf_counter()
        for number in range(events * 2):
            self.drafts.clear()
            self.painted.clear()
            hand.post(QEvent.Type.MouseMove, places(number) * hand.pixels)
            due = began + (number + 1) / 60
            self.until(lambda due=due: time.perf_counter() >= due)
            if self.drafts and self.painted and self.painted[-1] > self.window.live.shown_at:
                found.append(self.painted[-1] - self.window.live.shown_at + self.drafts[-1].seconds)
        seconds = time.perf_counter() - began
        return {"answers_a_second": round(len(found) / seconds, 1), "event_to_paint": figures(found or [0.0])}


def places(number: int) -> int:
    """Frames from where the key was: another each time."""
    return (number * 7) % 25 - 12 or 13


def in_window(events: int) -> dict[str, object]:
    """Drag and measure."""
    from PySide6.QtCore import QEvent, QSettings

    from genmo_studio import app as program
    from genmo_studio.document import storage

    application = program.make_application()
    with tempfile.TemporaryDirectory() as folder:
        document, takes = project()
        path = Path(folder) / "drag.genmo"
        storage.save(path, document, takes=takes)
        settings = QSettings(str(Path(folder) / "s.ini"), QSettings.Format.IniFormat)
        settings.setValue("live/refine", "false")
        window = program.open_window(application, path, settings=settings, warm_up=True)
        window.resize(1500, 950)
        window.show()
        window.transport.seek(70)
        bench = Bench(application, window)
        bench.rest(3.0)
        hand = Hand(window, "key1")
        hand.post(QEvent.Type.MouseButtonPress, 0)
        hand.post(QEvent.Type.MouseMove, 20)
        bench.until(lambda: bool(bench.drafts))  # the model is loaded by now
        bench.rest(0.5)
        found = {
            "renderer": window.parts.support.renderer,
            "device": window.device_text,
            **bench.one_by_one(hand, events),
            "one_paint": bench.paint(),
            "streamed": bench.streamed(hand, events),
        }
        hand.post(QEvent.Type.MouseButtonRelease, 0)
        bench.rest(0.5)
        window.editor.mark_saved()
        window.files.pending.discard_all()
        window.close()
    return found


def part(name: str, events: int) -> dict[str, object]:
    """One measurement in a process of its own."""
    command = [sys.executable, __file__, "--part", name, "--events", str(events)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in ran.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        return {"not_measured": (ran.stderr.strip().splitlines() or ["no output"])[-1]}
    found: dict[str, object] = json.loads(lines[0].removeprefix("RESULT "))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=60)
    parser.add_argument("--part", choices=("window", "network"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        found = in_window(options.events) if options.part == "window" else network_pass()
        print("RESULT " + json.dumps(found), flush=True)
        return
    before = os.getloadavg()[0]
    with screen():
        reference = part("network", options.events)
        window = part("window", options.events)
        again = part("network", options.events)
    measured = window.get("event_to_paint")
    machine.report(
        "draft",
        {
            "machine": machine.machine(),
            "load_before": before,
            "frames": FRAMES,
            "budget_ms": BUDGET_MS,
            "budget_compute_ms": BUDGET_COMPUTE_MS,
            "within_budget_p95": isinstance(measured, dict) and measured["p95_ms"] <= BUDGET_MS,
            "window": window,
            "reference_plain_network_pass_before": reference,
            "reference_plain_network_pass_after": again,
        },
    )


if __name__ == "__main__":
    main()
