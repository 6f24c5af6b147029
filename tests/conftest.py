"""What every test runs under: an own screen, private folders, and no tolerance for stray warnings or leftovers.

The strictness is DESIGN.md's habit 13: a test fails on an unexpected warning (pyproject), a log record at WARNING or
above, a message of Qt (pytest-qt, pyproject) and on a thread, child process or Qt timer that it leaves alive.
"""

import gc
import logging
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from genmo_studio.extract.kernels import kernel_folder

if TYPE_CHECKING:
    from genmo_studio.engine.client import EngineClient

ROOT = Path(__file__).resolve().parent.parent
SCREEN = "1600x1000x24"
PATIENCE = 2.0  # seconds in which threads and processes that are ending may end

_xvfb: subprocess.Popen[bytes] | None = None
_home: tempfile.TemporaryDirectory[str] | None = None

# No test may depend on the speed of the machine, so no example has a deadline. Every run tries the same examples, so
# that only a change can break a test; `--hypothesis-profile=explore` looks for new ones and keeps those that fail.
hypothesis.settings.register_profile("studio", deadline=None, print_blob=True, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, print_blob=True, derandomize=False)
hypothesis.settings.load_profile("studio")


def _start_screen() -> None:
    """Start Xvfb on a display number that it picks itself, and wait until it answers."""
    global _xvfb  # noqa: PLW0603 - pytest's configure and unconfigure hooks have no other place to share it
    if shutil.which("Xvfb") is None:
        pytest.exit(
            "There is no screen and Xvfb is not installed: run `python3 main.py test`, which installs it, or "
            "`apt-get install xvfb`.",
            returncode=3,
        )
    read, write = os.pipe()
    _xvfb = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", SCREEN, "-nolisten", "tcp", "+extension", "GLX"],
        pass_fds=(write,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as answer:
        number = answer.readline().strip()
    if not number:
        pytest.exit(f"Xvfb ended with code {_xvfb.wait()} before it showed a screen.", returncode=3)
    os.environ["DISPLAY"] = f":{number}"


def _screen_wanted(config: pytest.Config) -> bool:
    """Whether this process runs tests and has no screen to itself: processes that share one take the keys from each
    other, so that each of several starts its own and the one that only hands out tests has none."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        return shutil.which("Xvfb") is not None or not os.environ.get("DISPLAY")
    return not os.environ.get("DISPLAY") and not config.getoption("numprocesses", None)


def pytest_configure(config: pytest.Config) -> None:
    """Give the run its own folders and, where there is none, its own screen; before Qt or PyOpenGL is imported."""
    global _home  # noqa: PLW0603
    # Compiling librosa's kernels takes 40 s; unlike the program's other caches this one holds nothing under test, so it
    # stays the user's, where the set-up has put them.
    kernel_folder()
    _home = tempfile.TemporaryDirectory(prefix="genmo-tests-")
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        os.environ[name] = str(Path(_home.name) / name.lower())
    runtime = Path(_home.name) / "runtime"
    runtime.mkdir(mode=0o700)  # Qt complains about a missing or readable XDG_RUNTIME_DIR
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    # Threads that wait for each other by spinning make small networks ten times slower on a machine with other work;
    # the processes that tests start inherit this.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if sys.platform.startswith("linux"):
        if _screen_wanted(config):
            _start_screen()
        # EGL for Qt and for PyOpenGL, so that the window and the off-screen renderer can live in one process.
        os.environ["QT_QPA_PLATFORM"] = "xcb"
        os.environ["QT_XCB_GL_INTEGRATION"] = "xcb_egl"
        os.environ["PYOPENGL_PLATFORM"] = "egl"


def pytest_unconfigure() -> None:
    """Take the screen and the folders away again."""
    if _xvfb is not None:
        _xvfb.terminate()
        _xvfb.wait(timeout=10)
    if _home is not None:
        _home.cleanup()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of the tiny model."""
    from tests.tiny_model import write_tiny_model  # brings torch

    return write_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="module")
def client() -> "Iterator[EngineClient]":
    """One worker for the module; started before the first test, so that no test is accused of leaving it."""
    from genmo_studio.engine import protocol  # brings numpy, which reads the number of threads
    from genmo_studio.engine.client import EngineClient

    client = EngineClient()
    client.submit(protocol.DeviceWork())
    while client.open_jobs:
        client.poll()
        time.sleep(0.01)
    yield client
    client.close()


class _Records(logging.Handler):
    """Keeps what is logged at WARNING or above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _no_stray_logs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that logs at WARNING or above without saying so with ``@pytest.mark.expects_log``."""
    handler = _Records()
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
    marker = request.node.get_closest_marker("expects_log")
    if marker is None:
        assert not handler.lines, "unexpected log records:\n" + "\n".join(handler.lines)
        return
    expected = [line for line in handler.lines if re.search(marker.args[0], line)]
    assert expected == handler.lines, f"log records that do not match {marker.args[0]!r}: {handler.lines}"
    assert expected, f"nothing was logged that matches {marker.args[0]!r}"


def _active_timers() -> dict[int, object]:
    """Running QTimers that Python knows of, by identity; empty while no application exists."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return {}
    import shiboken6
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # deleteLater of closed widgets
    return {
        id(thing): thing
        for thing in gc.get_objects()
        if issubclass(type(thing), QTimer) and shiboken6.isValid(thing) and thing.isActive()
    }


def _own_threads() -> set[threading.Thread]:
    """Threads that Python started; one of Qt is listed from its first Python call on, even after it has ended."""
    return {thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)}


@pytest.fixture(autouse=True)
def _no_leftovers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread, a child process or a running Qt timer behind."""
    uses_qt = "qapp" in request.fixturenames
    threads, children = _own_threads(), set(multiprocessing.active_children())
    timers = _active_timers() if uses_qt else {}
    yield
    gc.enable()  # the application keeps the collector to its event loop; what has none goes on as Python does
    if request.node.get_closest_marker("leaves_threads") is None:
        deadline = time.monotonic() + PATIENCE
        left: set[object] = set()
        while left := {*(_own_threads() - threads), *(set(multiprocessing.active_children()) - children)}:
            if time.monotonic() > deadline:
                break
            time.sleep(0.01)
        assert not left, f"threads or processes left alive: {sorted(map(str, left))}"
    if uses_qt:
        running = {key: timer for key, timer in _active_timers().items() if key not in timers}
        assert not running, f"Qt timers left running: {list(map(str, running.values()))}"
