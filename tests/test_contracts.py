"""Laws of the code base itself: style, types, who imports whom, and what the window's process may load."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str, timeout: int = 280) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False
    )


def test_ruff_is_clean() -> None:
    done = run("-m", "ruff", "check", ".")
    assert done.returncode == 0, done.stdout + done.stderr


def test_types_are_strict() -> None:
    done = run("-m", "mypy")
    assert done.returncode == 0, done.stdout + done.stderr


def test_import_contracts_hold() -> None:
    done = run("-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())")
    assert done.returncode == 0, done.stdout + done.stderr


WINDOW = """
import importlib, json, pkgutil, sys
import genmo_studio.ui, genmo_studio.engine
names = [m.name for m in pkgutil.walk_packages(genmo_studio.ui.__path__, "genmo_studio.ui.")]
names += ["genmo_studio.engine.client", "genmo_studio.engine.service", "genmo_studio.app"]
for name in names:
    importlib.import_module(name)
print(json.dumps([names, sorted({m.split(".")[0] for m in sys.modules})]))
"""


def test_importing_the_whole_window_loads_no_machine_learning() -> None:
    done = run("-c", WINDOW)
    assert done.returncode == 0, done.stderr
    names, loaded = json.loads(done.stdout)
    assert "genmo_studio.ui.main_window" in names
    assert not {"torch", "librosa", "numba", "sklearn", "smplx", "ai_edge_litert"} & set(loaded)


REFERENCES = """
import sys
from PySide6.QtCore import QCoreApplication, QTimer
app = QCoreApplication([])
timer = QTimer()
before = sys.getrefcount(None)
for _ in range(1000):
    timer.setInterval(5)
print(before - sys.getrefcount(None))
"""


def test_qt_calls_do_not_eat_references_to_none() -> None:
    """PySide6 6.12.0 on Python 3.11 loses one reference a call and aborts the interpreter after some thousands."""
    done = run("-c", REFERENCES)
    assert done.returncode == 0, done.stderr
    assert abs(int(done.stdout)) < 100


def test_what_is_loaded_before_qt_needs_no_qt() -> None:
    code = (
        "import sys, genmo_studio.ui.early; print([m for m in sys.modules if m.split('.')[0] in {'PySide6', 'OpenGL'}])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
