"""Keys met quickly, for drafts: exact at the key, nothing outside, no steps between."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmo_studio.document.time import Span
from genmo_studio.motion.body import load_body
from genmo_studio.motion.correction import PoseTarget, WaypointTarget, key_errors
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.quick_keys import meet_quickly
from tests.window_document import walking

BODY = load_body("genmo-free")
turns = st.tuples(*[st.floats(-0.8, 0.8)] * 3)


@given(st.integers(1, 88), st.integers(1, 88), st.dictionaries(st.integers(0, 21), turns, min_size=1, max_size=6))
def test_the_keys_are_met_and_nothing_outside_of_the_span_moves(one: int, other: int, rotations: dict) -> None:
    motion = walking(90)
    span = Span(min(one, other), max(one, other) + 1)
    pelvis = BODY.rest_joints(motion.betas)[0]
    place = tuple(motion.translation[one] + pelvis + [0.2, 0.05, -0.1])
    poses = [PoseTarget(one, rotations=rotations, root_position=place)]
    if other != one:
        poses.append(PoseTarget(other, rotations={3: (0.1, 0.2, 0.0)}))
    met = meet_quickly(motion, BODY, poses, span=span)
    errors = key_errors(met, BODY, poses)
    assert errors.rotation_degrees < 0.01
    assert errors.root_position < 1e-5
    outside = np.r_[0 : span.start, span.stop : 90]
    assert met.rotations[outside].tobytes() == motion.rotations[outside].tobytes()
    assert met.translation[outside].tobytes() == motion.translation[outside].tobytes()


def test_what_is_added_grows_and_fades_without_steps() -> None:
    motion = walking(90)
    met = meet_quickly(motion, BODY, [PoseTarget(45, rotations={15: (0.0, 0.9, 0.0)})], span=Span(10, 80))
    added = met.rotations[:, 15, 1] - motion.rotations[:, 15, 1]
    assert added[45] == pytest.approx(0.9, abs=1e-5)
    assert np.abs(np.diff(added)).max() < 0.9 * 1.6 / 30
    others = [joint for joint in range(24) if joint != 15]
    assert met.rotations[:, others].tobytes() == motion.rotations[:, others].tobytes()


def test_positions_and_waypoints_are_met_too() -> None:
    motion = walking(90)
    wrist = PoseTarget(45, positions={20: (0.3, 1.3, 1.7)})
    point = WaypointTarget(60, position=(0.4, 2.1), heading=0.5)
    met = meet_quickly(motion, BODY, [wrist], [point], span=Span(20, 80))
    errors = key_errors(met, BODY, [wrist], [point])
    assert errors.joint_position < 2e-3
    assert errors.waypoint < 1e-4
    assert errors.heading_degrees < 0.1


def test_a_pose_key_comes_before_a_waypoint_of_its_frame() -> None:
    motion = walking(90)
    pose = PoseTarget(45, rotations={0: (0.0, 0.3, 0.0)}, root_position=(0.1, 0.9, 1.6))
    met = meet_quickly(motion, BODY, [pose], [WaypointTarget(45, position=(2.0, 2.0), heading=1.0)])
    errors = key_errors(met, BODY, [pose])
    assert errors.root_position < 1e-5
    assert errors.rotation_degrees < 0.01


def test_without_keys_or_beside_the_span_the_motion_is_the_same_object() -> None:
    motion = walking(90)
    assert meet_quickly(motion, BODY, []) is motion
    assert meet_quickly(motion, BODY, [PoseTarget(5, rotations={3: (0, 0, 1)})], span=Span(10, 20)) is motion


def test_towards_an_open_end_the_difference_holds() -> None:
    motion = Motion(np.zeros((20, 24, 3), np.float32), np.zeros((20, 3), np.float32))
    met = meet_quickly(motion, BODY, [PoseTarget(10, rotations={3: (0.0, 0.0, 0.5)})])
    assert np.allclose(met.rotations[:, 3, 2], 0.5, atol=1e-5)
