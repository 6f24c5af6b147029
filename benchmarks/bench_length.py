"""How time and memory of one denoiser pass grow with the length: sliding windows against plain dense attention.

python benchmarks/bench_length.py [--frames 300 1800 9000] [--device cpu|cuda] [--threads N]

Each case runs in a process of its own, so that its peak memory is its own. "exponent" is the slope of log time over log
length between the two longest cases: 1 is linear, 2 is quadratic.
"""

import argparse
import math
import multiprocessing
import os
import sys
from typing import Any

import machine


def peak_memory(device: str) -> int:
    """Bytes this process has used at most, of the device."""
    if device == "cuda":
        import torch

        return int(torch.cuda.max_memory_allocated())
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def case(frames: int, dense: bool, device: str, answers: "multiprocessing.SimpleQueue[dict[str, Any]]") -> None:
    """Time one length and tell what it took."""
    from unittest import mock

    from denoiser import Pass

    from genmo_studio.model import attention, network

    repeats = 7 if frames < 1000 else 3
    work = Pass.of(frames, device=device)
    before = peak_memory(device)
    plan = attention.dense_plan if dense else attention.window_plan
    with mock.patch.object(network, "window_plan", plan):
        time = machine.seconds(work.run, repeats=repeats, warm_up=1)
    answers.put(
        {
            "frames": frames,
            "milliseconds": {name: round(value * 1e3, 1) for name, value in time.items()},
            "milliseconds_a_frame": round(time["best"] * 1e3 / frames, 4),
            "working_memory_mb": round((peak_memory(device) - before) / 2**20, 1),
        }
    )


def measure(frames: int, *, dense: bool, device: str) -> dict[str, Any]:
    """Run a case in a fresh process; a case that dies (memory) is reported, not hidden."""
    context = multiprocessing.get_context("spawn")
    answers = context.SimpleQueue()
    process = context.Process(target=case, args=(frames, dense, device, answers))
    process.start()
    process.join()
    return answers.get() if process.exitcode == 0 else {"frames": frames, "failed_with_code": process.exitcode}


def exponent(cases: list[dict[str, Any]]) -> float | None:
    """Slope of log time over log length between the two longest cases."""
    if len(cases) < 2 or any("milliseconds" not in c for c in cases[-2:]):
        return None
    a, b = cases[-2:]
    slower = b["milliseconds"]["best"] / a["milliseconds"]["best"]
    return round(math.log(slower) / math.log(b["frames"] / a["frames"]), 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, nargs="+", default=[300, 1800, 9000])
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    if options.threads:
        os.environ["OMP_NUM_THREADS"] = str(options.threads)  # the cases' processes inherit it
    from genmo_studio.engine.resources import prepare_process

    prepare_process()
    ours = [measure(frames, dense=False, device=options.device) for frames in options.frames]
    dense = [measure(frames, dense=True, device=options.device) for frames in options.frames]
    machine.report(
        "length",
        {
            "machine": machine.machine(options.device),
            "sliding": ours,
            "dense": dense,
            "exponent": {"sliding": exponent(ours), "dense": exponent(dense)},
        },
    )


if __name__ == "__main__":
    main()
