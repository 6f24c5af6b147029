"""What a valid document is. Edits and the loader ask the same functions.

Each function returns one sentence about the first fault it finds, or None.
"""

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise

from genmo_studio.document.model import (
    Anchor,
    BodySettings,
    ContactClip,
    GenerationSettings,
    Item,
    LockClip,
    Marker,
    MediaKind,
    MediaRef,
    MusicClip,
    PoseKey,
    ResultPiece,
    Take,
    TextClip,
    TrackKind,
    Tweak,
    VideoClip,
    Waypoint,
)
from genmo_studio.document.queries import ITEM_TYPES, MAX_FRAMES, item_span
from genmo_studio.document.time import Span

MAX_ID = 128
MAX_NAME = 1_000
MAX_TEXT = 10_000
MAX_PATH = 8_192
MAX_WEIGHT = 10.0
MAX_JOINTS = 64
MAX_STEPS = 10_000
MAX_METRES = 1e6
MAX_RADIANS = 1e4
MAX_SEED = 2**63 - 1
MAX_ANCHORS = 16
MAX_REGIONS = 16
MAX_SPEED = 1e4  # m/s
MAX_REQUEST = 400_000  # characters of the record of a take's request


def span_fault(span: Span) -> str | None:
    """A span must lie in the project's range and hold at least one frame."""
    if span.start < 0:
        return f"it would begin at frame {span.start}, before the start of the project"
    if span.stop <= span.start:
        return f"its span {span.start}:{span.stop} holds no frame"
    if span.stop > MAX_FRAMES:
        return f"it would end after frame {MAX_FRAMES:,}, the longest possible project"
    return None


def id_fault(identifier: str) -> str | None:
    """Ids are short and not empty."""
    return None if 0 < len(identifier) <= MAX_ID else f"its id must have 1 to {MAX_ID} characters"


def _bounded(values: Iterable[float], limit: float) -> bool:
    for value in values:  # noqa: SIM110 - a generator would cost three times as much, and there may be 100,000 keys
        if not -limit <= value <= limit:  # nor is NaN
            return False
    return True


def item_fault(item: Item, kind: TrackKind, media: Mapping[str, MediaRef]) -> str | None:
    """A clip or key must fit its track, its medium and the allowed ranges."""
    if type(item) is PoseKey and (kind is TrackKind.PARTIAL_KEYS or kind is TrackKind.FULL_KEYS) and _is_sound(item):
        return None  # one look for the usual case; which of the rules is broken is asked below
    if not isinstance(item, ITEM_TYPES[kind]):
        return f"a {kind.value.replace('_', ' ')} track does not take this kind of item"
    if not 0 <= item.weight <= MAX_WEIGHT:  # nor is NaN
        return f"its weight must be between 0 and {MAX_WEIGHT:g}"
    return id_fault(item.id) or span_fault(item_span(item)) or _own_fault(item, media)


def _own_fault(item: Item, media: Mapping[str, MediaRef]) -> str | None:  # noqa: PLR0911 - one a kind of item
    match item:
        case VideoClip() | MusicClip():
            return _media_clip_fault(item, media.get(item.media))
        case TextClip():
            return None if len(item.text) <= MAX_TEXT else f"its text is longer than {MAX_TEXT:,} characters"
        case PoseKey():
            return _pose_fault(item)
        case Waypoint():
            if not _bounded(item.position or (), MAX_METRES) or not _bounded(item.velocity or (), MAX_SPEED):
                return "its position is not a pair of ordinary numbers"
            return None if _bounded((item.heading or 0.0,), MAX_RADIANS) else "its heading is not an ordinary number"
        case ContactClip():
            return None
        case Tweak():
            return _tweak_fault(item)
        case LockClip():
            fits = 0 < len(item.regions) <= MAX_REGIONS and all(0 < len(name) <= MAX_ID for name in item.regions)
            return None if fits else "it names no region of the body"


def _media_clip_fault(clip: VideoClip | MusicClip, media: MediaRef | None) -> str | None:
    if media is None:
        return "its media file is not in the project"
    if isinstance(clip, VideoClip) and media.kind is not MediaKind.VIDEO:
        return f"“{media.name}” is not a video"
    if clip.source.start < 0 or clip.source.stop <= clip.source.start:
        return f"its source range {clip.source.start}:{clip.source.stop} is not a range of frames"
    end = MAX_FRAMES if media.frames is None else media.frames
    if clip.source.stop > end:
        return f"“{media.name}” ends at frame {end}, the clip wants frame {clip.source.stop}"
    if isinstance(clip, MusicClip) and not (math.isfinite(clip.gain) and 0 <= clip.gain <= MAX_WEIGHT):
        return f"its gain must be between 0 and {MAX_WEIGHT:g}"
    return None


def _is_sound(key: PoseKey) -> bool:
    """True for a key that no rule of item_fault objects to; in one function, for there may be 100,000."""
    if not (
        0 <= key.weight <= MAX_WEIGHT
        and 0 < len(key.id) <= MAX_ID
        and key.frame >= 0
        and key.hold >= 0
        and key.frame + key.hold < MAX_FRAMES
        and len(key.rotations) <= MAX_JOINTS
        and len(key.positions) <= MAX_JOINTS
    ):
        return False
    for name, (x, y, z) in key.rotations.items():
        if not (
            len(name) <= MAX_ID
            and -MAX_RADIANS <= x <= MAX_RADIANS
            and -MAX_RADIANS <= y <= MAX_RADIANS
            and -MAX_RADIANS <= z <= MAX_RADIANS
        ):
            return False
    for name, place in key.positions.items():
        if not (len(name) <= MAX_ID and _bounded(place, MAX_METRES)):
            return False
    return key.root_position is None or _bounded(key.root_position, MAX_METRES)


def _pose_fault(key: PoseKey) -> str | None:
    for values in (key.rotations, key.positions):
        if values and (len(values) > MAX_JOINTS or max(map(len, values)) > MAX_ID):
            return f"it names more than {MAX_JOINTS} joints or has overlong joint names"
    for turn in key.rotations.values():
        if not _bounded(turn, MAX_RADIANS):
            return "one of its rotations is not an ordinary number"
    for place in (*key.positions.values(), key.root_position or ()):
        if not _bounded(place, MAX_METRES):
            return "one of its positions is not an ordinary number"
    return None if 0 <= key.hold <= MAX_FRAMES - key.frame else "its hold is out of range"


def _tweak_fault(tweak: Tweak) -> str | None:
    if len(tweak.rotations) > MAX_JOINTS or any(len(name) > MAX_ID for name in tweak.rotations):
        return f"it names more than {MAX_JOINTS} joints or has overlong joint names"
    if not all(_bounded(turn, MAX_RADIANS) for turn in tweak.rotations.values()):
        return "one of its rotations is not an ordinary number"
    if not _bounded(tweak.shift or (), MAX_METRES):
        return "its shift is not an ordinary number"
    if not (0 <= tweak.rise <= MAX_FRAMES and 0 <= tweak.fall <= MAX_FRAMES):
        return "its rise or fall is out of range"
    return None if len(tweak.under) <= MAX_ID else "the hash of what it was made for is too long"


def media_fault(media: MediaRef) -> str | None:
    """A media reference needs an id, a place to look and sane numbers."""
    if any(path is not None and (len(path) > MAX_PATH or "\0" in path) for path in paths_of(media)):
        return "its path is not a possible file name"
    if media.sha256 is not None and not is_sha256(media.sha256):
        return "its hash is not a SHA-256"
    if media.size < 0 or (media.frames is not None and not 0 < media.frames <= MAX_FRAMES):
        return "its size or length is out of range"
    return id_fault(media.id)


def paths_of(media: MediaRef) -> tuple[str | None, str | None]:
    """(relative, absolute)."""
    return media.relative_path, media.absolute_path


def is_sha256(text: str) -> bool:
    """True for 64 lower-case hex digits."""
    return len(text) == 64 and all(digit in "0123456789abcdef" for digit in text)


def is_colour(text: str) -> bool:
    """True for "#" and six hex digits."""
    return len(text) == 7 and text[0] == "#" and all(digit in "0123456789abcdefABCDEF" for digit in text[1:])


def take_fault(take: Take) -> str | None:
    """A take must name its motion by hash and have a real span."""
    if not is_sha256(take.blob):
        return "its motion is not named by a SHA-256"
    if not _bounded(take.metrics.values(), math.inf) or any(math.isinf(value) for value in take.metrics.values()):
        return "one of its figures is not a number"
    if take.base and not is_sha256(take.base):
        return "the motion it started from is not named by a SHA-256"
    if len(take.request) > MAX_REQUEST:
        return "the record of what it was made from is too long"
    return id_fault(take.id) or span_fault(take.span)


def piece_fault(piece: ResultPiece, takes: Mapping[str, Take]) -> str | None:
    """A piece of the result must lie inside the take it shows."""
    take = takes.get(piece.take)
    if take is None:
        return "it shows a take that is not in the project"
    if span_fault(piece.span):
        return span_fault(piece.span)
    shown = piece.span.shifted(-piece.offset)
    if shown.start < take.span.start or shown.stop > take.span.stop:
        return f"it shows frames that take “{take.name}” does not have"
    if not 0 <= piece.blend <= MAX_FRAMES:
        return "its blend is out of range"
    return _anchors_fault(piece.anchors)


def _anchors_fault(anchors: tuple[Anchor, ...]) -> str | None:
    if len(anchors) > MAX_ANCHORS:
        return f"it is placed by more than {MAX_ANCHORS} anchors"
    if any(after.frame <= before.frame for before, after in pairwise(anchors)):
        return "its anchors are not in order"
    for anchor in anchors:
        if not (abs(anchor.frame) <= MAX_FRAMES and _bounded((*anchor.source, *anchor.target), MAX_METRES)):
            return "one of its anchors is out of range"
        if not _bounded((anchor.turn,), MAX_RADIANS):
            return "one of its turns is not an ordinary number"
    return None


def marker_fault(marker: Marker) -> str | None:
    """A marker is a point or a range inside the longest project."""
    if not (0 <= marker.frame <= MAX_FRAMES and 0 <= marker.length <= MAX_FRAMES - marker.frame):
        return "it lies outside the project"
    return id_fault(marker.id)


def body_fault(body: BodySettings) -> str | None:
    """Ten finite shape numbers."""
    if len(body.betas) != 10 or not _bounded(body.betas, 100.0):
        return "a body has ten shape numbers between -100 and 100"
    return None if 0 < len(body.model) <= MAX_PATH else "the body model has no name"


def generation_fault(settings: GenerationSettings) -> str | None:
    """Ranges of the sampler settings."""
    if not 1 <= settings.steps <= MAX_STEPS:
        return f"the number of steps must be between 1 and {MAX_STEPS:,}"
    if not _bounded((settings.guidance,), 100.0) or settings.guidance < 0:
        return "guidance must be between 0 and 100"
    if not 0 <= settings.seed <= MAX_SEED:
        return "the seed must be a whole number from 0 up"
    if not (math.isfinite(settings.foot_lock) and 0 <= settings.foot_lock <= 1):
        return "foot lock must be between 0 and 1"
    return None if 0 < len(settings.model) <= MAX_PATH else "the model has no name"
