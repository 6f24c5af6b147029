"""What one live draft leaves for the next: the parts of the network's input that no key and no path changes.

A drag asks for many drafts that differ in one key. Text, video and music are the same each time; projecting them again
would take a fifth of the time of a draft. The pass itself is written down (frozen.py) when there is time for that.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable

from torch import Tensor

from genmo_studio.conditions.resolved import ResolvedConditions
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.model.frozen import FrozenPass, Pass
from genmo_studio.model.known import motion_digest
from genmo_studio.model.network import TextContext
from genmo_studio.motion.motion import Motion

PASSES = 3
"""Shapes of drafts that are kept written down; each has the weights once more."""


class Reused:
    """Projected text, video and music of the last draft. Resolved conditions are the same when they are one object."""

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()
        self._frames = 0
        self._steady: Tensor | None = None
        self._text: TextContext | None = None
        self._base: tuple[Motion, str] | None = None
        self._passes: OrderedDict[tuple[int, int], Pass] = OrderedDict()
        self._passes_of: LoadedModel | None = None
        self._unwritten: tuple[LoadedModel, TextContext, int] | None = None

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

    def denoiser(self, model: LoadedModel, *, text: TextContext, frames: int) -> Pass:
        """The denoiser for a draft of so many frames: written down, if ``write_down`` has had the time."""
        if model is not self._passes_of:
            self._passes.clear()
            self._passes_of = model
        if model.device != "cpu":  # elsewhere Python is not what takes the time
            return model.network.denoiser
        shape = frames, text.windows.shape[1]
        if shape in self._passes:
            self._passes.move_to_end(shape)
            return self._passes[shape]
        self._unwritten = model, text, frames
        return model.network.denoiser

    @property
    def unwritten(self) -> bool:
        """Whether the last draft was of a length or a number of prompts that is not written down."""
        return self._unwritten is not None

    def write_down(self) -> None:
        """Write down the pass of the last draft, so that the next of its shape takes less; once for each shape."""
        if self._unwritten is None:
            return
        (model, text, frames), self._unwritten = self._unwritten, None
        made: Pass = model.network.denoiser
        try:
            made = FrozenPass(model.network.denoiser, frames=frames, text=text)
        except RuntimeError as error:  # a torch that cannot: drafts are the same, and a quarter slower
            logging.getLogger(__name__).info("drafts of %d frames are not written down: %s", frames, error)
        self._passes[frames, text.windows.shape[1]] = made
        while len(self._passes) > PASSES:
            self._passes.popitem(last=False)
