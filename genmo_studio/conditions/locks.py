"""Locks: what of the result no generation changes, as the regions that a regeneration keeps."""

from genmo_studio.conditions.request import KeptRegion
from genmo_studio.document.model import Document, LockClip, TrackKind
from genmo_studio.document.queries import heard_items, heard_tracks
from genmo_studio.document.time import Span


def kept_regions(document: Document, span: Span, *, start: int) -> tuple[KeptRegion, ...]:
    """What the locks of the document keep in ``span``, in frames relative to ``start``; muted ones keep nothing."""
    locks = [
        item
        for track in heard_tracks(document)
        if track.kind is TrackKind.LOCKS
        for item in heard_items(track.items)
        if isinstance(item, LockClip)
    ]
    parts = ((lock, lock.span.intersection(span)) for lock in sorted(locks, key=lambda lock: (lock.span, lock.id)))
    return tuple(KeptRegion(part.shifted(-start), lock.regions) for lock, part in parts if part is not None)
