"""One denoiser pass and a whole generation, beside the machine's matmul peak and plain dense attention, in one run.

python benchmarks/bench_denoiser.py [--frames 300] [--device cpu|cuda] [--model NAME_OR_PATH] [--threads N]
"""

import argparse
import os
from unittest import mock

import machine


def one_pass(frames: int, *, batch: int, device: str, peak: float) -> dict[str, object]:
    """Our sliding windows against the same network with dense masks; both must agree."""
    import torch
    from denoiser import Pass

    from genmo_studio.model import attention, network

    work = Pass.of(frames, batch=batch, device=device)
    ours = work.run()
    with mock.patch.object(network, "window_plan", attention.dense_plan):
        dense = work.run()
        dense_time = machine.seconds(work.run)
    difference = float((ours.x0 - dense.x0).abs().max())
    torch.testing.assert_close(ours.x0, dense.x0, rtol=1e-4, atol=1e-4)
    time = machine.seconds(work.run)
    gflops = work.flops() / 1e9
    return {
        "frames": frames,
        "batch": batch,
        "milliseconds": {name: round(value * 1e3, 2) for name, value in time.items()},
        "dense_milliseconds": {name: round(value * 1e3, 2) for name, value in dense_time.items()},
        "largest_difference_to_dense": difference,
        "gflop": round(gflops, 3),
        "share_of_matmul_peak": round(gflops / time["best"] / peak, 3),
    }


def whole_generation(frames: int, *, device: str, model: str) -> dict[str, object]:
    """A generation from two overlapping prompts, 50 steps with guidance, as the window asks for it."""
    import time

    from genmo_studio.conditions.request import GenerationRequest, TextCondition
    from genmo_studio.document.model import TakeMode
    from genmo_studio.document.time import Span
    from genmo_studio.engine.timing import StageClock
    from genmo_studio.engine.worker_jobs import Context, generation

    texts = (
        TextCondition("a person walks forward", Span(0, frames * 2 // 3)),
        TextCondition("a person waves with the right hand", Span(frames // 3, frames)),
    )
    context, figures = Context(), {}
    for name, mode in (("first", TakeMode.FULL), ("full", TakeMode.FULL), ("draft", TakeMode.DRAFT)):
        clock, began = StageClock(), time.perf_counter()
        for item in generation(
            GenerationRequest(frames=frames, texts=texts, model=model, mode=mode), context=context, device=device
        ):
            if hasattr(item, "stage"):
                clock.note(item)
        stages = {stage: round(value, 3) for stage, value in clock.finish().items()}
        figures[name] = {"seconds": round(time.perf_counter() - began, 3), "stages": stages}
    return {"frames": frames, "model": model, "steps": 50, **figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--model", default="default")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--no-generation", action="store_true", help="only the passes (no weights are needed)")
    options = parser.parse_args()
    if options.threads:
        os.environ["OMP_NUM_THREADS"] = str(options.threads)
    from genmo_studio.engine.resources import prepare_process

    prepare_process()
    peak = machine.matmul_peak(options.device)
    figures: dict[str, object] = {
        "machine": machine.machine(options.device),
        "matmul_peak_gflops": round(peak, 1),
        "pass": one_pass(options.frames, batch=1, device=options.device, peak=peak),
        "guided_pass": one_pass(options.frames, batch=2, device=options.device, peak=peak),
    }
    if not options.no_generation:
        figures["generation"] = whole_generation(options.frames, device=options.device, model=options.model)
    machine.report("denoiser", figures)


if __name__ == "__main__":
    main()
