"""Which joint of a posed body lies under the pointer; props from files, by trimesh."""

from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.render.scene import Scene, SkinnedBody, StaticMesh

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_TRIANGLES = 1_000_000
PROP_SUFFIXES = (".obj", ".ply", ".glb", ".stl")


class PropError(ValueError):
    """The prop cannot be used; the message is one sentence for the user."""


class BodyHit(msgspec.Struct, frozen=True, eq=False):
    """The first surface that a ray meets."""

    body: int
    """index in ``Scene.bodies``"""
    joint: int
    """joint that moves the surface there the most"""
    position: NDArray[np.float64]
    """(3,) m"""
    distance: float
    """m from the ray's origin"""


def posed_vertices(body: SkinnedBody) -> NDArray[np.float64]:
    """(V, 3) vertices where the renderer draws them, m."""
    rest = body.mesh.vertices if body.offsets is None else body.mesh.vertices + body.offsets
    moved = np.zeros((len(rest), 3, 4))
    for influence in range(body.mesh.joints.shape[1]):
        weight = body.mesh.weights[:, influence, None, None]
        moved += weight * body.transforms[body.mesh.joints[:, influence], :3]
    posed: NDArray[np.float64] = np.einsum("vij,vj->vi", moved[..., :3], rest) + moved[..., 3]
    return posed


def pick_body(scene: Scene, origin: NDArray[np.float64], direction: NDArray[np.float64]) -> BodyHit | None:
    """The nearest body surface along a world ray, or None. Coarse triangles are enough to name a joint."""
    best: BodyHit | None = None
    for index, body in enumerate(scene.bodies):
        vertices = posed_vertices(body)
        if not _near(vertices, origin, direction):
            continue
        distances = _distances(vertices[body.mesh.coarse_faces], origin, direction)
        nearest = int(distances.argmin())
        distance = float(distances[nearest])
        if np.isfinite(distance) and (best is None or distance < best.distance):
            place = origin + distance * direction
            triangle = body.mesh.coarse_faces[nearest]
            corner = int(triangle[np.linalg.norm(vertices[triangle] - place, axis=1).argmin()])
            joint = int(body.mesh.joints[corner, body.mesh.weights[corner].argmax()])
            best = BodyHit(body=index, joint=joint, position=place, distance=distance)
    return best


def _distances(
    corners: NDArray[np.float64], origin: NDArray[np.float64], direction: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(F,) metres along the unit ray to each of (F, 3, 3) triangles; infinite where it misses (Möller, Trumbore 1997).

    All triangles at once: quicker for one ray than a tree over a mesh that moves with each frame, and without the
    second that importing trimesh would take at the first click.
    """
    first = corners[:, 1] - corners[:, 0]
    second = corners[:, 2] - corners[:, 0]
    across = np.cross(direction, second)
    area = np.einsum("fi,fi->f", first, across)
    flat = np.abs(area) < 1e-12
    scale = 1.0 / np.where(flat, 1.0, area)
    start = origin - corners[:, 0]
    u = np.einsum("fi,fi->f", start, across) * scale
    aside = np.cross(start, first)
    v = (aside @ direction) * scale
    along = np.einsum("fi,fi->f", second, aside) * scale
    hit = ~flat & (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1.0 + 1e-9) & (along > 0.0)
    return np.where(hit, along, np.inf)


def _near(vertices: NDArray[np.float64], origin: NDArray[np.float64], direction: NDArray[np.float64]) -> bool:
    """Whether the ray passes the sphere around the vertices: most pointer moves miss, and this is cheap."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    offset = (low + high) / 2 - origin
    off_axis = offset - direction * float(offset @ direction)
    return float(np.linalg.norm(off_axis)) <= float(np.linalg.norm(high - low)) / 2


def load_prop(path: Path) -> StaticMesh:
    """A static mesh from .obj, .ply, .glb or .stl, as one surface in the file's units (taken as metres).

    Raises PropError with one sentence when the file is missing, too big, not such a mesh, or not finite.
    """
    import trimesh  # noqa: PLC0415

    if path.suffix.lower() not in PROP_SUFFIXES:
        raise PropError(f"{path.name} cannot be a prop: use {', '.join(PROP_SUFFIXES)}.")
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise PropError(f"{path.name} has {size / 1e6:.0f} MB; props may have {MAX_FILE_BYTES / 1e6:.0f} MB.")
        with path.open("rb") as file:
            # Read from the open file without a resolver: a prop may not pull in other files of the disk.
            loaded = trimesh.load(file, file_type=path.suffix.lower()[1:], force="mesh", skip_materials=True)
    except PropError:
        raise
    except Exception as error:  # trimesh's parsers raise whatever a broken file provokes
        raise PropError(f"{path.name} cannot be read as a mesh: {error or type(error).__name__}.") from error
    if not isinstance(loaded, trimesh.Trimesh) or not len(loaded.faces):
        raise PropError(f"{path.name} holds no triangles.")
    if len(loaded.faces) > MAX_TRIANGLES:
        raise PropError(f"{path.name} has {len(loaded.faces):,} triangles; props may have {MAX_TRIANGLES:,}.")
    vertices = np.asarray(loaded.vertices, np.float32)
    faces = np.asarray(loaded.faces, np.int32)
    if not np.isfinite(vertices).all():
        raise PropError(f"{path.name} holds coordinates that are not numbers.")
    # Flat shading keeps the edges of boxes and stairs: each triangle gets its own corners.
    corners = vertices[faces].reshape(-1, 3)
    sides = corners.reshape(-1, 3, 3).astype(np.float64)
    normals = np.cross(sides[:, 1] - sides[:, 0], sides[:, 2] - sides[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return StaticMesh(
        vertices=corners,
        normals=np.repeat(normals, 3, axis=0).astype(np.float32),
        faces=np.arange(len(corners), dtype=np.int32).reshape(-1, 3),
        name=path.stem,
    )
