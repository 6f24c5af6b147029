"""What every benchmark shares: steady timings, the machine's own peak, and the JSON that is printed."""

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def seconds(work: Callable[[], object], *, repeats: int = 7, warm_up: int = 2) -> dict[str, float]:
    """Median and best wall-clock seconds of ``work``; shared machines make the median noisy and the best too kind."""
    for _ in range(warm_up):
        work()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return {"median": statistics.median(times), "best": min(times)}


def timed(action: Callable[[int], None], *, times: int) -> dict[str, float]:
    """Median and p95 in milliseconds, of wall-clock and of this process's own time; ``action(0)`` is not timed."""
    action(0)
    wall, cpu = [], []
    for n in range(1, times + 1):
        began, used = time.perf_counter(), time.process_time()
        action(n)
        cpu.append(1000 * (time.process_time() - used))
        wall.append(1000 * (time.perf_counter() - began))
    return {
        "wall_median": round(statistics.median(wall), 2),
        "wall_p95": round(sorted(wall)[int(0.95 * (times - 1))], 2),
        "cpu_median": round(statistics.median(cpu), 2),
        "cpu_p95": round(sorted(cpu)[int(0.95 * (times - 1))], 2),
    }


def matmul_peak(device: str) -> float:
    """GFLOP/s of a float32 1024 x 1024 matrix product with the present threads: what the machine gives at most."""
    import torch

    a = torch.randn(1024, 1024, device=device)

    def work() -> None:
        a @ a
        if device == "cuda":
            torch.cuda.synchronize()

    return 2 * 1024**3 / seconds(work, repeats=15)["best"] / 1e9


def machine(device: str = "cpu") -> dict[str, object]:
    """Facts that a figure means nothing without."""
    import torch

    return {
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "device": torch.cuda.get_device_name(0) if device == "cuda" else "cpu",
        "processors": len(os.sched_getaffinity(0)) if sys.platform.startswith("linux") else os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def report(name: str, figures: dict[str, object]) -> None:
    """Print the figures as JSON."""
    print(json.dumps({"benchmark": name, **figures}, indent=1))
