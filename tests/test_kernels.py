"""One process at a time compiles librosa's kernels: two at once leave code that crashes every later start."""

import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from genmo_studio.extract import kernels

# Stops at the first import of librosa and says whether this process holds the lock there.
WATCHED = """
import sys
import numpy as np
from filelock import FileLock, Timeout
from genmo_studio.extract import kernels, music

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "librosa":
            try:
                with FileLock(kernels.lock_file(), timeout=0, is_singleton=False):
                    print("free", flush=True)
            except (Timeout, RuntimeError):
                print("held", flush=True)
            raise ImportError("far enough")

sys.meta_path.insert(0, Watch())
try:
    {call}
except Exception as error:
    print(type(error).__name__)
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))
    monkeypatch.setattr(kernels._Compiled, "everything", False)
    return tmp_path / "kernels"


def lock_is_free() -> bool:
    try:
        with FileLock(kernels.lock_file(), timeout=0):
            return True
    except Timeout:
        return False


@pytest.mark.parametrize("call", ["music.music_features(np.ones(8000, np.float32), 8000)", "music.compile_kernels()"])
def test_librosa_is_loaded_by_one_process_at_a_time(call: str) -> None:
    code = WATCHED.replace("{call}", call)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split()[0] == "held", done.stdout + done.stderr
    assert lock_is_free()  # it goes with the process


def test_a_process_waits_for_the_one_that_compiles() -> None:
    code = (
        "from genmo_studio.extract import kernels\nwith kernels.compiling_alone():\n print('in', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "in\n"
        assert not lock_is_free()
        other.stdin.write("\n")
        other.stdin.close()
        other.wait(timeout=20)
    assert lock_is_free()


def test_nothing_is_locked_once_everything_is_compiled() -> None:
    kernels.everything_is_compiled()
    with kernels.compiling_alone():
        assert lock_is_free() or not kernels.lock_file().parent.exists()


def test_a_folder_that_cannot_be_written_does_not_stop_the_analysis(own_folder: Path) -> None:
    own_folder.write_text("a file where the folder should be")
    with kernels.compiling_alone():
        pass


def test_without_a_cache_folder_kernels_get_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "blocked").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "blocked"))
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    if not sys.platform.startswith("linux"):
        pytest.skip("only there the cache folder follows a variable")
    assert kernels.kernel_folder().parent == tmp_path
    assert kernels.kernel_folder() == kernels.kernel_folder()
