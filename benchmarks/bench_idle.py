"""What the window costs while nobody does anything, beside an empty Qt window in the same run (Linux).

python benchmarks/bench_idle.py [--seconds 20]

The sample is open, playback rests, the engine is warm and waits. CPU time is that of window and engine together.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

import machine
from process_use import cpu_seconds, family
from screen import screen

ROOT = Path(__file__).resolve().parent.parent
EMPTY = """
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.resize(1280, 800)
window.show()
print("ready", flush=True)
app.exec()
"""
STUDIO = """
import sys, tempfile
from PySide6.QtCore import QSettings, QTimer
from genmo_studio.app import make_application, open_window
app = make_application()
settings = QSettings(tempfile.mktemp(suffix=".ini"), QSettings.Format.IniFormat)
window = open_window(app, None, settings=settings)
window.show()
QTimer.singleShot(500, window.transport.pause)
def ready():
    warm = window.device_text not in {"Engine not started", "starting"}
    if warm and window.art.idle and not window.jobs.busy:
        print("ready", flush=True)
    else:
        QTimer.singleShot(200, ready)
QTimer.singleShot(1500, ready)
app.exec()
"""


def idle(code: str, *, seconds: float) -> dict[str, float]:
    """Share of one processor (percent) over a stretch in which nothing happens."""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "ready":
            raise SystemExit("The window did not become ready.")
        time.sleep(3.0)
        pids = family(process.pid)
        before = {pid: cpu_seconds(pid) for pid in pids}
        began = time.perf_counter()
        time.sleep(seconds)
        took = time.perf_counter() - began
        used = {pid: cpu_seconds(pid) - before[pid] for pid in pids}
    finally:
        process.kill()
        process.wait()
    return {
        "percent": round(100 * sum(used.values()) / took, 2),
        "window_percent": round(100 * used[process.pid] / took, 2),
        "processes": len(pids),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    if not sys.platform.startswith("linux"):
        raise SystemExit("This benchmark reads /proc.")
    os.environ.setdefault("QT_QPA_PLATFORM", "xcb")
    with screen():
        figures = {"studio": idle(STUDIO, seconds=options.seconds), "empty": idle(EMPTY, seconds=options.seconds)}
    machine.report("idle", {"machine": machine.machine(), "seconds": options.seconds, "budget_percent": 2.0, **figures})


if __name__ == "__main__":
    main()
