"""Fit the pose prior of assets/pose_prior to a prepared training set.

genmo-studio data prepare DATA -o SET; python scripts/fit_pose_prior.py SET assets/pose_prior/pose_prior.npz

Only clips of the permissive licences below are read, from the train split. Every pose is used as it is and mirrored.
Joints that a source does not tell (collars of one skeleton, wrists of another) are filled by expectation maximisation:
each round completes them with their conditional mean and adds their conditional covariance (Little and Rubin 2002).
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

PERMISSIVE = {"LicenseRef-CMU-Mocap", "MIT", "CC0-1.0"}
POSES_A_CLIP = 200
ROUNDS = 12
SMALLEST = 1e-3  # variance that no feature falls below: what a source leaves constant is not known for certain


def collect(folder: Path):
    """Features (n, 141) of poses and their mirror images, and what is told of them."""
    from genmo_studio.motion.body import forward_kinematics
    from genmo_studio.motion.pose_prior import LEVEL, features
    from genmo_studio.motion.rotations import matrix_from_rotvec
    from genmo_studio.motion.skeleton import MIRROR
    from genmo_studio.training.clips import ClipStore

    store = ClipStore.open(folder, split="train")
    poses, told, sources = [], [], {}
    mirror = list(MIRROR[:22])
    for clip in store.clips:
        if clip.licence not in PERMISSIVE:
            continue
        chosen = np.unique(np.linspace(0, clip.frames - 1, min(clip.frames, POSES_A_CLIP)).astype(int))
        rotations = np.zeros((len(chosen), 24, 3))
        rotations[:, :22] = store.rotvecs[clip.start + chosen]
        known = np.array(clip.joint_weight) >= 0.5
        known[0] = True
        mirrored = rotations.copy()
        mirrored[:, :22] = rotations[:, mirror] * [1, -1, -1]
        for turned, which in ((rotations, known), (mirrored, known[mirror])):
            local = matrix_from_rotvec(turned)
            world, _ = forward_kinematics(local, np.zeros((24, 3)), np.zeros((len(local), 3)))
            poses.append(features(local, world))
            known_features = np.concatenate([np.repeat(which[LEVEL], 3), np.repeat(which[1:], 6)])
            told.append(np.repeat(known_features[None], len(chosen), axis=0))
        sources[clip.source] = sources.get(clip.source, 0) + len(chosen)
    return np.concatenate(poses), np.concatenate(told), sources


def fit(poses, told):
    """Mean and covariance by expectation maximisation over what is not told."""
    patterns, index = np.unique(told, axis=0, return_inverse=True)
    filled = np.where(told, poses, np.nan)
    mean = np.nanmean(filled, axis=0)
    filled = np.where(told, poses, mean)
    covariance = np.cov(filled.T) + SMALLEST * np.eye(len(mean))
    for _ in range(ROUNDS):
        extra = np.zeros_like(covariance)
        for number, pattern in enumerate(patterns):
            rows = np.flatnonzero(index.ravel() == number)
            if pattern.all():
                continue
            known, missing = np.flatnonzero(pattern), np.flatnonzero(~pattern)
            gain = np.linalg.solve(covariance[np.ix_(known, known)], covariance[np.ix_(known, missing)])
            filled[np.ix_(rows, missing)] = mean[missing] + (filled[np.ix_(rows, known)] - mean[known]) @ gain
            left = covariance[np.ix_(missing, missing)] - covariance[np.ix_(missing, known)] @ gain
            extra[np.ix_(missing, missing)] += len(rows) * left
        mean = filled.mean(axis=0)
        away = filled - mean
        covariance = (away.T @ away + extra) / len(filled) + SMALLEST * np.eye(len(mean))
    return mean, covariance


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path, help="folder made by genmo-studio data prepare")
    parser.add_argument("output", type=Path, help="npz to write")
    options = parser.parse_args()
    poses, told, sources = collect(options.set)
    mean, covariance = fit(poses, told)
    np.savez_compressed(options.output, mean=mean.astype(np.float32), covariance=covariance.astype(np.float32))
    print(f"{len(poses)} poses with mirror images; poses a source: {sources}")
    print(f"{options.output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
