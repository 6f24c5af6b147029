"""Looking into files that are to be imported: first quickly, for the ghost, then wholly. No Qt; runs on any thread."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from genmo_studio.document import edits
from genmo_studio.document.edits.project import relative_posix
from genmo_studio.document.model import MediaKind, MediaRef, Take
from genmo_studio.document.queries import MAX_FRAMES
from genmo_studio.document.time import Span
from genmo_studio.export.options import UpAxis
from genmo_studio.importers.bvh import BvhClip, BvhError, read_bvh
from genmo_studio.importers.npz import NpzError, NpzMotion, npz_frames, read_npz
from genmo_studio.importers.placing import BvhFixes, BvhGuess, FileUp, guess, placed_motion
from genmo_studio.importers.text import Segment, TextError, read_segments
from genmo_studio.media.files import MediaError, sha256_of
from genmo_studio.media.probe import probe
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.contacts import contact_labels
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.retarget import RetargetError
from genmo_studio.ui.media_anchor import Anchor, moved_to
from genmo_studio.ui.media_import import IMPORT_MODEL, FileKind, Incoming, kind_of, refusal
from genmo_studio.values import replace

MAX_FILES = 100
"""of one import"""
MAX_DEPTH = 4
MAX_VISITED = 5_000
_HEADER = 4 << 20  # bytes in which the MOTION block of a BVH file begins


class ImportFileError(Exception):
    """A file cannot be imported; the message is one sentence."""


_ERRORS = (MediaError, BvhError, NpzError, TextError, RetargetError, ImportFileError, OSError, ValueError, MemoryError)


# -- which files -------------------------------------------------------------------------------------------------------


class Collected(msgspec.Struct, frozen=True):
    """The files of a drop, folders opened."""

    files: tuple[Path, ...] = ()
    refused: tuple[str, ...] = ()
    """sentences"""


def collect(paths: Iterable[Path]) -> Collected:
    """Files that can be imported, in the order given; folders are searched in order of name, to a bounded depth.

    What was named itself and cannot be imported is refused with a sentence; other files of folders are only counted.
    """
    files: list[Path] = []
    refused: list[str] = []
    for path in paths:
        if path.is_dir():
            found, left = _in_folder(path)
            files += found
            if not found:
                refused.append(f"“{path.name}” holds nothing that can be imported.")
            elif left:
                refused.append(f"{left} other files in “{path.name}” were left out.")
        elif kind_of(path) is None:
            refused.append(refusal(path))
        else:
            files.append(path)
    unique = list(dict.fromkeys(files))
    if len(unique) > MAX_FILES:
        refused.append(f"Only the first {MAX_FILES} of {len(unique)} files were imported; import the rest later.")
    return Collected(tuple(unique[:MAX_FILES]), tuple(refused))


def _in_folder(folder: Path) -> tuple[list[Path], int]:
    """(files to import, number of others). Links to folders are not followed; projects in folders are left out."""
    found: list[Path] = []
    left = visited = 0
    waiting = [(folder, 0)]
    while waiting and visited < MAX_VISITED:
        here, depth = waiting.pop(0)
        try:
            entries = sorted(here.iterdir())
        except OSError:
            continue
        for entry in entries[: MAX_VISITED - visited]:
            visited += 1
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                if depth + 1 < MAX_DEPTH and not entry.is_symlink():
                    waiting.append((entry, depth + 1))
            elif kind_of(entry) in (None, FileKind.PROJECT):
                left += 1
            else:
                found.append(entry)
    return found, left


# -- a quick look ------------------------------------------------------------------------------------------------------


class Look(msgspec.Struct, frozen=True):
    """What a file says about itself without being read whole."""

    frames: int | None = None
    """at the project's rate"""
    source_frames: int | None = None
    source_fps: float | None = None
    has_sound: bool | None = None
    has_video: bool = False
    segments: tuple[Segment, ...] = ()
    problem: str = ""
    """why it cannot be imported"""


def look(path: Path, *, fps: int) -> Look:
    """A quick look; never raises for what a file holds."""
    try:
        return _look(path, fps)
    except _ERRORS as error:
        return Look(problem=sentence(path, error))


def _look(path: Path, fps: int) -> Look:
    match kind_of(path):
        case FileKind.VIDEO | FileKind.SOUND:
            return _look_media(path, fps)
        case FileKind.BVH:
            count, rate = _bvh_header(path)
            return Look(_converted(count, rate, fps), count, rate)
        case FileKind.NPZ:
            count, rate = npz_frames(path)
            return Look(_converted(count, rate, fps), count, rate)
        case FileKind.LINES | FileKind.SUBTITLES:
            return Look(segments=read_segments(path))
        case FileKind.PROJECT:
            return Look()
        case None:
            raise ImportFileError(refusal(path))


def _look_media(path: Path, fps: int) -> Look:
    info = probe(path, fps=fps)
    if info.frames > MAX_FRAMES:
        raise ImportFileError(f"“{path.name}” is longer than the longest project ({MAX_FRAMES:,} frames).")
    if kind_of(path) is FileKind.VIDEO and not info.has_video:
        return Look(info.frames, has_sound=True)
    rate = None if info.video_fps is None else float(info.video_fps)
    count = None if info.video_fps is None else max(1, round(info.seconds * info.video_fps))
    return Look(info.frames, count, rate, info.has_sound, info.has_video)


def _bvh_header(path: Path) -> tuple[int, float]:
    """(frames, rate) that a BVH file names, read up to there."""
    with path.open("rb") as file:
        head = file.read(_HEADER).decode("utf-8", "replace")
    _, mark, motion = head.partition("MOTION")
    lines = motion.lstrip().split("\n", 2)
    try:
        count, seconds = int(lines[0].split(":", 1)[1]), float(lines[1].split(":", 1)[1])
    except (IndexError, ValueError) as error:
        raise BvhError(f"“{path.name}” is no BVH motion.") from error
    if not mark or not 1 <= count <= MAX_FRAMES or not 1e-4 <= seconds <= 10:
        raise BvhError(f"“{path.name}” is no BVH motion.")
    return count, 1.0 / seconds


def _converted(count: int, rate: float, fps: int) -> int:
    return min(max(1, int((count - 1) / rate * fps + 1e-6) + 1), MAX_FRAMES)


def incoming(path: Path, seen: Look | None) -> Incoming:
    """A file for ``media_import.landing``; ``seen`` None while nobody has looked."""
    kind = kind_of(path)
    if kind is None:
        raise ImportFileError(refusal(path))
    if seen is None:
        return Incoming(path.name, kind, path)
    if kind is FileKind.VIDEO and seen.frames is not None and not seen.has_video:
        kind = FileKind.SOUND  # a film without pictures
    return Incoming(path.name, kind, path, frames=seen.frames, has_sound=seen.has_sound, segments=seen.segments)


def sentence(path: Path, error: BaseException) -> str:
    """What went wrong with a file, as one sentence that names it."""
    if isinstance(error, MemoryError):
        return f"“{path.name}” needs more memory than there is."
    if isinstance(error, OSError):
        return f"“{path.name}” cannot be read ({error.strerror or error})."
    words = str(error).strip() or type(error).__name__
    words = words if path.name in words else f"“{path.name}” cannot be imported: {words}"
    return words if words.endswith(".") else words + "."


# -- the whole file ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fixes:
    """What the user overrules about a motion file; None = as guessed."""

    up: FileUp | None = None
    bvh: BvhFixes = field(default_factory=BvhFixes)
    anchor: Anchor | None = None
    """where the motion begins; None = where the file says"""


class Read(msgspec.Struct, frozen=True, eq=False):
    """A file that was read whole."""

    path: Path
    seen: Look
    media: MediaRef | None = None
    take: Take | None = None
    blob: bytes | None = None
    guess: BvhGuess | None = None
    """of a BVH file"""
    npz: NpzMotion | None = None


class Reader(msgspec.Struct, frozen=True):
    """How files are read for one project. Safe to use on another thread."""

    fps: int
    folder: Path | None
    """that relative media paths start from"""
    body: Callable[[], Body]
    stop: Callable[[], bool] = lambda: False

    def read(self, path: Path, *, fixes: Fixes = Fixes()) -> Read:
        """Read a file. Raises ImportFileError with one sentence."""
        try:
            return self._read(path, fixes)
        except ImportFileError:
            raise
        except _ERRORS as error:
            raise ImportFileError(sentence(path, error)) from error

    def _read(self, path: Path, fixes: Fixes) -> Read:
        seen = _look(path, self.fps)
        match kind_of(path):
            case FileKind.VIDEO | FileKind.SOUND:
                return Read(path, seen, media=self._media(path, seen))
            case FileKind.BVH:
                return self._bvh(path, seen, fixes)
            case FileKind.NPZ:
                return self._npz(path, seen, fixes)
            case _:
                return Read(path, seen)

    def _media(self, path: Path, seen: Look) -> MediaRef:
        place = path.absolute()
        return MediaRef(
            id=edits.new_id(),
            kind=MediaKind.VIDEO if seen.has_video else MediaKind.AUDIO,
            name=path.name,
            relative_path=None if self.folder is None else relative_posix(place, self.folder),
            absolute_path=str(place),
            sha256=sha256_of(path, stop=self.stop),
            size=path.stat().st_size,
            frames=seen.frames,
        )

    def _bvh(self, path: Path, seen: Look, fixes: Fixes) -> Read:
        clip = read_bvh(path)
        found = guess(clip)
        slower: BvhClip = clip.resampled(self.fps)
        wanted = replace(fixes.bvh, up=fixes.up or fixes.bvh.up)
        body = self.body()
        motion = placed_motion(slower, found, wanted, body=body)
        read = self._motion(path, seen, motion, body, fixes)
        return replace(read, guess=found, seen=replace(seen, source_frames=len(clip), source_fps=clip.fps))

    def _npz(self, path: Path, seen: Look, fixes: Fixes) -> Read:
        found = read_npz(path)
        up = None if fixes.up is None else (UpAxis.Z if fixes.up is FileUp.Z else UpAxis.Y)
        body = self.body()
        motion = found.to_motion(body, fps=self.fps, up=up)
        return replace(self._motion(path, seen, motion, body, fixes), npz=found)

    def _motion(self, path: Path, seen: Look, motion: Motion, body: Body, fixes: Fixes) -> Read:
        """A take without its place; feet that rest are marked, as in a generated one."""
        if fixes.anchor is not None:
            motion = moved_to(motion, fixes.anchor, body)
        labelled = replace(motion, contacts=contact_labels(joint_positions(motion, body), float(self.fps)))
        data = labelled.to_bytes()
        take = Take(
            id=edits.new_id(),
            name=f"Imported from {path.name}"[:200],
            span=Span(0, len(motion)),
            blob=hashlib.sha256(data).hexdigest(),
            request_hash="",
            seed=0,
            model=IMPORT_MODEL,
            device="file",
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        return Read(path, replace(seen, frames=len(motion)), take=take, blob=data)
