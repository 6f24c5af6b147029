"""Scripted use of the real window for half an hour: memory must not grow once it is warm (Linux).

python benchmarks/bench_soak.py [--minutes 30] [--seed 0]

Every round plays, scrubs, zooms, selects, edits, undoes, switches what the viewport shows, makes a draft now and then,
and at its end undoes all of its edits. The reference is the warm first part of the same run: growth is the slope of a
straight line through the resident memory of its second half.

Decoded pictures of the film are kept up to a bound (160 MB), which random seeks would fill over the half hour and hide
or feign growth with: the film is gone through once before the clock starts, and what is kept is reported.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import machine
from process_use import family, resident_mb
from screen import screen

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from genmo_studio.ui.main_window import MainWindow

ROOT = Path(__file__).resolve().parent.parent
OFTEN = (
    "play.step_forward", "play.step_back", "play.jump_forward", "play.next_key", "play.previous_key", "play.toggle",
    "view.zoom_in", "view.zoom_out", "view.zoom_fit", "view.front", "view.side", "view.top", "view.follow",
    "edit.select_all", "edit.duplicate", "edit.split", "edit.delete", "edit.undo", "edit.redo", "play.mark_in",
    "play.mark_out", "play.clear_marks", "generate.new_seed",
)  # fmt: skip
DRAFT_EVERY = 25
"""Rounds between drafts."""


def let_live(app: "QApplication", seconds: float) -> None:
    """Run the window's loop."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        app.processEvents()
        time.sleep(0.004)


def one_round(app: "QApplication", window: "MainWindow", chance: random.Random, *, draft: bool) -> None:
    """A short piece of work that leaves the document as it was."""
    depth = window.editor.position
    for _ in range(12):
        action = window.actions_by_id[chance.choice(OFTEN)]
        if action.isEnabled():
            action.trigger()
        window.transport.seek(chance.randrange(window.editor.document.length))
        let_live(app, 0.05)
    window.transport.pause()
    if draft:
        window.actions_by_id["generate.draft"].trigger()
        end = time.monotonic() + 120
        while window.jobs.running and time.monotonic() < end:
            let_live(app, 0.1)
    while window.editor.position > depth and window.editor.undo() is not None:
        pass
    window.messages.clear()


def fill_film(app: "QApplication", window: "MainWindow") -> None:
    """Look at every frame once, so that as many of its pictures are kept as may be."""
    for frame in range(window.editor.document.length):
        window.transport.seek(frame)
        let_live(app, 0.02)


def kept_mb(window: "MainWindow") -> float:
    """Decoded pictures of films that are kept."""
    from genmo_studio.ui.control.video import VideoControl

    return window.commands.of(VideoControl).frames.kept_bytes / 2**20


def slope(points: list[tuple[float, float]]) -> float:
    """MB an hour of the least-squares line through (seconds, MB)."""
    count = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return 3600 * sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def use(minutes: float, seed: int) -> dict[str, object]:
    """Drive the window and take its memory after every round."""
    from PySide6.QtCore import QSettings

    from genmo_studio.app import make_application, open_window

    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        app = make_application()
        window = open_window(app, None, settings=QSettings(f"{folder}/s.ini", QSettings.Format.IniFormat))
        window.show()
        let_live(app, 3.0)
        fill_film(app, window)
        film = [kept_mb(window)]
        began, rounds = time.monotonic(), 0
        memory: list[tuple[float, float]] = []
        engine: list[float] = []
        while time.monotonic() - began < 60 * minutes:
            one_round(app, window, chance, draft=rounds % DRAFT_EVERY == 0)
            rounds += 1
            memory.append((time.monotonic() - began, resident_mb(os.getpid())))
            engine.append(sum(resident_mb(pid) for pid in family(os.getpid())[1:]))
        film.append(kept_mb(window))
        window.editor.mark_saved()
        window.close()
        app.shutdown()  # before the screen goes
    half = memory[len(memory) // 2 :]
    first = memory[len(memory) // 6 : len(memory) // 2]
    return {
        "minutes": round((time.monotonic() - began) / 60, 1),
        "rounds": rounds,
        "undo_steps_at_the_end": window.editor.position,
        "window_mb": {"after_a_sixth": round(first[0][1], 1), "half_way": round(half[0][1], 1),
                      "end": round(half[-1][1], 1), "most": round(max(mb for _, mb in memory), 1)},
        "film_kept_mb": {"start": round(film[0], 1), "end": round(film[1], 1)},
        "growth_mb_an_hour": {"warm_part": round(slope(first), 1), "second_half": round(slope(half), 1)},
        "engine_mb": {"half_way": round(engine[len(engine) // 2], 1), "end": round(engine[-1], 1)},
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if not sys.platform.startswith("linux"):
        raise SystemExit("This benchmark reads /proc.")
    sys.path.insert(0, str(ROOT))
    with screen():
        figures = use(options.minutes, options.seed)
    machine.report("soak", {"machine": machine.machine(), **figures})


if __name__ == "__main__":
    main()
