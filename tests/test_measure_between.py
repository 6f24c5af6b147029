"""Where an in-between's error comes from: parts of a filling exchanged for those of the recording."""

import numpy as np

from genmo_studio.motion.body import load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.training import metrics
from genmo_studio.training.measure_between import exchanged
from genmo_studio.values import replace

FRAMES, START, STOP = 30, 10, 29


def recording() -> Motion:
    rng = np.random.default_rng(4)
    rotations = rng.normal(0, 0.2, (FRAMES, 24, 3)).cumsum(0).astype(np.float32) / 4
    translation = rng.normal(0, 0.02, (FRAMES, 3)).cumsum(0).astype(np.float32)
    return Motion(
        rotations=rotations, translation=translation, betas=np.zeros(10, np.float32), body="genmo-free", fps=30
    )


def errors(found: Motion, truth: Motion) -> dict[str, float]:
    body = load_body("genmo-free")
    straight = metrics.interpolated(truth, start=START, stop=STOP)
    return {
        name: metrics.gap_errors(motion, truth, body=body, start=START, stop=STOP)[0]
        for name, motion in exchanged(found, truth, straight)
    }


def test_each_part_carries_its_own_error_and_no_other():
    truth = recording()
    off = truth.translation.copy()
    off[START:STOP, 0] += 0.1
    found = errors(replace(truth, translation=off), truth)
    assert np.isclose(found["path_alone"], 0.1 * np.sqrt(22), atol=1e-5)  # all 22 joints as one vector
    assert np.isclose(found["whole"], found["path_alone"], atol=1e-6)
    assert found["pelvis_alone"] < 1e-6
    assert found["limbs_alone"] < 1e-6
    bent = truth.rotations.copy()
    bent[START:STOP, 16] += 0.4
    found = errors(replace(truth, rotations=bent), truth)
    assert found["path_alone"] < 1e-6
    assert found["pelvis_alone"] < 1e-6
    assert np.isclose(found["limbs_alone"], found["whole"], atol=1e-6)
    assert found["whole"] > 0.01


def test_halves_lie_on_the_straight_line():
    truth = recording()
    straight = errors(metrics.interpolated(truth, start=START, stop=STOP), truth)
    assert straight["whole"] == straight["turns_on_straight_path"] == straight["path_under_straight_turns"]
    exact = errors(truth, truth)
    assert exact["whole"] == 0
    assert exact["turns_on_straight_path"] > 0.001
    assert exact["path_under_straight_turns"] > 0.001
