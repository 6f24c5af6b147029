"""From a pointer event to the new motion on the screen, while a pose key is dragged, in the real window.

python benchmarks/bench_draft.py [--events 60]

The window shows a project of 5 s with three whole-body keys, a path and a text, and the default model. A pointer drags
the middle key along the timeline, 60 events a second as a hand does; the newest wins, so many are never answered by a
draft of their own. ``streamed`` measures each draft from the posting of the event that it answers to the paint that
shows it: ``event_to_paint``. Of that, ``event_to_motion`` ends when the draft is there, and ``compute`` is what the
worker took from the request to the motion. In ``one_by_one`` the next event follows when the motion that answers the
last has been painted: what a single move costs. ``*_cpu_ms`` is the processor time of a draft in the window and in the
worker, which other work on the machine does not stretch as much; ``pictures_a_draft`` counts what the viewport drew.
A picture counts when the viewport has handed it to the window: where the processor draws, it is finished then.

The references, in the same run: one plain pass of the network over as many frames in a process of its own, with the
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
from collections.abc import Callable
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


class Used:
    """Processor time of the window and of its worker since this was made."""

    def __init__(self, window: Any) -> None:
        self.pid = window.parts.client.pid
        self.began = self.now()

    def now(self) -> tuple[float, float]:
        """Seconds of the window and of the worker; NaN where the system does not tell."""
        stat = Path(f"/proc/{self.pid}/stat")
        if not stat.exists():
            return time.process_time(), float("nan")
        fields = stat.read_text().rsplit(")", 1)[1].split()
        return time.process_time(), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def a_draft(self, count: int) -> dict[str, float]:
        """Milliseconds a draft."""
        window, worker = (1e3 * (now - then) / max(count, 1) for now, then in zip(self.now(), self.began, strict=True))
        return {"window_cpu_ms": round(window, 1), "worker_cpu_ms": round(worker, 1)}


class Bench:
    """The window, a hand on a key, and what is heard from them."""

    def __init__(self, window: Any) -> None:
        from PySide6.QtCore import QEventLoop, Qt, QTimer

        self.window = window
        self.posted: list[float] = []
        self.drafts: list[tuple[float, Any]] = []
        self.painted: list[float] = []
        window.live.drafted.connect(lambda draft: self.drafts.append((time.perf_counter(), draft)))
        window.viewport.viewport.frameSwapped.connect(lambda: self.painted.append(time.perf_counter()))
        self.loop, self.tick = QEventLoop(), QTimer()
        self.tick.setTimerType(Qt.TimerType.PreciseTimer)

    def until(self, holds: Callable[[], object], *, seconds: float = 60.0, every_ms: int = 4) -> None:
        """Let the window work as it does by itself, until something holds."""
        end = time.perf_counter() + seconds

        def look() -> None:
            if holds() or time.perf_counter() > end:
                self.loop.quit()

        self.tick.timeout.connect(look)
        self.tick.start(every_ms)
        self.loop.exec()
        self.tick.stop()
        self.tick.timeout.disconnect(look)
        if not holds():
            raise SystemExit("no draft came")

    def rest(self, seconds: float) -> None:
        """Let the window work for a while."""
        end = time.perf_counter() + seconds
        self.until(lambda: time.perf_counter() > end)

    def move(self, hand: Hand, dx: float) -> None:
        """Post one event of the drag."""
        from PySide6.QtCore import QEvent

        self.posted.append(time.perf_counter())
        hand.post(QEvent.Type.MouseMove, dx)

    def shown(self) -> list[tuple[float, float, float, Any]]:
        """Each draft that was painted: when its event was posted, when it came, when it was painted, the draft."""
        found = []
        for came, draft in self.drafts:
            asked = self.window.live.shown_at if len(self.drafts) == 1 else came
            event = max((at for at in self.posted if at <= asked - draft.seconds + 1e-4), default=None)
            after = next((at for at in self.painted if at > came), None)
            if after is not None and event is not None:
                found.append((event, came, after, draft))
        return found

    def forget(self) -> None:
        """What was measured so far does not count."""
        for kept in (self.posted, self.drafts, self.painted):
            kept.clear()

    @staticmethod
    def told(counted: list[tuple[float, float, float, Any]]) -> dict[str, object]:
        """The figures of some drafts."""
        return {
            "event_to_paint": figures([after - event for event, _, after, _ in counted]),
            "event_to_motion": figures([came - event for event, came, _, _ in counted]),
            "compute": figures([draft.compute_seconds for *_, draft in counted]),
        }

    def one_by_one(self, hand: Hand, events: int) -> dict[str, object]:
        """Every event waits for the paint of its own answer."""
        counted: list[tuple[float, float, float, Any]] = []
        used = Used(self.window)
        for number in range(events):
            self.until(lambda: not self.window.parts.service.live.waiting, every_ms=2)
            self.forget()
            self.move(hand, places(number) * hand.pixels)
            self.until(self.shown, every_ms=2)
            counted += self.shown()[:1]
        return {"load": round(os.getloadavg()[0], 2), **self.told(counted), **used.a_draft(len(counted))}

    def streamed(self, hand: Hand, events: int) -> dict[str, object]:
        """Events 60 a second, whatever is answered."""
        from PySide6.QtCore import Qt, QTimer

        self.until(lambda: not self.window.parts.service.live.waiting)
        self.forget()
        numbers = iter(range(events))
        timer = QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)

        def one() -> None:
            number = next(numbers, None)
            if number is None:
                timer.stop()
            else:  # forth and back, a third of a frame to two frames at a time, as a hand moves
                self.move(hand, round(12 * hand.pixels * np.sin(number / 12)))

        timer.timeout.connect(one)
        used, began = Used(self.window), time.perf_counter()
        timer.start(16)
        self.until(lambda: not timer.isActive() and not self.window.parts.service.live.waiting)
        seconds = time.perf_counter() - began
        cpu, pictures = used.a_draft(len(self.drafts)), len(self.painted)
        self.rest(0.3)
        counted = self.shown()
        rate = {
            "events": len(self.posted),
            "answers_a_second": round(len(counted) / seconds, 1),
            "pictures_a_draft": round(pictures / max(len(self.drafts), 1), 2),
            "load": round(os.getloadavg()[0], 2),
        }
        return {**rate, **self.told(counted), **cpu}

    def paint(self) -> dict[str, float]:
        """One picture of the viewport, nothing else."""
        found = []
        for _ in range(20):
            self.painted.clear()
            began = time.perf_counter()
            self.window.viewport.viewport.update()
            self.until(lambda: bool(self.painted), every_ms=2)
            found.append(self.painted[0] - began)
        return figures(found)


def places(number: int) -> int:
    """Frames from where the key was: another each time, and never so near that it snaps back there."""
    step = number * 7 % 20
    return step - 12 if step < 10 else step - 7


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
        bench = Bench(window)
        bench.rest(3.0)
        hand = Hand(window, "key1")
        hand.post(QEvent.Type.MouseButtonPress, 0)
        for frames in (3, 6, 9):  # the first only begins the drag
            hand.post(QEvent.Type.MouseMove, frames * hand.pixels)
        bench.until(lambda: bool(bench.drafts))  # the model is loaded by now
        bench.one_by_one(hand, WARM)
        found = {
            "renderer": window.parts.support.renderer,
            "streamed": bench.streamed(hand, 4 * events),
            "one_by_one": bench.one_by_one(hand, events),
            "one_paint": bench.paint(),
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
    streamed = window.get("streamed", {})
    measured = streamed.get("event_to_paint") if isinstance(streamed, dict) else None
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
