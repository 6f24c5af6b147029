"""What a set of files becomes on the timeline: kinds, tracks, spans, and why something cannot be. No Qt, no files read.

A drop is worked out in two steps. ``landing`` says, for files of which little may be known yet, where each would lie
(that is what the ghosts show); ``landing_edit`` makes one edit of it once they have been read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import msgspec

from genmo_studio.document import edits
from genmo_studio.document.edits import Edit
from genmo_studio.document.edits.tracks import NAMES
from genmo_studio.document.model import Document, Item, MediaRef, MusicClip, Take, TextClip, Track, TrackKind, VideoClip
from genmo_studio.document.queries import MAX_FRAMES, find_media, find_track, items_in
from genmo_studio.document.time import Span
from genmo_studio.importers.text import Segment

UNKNOWN_SECONDS = 4
"""Length of a ghost of which nothing is known yet."""
LINE_SECONDS = 3
"""Length of a segment made of a line of text."""
IMPORT_MODEL = "import"
"""``Take.model`` of a motion that was imported, not generated."""


class FileKind(Enum):
    """What a file is, by its name; the value is said to the user."""

    VIDEO = "video"
    SOUND = "sound"
    BVH = "BVH motion"
    NPZ = "npz motion"
    LINES = "text"
    SUBTITLES = "subtitles"
    PROJECT = "project"

    @property
    def is_motion(self) -> bool:
        """True for what becomes a take."""
        return self in (FileKind.BVH, FileKind.NPZ)

    @property
    def is_text(self) -> bool:
        """True for what becomes text segments."""
        return self in (FileKind.LINES, FileKind.SUBTITLES)


SUFFIXES: Mapping[str, FileKind] = {
    **dict.fromkeys((".mp4", ".mov", ".mkv", ".avi", ".webm", ".m4v"), FileKind.VIDEO),
    **dict.fromkeys((".wav", ".mp3", ".flac", ".ogg", ".m4a", ".oga", ".opus", ".aac"), FileKind.SOUND),
    ".bvh": FileKind.BVH,
    ".npz": FileKind.NPZ,
    ".txt": FileKind.LINES,
    ".srt": FileKind.SUBTITLES,
    ".genmo": FileKind.PROJECT,
    ".json": FileKind.PROJECT,
}
_THREE_D = frozenset(
    {".fbx", ".glb", ".gltf", ".usd", ".usda", ".usdc", ".usdz", ".blend", ".ma", ".mb", ".c3d", ".dae"}
)


class Target(Enum):
    """Where the pointer is when files are dropped."""

    AUTO = "auto"
    """nowhere in particular: each file finds its own track"""
    TRACK = "track"
    RESULT = "result"
    BELOW = "below"
    """under the last track: new tracks are made"""


class Place(msgspec.Struct, frozen=True):
    """A frame of the timeline and a target."""

    frame: int = 0
    target: Target = Target.AUTO
    track: str | None = None


class Incoming(msgspec.Struct, frozen=True):
    """A file (or a medium of the bin) that is about to land, as far as it is known."""

    name: str
    kind: FileKind
    path: Path | None = None
    media: str | None = None
    """id of a medium that the project has already"""
    frames: int | None = None
    """at the project's rate; None while it is being read"""
    has_sound: bool | None = None
    """of a video; None while it is being read"""
    segments: tuple[Segment, ...] = ()
    """of a text"""


class Ghost(msgspec.Struct, frozen=True):
    """One clip-to-be. ``track`` None: on a new track of ``kind``, or in the result when ``kind`` is None."""

    source: int
    """index of the Incoming"""
    kind: TrackKind | None
    span: Span
    name: str
    track: str | None = None
    known: bool = True
    """False: the length is not known yet"""


class Landing(msgspec.Struct, frozen=True):
    """Where everything would lie, or why nothing can."""

    ghosts: tuple[Ghost, ...] = ()
    problem: str = ""


def kind_of(path: Path) -> FileKind | None:
    """The kind of a file by its suffix; None when it cannot be imported."""
    return SUFFIXES.get(path.suffix.lower())


def refusal(path: Path) -> str:
    """One sentence that says why a file cannot be imported."""
    suffix = path.suffix.lower()
    if suffix in _THREE_D:
        return f"“{path.name}” cannot be read here: export the motion as BVH from the program that made it."
    what = f"{suffix} files" if suffix else "files without a suffix"
    return f"“{path.name}” cannot be imported: {what} are none of video, sound, BVH, npz, text or project."


def link_refusal(address: str) -> str:
    """One sentence about an address of the web."""
    short = address if len(address) <= 60 else address[:57] + "…"
    return f"“{short}” is a link; save the file to disk first and drop it from there."


# -- where it lands ----------------------------------------------------------------------------------------------------


@dataclass
class _Cursors:
    """How far each row is filled by what has landed so far."""

    document: Document
    place: Place
    next: dict[str, int] = field(default_factory=dict)
    made: set[TrackKind] = field(default_factory=set)

    def put(self, row: str, frames: int) -> Span:
        """The span behind what was put there before."""
        start = min(self.next.get(row, self.place.frame), MAX_FRAMES - 1)
        span = Span(start, min(start + frames, MAX_FRAMES))
        self.next[row] = span.stop
        return span


def landing(document: Document, incoming: Sequence[Incoming], place: Place) -> Landing:
    """Where the files would lie: several on one track lie one behind the other."""
    clips = [file for file in incoming if file.kind is not FileKind.PROJECT]
    if not clips:
        return Landing(problem="Drop a project on its own to open it.") if len(incoming) > 1 else Landing()
    problem = _target_problem(document, clips, place)
    if problem:
        return Landing(problem=problem)
    cursors = _Cursors(document, place)
    ghosts: list[Ghost] = []
    for index, file in enumerate(incoming):
        if file.kind is not FileKind.PROJECT:
            ghosts += _ghosts(index, file, cursors)
    return Landing(tuple(ghosts))


def _target_problem(document: Document, clips: Sequence[Incoming], place: Place) -> str:
    """Why this target takes none of the files; "" when it takes at least one."""
    if place.target is Target.RESULT:
        return "" if any(file.kind.is_motion for file in clips) else _RESULT_TAKES
    if place.target is not Target.TRACK:
        return ""
    track = find_track(document, place.track or "")
    if track is None:
        return "This track is no longer in the project."
    reasons = [_track_problem(file, track) for file in clips]
    if all(reasons):
        return reasons[0]
    return f"“{track.name}” is locked; unlock it, or drop below the tracks." if track.locked else ""


_RESULT_TAKES = "The result takes motion only (BVH or npz); drop this on a track or below the tracks."
_TRACK_TAKES = {
    TrackKind.VIDEO: "takes video",
    TrackKind.MUSIC: "takes sound, or a video for its sound",
    TrackKind.TEXT: "takes text (.txt or .srt)",
    TrackKind.FULL_KEYS: "takes poses that are set in the viewport",
    TrackKind.PARTIAL_KEYS: "takes poses that are set in the viewport",
    TrackKind.PATH: "takes waypoints that are set in the viewport",
}


def _track_problem(file: Incoming, track: Track) -> str:
    """Why a track does not take a file; "" when it does."""
    if track.kind in _kinds(file):
        if track.kind is TrackKind.MUSIC and file.has_sound is False:
            return f"“{file.name}” has no sound."
        return ""
    takes = f"“{track.name}” {_TRACK_TAKES[track.kind]}"
    if file.kind.is_motion:
        return f"{takes}; motion goes into the Result row."
    return f"{takes}, not {file.kind.value}; drop it below the tracks for a track of its own."


def _kinds(file: Incoming) -> tuple[TrackKind, ...]:
    """Kinds of track that take a file, the usual one first."""
    if file.kind is FileKind.VIDEO:
        return (TrackKind.VIDEO, TrackKind.MUSIC)
    if file.kind is FileKind.SOUND:
        return (TrackKind.MUSIC,)
    return (TrackKind.TEXT,) if file.kind.is_text else ()


def _ghosts(index: int, file: Incoming, cursors: _Cursors) -> list[Ghost]:
    fps = cursors.document.fps
    frames = min(file.frames or UNKNOWN_SECONDS * fps, MAX_FRAMES)
    known = file.frames is not None
    if file.kind.is_motion:
        return [Ghost(index, None, cursors.put("", frames), file.name, known=known)]
    if file.kind.is_text and file.segments:
        return _text_ghosts(index, file, cursors)
    kind, track = _track_for(file, frames, cursors)
    row = track or f"\0{kind.value}"
    return [Ghost(index, kind, cursors.put(row, frames), file.name, track, known=known)]


def _text_ghosts(index: int, file: Incoming, cursors: _Cursors) -> list[Ghost]:
    """Segments with times keep them, counted from the drop; lines follow each other."""
    fps, begin = cursors.document.fps, cursors.place.frame
    said: list[tuple[Span, str]] = []
    for segment in file.segments:
        if segment.start is not None and segment.stop is not None:
            start = begin + round(segment.start * fps)
            span = Span(start, max(begin + round(segment.stop * fps), start + 1))
        else:
            start = said[-1][0].stop if said else begin
            span = Span(start, start + LINE_SECONDS * fps)
        if span.stop <= MAX_FRAMES:
            said.append((span, segment.text))
    if not said:
        return []
    whole = Span(min(span.start for span, _ in said), max(span.stop for span, _ in said))
    kind, track = _track_for(file, whole.length, cursors, at=whole.start)
    row = track or f"\0{kind.value}"
    later = max(0, cursors.next.get(row, 0) - whole.start)
    cursors.next[row] = whole.stop + later
    return [
        Ghost(index, kind, span.shifted(later), text, track) for span, text in said if span.stop + later <= MAX_FRAMES
    ]


def _track_for(
    file: Incoming, frames: int, cursors: _Cursors, *, at: int | None = None
) -> tuple[TrackKind, str | None]:
    """Kind and id of the track a file lands on; None: a new one."""
    place, document = cursors.place, cursors.document
    if place.target is Target.TRACK:
        track = find_track(document, place.track or "")
        if track is not None and not track.locked and not _track_problem(file, track):
            return track.kind, track.id
    kind = _kinds(file)[0]
    if place.target is Target.BELOW or kind in cursors.made:
        return kind, None
    for track in document.tracks:
        if track.kind is not kind or track.locked or track.hidden:
            continue
        start = cursors.next.get(track.id, place.frame if at is None else at)
        if not items_in(track, Span(start, start + frames)):
            return kind, track.id
    cursors.made.add(kind)
    return kind, None


# -- the edit ----------------------------------------------------------------------------------------------------------


class Arrived(msgspec.Struct, frozen=True):
    """What became of an Incoming: its medium, or its take (without a span yet)."""

    media: MediaRef | None = None
    take: Take | None = None


class ImportEdit(msgspec.Struct, frozen=True):
    """One edit for a whole import, and what it makes: item or take ids by index of the Incoming."""

    edit: Edit
    made: Mapping[int, tuple[str, ...]]

    @property
    def ids(self) -> tuple[str, ...]:
        """Everything that it makes."""
        return tuple(one for ids in self.made.values() for one in ids)


def landing_edit(
    document: Document,
    ghosts: Iterable[Ghost],
    arrived: Mapping[int, Arrived],
    *,
    new_id: Callable[[], str] = edits.new_id,
) -> ImportEdit:
    """The edit that puts everything where its ghost was; files that are not in ``arrived`` are left out.

    The media become known to the project once each, new tracks are made once for each kind.
    """
    steps: list[Edit] = []
    made: dict[int, tuple[str, ...]] = {}
    added: set[str] = set()
    new_tracks: dict[TrackKind, str] = {}
    items: dict[str, list[Item]] = {}
    for ghost in ghosts:
        found = arrived.get(ghost.source)
        if found is None:
            continue
        if ghost.kind is None:
            if found.take is not None:
                steps.append(edits.add_take(_placed(found.take, ghost.span)))
                made[ghost.source] = (found.take.id,)
            continue
        if found.media is not None and found.media.id not in added and find_media(document, found.media.id) is None:
            added.add(found.media.id)
            steps.append(edits.add_media(found.media))
        track = ghost.track
        if track is None:
            if ghost.kind not in new_tracks:
                new_tracks[ghost.kind] = new_id()
                steps.append(_new_track(document, ghost.kind, new_tracks[ghost.kind]))
            track = new_tracks[ghost.kind]
        item = _item(ghost, found.media, new_id())
        items.setdefault(track, []).append(item)
        made[ghost.source] = (*made.get(ghost.source, ()), item.id)
    steps += [edits.add_items(track, group) for track, group in items.items()]
    return ImportEdit(edits.compose(*steps), made)


def _new_track(document: Document, kind: TrackKind, track_id: str) -> Edit:
    same = sum(track.kind is kind for track in document.tracks)
    name = NAMES[kind] if not same else f"{NAMES[kind]} {same + 1}"
    return edits.add_track(kind, name=name, track_id=track_id)


def _placed(take: Take, span: Span) -> Take:
    return msgspec.structs.replace(take, span=span)


def _item(ghost: Ghost, media: MediaRef | None, item_id: str) -> Item:
    if ghost.kind is TrackKind.TEXT:
        return TextClip(id=item_id, span=ghost.span, text=ghost.name)
    if media is None:
        raise ValueError("a clip needs its medium")
    clip = VideoClip if ghost.kind is TrackKind.VIDEO else MusicClip
    return clip(id=item_id, span=ghost.span, media=media.id, source=Span(0, ghost.span.length))


def sound_edit(document: Document, clip: VideoClip) -> ImportEdit:
    """The sound of a video clip as music: same time, same part of the medium, on the first track with room."""
    file = Incoming(name="", kind=FileKind.SOUND, frames=clip.span.length)
    cursors = _Cursors(document, Place(clip.span.start))
    kind, track = _track_for(file, clip.span.length, cursors)
    item = MusicClip(id=edits.new_id(), span=clip.span, media=clip.media, source=clip.source)
    if track is not None:
        return ImportEdit(edits.add_item(track, item), {0: (item.id,)})
    made = edits.new_id()
    return ImportEdit(edits.compose(_new_track(document, kind, made), edits.add_item(made, item)), {0: (item.id,)})
