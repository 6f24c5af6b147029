"""Live drafts in the worker: what one draft of a drag leaves for the next. Imports torch.

A drag asks for tens of drafts in which one key differs. Text, video and music are resolved once and recognised by the
part of the request that names them; their projections are kept by model.reused.
"""

from collections import OrderedDict

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


class Drafting:
    """Resolved and projected conditions of the last drafts."""

    def __init__(self) -> None:
        self._resolved: OrderedDict[Key, ResolvedConditions] = OrderedDict()
        self._reused = Reused()
        self._base: tuple[bytes, Motion] | None = None

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
        for item in generate(resolved, model=model, body=body, base=base, live=self._reused):
            if isinstance(item, GenerationResult):
                return item.motion
        raise RuntimeError("the draft ended without a motion")
