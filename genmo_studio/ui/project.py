"""The open project: its file, its takes in memory, and whether it has changed. No Qt; the window asks and tells.

Takes are kept by content hash for as long as undo may bring them back; saving writes those that the document names.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from genmo_studio import paths
from genmo_studio.document import edits, storage
from genmo_studio.document.editor import Editor, Step, StepKind
from genmo_studio.document.model import Document, Track, TrackKind
from genmo_studio.document.queries import find_take, motions_of
from genmo_studio.motion.motion import Motion
from genmo_studio.values import replace

MOTIONS_KEPT = 32
UNTITLED = "Untitled"
NEW_LENGTH = 300
"""Frames of a new project."""

_NEW_TRACKS: tuple[tuple[TrackKind, str], ...] = (
    (TrackKind.VIDEO, "Video"),
    (TrackKind.TEXT, "Text"),
    (TrackKind.MUSIC, "Music"),
    (TrackKind.FULL_KEYS, "Poses"),
    (TrackKind.PARTIAL_KEYS, "Limbs"),
    (TrackKind.PATH, "Path"),
)


def sample_path() -> Path:
    """Where the sample project lies."""
    return paths.assets() / "sample" / "sample.genmo"


def empty_document(*, name: str = UNTITLED) -> Document:
    """A new project: one empty track of each kind."""
    tracks = tuple(Track(id=edits.new_id(), kind=kind, name=title) for kind, title in _NEW_TRACKS)
    return Document(id=edits.new_id(), name=name, length=NEW_LENGTH, tracks=tracks)


class TakeStore(MutableMapping[str, bytes]):
    """Take blobs by SHA-256, and the motions of the last few that were looked at."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}
        self._motions: OrderedDict[str, Motion] = OrderedDict()

    def __getitem__(self, blob: str) -> bytes:
        return self._blobs[blob]

    def __iter__(self) -> Iterator[str]:
        return iter(self._blobs)

    def __len__(self) -> int:
        return len(self._blobs)

    def __setitem__(self, blob: str, data: bytes) -> None:
        self._blobs[blob] = data

    def __delitem__(self, blob: str) -> None:
        del self._blobs[blob]
        self._motions.pop(blob, None)

    def replace_all(self, blobs: Mapping[str, bytes]) -> None:
        """Forget everything and hold these."""
        self._blobs = dict(blobs)
        self._motions.clear()

    def motion(self, blob: str) -> Motion | None:
        """The motion of a blob; None when it is not there or cannot be read."""
        if blob in self._motions:
            self._motions.move_to_end(blob)
            return self._motions[blob]
        data = self._blobs.get(blob)
        if data is None:
            return None
        try:
            motion = Motion.from_bytes(data)
        except ValueError:
            return None
        self._motions[blob] = motion
        while len(self._motions) > MOTIONS_KEPT:
            self._motions.popitem(last=False)
        return motion


Thumb = Callable[[], bytes]
"""Makes the picture of a project as a PNG; called on the thread that writes."""


class SaveJob(msgspec.Struct, frozen=True):
    """A project as it is to be written."""

    target: Path
    document: Document
    takes: Mapping[str, bytes]
    info: storage.SaveInfo
    thumb: Thumb | None
    newer: storage.Newer | None
    point: int
    """``Editor.save_point`` of the document."""
    moved_from: Path | None = None
    """Folder from which relative media paths started before; with ``moved``."""
    moved: bool = False
    """True when the project goes to another folder than its media paths start from."""

    def write(self) -> None:
        """Write the file; on any thread. StorageError when it cannot be done; the old file is whole then."""
        thumb = None if self.thumb is None else self.thumb()
        storage.save(self.target, self.document, takes=self.takes, info=self.info, thumb=thumb, newer=self.newer)


class Project:
    """File state around an editor."""

    def __init__(self, editor: Editor, store: TakeStore) -> None:
        self.editor, self.store = editor, store
        self.path: Path | None = None
        self.media_folder: Path | None = None
        """Folder that relative media paths start from."""
        self._info = storage.SaveInfo()
        self._edits_before = 0
        self._newer: storage.Newer | None = None
        self._reachable: frozenset[str] = frozenset()
        """Blobs of takes that the document or a step of its history names."""
        editor.subscribe(committed=self._forget_lost)

    @property
    def name(self) -> str:
        """For the title bar: the file's name, or the project's."""
        return self.path.stem if self.path is not None else self.editor.document.name or UNTITLED

    @property
    def is_saved(self) -> bool:
        """False while there are changes that are in no file."""
        return self.editor.is_saved

    @property
    def title(self) -> str:
        """``[*]`` is Qt's place for the star of a changed project."""
        return f"{self.name}[*] – GENMO Studio"

    def take_motion(self, take_id: str) -> Motion | None:
        """The motion of a take of the document."""
        take = find_take(self.editor.document, take_id)
        return None if take is None else self.store.motion(take.blob)

    def new(self) -> None:
        """Start an empty project."""
        self._start(empty_document(), {}, path=None, folder=None)

    def show(self, document: Document, blobs: Mapping[str, bytes]) -> None:
        """Start from a document that is in no file."""
        self._start(document, blobs, path=None, folder=None)

    def open(self, path: Path) -> tuple[str, ...]:
        """Open a file; returns sentences about what was repaired. StorageError leaves the open project as it is."""
        loaded = storage.load(path)
        # The sample and a plain project.json are never written over: saving asks for a new .genmo file.
        own = path.suffix.lower() == storage.SUFFIX and path.resolve() != sample_path().resolve()
        self._start(loaded.document, loaded.takes, path=path.resolve() if own else None, folder=path.resolve().parent)
        self._info, self._newer = loaded.info, loaded.newer
        self._edits_before = loaded.info.edits
        return loaded.report

    def save(self, path: Path | None = None, *, thumb: Thumb | None = None) -> Path:
        """Save to ``path``, or to the project's own file; StorageError when it cannot be done; nothing is lost then."""
        job = self.begin_save(path, thumb=thumb)
        job.write()
        self.end_save(job)
        return job.target

    def begin_save(self, path: Path | None = None, *, thumb: Thumb | None = None) -> "SaveJob":
        """What is to be written, as values that do not change any more; quick, for the thread of the window."""
        target = (path or self.path or Path(f"{UNTITLED}{storage.SUFFIX}")).resolve()
        if target.suffix.lower() != storage.SUFFIX:
            target = target.with_name(target.name + storage.SUFFIX)
        document, moved = self.editor.settled, self.media_folder != target.parent
        if moved:
            document = edits.rebase_media(self.media_folder, target.parent)(document)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        info = replace(
            self._info,
            created=self._info.created or now,
            saved=now,
            edits=self._edits_before + self.editor.edit_count,
        )
        takes = {blob: self.store[blob] for take in document.takes for blob in motions_of(take) if blob in self.store}
        point = self.editor.save_point
        return SaveJob(target, document, takes, info, thumb, self._newer, point, self.media_folder, moved)

    def end_save(self, job: "SaveJob") -> None:
        """The job has been written: the project is saved, unless it was changed (or left) meanwhile."""
        if job.document.id != self.editor.document.id:
            return
        self._info, self.path, self.media_folder = job.info, job.target, job.target.parent
        before = self.editor.save_point
        if job.moved:  # only now: had the file not been written, the media would still be looked for from here
            moved = edits.rebase_media(job.moved_from, job.target.parent)
            self.editor.edit("Move Project", moved, later=moved)  # what was undone can still be redone
        if before == job.point:
            self.editor.mark_saved()
        elif self.editor.save_point == before:
            self.editor.mark_saved(job.point)
        else:
            self.editor.mark_unsaved()

    def _start(self, document: Document, blobs: Mapping[str, bytes], *, path: Path | None, folder: Path | None) -> None:
        self.store.replace_all(blobs)
        self.path, self.media_folder = path, folder
        self._info, self._newer, self._edits_before = storage.SaveInfo(), None, 0
        self.editor.open(document)
        self._reachable = self._named()

    def _named(self) -> frozenset[str]:
        return frozenset(blob for take in self.editor.reachable_takes for blob in motions_of(take))

    def _forget_lost(self, step: Step) -> None:
        """Drop the motions that no undo or redo can bring back since this step.

        Only what the history once named goes: a motion that was put in place for a take still to come stays.
        """
        if step.kind is not StepKind.DONE:  # undo and redo move in the history, they lose nothing of it
            return
        named = self._named()
        for blob in self._reachable - named:
            self.store.pop(blob, None)
        self._reachable = named
