"""BVH: centimetres, y up, the body facing +z at rest; joint rotations in the order Z, X, Y.

A BVH file cannot say its unit, axes or exact rate, so ``NAME.bvh.json`` beside it does. The root
has no rest offset, because readers disagree on whether its position channels replace or extend one.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genmo_studio import __version__
from genmo_studio.conditions.progress import Progress
from genmo_studio.export.files import require_writable, whole_file
from genmo_studio.export.options import ExportOptions, require_exportable
from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.motion.skeleton import JOINT_COUNT, JOINTS, PARENTS

CENTIMETRES = 100.0
_CHILDREN = tuple(tuple(j for j in range(JOINT_COUNT) if PARENTS[j] == parent) for parent in range(JOINT_COUNT))
_BLOCK = 500


def export_bvh(motion: Motion, body: Body, path: Path, options: ExportOptions) -> Iterator[Progress | Path]:
    """Write the .bvh and its .bvh.json."""
    require_exportable(motion, format_name=".bvh")
    sidecar = path.with_name(f"{path.name}.json")
    require_writable(path, existing=options.existing)
    require_writable(sidecar, existing=options.existing)
    rest = np.asarray(body.rest_joints(motion.betas), np.float64)
    order, lines = _hierarchy(rest, end_sites(body, motion))
    angles = np.degrees(zxy_angles(matrix_from_rotvec(motion.rotations.astype(np.float64))))
    positions = (motion.translation.astype(np.float64) + rest[0]) * CENTIMETRES
    rows = np.concatenate([positions, angles[:, order].reshape(len(motion), -1)], axis=1)
    with whole_file(path, existing=options.existing) as temporary:
        with temporary.open("w", encoding="ascii", newline="\n") as file:
            file.write("\n".join(lines))
            file.write(f"\nMOTION\nFrames: {len(motion)}\nFrame Time: {1.0 / motion.fps:.10f}\n")
            for start in range(0, len(rows), _BLOCK):
                yield Progress("writing .bvh", start / len(rows))
                for row in rows[start : start + _BLOCK]:
                    file.write(" ".join(f"{value:.6f}" for value in row) + "\n")
        with whole_file(sidecar, existing=options.existing) as beside:
            beside.write_text(json.dumps(_description(motion, options), indent=1) + "\n", encoding="utf-8")
    yield Progress("writing .bvh", 1.0)
    yield path
    yield sidecar


def zxy_angles(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """(T, J, 3, 3) -> (T, J, 3) angles z, x, y in rad with R = Rz Rx Ry, continuous over the frames.

    Of the two triples that give one rotation, and their full turns, each frame takes the one nearest to the frame
    before, so that curves have no jumps that an editor would interpolate through.
    """
    x = np.arcsin(np.clip(matrices[..., 2, 1], -1.0, 1.0))
    z = np.arctan2(-matrices[..., 0, 1], matrices[..., 1, 1])
    y = np.arctan2(-matrices[..., 2, 0], matrices[..., 2, 2])
    angles = np.stack([z, x, y], axis=-1)
    # With z and y on one axis (x = +-90 degrees) only their sum or difference is known: leave all of it to z.
    locked = np.hypot(matrices[..., 0, 1], matrices[..., 1, 1]) < 1e-7
    sign = np.sign(matrices[..., 2, 1])
    together = np.arctan2(matrices[..., 1, 0], matrices[..., 0, 0])
    angles[locked] = np.stack([together, sign * np.pi / 2, np.zeros_like(sign)], axis=-1)[locked]
    other = angles * [1, -1, 1] + np.pi
    turn = 2 * np.pi
    for frame in range(1, len(angles)):
        before = angles[frame - 1]
        best = angles[frame] - turn * np.round((angles[frame] - before) / turn)
        second = other[frame] - turn * np.round((other[frame] - before) / turn)
        nearer = np.abs(second - before).sum(axis=-1) < np.abs(best - before).sum(axis=-1) - 1e-9
        angles[frame] = np.where(nearer[:, None], second, best)
    return angles


def end_sites(body: Body, motion: Motion) -> dict[int, NDArray[np.float64]]:
    """Offset in m from each leaf joint to the farthest vertex that follows it, along the bone that leads to it."""
    vertices = body.shaped(motion.betas).astype(np.float64)
    rest = np.asarray(body.rest_joints(motion.betas), np.float64)
    leading = body.weights.argmax(axis=1)
    sites = {}
    for joint in range(JOINT_COUNT):
        if _CHILDREN[joint]:
            continue
        direction = rest[joint] - rest[PARENTS[joint]]
        direction /= np.linalg.norm(direction)
        moved = vertices[leading == joint] - rest[joint]
        length = float((moved @ direction).max()) if len(moved) else 0.0
        sites[joint] = direction * max(length, 0.05)
    return sites


def _hierarchy(rest: NDArray[np.float64], sites: dict[int, NDArray[np.float64]]) -> tuple[list[int], list[str]]:
    """Joints in file order (depth first) and the lines of the HIERARCHY section."""
    order: list[int] = []
    lines = ["HIERARCHY"]

    def offset(vector: NDArray[np.float64]) -> str:
        return "OFFSET " + " ".join(f"{value * CENTIMETRES:.6f}" for value in vector)

    def visit(joint: int, depth: int) -> None:
        order.append(joint)
        indent, parent = "\t" * depth, PARENTS[joint]
        lines.append(f"{indent}{'ROOT' if parent < 0 else 'JOINT'} {JOINTS[joint]}")
        lines.append(f"{indent}{{")
        lines.append(f"{indent}\t{offset(np.zeros(3) if parent < 0 else rest[joint] - rest[parent])}")
        positions = "6 Xposition Yposition Zposition" if parent < 0 else "3"
        lines.append(f"{indent}\tCHANNELS {positions} Zrotation Xrotation Yrotation")
        for child in _CHILDREN[joint]:
            visit(child, depth + 1)
        if joint in sites:
            lines.extend(
                [f"{indent}\tEnd Site", f"{indent}\t{{", f"{indent}\t\t{offset(sites[joint])}", f"{indent}\t}}"]
            )
        lines.append(f"{indent}}}")

    visit(0, 0)
    return order, lines


def _description(motion: Motion, options: ExportOptions) -> dict[str, object]:
    return {
        "format": "BVH",
        "unit": "centimetre",
        "up_axis": "+y",
        "forward_axis": "+z",
        "left_axis": "+x",
        "rotation_order": "ZXY (matrix product Rz Rx Ry), degrees",
        "rest_pose": "T-pose",
        "fps": motion.fps,
        "frames": len(motion),
        "seconds": motion.seconds,
        "skeleton": "SMPL, 24 joints",
        "body": motion.body,
        "betas": [float(value) for value in motion.betas],
        "take": options.name,
        "notes": options.notes,
        "writer": f"GENMO Studio {__version__}",
    }
