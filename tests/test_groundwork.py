"""Weight, flight and steps: put in where a motion cannot be, and nowhere else."""

import numpy as np
import pytest
from test_footlock import skating, walk

from genmo_studio.conditions.request import ContactCondition, GenerationRequest
from genmo_studio.document.model import Foot
from genmo_studio.document.time import Span
from genmo_studio.model.finishing import finish
from genmo_studio.motion.body import joint_positions, load_body
from genmo_studio.motion.contacts import FEET, foot_skate, sole_heights
from genmo_studio.motion.footsteps import stepped
from genmo_studio.motion.jumps import jumped, level_ground
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix, yaw_matrix
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.motion.smoothest import Wanted, smoothest
from genmo_studio.motion.suddenness import joint_accelerations, knee_speeds
from genmo_studio.motion.supports import supported
from genmo_studio.motion.usual import USUAL_ACCELERATION, USUAL_KNEE_SPEED
from genmo_studio.motion.weight import let_down
from genmo_studio.training.hard_cases import CROUCH, STAND, pose
from genmo_studio.values import replace

BODY = load_body("genmo-free")
GRAVITY = 9.81


def held(key, frames: int) -> Motion:
    """A motion that stays in one pose."""
    rotations = np.zeros((1, 24, 3), np.float32)
    for joint, turn in enumerate(key.rotations.values()):
        rotations[0, joint] = turn
    rest = BODY.rest_joints(np.zeros(10))[0]
    place = (np.array(key.root_position) - rest).astype(np.float32)
    return Motion(
        rotations=np.repeat(rotations, frames, axis=0),
        translation=np.repeat(place[None], frames, axis=0),
        contacts=np.ones((frames, 6), np.float32),
    )


def turning(frames: int = 61, angle: float = np.pi) -> Motion:
    """Someone who stands and is turned on the spot like a statue."""
    still = held(pose(BODY, STAND, 0), frames)
    share = np.linspace(0, 1, frames)
    share = share * share * (3 - 2 * share)
    rotations = still.rotations.copy()
    rotations[:, 0] = rotvec_from_matrix(yaw_matrix(angle * share) @ matrix_from_rotvec(still.rotations[:, 0]))
    return replace(still, rotations=rotations)


def soles(motion: Motion) -> np.ndarray:
    """(T, 2) height of each foot's lower part over the ground, m."""
    feet = joint_positions(motion, BODY)[:, list(FEET), 1] - sole_heights(BODY, motion.betas)
    return feet.reshape(-1, 2, 2).min(axis=2)


def between_levels() -> Motion:
    """Carried from a crouch on the floor to a crouch on something 40 cm high, as in a lift."""
    low, high = pose(BODY, CROUCH, 0), pose(BODY, CROUCH, 22, place=(0.0, 0.7), ground=0.4)
    motion = held(low, 43)
    share = np.clip((np.arange(43) - 10) / 22, 0, 1)[:, None]
    way = np.array(high.root_position) - np.array(low.root_position)
    return replace(motion, translation=(motion.translation + share * way).astype(np.float32))


def test_the_smoothest_curve_passes_its_fixed_places_and_is_straight_without_wishes() -> None:
    place, fixed = np.zeros((9, 1)), np.zeros(9, np.bool_)
    place[8], fixed[[0, 8]] = 4.0, True
    curve = smoothest(Wanted(np.zeros((7, 1)), np.ones(7), place, np.zeros(9), fixed))
    np.testing.assert_allclose(curve[:, 0], np.linspace(0, 4, 9), atol=1e-5)
    bent = smoothest(Wanted(np.full((7, 1), -0.1), np.ones(7), place, np.zeros(9), fixed))
    np.testing.assert_allclose(np.diff(bent[:, 0], n=2), -0.1, atol=1e-5)
    assert bent[8, 0] == 4.0
    assert bent[0, 0] == 0.0


def test_a_lift_between_two_levels_becomes_a_jump() -> None:
    motion = between_levels()
    up, jumps = jumped(motion, BODY, {10: 0.0, 32: 0.4}, strength=1.0)
    (jump,) = jumps
    flight = np.arange(jump.leaves + 1, jump.lands)
    bend = np.diff(up.translation.astype(np.float64), n=2, axis=0)[flight - 1] * 900
    np.testing.assert_allclose(bend[:, 1], -GRAVITY, atol=0.1)
    np.testing.assert_allclose(bend[:, [0, 2]], 0, atol=0.1)
    for frame in (*range(11), *range(32, 43)):  # keys, and all outside of them
        np.testing.assert_array_equal(up.rotations[frame], motion.rotations[frame])
        np.testing.assert_array_equal(up.translation[frame], motion.translation[frame])
    standing = BODY.rest_joints(np.zeros(10))[0, 1] - BODY.v_template[:, 1].min()
    pelvis = joint_positions(up, BODY)[:, 0, 1]
    assert pelvis[jump.leaves] > 0.93 * standing  # it leaves with nearly straight legs
    high = soles(up)
    assert np.abs(high[11 : jump.leaves - 4]).max() < 0.02
    assert np.abs(high[jump.lands + 1 : 32] - 0.4).max() < 0.04
    assert up.contacts[flight, :4].max() == 0
    assert up.contacts[jump.lands : 32, [1, 3]].min() == 1
    assert (joint_accelerations(up, BODY)[9:34] / USUAL_ACCELERATION).max() < 2
    ground = level_ground(jumps, np.interp(np.arange(43), [10, 32], [0, 0.4]))
    assert ground[jump.leaves] == 0
    assert ground[jump.lands] == pytest.approx(0.4)


def test_small_steps_up_and_keys_far_apart_are_no_jumps() -> None:
    motion = between_levels()
    assert jumped(motion, BODY, {10: 0.0, 32: 0.1}, strength=1.0)[1] == []
    assert jumped(motion, BODY, {0: 0.0}, strength=1.0)[1] == []
    assert jumped(motion, BODY, {10: 0.0, 16: 0.4}, strength=1.0)[1] == []  # no time to fly
    untouched, jumps = jumped(motion, BODY, {10: 0.0, 32: 0.4}, strength=0.0)
    assert jumps
    np.testing.assert_array_equal(untouched.translation, motion.translation)


def test_who_hovers_is_let_down_but_not_at_keys_and_not_who_flies() -> None:
    flat, ground = held(pose(BODY, STAND, 0), 60), np.zeros(60)
    share = np.clip(np.minimum(np.arange(60) - 12, 47 - np.arange(60)) / 12, 0, 1)
    rise = 0.25 * share * share * (3 - 2 * share)
    aloft = flat.translation + rise[:, None] * np.float32([0, 1, 0])
    hovering = replace(flat, translation=aloft.astype(np.float32))
    down, told = let_down(hovering, BODY, ground=ground)
    assert soles(hovering).max() > 0.2
    assert np.abs(soles(down)).max() < 0.03
    (part,) = told
    assert part.most == pytest.approx(0.25, abs=0.03)
    kept, _ = let_down(hovering, BODY, ground=ground, held=[30])
    np.testing.assert_array_equal(kept.translation[30], hovering.translation[30])
    planted = np.zeros((60, 2))
    planted[:, 0] = 1
    assert let_down(hovering, BODY, ground=ground, planted=planted)[0] is hovering
    time = (np.arange(60) - 30) / 30
    leap = np.maximum(0.5 * GRAVITY * (0.3**2 - time**2), 0)
    flying = replace(flat, translation=(flat.translation + leap[:, None] * [0, 1, 0]).astype(np.float32))
    assert soles(flying).max() > 0.4
    assert let_down(flying, BODY, ground=ground)[0] is flying


def test_a_statue_that_is_turned_takes_steps() -> None:
    motion = turning()
    walked, told = stepped(motion, BODY, ground=np.zeros(61))
    (steps,) = told
    assert 4 <= steps.count <= 6
    assert steps.start == 0
    before = foot_skate(joint_positions(motion, BODY), motion.contacts, 30)
    after = foot_skate(joint_positions(walked, BODY), walked.contacts, 30)
    assert before > 0.2
    assert after < 0.25 * before
    for frame in (0, 60):
        np.testing.assert_array_equal(walked.rotations[frame], motion.rotations[frame])
        np.testing.assert_array_equal(walked.translation[frame], motion.translation[frame])
    assert 0.04 < soles(walked).max() < 0.12  # a foot that steps is lifted
    assert soles(walked).min() > -0.02
    resting = walked.contacts[:, [1, 3]] > 0.5
    assert resting.any(axis=1).all()  # one foot stands all the time
    assert (joint_accelerations(walked, BODY) / USUAL_ACCELERATION).max() < 1.5
    assert knee_speeds(walked).max() < 1.2 * USUAL_KNEE_SPEED
    spine = [0, 3, 6, 9, 12, 15, 16, 17, 18, 19, 20, 21]
    np.testing.assert_array_equal(walked.rotations[:, spine], motion.rotations[:, spine])


def test_no_steps_for_feet_that_the_user_planted_or_that_walk_already() -> None:
    motion = turning()
    assert stepped(motion, BODY, ground=np.zeros(61), planted=np.ones((61, 2)))[0] is motion
    assert stepped(motion, BODY, ground=np.zeros(61), strength=0.0)[0] is motion
    walks = walk()
    assert stepped(walks, BODY, ground=np.zeros(120)) == (walks, [])
    assert stepped(turning(angle=0.3), BODY, ground=np.zeros(61))[1] == []


def test_a_dance_that_no_foot_carries_gets_feet_that_carry_it() -> None:
    still, time = held(pose(BODY, STAND, 0), 75), np.arange(75) / 30
    sway = np.stack([0.25 * np.sin(2 * np.pi * 0.8 * time), np.zeros(75), 0.1 * np.sin(2 * np.pi * 0.4 * time)], 1)
    slides = replace(still, translation=(still.translation + sway).astype(np.float32), contacts=0 * still.contacts)
    steps, told = supported(slides, BODY, ground=np.zeros(75))
    assert told
    assert foot_skate(joint_positions(steps, BODY), steps.contacts, 30) < 0.1
    assert steps.contacts[5:-5, :4].max(axis=1).min() == 1  # somebody carries all the time
    np.testing.assert_array_equal(steps.rotations[[0, 74]], slides.rotations[[0, 74]])
    runs = replace(slides, translation=(slides.translation + time[:, None] * [0, 0, 2.0]).astype(np.float32))
    assert supported(runs, BODY, ground=np.zeros(75))[0] is runs
    said = replace(slides, contacts=still.contacts)
    assert supported(said, BODY, ground=np.zeros(75))[0] is said
    assert supported(slides, BODY, ground=np.zeros(75), planted=np.ones((75, 2)))[0] is slides


def test_a_body_that_glides_on_one_foot_is_left_to_glide() -> None:
    """A foot that was nailed where the glide begins would be torn back at its end, at 12 m/s."""
    still = held(pose(BODY, STAND, 0), 60)
    rotations = still.rotations.copy()
    rotations[:, INDEX["right_hip"], 0] = -0.6
    rotations[:, INDEX["right_knee"], 0] = 1.0
    way = np.arange(60)[:, None] / 30 * [0, 0, 0.9]
    glides = replace(
        still,
        rotations=rotations,
        translation=(still.translation + way).astype(np.float32),
        contacts=0 * still.contacts,
    )
    moved, _ = supported(glides, BODY, ground=np.zeros(60))
    ball = joint_positions(moved, BODY)[:, INDEX["left_foot"]]
    assert (np.linalg.norm(np.diff(ball, axis=0), axis=1) * 30).max() < 3


def test_no_jump_goes_through_a_key_in_the_air() -> None:
    motion = between_levels()
    assert jumped(motion, BODY, {10: 0.0, 32: 0.4}, held=[10, 21, 32], strength=1.0) == (motion, [])
    assert jumped(motion, BODY, {10: 0.0, 32: 0.4}, held=[10, 32], strength=1.0)[1]


def test_steps_of_half_strength_are_half_the_way() -> None:
    motion = turning()
    full, half = (stepped(motion, BODY, ground=np.zeros(61), strength=share)[0] for share in (1.0, 0.5))
    whole = np.abs(full.rotations - motion.rotations).max(axis=(0, 2))
    some = np.abs(half.rotations - motion.rotations).max(axis=(0, 2))
    moved = whole > 0.05
    assert moved.any()
    assert (some[moved] < 0.8 * whole[moved]).all()


def test_keys_are_met_exactly_after_steps_and_the_report_says_what_was_done() -> None:
    keys = (pose(BODY, STAND, 0), pose(BODY, STAND, 60, heading=np.pi))
    motion = turning()
    request = GenerationRequest(frames=61, poses=keys)
    done = finish(motion, BODY, request, unaided=motion)
    after = done.report["key_errors_after"]
    assert max(after["rotation_deg"], after["root_position_mm"]) < 0.01
    assert done.report["steps_put_in"] >= 4
    assert any("steps from frame 0 to 60" in sentence for sentence in done.report["clean_up"])
    off = finish(motion, BODY, GenerationRequest(frames=61, poses=keys, foot_lock=0.0), unaided=motion)
    assert off.report["clean_up"] == []
    assert "steps_put_in" not in off.report
    stays = GenerationRequest(frames=61, poses=keys, contacts=(ContactCondition(Span(0, 61), Foot.LEFT),))
    assert "steps_put_in" not in finish(motion, BODY, stays, unaided=motion).report


def test_a_walk_that_is_as_it_should_be_is_left_alone() -> None:
    motion = walk()
    quiet = finish(motion, BODY, GenerationRequest(frames=120), unaided=motion)
    assert quiet.report["clean_up"] == []
    drifting = skating(1)
    assert not any(
        "steps" in line
        for line in finish(drifting, BODY, GenerationRequest(frames=120), unaided=drifting).report["clean_up"]
    )


def carried(metres: float, frames: int = 61) -> Motion:
    """Someone who stands and is carried ahead like a statue."""
    still = held(pose(BODY, STAND, 0), frames)
    share = np.linspace(0, 1, frames)
    way = (metres * share * share * (3 - 2 * share))[:, None] * [0, 0, 1]
    return replace(still, translation=(still.translation + way).astype(np.float32))


def test_long_steps_are_higher_than_short_ones_and_come_down_heel_first() -> None:
    def pitch(motion: Motion) -> float:
        """m that a toe is higher over its level than its heel, at most."""
        feet = joint_positions(motion, BODY)[:, list(FEET), 1] - sole_heights(BODY, motion.betas)
        return float((feet[:, [1, 3]] - feet[:, [0, 2]]).max())

    short, long, back = (stepped(carried(way), BODY, ground=np.zeros(61))[0] for way in (0.2, 0.9, -0.9))
    assert soles(long).max() > soles(short).max() + 0.01
    assert pitch(short) < pitch(long)
    assert pitch(long) > 0.008
    assert pitch(back) < 0.004  # who steps back comes down on the ball
    for walking in (short, long, back):
        assert knee_speeds(walking).max() < USUAL_KNEE_SPEED
        assert soles(walking).min() > -0.01
