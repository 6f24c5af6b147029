"""Time of making 60 frames anew in the middle of a short and of a long motion: it should not depend on the length.

python benchmarks/bench_regenerate.py [--seconds 10 60 180] [--repeats N] [--steps N] [--generate SECONDS]

Each case goes the way of the window: the result of a project, ``conditions.regenerating.prepare``, the generator.
"prepare" is the request with what it starts from, "draft" one estimation pass with everything around it, "sampled" a
take of ``--steps`` steps (left out with 0). ``--generate`` also makes a whole motion of so many seconds in one pass,
with the memory and how far the floor is off along it.
"""

import argparse
import math
import time
from typing import Any

import machine
import numpy as np

FPS, NEW = 30, 60


def walk(frames: int) -> Any:
    """A body that strides ahead in a wide curve; the poses do not matter for the time."""
    from genmo_studio.motion.motion import Motion

    t = np.arange(frames, dtype=np.float32)
    rotations = np.zeros((frames, 24, 3), np.float32)
    rotations[:, 1, 0], rotations[:, 2, 0] = 0.4 * np.sin(0.2 * t), -0.4 * np.sin(0.2 * t)
    rotations[:, 0, 1] = 0.002 * t
    step = np.stack([np.sin(0.002 * t), 0 * t, np.cos(0.002 * t)], axis=1) / FPS
    return Motion(rotations, np.cumsum(step, axis=0).astype(np.float32), contacts=np.zeros((frames, 6), np.float32))


def case(seconds: int, *, model: Any, body: Any, repeats: int, steps: int) -> dict[str, Any]:
    """One length of motion."""
    from genmo_studio.conditions.regenerating import Anew, prepare
    from genmo_studio.conditions.resolved import ResolvedConditions
    from genmo_studio.conditions.result import assemble_result
    from genmo_studio.document.model import Document, ResultPiece, Take, TakeMode
    from genmo_studio.document.time import Span
    from genmo_studio.model.generator import generate
    from genmo_studio.motion.motion import Motion

    frames = seconds * FPS
    motion = walk(frames)
    take = Take(id="t", name="t", span=Span(0, frames), blob="0" * 64, request_hash="", seed=0, model="m")
    document = Document(id="d", name="d", length=frames, takes=(take,), result=(ResultPiece(Span(0, frames), "t"),))
    shown = assemble_result(document, lambda _: motion, tweaked=False)
    middle = frames // 2
    span = Span(middle - NEW // 2, middle + NEW // 2)

    def locate(media: str) -> tuple[str, str]:
        raise LookupError(media)

    def prepared(mode: TakeMode = TakeMode.DRAFT) -> Any:
        return prepare(document, shown, Anew(span), locate=locate, mode=mode)

    asked = prepared()

    def made(mode: TakeMode) -> None:
        import msgspec

        request = msgspec.structs.replace(asked.request, mode=mode, steps=max(steps, 1))
        base = Motion.from_bytes(asked.base)
        *_, last = generate(ResolvedConditions(request), model=model, body=body, base=base)
        if last.motion.rotations[0].tobytes() != base.rotations[0].tobytes():
            raise RuntimeError("what should stay did not")

    found: dict[str, Any] = {
        "motion_seconds": seconds,
        "request_frames": asked.request.frames,
        "prepare_ms": _ms(machine.seconds(prepared, repeats=repeats, warm_up=1)),
        "draft_ms": _ms(machine.seconds(lambda: made(TakeMode.DRAFT), repeats=repeats, warm_up=1)),
    }
    if steps:
        found["sampled_ms"] = _ms(machine.seconds(lambda: made(TakeMode.FULL), repeats=1, warm_up=0))
    return found


def _ms(times: dict[str, float]) -> dict[str, float]:
    return {name: round(value * 1e3, 1) for name, value in times.items()}


def long_take(seconds: int, *, model: Any, body: Any) -> dict[str, Any]:
    """A whole motion in one pass, led along a path: time, memory and how the ground holds."""
    import resource

    from genmo_studio.conditions.request import GenerationRequest, WaypointCondition
    from genmo_studio.conditions.resolved import ResolvedConditions
    from genmo_studio.document.model import TakeMode
    from genmo_studio.model.generator import generate
    from genmo_studio.motion.contacts import motion_quality
    from genmo_studio.motion.grounding import floor_drift, lowest_points

    frames = seconds * FPS
    points = tuple(
        WaypointCondition(frame, position=(4 * math.sin(frame / 300), frame / FPS * 0.8))
        for frame in range(0, frames, 60)
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    request = GenerationRequest(frames=frames, waypoints=points, mode=TakeMode.DRAFT)
    *_, last = generate(ResolvedConditions(request), model=model, body=body)
    took = time.perf_counter() - began
    level = floor_drift(lowest_points(last.motion, body), last.motion.fps)
    quality = motion_quality(last.motion, body)
    return {
        "motion_seconds": seconds,
        "seconds": round(took, 2),
        "more_memory_mb": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 1),
        "floor_off_mm": {
            "mean": round(1e3 * float(level.mean()), 1),
            "worst": round(1e3 * float(np.abs(level).max()), 1),
        },
        "waypoints_off_mm": last.report["key_errors_after"]["waypoint_mm"],
        "foot_skate_m_s": round(quality.foot_skate, 4),
        "stages": last.report["seconds"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, nargs="+", default=[10, 60, 180])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--generate", type=int, metavar="SECONDS")
    options = parser.parse_args()
    from genmo_studio.engine.resources import prepare_process

    prepare_process()
    from genmo_studio.model.checkpoint import load_model
    from genmo_studio.motion.body import load_body

    model, body = load_model("default", device="cpu"), load_body("genmo-free")
    found: dict[str, Any] = {"machine": machine.machine("cpu")}
    found["cases"] = [
        case(seconds, model=model, body=body, repeats=options.repeats, steps=options.steps)
        for seconds in options.seconds
    ]
    if options.generate:
        found["whole"] = long_take(options.generate, model=model, body=body)
    machine.report("regenerate", found)


if __name__ == "__main__":
    main()
