"""How long until the window is on the screen, beside an empty Qt window in the same run.

python benchmarks/bench_startup.py [PROJECT] [--repeats 5]

Each start is a fresh process; the clock begins before the interpreter does and stops when the window has painted once
(Qt paints all of it while it answers the expose event) and its event loop has come round to a timer again.
Where there is no screen, an Xvfb is started for the run. As after the set-up of main.py, Python's bytecode is there and
kept; the first of the starts may find cold caches all the same. ``processor_seconds`` is the time that the process
itself computed: on a machine with other work the clock says more about the others.
"""

import argparse
import compileall
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import machine
from screen import screen

ROOT = Path(__file__).resolve().parent.parent

EMPTY = """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.resize(1280, 800)
show = QMainWindow.show
"""
STUDIO = """
import sys
from pathlib import Path
from genmo_studio.app import make_application, open_window, show
app = make_application()
window = open_window(app, Path(sys.argv[1]) if len(sys.argv) > 1 else None)
"""
SHOWN = """
import time
from PySide6.QtCore import QTimer
show(window)
def painted():
    if window.windowHandle() is not None and window.windowHandle().isExposed():
        print("shown", time.process_time(), flush=True)
        window.close()
        app.quit()
    else:
        QTimer.singleShot(1, painted)
QTimer.singleShot(0, painted)
app.exec()
print("loaded", sorted({"torch", "librosa"} & set(sys.modules)), flush=True)
"""


def start(code: str, arguments: list[str]) -> tuple[float, float]:
    """Seconds from before the process to its first painted window, and how long it computed until then."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code + SHOWN, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    took = time.perf_counter() - began
    rest = process.stdout.read()
    process.wait()
    if not line.startswith("shown") or "loaded []" not in rest:
        raise SystemExit(f"the window did not start as it should: {line}{rest}")
    return took, float(line.split()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", nargs="?", help="default: the sample")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    arguments = [str(Path(options.project).resolve())] if options.project else []
    with screen():
        compileall.compile_dir(ROOT / "genmo_studio", quiet=2)
        studio = [start(STUDIO, arguments) for _ in range(options.repeats)]
        empty = [start(EMPTY, []) for _ in range(options.repeats)]
    machine.report(
        "start-up",
        {
            "machine": machine.machine(),
            "project": options.project or "sample",
            "first_seconds": round(studio[0][0], 2),
            "median_seconds": round(statistics.median(taken for taken, _ in studio), 2),
            "best_seconds": round(min(taken for taken, _ in studio), 2),
            "processor_seconds": round(statistics.median(computed for _, computed in studio), 2),
            "empty_window_seconds": round(statistics.median(taken for taken, _ in empty), 2),
        },
    )


if __name__ == "__main__":
    main()
