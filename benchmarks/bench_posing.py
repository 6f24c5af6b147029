"""Posing in the real window: from a pointer event to the new pose on the screen, and a plain repaint as the reference.

python benchmarks/bench_posing.py [--events N]

A wrist is dragged with the gizmo's centre (full-body IK with pinned feet) on a key and off a key, and turned about a
ring. *compute* is what the event's handler takes (hit, IK, edit, views); *picture* is from the event until the viewport
has painted. The reference is the same window painted again with nothing changed. Prints JSON; without a screen an Xvfb
is started.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import machine
import numpy as np
import screen

ROOT = Path(__file__).resolve().parent.parent
BUDGET_MS = {"compute": 16.0, "picture": 50.0}

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint


def figures(times: list[float]) -> dict[str, float]:
    """Median and p95 in ms."""
    values = np.array(times) * 1e3
    return {"median_ms": round(float(np.median(values)), 1), "p95_ms": round(float(np.percentile(values, 95)), 1)}


class Bench:
    """The window and the pointer."""

    def __init__(self, app: Any, window: Any) -> None:
        from genmo_studio.ui.control.posing import PosingControl

        self.app, self.window, self.view = app, window, window.viewport.viewport
        self.tool = window.commands.of(PosingControl).tool
        self.painted = 0
        self.view.painted.connect(self._count)

    def _count(self) -> None:
        self.painted += 1

    def settle(self) -> None:
        """Nothing is pending."""
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            self.app.processEvents()

    def until_painted(self) -> None:
        """The next picture is there."""
        seen = self.painted
        while self.painted == seen:
            self.app.processEvents()

    def repaints(self, count: int) -> dict[str, float]:
        """The reference: the same picture again."""
        times = []
        for _ in range(count):
            began = time.perf_counter()
            self.view.stir()
            self.until_painted()
            times.append(time.perf_counter() - began)
        return figures(times)

    def drag(self, start: "QPoint", count: int) -> dict[str, object]:
        """A drag in a circle, an event a picture."""
        from PySide6.QtCore import QPoint, Qt
        from PySide6.QtTest import QTest

        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QTest.mousePress(self.view, left, none, start)
        compute, picture = [], []
        for number in range(1, count + 1):
            angle = number / 12
            at = start + QPoint(round(40 * np.sin(angle)), round(-40 + 40 * np.cos(angle)))
            began = time.perf_counter()
            QTest.mouseMove(self.view, at)
            compute.append(time.perf_counter() - began)
            self.until_painted()
            picture.append(time.perf_counter() - began)
        QTest.mouseRelease(self.view, left, none, start)
        self.settle()
        return {"compute": figures(compute), "picture": figures(picture)}


def measure(events: int) -> dict[str, object]:
    """Open the window on a small project and drag."""
    sys.path.insert(0, str(ROOT))
    from PySide6.QtCore import QPoint, QSettings

    from genmo_studio.app import make_application, open_window
    from genmo_studio.document import storage
    from genmo_studio.ui.control.body_parts import BodyPartsControl
    from tests.window_document import window_document

    app = make_application()
    with tempfile.TemporaryDirectory() as folder:
        document, takes = window_document()
        path = Path(folder) / "bench.genmo"
        storage.save(path, document, takes=takes)
        settings = QSettings(f"{folder}/s.ini", QSettings.Format.IniFormat)
        window = open_window(app, path, settings=settings, warm_up=False)
        window.live.enabled = False  # drafts have a benchmark of their own (bench_draft.py)
        window.resize(1280, 800)
        window.show()
        bench = Bench(app, window)
        bench.settle()
        joints = window.commands.of(BodyPartsControl).joints

        def centre() -> QPoint:
            gizmo = bench.tool.gizmo()
            return QPoint(round(gizmo.centre[0]), round(gizmo.centre[1]))

        found: dict[str, object] = {}
        for name, frame, action in (("move_on_key", 0, "move"), ("move_off_key", 20, "move"), ("turn", 20, "rotate")):
            window.transport.seek(frame)
            window.actions_by_id["view.frame_selected"].trigger()
            window.actions_by_id[f"pose.{action}"].trigger()
            joints.select({"right_wrist"})
            bench.settle()
            start = centre() if action == "move" else centre() + QPoint(90, 0)
            found[name] = bench.drag(start, events)
        found["plain_repaint"] = bench.repaints(events)
        found["viewport"] = [bench.view.width(), bench.view.height()]
        window.editor.mark_saved()
        window.files.pending.discard_all()
        window.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=60)
    options = parser.parse_args()
    with screen.screen():
        found = measure(options.events)
    print(json.dumps({"machine": machine.machine(), "budget_ms": BUDGET_MS, **found}, indent=1))


if __name__ == "__main__":
    main()
