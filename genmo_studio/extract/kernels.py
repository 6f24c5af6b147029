"""librosa's compiled kernels: where they are kept, and that one process at a time compiles them.

numba compiles the kernels at librosa's first import and use on a machine, which takes most of a minute, and keeps the
machine code in a folder that all processes read. Two processes that compile at the same time each write half of what
belongs together; whoever reads that afterwards crashes, and so does every later start (numba issue 10128, seen here).
So a process that may still have to compile holds a lock which the others wait for. Threads need none: numba locks its
compiler within a process.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock

from genmo_studio import paths

_VARIABLE = "NUMBA_CACHE_DIR"


class _Compiled:
    """Whether this process has everything it uses compiled and loaded."""

    everything = False


def kernel_folder() -> Path:
    """The folder of compiled kernels: what NUMBA_CACHE_DIR says, else one in the user's cache (and says so there).

    numba reads the variable when it is imported, so this comes first in every process that analyses music. Without a
    cache folder that can be written, this process and its children get a new one of their own: machine code is not
    read from a place that others can write.
    """
    if _VARIABLE not in os.environ:
        try:
            folder = str(paths.cache() / "kernels")
        except OSError:
            folder = tempfile.mkdtemp(prefix="genmo-kernels-")
        os.environ[_VARIABLE] = folder
    return Path(os.environ[_VARIABLE])


def lock_file() -> Path:
    """The file whose lock a process holds while it may compile."""
    return kernel_folder() / "compiling.lock"


@contextlib.contextmanager
def compiling_alone() -> Iterator[None]:
    """No other process compiles kernels meanwhile. Costs nothing once ``everything_is_compiled`` was said.

    Where the folder cannot be written numba keeps its code elsewhere, or nowhere, and there is nothing to lock.
    """
    if _Compiled.everything:
        yield
        return
    with contextlib.ExitStack() as held:
        try:
            lock_file().parent.mkdir(parents=True, exist_ok=True)
            held.enter_context(FileLock(lock_file()))
        except (OSError, NotImplementedError):
            pass
        yield


def everything_is_compiled() -> None:
    """Called after an analysis that has used every kernel the program uses."""
    _Compiled.everything = True
