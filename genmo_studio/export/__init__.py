"""Motion out of the studio. One module a format, one entry a suffix.

An exporter is a generator: ``for item in EXPORTERS[".glb"](motion, body, path, ExportOptions(name="Take 1"))`` yields
Progress while it works and at the end every path that it wrote. Files appear whole or not at all.
"""

from collections.abc import Iterator
from pathlib import Path

from genmo_studio.conditions.progress import Progress
from genmo_studio.export.amass import export_npz
from genmo_studio.export.bvh import export_bvh
from genmo_studio.export.glb import export_glb
from genmo_studio.export.options import (
    Existing,
    Exporter,
    ExportError,
    ExportOptions,
    Frames,
    Sound,
    UpAxis,
)
from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion

__all__ = [
    "EXPORTERS",
    "Existing",
    "ExportError",
    "ExportOptions",
    "Exporter",
    "Frames",
    "Sound",
    "UpAxis",
    "export_motion",
]


def _export_mp4(motion: Motion, body: Body, path: Path, options: ExportOptions) -> Iterator[Progress | Path]:
    from genmo_studio.export.pictures import export_mp4  # noqa: PLC0415  # draws: loads OpenGL and PyAV

    return export_mp4(motion, body, path, options)


def _export_png(motion: Motion, body: Body, path: Path, options: ExportOptions) -> Iterator[Progress | Path]:
    from genmo_studio.export.pictures import export_png  # noqa: PLC0415  # draws: loads OpenGL

    return export_png(motion, body, path, options)


EXPORTERS: dict[str, Exporter] = {
    ".npz": export_npz,
    ".bvh": export_bvh,
    ".glb": export_glb,
    ".mp4": _export_mp4,
    ".png": _export_png,
}
"""By suffix, lower case, with the dot."""


def export_motion(
    motion: Motion, body: Body, path: Path, options: ExportOptions | None = None
) -> Iterator[Progress | Path]:
    """Export by the path's suffix. Raises ExportError, before anything is written, for a suffix that is not known."""
    exporter = EXPORTERS.get(path.suffix.lower())
    if exporter is None:
        known = ", ".join(EXPORTERS)
        raise ExportError(
            f"{path.name}: the studio cannot export {path.suffix or 'a name without suffix'}; use {known}."
        )
    return exporter(motion, body, path, options or ExportOptions())
