"""What captured bodies did: speeds, turns and heights that the check before a generation compares keys with.

python scripts/measure_limits.py PREPARED_FOLDER

PREPARED_FOLDER is what ``genmo_studio.training.prepare`` made. Prints JSON; the numbers of ``conditions/limits.py``
were read off it. Every gap is between two frames of one clip, along the straight line, as the check measures it.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from genmo_studio.motion.body import forward_kinematics, load_body
from genmo_studio.motion.rotations import angle_between, heading_from_matrix, matrix_from_rotvec
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.training.clips import ClipStore

GAPS = (1, 2, 5, 10, 15, 30, 60, 90)
HANDS_AND_FEET = [INDEX[name] for name in ("left_wrist", "right_wrist", "left_ankle", "right_ankle")]
JOINTS_READ = 22


def measure(folder: Path, split: str) -> dict[str, object]:
    """Percentiles by quantity and gap (m/s, degrees, m)."""
    body = load_body("genmo-free")
    rest = body.rest_joints(np.zeros(10, np.float32))[:JOINTS_READ]
    found: dict[str, dict[int, list[NDArray[np.float32]]]] = {}
    heights: list[NDArray[np.float32]] = []
    store = ClipStore.open(folder, split=split)

    def note(name: str, gap: int, values: NDArray[np.float64]) -> None:
        found.setdefault(name, {}).setdefault(gap, []).append(values.astype(np.float32).ravel())

    for clip in store.clips:
        motion = store.motion(clip)
        local = matrix_from_rotvec(motion.rotations[:, :JOINTS_READ].astype(np.float64))
        _, places = forward_kinematics(local, rest.astype(np.float64), motion.translation.astype(np.float64))
        heading = np.unwrap(heading_from_matrix(local[:, 0]))
        heights.append(places[:, 0, 1].astype(np.float32))
        for gap in GAPS:
            if len(motion) <= gap:
                continue
            per_second = motion.fps / gap
            ground = places[gap:, 0, ::2] - places[:-gap, 0, ::2]
            note("pelvis over the ground, m/s", gap, np.linalg.norm(ground, axis=-1) * per_second)
            note("pelvis up and down, m/s", gap, np.abs(places[gap:, 0, 1] - places[:-gap, 0, 1]) * per_second)
            note("heading, degrees", gap, np.degrees(np.abs(heading[gap:] - heading[:-gap])))
            ends = places[gap:, HANDS_AND_FEET] - places[:-gap, HANDS_AND_FEET]
            note("hands and feet, m/s", gap, np.linalg.norm(ends, axis=-1).max(-1) * per_second)
            turns = angle_between(local[:-gap, 1:], local[gap:, 1:]).max(-1)
            note("fastest turn of a joint, degrees", gap, np.degrees(turns))
    wanted = (50, 99, 99.9, 99.99, 100)
    table = {
        name: {
            gap: [round(float(v), 2) for v in np.percentile(np.concatenate(rows), wanted)] for gap, rows in by.items()
        }
        for name, by in found.items()
    }
    every = np.concatenate(heights)
    return {
        "split": split,
        "clips": len(store.clips),
        "frames": int(sum(len(part) for part in heights)),
        "percentiles": wanted,
        "by_gap_in_frames": table,
        "pelvis_height_m": [round(float(v), 3) for v in np.percentile(every, (0, 0.1, 1, 50, 99, 99.9, 100))],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", default="train")
    options = parser.parse_args()
    print(json.dumps(measure(options.folder, options.split), indent=1))


if __name__ == "__main__":
    main()
