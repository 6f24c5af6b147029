"""Keys with left and right exchanged about an upright plane: joints, places, facing and the way over the ground. Pure.

About the plane through a body that stands at c and faces f, with l = (f_z, 0, -f_x) to its left: a place p becomes
p - 2 ((p - c) . l) l; a world orientation R becomes M R S with M = 1 - 2 l l^T and S = diag(-1, 1, 1); a local rotation
R of a joint becomes S R S of the joint on the other side, whose rotation vector is (x, -y, -z).
"""

import math

import msgspec
import numpy as np

from genmo_studio.document.model import Item, PoseKey, Vec3, Waypoint
from genmo_studio.motion.rotations import heading_from_matrix, matrix_from_rotvec, rotvec_from_matrix
from genmo_studio.motion.skeleton import INDEX, JOINTS, MIRROR

_LOCAL = np.diag([-1.0, 1.0, 1.0])


class Plane(msgspec.Struct, frozen=True):
    """An upright plane: a place on the ground (x, z in m) and the heading (rad) that it contains."""

    place: tuple[float, float] = (0.0, 0.0)
    heading: float = 0.0

    @property
    def left(self) -> tuple[float, float]:
        """Its normal (x, z): to the left of who faces along it."""
        return math.cos(self.heading), -math.sin(self.heading)


WORLD = Plane()
"""Between the left and the right of the world."""


def plane_of(item: Item) -> tuple[tuple[float, float] | None, float | None]:
    """Where on the ground (m) and which way (rad) the body stands at a key, as far as it says."""
    if isinstance(item, Waypoint):
        return item.position, item.heading
    if not isinstance(item, PoseKey):
        return None, None
    place = None if item.root_position is None else (item.root_position[0], item.root_position[2])
    turn = item.rotations.get("pelvis")
    if turn is None:
        return place, None
    return place, float(heading_from_matrix(matrix_from_rotvec(np.array(turn, np.float64))))


def mirrored(item: Item, plane: Plane) -> Item:
    """A pose key or waypoint on the other side of the plane; other items as they are."""
    if isinstance(item, Waypoint):
        return msgspec.structs.replace(
            item,
            position=None if item.position is None else _ground(item.position, plane),
            heading=None if item.heading is None else math.remainder(2 * plane.heading - item.heading, math.tau),
            velocity=None if item.velocity is None else _along(item.velocity, plane),
        )
    if not isinstance(item, PoseKey):
        return item
    return msgspec.structs.replace(
        item,
        rotations={_other(name): _turn(name, turn, plane) for name, turn in item.rotations.items()},
        positions={_other(name): _place(place, plane) for name, place in item.positions.items()},
        root_position=None if item.root_position is None else _place(item.root_position, plane),
    )


def _other(name: str) -> str:
    return JOINTS[MIRROR[INDEX[name]]] if name in INDEX else name


def _along(way: tuple[float, float], plane: Plane) -> tuple[float, float]:
    (x, z), (nx, nz) = way, plane.left
    across = x * nx + z * nz
    return x - 2 * across * nx, z - 2 * across * nz


def _ground(place: tuple[float, float], plane: Plane) -> tuple[float, float]:
    (cx, cz) = plane.place
    x, z = _along((place[0] - cx, place[1] - cz), plane)
    return x + cx, z + cz


def _place(place: Vec3, plane: Plane) -> Vec3:
    x, z = _ground((place[0], place[2]), plane)
    return x, place[1], z


def _turn(name: str, turn: Vec3, plane: Plane) -> Vec3:
    x, y, z = turn
    if name != "pelvis":
        return x, -y, -z
    nx, nz = plane.left
    normal = np.array([nx, 0.0, nz])
    world = np.eye(3) - 2.0 * np.outer(normal, normal)
    found = rotvec_from_matrix(world @ matrix_from_rotvec(np.array(turn, np.float64)) @ _LOCAL)
    return tuple(map(float, found))  # type: ignore[return-value]  # three of them
