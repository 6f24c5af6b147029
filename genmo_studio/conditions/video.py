"""Video: stretches of files from which keypoints and the camera are read."""

from collections.abc import Iterable, Iterator

from genmo_studio.conditions.modality import Gathered, Modality, Scope, gather_media, only, overlaps
from genmo_studio.conditions.problem import Problem
from genmo_studio.document.model import Item, TrackKind, VideoClip


def gather(items: Iterable[Item], scope: Scope) -> Gathered:
    """Video clips that reach into the scope. Where two overlap, the later one in the request wins."""
    return gather_media(only(items, VideoClip), scope, what="video")


def check(items: Iterable[Item]) -> Iterator[Problem]:
    """Clips that overlap."""
    return overlaps(only(items, VideoClip), what="video")


MODALITY = Modality(kind=TrackKind.VIDEO, field="videos", gather=gather, check=check)
