"""GenerationRequest: everything one generation depends on, as one frozen value that crosses to the worker.

All frames are relative to the start of the requested span. Media are named by content hash; paths only say where the
file is now and are left out of the request's hash.
"""

import hashlib
from enum import Enum

import msgspec

from genmo_studio.document.model import BodySettings, Foot, TakeMode, TempoScale, Vec3
from genmo_studio.document.time import Span


class TextCondition(msgspec.Struct, frozen=True):
    """A prompt and its window."""

    text: str
    span: Span
    weight: float = 1.0


class MediaCondition(msgspec.Struct, frozen=True):
    """A stretch of a media file: timeline ``span`` shows ``source`` (both in project-rate frames)."""

    path: str
    sha256: str
    span: Span
    source: Span
    weight: float = 1.0
    tempo: TempoScale = TempoScale.NORMAL


class PoseCondition(msgspec.Struct, frozen=True):
    """A pose key: see document.model.PoseKey for the meaning of the fields."""

    frame: int
    rotations: dict[str, Vec3] = {}
    root_position: Vec3 | None = None
    positions: dict[str, Vec3] = {}
    weight: float = 1.0


class WaypointCondition(msgspec.Struct, frozen=True):
    """A root path point: see document.model.Waypoint."""

    frame: int
    position: tuple[float, float] | None = None
    heading: float | None = None
    weight: float = 1.0


class ContactCondition(msgspec.Struct, frozen=True):
    """A foot that rests on the ground, or may not, for a stretch of time."""

    span: Span
    foot: Foot
    planted: bool = True
    weight: float = 1.0


class Loop(Enum):
    """How a span is made to repeat without a seam."""

    IN_PLACE = "in_place"  # every repetition at the same place
    ALONG_PATH = "along_path"  # every repetition goes on from where the last one ended


class KeptRegion(msgspec.Struct, frozen=True):
    """Regions of the body (motion.skeleton.REGIONS) that stay as they are in a span."""

    span: Span
    regions: tuple[str, ...]


class Regeneration(msgspec.Struct, frozen=True):
    """What of a known motion is made anew; all the rest of it comes back bit-identical.

    The known motion (``base``: SHA-256 of ``Motion.to_bytes()``) has as many frames as the request. Inside ``span``
    the named regions are made anew, except where ``kept`` says otherwise. A region with the pelvis in it (full, lower,
    root) also moves the root. ``blend`` frames at each end of the span, inside of it, lead from the known motion into
    the new one.
    """

    base: str
    span: Span
    regions: tuple[str, ...] = ("full",)
    blend: int = 8
    kept: tuple[KeptRegion, ...] = ()
    loop: Loop | None = None  # make ``span`` repeat; what is made anew is around the wrap, ``blend`` frames each way


_LATER = ("contacts", "regeneration")
_HOW = ("model", "mode", "seed", "steps", "guidance", "foot_lock", "regeneration")


class GenerationRequest(msgspec.Struct, frozen=True):
    """What to generate. Same request, same machine, same bytes."""

    frames: int
    fps: int = 30
    start: int = 0  # timeline frame of request frame 0
    texts: tuple[TextCondition, ...] = ()
    videos: tuple[MediaCondition, ...] = ()
    music: tuple[MediaCondition, ...] = ()
    poses: tuple[PoseCondition, ...] = ()
    waypoints: tuple[WaypointCondition, ...] = ()
    contacts: tuple[ContactCondition, ...] = ()
    body: BodySettings = BodySettings()
    model: str = "default"  # name or path of a checkpoint
    mode: TakeMode = TakeMode.FULL
    seed: int = 0
    steps: int = 50
    guidance: float = 2.5
    foot_lock: float = 1.0
    regeneration: Regeneration | None = None

    @property
    def hash(self) -> str:
        """SHA-256 (hex) of everything that decides the motion; media paths and the timeline start are left out."""
        bare = msgspec.structs.replace(
            self,
            start=0,
            videos=tuple(msgspec.structs.replace(v, path="") for v in self.videos),
            music=tuple(msgspec.structs.replace(m, path="") for m in self.music),
        )
        plain = msgspec.to_builtins(bare, order="deterministic")  # dictionaries sorted, fields in their own order
        for name in _LATER:  # left out while they say nothing, so that takes made before they existed keep their hash
            if not plain[name]:
                del plain[name]
        return hashlib.sha256(msgspec.json.encode(plain)).hexdigest()

    @property
    def conditions_hash(self) -> str:
        """Hash of what is asked for, whichever seed, sampler, model and clean-up answer it.

        A take whose conditions hash differs from that of the present timeline is stale.
        """
        plain = GenerationRequest(frames=self.frames)
        how = {name: getattr(plain, name) for name in _HOW}
        return msgspec.structs.replace(self, **how).hash
