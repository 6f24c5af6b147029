"""BVH text made on the spot, for the tests of reading, retargeting and training data."""

import numpy as np
from scipy.spatial.transform import Rotation

from genmo_studio.motion.body import Body
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINTS, PARENTS


def bvh_text(names, parents, offsets, angles, positions, *, orders, tips=None, frame_time=1 / 30):
    """BVH of ``angles`` (T, J, 3) degrees in the channel order of each joint (orders[j] such as "ZXY")."""
    lines = ["HIERARCHY"]

    def joint(index, depth):
        pad = "\t" * depth
        lines.append(f"{pad}{'ROOT' if parents[index] < 0 else 'JOINT'} {names[index]}")
        lines.append(f"{pad}{{")
        lines.append(f"{pad}\tOFFSET " + " ".join(f"{x:.6f}" for x in offsets[index]))
        turns = " ".join(f"{axis}rotation" for axis in orders[index])
        places = "Xposition Yposition Zposition " if parents[index] < 0 else ""
        lines.append(f"{pad}\tCHANNELS {6 if places else 3} {places}{turns}")
        children = [child for child, parent in enumerate(parents) if parent == index]
        for child in children:
            joint(child, depth + 1)
        if not children:
            tip = (tips or {}).get(names[index], (0, 0, 0))
            lines.extend(
                [f"{pad}\tEnd Site", f"{pad}\t{{", f"{pad}\t\tOFFSET {tip[0]} {tip[1]} {tip[2]}", f"{pad}\t}}"]
            )
        lines.append(f"{pad}}}")

    joint(parents.index(-1), 0)
    depth_first = [line.split()[1] for line in lines if line.split()[0] in ("ROOT", "JOINT")]
    lines += ["MOTION", f"Frames: {len(positions)}", f"Frame Time: {frame_time:.9f}"]
    for frame, place in enumerate(positions):
        row = list(place)
        for name in depth_first:
            row.extend(angles[frame, names.index(name)])
        lines.append(" ".join(f"{x:.8f}" for x in row))
    return "\n".join(lines) + "\n"


def smpl_bvh(body: Body, rotations: Rotation, positions, *, frames: int, frame_time=1 / 30) -> str:
    """BVH of the body's own 22 joints: ``rotations`` holds frames x 22 local turns, ``positions`` the pelvis in m."""
    rest = np.asarray(body.rest_joints(np.zeros(10, np.float32)), np.float64)[:BODY_JOINT_COUNT]
    parents = list(PARENTS[:BODY_JOINT_COUNT])
    offsets = [100 * (rest[j] - rest[p]) if p >= 0 else np.zeros(3) for j, p in enumerate(parents)]
    angles = rotations.as_euler("ZXY", degrees=True).reshape(frames, BODY_JOINT_COUNT, 3)
    return bvh_text(
        list(JOINTS[:BODY_JOINT_COUNT]), parents, offsets, angles, 100 * np.asarray(positions),
        orders=["ZXY"] * BODY_JOINT_COUNT, frame_time=frame_time,
    )  # fmt: skip


def smooth_rotations(rng: np.random.Generator, *, frames: int, joints: int, size: float = 0.5) -> Rotation:
    """frames x joints turns that change slowly, up to about ``size`` rad."""
    time = np.linspace(0, 1, frames)[:, None, None]
    vectors = size * (rng.normal(size=(1, joints, 3)) * np.sin(2 * time) + rng.normal(size=(1, joints, 3)) * time) / 2
    return Rotation.from_rotvec(vectors.reshape(-1, 3))
