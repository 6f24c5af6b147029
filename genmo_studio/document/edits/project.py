"""Edits of the project as a whole: markers, in/out, length, settings, media."""

import os
from pathlib import Path, PurePath
from typing import Any

import msgspec

from genmo_studio.document.edits.core import Edit, EditError, changed, grown
from genmo_studio.document.model import BodySettings, Document, Marker, MediaRef, MusicClip, VideoClip
from genmo_studio.document.queries import MAX_FRAMES, all_items, find_marker, find_media
from genmo_studio.document.time import Span
from genmo_studio.document.validation import (
    MAX_NAME,
    body_fault,
    generation_fault,
    is_colour,
    marker_fault,
    media_fault,
    span_fault,
)


def rename_project(name: str) -> Edit:
    """Give the project another name."""
    if len(name) > MAX_NAME:
        raise EditError(f"A name has at most {MAX_NAME:,} characters.")
    return lambda document: changed(document, name=name)


def set_length(frames: int) -> Edit:
    """Set the project's length; what lies beyond stays on the timeline but is not generated."""
    if not 1 <= frames <= MAX_FRAMES:
        raise EditError(f"A project has 1 to {MAX_FRAMES:,} frames.")
    return lambda document: changed(document, length=frames)


def set_in_out(span: Span | None) -> Edit:
    """Set the in and out marks, or clear them with None."""
    fault = span_fault(span) if span else None
    if fault:
        raise EditError(f"In and out cannot be set: {fault}.")
    return lambda document: changed(document, in_out=span)


def _checked_marker(marker: Marker) -> Marker:
    fault = marker_fault(marker)
    if fault:
        raise EditError(f"The marker cannot be set: {fault}.")
    if not is_colour(marker.colour) or len(marker.name) > MAX_NAME:
        raise EditError("A marker has a colour like #e0b040 and a short name.")
    return marker


def _with_markers(document: Document, markers: list[Marker]) -> Document:
    ordered = sorted(markers, key=lambda marker: (marker.frame, marker.id))
    return changed(document, markers=tuple(ordered))


def add_marker(marker: Marker) -> Edit:
    """Add a marker."""

    def apply(document: Document) -> Document:
        if find_marker(document, marker.id):
            raise EditError("This marker is already in the project.")
        added = _with_markers(document, [*document.markers, _checked_marker(marker)])
        return grown(added, marker.frame + marker.length)

    return apply


def change_marker(
    marker_id: str,
    *,
    frame: int | None = None,
    name: str | None = None,
    colour: str | None = None,
    length: int | None = None,
) -> Edit:
    """Change what is given of a marker; None leaves a part as it is."""
    given: dict[str, Any] = {"frame": frame, "name": name, "colour": colour, "length": length}
    changes = {part: value for part, value in given.items() if value is not None}

    def apply(document: Document) -> Document:
        old = _get_marker(document, marker_id)
        marker = _checked_marker(msgspec.structs.replace(old, **changes))
        moved = _with_markers(document, [marker if other is old else other for other in document.markers])
        return grown(moved, marker.frame + marker.length)

    return apply


def _get_marker(document: Document, marker_id: str) -> Marker:
    marker = find_marker(document, marker_id)
    if marker is None:
        raise EditError("This marker is no longer in the project.")
    return marker


def delete_marker(marker_id: str) -> Edit:
    """Remove a marker."""

    def apply(document: Document) -> Document:
        gone = _get_marker(document, marker_id)
        return changed(document, markers=tuple(other for other in document.markers if other is not gone))

    return apply


def set_body(body: BodySettings) -> Edit:
    """Choose the body and its shape."""
    fault = body_fault(body)
    if fault:
        raise EditError(f"This body cannot be used: {fault}.")
    return lambda document: changed(document, body=body)


def change_generation(
    *,
    model: str | None = None,
    seed: int | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    foot_lock: float | None = None,
) -> Edit:
    """Change what is given of the settings for the next take; None leaves a part as it is."""
    given: dict[str, Any] = {
        "model": model, "seed": seed, "steps": steps, "guidance": guidance, "foot_lock": foot_lock,
    }  # fmt: skip
    changes = {part: value for part, value in given.items() if value is not None}

    def apply(document: Document) -> Document:
        settings = msgspec.structs.replace(document.generation, **changes)
        fault = generation_fault(settings)
        if fault:
            raise EditError(f"The settings cannot be used: {fault}.")
        return changed(document, generation=settings)

    return apply


def _checked_media(media: MediaRef) -> MediaRef:
    fault = media_fault(media)
    if fault:
        raise EditError(f"This file cannot be used: {fault}.")
    return media


def add_media(media: MediaRef) -> Edit:
    """Make a media file known to the project."""

    def apply(document: Document) -> Document:
        if find_media(document, media.id):
            raise EditError("This media file is already in the project.")
        return changed(document, media=(*document.media, _checked_media(media)))

    return apply


def _get_media(document: Document, media_id: str) -> MediaRef:
    media = find_media(document, media_id)
    if media is None:
        raise EditError("This media file is no longer in the project.")
    return media


def relink_media(
    media_id: str,
    *,
    relative_path: str | None,
    absolute_path: str | None,
    sha256: str | None = None,
    size: int | None = None,
    frames: int | None = None,
) -> Edit:
    """Point a media reference to another place; hash, size and length are replaced where given."""

    def apply(document: Document) -> Document:
        old = _get_media(document, media_id)
        media = _checked_media(
            msgspec.structs.replace(
                old,
                relative_path=relative_path,
                absolute_path=absolute_path,
                sha256=sha256 or old.sha256,
                size=old.size if size is None else size,
                frames=old.frames if frames is None else frames,
            )
        )
        needed = max(
            (item.source.stop for _, item in all_items(document) if _shows(item, media_id)),  # type: ignore[union-attr]
            default=0,
        )
        if media.frames is not None and media.frames < needed:
            raise EditError(f"This file is too short: its clips need {needed} frames, it has {media.frames}.")
        return _with_media(document, tuple(media if other is old else other for other in document.media))

    return apply


def _shows(item: object, media_id: str) -> bool:
    return isinstance(item, VideoClip | MusicClip) and item.media == media_id


def _with_media(document: Document, media: tuple[MediaRef, ...]) -> Document:
    return changed(document, media=media)


def remove_media(media_id: str) -> Edit:
    """Forget a media file; EditError while clips show it."""

    def apply(document: Document) -> Document:
        gone = _get_media(document, media_id)
        if any(_shows(item, media_id) for _, item in all_items(document)):
            raise EditError(f"“{gone.name}” is still used on the timeline; delete its clips first.")
        return _with_media(document, tuple(other for other in document.media if other is not gone))

    return apply


def rebase_media(old_folder: Path | None, new_folder: Path) -> Edit:
    """Make the relative media paths fit a project that moves to another folder (Save As).

    Absolute paths are filled in from the old folder where they are missing, so that no reference gets lost.
    """

    def moved(media: MediaRef) -> MediaRef:
        absolute = media.absolute_path
        if media.relative_path is not None and old_folder is not None:
            absolute = os.path.normpath(old_folder / media.relative_path)
        if absolute is None:
            return media
        return msgspec.structs.replace(
            media, absolute_path=absolute, relative_path=relative_posix(Path(absolute), new_folder)
        )

    return lambda document: _with_media(document, tuple(moved(media) for media in document.media))


def relative_posix(path: Path, folder: Path) -> str | None:
    """``path`` as seen from ``folder`` with forward slashes; None where there is no such way (another drive)."""
    try:
        return PurePath(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return None
