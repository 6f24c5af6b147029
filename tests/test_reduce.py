"""Interpolation between keys, and dense motion reduced to keys that it stays close to."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as put
from window_document import walking, window_document

from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import EditError
from genmo_studio.document.model import TrackKind
from genmo_studio.document.time import Span
from genmo_studio.motion.body import load_body
from genmo_studio.motion.interpolate import Tangent, interpolated_places, interpolated_turns
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.reduce import Tolerance, reduced
from genmo_studio.motion.rotations import angle_between, matrix_from_rotvec
from genmo_studio.ui.panels.reduce_keys import WHOLE, blocked, full_keys, keyed_frames, keys_edit, reduction_of

REST = load_body("genmo-free").rest_joints(np.zeros(10, np.float32))[0]
KEYS = np.array([0, 10, 30, 45])
TIMES = np.arange(46)
PLACES = np.array([[0.0, 1, 0], [1, 1, 0], [1, 1, 2], [0, 0, 2]])
TURNS = np.array([[[0.2, 0.1, 0.0]], [[0.5, -0.4, 0.3]], [[-0.8, 0.3, 1.0]], [[2.9, 0.0, 0.4]]])


def apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Degrees."""
    return np.degrees(np.asarray(angle_between(matrix_from_rotvec(a), matrix_from_rotvec(b))))


def speeds(turns: np.ndarray) -> np.ndarray:
    """Degrees a frame."""
    return apart(turns[1:], turns[:-1])[:, 0]


@pytest.mark.parametrize("tangents", [None, *([tangent] * 4 for tangent in Tangent)])
def test_kf10_every_key_is_met_whatever_its_tangent(tangents) -> None:
    assert np.array_equal(interpolated_turns(KEYS, TURNS, KEYS, tangents), TURNS)
    assert np.array_equal(interpolated_places(KEYS, PLACES, KEYS, tangents), PLACES)
    before_and_after = interpolated_places(KEYS + 5, PLACES, np.array([0, 5, 50, 99]), tangents)
    assert np.array_equal(before_and_after, PLACES[[0, 0, 3, 3]])


def test_kf10_tangents_mean_what_they_say() -> None:
    step = interpolated_turns(KEYS, TURNS, TIMES, [Tangent.STEP] * 4)
    assert step[29] == pytest.approx(TURNS[1], abs=1e-9)
    assert np.array_equal(step[30], TURNS[2])
    linear = speeds(interpolated_turns(KEYS, TURNS, TIMES, [Tangent.LINEAR] * 4))
    for first, last in itertools.pairwise(KEYS):
        assert linear[first:last] == pytest.approx(linear[first], abs=1e-4)
    flat = interpolated_places(KEYS, PLACES, TIMES, [Tangent.FLAT] * 4)
    steps = np.linalg.norm(np.diff(flat, axis=0), axis=1)
    assert steps[[9, 10, 29, 30]].max() < 0.25 * steps.max(), "at rest at every key"
    auto = interpolated_turns(KEYS, TURNS, np.arange(0, 46, 1), None)
    fine = np.array([apart(auto[k + 1], auto[k])[0] - apart(auto[k], auto[k - 1])[0] for k in KEYS[1:-1]])
    jumps = np.array([linear[k] - linear[k - 1] for k in KEYS[1:-1]])
    assert np.abs(fine).max() < 0.35 * np.abs(jumps).max()
    mixed = interpolated_places(KEYS, PLACES, TIMES, [Tangent.AUTO, Tangent.STEP, Tangent.AUTO, Tangent.AUTO])
    assert np.array_equal(mixed[20], PLACES[1])
    assert not np.array_equal(mixed[5], PLACES[0])


@given(st.lists(st.floats(-2.0, 2.0), min_size=4, max_size=4))
@settings(max_examples=60)
def test_kf10_an_automatic_tangent_never_overshoots_its_keys(heights: list[float]) -> None:
    places = np.array([[0.0, height, 0.0] for height in heights])
    found = interpolated_places(KEYS, places, TIMES)[:, 1]
    for index, (first, last) in enumerate(itertools.pairwise(KEYS)):
        low, high = sorted(heights[index : index + 2])
        assert found[first : last + 1].min() >= low - 1e-9
        assert found[first : last + 1].max() <= high + 1e-9


def restless(frames: int = 120, *, seed: int = 0) -> Motion:
    """Smooth noise on every joint and on the root."""
    rng = np.random.default_rng(seed)
    t = np.arange(frames)[:, None, None] / 30
    phase, speed = rng.uniform(0, 6, (2, 24, 3))
    turns = 0.5 * np.sin(t * speed + phase)
    place = np.stack([np.sin(t[:, 0, 0]), 1 + 0.1 * np.sin(3 * t[:, 0, 0]), t[:, 0, 0]], axis=1)
    return Motion(turns.astype(np.float32), place.astype(np.float32))


@pytest.mark.parametrize("joints", [tuple(range(22)), (16, 18)])
def test_kf11_the_keys_of_a_reduction_stay_within_the_tolerance(joints: tuple[int, ...]) -> None:
    motion, tolerance = restless(), Tolerance(2.0, 0.01)
    found = reduced(motion, joints=joints, tolerance=tolerance, fixed=(37,))
    keys = np.array(found.frames)
    assert keys[0] == 0
    assert keys[-1] == len(motion) - 1
    assert 37 in keys
    turns = motion.rotations[:, list(joints)].astype(np.float64)
    off = apart(interpolated_turns(keys, turns[keys], np.arange(len(motion))), turns)
    place = motion.translation.astype(np.float64)
    away = np.linalg.norm(interpolated_places(keys, place[keys], np.arange(len(motion))) - place, axis=1)
    assert off.max() <= tolerance.degrees
    assert away.max() <= tolerance.metres
    assert (found.worst_degrees, found.worst_metres) == pytest.approx((off.max(), away.max()))
    assert len(keys) < len(motion) / 2


def test_kf11_a_wider_tolerance_needs_fewer_keys_and_stillness_two() -> None:
    motion = restless()
    counts = [
        len(reduced(motion, joints=tuple(range(22)), tolerance=Tolerance(d, d / 100)).frames) for d in (0.5, 2, 6, 20)
    ]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 2 * counts[2]
    still = Motion(np.zeros((90, 24, 3), np.float32), np.zeros((90, 3), np.float32))
    assert reduced(still, joints=(0, 1), tolerance=Tolerance()).frames == (0, 89)
    one = reduced(still.sliced(0, 1), joints=(0,), tolerance=Tolerance())
    assert one.frames == (0,)


def test_kf11_a_swing_is_keyed_near_where_it_turns_around() -> None:
    found = reduced(walking(), joints=tuple(range(22)), tolerance=Tolerance(6.0, 0.02))
    turning = [frame for frame in range(90) if frame % 15 == 7]
    for frame in turning:
        assert min(abs(key - frame) for key in found.frames) <= 3
    assert len(found.frames) <= 14


def test_kf11_nothing_cannot_be_reduced() -> None:
    with pytest.raises(ValueError, match="nothing"):
        reduced(walking(), joints=(), root=False, tolerance=Tolerance())


# -- keys on the timeline ----------------------------------------------------------------------------------------------


def test_kf11_a_reduction_puts_keys_of_the_motion_on_a_track_and_leaves_those_that_are_there() -> None:
    made, _ = window_document()
    bare = ShownMotion(walking(), 0, (Span(0, 90),))
    span = Span(10, 80)
    fixed = keyed_frames(made, WHOLE, span)
    assert fixed == (45,)
    found = reduction_of(bare, span, joints=WHOLE, tolerance=Tolerance(6, 0.02), root=True, fixed=fixed)
    edit, ids = keys_edit(made, bare, span, found, joints=WHOLE, root=True, rest_pelvis=REST)
    new = Editor(made).edit("Reduce to Keys", edit)
    track = next(track for track in new.tracks if track.id == "t2")
    assert {key.id for key in track.items} == ids | {"key0", "key1", "key2"}
    for key in (key for key in track.items if key.id in ids):
        assert key.frame in span
        assert set(key.rotations) == set(WHOLE)
        assert key.rotations["left_hip"] == pytest.approx(bare.motion.rotations[key.frame, 1])
        assert key.root_position == pytest.approx(bare.motion.translation[key.frame] + REST)
    assert next(key for key in track.items if key.id == "key1") in made.tracks[1].items


def test_kf11_a_reduction_of_some_joints_makes_partial_keys_on_a_new_track() -> None:
    made, _ = window_document()
    bare = ShownMotion(walking(), 0, (Span(0, 90),))
    joints = ("left_shoulder", "left_elbow")
    found = reduction_of(bare, bare.span, joints=joints, tolerance=Tolerance(3), root=False, fixed=())
    edit, ids = keys_edit(made, bare, bare.span, found, joints=joints, root=False, rest_pelvis=REST)
    new = edit(made)
    track = new.tracks[-1]
    assert track.kind is TrackKind.PARTIAL_KEYS
    assert {key.id for key in track.items} == ids
    assert all(set(key.rotations) == set(joints) and key.root_position is None for key in track.items)


def test_kf9_blocking_goes_through_the_keys_and_holds_them_as_long_as_they_say() -> None:
    made, _ = window_document()
    keys = full_keys(made)
    assert [key.frame for key in keys] == [0, 45, 89]
    like = walking().sliced(0, 1)
    for tangent in Tangent:
        span, motion = blocked([keys[0], put(keys[1], hold=6), keys[2]], tangent=tangent, rest_pelvis=REST, like=like)
        assert span == Span(0, 90)
        for key, frame in ((keys[0], 0), (keys[1], 45), (keys[1], 51), (keys[2], 89)):
            assert motion.rotations[frame, 16] == pytest.approx(key.rotations["left_shoulder"], abs=1e-6)
            assert motion.translation[frame] + REST == pytest.approx(key.root_position, abs=1e-5)
        assert motion.translation[48] == pytest.approx(motion.translation[45], abs=1e-6)
    with pytest.raises(EditError, match="not two full pose keys"):
        blocked(keys[:1], tangent=Tangent.AUTO, rest_pelvis=REST, like=like)
