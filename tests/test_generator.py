"""generate() with the shipped model and the free body: promises, repeatability, events, other models.

Nothing here depends on how well the model moves, so a newly trained one passes too.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from tiny_model import write_tiny_model

from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest, PoseCondition, TextCondition, WaypointCondition
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedMusic, ResolvedText, ResolvedVideo
from genmo_studio.document.model import BodySettings, TakeMode
from genmo_studio.document.time import Span
from genmo_studio.extract.resolve import resolve
from genmo_studio.model.checkpoint import LoadedModel, load_model, load_release
from genmo_studio.model.generator import GenerationResult, Preview, generate
from genmo_studio.motion.body import joint_positions, load_body
from genmo_studio.motion.correction import pose_target_of
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import angle_between, heading_from_matrix, matrix_from_rotvec
from genmo_studio.motion.skeleton import INDEX, JOINTS

BODY = load_body("genmo-free")
REFERENCE = Path(__file__).parents[1].parent / "shared" / "reference"
BOTH = pytest.mark.parametrize("mode", [TakeMode.DRAFT, TakeMode.FULL])
TEXTS = (
    TextCondition("a person walks forward", Span(0, 40)),
    TextCondition("a person waves with the right hand", Span(25, 60), weight=0.8),
)
PLAIN = GenerationRequest(frames=60, texts=TEXTS, steps=4, seed=3)
change = msgspec.structs.replace


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return load_model("default")


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """Token states of the prompts, read once by the real encoder."""
    *_, resolved = resolve(PLAIN, cache=tmp_path_factory.mktemp("cache"), text_encoder="minilm")
    assert isinstance(resolved, ResolvedConditions)
    assert resolved.text is not None
    assert resolved.notes == ()
    return {text.text: row for text, row in zip(TEXTS, resolved.text.states, strict=True)}


@pytest.fixture(scope="module")
def resolved(states):
    """Lays the prompts of a request out as ``resolve`` does."""

    def lay(request: GenerationRequest, **more: object) -> ResolvedConditions:
        used = [text for text in request.texts if text.weight > 0]
        text = None
        if used:
            text = ResolvedText(
                np.stack([states[t.text] for t in used]), tuple(t.span for t in used), tuple(t.weight for t in used)
            )
        return ResolvedConditions(request, text=text, **more)

    return lay


def finished(events: Iterator[object]) -> GenerationResult:
    *_, last = events
    assert isinstance(last, GenerationResult)
    return last


def sound(motion: Motion, frames: int) -> bool:
    """A motion of so many frames whose numbers are numbers and whose lowest joint is not far from the floor."""
    return len(motion) == frames and all(np.isfinite(a).all() for a in (motion.rotations, motion.translation))


@pytest.fixture(scope="module")
def take(model, resolved) -> Motion:
    """A first motion, whose poses serve as keys."""
    return finished(generate(resolved(change(PLAIN, mode=TakeMode.DRAFT)), model=model, body=BODY)).motion


def key_of(motion: Motion, frame: int, *, at: int, moved: tuple[float, float] = (0, 0), weight: float = 1):
    """The whole pose of a frame as a key of another frame, moved on the ground."""
    target = pose_target_of(motion, BODY, frame)
    x, y, z = target.root_position
    rotations = {JOINTS[joint]: value for joint, value in target.rotations.items()}
    return PoseCondition(at, rotations=rotations, root_position=(x + moved[0], y, z + moved[1]), weight=weight)


@pytest.fixture(scope="module")
def promised(take) -> GenerationRequest:
    """Two prompts, three whole poses, a partial one, and a path between and beside them."""
    return change(
        PLAIN,
        poses=(
            key_of(take, 30, at=0),
            PoseCondition(18, rotations={"left_elbow": (0.0, -1.4, 0.0), "head": (0.1, 0.4, 0.0)}),
            key_of(take, 5, at=27, moved=(0.5, 0.4)),
            key_of(take, 45, at=52, moved=(0.6, 1.0)),
        ),
        waypoints=(
            WaypointCondition(12, position=(0.3, 0.2)),
            WaypointCondition(40, position=(0.9, 1.1), heading=0.7),
            WaypointCondition(59, heading=-0.4),
        ),
    )


def rotation_error(motion: Motion, pose: PoseCondition) -> float:
    """Worst angle (degrees) between the joints of a key and the motion at its frame."""
    joints = [INDEX[name] for name in pose.rotations]
    want = matrix_from_rotvec(np.array(list(pose.rotations.values())))
    got = matrix_from_rotvec(motion.rotations[pose.frame, joints].astype(np.float64))
    return float(np.degrees(angle_between(want, got)).max())


def assert_promises_kept(motion: Motion, request: GenerationRequest) -> None:
    """Measured on the motion itself, not read from the report."""
    placed = joint_positions(motion, BODY)[:, 0]
    heading = heading_from_matrix(matrix_from_rotvec(motion.rotations[:, 0].astype(np.float64)))
    for pose in request.poses:
        assert rotation_error(motion, pose) < 0.1, pose.frame
        if pose.root_position is not None:
            assert np.linalg.norm(placed[pose.frame] - pose.root_position) < 1e-3, pose.frame
    for point in request.waypoints:
        if point.position is not None:
            assert np.linalg.norm(placed[point.frame, [0, 2]] - point.position) < 1e-3, point.frame
        if point.heading is not None:
            off = (heading[point.frame] - point.heading + np.pi) % (2 * np.pi) - np.pi
            assert abs(np.degrees(off)) < 0.1, point.frame


@BOTH
def test_every_key_and_waypoint_is_met_and_the_report_says_so(mode, model, promised, resolved):
    request = change(promised, mode=mode)
    result = finished(generate(resolved(request, notes=("a note",)), model=model, body=BODY))
    report = result.report
    assert sound(result.motion, 60)
    assert_promises_kept(result.motion, request)
    assert report["unmet"] == []
    assert report["keys"] == 7
    after = report["key_errors_after"]
    assert after.keys() == report["key_errors_before"].keys()
    assert max(after["rotation_deg"], after["heading_deg"]) < 0.1
    assert max(after["root_position_mm"], after["waypoint_mm"], after["joint_position_mm"]) < 1
    assert (report["model"], report["model_hash"], report["device"]) == ("default", model.hash, "cpu")
    assert report["request_hash"] == request.hash
    assert report["steps"] == (1 if mode is TakeMode.DRAFT else 4)
    assert {"conditions", "network", "finishing"} <= report["seconds"].keys()
    assert all(value >= 0 for value in report["seconds"].values())
    assert report["foot_skate"] >= 0
    assert report["notes"] == ["a note"]
    assert msgspec.json.decode(msgspec.json.encode(report)) == report


def test_what_cannot_be_met_is_named_and_the_rest_is_met(model, promised, resolved):
    far = PoseCondition(35, positions={"left_wrist": (40.0, 1.0, 0.0)})
    request = change(promised, poses=(*promised.poses, far), mode=TakeMode.DRAFT)
    result = finished(generate(resolved(request), model=model, body=BODY))
    (sentence,) = result.report["unmet"]
    assert "left wrist" in sentence
    assert "frame 35" in sentence
    assert_promises_kept(result.motion, promised)


@BOTH
def test_the_same_request_gives_the_same_bytes(mode, model, promised, resolved):
    request = change(promised, mode=mode)
    first, again = (finished(generate(resolved(request), model=model, body=BODY)) for _ in range(2))
    assert first.motion.to_bytes() == again.motion.to_bytes()
    other = finished(generate(resolved(change(request, seed=4)), model=model, body=BODY))
    assert (other.motion.to_bytes() == first.motion.to_bytes()) == (mode is TakeMode.DRAFT)  # a draft has no noise


def test_events_come_in_order(model, resolved):
    events = list(generate(resolved(change(PLAIN, steps=8)), model=model, body=BODY))
    assert isinstance(events[-1], GenerationResult)
    assert all(isinstance(event, Progress | Preview) for event in events[:-1])
    stages = [event.stage for event in events if isinstance(event, Progress)]
    assert list(dict.fromkeys(stages)) == ["preparing the conditions", "denoising", "finishing the motion"]
    fractions = [event.fraction for event in events if isinstance(event, Progress) and event.stage == "denoising"]
    assert fractions == [step / 8 for step in range(9)]
    previews = [event for event in events if isinstance(event, Preview)]
    assert [(preview.step, preview.steps) for preview in previews] == [(step, 8) for step in range(1, 8)]
    assert all(sound(preview.motion, 60) for preview in previews)


def test_closing_early_stops_the_work(model, resolved):
    passes = []
    hook = model.network.denoiser.register_forward_hook(lambda *_: passes.append(1))
    try:
        events = generate(resolved(change(PLAIN, steps=50)), model=model, body=BODY)
        while not isinstance(next(events), Preview):
            pass
        before = len(passes)
        events.close()
        assert next(events, None) is None
        assert 0 < before == len(passes) < 50
    finally:
        hook.remove()


@BOTH
def test_conditions_of_no_weight_change_nothing(mode, model, take, resolved):
    request = change(PLAIN, mode=mode)
    more = change(
        request,
        texts=(*TEXTS, TextCondition("a person waves with the right hand", Span(0, 60), weight=0)),
        poses=(key_of(take, 30, at=10, moved=(2, 2), weight=0),),
        waypoints=(WaypointCondition(50, position=(3.0, 3.0), heading=2.0, weight=0),),
    )
    bare, loaded = (finished(generate(resolved(r), model=model, body=BODY)) for r in (request, more))
    assert bare.motion.to_bytes() == loaded.motion.to_bytes()
    assert loaded.report["keys"] == 0


@BOTH
def test_light_keys_guide_and_are_not_promised(mode, model, take, resolved):
    request = change(PLAIN, mode=mode)
    raised = {"left_shoulder": (0.0, 0.3, 1.2), "right_shoulder": (0.0, -0.3, -1.2), "right_elbow": (0.0, 1.5, 0.0)}
    key = PoseCondition(30, rotations=raised, weight=0.5)
    free = finished(generate(resolved(request), model=model, body=BODY))
    light = finished(generate(resolved(change(request, poses=(key,))), model=model, body=BODY))
    assert light.report["keys"] == 0
    assert light.report["key_errors_after"]["rotation_deg"] == 0  # nothing was promised
    assert rotation_error(light.motion, key) < 0.7 * rotation_error(free.motion, key)
    assert rotation_error(light.motion, key) > 0.1


@pytest.mark.parametrize("frames", [1, 2, 7])
@BOTH
def test_very_short_motions(mode, frames, model, take, resolved):
    key = key_of(take, 20, at=frames - 1)
    request = GenerationRequest(frames=frames, poses=(key,), steps=4, mode=mode, body=BodySettings(betas=(1.0, -0.5)))
    result = finished(generate(resolved(request), model=model, body=BODY))
    assert sound(result.motion, frames)
    assert result.report["unmet"] == []
    assert result.motion.betas[:3] == pytest.approx([1.0, -0.5, 0])


def test_an_empty_span_is_refused_in_words(model, resolved):
    with pytest.raises(ValueError, match="span to generate is empty"):
        list(generate(resolved(GenerationRequest(frames=0)), model=model, body=BODY))


def a_video(frames: int, *, weight: float) -> ResolvedVideo:
    """A standing person in the first two thirds, seen by a camera that turns slowly."""
    rest = joint_positions(
        Motion(rotations=np.zeros((1, 24, 3), np.float32), translation=np.zeros((1, 3), np.float32)), BODY
    )[0]
    coco = rest[[15, 15, 15, 15, 15, 16, 17, 18, 19, 20, 21, 1, 2, 4, 5, 7, 8]]
    keypoints = np.ones((frames, 17, 3), np.float32)
    keypoints[..., :2] = coco[:, :2] * (250, -250) + (320, 240)
    exists = np.arange(frames) < frames * 2 // 3
    turn = np.zeros((frames, 3))
    turn[:, 1] = np.linspace(0, 0.3, frames)
    return ResolvedVideo(
        exists=exists,
        keypoints=keypoints * exists[:, None, None],
        bbox_xys=np.tile(np.float32([320, 240, 500]), (frames, 1)),
        intrinsics=np.tile(np.float32([[600, 0, 320], [0, 600, 240], [0, 0, 1]]), (frames, 1, 1)),
        camera_rotations=matrix_from_rotvec(turn).astype(np.float32),
        weight=np.full(frames, weight, np.float32),
    )


def a_song(frames: int, *, weight: float) -> ResolvedMusic:
    features = np.random.default_rng(0).normal(size=(frames, 35)).astype(np.float32)
    return ResolvedMusic(np.arange(frames) > frames // 3, features, np.full(frames, weight, np.float32))


@BOTH
def test_video_and_music_act_more_the_more_they_weigh(mode, model, promised, resolved):
    def made(**more: object) -> Motion:
        result = finished(generate(resolved(request, **more), model=model, body=BODY))
        assert sound(result.motion, 60)
        assert_promises_kept(result.motion, request)
        return result.motion

    request = change(promised, mode=mode)
    without = made()
    for media in ({"video": a_video}, {"music": a_song}):
        (name, make) = next(iter(media.items()))
        full, half, tiny = (made(**{name: make(60, weight=weight)}) for weight in (1.0, 0.5, 1e-6))
        assert np.abs(full.rotations - half.rotations).max() > 1e-4
        if name == "music":
            assert np.abs(tiny.rotations - without.rotations).max() < 1e-2
            assert np.abs(full.rotations - without.rotations).max() > 1e-4


def through_the_same_path(model: LoadedModel, request: GenerationRequest) -> None:
    """Prompts of the model's own size, keys and a path that its network never sees: met all the same."""
    size = (len(TEXTS), model.config.text_tokens, model.text_dim)
    states = np.random.default_rng(1).normal(size=size).astype(np.float32)
    text = ResolvedText(states, tuple(t.span for t in TEXTS), tuple(t.weight for t in TEXTS))
    for mode in TakeMode:
        asked = change(request, mode=mode, steps=4)
        given = ResolvedConditions(asked, text=text, video=a_video(60, weight=0.5), music=a_song(60, weight=1.0))
        first, again = (finished(generate(given, model=model, body=BODY)) for _ in range(2))
        assert sound(first.motion, 60)
        assert first.report["unmet"] == []
        assert_promises_kept(first.motion, asked)
        assert first.motion.to_bytes() == again.motion.to_bytes()


def test_a_model_that_knows_no_keys_keeps_them_too(tmp_path, promised):
    folder = write_tiny_model(tmp_path / "bare", keys=False, path=False, text_dim=8, text_tokens=3)
    through_the_same_path(load_model(str(folder)), promised)


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the release's small checkpoint is not beside the repository")
def test_a_checkpoint_of_the_release_goes_the_same_way(promised):
    through_the_same_path(load_release(REFERENCE / "gem_tiny.ckpt"), promised)
