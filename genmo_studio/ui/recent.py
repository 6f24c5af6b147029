"""The projects that were open lately, newest first, with the picture that each file carries."""

from pathlib import Path

import msgspec
from PySide6.QtCore import QSettings

from genmo_studio.document.container import THUMB, Container, ContainerError

MOST = 12
_KEY = "files/recent"


class RecentProject(msgspec.Struct, frozen=True):
    """One line of the list."""

    path: Path
    missing: bool

    @property
    def name(self) -> str:
        """As the title bar says it."""
        return self.path.stem

    @property
    def folder(self) -> str:
        """Where it lies, with ``~`` for the user's own folder."""
        home = Path.home()
        parent = self.path.parent
        return str(Path("~") / parent.relative_to(home)) if parent.is_relative_to(home) else str(parent)


class RecentProjects:
    """Kept in the settings. Paths that are not there now stay until the user removes them: disks come and go."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def paths(self) -> tuple[Path, ...]:
        """Newest first; nothing is looked up."""
        value = self._settings.value(_KEY, [])
        names = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        return tuple(Path(name) for name in names if isinstance(name, str) and name)[:MOST]

    def projects(self, *, most: int = MOST) -> tuple[RecentProject, ...]:
        """Newest first, with whether the file is there."""
        return tuple(RecentProject(path, missing=not path.is_file()) for path in self.paths()[:most])

    def add(self, path: Path) -> None:
        """This one was open last."""
        self._keep([path, *(other for other in self.paths() if other != path)])

    def remove(self, path: Path) -> None:
        """Take a project from the list; the file is not touched."""
        self._keep([other for other in self.paths() if other != path])

    def clear(self) -> None:
        """Forget all."""
        self._keep([])

    def _keep(self, paths: list[Path]) -> None:
        self._settings.setValue(_KEY, [str(path) for path in paths[:MOST]])


def thumbnail(path: Path) -> bytes | None:
    """The PNG in a project file; None when there is none or the file cannot be read."""
    try:
        with Container(path) as container:
            return container.read(THUMB) if THUMB in container.names else None
    except (ContainerError, OSError):
        return None
