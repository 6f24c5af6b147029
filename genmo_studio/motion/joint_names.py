"""Guess which joint of an unknown skeleton plays which SMPL joint, from names and structure."""

import re
from collections.abc import Sequence

_ALIASES: dict[str, tuple[str, ...]] = {
    "hip": ("upleg", "thigh", "upperleg", "femur", "hip", "hipjoint", "upleg1"),
    "knee": ("leg", "shin", "lowerleg", "calf", "tibia", "knee", "lowleg"),
    "ankle": ("ankle", "foot"),
    "foot": ("toebase", "toe", "toes", "ball", "toe0", "foot1", "foot"),
    "collar": ("collar", "clavicle", "clav", "innershoulder", "shoulder"),
    "shoulder": ("arm", "shldr", "upperarm", "uparm", "humerus", "shoulder"),
    "elbow": ("forearm", "lowerarm", "lowarm", "radius", "elbow"),
    "wrist": ("wrist", "hand"),
}
"""Names of a limb joint without its side, best first."""
_KNOWN = frozenset(alias for aliases in _ALIASES.values() for alias in aliases)
_SIDES = {
    side: (
        re.compile(rf"[_.\s-](?:{side}|{side[0]})$", re.IGNORECASE),
        re.compile(rf"^(?:{side}|{side[0]})[_.\s-]*", re.IGNORECASE),
    )
    for side in ("left", "right")
}
_PREFIX = re.compile(r"^(?:mixamorig\d*[:_]?|character\d*[:_]?|bip01[_\s]?|def[-_]|[A-Za-z0-9]+:)", re.IGNORECASE)
_TORSO_SLOTS = {1: ("spine2",), 2: ("spine1", "spine3")}


def guess_mapping(joints: Sequence[str], parents: Sequence[int]) -> dict[str, str | None]:
    """Joint that plays each SMPL joint, by SMPL name; None where no name fits.

    Knows the usual words of Mixamo, CMU, SMPL, Unreal and Bandai rigs. The trunk is found by structure: the joints
    between the hips' parent and the joint where both arms begin.
    """
    plain = [_PREFIX.sub("", name) or name for name in joints]
    mapping: dict[str, str | None] = {}
    for side in ("left", "right"):
        names: dict[str, int] = {}
        for index, name in enumerate(plain):
            part = _without_side(name, side)
            if part is not None:
                names.setdefault(part, index)
        limb = {part: _first(names, aliases) for part, aliases in _ALIASES.items()}
        for part, same in (("collar", "shoulder"), ("foot", "ankle")):
            if limb[part] == limb[same]:
                limb[part] = None
        for part, found in limb.items():
            mapping[f"{side}_{part}"] = None if found is None else joints[found]
    index_of = {name: index for index, name in enumerate(joints)}
    pelvis = _common_ancestor(parents, [index_of.get(mapping[f"{s}_hip"] or "", 0) for s in ("left", "right")])
    arms = [mapping[f"{s}_collar"] or mapping[f"{s}_shoulder"] for s in ("left", "right")]
    mapping["pelvis"] = joints[pelvis]
    chain: list[int] = []
    if all(arms):
        at = _common_ancestor(parents, [index_of[name] for name in arms if name])
        while at not in (pelvis, -1):
            chain.insert(0, at)
            at = parents[at]
    slots = _TORSO_SLOTS.get(len(chain), ("spine1", "spine2", "spine3"))
    picked = [chain[0], chain[len(chain) // 2], chain[-1]] if len(chain) >= 3 else chain
    mapping |= dict.fromkeys(("spine1", "spine2", "spine3"), None)
    mapping |= {slot: joints[joint] for slot, joint in zip(slots, picked, strict=False)}
    lower = {name.lower(): index for index, name in reversed(list(enumerate(plain)))}
    for slot, aliases in (("neck", ("neck", "lowerneck", "neck1", "neck_01")), ("head", ("head", "neck_02"))):
        found = _first(lower, aliases)
        mapping[slot] = None if found is None else joints[found]
    return mapping


def _without_side(name: str, side: str) -> str | None:
    for pattern in _SIDES[side]:
        rest, count = pattern.subn("", name)
        part = re.sub(r"[_.\s-]", "", rest).lower()
        if count and part in _KNOWN:
            return part
    return None


def _first(names: dict[str, int], aliases: Sequence[str]) -> int | None:
    return next((names[alias] for alias in aliases if alias in names), None)


def _common_ancestor(parents: Sequence[int], joints: Sequence[int]) -> int:
    """Deepest joint above all of ``joints`` (strictly above: their own parent at the lowest)."""
    shared: list[int] = []
    for joint in joints:
        line, at = [], parents[joint]
        while at >= 0:
            line.append(at)
            at = parents[at]
        shared = line if joint is joints[0] else [above for above in shared if above in line]
    return shared[0] if shared else 0
