"""What an import says about each file: frames, rates, axes, units, skeleton, and what can still be chosen. No Qt."""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from genmo_studio.document.model import Document, VideoClip
from genmo_studio.document.queries import find_item, find_take, track_of
from genmo_studio.export.options import UpAxis
from genmo_studio.importers.placing import FileUp
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT
from genmo_studio.ui.media_import import FileKind, kind_of
from genmo_studio.ui.media_import_read import Fixes, Read


@dataclass(frozen=True, eq=False)
class Entry:
    """One file of the report."""

    path: Path
    problem: str = ""
    read: Read | None = None
    made: tuple[str, ...] = ()
    """ids of the items or of the take"""
    fixes: Fixes = field(default_factory=Fixes)
    sound: str | None = None
    """id of the music clip that was made of a video's sound"""

    @property
    def kind(self) -> FileKind | None:
        """What the file is."""
        return kind_of(self.path)

    @property
    def can_fix(self) -> bool:
        """True for a motion, whose axes and travel can be overruled."""
        return self.read is not None and (self.read.guess is not None or self.read.npz is not None)


class ImportReport(msgspec.Struct, frozen=True, eq=False):
    """What became of one import."""

    entries: tuple[Entry, ...]
    refused: tuple[str, ...] = ()
    number: int = 0
    """names the undo step"""
    lengths: tuple[int, int] = (0, 0)
    """frames of the project before and after"""

    @property
    def imported(self) -> int:
        """Files that are in the project now."""
        return sum(not entry.problem for entry in self.entries)

    @property
    def problems(self) -> tuple[str, ...]:
        """Sentences about what was not imported."""
        return (*(entry.problem for entry in self.entries if entry.problem), *self.refused)

    @property
    def summary(self) -> str:
        """One sentence."""
        done = [entry for entry in self.entries if not entry.problem]
        if not done:
            return "Nothing was imported."
        what = f"“{done[0].path.name}”" if len(done) == 1 else f"{len(done)} files"
        failed = len(self.problems)
        return f"Imported {what}" + (f"; {failed} could not be imported." if failed else ".")

    def longer(self, fps: int) -> tuple[str, ...]:
        """Says so when the project became longer."""
        before, after = self.lengths
        if after <= before:
            return ()
        return (f"The project is {after / fps:.4g} s long now, it was {before / fps:.4g} s",)

    @property
    def needs_a_look(self) -> bool:
        """True when something was guessed that the user should see."""
        return any(entry.can_fix for entry in self.entries)


def facts(entry: Entry, document: Document) -> tuple[str, ...]:
    """Short lines about a file that was imported."""
    read = entry.read
    if read is None:
        return (entry.problem,) if entry.problem else ()
    fps = document.fps
    lines = [_length(read, fps), *_where(entry, document)]
    if read.guess is not None:
        lines += _bvh_facts(entry, read)
    if read.npz is not None:
        up = read.npz.up if entry.fixes.up is None else UpAxis(entry.fixes.up.value.lower())
        guessed = "" if read.npz.up_known or entry.fixes.up is not None else " (usual for AMASS; the file does not say)"
        lines.append(f"{read.npz.style[:1].upper()}{read.npz.style[1:]}, {up.value.upper()} up{guessed}")
        if not read.npz.rate_known:
            lines.append(f"The file names no rate; {read.npz.fps:g} fps was taken")
    return tuple(line for line in lines if line)


def _length(read: Read, fps: int) -> str:
    seen = read.seen
    if seen.segments:
        timed = any(segment.start is not None for segment in seen.segments)
        how = "times count from where it was put" if timed else "one for each line"
        return f"{len(seen.segments)} text segments, {how}"
    frames = seen.frames or 0
    seconds = f"{frames / fps:.2f} s"
    if seen.source_fps is None or seen.source_frames is None:
        return f"{seconds}, {frames} frames at {fps} fps"
    if abs(seen.source_fps / fps - 1) < 1e-3:
        return f"{seconds}, {frames} frames at {fps} fps"
    how = "resampled" if read.take is not None else "shown by time, the file stays as it is"
    return f"{seconds}: {seen.source_frames} frames at {seen.source_fps:.5g} fps → {frames} at {fps} ({how})"


def _where(entry: Entry, document: Document) -> list[str]:
    for one in entry.made:
        track = track_of(document, one)
        if track is not None:
            return [f"On track “{track.name}”"]
        take = find_take(document, one)
        if take is not None:
            return [f"A take, in the result from frame {take.span.start}"]
    return []


def _bvh_facts(entry: Entry, read: Read) -> list[str]:
    guess = read.guess
    assert guess is not None, "only BVH comes here"
    up = entry.fixes.up or entry.fixes.bvh.up
    known = len(guess.recognised)
    missing = ", ".join(name.replace("_", " ") for name in guess.missing[:4])
    more = " …" if len(guess.missing) > 4 else ""
    return [
        f"{(up or guess.up).value} up{'' if up else ' (guessed from the skeleton)'}",
        f"Lengths in {guess.unit.words} (guessed: legs of {guess.leg * guess.unit.value:.2f} m)",
        f"{known} of {BODY_JOINT_COUNT} joints recognised" + (f"; without {missing}{more}" if missing else ""),
    ]


def up_choices(entry: Entry) -> tuple[FileUp, ...]:
    """Axes that may be chosen as up."""
    read = entry.read
    return (FileUp.Y, FileUp.Z) if read is not None and read.npz is not None else tuple(FileUp)


def present_up(entry: Entry) -> FileUp:
    """The axis that is up now."""
    read = entry.read
    chosen = entry.fixes.up or entry.fixes.bvh.up
    if chosen is not None or read is None:
        return chosen or FileUp.Y
    if read.guess is not None:
        return read.guess.up
    return FileUp.Z if read.npz is not None and read.npz.up is UpAxis.Z else FileUp.Y


def sound_offered(entry: Entry, document: Document) -> VideoClip | None:
    """The clip whose sound could be added to a music track."""
    if entry.sound is not None or entry.read is None or not entry.read.seen.has_sound:
        return None
    for one in entry.made:
        item = find_item(document, one)
        if isinstance(item, VideoClip):
            return item
    return None
