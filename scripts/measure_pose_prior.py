"""How well untouched joints are inferred: held-out poses from six positions, with and without the pose prior.

python scripts/measure_pose_prior.py SET [--poses 200] [--heading 0.5]

SET is a prepared training set; its val split holds subjects that the prior never saw. Of each pose only the positions
of pelvis, head, wrists and ankles are given, and the solve starts from a T-pose over the pelvis, turned away from where
the body faces by up to ``--heading`` rad at random. Prints JSON: mean errors of the other 16 joints, m.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

GIVEN = ("pelvis", "head", "left_wrist", "right_wrist", "left_ankle", "right_ankle")


def held_out(folder: Path, count: int):
    """Poses spread over the clips of the val split."""
    from genmo_studio.motion.pose import Pose
    from genmo_studio.training.clips import ClipStore

    store = ClipStore.open(folder, split="val")
    each = max(1, -(-count // len(store.clips)))
    for clip in store.clips:
        motion = store.motion(clip)
        for frame in np.linspace(0, clip.frames - 1, each + 2).astype(int)[1:-1]:
            yield Pose.of(motion, int(frame))


def inferred_errors(pose, rest, prior, *, heading: float, iterations: int = 40):
    """(16,) errors without and with the prior, m."""
    from genmo_studio.motion.full_body_ik import Effector, solve
    from genmo_studio.motion.pose import Pose
    from genmo_studio.motion.pose_ops import heading_of
    from genmo_studio.motion.skeleton import INDEX

    placed = pose.world(rest)[1]
    rotations = np.zeros((24, 3))
    rotations[0, 1] = heading_of(pose) + heading
    start = Pose(rotations, pose.translation)
    goals = [Effector(INDEX[name], placed[INDEX[name]]) for name in GIVEN]
    others = [joint for joint in range(22) if joint not in {goal.joint for goal in goals}]
    found = []
    for options in ({}, {"prior": prior, "suggest": 1.0}):
        solved = solve(start, rest, goals=goals, iterations=iterations, **options)
        found.append(np.linalg.norm(solved.pose.world(rest)[1] - placed, axis=1)[others])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--poses", type=int, default=200)
    parser.add_argument("--heading", type=float, default=0.5)
    options = parser.parse_args()
    from genmo_studio.motion.body import load_body
    from genmo_studio.motion.pose_prior import load_prior

    rest = load_body("genmo-free").rest_joints(np.zeros(10))
    rng = np.random.default_rng(0)
    errors = np.array(
        [
            inferred_errors(pose, rest, load_prior(), heading=rng.uniform(-options.heading, options.heading))
            for pose in held_out(options.set, options.poses)
        ]
    ).mean(axis=2)
    figures = {"poses": len(errors), "heading_error_rad": options.heading}
    for name, values in zip(("without_prior", "with_prior"), errors.T, strict=True):
        figures[name] = {
            "mean_m": round(float(values.mean()), 4),
            "median_m": round(float(np.median(values)), 4),
            "p95_m": round(float(np.quantile(values, 0.95)), 4),
        }
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
