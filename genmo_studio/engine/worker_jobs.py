"""What the worker can do: one generator a kind of work, and one table of them.

Each yield is progress and the place where a cancel is heard. torch, librosa and LiteRT are imported inside the
functions, because the window's process imports this module to name it to the worker and must never load them.
"""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from genmo_studio import paths
from genmo_studio.conditions.limits import MAX_FRAMES
from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.engine import protocol
from genmo_studio.engine.outcome import told_of_timeline
from genmo_studio.engine.timing import StageClock

if TYPE_CHECKING:
    from genmo_studio.conditions.resolved import ResolvedConditions
    from genmo_studio.engine.drafting import Drafting
    from genmo_studio.extract.text import KnownTexts
    from genmo_studio.model.checkpoint import LoadedModel
    from genmo_studio.model.generator import GenerationResult, Preview
    from genmo_studio.motion.body import Body

LOADING = "loading the model"
Result = TypeVar("Result")


@dataclass
class Context:
    """What jobs share: loaded models and bodies, so that only the first generation waits for them."""

    cache: Path = field(default_factory=paths.cache)
    models: "dict[tuple[str, str], LoadedModel]" = field(default_factory=dict)
    bodies: "dict[str, Body]" = field(default_factory=dict)
    texts: "KnownTexts | None" = None
    drafting: "Drafting | None" = None

    def release(self) -> None:
        """Give back what is kept, after memory ran out."""
        import gc  # noqa: PLC0415

        self.models.clear()
        self.bodies.clear()
        self.texts = self.drafting = None
        gc.collect()
        import torch  # noqa: PLC0415

        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def generation(
    request: GenerationRequest, *, context: Context, device: str = "auto", base: bytes = b""
) -> "Generator[Progress | Preview | GenerationResult, None, None]":
    """Request to motion: load the model, extract the media, sample. The last item is the result.

    The worker and the command line share this path; ``device`` is "auto", "cpu" or "cuda", ``base`` the motion that the
    request's regeneration starts from, as ``Motion.to_bytes()``. Raises ValueError with a
    sentence for more than MAX_FRAMES frames, before anything is loaded.
    """
    model, body = yield from _loaded(request, context=context, device=device)
    from genmo_studio.model.generator import generate  # noqa: PLC0415
    from genmo_studio.motion.motion import Motion  # noqa: PLC0415

    resolved = yield from _resolved(request, context=context, model=model)
    known = Motion.from_bytes(base) if base else None
    yield from generate(resolved, model=model, body=body, base=known)


def _loaded(
    request: GenerationRequest, *, context: Context, device: str
) -> "Generator[Progress, None, tuple[LoadedModel, Body]]":
    """Model and body of a request, from the context where they are known."""
    if request.frames > MAX_FRAMES:
        raise ValueError(
            f"{request.frames:,} frames are more than one generation may have ({MAX_FRAMES:,}); nothing was changed. "
            "Generate a shorter span."
        )
    if not context.models:
        yield Progress(LOADING, 0.0, "starting PyTorch")
    from genmo_studio.engine import worker_device  # noqa: PLC0415
    from genmo_studio.model.checkpoint import load_model  # noqa: PLC0415
    from genmo_studio.motion.body import load_body  # noqa: PLC0415

    key = (request.model, worker_device.choose(device))
    known = key in context.models and request.body.model in context.bodies
    if key not in context.models:
        yield Progress(LOADING, 0.5, request.model)
        context.models.clear()  # a second model beside the first may not fit
        context.models[key] = load_model(request.model, device=key[1])
    model = context.models[key]
    if request.body.model not in context.bodies:
        context.bodies[request.body.model] = load_body(request.body.model)
    if not known:  # nothing is said of what takes no time: a draft would be told of as if it had to wait
        yield Progress(LOADING, 1.0)
    return model, context.bodies[request.body.model]


def _resolved(
    request: GenerationRequest, *, context: Context, model: "LoadedModel"
) -> "Generator[Progress, None, ResolvedConditions]":
    from genmo_studio.extract.resolve import resolve  # noqa: PLC0415
    from genmo_studio.extract.text import KnownTexts  # noqa: PLC0415

    context.texts = context.texts or KnownTexts()
    resolved = None
    steps = resolve(request, cache=context.cache, text_encoder=model.text_encoder, texts=context.texts)
    for item in steps:
        if isinstance(item, Progress):
            yield item
        else:
            resolved = item
    if resolved is None:
        raise RuntimeError("the conditions were not resolved")
    return resolved


def _generate(work: protocol.GenerateWork, job: int, context: Context) -> Generator[protocol.Message, None, None]:
    from genmo_studio.model.generator import GenerationResult, Preview  # noqa: PLC0415

    clock = StageClock()
    for item in generation(work.request, context=context, device=work.device, base=work.base):
        if isinstance(item, Progress):
            yield _progress(job, item, clock)
        elif isinstance(item, Preview):
            yield protocol.PreviewMessage(job, item.motion.to_bytes(), item.step, item.steps)
        elif isinstance(item, GenerationResult):
            report: dict[str, Any] = {**item.report, "stage_seconds": clock.finish()}
            report["clean_up"] = list(told_of_timeline(report.get("clean_up", ()), start=work.request.start))
            unmet = told_of_timeline(item.report.get("unmet", ()), start=work.request.start)
            notes = (*item.report.get("notes", ()), *unmet)
            yield protocol.Done(job, item.motion.to_bytes(), report, notes)


def _live(work: protocol.LiveWork, job: int, context: Context) -> Generator[protocol.Message, None, None]:
    """A draft for the eye only; see protocol.LiveWork."""
    from genmo_studio.engine.drafting import Drafting  # noqa: PLC0415

    request, clock, began = work.request, StageClock(), time.perf_counter()
    loading, cold = _loaded(request, context=context, device=work.device), not context.models
    model, body = yield from _told(loading, job, clock)
    context.drafting = context.drafting or Drafting()
    resolved = context.drafting.known(request, encoder=model.text_encoder)
    if resolved is None:
        resolved = yield from _told(_resolved(request, context=context, model=model), job, clock)
        context.drafting.keep(resolved, encoder=model.text_encoder)
    base = context.drafting.base(work.base)
    motion = context.drafting.draft(resolved, model=model, body=body, base=base)
    if cold:  # the first draft has waited for torch and the model: from the second on, drafts shall be fast
        yield protocol.ProgressMessage(job, LOADING, 1.0, "preparing drafts")
        context.drafting.prepare()
    yield protocol.LiveDone(job, protocol.Arrays.of(motion), time.perf_counter() - began, model.device)


def _told(
    steps: Generator[Progress, None, Result], job: int, clock: StageClock
) -> Generator[protocol.Message, None, Result]:
    """The steps with their progress as messages."""
    while True:
        try:
            progress = next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result
        yield _progress(job, progress, clock)


def _music(work: protocol.MusicWork, job: int, context: Context) -> Generator[protocol.Message, None, None]:
    yield protocol.ProgressMessage(job, "listening to the music", 0.0, "starting librosa")
    from genmo_studio.extract.known_music import MusicFeatures  # noqa: PLC0415
    from genmo_studio.extract.music import extract_music  # noqa: PLC0415

    clock = StageClock()
    for item in extract_music(Path(work.path), cache=context.cache, tempo=work.tempo):
        if isinstance(item, MusicFeatures):
            yield protocol.MusicDone(job, tuple(int(beat) for beat in item.beats), float(item.tempo_bpm))
        else:
            yield _progress(job, item, clock)


def _video(work: protocol.VideoWork, job: int, context: Context) -> Generator[protocol.Message, None, None]:
    yield protocol.ProgressMessage(job, "watching the video", 0.0)
    from genmo_studio.extract.video import extract_video  # noqa: PLC0415

    clock = StageClock()
    for item in extract_video(Path(work.path), cache=context.cache):
        if isinstance(item, Progress):
            yield _progress(job, item, clock)
        else:
            yield protocol.VideoDone(job, len(item.found), int(item.found.sum()), item.camera_moves, item.notes)


def _device(_: protocol.DeviceWork, job: int, __: Context) -> Generator[protocol.Message, None, None]:
    yield protocol.ProgressMessage(job, "starting PyTorch", 0.0)
    import torch  # noqa: PLC0415

    from genmo_studio.engine import worker_device  # noqa: PLC0415

    device = worker_device.describe(worker_device.choose("auto"))
    yield protocol.DeviceDone(job, device.kind, device.name, str(torch.__version__), device.memory, device.advice)


def _progress(job: int, progress: Progress, clock: StageClock) -> protocol.ProgressMessage:
    eta = clock.note(progress)
    return protocol.ProgressMessage(job, progress.stage, progress.fraction, progress.detail, eta)


JOBS: dict[type, Callable[[Any, int, Context], Generator[protocol.Message, None, None]]] = {
    protocol.GenerateWork: _generate,
    protocol.LiveWork: _live,
    protocol.MusicWork: _music,
    protocol.VideoWork: _video,
    protocol.DeviceWork: _device,
}
"""Adding a kind of work is one struct in the protocol, one generator here and one line in this table."""
