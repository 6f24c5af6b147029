"""Looking for missing media in a folder: by content first, then by name. No Qt; runs on any thread."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from genmo_studio.document.model import Document, MediaKind, MediaRef, MusicClip, TrackKind, VideoClip
from genmo_studio.media.files import MediaError, sha256_of
from genmo_studio.media.probe import probe

MAX_VISITED = 50_000
MAX_DEPTH = 12
_MEDIA_TRACKS = frozenset({TrackKind.VIDEO, TrackKind.MUSIC})


class Use(msgspec.Struct, frozen=True):
    """Where a medium is used."""

    item: str
    frame: int


def uses(document: Document) -> Mapping[str, tuple[Use, ...]]:
    """Clips of each medium, by its id, in the order of time."""
    found: dict[str, list[Use]] = {}
    for track in document.tracks:
        if track.kind not in _MEDIA_TRACKS:  # a hundred thousand keys need not be looked at
            continue
        for item in track.items:
            if isinstance(item, VideoClip | MusicClip):
                found.setdefault(item.media, []).append(Use(item.id, item.span.start))
    return {media: tuple(sorted(where, key=lambda use: use.frame)) for media, where in found.items()}


def unused(document: Document) -> tuple[str, ...]:
    """Ids of the media that no clip shows."""
    used = uses(document)
    return tuple(media.id for media in document.media if media.id not in used)


def search(missing: Iterable[MediaRef], folder: Path, *, stop: Callable[[], bool] = lambda: False) -> dict[str, Path]:
    """Files of a folder (and its folders, to a bound) that are the missing media, by id.

    A file of the same size and content wins over one that merely has the name.
    """
    wanted = list(missing)
    sizes = {media.size for media in wanted if media.sha256 is not None and media.size}
    names = {media.name.casefold() for media in wanted}
    same_size: list[Path] = []
    same_name: dict[str, Path] = {}
    for path, size in _files(folder, stop):
        if size in sizes:
            same_size.append(path)
        if path.name.casefold() in names:
            same_name.setdefault(path.name.casefold(), path)
    contents = {digest: file for file in same_size if (digest := _digest(file, stop)) is not None}
    found: dict[str, Path] = {}
    for media in wanted:
        match = contents.get(media.sha256 or "") or same_name.get(media.name.casefold())
        if match is not None:
            found[media.id] = match
    return found


def _files(folder: Path, stop: Callable[[], bool]) -> Iterable[tuple[Path, int]]:
    waiting, visited = [(folder, 0)], 0
    while waiting and visited < MAX_VISITED and not stop():
        here, depth = waiting.pop(0)
        try:
            entries = sorted(here.iterdir())
        except OSError:
            continue
        for entry in entries[: MAX_VISITED - visited]:
            visited += 1
            try:
                if entry.is_dir():
                    if depth + 1 < MAX_DEPTH and not entry.is_symlink():
                        waiting.append((entry, depth + 1))
                elif entry.is_file():
                    yield entry, entry.stat().st_size
            except OSError:
                continue


def _digest(path: Path, stop: Callable[[], bool]) -> str | None:
    try:
        return sha256_of(path, stop=stop)
    except MediaError:
        return None


def relinked(path: Path, *, fps: int) -> MediaRef | str:
    """What relinking needs to know of a file, or why it cannot be used. On another thread."""
    try:
        info = probe(path, fps=fps)
        return MediaRef(
            id="-",
            kind=MediaKind.VIDEO if info.has_video else MediaKind.AUDIO,
            name=path.name,
            absolute_path=str(path.absolute()),
            sha256=sha256_of(path),
            size=path.stat().st_size,
            frames=info.frames,
        )
    except (MediaError, OSError) as error:
        return f"{error} The project is as it was."
