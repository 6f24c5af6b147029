"""Toes under a low body rest where they lie; whoever crawls on, or is up, is left alone."""

import numpy as np
import pytest
from test_groundwork import BODY, held

from genmo_studio.model.footfalls import Footfalls
from genmo_studio.model.groundwork import worked
from genmo_studio.motion.body import joint_positions
from genmo_studio.motion.footlock import lock_feet
from genmo_studio.motion.lowrest import resting_low
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.training.hard_cases import CROUCH, STAND, pose
from genmo_studio.values import replace

DEEP = CROUCH | {
    "left_hip": (-1.9, 0.0, 0.0), "right_hip": (-1.9, 0.0, 0.0), "left_knee": (2.1, 0.0, 0.0),
    "right_knee": (2.1, 0.0, 0.0), "left_ankle": (-0.55, 0.0, 0.0), "right_ankle": (-0.55, 0.0, 0.0),
}  # fmt: skip
FRAMES, GROUND = 40, np.zeros(40)
TOES = [INDEX["left_foot"], INDEX["right_foot"]]


def dragged(turns, metres: float) -> Motion:
    """One pose that slides over the ground, with no foot said to rest."""
    still = held(pose(BODY, turns, 0), FRAMES)
    way = np.linspace(0, metres, FRAMES)[:, None] * [0, 0, 1]
    place = (still.translation + way).astype(np.float32)
    return replace(still, translation=place, contacts=np.zeros((FRAMES, 6), np.float32))


def travel(motion: Motion) -> float:
    toes = joint_positions(motion, BODY)[:, TOES][..., [0, 2]]
    return float(np.linalg.norm(toes - toes[:1], axis=-1).max())


def test_toes_dragged_a_little_under_a_low_body_rest_and_stay_when_locked() -> None:
    motion = dragged(DEEP, 0.15)
    rested, told = resting_low(motion, BODY, ground=GROUND)
    assert told == [(0, FRAMES), (0, FRAMES)]
    assert rested.contacts[:, [1, 3]].min() == 1.0
    np.testing.assert_array_equal(rested.rotations, motion.rotations)
    assert travel(lock_feet(motion, BODY)[0]) > 0.14
    assert travel(lock_feet(rested, BODY)[0]) < 0.03


@pytest.mark.parametrize(("turns", "metres"), [(DEEP, 0.6), (DEEP, 3.0), (STAND, 0.15)])
def test_who_crawls_on_or_is_up_is_left_alone(turns, metres) -> None:
    motion = dragged(turns, metres)
    assert resting_low(motion, BODY, ground=GROUND) == (motion, [])


def test_toes_in_the_air_are_left_alone_and_raised_ground_counts() -> None:
    motion = dragged(DEEP, 0.15)
    aloft = replace(motion, translation=motion.translation + np.float32([0, 0.4, 0]))
    assert resting_low(aloft, BODY, ground=GROUND) == (aloft, [])
    assert resting_low(aloft, BODY, ground=GROUND + 0.4)[1]


def test_half_the_strength_is_half_the_contact_and_none_is_none() -> None:
    motion = dragged(DEEP, 0.15)
    half, _ = resting_low(motion, BODY, ground=GROUND, strength=0.5)
    assert half.contacts[:, [1, 3]].max() == pytest.approx(0.5)
    assert resting_low(motion, BODY, ground=GROUND, strength=0.0) == (motion, [])


def test_the_record_says_so() -> None:
    done = worked(Footfalls(dragged(DEEP, 0.15), np.zeros((FRAMES, 2))), BODY, [], strength=1.0, first=100)
    assert done.told == ("Toes rest from frame 100 to 139: they lay on the ground under a low body.",)
