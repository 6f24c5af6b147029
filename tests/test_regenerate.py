"""Partial regeneration with the shipped model: only what was chosen changes, and it joins, whatever is chosen.

Nothing here depends on how well the model moves. "Bit-identical" is compared by bytes.
"""

import hashlib
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest

from genmo_studio.conditions.regeneration import made_anew, regeneration_window
from genmo_studio.conditions.request import (
    ContactCondition,
    GenerationRequest,
    KeptRegion,
    PoseCondition,
    Regeneration,
    WaypointCondition,
)
from genmo_studio.conditions.resolved import ResolvedConditions
from genmo_studio.document.model import Foot, TakeMode
from genmo_studio.document.time import Span
from genmo_studio.engine import protocol
from genmo_studio.engine.worker_jobs import Context, _generate
from genmo_studio.model.checkpoint import LoadedModel, load_model
from genmo_studio.model.generator import GenerationResult, Preview, generate
from genmo_studio.motion.body import joint_positions, load_body
from genmo_studio.motion.contacts import sole_heights
from genmo_studio.motion.correction import pose_target_of
from genmo_studio.motion.footclear import raised_feet
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.regions import region_joints
from genmo_studio.motion.rotations import angle_between, matrix_from_rotvec
from genmo_studio.motion.skeleton import CONTACT_JOINTS, INDEX, JOINTS, PARENTS, REGIONS

BODY = load_body("genmo-free")
FRAMES = 100
SPAN = Span(40, 64)
change = msgspec.structs.replace


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return load_model("default")


@pytest.fixture(scope="module")
def base(model) -> Motion:
    """A person who walks a curve: keys are not needed to make one."""
    points = tuple(WaypointCondition(frame, position=(frame * 0.005, frame * 0.02)) for frame in range(0, FRAMES, 20))
    request = GenerationRequest(frames=FRAMES, waypoints=points, mode=TakeMode.DRAFT)
    return finished(generate(ResolvedConditions(request), model=model, body=BODY)).motion


def finished(events: Iterator[object]) -> GenerationResult:
    *_, last = events
    assert isinstance(last, GenerationResult)
    return last


def request_of(base: Motion, span: Span = SPAN, *, regions=("full",), kept=(), blend=6, **more) -> GenerationRequest:
    named = hashlib.sha256(base.to_bytes()).hexdigest()
    asked = Regeneration(named, span, regions, blend, kept)
    return GenerationRequest(
        **{"frames": len(base), "mode": TakeMode.DRAFT, "seed": 5, "steps": 3, "regeneration": asked, **more}
    )


def made(model: LoadedModel, base: Motion, request: GenerationRequest) -> GenerationResult:
    return finished(generate(ResolvedConditions(request), model=model, body=BODY, base=base))


def chain(joint: int) -> list[int]:
    return [joint] if joint == 0 else [joint, *chain(PARENTS[joint])]


def assert_only(fresh: np.ndarray, motion: Motion, base: Motion) -> None:
    """Everything but the fresh joints has the bytes of the base; something of the fresh ones has not."""
    assert motion.rotations[~fresh].tobytes() == base.rotations[~fresh].tobytes()
    assert motion.translation[~fresh[:, 0]].tobytes() == base.translation[~fresh[:, 0]].tobytes()
    assert motion.betas.tobytes() == base.betas.tobytes()
    assert (motion.fps, motion.body) == (base.fps, base.body)
    for column, joint in enumerate(CONTACT_JOINTS):
        still = ~fresh[:, chain(joint)].any(axis=1)
        assert motion.contacts[still, column].tobytes() == base.contacts[still, column].tobytes()
    assert motion.rotations.dtype == motion.translation.dtype == motion.contacts.dtype == np.float32
    assert np.isfinite(motion.rotations).all()
    assert np.isfinite(motion.translation).all()
    if fresh.any():
        assert not np.array_equal(motion.rotations[fresh], base.rotations[fresh])


@pytest.mark.parametrize("region", REGIONS)
def test_gz4_only_the_region_changes_and_only_in_the_span(region, model, base):
    request = request_of(base, regions=(region,))
    fresh = made_anew(request.regeneration, FRAMES)
    assert fresh.sum() == SPAN.length * len(REGIONS[region])
    assert_only(fresh, made(model, base, request).motion, base)


def test_gz4_a_sampled_take_keeps_the_rest_too_and_shows_it_so_in_every_preview(model, base):
    request = request_of(base, regions=("upper", "left_leg"), mode=TakeMode.FULL)
    fresh = made_anew(request.regeneration, FRAMES)
    *events, last = generate(ResolvedConditions(request), model=model, body=BODY, base=base)
    assert_only(fresh, last.motion, base)
    previews = [event.motion for event in events if isinstance(event, Preview)]
    assert previews
    for motion in previews:
        assert_only(fresh, motion, base)
    other = made(model, base, change(request, seed=6)).motion
    assert not np.array_equal(other.rotations[fresh], last.motion.rotations[fresh])
    again = made(model, base, request).motion
    assert again.to_bytes() == last.motion.to_bytes()


def test_gz4_kept_ranges_of_regions_stay_as_they_are(model, base):
    kept = (
        KeptRegion(Span(46, 52), ("left_arm",)),
        KeptRegion(Span(0, 44), ("root",)),
        KeptRegion(Span(60, 999), ("lower",)),
    )
    request = request_of(base, kept=kept)
    fresh = made_anew(request.regeneration, FRAMES)
    assert not fresh[46:52, INDEX["left_wrist"]].any()
    assert fresh[46:52, INDEX["right_wrist"]].all()
    assert not fresh[40:44, 0].any()
    assert not fresh[60:64, INDEX["left_knee"]].any()
    assert_only(fresh, made(model, base, request).motion, base)


def test_gz4_where_everything_is_kept_nothing_changes(model, base):
    request = request_of(base, kept=(KeptRegion(Span(0, FRAMES), ("full",)),))
    assert made(model, base, request).motion.to_bytes() == base.to_bytes()


@pytest.mark.parametrize(
    ("span", "blend"),
    [
        (Span(50, 51), 8),  # one frame
        (Span(50, 57), 8),  # shorter than the two blends
        (Span(0, 20), 8),  # nothing known before
        (Span(80, FRAMES), 8),  # nothing known after
        (Span(1, 20), 8),  # one known frame before: no velocity to go on with
        (Span(2, FRAMES - 2), 8),
        (Span(40, 60), 0),
        (Span(0, FRAMES), 8),  # everything
    ],
)
def test_gz4_spans_of_every_kind(span, blend, model, base):
    request = request_of(base, span, blend=blend)
    result = made(model, base, request)
    assert_only(made_anew(request.regeneration, FRAMES), result.motion, base)
    start = joint_positions(result.motion, BODY)[0, 0, [0, 2]]
    assert np.allclose(start, joint_positions(base, BODY)[0, 0, [0, 2]], atol=1e-3 if span.start else 0.3)


def test_gz4_a_motion_of_one_frame_can_be_made_anew(model, base):
    alone = base.sliced(10, 11)
    alone = Motion.from_bytes(alone.to_bytes())
    assert len(made(model, alone, request_of(alone, Span(0, 1))).motion) == 1


def key_of(motion: Motion, frame: int, *, at: int, joints=range(22), moved=(0.0, 0.0, 0.0)) -> PoseCondition:
    target = pose_target_of(motion, BODY, frame)
    turns = {JOINTS[joint]: target.rotations[joint] for joint in joints}
    place = tuple(a + b for a, b in zip(target.root_position, moved, strict=True)) if 0 in joints else None
    return PoseCondition(at, rotations=turns, root_position=place)


@pytest.mark.parametrize("mode", TakeMode)
def test_gz4_keys_in_the_span_are_met_and_do_not_leak_out_of_it(mode, model, base):
    here = joint_positions(base, BODY)[58, INDEX["left_wrist"]] + [0.05, 0.1, 0.05]
    poses = (
        key_of(base, 20, at=43, moved=(0.1, 0.0, 0.5)),
        PoseCondition(50, rotations={"right_elbow": (0.0, 1.2, 0.0)}),
        PoseCondition(58, positions={"left_wrist": tuple(here.tolist())}),
    )
    request = request_of(base, poses=poses, waypoints=(WaypointCondition(54, position=(0.3, 1.1)),), mode=mode)
    result = made(model, base, request)
    assert_only(made_anew(request.regeneration, FRAMES), result.motion, base)
    assert result.report["unmet"] == []
    assert result.report["keys"] == 4
    placed = joint_positions(result.motion, BODY)
    assert np.linalg.norm(placed[43, 0] - poses[0].root_position) < 1e-3
    assert np.linalg.norm(placed[54, 0, [0, 2]] - (0.3, 1.1)) < 1e-3
    assert np.linalg.norm(placed[58, INDEX["left_wrist"]] - here) < 1e-3
    for pose in poses[:2]:
        joints = [INDEX[name] for name in pose.rotations]
        got = matrix_from_rotvec(result.motion.rotations[pose.frame, joints].astype(np.float64))
        off = angle_between(got, matrix_from_rotvec(np.array(list(pose.rotations.values()))))
        assert np.degrees(off).max() < 0.1


def test_gz4_a_hand_target_is_met_with_the_joints_that_are_made_anew_alone(model, base):
    frame = 52
    here = joint_positions(base, BODY)[frame, INDEX["right_wrist"]] + [0.02, 0.08, 0.06]
    pose = PoseCondition(frame, positions={"right_wrist": tuple(here.tolist())})
    request = request_of(base, regions=("right_arm",), poses=(pose,))
    result = made(model, base, request)
    assert_only(made_anew(request.regeneration, FRAMES), result.motion, base)
    assert np.linalg.norm(joint_positions(result.motion, BODY)[frame, INDEX["right_wrist"]] - here) < 1e-3
    assert result.report["unmet"] == []


def test_gz4_keys_that_nothing_new_can_meet_are_named_with_the_reason(model, base):
    poses = (
        PoseCondition(45, rotations={"left_knee": (1.5, 0.0, 0.0), "right_elbow": (0.0, 1.0, 0.0)}),
        PoseCondition(50, root_position=(3.0, 1.0, 3.0)),
        PoseCondition(52, positions={"left_ankle": (0.0, 1.0, 0.0)}),
        PoseCondition(56, rotations={"right_elbow": (0.0, 1.0, 0.0)}),  # in the kept range
        PoseCondition(90, rotations={"right_elbow": (0.0, 1.0, 0.0)}),  # not of this span
        key_of(base, 60, at=60, joints=(4,)),  # is as it should be
    )
    kept = (KeptRegion(Span(55, 58), ("right_arm",)),)
    points = (WaypointCondition(48, position=(5.0, 5.0)),)
    request = request_of(base, regions=("right_arm",), kept=kept, poses=poses, waypoints=points)
    result = made(model, base, request)
    assert_only(made_anew(request.regeneration, FRAMES), result.motion, base)
    unmet = result.report["unmet"]
    frames = sorted(int(sentence.split("frame ")[1].split(":")[0]) for sentence in unmet)
    assert frames == [45, 48, 50, 52, 56]
    assert all(sentence.endswith(": it is not among what was made anew") for sentence in unmet)
    assert any("left knee" in sentence for sentence in unmet)


def test_a_seam_has_no_jump_of_velocity(model, base):
    """The velocity change over each seam is like those around it; without joining it is many times larger."""
    request = request_of(base, Span(30, 70), blend=8)
    motion = made(model, base, request).motion
    speed = np.diff(joint_positions(motion, BODY)[:, :22].astype(np.float64), axis=0) * 30
    step = np.linalg.norm(np.diff(speed, axis=0), axis=-1).max(axis=1)
    usual = np.percentile(step, 95)
    assert step[28:30].max() < 1.5 * usual
    assert step[68:70].max() < 1.5 * usual


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda base, request: (None, request), "not handed over"),
        (lambda base, request: (base.sliced(0, 90), request), "has 90 frames"),
        (lambda base, request: (Motion(base.rotations, base.translation), request), "not the one"),
        (
            lambda base, request: (
                base,
                change(request, regeneration=change(request.regeneration, span=Span(90, 120))),
            ),
            "does not lie in",
        ),
        (
            lambda base, request: (base, change(request, regeneration=change(request.regeneration, regions=("tail",)))),
            "not a region|no region",
        ),
    ],
)
def test_what_cannot_be_regenerated_is_refused_with_a_sentence(spoil, sentence, model, base):
    wrong, request = spoil(base, request_of(base))
    with pytest.raises(ValueError, match=sentence):
        list(generate(ResolvedConditions(request), model=model, body=BODY, base=wrong))


def test_the_worker_regenerates_what_it_is_handed(base, tmp_path):
    request = request_of(base, regions=("left_arm",))
    work = protocol.GenerateWork(request, "cpu", base.to_bytes())
    *_, done = _generate(work, 1, Context(cache=tmp_path))
    assert isinstance(done, protocol.Done)
    assert_only(made_anew(request.regeneration, FRAMES), Motion.from_bytes(done.motion), base)


def test_the_window_of_a_regeneration_does_not_grow_with_the_motion():
    assert regeneration_window(300, Span(100, 160)) == Span(0, 280)
    assert regeneration_window(5400, Span(2700, 2760)) == Span(2580, 2880)
    assert regeneration_window(5400, Span(5390, 5500), context=10) == Span(5380, 5400)
    with pytest.raises(ValueError, match="no motion"):
        regeneration_window(100, Span(100, 120))


def test_regions_together_are_what_is_made_anew():
    asked = Regeneration("0" * 64, Span(2, 4), ("left_arm", "root"))
    fresh = made_anew(asked, 6)
    assert set(np.flatnonzero(fresh[2])) == region_joints(("left_arm", "root"))
    assert not fresh[[0, 1, 4, 5]].any()


def test_new_legs_under_a_pelvis_that_stays_do_not_go_through_the_floor(model, base):
    motion = made(model, base, request_of(base, Span(30, 70), regions=("left_leg", "right_leg"))).motion
    feet = [INDEX["left_foot"], INDEX["right_foot"]]
    lowest, usual = (joint_positions(m, BODY)[:, feet, 1].min() for m in (motion, base))
    assert lowest > usual - 0.03


def test_feet_are_raised_by_their_legs_alone_and_only_where_they_may(base):
    sunk = base.translation - np.array([0.0, 0.12, 0.0], np.float32)
    low = Motion(base.rotations, sunk, base.betas, base.contacts)
    fresh = np.zeros((FRAMES, 24), bool)
    fresh[20:60, list(REGIONS["left_leg"])] = True
    raised = raised_feet(low, BODY, fresh=fresh, protected=[40])
    legs = [INDEX["left_hip"], INDEX["left_knee"], INDEX["left_ankle"]]
    allowed = np.zeros_like(fresh)
    allowed[20:60, legs] = True
    allowed[40] = False
    assert raised.rotations[~allowed].tobytes() == low.rotations[~allowed].tobytes()
    before, after = (joint_positions(m, BODY)[:, INDEX["left_ankle"], 1] for m in (low, raised))
    assert (after[25:32] - before[25:32]).min() > 0.05
    soles = sole_heights(BODY, low.betas)
    feet = joint_positions(raised, BODY)[:, [INDEX["left_ankle"], INDEX["left_foot"]], 1]
    assert (feet[22:32] - soles[:2]).min() > -0.01


def test_a_new_way_of_the_root_keeps_the_steps_of_legs_that_stay(model, base):
    """What is new of the root is slow, so that feet neither hop nor slide more than the way asks for."""
    motion = made(model, base, request_of(base, Span(20, 80), regions=("root",), blend=6)).motion
    off = (motion.translation - base.translation).astype(np.float64)[20:80]
    assert np.abs(off).max() > 1e-3
    assert np.linalg.norm(np.diff(off, n=2, axis=0) * 900, axis=1).max() < 6.0


def test_planted_feet_rest_in_the_new_part_and_contacts_elsewhere_change_nothing(model):
    """Somebody drifts over the ground with both feet on it; one is planted, before, in and behind the new part."""
    points = tuple(WaypointCondition(frame, position=(0.0, frame * 0.004)) for frame in range(0, FRAMES, 20))
    drifting = GenerationRequest(frames=FRAMES, waypoints=points, mode=TakeMode.DRAFT, foot_lock=0.0)
    base = finished(generate(ResolvedConditions(drifting), model=model, body=BODY)).motion
    span, wish = Span(30, 70), ContactCondition(Span(20, 80), Foot.LEFT)
    request = request_of(base, span, contacts=(wish,), foot_lock=0.0)
    fresh = made_anew(request.regeneration, FRAMES)
    planted = made(model, base, request)
    assert_only(fresh, planted.motion, base)
    columns = [CONTACT_JOINTS.index(INDEX["left_ankle"]), CONTACT_JOINTS.index(INDEX["left_foot"])]
    labels = planted.motion.contacts[span.start : span.stop, columns]
    assert (labels[6:-6] == 1.0).all()
    assert (labels[:6] == 0.0).all(), "on its way out of the known motion"
    left_as_it_is = made(model, base, request_of(base, span, foot_lock=0.0))
    middle = slice(span.start + 12, span.stop - 12)  # the known motion on both sides has the foot on its way

    def travel(motion: Motion) -> float:
        toe = joint_positions(motion, BODY)[middle][:, INDEX["left_foot"]][:, [0, 2]]
        return float(np.linalg.norm(toe - toe[0], axis=1).max())

    assert travel(planted.motion) < 0.25 * travel(left_as_it_is.motion)
    told = [sentence for sentence in planted.report["unmet"] if "the left foot is planted" in sentence]
    assert told == []
