"""Contacts that the user set, keys beside them, and what the report says where both cannot be."""

import numpy as np
import pytest
from test_footlock import BODY, skating, walk

from genmo_studio.conditions.request import ContactCondition, GenerationRequest, PoseCondition
from genmo_studio.document.model import Foot
from genmo_studio.document.time import Span
from genmo_studio.model.finishing import finish, refinish
from genmo_studio.model.footfalls import ground_under, held_by, with_wishes
from genmo_studio.motion.body import joint_positions
from genmo_studio.motion.contacts import FEET, sole_heights
from genmo_studio.motion.correction import PoseTarget, pose_target_of
from genmo_studio.motion.footlock import Held, lock_feet
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import INDEX, JOINTS
from genmo_studio.motion.suddenness import joint_accelerations, knee_speeds
from genmo_studio.motion.usual import USUAL_KNEE_SPEED
from genmo_studio.values import replace

FRAMES = 90
LEFT, RIGHT = (0, 1), (2, 3)


def standing(frames=FRAMES, height=0.0):
    """A person who stands still with slightly bent knees and whose feet nobody knows to rest."""
    rotations = np.zeros((frames, 24, 3), np.float32)
    translation = np.zeros((frames, 3), np.float32)
    translation[:, 1] = -BODY.v_template[:, 1].min() - 0.03 + height
    motion = Motion(rotations=rotations, translation=translation, contacts=np.zeros((frames, 6), np.float32))
    return lock_feet(motion, BODY, planted=np.ones((frames, 2)))[0] if height == 0 else motion


def gliding(frames=FRAMES, speed=0.15):
    """The same person, carried over the floor."""
    still = standing(frames)
    shift = np.zeros((frames, 3), np.float32)
    shift[:, 2] = np.arange(frames) * speed / 30
    return replace(still, translation=still.translation + shift)


def feet(motion):
    return joint_positions(motion, BODY)[:, list(FEET)].astype(np.float64)


def moved(motion, columns, span):
    part = feet(motion)[span.start : span.stop, list(columns)][..., [0, 2]]
    return float(np.linalg.norm(part - part[len(part) // 2], axis=-1).max())


def done(motion, **more):
    request = GenerationRequest(frames=len(motion), **more)
    return finish(motion, BODY, request, unaided=motion)


def test_vp7_a_planted_foot_rests_where_it_is_in_the_middle_and_the_contacts_say_so():
    motion, span = gliding(), Span(30, 60)
    before = feet(motion)
    finished = done(motion, contacts=(ContactCondition(span, Foot.LEFT),))
    after = feet(finished.motion)
    assert moved(motion, LEFT, span) > 0.07
    assert moved(finished.motion, LEFT, span) < 0.01
    assert np.linalg.norm((after - before)[45, 0, [0, 2]]) < 0.01
    soles = sole_heights(BODY, motion.betas)
    assert np.abs(after[30:60, :2, 1] - soles[:2]).max() < 0.01
    np.testing.assert_allclose(after[:, 2:], before[:, 2:], atol=0.02)  # the other one goes on as it did
    contacts = finished.motion.contacts
    assert contacts[30:60, :2].min() == 1
    assert contacts[:30].max() == contacts[60:].max() == contacts[:, 2:].max() == 0
    assert finished.report["unmet"] == []
    assert knee_speeds(finished.motion).max() < USUAL_KNEE_SPEED


def test_a_planted_foot_comes_down_and_lies_flat_even_without_foot_lock():
    motion, span = standing(height=0.04), Span(25, 65)
    tiptoe = motion.rotations.copy()
    tiptoe[:, INDEX["left_ankle"], 0] = 0.4
    motion = replace(motion, rotations=tiptoe)
    soles = sole_heights(BODY, motion.betas)
    assert np.abs(feet(motion)[30:60, :2, 1] - soles[:2]).max() > 0.03
    finished = done(motion, contacts=(ContactCondition(span, Foot.LEFT),), foot_lock=0.0)
    rest = feet(finished.motion)[28:62, :2, 1] - soles[:2]
    assert np.abs(rest).max() < 0.012
    assert joint_accelerations(finished.motion, BODY).max() < 15


def test_half_a_weight_is_half_the_hold_and_none_is_nothing():
    motion, span = gliding(), Span(30, 60)
    slides = [
        moved(done(motion, contacts=(ContactCondition(span, Foot.LEFT, weight=weight),)).motion, LEFT, span)
        for weight in (1.0, 0.5, 0.0)
    ]
    assert slides[0] < slides[1] < slides[2]
    bare = done(motion).motion
    assert slides[2] == pytest.approx(moved(bare, LEFT, span), abs=1e-6)


def test_a_free_foot_is_never_locked():
    motion = skating(2)
    free = tuple(ContactCondition(Span(0, len(motion)), foot, planted=False) for foot in Foot)
    finished = done(motion, contacts=free)
    assert finished.motion.contacts[:, :4].max() == 0
    held = done(motion).motion
    resting = motion.contacts[:-1, 0] > 0.5
    speed = [np.linalg.norm(np.diff(feet(m)[:, 0, [0, 2]], axis=0), axis=-1)[resting].mean() * 30 for m in
             (motion, finished.motion, held)]  # fmt: skip
    assert speed[1] == pytest.approx(speed[0], rel=0.05)
    assert speed[2] < 0.3 * speed[0]


def test_where_two_contacts_disagree_the_later_one_holds():
    motion = standing(30)
    wishes = [ContactCondition(Span(0, 20), Foot.LEFT), ContactCondition(Span(10, 30), Foot.LEFT, planted=False)]
    found = with_wishes(motion, BODY, wishes)
    np.testing.assert_array_equal(found.planted[:, 0], [1.0] * 10 + [0.0] * 20)
    np.testing.assert_array_equal(found.motion.contacts[:, 0], [1.0] * 10 + [0.0] * 20)
    assert not found.planted[:, 1].any()
    assert with_wishes(motion, BODY, ()).motion is motion


def key_of(motion, frame, **changes):
    target = pose_target_of(motion, BODY, frame)
    rotations = {JOINTS[joint]: value for joint, value in target.rotations.items()}
    rotations |= changes.pop("rotations", {})
    return PoseCondition(frame, rotations=rotations, root_position=target.root_position, **changes)


def test_a_key_wins_over_a_planted_foot_and_the_report_names_both():
    motion = standing()
    lifted_leg = {"left_hip": (-0.9, 0.0, 0.0), "left_knee": (1.2, 0.0, 0.0)}
    key = key_of(motion, 45, rotations=lifted_leg)
    finished = done(motion, poses=(key,), contacts=(ContactCondition(Span(30, 60), Foot.LEFT),))
    assert finished.report["key_errors_after"]["rotation_deg"] < 0.1
    (sentence,) = finished.report["unmet"]
    assert sentence.startswith("the left foot is planted from frame 30 to 59, but the key at frame 45 holds it")
    assert sentence.endswith("cm above the ground: keys win")
    assert knee_speeds(finished.motion).max() < 1.5 * USUAL_KNEE_SPEED


def test_a_planted_foot_that_the_leg_cannot_keep_is_named():
    motion, span = gliding(speed=1.5), Span(0, FRAMES)
    finished = done(motion, contacts=(ContactCondition(span, Foot.RIGHT),))
    (sentence,) = finished.report["unmet"]
    assert "the right foot is planted from frame 0 to 89" in sentence
    assert "out of reach" in sentence
    assert np.isfinite(finished.motion.rotations).all()


def test_a_key_of_the_arms_holds_no_foot():
    held = held_by(
        [
            PoseTarget(3, rotations={INDEX["left_elbow"]: (0, 0, 0)}),
            PoseTarget(5, rotations={INDEX["left_knee"]: (0, 0, 0)}),
            PoseTarget(7, positions={INDEX["right_foot"]: (0, 0, 0)}),
            PoseTarget(9, root_position=(0, 1, 0)),
            PoseTarget(11, rotations={0: (0, 0, 0)}),
        ]
    )
    assert held == Held([5], [7], [7, 9])


def test_feet_are_locked_through_keys_that_do_not_fix_them():
    motion = skating(3)
    root = pose_target_of(motion, BODY, 50)
    arm = PoseCondition(50, rotations={"left_shoulder": (0.0, 0.0, 0.8)})
    place = PoseCondition(70, root_position=root.root_position)
    free, keyed = done(motion), done(motion, poses=(arm,))
    np.testing.assert_allclose(feet(keyed.motion), feet(free.motion), atol=1e-6)
    rooted = done(motion, poses=(place,))
    assert rooted.report["foot_skate"] < 0.5 * rooted.report["foot_skate_before"]
    assert rooted.report["key_errors_after"]["root_position_mm"] < 1


@pytest.mark.parametrize("side", ["left_leg", "right_leg"])
def test_one_leg_can_be_held_alone(side):
    motion = skating(13)
    frames = list(range(len(motion)))
    locked, _ = lock_feet(motion, BODY, held=Held(**{side: frames}), floor=False)
    legs = {"left_leg": [1, 4, 7], "right_leg": [2, 5, 8]}
    np.testing.assert_array_equal(locked.rotations[:, legs[side]], motion.rotations[:, legs[side]])
    (other,) = legs.keys() - {side}
    assert not np.array_equal(locked.rotations[:, legs[other]], motion.rotations[:, legs[other]])
    np.testing.assert_array_equal(locked.translation, motion.translation)


def test_refinishing_a_take_gives_nearly_what_the_request_would_have_given():
    motion = skating(15)
    request = GenerationRequest(frames=len(motion), poses=(key_of(skating(2), 60),), foot_lock=0.0)
    loose = finish(motion, BODY, request, unaided=motion).motion
    again = refinish(loose, BODY, request, strength=1.0)
    at_once = finish(motion, BODY, GenerationRequest(frames=len(motion), poses=request.poses), unaided=motion).motion
    np.testing.assert_allclose(feet(again), feet(at_once), atol=0.02)


def test_keys_that_stand_on_something_raise_the_ground_and_keys_in_the_air_do_not():
    motion = standing(FRAMES)
    raised = motion.translation.copy()
    raised[40:, 1] += 0.5
    motion = replace(motion, translation=raised)
    low, high = pose_target_of(motion, BODY, 10), pose_target_of(motion, BODY, 70)
    assert not ground_under(motion, BODY, [low, high]).any()  # nothing rests there
    contacts = motion.contacts.copy()
    contacts[60:, :4] = contacts[:20, :4] = 1
    ground = ground_under(replace(motion, contacts=contacts), BODY, [low, high])
    assert ground[10] == 0
    assert ground[70:] == pytest.approx(0.5, abs=0.01)


def test_a_clean_walk_keeps_its_knees_and_toes():
    motion = walk()
    locked, _ = lock_feet(motion, BODY)
    assert knee_speeds(locked).max() < knee_speeds(motion).max() + 60
    heights = feet(locked)[..., 1] - sole_heights(BODY, motion.betas)
    assert heights.min() > -0.012
