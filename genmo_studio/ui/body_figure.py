"""The figure of the body picker: which part of it stands for which joint. Pure; lengths in a box of 100 x 190.

The figure faces us, as the character does in the front view: its left side is on our right.
"""

import math

import msgspec

from genmo_studio.motion.skeleton import REGIONS
from genmo_studio.ui.body_words import spoken

WIDTH, HEIGHT = 100.0, 190.0


class Part(msgspec.Struct, frozen=True):
    """A capsule from a to b with a radius; a point when both are the same."""

    joint: str
    a: tuple[float, float]
    b: tuple[float, float]
    radius: float

    def distance(self, x: float, y: float) -> float:
        """From a place to the outline, negative inside."""
        (ax, ay), (bx, by) = self.a, self.b
        dx, dy = bx - ax, by - ay
        along = 0.0 if dx == dy == 0 else max(0.0, min(1.0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)))
        return math.hypot(x - ax - along * dx, y - ay - along * dy) - self.radius

    @property
    def middle(self) -> tuple[float, float]:
        """Centre."""
        return (self.a[0] + self.b[0]) / 2, (self.a[1] + self.b[1]) / 2


_MIDDLE = (
    Part("head", (50, 17), (50, 20), 11.0),
    Part("neck", (50, 36), (50, 37), 4.6),
    Part("spine3", (44, 49), (56, 49), 8.0),
    Part("spine2", (45, 65), (55, 65), 6.6),
    Part("spine1", (45, 79), (55, 79), 6.4),
    Part("pelvis", (44, 94), (56, 94), 7.4),
)
_LEFT = (
    Part("left_collar", (63, 42), (65, 42), 4.4),
    Part("left_shoulder", (75, 48), (78, 63), 5.4),
    Part("left_elbow", (81, 76), (85, 92), 4.8),
    Part("left_wrist", (88, 104), (89.5, 110), 5.0),
    Part("left_hip", (59, 109), (60.5, 128), 6.6),
    Part("left_knee", (61.5, 143), (62.5, 162), 5.4),
    Part("left_ankle", (63, 174), (63, 175), 4.8),
    Part("left_foot", (67, 184), (73, 184), 4.4),
)


def _mirrored(part: Part) -> Part:
    name = part.joint.replace("left_", "right_")
    return Part(name, (WIDTH - part.a[0], part.a[1]), (WIDTH - part.b[0], part.b[1]), part.radius)


PARTS: tuple[Part, ...] = (*_MIDDLE, *_LEFT, *(_mirrored(part) for part in _LEFT))
"""Every joint that a pose key holds."""

REGION_NAMES: dict[str, str] = {
    "full": "Whole body",
    "upper": "Upper body",
    "lower": "Lower body",
    "spine": "Spine and head",
    "right_arm": "Right arm",
    "left_arm": "Left arm",
    "right_leg": "Right leg",
    "left_leg": "Left leg",
}
"""Regions that have a button, with what it says; in two columns the sides lie as on the figure."""
assert REGION_NAMES.keys() <= REGIONS.keys()


def part_at(x: float, y: float, *, reach: float = 2.0) -> Part | None:
    """The part nearest to a place, up to ``reach`` outside of it."""
    nearest = min(PARTS, key=lambda part: part.distance(x, y))
    return nearest if nearest.distance(x, y) <= reach else None


def parts_in(left: float, top: float, right: float, bottom: float) -> frozenset[str]:
    """Joints whose middle lies in a rectangle."""
    return frozenset(
        part.joint for part in PARTS if left <= part.middle[0] <= right and top <= part.middle[1] <= bottom
    )


def words(joint: str) -> str:
    """``left_elbow`` -> ``left elbow``."""
    return spoken(joint)
