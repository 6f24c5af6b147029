"""From resolved conditions to motion: encode, estimate or sample, decode, place, lock the feet, meet the keys.

``generate`` is a generator: every yield is progress and the place where a cancel is heard. Same request, same machine,
same bytes: all noise comes from a CPU generator seeded by the request.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.conditions.resolved import ResolvedConditions
from genmo_studio.document.model import TakeMode
from genmo_studio.model.between_keys import Filling, filling
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.model.decoding import assemble, place, rolled_out, surely_turned
from genmo_studio.model.finishing import Finished, finish, finish_lightly
from genmo_studio.model.inputs import NetworkInputs, build_inputs
from genmo_studio.model.known import Known, known_motion, motion_digest
from genmo_studio.model.loops import repetition
from genmo_studio.model.network import DenoiserOutput
from genmo_studio.model.predicting import predictor
from genmo_studio.model.projection import projector
from genmo_studio.model.regenerate import brought_in, finish_lightly_regenerated, finish_regenerated
from genmo_studio.model.reused import Reused
from genmo_studio.model.sampler import Predict, Project, ddim, estimate
from genmo_studio.model.trust import trust
from genmo_studio.motion.body import Body
from genmo_studio.motion.grounding import floor_drift, lowest_points
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.representation import LAYOUT
from genmo_studio.motion.spreading import carried
from genmo_studio.values import replace

Between = Callable[..., Filling | None]
"""(logits=) between_keys.filling of one request"""
PREVIEWS = 8
"""Previews shown while one take is denoised."""


@dataclass(frozen=True, eq=False)
class Preview:
    """The motion as it stands while it is being denoised."""

    motion: Motion
    step: int
    steps: int


@dataclass(frozen=True, eq=False)
class GenerationResult:
    """A finished motion and what can be said about it (plain JSON values)."""

    motion: Motion
    report: dict[str, Any]
    uncorrected: Motion
    """as it was before keys were met exactly and feet locked"""


@dataclass(frozen=True, eq=False)
class _Denoised:
    """The end of sampling: the promised answer, and x0 as the network said it before projection."""

    output: DenoiserOutput
    raw: Tensor
    """x0 as the network said it"""
    pulled: Tensor
    """x0 drawn to what is known (trust.py), before projection"""

    @property
    def ready(self) -> Tensor:
        """x0 for finishing: poses as they were before keys were written over them, on the projected path.

        A key written into one frame of the last x0 would be a pop; the exact correction spreads it over the frames
        around.
        """
        return _on_path(self.pulled, self.output.x0)


class _Stopwatch:
    """Seconds spent in each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def generate(
    resolved: ResolvedConditions,
    *,
    model: LoadedModel,
    body: Body,
    base: Motion | None = None,
    live: Reused | None = None,
) -> Iterator[Progress | Preview | GenerationResult]:
    """Make a motion. The last item is the GenerationResult. Raises ValueError with a sentence for bad requests.

    ``base`` is the motion that ``request.regeneration`` names: what it does not make anew comes back bit-identical.
    ``live`` makes a draft for the eye only: what an earlier one left there is used again, the keys are met, and the
    feet and all measuring are left out (finishing.finish_lightly).
    """
    digest = motion_digest if live is None else live.digest
    known = known_motion(resolved.request, base, body=body, digest=digest)
    asked = resolved.request.regeneration
    if known is None or asked is None or asked.loop is None:
        yield from _made(resolved, known, model=model, body=body if known is None else known.body, live=live)
    else:
        yield from _looped(resolved, known, model=model, live=live)


def _looped(
    resolved: ResolvedConditions, known: Known, *, model: LoadedModel, live: Reused | None
) -> Iterator[Progress | Preview | GenerationResult]:
    twice = repetition(resolved, known)
    if twice is None:
        raise ValueError("a loop needs at least two frames; nothing was changed")
    for event in _made(twice.resolved, twice.known, model=model, body=known.body, live=live):
        if isinstance(event, Progress):
            yield event
            continue
        motion = twice.unrolled(event.motion)
        if isinstance(event, Preview):
            yield replace(event, motion=motion)
        else:
            report = event.report if live is not None else twice.told(motion, event.report)
            yield GenerationResult(motion, report, twice.unrolled(event.uncorrected))


def _made(
    resolved: ResolvedConditions, known: Known | None, *, model: LoadedModel, body: Body, live: Reused | None
) -> Iterator[Progress | Preview | GenerationResult]:
    request = resolved.request
    watch = _Stopwatch()
    yield Progress("preparing the conditions", 0.0)
    with watch.stage("conditions"), torch.inference_mode():
        inputs = build_inputs(resolved, model=model, known=known)
        if live is not None:
            live.begin(resolved, model=model)
        predict_anew = predictor(inputs, model=model, guidance=request.guidance, mode=request.mode, live=live)
        between = partial(filling, resolved, inputs, model=model, body=body)

    def motion_of(output: DenoiserOutput) -> Motion:
        return _motion(output, inputs, request, known, model=model, body=body)

    out = None
    for event in _denoise(predict_anew, inputs, request, between, model=model, motion_of=motion_of, watch=watch):
        if isinstance(event, _Denoised):
            out = event
        else:
            yield event
    assert out is not None
    yield Progress("finishing the motion", 0.0, "keys, path and feet")
    with watch.stage("finishing"):
        if live is not None:
            ready = motion_of(replace(out.output, x0=out.ready if known is None else out.pulled))
            if known is None:
                drafted = finish_lightly(ready, body, request)
            else:
                drafted = finish_lightly_regenerated(ready, body, request, known=known)
            yield GenerationResult(drafted, {"device": model.device, "notes": list(resolved.notes)}, ready)
            return
        unaided = motion_of(replace(out.output, x0=out.raw))
        if known is None:
            ready = motion_of(replace(out.output, x0=out.ready))
            finished = finish(ready, body, request, unaided=unaided)
        else:  # its own way of the root is continuous over the seams, the projected one has a kink there
            ready = motion_of(replace(out.output, x0=out.pulled))
            finished = finish_regenerated(ready, body, request, known=known, unaided=unaided)
    yield GenerationResult(finished.motion, _report(resolved, finished, model=model, body=body, watch=watch), ready)


def _denoise(
    predict_anew: Callable[[], Predict],
    inputs: NetworkInputs,
    request: GenerationRequest,
    between: Between,
    *,
    model: LoadedModel,
    motion_of: Callable[[DenoiserOutput], Motion],
    watch: _Stopwatch,
) -> Iterator[Progress | Preview | _Denoised]:
    """Progress and previews, and the end of sampling as the last item."""
    project = projector(inputs, statistics=model.statistics)
    shape = (1, request.frames, inputs.held.shape[-1])
    device = torch.device(model.device)
    if request.mode is TakeMode.DRAFT:
        yield Progress("estimating in one pass", 0.0)
        with watch.stage("network"), torch.inference_mode():
            out = _estimated(predict_anew(), shape, between, model=model)
            # the new part of a regeneration is placed by its ends, not by projection
            projected = out.x0 if project is None or request.regeneration is not None else project(out.x0)
            yield _Denoised(replace(out, x0=projected), out.x0, out.x0)
        return
    pull = _estimate_pull(predict_anew(), inputs, between, shape=shape, model=model, watch=watch)
    generator = torch.Generator().manual_seed(request.seed)
    noise = torch.randn(shape, generator=generator).to(device)
    steps = ddim(predict_anew(), noise, schedule=model.schedule, count=request.steps, pull=pull, project=project)
    every = max(1, request.steps // PREVIEWS)
    yield Progress("denoising", 0.0, f"step 0 of {request.steps}")
    while True:
        with watch.stage("network"), torch.inference_mode():
            state = next(steps, None)
        if state is None:
            return
        yield Progress("denoising", state.index / state.count, f"step {state.index} of {state.count}")
        if state.index % every == 0 and state.index < state.count:
            with watch.stage("previews"), torch.inference_mode():
                shown = state.output if request.regeneration is None else replace(state.output, x0=state.pulled)
                preview = motion_of(shown)
            yield Preview(preview, state.index, state.count)
        if state.index == state.count:
            yield _Denoised(state.output, state.raw, state.pulled)


def _on_path(poses: Tensor, projected: Tensor) -> Tensor:
    """Pose channels of one x0 with the root velocity of the other."""
    start = LAYOUT["local_transl_vel"].start
    return torch.cat([poses[..., :start], projected[..., start:]], dim=-1)


def _estimated(
    predict: Predict, shape: tuple[int, int, int], between: Between, *, model: LoadedModel
) -> DenoiserOutput:
    """The motion of one pass, with what the in-between network says where there are keys alone."""
    out = estimate(predict, shape, schedule=model.schedule, device=torch.device(model.device))
    filled = between(logits=out.static_logits)
    return out if filled is None else filled.into(out)


def _estimate_pull(
    predict: Predict,
    inputs: NetworkInputs,
    between: Between,
    *,
    shape: tuple[int, int, int],
    model: LoadedModel,
    watch: _Stopwatch,
) -> Project | None:
    """A pull of x0 towards the one-pass estimate where conditions are strong (trust.py), or None where none is."""
    share = trust(inputs)
    if not bool((share > 0).any()):
        return None
    with watch.stage("network"), torch.inference_mode():
        known = _estimated(predict, shape, between, model=model).x0

    def pull(x0: Tensor) -> Tensor:
        return x0 + share * (known - x0)

    return pull


def _motion(
    out: DenoiserOutput,
    inputs: NetworkInputs,
    request: GenerationRequest,
    known: Known | None,
    *,
    model: LoadedModel,
    body: Body,
) -> Motion:
    """Decode, place and keep on the floor, without moving promised heights (they are met exactly in finishing)."""
    world = rolled_out(out.x0, statistics=model.statistics, cam_angvel=inputs.cam_angvel)
    world = surely_turned(world, out.x0, statistics=model.statistics, fps=request.fps)
    if known is not None:
        placed = _heading_pinned(request, inputs)
        return brought_in(known, world, out.static_logits, body=body, placed=placed)
    betas = np.asarray((*request.body.betas, *(0.0,) * 10)[:10], np.float32)
    rest_pelvis = body.rest_joints(betas)[0].astype(np.float64)
    pinned = _heading_pinned(request, inputs)

    rotvec, translation = place(world, root=inputs.root, pinned_heading=pinned, rest_pelvis=rest_pelvis)
    drifting = assemble(
        world, rotvec, translation, contacts=out.static_logits, betas=betas, body=body.name, fps=request.fps
    )
    grounded = drifting.translation.copy()
    drift = floor_drift(lowest_points(drifting, body), request.fps)
    grounded[:, 1] -= _unpromised(drift, grounded[:, 1] + rest_pelvis[1], inputs)
    return replace(drifting, translation=grounded)


def _unpromised(
    drift: NDArray[np.float64], heights: NDArray[np.floating], inputs: NetworkInputs
) -> NDArray[np.float64]:
    """What of the floor's drift (T,) may be taken out of the pelvis' heights (T,), m.

    Where heights are promised the path was bent through them, up to one shift of the whole: there nothing but that
    shift is taken out. The drift of a roll-out whose feet dip once between two keys would lift both keys.
    """
    promised = np.flatnonzero(inputs.root.mask[0, :, 1].cpu().numpy() > 0)
    if not len(promised):
        return drift
    wanted = inputs.root.position[0, promised, 1].double().cpu().numpy()
    shift = float((heights[promised] - wanted).mean())
    known = carried(len(drift), promised.tolist(), drift[promised][:, None])[:, 0]
    return np.asarray(drift - known + shift)


def _heading_pinned(request: GenerationRequest, inputs: NetworkInputs) -> bool:
    """Whether the user said where the motion faces: by video, by a key of the root, by a heading or by a path."""
    points = [w for w in request.waypoints if w.position is not None and w.weight > 0]
    roots = [p for p in request.poses if p.root_position is not None and p.weight > 0]
    return (
        bool(inputs.conditions.has_camera.any())
        or any("pelvis" in pose.rotations and pose.weight > 0 for pose in request.poses)
        or any(point.heading is not None and point.weight > 0 for point in request.waypoints)
        or len(points) + len(roots) > 1
    )


def _report(
    resolved: ResolvedConditions, finished: Finished, *, model: LoadedModel, body: Body, watch: _Stopwatch
) -> dict[str, Any]:
    request = resolved.request
    return {
        "model": model.name,
        "model_hash": model.hash,
        "licence": model.licence,
        "device": model.device,
        "mode": request.mode.value,
        "steps": 1 if request.mode is TakeMode.DRAFT else request.steps,
        "seed": request.seed,
        "frames": request.frames,
        "body": body.name,
        "request_hash": request.hash,
        "seconds": {name: round(value, 4) for name, value in watch.seconds.items()},
        **finished.report,
        "notes": list(resolved.notes),
    }
