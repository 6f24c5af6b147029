"""Where the program's own files are, in a checkout and in an installed wheel, and where it may keep a cache."""

from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent


def _own(folder: str) -> Path:
    checkout = _PACKAGE.parent / folder
    return checkout if (_PACKAGE.parent / "pyproject.toml").is_file() else _PACKAGE / "_data" / folder


def assets() -> Path:
    """Folder of shaders, icons, the free body, pose weights and the sample project."""
    return _own("assets")


def models() -> Path:
    """Folder of the checkpoints that ship with the program."""
    return _own("models")


def cache() -> Path:
    """Per-user cache folder (features, waveforms, thumbnails); made on first use."""
    folder = Path(platformdirs.user_cache_dir("genmo-studio", appauthor=False))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
