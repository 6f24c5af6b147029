"""The balance of a body: where its mass is, and how far that may be from the feet that it stands on."""

from collections.abc import Collection
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.ik_layout import LIMB_JOINTS, START
from genmo_studio.motion.skeleton import INDEX, JOINT_COUNT, PARENTS
from genmo_studio.shapes import Float

Floats = NDArray[np.float64]
Point = tuple[float, float]
MARGIN = 0.08
"""m by which the centre of mass may be beyond the ankles and balls of the feet: about a heel or the toes."""


def _mass_shares() -> Floats:
    """(24,) shares of the body's mass at its joints: de Leva 1996, half of a segment at each of its ends."""
    segments = {
        ("neck", "head"): 0.0694, ("pelvis", "spine1"): 0.1117, ("spine1", "spine2"): 0.1000,
        ("spine2", "spine3"): 0.11, ("spine3", "neck"): 0.1129,
        ("left_shoulder", "left_elbow"): 0.0271, ("right_shoulder", "right_elbow"): 0.0271,
        ("left_elbow", "left_wrist"): 0.0162, ("right_elbow", "right_wrist"): 0.0162,
        ("left_wrist", "left_hand"): 0.0061, ("right_wrist", "right_hand"): 0.0061,
        ("left_hip", "left_knee"): 0.1416, ("right_hip", "right_knee"): 0.1416,
        ("left_knee", "left_ankle"): 0.0433, ("right_knee", "right_ankle"): 0.0433,
        ("left_ankle", "left_foot"): 0.0137, ("right_ankle", "right_foot"): 0.0137,
    }  # fmt: skip
    shares = np.zeros(JOINT_COUNT)
    for ends, mass in segments.items():
        for end in ends:
            shares[INDEX[end]] += mass / 2
    return np.asarray(shares / shares.sum())


MASS = _mass_shares()
"""(24,) shares of the body's mass at its joints."""


def mass_with_hanging(limbs: Collection[int]) -> Float[Floats, "24"]:
    """``MASS`` with all of some limbs (0 to 3) where they start: how they hang doesn't count for the balance."""
    mass = MASS.copy()
    for limb in limbs:
        below = LIMB_JOINTS[:, limb]
        mass[START[limb]] += mass[below].sum()
        mass[below] = 0
    return mass


class Support(msgspec.Struct, frozen=True):
    """The ground that the feet stand on, seen from above, and how far from it the centre of mass may be."""

    hull: tuple[Point, ...]
    """x, z; counter-clockwise in that plane"""
    margin: float
    """m"""

    @staticmethod
    def of(positions: Float[Floats, "24 3"], standing: Collection[int], centre: Float[Floats, "2"]) -> "Support":
        """Of the ankles or feet that stand; a body that is out of balance already may be so as far as it is."""
        joints: set[int] = set()
        for joint in standing:
            ankle = PARENTS[joint] if joint in (INDEX["left_foot"], INDEX["right_foot"]) else joint
            joints |= {ankle, PARENTS.index(ankle)}
        hull = _hull([(float(x), float(z)) for x, _, z in positions[sorted(joints)]])
        there = Support(hull, 0.0).away(centre)
        return Support(hull, max(MARGIN, 0.0 if there is None else there[1]))

    def away(self, centre: Float[Floats, "2"]) -> tuple[Float[Floats, "2"], float] | None:
        """Direction (x, z) and m by which a centre of mass is farther out than it may be; None when it isn't."""
        x, z = float(centre[0]), float(centre[1])
        best, out, inside = np.inf, (0.0, 0.0), len(self.hull) > 2
        for (ax, az), (bx, bz) in pairwise((*self.hull, self.hull[0])):
            dx, dz = bx - ax, bz - az
            along = min(max(((x - ax) * dx + (z - az) * dz) / max(dx * dx + dz * dz, 1e-12), 0.0), 1.0)
            ox, oz = x - ax - along * dx, z - az - along * dz
            inside = inside and dx * (z - az) - dz * (x - ax) >= 0
            if ox * ox + oz * oz < best:
                best, out = ox * ox + oz * oz, (ox, oz)
        distance = float(np.sqrt(best))
        if inside or distance <= self.margin or distance < 1e-9:
            return None
        return np.array(out) / distance, distance - self.margin


def _hull(points: list[Point]) -> tuple[Point, ...]:
    """The convex hull of a few points (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return tuple(ordered)

    def half(run: list[Point]) -> list[Point]:
        chain: list[Point] = []
        for x, z in run:
            while len(chain) > 1:
                (ax, az), (bx, bz) = chain[-2:]
                if (bx - ax) * (z - az) - (bz - az) * (x - ax) > 0:
                    break
                chain.pop()
            chain.append((x, z))
        return chain[:-1]

    return tuple(half(ordered) + half(ordered[::-1]))
