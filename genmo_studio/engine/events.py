"""What the generation service tells: plain values about generations that run, end or wait."""

import msgspec

from genmo_studio.conditions.regenerating import Anew
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.document.model import Take, TakeMode
from genmo_studio.engine import protocol
from genmo_studio.engine.protocol import Failed, JobId
from genmo_studio.motion.motion import Motion


class Running(msgspec.Struct, frozen=True):
    """A generation that was asked for and has not ended: it runs or waits."""

    job: JobId
    """Its number in the queue (the worker counts on its own)."""
    request: GenerationRequest
    project: str
    """Id of the document it was asked for."""
    name: str
    """What the take will be called."""
    notes: tuple[str, ...] = ()
    """Sentences about conditions that were left out."""
    batch: int = 0
    """The same for takes that were asked for at once."""
    anew: Anew | None = None
    """What of the result is made anew; None for a motion of its own."""
    base: bytes = b""
    """The motion that a regeneration starts from."""
    above: tuple[str, ...] = ()
    """Ids of the takes that the base shows."""
    refines: bool = False
    """True when it was asked for by letting go of a key; the next one replaces it."""

    @property
    def draft(self) -> bool:
        """True for one pass instead of the full sampler."""
        return self.request.mode is TakeMode.DRAFT


class Submitted(msgspec.Struct, frozen=True):
    """A generation was queued."""

    running: Running


class Advanced(msgspec.Struct, frozen=True):
    """A generation went on."""

    running: Running
    progress: protocol.ProgressMessage
    waiting: int
    """Generations queued behind it."""


class Previewed(msgspec.Struct, frozen=True):
    """What a generation looks like so far."""

    running: Running
    motion: Motion
    step: int
    steps: int


class Finished(msgspec.Struct, frozen=True):
    """A take was added to the document."""

    running: Running
    take: Take
    shown: bool
    """False when the take was only kept as an alternative: ``outdated``, or another take of its batch is shown."""
    report: protocol.Report
    notes: tuple[str, ...]
    outdated: bool = False
    """True when the document asked for something else by the time the take arrived."""


class Stopped(msgspec.Struct, frozen=True):
    """A generation was cancelled or replaced by a newer draft."""

    running: Running


class Broken(msgspec.Struct, frozen=True):
    """A generation failed; the document is as it was."""

    running: Running
    failure: Failed


class Reordered(msgspec.Struct, frozen=True):
    """The order of what waits has changed, or the next has begun."""


class Freed(msgspec.Struct, frozen=True):
    """The worker has let go of a generation that was cancelled."""

    running: Running
    seconds: float
    """Since it was cancelled."""


class Other(msgspec.Struct, frozen=True):
    """A message about work that is not a generation (beats, video, device), for whoever submitted it."""

    message: protocol.Message


Event = Submitted | Advanced | Previewed | Finished | Stopped | Broken | Reordered | Freed | Other
