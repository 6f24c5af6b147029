"""Full-body IK: goals and pins are met, the answer depends on the goal alone, and nothing bends the wrong way."""

import numpy as np
import pytest

from genmo_studio.motion.body import load_body
from genmo_studio.motion.full_body_ik import Effector, Solver, held, solve
from genmo_studio.motion.ik import LIMBS, bends_backwards
from genmo_studio.motion.ik_balance import MARGIN, MASS
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.pose_ops import t_pose
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.motion.skeleton import INDEX, REGIONS

REST = load_body("genmo-free").rest_joints(np.zeros(10))
MET = (1e-3, np.radians(0.1))


def standing() -> Pose:
    """Arms hanging, knees and elbows a little bent, feet on the floor."""
    turns = np.zeros((24, 3))
    for side, sign in (("left", 1), ("right", -1)):
        turns[INDEX[f"{side}_shoulder"]] = [0, 0, -1.2 * sign]
        turns[INDEX[f"{side}_elbow"]] = [0, -0.25 * sign, 0]
        turns[INDEX[f"{side}_hip"]] = [-0.08, 0, 0.05 * sign]
        turns[INDEX[f"{side}_knee"]] = [0.15, 0, 0]
        turns[INDEX[f"{side}_ankle"]] = [-0.07, 0, -0.05 * sign]
    low = Pose(turns, np.zeros(3)).world(REST)[1][[10, 11], 1].min()
    return Pose(turns, np.array([0, 0.02 - low, 0]))


STANDING = standing()
T_POSE = Pose(np.zeros((24, 3)), np.array([0, 0.98, 0]))


def planted(pose: Pose, *joints: str) -> list[Effector]:
    return [
        held(pose, REST, INDEX[name], position=True, rotation=True) for name in joints or ("left_ankle", "right_ankle")
    ]


def place(pose: Pose, joint: str) -> np.ndarray:
    return pose.world(REST)[1][INDEX[joint]]


DRAGS = {
    "wrist to the floor": ("right_wrist", [-0.2, 0.1, 0.45]),
    "hand overhead": ("right_wrist", [-0.25, 2.0, 0.1]),
    "hand behind": ("right_wrist", [-0.2, 1.0, -0.5]),
    "hand across": ("right_wrist", [0.4, 1.3, 0.3]),
    "hand to the shoulder": ("left_wrist", [0.25, 1.35, 0.2]),
    "squat": ("pelvis", [0.0, 0.55, -0.05]),
    "head forward": ("head", [0.0, 1.45, 0.35]),
    "elbow up": ("left_elbow", [0.3, 1.65, 0.15]),
    "chest back": ("spine3", [0.0, 1.25, -0.2]),
}


@pytest.mark.parametrize("pose", [STANDING, T_POSE], ids=["standing", "t-pose"])
@pytest.mark.parametrize("name", DRAGS)
def test_gz4_a_drag_meets_its_goal_and_keeps_the_pins(name, pose):
    joint, goal = DRAGS[name]
    pins = planted(pose)
    found = solve(pose, REST, goals=[Effector(INDEX[joint], np.array(goal))], pins=pins, iterations=80)
    assert found.goals[0].metres < MET[0]
    assert all(miss.metres < MET[0] and miss.radians < MET[1] for miss in found.pins)
    assert np.linalg.norm(place(found.pose, joint) - goal) < MET[0]
    for limb in LIMBS.values():
        flexion = (found.pose.rotations[limb.middle] * limb.hinge).sum()
        assert flexion > -0.02 or not bends_backwards(found.pose.matrices()[None], REST, limb)[0]


def test_gz4_what_is_not_free_keeps_its_numbers():
    goal = place(STANDING, "right_wrist") + np.array([0.05, 0.3, 0.3])
    free = frozenset(REGIONS["right_arm"])
    found = solve(STANDING, REST, goals=[Effector(21, goal)], free=free, move_root=False, iterations=80)
    assert found.goals[0].metres < MET[0]
    others = [joint for joint in range(24) if joint not in free]
    np.testing.assert_array_equal(found.pose.rotations[others], STANDING.rotations[others])
    np.testing.assert_array_equal(found.pose.translation, STANDING.translation)


def test_a_goal_that_is_where_the_joint_is_changes_nothing():
    goal = Effector(21, place(STANDING, "right_wrist"))
    found = solve(STANDING, REST, goals=[goal], pins=planted(STANDING))
    assert found.pose.same_as(STANDING)
    assert found.settled


def test_a_goal_that_stands_still_moves_nothing():
    goals = [Effector(21, np.array([-0.3, 1.4, 0.4]))]
    pose = solve(STANDING, REST, goals=goals, pins=planted(STANDING), iterations=80).pose
    again = solve(pose, REST, goals=goals, pins=planted(STANDING), rest=STANDING)
    assert np.abs(again.pose.rotations - pose.rotations).max() < 1e-4


def test_an_effector_must_ask_for_something():
    with pytest.raises(ValueError, match="neither a position nor a rotation"):
        solve(STANDING, REST, goals=[Effector(21)])
    with pytest.raises(ValueError, match="no joint 24"):
        solve(STANDING, REST, goals=[Effector(24, np.zeros(3))])


def test_a_pose_crosses_over_to_keys_and_back():
    motion = Motion(STANDING.rotations[None].astype(np.float32), STANDING.translation[None].astype(np.float32))
    pose = Pose.of(motion, 0)
    named = pose.named()
    assert len(named) == 22
    back = T_POSE.with_named(named, root_position=pose.root_position(REST), rest_joints=REST)
    np.testing.assert_allclose(back.rotations, pose.rotations)
    np.testing.assert_allclose(back.translation, pose.translation, atol=1e-7)
    assert set(pose.named([3, 6])) == {"spine1", "spine2"}


@pytest.mark.parametrize(
    ("joint", "end"),
    [("right_wrist", [-0.2, 1.0, -0.5]), ("right_wrist", [-0.5, 1.3, 1.6]), ("pelvis", [0.0, 0.55, -0.05])],
    ids=["behind", "out of reach", "squat"],
)
def test_gz4_a_noisy_drag_never_pops_and_keeps_its_pins(joint, end):
    rng = np.random.default_rng(0)
    pins, begin = planted(STANDING), place(STANDING, joint)
    count = int(np.linalg.norm(np.array(end) - begin) / 0.02)
    pose, before = STANDING, STANDING.world(REST)[1]
    for share in np.linspace(1 / count, 1, count):
        goal = begin + share * (np.array(end) - begin) + rng.normal(scale=0.001, size=3)
        found = solve(pose, REST, goals=[Effector(INDEX[joint], goal)], pins=pins, rest=STANDING)
        placed = found.pose.world(REST)[1]
        assert np.linalg.norm(placed - before, axis=1).max() < 0.08  # the goal moves 0.02, a hand is far from a hip
        assert all(miss.metres < MET[0] and miss.radians < MET[1] for miss in found.pins)
        for limb in LIMBS.values():
            assert not bends_backwards(found.pose.matrices()[None], REST, limb)[0]
        pose, before = found.pose, placed
    for _ in range(3):  # and comes to rest where the pointer rests, in reach or not
        pose = solve(pose, REST, goals=[Effector(INDEX[joint], goal)], pins=pins, rest=STANDING).pose
        placed = pose.world(REST)[1]
        assert np.linalg.norm(placed - before, axis=1).max() < 1e-3
        before = placed


def test_gz4_a_goal_that_comes_back_brings_the_pose_back():
    pins, begin = planted(STANDING), place(STANDING, "right_wrist")
    pose = STANDING
    for offset in [*np.linspace(0, 0.4, 12), *np.linspace(0.4, 0, 12)]:
        goal = Effector(21, begin + offset * np.array([0.3, 0.6, 0.8]))
        pose = solve(pose, REST, goals=[goal], pins=pins, rest=STANDING).pose
    assert np.linalg.norm(pose.world(REST)[1] - STANDING.world(REST)[1], axis=1).max() < 1e-3


def test_gz4_the_arm_goes_first_and_the_body_only_helps():
    pins, begin = planted(STANDING), place(STANDING, "right_wrist")
    near = solve(STANDING, REST, goals=[Effector(21, begin + np.array([0, 0.25, 0.25]))], pins=pins, iterations=60).pose
    far = solve(STANDING, REST, goals=[Effector(21, np.array([-0.2, 0.3, 0.6]))], pins=pins, iterations=60).pose
    moved = [np.linalg.norm(pose.translation - STANDING.translation) for pose in (near, far)]
    assert moved[0] < 0.03
    assert moved[1] > 0.1


@pytest.mark.parametrize(
    "joint", ["left_wrist", "right_ankle", "head", "left_knee", "spine2", "left_hand", "right_foot"]
)
def test_gz4_every_joint_can_be_dragged(joint):
    goal = place(STANDING, joint) + np.array([0.03, -0.04 if joint in ("head", "spine2") else 0.05, 0.06])
    foot = [name for name in ("left_ankle", "right_ankle") if not joint.startswith(name.split("_")[0])]
    found = solve(STANDING, REST, goals=[Effector(INDEX[joint], goal)], pins=planted(STANDING, *foot), iterations=60)
    assert found.goals[0].metres < MET[0]
    assert all(miss.metres < MET[0] for miss in found.pins)


@pytest.mark.parametrize("joint", ["right_wrist", "left_ankle", "head", "pelvis", "spine3"])
def test_gz4_a_joint_can_be_turned_in_place(joint):
    turned, placed = STANDING.world(REST)
    wanted = matrix_from_rotvec(np.array([0.0, 0.4, 0.2])) @ turned[INDEX[joint]]
    lower = np.array([0, -0.08 if joint == "pelvis" else 0.0, 0])  # straight legs don't let hips turn
    goal = Effector(INDEX[joint], placed[INDEX[joint]] + lower, wanted)
    others = [name for name in ("left_ankle", "right_ankle") if name != joint]
    found = solve(STANDING, REST, goals=[goal], pins=planted(STANDING, *others), iterations=80)
    assert found.goals[0].radians < np.radians(0.5)
    assert found.goals[0].metres < MET[0]
    assert all(miss.metres < MET[0] and miss.radians < MET[1] for miss in found.pins)


TORN = (1e-3, 1e-4)
"""m that a pin may be missed while dragged, and after."""


def pinned_t_pose(lowered: tuple[float, float, float] | None) -> tuple[Pose, list[Effector]]:
    """Feet planted and the left hand pinned, where it is or lowered first."""
    pose = t_pose(REST, ground=0.0)
    if lowered is not None:
        goal = Effector(20, place(pose, "left_wrist") + lowered)
        pose = solve(pose, REST, goals=[goal], pins=planted(pose), iterations=60).pose
    return pose, [held(pose, REST, 20, position=True, rotation=False), *planted(pose)]


def test_gz4_a_pinned_straight_arm_lets_the_other_reach():
    pose, pins = pinned_t_pose(None)
    goal = place(pose, "right_wrist") + np.array([0.1, 0.35, 0.05])
    found = solve(pose, REST, goals=[Effector(21, goal)], pins=pins, iterations=60)
    assert found.settled
    assert found.goals[0].metres < MET[0]
    assert all(miss.metres < TORN[1] for miss in found.pins)


@pytest.mark.parametrize("events", [4, 12])
@pytest.mark.parametrize("lowered", [None, (-0.1, -0.2, 0.0)], ids=["straight", "lowered"])
@pytest.mark.parametrize("by", [(0.1, 0.35, 0.05), (-0.3, 0.7, 0.3), (0.3, 0.1, 0.2), (-0.9, 0.0, 0.0)])
def test_gz4_no_goal_tears_a_pin(by, lowered, events):
    pose, pins = pinned_t_pose(lowered)
    begin = place(pose, "right_wrist")
    solver = Solver(pose, REST, goals=[held(pose, REST, 21, position=True, rotation=False)], pins=pins)
    for share in np.linspace(1 / events, 1, events):
        found = solver.moved([begin + share * np.array(by)], iterations=8, unseen=4e-4)
        assert max(miss.metres for miss in found.pins) < TORN[0]
        for pin in pins:
            assert np.linalg.norm(found.pose.world(REST)[1][pin.joint] - pin.position) < TORN[0]
    found = solver.moved(iterations=60)
    assert found.settled
    assert max(miss.metres for miss in found.pins) < TORN[1]
    assert all(miss.radians < MET[1] for miss in found.pins)


def test_gz4_a_pinned_head_and_pelvis_hold_too():
    pins = [*planted(STANDING), *(held(STANDING, REST, joint, position=True, rotation=False) for joint in (0, 15))]
    solver = Solver(STANDING, REST, goals=[held(STANDING, REST, 21, position=True, rotation=False)], pins=pins)
    begin = place(STANDING, "right_wrist")
    for share in np.linspace(0.1, 1, 10):
        found = solver.moved([begin + share * np.array([-0.5, 0.4, 0.9])], iterations=8, unseen=4e-4)
        assert max(miss.metres for miss in found.pins) < TORN[0]
    assert max(miss.metres for miss in solver.moved(iterations=60).pins) < TORN[1]


def test_a_drag_gives_what_one_solve_gives():
    pins, begin = planted(STANDING), place(STANDING, "right_wrist")
    solver = Solver(STANDING, REST, goals=[held(STANDING, REST, 21, position=True, rotation=False)], pins=pins)
    for share in np.linspace(0.1, 1, 10):
        dragged = solver.moved([begin + share * np.array([-0.1, 0.5, 0.4])])
    at_once = solve(STANDING, REST, goals=[Effector(21, begin + np.array([-0.1, 0.5, 0.4]))], pins=pins, iterations=60)
    away = dragged.pose.world(REST)[1] - at_once.pose.world(REST)[1]
    assert np.linalg.norm(away, axis=1).max() < 1e-3


def test_a_drag_asks_for_the_joints_that_it_began_with():
    solver = Solver(STANDING, REST, goals=[held(STANDING, REST, 21, position=True, rotation=False)])
    with pytest.raises(ValueError, match="1 goals with a place, not 2"):
        solver.moved([np.zeros(3), np.zeros(3)])


@pytest.mark.parametrize("goal", [[-0.5, 1.3, 1.6], [0.0, 2.4, 1.0], [-2.0, 1.0, 0.0], [-0.3, 1.0, -1.5]])
def test_gz4_out_of_reach_stretches_but_does_not_fall(goal):
    pins = planted(STANDING)
    found = solve(STANDING, REST, goals=[Effector(21, np.array(goal))], pins=pins, iterations=60)
    placed = found.pose.world(REST)[1]
    feet = placed[[7, 8, 10, 11]][:, [0, 2]]
    centre = (MASS @ placed)[[0, 2]]
    assert (centre > feet.min(axis=0) - MARGIN - 0.03).all()
    assert (centre < feet.max(axis=0) + MARGIN + 0.03).all()
    elbow, shoulder = placed[19], placed[17]
    along = [(elbow - shoulder) / np.linalg.norm(elbow - shoulder), (goal - shoulder) / np.linalg.norm(goal - shoulder)]
    assert along[0] @ along[1] > 0.9, "the arm points at what it can't reach"


def test_gz4_an_arm_that_nothing_asks_for_hangs_when_the_body_bends():
    goal = Effector(15, np.array([0.0, 1.2, 0.5]))
    found = solve(STANDING, REST, goals=[goal], pins=planted(STANDING), iterations=60)
    before, after = (pose.world(REST)[1] for pose in (STANDING, found.pose))
    turned = found.pose.world(REST)[0][12, :, 1] @ np.array([0, 1.0, 0])
    assert turned < 0.95, "the neck leans"
    for shoulder, wrist in ((16, 20), (17, 21)):
        lines = [(placed[wrist] - placed[shoulder]) / np.linalg.norm(placed[wrist] - placed[shoulder])
                 for placed in (before, after)]  # fmt: skip
        assert lines[0] @ lines[1] > 0.97
