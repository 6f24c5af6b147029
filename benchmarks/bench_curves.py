"""Graph editor: milliseconds from a pointer move to the painted curves while a key and while the motion itself is
dragged, with 500 full keys on 10,000 frames, beside plain pyqtgraph with one dot a frame, in the same run.

    python benchmarks/bench_curves.py [--frames 10000] [--keys 500] [--times 60]

It needs no screen. ``wall`` is what a user waits on this machine with all that runs beside it; ``cpu`` counts this
process alone. Only the panel is timed, with the document and the result it shows; the viewport has its own benchmark.
Budget (p95, cpu): 16 ms for a drag. The last figure is the reduction of 10 s of motion to keys, budget 1,000 ms.
"""

import argparse
import os
import tempfile
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import machine
import numpy as np
import pyqtgraph
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from genmo_studio.conditions.result import ShownMotion, tweaked_result
from genmo_studio.document.editor import Editor
from genmo_studio.document.model import Document, PoseKey, Track, TrackKind
from genmo_studio.document.time import Span
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.reduce import Tolerance, reduced
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINTS
from genmo_studio.ui.joint_selection import JointSelection
from genmo_studio.ui.panels.curve_channels import Channel, Part
from genmo_studio.ui.panels.curve_editor import CurveEditor, Parts, Result
from genmo_studio.ui.theme import DARK, apply_theme
from genmo_studio.ui.timeline.session import Session
from genmo_studio.values import replace

SIZE = 1400, 420
JOINT = "left_shoulder"
SWING = Channel.of(JOINT, Part.TURN, 1)
NONE, LEFT = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton

Figures = dict[str, float]


def moving(frames: int) -> Motion:
    """Smooth noise on every joint, on the way along z."""
    rng = np.random.default_rng(1)
    t = np.arange(frames)[:, None, None] / 30
    turns = np.zeros((frames, 24, 3))
    for _ in range(3):
        turns += 0.25 * np.sin(t * rng.uniform(0.3, 4.0, (24, 3)) + rng.uniform(0, 6, (24, 3)))
    place = np.stack([np.sin(t[:, 0, 0]), 0.95 + 0.02 * np.sin(5 * t[:, 0, 0]), t[:, 0, 0]], axis=1)
    return Motion(turns.astype(np.float32), place.astype(np.float32))


def document(motion: Motion, keys: int) -> Document:
    """Full keys evenly over the motion."""

    def key(index: int) -> PoseKey:
        frame = index * (len(motion) - 1) // max(keys - 1, 1)
        turns = {
            name: tuple(float(x) for x in motion.rotations[frame, INDEX[name]]) for name in JOINTS[:BODY_JOINT_COUNT]
        }
        return PoseKey(f"k{index}", frame, turns, root_position=tuple(float(x) for x in motion.translation[frame]))

    track = Track("poses", TrackKind.FULL_KEYS, "Poses", items=tuple(key(index) for index in range(keys)))
    return Document("bench", "Bench", length=len(motion), tracks=(track,))


class Studio:
    """The panel with its document, as the window wires it."""

    def __init__(self, app: QApplication, *, frames: int, keys: int, folder: str) -> None:
        self._app, motion = app, moving(frames)
        self.bare = ShownMotion(motion, 0, (Span(0, frames),))
        self.editor = Editor(document(motion, keys))
        session = Session()
        joints = JointSelection(QSettings(f"{folder}/s.ini", QSettings.Format.IniFormat))
        joints.select({JOINT})
        self.panel = CurveEditor(Parts(self.editor, session, joints, self._result, session.select), DARK)
        self.panel.linked_time = False
        self.editor.subscribe(changed=lambda *_: self.panel.refresh())
        self.panel.resize(*SIZE)
        self.panel.show()
        app.processEvents()
        self.panel.fit()

    def _result(self) -> Result:
        shown = tweaked_result(self.editor.document, self.bare)
        return Result(shown, self.bare, self.bare, np.zeros(3, np.float32))

    def see(self, frames: int) -> None:
        """This many frames in the middle."""
        middle = len(self.bare.motion) // 2
        box = self.panel.plot.box
        self.panel.plot.set_box(replace(box, first=middle - frames / 2, last=middle + frames / 2))
        self.paint()

    def paint(self) -> None:
        self.panel.plot.viewport().repaint()

    def drag(self, at: QPoint, *, times: int) -> Figures:
        """Hold a point, move it up and down, and paint after every move."""
        target = self.panel.plot.viewport()
        QTest.mousePress(target, LEFT, NONE, at)

        def move(n: int) -> None:
            QTest.mouseMove(target, at - QPoint(0, 10 + 3 * (n % 20)))
            self.paint()

        found = machine.timed(move, times=times)
        changed = bool(self.panel.pointer.dragging)
        self.panel.pointer.cancel()
        QTest.mouseRelease(target, LEFT, NONE, at)
        if not changed:
            raise SystemExit("The drag held nothing; the figures mean nothing.")
        return found

    def spot(self, frame: int, *, key: bool) -> QPoint:
        curve, box, area = self.panel.shown.curves.of(SWING), self.panel.plot.box, self.panel.plot.area
        value = curve.dots.values[curve.dots.frames == frame][0] if key else curve.edited[frame]
        return QPoint(round(area.left() + box.x_of(frame)), round(area.top() + box.y_of(float(value))))

    def figures(self, *, times: int) -> dict[str, Figures]:
        curve = self.panel.shown.curves.of(SWING)
        middle = len(curve.edited) // 2
        hidden = frozenset(other.channel for other in self.panel.shown.curves.curves if other.channel != SWING)
        found = {}
        for name, frames in (("whole", len(curve.edited) + 10), ("ten_seconds", 300)):
            self.see(frames)
            near = int(curve.dots.frames[np.abs(curve.dots.frames - middle).argmin()])
            self.panel._hide(hidden)  # so that the point that is held is this curve's
            key = self.spot(near, key=True)
            point = self.spot(near + max((len(curve.edited) // max(len(curve.dots), 1)) // 2, 1), key=False)
            self.panel._hide(frozenset())
            found[f"{name}_drag_key"] = self.drag(key, times=times)
            if name == "ten_seconds":
                found[f"{name}_drag_motion"] = self.drag(point, times=times)
        self.see(300)
        found["ten_seconds_scroll"] = machine.timed(lambda n: self.see(300 + n), times=times)
        return found


def reference(app: QApplication, *, frames: int, times: int) -> dict[str, Figures]:
    """Plain pyqtgraph: three curves and a dot on every frame, all given anew when one value changes."""
    motion = moving(frames)
    values = np.degrees(motion.rotations[:, INDEX[JOINT]].astype(np.float64))
    plot = pyqtgraph.PlotWidget()
    plot.resize(*SIZE)
    plot.show()
    curves = [plot.plot(values[:, axis]) for axis in range(3)]
    dots = [pyqtgraph.ScatterPlotItem(x=np.arange(frames), y=values[:, axis], size=7) for axis in range(3)]
    for item in dots:
        plot.addItem(item)
    app.processEvents()
    found = {}
    for name, seen in (("whole", frames + 10), ("ten_seconds", 300)):
        plot.setRange(xRange=(frames / 2 - seen / 2, frames / 2 + seen / 2), yRange=(-60, 60), padding=0)

        def move(n: int) -> None:
            values[frames // 2, 1] += 0.5 if n % 2 else -0.5
            for axis in range(3):
                curves[axis].setData(values[:, axis])
                dots[axis].setData(x=np.arange(frames), y=values[:, axis])
            plot.viewport().repaint()

        found[f"{name}_drag"] = machine.timed(move, times=times)
    plot.close()
    return found


def reduction(frames: int = 300) -> dict[str, Figures]:
    """Milliseconds and keys for 10 s of a whole body."""
    motion, found = moving(frames), {}
    for degrees in (2.0, 4.0):
        used, began = time.process_time(), time.perf_counter()
        keys = reduced(motion, joints=tuple(range(BODY_JOINT_COUNT)), tolerance=Tolerance(degrees, degrees / 100))
        found[f"{degrees:g}_degrees"] = {
            "keys": len(keys.frames),
            "cpu": round(1000 * (time.process_time() - used), 1),
            "wall": round(1000 * (time.perf_counter() - began), 1),
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--keys", type=int, default=500)
    parser.add_argument("--times", type=int, default=60)
    options = parser.parse_args()
    app = QApplication([])
    apply_theme(app, DARK)
    pyqtgraph.setConfigOptions(antialias=True)
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(app, frames=options.frames, keys=options.keys, folder=folder)
        figures: dict[str, object] = {
            "machine": machine.machine(),
            "frames": options.frames,
            "keys": options.keys,
            "studio": studio.figures(times=options.times),
            "reference": reference(app, frames=options.frames, times=options.times),
            "reduction": reduction(),
        }
        studio.panel.close()
    machine.report("curves", figures)


if __name__ == "__main__":
    main()
