"""What one live draft leaves for the next: the parts of the network's input that no key and no path changes.

A drag asks for many drafts that differ in one key. Text, video and music are the same each time; projecting them again
would take a fifth of the time of a draft.
"""

from collections.abc import Callable

from torch import Tensor

from genmo_studio.conditions.resolved import ResolvedConditions
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.model.known import motion_digest
from genmo_studio.model.network import TextContext
from genmo_studio.motion.motion import Motion


class Reused:
    """Projected text, video and music of the last draft. Resolved conditions are the same when they are one object."""

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()
        self._frames = 0
        self._steady: Tensor | None = None
        self._text: TextContext | None = None
        self._base: tuple[Motion, str] | None = None

    def digest(self, base: Motion) -> str:
        """model.known.motion_digest of the motion that a drag starts from."""
        if self._base is None or self._base[0] is not base:
            self._base = base, motion_digest(base)
        return self._base[1]

    def begin(self, resolved: ResolvedConditions, *, model: LoadedModel) -> None:
        """A draft begins; what was kept for other conditions or another model is dropped."""
        frames, now = resolved.request.frames, (model, resolved.video, resolved.music, resolved.text)
        same = frames == self._frames and all(a is b for a, b in zip(now, self._of, strict=False))
        if not same or not self._of:
            self._frames, self._of, self._steady, self._text = frames, now, None, None

    def steady(self, make: Callable[[], Tensor]) -> Tensor:
        """ConditionEncoder.steady of these conditions."""
        if self._steady is None:
            self._steady = make()
        return self._steady

    def text(self, make: Callable[[], TextContext]) -> TextContext:
        """Denoiser.text_context of these conditions."""
        if self._text is None:
            self._text = make()
        return self._text
