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


REGION_WORDS: dict[str, str] = {
    "full": "full body",
    "upper": "upper body",
    "lower": "lower body",
    "left_arm": "left arm",
    "right_arm": "right arm",
    "left_leg": "left leg",
    "right_leg": "right leg",
    "spine": "spine",
    "root": "root path",
}
"""What the regions are called."""


def region_words(names: Iterable[str]) -> str:
    """Regions in words: "left arm and spine"."""
    words = [REGION_WORDS.get(name, name.replace("_", " ")) for name in names]
    return " and ".join((", ".join(words[:-1]), words[-1]) if len(words) > 1 else words)


def region_of(joints: Iterable[int]) -> str:
    """The smallest region that holds all of these joints; "full" for none."""
    wanted = frozenset(joints)
    if not wanted:
        return "full"
    holding = [name for name in REGIONS if wanted <= frozenset(REGIONS[name])]
    return min(holding, key=lambda name: len(REGIONS[name])) if holding else "full"
