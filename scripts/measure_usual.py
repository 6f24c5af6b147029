"""Measure how suddenly recorded people move: the tables of genmo_studio/motion/usual.py.

python scripts/measure_usual.py DATA   (a folder made by genmo-studio data prepare); run with PYTHONPATH=.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from genmo_studio.motion.body import load_body
from genmo_studio.motion.suddenness import joint_accelerations, knee_speeds, turn_accelerations
from genmo_studio.training.clips import ClipStore

SHORTEST = 30
"""Frames of the shortest clip that is looked at."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", default="val")
    parser.add_argument("--percentile", type=float, default=99.0)
    arguments = parser.parse_args()
    store, body = ClipStore.open(arguments.data, split=arguments.split), load_body("genmo-free")
    motions = [store.motion(clip) for clip in store.clips if clip.frames >= SHORTEST]

    def percentile(measure, motions):
        values = np.concatenate([measure(motion) for motion in motions])
        return np.round(np.percentile(values, arguments.percentile, axis=0), 1).tolist()

    print(
        json.dumps(
            {
                "clips": len(motions),
                "frames": sum(map(len, motions)),
                "percentile": arguments.percentile,
                "acceleration_m_s2": percentile(lambda motion: joint_accelerations(motion, body)[1:-1], motions),
                "turn_rad_s2": percentile(lambda motion: turn_accelerations(motion)[1:-1], motions),
                "knee_deg_s": percentile(lambda motion: knee_speeds(motion)[:-1].ravel(), motions),
            },
            indent=1,
        )
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
