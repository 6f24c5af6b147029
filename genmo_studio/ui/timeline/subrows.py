"""Rows below a track of pose keys, for the regions of the body and their joints (KF5). Pure.

The track's own row is the summary: it shows every key. A row below it shows the keys that hold one of its joints. Which
rows are unfolded is part of the view, never of the document.
"""

from collections.abc import Iterator

import msgspec

from genmo_studio.document.holds import ROOT
from genmo_studio.document.model import Track, TrackKind
from genmo_studio.motion.skeleton import INDEX, JOINTS
from genmo_studio.ui.body_words import REGION_JOINTS, spoken

FOLDING = (TrackKind.FULL_KEYS, TrackKind.PARTIAL_KEYS)
"""Kinds of track that unfold."""
REGION_HEIGHT, JOINT_HEIGHT = 24.0, 20.0  # logical pixels
_SEPARATOR = "\0"  # no id of a file holds one

_ROWS: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("root", "Root", frozenset({"pelvis", ROOT})),
    ("torso", "Torso and head", REGION_JOINTS["spine"]),
    ("left_arm", "Left arm", REGION_JOINTS["left_arm"] | {"left_hand"}),
    ("right_arm", "Right arm", REGION_JOINTS["right_arm"] | {"right_hand"}),
    ("left_leg", "Left leg", REGION_JOINTS["left_leg"]),
    ("right_leg", "Right leg", REGION_JOINTS["right_leg"]),
)


class SubRow(msgspec.Struct, frozen=True):
    """A row of a region, or of one joint in it."""

    key: str
    title: str
    parts: frozenset[str]  # what keys are shown for: joint names, ROOT for the place of the pelvis
    joint: bool  # of one joint, which unfolds no further

    @property
    def height(self) -> float:
        """Logical pixels."""
        return JOINT_HEIGHT if self.joint else REGION_HEIGHT


def _joint_rows(region: str, parts: frozenset[str]) -> tuple[tuple[str, str, frozenset[str]], ...]:
    if region == "root":
        return (("pelvis", "Facing and tilt", frozenset({"pelvis"})), ("place", "Place", frozenset({ROOT})))
    ordered = [name for name in JOINTS if name in parts and not name.endswith("_hand")]
    ends = {name: {name, name.replace("_wrist", "_hand")} for name in ordered}  # a hand is placed, never turned
    return tuple((name, spoken(name).capitalize(), frozenset(ends[name])) for name in ordered)


_JOINT_ROWS = {region: _joint_rows(region, parts) for region, _, parts in _ROWS}


def region_key(track: str, region: str) -> str:
    """Key of the row of a region."""
    return _SEPARATOR.join((track, region))


def is_sub_row(key: str) -> bool:
    """True for the key of a row of a region or joint."""
    return _SEPARATOR in key[1:]  # other rows of the timeline begin with it


def track_of_row(key: str) -> str:
    """Id of the track that a row belongs to; other keys as they are."""
    return key.split(_SEPARATOR, 1)[0] if is_sub_row(key) else key


def folds(track: Track | None) -> bool:
    """True for a track that can be unfolded."""
    return track is not None and track.kind in FOLDING


def sub_rows(track: Track, unfolded: frozenset[str]) -> Iterator[SubRow]:
    """The rows below a track, from the top; none while it is folded."""
    if track.id not in unfolded or not folds(track):
        return
    for region, title, parts in _ROWS:
        key = region_key(track.id, region)
        yield SubRow(key, title, parts, joint=False)
        if key in unfolded:
            for name, words, joints in _JOINT_ROWS[region]:
                yield SubRow(_SEPARATOR.join((key, name)), words, joints, joint=True)


def bits(parts: frozenset[str]) -> int:
    """Parts of keys as bits: a joint's number in the skeleton, ROOT after them; other names have none."""
    found = 0
    for name in parts:
        if name == ROOT:
            found |= 1 << len(JOINTS)
        elif name in INDEX:
            found |= 1 << INDEX[name]
    return found


def unfolded_further(track: Track, unfolded: frozenset[str]) -> frozenset[str]:
    """One step on: the regions of a track, then the joints of all of them, then neither."""
    regions = frozenset(region_key(track.id, region) for region, _, _ in _ROWS)
    if track.id not in unfolded:
        return (unfolded - regions) | {track.id}
    return unfolded - regions - {track.id} if regions <= unfolded else unfolded | regions
