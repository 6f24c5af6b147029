"""Joints and regions of the body as they are said. Pure."""

from collections.abc import Collection, Iterable

from genmo_studio.document.holds import ROOT
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINTS, REGIONS

REGION_JOINTS: dict[str, frozenset[str]] = {
    name: frozenset(JOINTS[index] for index in joints) for name, joints in REGIONS.items()
}
"""Joint names of each region."""
_MOST = 3
_SPECIAL = {
    **{"full": "full body", "upper": "upper body", "lower": "lower body"},
    **{"spine1": "lower back", "spine2": "waist", "spine3": "chest"},
    **{"left_foot": "left toes", "right_foot": "right toes"},  # the joint in the ball of the foot
}
"""What animators say; all other names are said as they are written."""


def spoken(name: str) -> str:
    """A joint or region as it is said: ``left wrist``, ``upper body``."""
    return _SPECIAL.get(name, name.replace("_", " "))


def region_words(regions: Iterable[str]) -> str:
    """Regions as they are said: ``full body``; ``left arm, spine``."""
    named = list(regions)
    return "full body" if "full" in named else ", ".join(spoken(name) for name in named)


def joint_words(joints: Collection[str], *, most: int = _MOST) -> str:
    """Joints as they are said, in the order of the skeleton: by the region when they are all of one; shortened."""
    named = {name for name in joints if name != "pelvis"} or set(joints)
    whole = next((name for name, inside in REGION_JOINTS.items() if set(joints) == inside or named == inside), None)
    if whole is not None and len(named) > 1:
        return spoken(whole)
    known = [name for name in JOINTS[:BODY_JOINT_COUNT] if name in joints]
    ordered = known + sorted(set(joints) - set(known))
    if len(ordered) > most:
        return ", ".join([*(spoken(name) for name in ordered[: most - 1]), f"{len(ordered) - most + 1} more joints"])
    return ", ".join(spoken(name) for name in ordered)


def parts_words(parts: frozenset[str]) -> str:
    """Joints, and the place of the root, as they are said."""
    joints = parts - {ROOT, "left_hand", "right_hand"}
    if ROOT in parts:
        return "root" if joints else "place of the root"
    return joint_words(joints or parts)
