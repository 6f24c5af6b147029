"""Loops of a known motion, moves over the ground, and how jumps are measured."""

import hashlib

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmo_studio.conditions.request import (
    GenerationRequest,
    KeptRegion,
    Loop,
    PoseCondition,
    Regeneration,
    TextCondition,
    WaypointCondition,
)
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedMusic, ResolvedText, ResolvedVideo
from genmo_studio.document.model import TakeMode
from genmo_studio.document.time import Span
from genmo_studio.model.checkpoint import LoadedModel, load_model
from genmo_studio.model.generator import GenerationResult, Preview, generate
from genmo_studio.model.known import known_motion
from genmo_studio.model.loops import NO_VIDEO, repetition
from genmo_studio.motion.body import joint_positions, load_body
from genmo_studio.motion.ground import GroundMove, move_between, moved, without_travel
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import heading_from_matrix, matrix_from_rotvec
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.training.measure_regeneration import KINDS, jumps
from genmo_studio.values import replace

BODY = load_body("genmo-free")
SPAN = Span(20, 70)
WIDTH = 8
change = msgspec.structs.replace


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return load_model("default")


@pytest.fixture(scope="module")
def base(model) -> Motion:
    """A person who walks a curve."""
    points = tuple(WaypointCondition(f, position=(0.0004 * f * f / 4, 0.03 * f)) for f in range(0, 90, 15))
    request = GenerationRequest(frames=90, waypoints=points, mode=TakeMode.DRAFT)
    *_, last = generate(ResolvedConditions(request), model=model, body=BODY)
    return last.motion


def request_of(base: Motion, loop: Loop, span: Span = SPAN, **more) -> GenerationRequest:
    named = hashlib.sha256(base.to_bytes()).hexdigest()
    asked = Regeneration(named, span, blend=more.pop("blend", WIDTH), loop=loop, kept=more.pop("kept", ()))
    return GenerationRequest(**{"frames": len(base), "mode": TakeMode.DRAFT, "steps": 3, "regeneration": asked, **more})


def made(model, base: Motion, request: GenerationRequest) -> GenerationResult:
    *_, last = generate(ResolvedConditions(request), model=model, body=BODY, base=base)
    return last


def played_twice(result: GenerationResult, span: Span = SPAN) -> Motion:
    once = result.motion.sliced(span.start, span.stop)
    loop = result.report["loop"]
    again = moved(once, BODY, GroundMove(loop["turn"], np.array(loop["shift"])))
    return replace(
        once,
        rotations=np.concatenate([once.rotations, again.rotations]),
        translation=np.concatenate([once.translation, again.translation]),
        contacts=None,
    )


@pytest.mark.parametrize("mode", TakeMode)
@pytest.mark.parametrize("loop", Loop)
def test_gz4_a_loop_repeats_without_a_jump_and_keeps_what_is_away_from_the_wrap(loop, mode, model, base):
    result = made(model, base, request_of(base, loop, mode=mode))
    motion, away = result.motion, slice(SPAN.start + WIDTH, SPAN.stop - WIDTH)
    outside = np.ones(len(base), bool)
    outside[SPAN.start : SPAN.stop] = False
    for name in ("rotations", "translation", "contacts"):
        assert getattr(motion, name)[outside].tobytes() == getattr(base, name)[outside].tobytes()
    assert motion.rotations[away, 1:].tobytes() == base.rotations[away, 1:].tobytes()
    if loop is Loop.ALONG_PATH:
        assert motion.rotations[away].tobytes() == base.rotations[away].tobytes()
        assert motion.translation[away].tobytes() == base.translation[away].tobytes()
        travel = np.hypot(*result.report["loop"]["shift"])
        assert travel > 0.5
    else:
        assert result.report["loop"]["shift"] == [0.0, 0.0]
    twice = played_twice(result)
    found = jumps(twice, BODY)
    length = SPAN.length
    usual = np.nanpercentile(jumps(base, BODY), 99, axis=0)
    naive = played_twice(replace(result, motion=base))
    assert (found[[length - WIDTH, length, length + WIDTH]] < 2.5 * usual).all()
    assert jumps(naive, BODY)[length, 1] > 2.5 * usual[1], "the unlooped walk jumps"


def test_gz4_a_loop_in_place_does_not_get_anywhere(model, base):
    result = made(model, base, request_of(base, Loop.IN_PLACE))
    pelvis = joint_positions(result.motion, BODY)[SPAN.start : SPAN.stop, 0]
    travelled = joint_positions(base, BODY)[SPAN.stop - 1, 0] - joint_positions(base, BODY)[SPAN.start, 0]
    assert np.linalg.norm(travelled[[0, 2]]) > 0.8
    assert np.linalg.norm((pelvis - pelvis[0])[:, [0, 2]], axis=1).max() < 0.4
    step = np.linalg.norm(np.diff(pelvis, axis=0)[:, [0, 2]], axis=1).max()
    assert np.linalg.norm((pelvis[-1] - pelvis[0])[[0, 2]]) < 1.5 * step


@pytest.mark.parametrize(("span", "blend"), [(Span(30, 32), 8), (Span(30, 33), 8), (Span(0, 90), 8), (Span(40, 50), 0)])
def test_loops_of_every_length(span, blend, model, base):
    result = made(model, base, request_of(base, Loop.ALONG_PATH, span, blend=blend))
    assert len(result.motion) == len(base)
    assert np.isfinite(result.motion.translation).all()


def test_a_loop_of_one_frame_is_refused(model, base):
    with pytest.raises(ValueError, match="at least two frames"):
        made(model, base, request_of(base, Loop.IN_PLACE, Span(5, 6)))


def test_previews_of_a_loop_are_the_whole_motion(model, base):
    request = request_of(base, Loop.ALONG_PATH, mode=TakeMode.FULL)
    *events, last = generate(ResolvedConditions(request), model=model, body=BODY, base=base)
    shown = [event.motion for event in events if isinstance(event, Preview)]
    assert shown
    assert {len(motion) for motion in shown} == {len(base)}
    assert last.report["frames"] == len(base)
    assert last.report["request_hash"] == request.hash


def test_a_key_at_the_wrap_is_met_and_one_that_a_loop_in_place_leaves_is_named(model, base):
    frame = SPAN.start + 2
    turn = PoseCondition(frame, rotations={"left_elbow": (0.0, -1.0, 0.0)})
    ends = WaypointCondition(
        SPAN.stop - 3, position=tuple(joint_positions(base, BODY)[SPAN.stop - 3, 0, [0, 2]].tolist())
    )
    request = request_of(base, Loop.ALONG_PATH, poses=(turn,), waypoints=(ends,))
    result = made(model, base, request)
    assert result.report["unmet"] == []
    got = result.motion.rotations[frame, INDEX["left_elbow"]]
    assert np.allclose(got, turn.rotations["left_elbow"], atol=2e-3)
    assert np.allclose(joint_positions(result.motion, BODY)[ends.frame, 0, [0, 2]], ends.position, atol=1e-3)
    still = made(model, base, change(request, regeneration=change(request.regeneration, loop=Loop.IN_PLACE)))
    assert [sentence.split(": ")[1] for sentence in still.report["unmet"]] == ["a loop in place does not go there"]


def test_conditions_are_told_to_both_repetitions(base):
    states, features = np.zeros((2, 4, 3), np.float32), np.arange(90 * 35, dtype=np.float32).reshape(90, 35)
    whole = np.ones(90, bool)
    texts = (TextCondition("a", Span(0, 30)), TextCondition("b", Span(80, 90)))
    kept = (KeptRegion(Span(60, 99), ("left_arm",)),)
    request = request_of(base, Loop.ALONG_PATH, texts=texts, kept=kept)
    video = ResolvedVideo(
        whole, *(np.zeros(shape, np.float32) for shape in ((90, 17, 3), (90, 3), (90, 3, 3), (90, 3, 3), 90))
    )
    resolved = ResolvedConditions(
        request,
        text=ResolvedText(states, tuple(text.span for text in texts), (1.0, 0.5)),
        music=ResolvedMusic(whole, features, np.ones(90, np.float32)),
        video=video,
    )
    twice = repetition(resolved, known_motion(request, base, body=BODY))
    assert twice is not None
    told = twice.resolved
    assert told.text.spans == (Span(0, 10), Span(50, 60))
    assert told.text.weights == (1.0, 1.0)
    assert np.array_equal(told.music.features[:50], features[20:70])
    assert np.array_equal(told.music.features[50:], features[20:70])
    assert told.video is None
    assert told.notes == (NO_VIDEO,)
    fresh = twice.known.fresh[:, INDEX["left_wrist"]]
    assert set(np.flatnonzero(fresh)) == set(range(50, 58))  # kept from frame 40 of each repetition on


moves = st.builds(
    lambda turn, x, z: GroundMove(turn, np.array([x, z])),
    st.floats(-3.1, 3.1),
    st.floats(-5, 5),
    st.floats(-5, 5),
)


@given(moves)
def test_a_move_over_the_ground_has_an_inverse_and_steady_parts(move):
    motion = Motion(np.full((3, 24, 3), 0.2, np.float32), np.array([[0, 1, 0], [1, 1, 2], [3, 1, -1]], np.float32))
    there = moved(motion, BODY, move)
    back = moved(there, BODY, move.inverse())
    assert np.allclose(back.translation, motion.translation, atol=1e-4)
    assert np.allclose(matrix_from_rotvec(back.rotations), matrix_from_rotvec(motion.rotations), atol=1e-5)
    found = move_between(
        Motion(
            np.stack([motion.rotations[0], there.rotations[0]]), np.stack([motion.translation[0], there.translation[0]])
        ),
        BODY,
        0,
        1,
    )
    assert np.allclose(found.turn, move.turn, atol=1e-4)
    assert np.allclose(found.shift, move.shift, atol=1e-3)
    turns, shifts = move.parts(np.array([0.0, 0.5, 1.0]))
    assert np.allclose(shifts[[0, 2]][:, [0, 2]], [[0, 0], move.shift], atol=1e-6)
    half = GroundMove(turns[1], shifts[1, [0, 2]])
    again = moved(moved(motion, BODY, half), BODY, half)
    assert np.allclose(again.translation, there.translation, atol=1e-3)


def test_a_steady_walk_without_its_travel_stands():
    frames = np.arange(40)
    walk = Motion(
        np.zeros((40, 24, 3), np.float32), np.stack([frames * 0.0, 0 * frames, frames * 0.05], 1).astype(np.float32)
    )
    still = without_travel(walk, BODY, move_between(walk, BODY, 0, 40))
    assert np.abs(still.translation).max() < 1e-5
    assert np.allclose(heading_from_matrix(matrix_from_rotvec(still.rotations[:, 0].astype(float))), 0)


def test_a_jump_is_seen_where_it_is_and_only_by_joints_that_could_make_it():
    still = Motion(np.zeros((30, 24, 3), np.float32), np.zeros((30, 3), np.float32))
    turned = still.rotations.copy()
    turned[15:, INDEX["left_elbow"], 1] = 0.3
    found = jumps(replace(still, rotations=turned), BODY)
    assert found.shape == (30, len(KINDS))
    assert np.isnan(found[:3]).all()
    assert np.allclose(found[15, 2:], (0.3 * 30, 2 * 0.3 * 900), rtol=1e-3)
    assert np.nanmax(found[:12]) < 1e-6
    assert np.nanmax(jumps(replace(still, rotations=turned), BODY, turning=frozenset({INDEX["right_elbow"]}))) < 1e-6
    assert jumps(replace(still, rotations=turned), BODY, turning=frozenset({INDEX["left_collar"]}))[15, 0] > 1
