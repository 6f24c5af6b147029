"""Live drafts in the worker: what one draft of a drag leaves for the next. Imports torch.

A drag asks for tens of drafts in which one key differs. Text, video and music are resolved once and recognised by the
part of the request that names them; their projections are kept by model.reused.
"""

import time
from collections import OrderedDict, deque
from statistics import median

import torch

from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.conditions.resolved import ResolvedConditions
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.model.generator import GenerationResult, generate
from genmo_studio.model.reused import Reused
from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion
from genmo_studio.values import replace

_KEPT = 4
"""Resolved conditions: a drag stays in one window of the timeline or moves on to the next."""

Key = tuple[object, ...]


class Threads:
    """How many threads drafts take: as many as make them fast beside what else the machine does.

    A window that draws with the processor wants one of two cores, and threads that wait for a core that is taken make
    the others wait at every layer: one thread is then three times as fast as two. On a quiet machine two are faster.
    Their sums differ in the last bit, which drafts for the eye may.
    """

    TRY_AGAIN = 40
    """Drafts after which the slower number is tried once more."""

    def __init__(self, most: int) -> None:
        self._seconds: dict[int, deque[float]] = {count: deque(maxlen=3) for count in (most, most - 1) if count > 0}
        self._drafts = 0

    def choose(self) -> int:
        """The number for the next draft."""
        self._drafts += 1
        by_need = sorted(self._seconds, key=lambda count: len(self._seconds[count]))
        if len(self._seconds[by_need[0]]) < 2:
            return by_need[0]
        by_time = sorted(self._seconds, key=lambda count: median(self._seconds[count]))
        return by_time[-1 if self._drafts % self.TRY_AGAIN == 0 else 0]

    def note(self, count: int, seconds: float) -> None:
        """What a draft with so many threads took."""
        self._seconds[count].append(seconds)


class Drafting:
    """Resolved and projected conditions of the last drafts."""

    def __init__(self) -> None:
        self._resolved: OrderedDict[Key, ResolvedConditions] = OrderedDict()
        self._reused = Reused()
        self._base: tuple[bytes, Motion] | None = None
        self._threads = Threads(torch.get_num_threads())

    def base(self, data: bytes) -> Motion | None:
        """The motion that a draft starts from (``Motion.to_bytes()``, empty for none): the same for a whole drag."""
        if not data:
            return None
        if self._base is None or self._base[0] != data:
            self._base = data, Motion.from_bytes(data)
        return self._base[1]

    @staticmethod
    def _key(request: GenerationRequest, encoder: str) -> Key:
        return request.frames, request.fps, request.texts, request.videos, request.music, encoder

    def known(self, request: GenerationRequest, *, encoder: str) -> ResolvedConditions | None:
        """The resolved conditions of a request whose text, video and music were there before; else None."""
        found = self._resolved.get(self._key(request, encoder))
        return None if found is None else replace(found, request=request)

    def keep(self, resolved: ResolvedConditions, *, encoder: str) -> None:
        """Remember what was resolved, unless something could not be used: it may be there the next time."""
        if resolved.notes:
            return
        self._resolved[self._key(resolved.request, encoder)] = resolved
        while len(self._resolved) > _KEPT:
            self._resolved.popitem(last=False)

    def draft(self, resolved: ResolvedConditions, *, model: LoadedModel, body: Body, base: Motion | None) -> Motion:
        """One pass; milliseconds, so nothing is told meanwhile."""
        if model.device != "cpu":
            return self._made(resolved, model=model, body=body, base=base)
        usual, count = torch.get_num_threads(), self._threads.choose()
        torch.set_num_threads(count)
        try:
            began = time.perf_counter()
            motion = self._made(resolved, model=model, body=body, base=base)
            self._threads.note(count, time.perf_counter() - began)
        finally:
            torch.set_num_threads(usual)  # a take between two drafts is the same with and without them
        return motion

    def _made(self, resolved: ResolvedConditions, *, model: LoadedModel, body: Body, base: Motion | None) -> Motion:
        for item in generate(resolved, model=model, body=body, base=base, live=self._reused):
            if isinstance(item, GenerationResult):
                return item.motion
        raise RuntimeError("the draft ended without a motion")

    @property
    def unprepared(self) -> bool:
        """Whether the next draft like the last would be faster after ``prepare``."""
        return self._reused.unwritten

    def prepare(self) -> None:
        """Make the next draft like the last one faster: a second of work, for when there is nothing else to do."""
        self._reused.write_down()
