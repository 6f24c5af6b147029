"""The document: what the user made, as one frozen value.

Three layers that are never mixed: *conditions* (tracks of clips and keys) are edited, *takes* are immutable generated
motions (blobs named by content hash in the project container), and the *result* points at takes span by span.

Times are whole frames at ``Document.fps``. Positions are metres, y up, ground at y = 0; rotations are rotation vectors
in radians. ``items`` of a track are kept sorted by (start frame, id); ids are unique in the whole document.
"""

from enum import Enum

import msgspec

from genmo_studio.document.time import Span

Vec3 = tuple[float, float, float]


class TrackKind(Enum):
    """What a track holds; a track accepts items of its own kind only."""

    VIDEO = "video"
    TEXT = "text"
    MUSIC = "music"
    FULL_KEYS = "full_keys"
    PARTIAL_KEYS = "partial_keys"
    PATH = "path"
    CONTACTS = "contacts"
    TWEAKS = "tweaks"
    LOCKS = "locks"


class TempoScale(Enum):
    """Correction of the beat tracker's tempo by the user (trackers often report half or double tempo)."""

    HALF = "half"
    NORMAL = "normal"
    DOUBLE = "double"


class MediaKind(Enum):
    """What a media file is used for. A video file may also be used as AUDIO."""

    VIDEO = "video"
    AUDIO = "audio"


class MediaRef(msgspec.Struct, frozen=True):
    """A file outside the project: found again by relative path, then absolute path, and checked by hash."""

    id: str
    kind: MediaKind
    name: str
    relative_path: str | None = None  # POSIX form, relative to the project file's folder
    absolute_path: str | None = None
    sha256: str | None = None  # of the whole file, lower-case hex
    size: int = 0  # bytes
    frames: int | None = None  # length at the project rate when known


class VideoClip(msgspec.Struct, frozen=True, tag="video"):
    """A stretch of a video on the timeline. ``source`` counts project-rate frames of the medium's own time."""

    id: str
    span: Span
    media: str
    source: Span
    weight: float = 1.0
    muted: bool = False


class MusicClip(msgspec.Struct, frozen=True, tag="music"):
    """A stretch of music (or of a video's sound). ``source`` as in VideoClip."""

    id: str
    span: Span
    media: str
    source: Span
    weight: float = 1.0
    muted: bool = False
    tempo: TempoScale = TempoScale.NORMAL
    gain: float = 1.0


class TextClip(msgspec.Struct, frozen=True, tag="text"):
    """A prompt and the window of frames it speaks for. Windows may overlap."""

    id: str
    span: Span
    text: str
    weight: float = 1.0
    muted: bool = False


class KeyTangent(Enum):
    """How interpolation passes a key; what a model makes between keys is its own affair."""

    AUTO = "auto"  # smoothly, in the middle of the ways before and after
    FLAT = "flat"  # at rest
    LINEAR = "linear"  # with the constant speed of each side
    STEP = "step"  # held until the next key


class PoseKey(msgspec.Struct, frozen=True, tag="pose"):
    """A pose held at one frame.

    ``rotations`` maps SMPL joint names to local rotation vectors (``pelvis`` is the world orientation of the root);
    a full-body key names all of joints 0..21. ``root_position`` is the pelvis in the world (m). ``positions`` maps
    joint names to world position targets (m) of a partial key. What is absent is free. ``hold`` more frames after it
    keep the same pose.
    """

    id: str
    frame: int
    rotations: dict[str, Vec3] = {}
    root_position: Vec3 | None = None
    positions: dict[str, Vec3] = {}
    weight: float = 1.0
    muted: bool = False
    hold: int = 0
    tangent: KeyTangent = KeyTangent.AUTO


class Waypoint(msgspec.Struct, frozen=True, tag="waypoint"):
    """A point of the root path: pelvis ground position (x, z in m) and heading (rad about +y, 0 = facing +z).

    ``velocity`` (x, z in m/s) is how the path passes a point that has a position; None leaves that free.
    """

    id: str
    frame: int
    position: tuple[float, float] | None = None
    heading: float | None = None
    weight: float = 1.0
    muted: bool = False
    velocity: tuple[float, float] | None = None


class Foot(Enum):
    """A foot of the body."""

    LEFT = "left"
    RIGHT = "right"


class ContactClip(msgspec.Struct, frozen=True, tag="contact"):
    """A stretch of time in which a foot rests on the ground (``planted``) or may not (free), whatever was predicted."""

    id: str
    span: Span
    foot: Foot
    planted: bool = True
    weight: float = 1.0
    muted: bool = False


class Tweak(msgspec.Struct, frozen=True, tag="tweak"):
    """A change on top of the result, for some joints: it grows, holds and fades inside its span.

    ``rotations`` maps joint names to rotation vectors (rad): the local rotation R becomes exp(w v) R, where w grows
    from 0 to ``weight`` over the first ``rise`` frames and falls to 0 over the last ``fall``. ``shift`` (m) moves the
    root in the world in the same way. ``under`` is a hash of the result that it was made for, empty when unknown:
    where the result below has changed since, the tweak is shown as unchecked.
    """

    id: str
    span: Span
    rotations: dict[str, Vec3] = {}
    shift: Vec3 | None = None
    rise: int = 0
    fall: int = 0
    weight: float = 1.0
    muted: bool = False
    under: str = ""


class LockClip(msgspec.Struct, frozen=True, tag="lock"):
    """A stretch of the result that no generation changes, for the named regions (motion.skeleton.REGIONS)."""

    id: str
    span: Span
    regions: tuple[str, ...] = ("full",)
    weight: float = 1.0
    muted: bool = False


Clip = VideoClip | MusicClip | TextClip | ContactClip | Tweak | LockClip
Key = PoseKey | Waypoint
Item = VideoClip | MusicClip | TextClip | ContactClip | Tweak | LockClip | PoseKey | Waypoint


class Track(msgspec.Struct, frozen=True):
    """One row of the timeline."""

    id: str
    kind: TrackKind
    name: str
    items: tuple[Item, ...] = ()
    muted: bool = False
    solo: bool = False
    locked: bool = False
    hidden: bool = False
    colour: str | None = None  # "#rrggbb"; None = the kind's colour
    height: int = 48  # logical pixels


class TakeMode(Enum):
    """How a take was made: one estimation pass, or the full sampler."""

    DRAFT = "draft"
    FULL = "full"


class Take(msgspec.Struct, frozen=True):
    """An immutable generated motion and where it came from. ``blob`` names its npz by SHA-256."""

    id: str
    name: str
    span: Span
    blob: str
    request_hash: str
    seed: int
    model: str
    mode: TakeMode = TakeMode.FULL
    device: str = "cpu"
    created: str = ""  # ISO 8601, UTC
    favourite: bool = False
    metrics: dict[str, float] = {}
    conditions_hash: str = ""  # of what was asked for, see GenerationRequest; empty when it is not known
    model_hash: str = ""  # of the weights; empty when it is not known
    request: str = ""  # everything it was made from (conditions/record.py); empty when it is not known
    base: str = ""  # blob of the motion that a regeneration started from; empty for a take of its own
    refines: bool = False  # it answers an edit that was let go; the user did not ask for it by itself
    above: tuple[str, ...] = ()  # ids of the takes that a regeneration's base showed; empty when that is not known


class Anchor(msgspec.Struct, frozen=True):
    """How a piece of the result stands elsewhere on the ground than its take was made.

    At frame ``frame`` of the take's motion, what stands at ``source`` (x, z of the translation in m) stands at
    ``target``, turned by ``turn`` (rad about +y). Between two anchors all three change evenly; beyond them they hold.
    """

    frame: int
    source: tuple[float, float]
    target: tuple[float, float]
    turn: float = 0.0


class ResultPiece(msgspec.Struct, frozen=True):
    """A span of the result and the take it is read from.

    Timeline frame f of the span is frame ``f - offset - take.span.start`` of the take (queries.take_frame).
    """

    span: Span
    take: str
    blend: int = 0  # frames of cross-fade from the piece before
    offset: int = 0  # frames the piece was moved on the timeline since the take was made (inserted or removed time)
    anchors: tuple[Anchor, ...] = ()  # by frame; none: it stands where the take was made


class Marker(msgspec.Struct, frozen=True):
    """A named point or range in time."""

    id: str
    frame: int
    name: str = ""
    colour: str = "#e0b040"
    length: int = 0


class BodySettings(msgspec.Struct, frozen=True):
    """The body that is animated. Betas mean something only for the named body model."""

    model: str = "genmo-free"
    betas: tuple[float, ...] = (0.0,) * 10


class GenerationSettings(msgspec.Struct, frozen=True):
    """How the next take is made."""

    model: str = "default"
    seed: int = 0
    steps: int = 20  # where more changed nothing that can be measured: docs/model.md, "Sampling steps"
    guidance: float = 2.5
    foot_lock: float = 1.0  # 0 = off, 1 = full strength of the foot clean-up


class Document(msgspec.Struct, frozen=True):
    """One project."""

    id: str
    name: str
    fps: int = 30
    length: int = 300  # frames
    tracks: tuple[Track, ...] = ()
    media: tuple[MediaRef, ...] = ()
    takes: tuple[Take, ...] = ()
    result: tuple[ResultPiece, ...] = ()
    markers: tuple[Marker, ...] = ()
    in_out: Span | None = None
    body: BodySettings = BodySettings()
    generation: GenerationSettings = GenerationSettings()
