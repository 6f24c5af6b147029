"""The pose library: named poses that a user keeps for all projects, in one JSON file. No Qt.

Poses hold rotations by joint name and the translation of the body they were made on; they are put where the body stands
when they are applied, so the place in them only matters for its height.
"""

from pathlib import Path

import msgspec

from genmo_studio.document.durable import UnconfirmedError, write_durably
from genmo_studio.document.edits import new_id
from genmo_studio.motion.pose import Pose
from genmo_studio.ui import posing_pose as poses

LARGEST_FILE = 16_000_000
MOST, LONGEST_NAME = 2000, 80
_FORMAT = "genmo-studio-poses"


class LibraryError(ValueError):
    """The library cannot be read or written; the message is one sentence for the user."""


class KeptPose(msgspec.Struct, frozen=True, eq=False):
    """One pose of the library."""

    id: str
    name: str
    pose: Pose


class _Entry(msgspec.Struct):
    id: str
    name: str
    pose: dict[str, list[float]]


class _File(msgspec.Struct):
    format: str
    poses: list[_Entry]


class PoseLibrary:
    """The poses in the order in which they were kept. Every change is written at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: list[KeptPose] = []

    @property
    def kept(self) -> tuple[KeptPose, ...]:
        """All of them."""
        return tuple(self._kept)

    def read(self) -> None:
        """Read the file; none is an empty library. LibraryError leaves what was there, and the file, as they are."""
        try:
            if not self._path.exists():
                return
            if self._path.stat().st_size > LARGEST_FILE:
                raise LibraryError("The pose library is too large to be read.")
            file = msgspec.json.decode(self._path.read_bytes(), type=_File)
        except OSError as error:
            raise LibraryError(f"The pose library cannot be read: {error.strerror or error}.") from error
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise LibraryError(f"{self._path.name} is not a pose library.") from error
        if file.format != _FORMAT:
            raise LibraryError(f"{self._path.name} is not a pose library of this program.")
        found = [(entry, poses.from_plain(entry.pose)) for entry in file.poses[:MOST]]
        self._kept = [KeptPose(e.id[:64], e.name[:LONGEST_NAME], pose) for e, pose in found if pose is not None]

    def add(self, name: str, pose: Pose) -> KeptPose:
        """Keep a pose under a name; one that is taken gets a number. LibraryError when it cannot be written."""
        if len(self._kept) >= MOST:
            raise LibraryError(f"The pose library is full: it holds {MOST:,} poses.")
        made = KeptPose(new_id(), self._free(name), pose)
        self._write([*self._kept, made])
        return made

    def rename(self, pose_id: str, name: str) -> None:
        """Give another name."""
        self._write([
            KeptPose(kept.id, self._free(name, besides=pose_id), kept.pose) if kept.id == pose_id else kept
            for kept in self._kept
        ])  # fmt: skip

    def remove(self, pose_id: str) -> None:
        """Forget a pose."""
        self._write([kept for kept in self._kept if kept.id != pose_id])

    def find(self, pose_id: str) -> KeptPose | None:
        """The pose with an id."""
        return next((kept for kept in self._kept if kept.id == pose_id), None)

    def _free(self, name: str, *, besides: str = "") -> str:
        wanted = name.strip()[:LONGEST_NAME] or "Pose"
        taken = {kept.name for kept in self._kept if kept.id != besides}
        number, free = 2, wanted
        while free in taken:
            free, number = f"{wanted[: LONGEST_NAME - 6]} {number}", number + 1
        return free

    def _write(self, kept: list[KeptPose]) -> None:
        file = _File(_FORMAT, [_Entry(k.id, k.name, poses.to_plain(k.pose)) for k in kept])
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(self._path, msgspec.json.format(msgspec.json.encode(file), indent=1))
        except UnconfirmedError:  # it is written; only the folder's entry may not be on the disk yet
            pass
        except OSError as error:
            raise LibraryError(f"The pose library cannot be written: {error.strerror or error}.") from error
        self._kept = kept
