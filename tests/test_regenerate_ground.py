"""Steps, weight and flight in what is made anew: there, and nowhere else."""

import hashlib

import numpy as np
import pytest
from test_groundwork import BODY, held, soles, turning

from genmo_studio.conditions.request import GenerationRequest, Regeneration
from genmo_studio.document.time import Span
from genmo_studio.model.finishing import Finished
from genmo_studio.model.known import known_of
from genmo_studio.model.regenerate import finish_regenerated
from genmo_studio.motion.body import joint_positions
from genmo_studio.motion.contacts import foot_skate
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.weight import let_down
from genmo_studio.training.hard_cases import STAND, pose
from genmo_studio.values import replace

SPAN = Span(20, 81)


def statue_that_turns() -> Motion:
    """It stands for 20 frames, is turned round in 61, and stands for 20 more."""
    turn = turning()
    return Motion(
        rotations=np.concatenate([turn.rotations[:1]] * 20 + [turn.rotations] + [turn.rotations[-1:]] * 20),
        translation=np.concatenate([turn.translation[:1]] * 20 + [turn.translation] + [turn.translation[-1:]] * 20),
        contacts=np.ones((101, 6), np.float32),
    )


def finished(motion: Motion, *, regions: tuple[str, ...] = ("full",), foot_lock: float = 1.0) -> Finished:
    """As if the network had said the same motion again for the span."""
    asked = Regeneration(hashlib.sha256(motion.to_bytes()).hexdigest(), SPAN, regions)
    request = GenerationRequest(frames=len(motion), regeneration=asked, foot_lock=foot_lock)
    return finish_regenerated(motion, BODY, request, known=known_of(asked, motion, body=BODY), unaided=motion)


def skate(motion: Motion) -> float:
    return foot_skate(joint_positions(motion, BODY), motion.contacts, 30)


@pytest.mark.parametrize("regions", [("full",), ("lower",)])
def test_gz4_a_statue_turned_in_a_span_takes_steps_there_and_nowhere_else(regions) -> None:
    base = statue_that_turns()
    done = finished(base, regions=regions)
    assert done.report["steps_put_in"] >= 4
    assert done.report["clean_up"] == [
        f"{done.report['steps_put_in']} steps from frame 19 to 81: the feet were carried along as they stood."
    ]
    assert skate(done.motion) < 0.25 * skate(base)
    assert soles(done.motion).max() > 0.04
    fresh = known_of(Regeneration("", SPAN, regions), base, body=BODY).fresh
    assert done.motion.rotations[~fresh].tobytes() == base.rotations[~fresh].tobytes()
    for values, old in ((done.motion.translation, base.translation), (done.motion.contacts, base.contacts)):
        assert values[: SPAN.start].tobytes() == old[: SPAN.start].tobytes()
        assert values[SPAN.stop :].tobytes() == old[SPAN.stop :].tobytes()


@pytest.mark.parametrize("regions", [("left_leg",), ("upper",), ("root",)])
def test_gz4_without_both_legs_nobody_steps(regions) -> None:
    done = finished(statue_that_turns(), regions=regions)
    assert done.report["clean_up"] == []


def test_gz4_steps_under_a_pelvis_that_stays_leave_it_bit_for_bit() -> None:
    base = statue_that_turns()
    done = finished(base, regions=("left_leg", "right_leg"))
    assert done.report["steps_put_in"] >= 4
    assert done.motion.translation.tobytes() == base.translation.tobytes()
    assert done.motion.rotations[:, 0].tobytes() == base.rotations[:, 0].tobytes()
    assert skate(done.motion) < 0.4 * skate(base)


def test_gz4_without_foot_lock_the_span_is_left_as_it_came() -> None:
    base = statue_that_turns()
    done = finished(base, foot_lock=0.0)
    assert done.report["clean_up"] == []
    assert done.motion.rotations.tobytes() == base.rotations.tobytes()


def test_a_flight_that_begins_in_what_is_known_is_not_let_down() -> None:
    flat = held(pose(BODY, STAND, 0), 60)
    share = np.clip(np.minimum(np.arange(60) - 12, 47 - np.arange(60)) / 12, 0, 1)
    rise = 0.25 * share * share * (3 - 2 * share)
    aloft = replace(flat, translation=(flat.translation + rise[:, None] * [0, 1, 0]).astype(np.float32))
    assert let_down(aloft, BODY, ground=np.zeros(60))[1]
    assert let_down(aloft, BODY, ground=np.zeros(60), held=[24], kept=[24])[0] is aloft
