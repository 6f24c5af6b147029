"""Hard requests from constructed poses, answered by the shipped model in one pass: met, bounded, and honest.

Nothing here depends on how well the model moves, so a newly trained one passes too.
"""

import msgspec
import numpy as np
import pytest

from genmo_studio.conditions.resolved import ResolvedConditions
from genmo_studio.document.model import TakeMode
from genmo_studio.model.checkpoint import LoadedModel, load_model
from genmo_studio.model.generator import GenerationResult, generate
from genmo_studio.motion.body import joint_positions, load_body
from genmo_studio.motion.suddenness import joint_accelerations, knee_speeds
from genmo_studio.motion.usual import USUAL_ACCELERATION, USUAL_KNEE_SPEED
from genmo_studio.training.hard_cases import STAND, HardCase, constructed, key_frames, pose, root_speed

BODY = load_body("genmo-free")
CASES = {case.name: case for case in constructed(BODY)}
FASTEST_ROOT = 8.0
"""m/s between keys that are not three frames apart"""


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return load_model("default")


@pytest.fixture(scope="module")
def results(model) -> dict[str, GenerationResult]:
    return {name: answered(case, model) for name, case in CASES.items()}


def answered(case: HardCase, model: LoadedModel) -> GenerationResult:
    request = msgspec.structs.replace(case.request, mode=TakeMode.DRAFT)
    *_, last = generate(ResolvedConditions(request), model=model, body=BODY)
    assert isinstance(last, GenerationResult)
    return last


def test_there_are_nine_without_recordings():
    assert len(CASES) == 9  # the loop of a dance needs a dance


@pytest.mark.parametrize("name", CASES)
def test_gz4_every_key_that_can_be_met_is_met(name, results):
    case, report = CASES[name], results[name].report
    assert np.isfinite(results[name].motion.rotations).all()
    assert np.isfinite(results[name].motion.translation).all()
    after = report["key_errors_after"]
    assert max(after["rotation_deg"], after["heading_deg"]) < 0.1
    assert max(after["root_position_mm"], after["waypoint_mm"]) < 1
    if case.impossible:
        assert all(any(word in sentence for sentence in report["unmet"]) for word in case.impossible)
    else:
        assert after["joint_position_mm"] < 1
        assert not [sentence for sentence in report["unmet"] if "planted" not in sentence]


@pytest.mark.parametrize("name", CASES)
def test_gz4_nothing_explodes(name, results):
    """Speeds and accelerations around keys stay near what is usual, or within what the keys themselves force."""
    case, motion = CASES[name], results[name].motion
    if len(motion) < 4:
        return
    frames = key_frames(case.request)
    near = np.abs(np.arange(len(motion))[:, None] - frames).min(axis=1) <= 5
    ratio = joint_accelerations(motion, BODY)[near] / USUAL_ACCELERATION
    assert ratio.max() < 3.0 * case.forced
    assert (ratio > 1).mean() < 0.05 * case.forced
    assert root_speed(motion).max() < FASTEST_ROOT * max(1.0, case.forced / 8)
    assert knee_speeds(motion).max() < 2.0 * USUAL_KNEE_SPEED


def test_contradicting_keys_disturb_nobody_else(results):
    motion = results["two contradicting keys 3 frames apart"].motion
    accelerations = joint_accelerations(motion, BODY) / USUAL_ACCELERATION
    away = np.abs(np.arange(len(motion)) - 44.5) > 6
    assert accelerations[away].max() < 2.0
    assert results["two contradicting keys 3 frames apart"].report["unmet"] == []


def test_feet_stay_where_they_stand_while_a_person_sits_down(results):
    motion = results["sit from standing"].motion
    assert motion.contacts[:, :4].min() == 1
    feet = joint_positions(motion, BODY)[:, [7, 8]][..., [0, 2]]
    assert np.abs(feet - feet[0]).max() < 0.05


def test_who_jumps_on_something_stays_up_there(results):
    motion = results["jump to a higher ground key"].motion
    low = joint_positions(motion, BODY)[62:, [10, 11], 1].min()
    assert low > 0.35


def test_the_hand_is_on_the_point_at_every_key(results):
    case = CASES["hand kept on a point while walking past"]
    placed = joint_positions(results[case.name].motion, BODY)[:, 20]
    frames = [p.frame for p in case.request.poses]
    off = np.linalg.norm(placed[frames] - [0.45, 1.15, 1.2], axis=-1)
    assert off.max() < 1e-3
    between = np.linalg.norm(placed[frames[0] : frames[-1] + 1] - [0.45, 1.15, 1.2], axis=-1)
    assert between.max() < 0.05


def test_a_constructed_pose_stands_on_its_ground():
    key = pose(BODY, STAND, 0, ground=0.4)
    flat = pose(BODY, STAND, 0)
    assert key.root_position[1] == pytest.approx(flat.root_position[1] + 0.4)
    assert 0.8 < flat.root_position[1] < 1.1
