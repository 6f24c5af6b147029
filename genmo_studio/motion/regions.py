"""Regions of the body as sets of joints: what a regeneration, a lock or a tweak is about."""

from collections.abc import Iterable

from genmo_studio.motion.skeleton import REGIONS


def region_joints(names: Iterable[str]) -> frozenset[int]:
    """The joints (0..21) of these regions together. Raises ValueError for a name that is no region.

    With joint 0 in it, a region is also about where the root is, not only about how it is turned.
    """
    found: set[int] = set()
    for name in names:
        if name not in REGIONS:
            raise ValueError(f"“{name}” is not a region of the body; there are {', '.join(REGIONS)}")
        found.update(REGIONS[name])
    return frozenset(found)
