"""Music: stretches of sound to move to, with the user's correction of the tempo."""

from collections.abc import Iterable, Iterator

from genmo_studio.conditions.modality import Gathered, Modality, Scope, gather_media, only, overlaps
from genmo_studio.conditions.problem import Problem
from genmo_studio.document.model import Item, MusicClip, TrackKind


def gather(items: Iterable[Item], scope: Scope) -> Gathered:
    """Music clips that reach into the scope. Where two overlap, the later one in the request wins."""
    return gather_media(only(items, MusicClip), scope, what="music")


def check(items: Iterable[Item]) -> Iterator[Problem]:
    """Clips that overlap."""
    return overlaps(only(items, MusicClip), what="music")


MODALITY = Modality(kind=TrackKind.MUSIC, field="music", gather=gather, check=check)
