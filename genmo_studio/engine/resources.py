"""How much of the machine the engine takes, set before torch or numba is imported; used by the worker and the CLI."""

import os
import sys

from genmo_studio.extract.kernels import kernel_folder

MOST_THREADS = 8  # the matrices of one motion keep no more cores busy


def processors() -> int:
    """Processors this process may run on (a container's or taskset's share, not the machine's)."""
    if sys.platform.startswith("linux"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def prepare_process() -> None:
    """Set thread counts and caches for the libraries that read them when they are imported.

    The window's worker and the command line call this alike: the number of threads decides the order of sums, and the
    same request is to give the same bytes in both.
    """
    os.environ.setdefault("OMP_NUM_THREADS", str(min(MOST_THREADS, processors())))
    # Threads that spin while they wait for each other take the processors from the window that draws beside them, and
    # wait the longer for it: a live draft took three times as long on two busy cores. Sums come out the same.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    kernel_folder()
