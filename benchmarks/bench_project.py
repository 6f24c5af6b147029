"""A large project in the real window: undo, opening and saving, beside a QGraphicsView with an item for each clip and
key and beside Python's own json module, in the same run.

    python benchmarks/bench_project.py [--clips 5000] [--keys 100000] [--times 20]

Budgets: undo 50 ms to the finished picture; open 1 s until the window shows the project; save 50 ms on the window's
thread, counting the longest time in which the window could not have answered until the file was on disk. Where there is
no screen, an Xvfb is started.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import machine
import msgspec
from screen import screen
from timeline_documents import large_document

from genmo_studio.document.model import Document

SETTLED = 3.0  # s
BUDGETS = {"undo": 50.0, "open": 1000.0, "save_on_ui_thread": 50.0}


def milliseconds(action: Callable[[], object]) -> float:
    """Wall-clock time of one call."""
    began = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - began)


def summed_up(taken: list[float]) -> dict[str, float]:
    """Median and p95."""
    ordered = sorted(taken)
    return {
        "median": round(statistics.median(ordered), 1),
        "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 1),
    }


def measure_window(path: Path, folder: Path, *, times: int) -> dict[str, Any]:
    """The studio's own window."""
    from PySide6.QtCore import QSettings

    from genmo_studio.app import make_application, open_window
    from genmo_studio.document import edits

    app = make_application()
    settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    window = open_window(app, None, settings=settings, warm_up=False)
    window.show()
    app.processEvents()

    def shown() -> None:
        app.processEvents()

    def open_it() -> None:
        assert window.open_document(path)
        shown()

    opened = []
    for _ in range(3):
        opened.append(milliseconds(open_it))
        until = time.perf_counter() + SETTLED
        while time.perf_counter() < until:  # what the last one left to do in the background is not of the next
            shown()
            time.sleep(0.01)
    undone, redone = [], []
    for n in range(times):
        document = window.editor.document
        some = [item.id for item in document.tracks[n % 12].items[n : n + 1 + 20 * (n % 2)]]
        window.commands.edit("Move", edits.move_items(some, by=3 + n))
        shown()
        undone.append(milliseconds(lambda: (window.editor.undo(), shown())))
        redone.append(milliseconds(lambda: (window.editor.redo(), shown())))
    stalls, on_disk = [], []
    for n in range(5):
        window.commands.edit("Rename", edits.rename_project(f"save {n}"))
        shown()
        began = time.perf_counter()
        begun = milliseconds(window.actions_by_id["file.save"].trigger)
        longest = begun
        while window.files.saving:
            longest = max(longest, milliseconds(shown))
            before = time.perf_counter()
            time.sleep(0.001)
            longest = max(longest, 1000 * (time.perf_counter() - before) - 1.0)
        stalls.append(longest)
        on_disk.append(1000 * (time.perf_counter() - began))
    assert window.editor.is_saved
    window.close()
    return {
        "open": summed_up(opened),
        "undo": summed_up(undone),
        "redo": summed_up(redone),
        "save_on_ui_thread": summed_up(stalls),
        "save_on_disk": summed_up(on_disk),
    }


def measure_reference(document: Document, folder: Path, *, times: int) -> dict[str, Any]:
    """A QGraphicsView, which has to be filled when opening and told of every item that undo moves; json.dump."""
    from bench_timeline import Reference
    from PySide6.QtWidgets import QApplication

    plain = msgspec.to_builtins(document, str_keys=True)
    file = folder / "reference.json"
    made: list[Reference] = []

    def save() -> None:
        with file.open("w") as out:
            json.dump(plain, out, sort_keys=True, indent=1)
            out.flush()
            os.fsync(out.fileno())

    def open_it() -> None:
        json.loads(file.read_text())
        made.append(Reference(document))
        made[0].show_part(1)

    saved = milliseconds(save)
    opened = milliseconds(open_it)
    undone = []
    for n in range(times):
        some = made[0].items[417 * (n % 12) + n :][: 1 + 20 * (n % 2)]

        def undo(some: list[Any] = some, n: int = n) -> None:
            for item in some:
                item.setX(float(n + 3))
            QApplication.processEvents()

        undone.append(milliseconds(undo))
    made[0].close()
    return {"open": round(opened, 1), "undo": summed_up(undone), "json_save_on_ui_thread": round(saved, 1)}


def main() -> None:
    from PySide6.QtWidgets import QApplication

    from genmo_studio.document import storage

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=5_000)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    document = large_document(clips=options.clips, keys=options.keys)
    with screen(), TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "large.genmo"
        storage.save(path, document, takes={})
        ours = measure_window(path, folder, times=options.times)
        theirs = measure_reference(document, folder, times=options.times)
        QApplication.instance().shutdown()  # before the screen goes
    machine.report(
        "project",
        {
            "machine": machine.machine(),
            "clips": options.clips,
            "keys": options.keys,
            "budgets_ms_p95": BUDGETS,
            "within_budget": {name: ours[name]["p95"] <= limit for name, limit in BUDGETS.items()},
            "studio_ms": ours,
            "reference_ms": theirs,
        },
    )


if __name__ == "__main__":
    main()
