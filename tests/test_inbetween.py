"""The in-between network: what holds whatever its weights are, where it is asked, and that it learns."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import torch
from bvh_cases import smooth_rotations, smpl_bvh

from genmo_studio import paths
from genmo_studio.conditions.request import (
    ContactCondition,
    GenerationRequest,
    PoseCondition,
    Regeneration,
)
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedText, ResolvedVideo
from genmo_studio.document.model import Foot, TakeMode
from genmo_studio.document.time import Span
from genmo_studio.model import between_keys
from genmo_studio.model.between_keys import filling, gaps_of, key_frames
from genmo_studio.model.checkpoint import CheckpointError, LoadedModel, load_model
from genmo_studio.model.generator import GenerationResult, generate
from genmo_studio.model.inbetween import PATCH, REACH, Gaps, Inbetween, InbetweenConfig, filled, in_frame_of
from genmo_studio.model.inputs import build_inputs
from genmo_studio.motion.body import load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import angle_between, matrix_from_rotvec, slerp_matrices
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.inbetween import Clips, draw, judge, train
from genmo_studio.training.prepare import prepare
from genmo_studio.training.trials import joint_key, pose_key, waypoint
from genmo_studio.values import replace
from tests.window_document import walking

BODY = load_body("genmo-free")
REST = torch.from_numpy(np.asarray(BODY.rest_joints(np.zeros(10))[:BODY_JOINT_COUNT], np.float32))
SMALL = InbetweenConfig(width=32, layers=2, heads=2)


def some_weights(seed: int = 0) -> Inbetween:
    """A network whose answers are no zeros."""
    torch.manual_seed(seed)
    network = Inbetween(SMALL).eval().requires_grad_(False)
    torch.nn.init.normal_(network.leave.weight, std=0.02)
    return network


def gaps(*lengths: int, seed: int = 0, context: bool = True) -> Gaps:
    """Gaps of a random motion, each in the frame of its first key."""
    longest = max(lengths)
    frames, count = REACH + longest + REACH, len(lengths)
    rng = np.random.default_rng(seed)
    turned = smooth_rotations(rng, frames=frames, joints=22, size=0.4).as_matrix().reshape(frames, 22, 3, 3)
    turns = torch.from_numpy(turned).float()
    wander = np.cumsum(rng.normal(0, 0.02, (frames, 3)), 0)
    root = torch.from_numpy(wander + np.array([0, 1, 0])).float()
    first, last = torch.full((count,), REACH - 1), torch.tensor([REACH + length for length in lengths])
    frame = torch.arange(frames)[None]
    known = (frame < REACH) | (frame >= last[:, None]) if context else (frame == first[:, None])
    known = (known | (frame == last[:, None])) & (frame < last[:, None] + REACH)
    local, placed, _, _ = in_frame_of(turns.expand(count, -1, -1, -1, -1), root.expand(count, -1, -1), first)
    fill_turns, fill_root, valid = filled(local, placed, known)
    return Gaps(fill_turns, fill_root, known, valid, first, last)


def test_untrained_it_interpolates() -> None:
    asked = gaps(12, context=False)
    made = Inbetween(SMALL)(asked, REST)
    share = (np.arange(12) + 1) / 13
    ends = asked.turns[0, [REACH - 1, REACH + 12]].double().numpy()
    shape = (12, *ends.shape[1:])
    wanted = slerp_matrices(
        np.broadcast_to(ends[0], shape), np.broadcast_to(ends[1], shape), np.repeat(share[:, None], 22, 1)
    )
    found = made.turns[0, REACH : REACH + 12].detach().double().numpy()
    assert angle_between(found, wanted) == pytest.approx(0, abs=2e-3)
    first, last = asked.root[0, REACH - 1].numpy(), asked.root[0, REACH + 12].numpy()
    line = first + (last - first) * share[:, None]
    assert made.root[0, REACH : REACH + 12].detach().numpy() == pytest.approx(line, abs=1e-5)


def test_known_frames_come_back_to_the_bit_and_others_do_not() -> None:
    asked = gaps(9, 20)
    made = some_weights()(asked, REST)
    assert torch.equal(made.turns[asked.known], asked.turns[asked.known])
    assert torch.equal(made.root[asked.known], asked.root[asked.known])
    free = asked.valid & ~asked.known
    assert ((made.root - asked.root)[free].abs().amax(-1) > 0).all()
    eye = made.turns @ made.turns.transpose(-1, -2)
    torch.testing.assert_close(eye, torch.eye(3).expand_as(eye), atol=1e-5, rtol=0)


def test_a_gap_is_filled_alike_alone_and_beside_a_longer_one() -> None:
    together = some_weights()(gaps(7, 31), REST)
    frames = slice(0, REACH + 7 + 1)
    asked = gaps(7, 31)
    cut = REACH + 7 + REACH
    short = Gaps(*(getattr(asked, name)[:1, :cut] for name in ("turns", "root", "known", "valid")), asked.first[:1],
                 asked.last[:1])  # fmt: skip
    found = some_weights()(short, REST)
    torch.testing.assert_close(found.turns[0, frames], together.turns[0, frames], atol=2e-5, rtol=0)
    torch.testing.assert_close(found.root[0, frames], together.root[0, frames], atol=2e-5, rtol=0)
    assert cut % PATCH  # a token that is half outside


# -- where it is asked ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    """The shipped model with an in-between network of some weights."""
    return replace(load_model("default"), inbetween=some_weights())


@pytest.fixture(autouse=True)
def any_pace() -> Iterator[None]:
    """Some weights make a jerking body, which would be left to the denoiser."""
    with mock.patch.object(between_keys, "MOST_SUDDEN", 2.0):
        yield


WALK = walking(90)


def keyed(*frames: int, **more: object) -> GenerationRequest:
    """Full keys of a walk."""
    poses = tuple(pose_key(WALK, frame, body=BODY) for frame in frames)
    return GenerationRequest(
        frames=90, poses=(*poses, *more.pop("poses", ())), steps=3, mode=TakeMode.DRAFT, foot_lock=0.0, **more
    )  # fmt: skip


def asked_of(resolved: ResolvedConditions, model: LoadedModel) -> dict[tuple[int, int], float]:
    """Share of each gap that is filled."""
    inputs = build_inputs(resolved, model=model)
    found = gaps_of(resolved.request, key_frames(resolved.request), inputs)
    return {(gap.first, gap.last): gap.share for gap in found}


def test_it_fills_gaps_between_neighbouring_full_keys(model: LoadedModel) -> None:
    assert asked_of(ResolvedConditions(keyed(5, 6, 20, 85)), model) == {(6, 20): 1.0}  # one is none, one is too long
    assert asked_of(ResolvedConditions(keyed(40)), model) == {}


@pytest.mark.parametrize(
    "request_",
    [
        keyed(5, 40, poses=(joint_key(WALK, 20, joints=(16, 18)),)),
        keyed(5, 40, poses=(PoseCondition(20, positions={"left_wrist": (0.0, 1.0, 0.0)}),)),
        keyed(5, 40, waypoints=(waypoint(WALK, 20, body=BODY),)),
        keyed(5, 40, contacts=(ContactCondition(Span(20, 30), Foot.LEFT),)),
        keyed(5, 40, regeneration=Regeneration("0" * 64, Span(0, 90))),
        GenerationRequest(frames=90, poses=(pose_key(WALK, 5, body=BODY), pose_key(WALK, 40, body=BODY, weight=0.5))),
    ],
)
def test_what_it_is_not_told_of_is_left_to_the_denoiser(request_: GenerationRequest, model: LoadedModel) -> None:
    inputs = build_inputs(ResolvedConditions(replace(request_, regeneration=None)), model=model)
    assert gaps_of(request_, key_frames(request_), inputs) == []


def test_words_are_followed_unless_the_keys_are_close(model: LoadedModel) -> None:
    states = np.zeros((1, model.config.text_tokens, model.config.text_dim), np.float32)
    text = ResolvedText(states, (Span(0, 90),), (1.0,))
    shares = asked_of(ResolvedConditions(keyed(0, 6, 20, 60), text=text), model)
    assert shares[0, 6] == 1.0
    assert 0 < shares[6, 20] < 1.0
    assert (20, 60) not in shares
    elsewhere = ResolvedText(states, (Span(60, 90),), (1.0,))
    assert asked_of(ResolvedConditions(keyed(0, 6, 20, 60), text=elsewhere), model)[20, 60] == 1.0


def test_a_film_is_followed(model: LoadedModel) -> None:
    exists = np.zeros(90, bool)
    exists[30:40] = True
    video = ResolvedVideo(
        exists=exists, keypoints=np.zeros((90, 17, 3), np.float32), bbox_xys=np.ones((90, 3), np.float32),
        intrinsics=np.tile(np.eye(3, dtype=np.float32), (90, 1, 1)),
        camera_rotations=np.tile(np.eye(3, dtype=np.float32), (90, 1, 1)), weight=np.ones(90, np.float32),
    )  # fmt: skip
    assert asked_of(ResolvedConditions(keyed(0, 20, 50, 80), video=video), model) == {(0, 20): 1.0, (50, 80): 1.0}


@pytest.mark.parametrize("mode", [TakeMode.DRAFT, TakeMode.FULL])
def test_keys_are_met_and_the_gap_is_what_the_network_says(mode: TakeMode, model: LoadedModel) -> None:
    def made(using: LoadedModel) -> Motion:
        *_, last = generate(ResolvedConditions(replace(keyed(10, 40, 70), mode=mode)), model=using, body=BODY)
        assert isinstance(last, GenerationResult)
        return last.motion

    with_it, without = made(model), made(replace(model, inbetween=None))
    for frame in (10, 40, 70):
        assert with_it.translation[frame] == pytest.approx(WALK.translation[frame], abs=1e-3)
        turned = angle_between(
            matrix_from_rotvec(with_it.rotations[frame, :22]), matrix_from_rotvec(WALK.rotations[frame, :22])
        )
        assert np.degrees(turned).max() < 0.1
    said = filling(
        ResolvedConditions(keyed(10, 40, 70)), build_inputs(ResolvedConditions(keyed(10, 40, 70)), model=model),
        model=model, body=BODY,
    )  # fmt: skip
    assert said is not None
    assert said.share[0, 16:65].min() == 1.0
    assert said.share[0, :11].max() == said.share[0, 70:].max() == 0.0, "beside the denoiser it comes in slowly"
    assert (np.diff(said.share[0, 10:17, 0].numpy()) > 0).all()
    assert np.linalg.norm(np.diff(with_it.translation, axis=0), axis=1)[70:].max() < 0.1
    assert np.abs(with_it.rotations[20:30] - without.rotations[20:30]).max() > 0.01


def test_at_the_ends_of_a_request_and_between_gaps_it_speaks_for_itself(model: LoadedModel) -> None:
    resolved = ResolvedConditions(keyed(0, 1, 30, 60, 89))
    said = filling(resolved, build_inputs(resolved, model=model), model=model, body=BODY)
    assert said is not None
    assert said.share[0, 1:].min(dim=0).values[:-3].min() == 1.0
    assert said.share[0, 1:89, -3:].min() == 1.0
    assert said.share[0, 89, -3:].max() == 0.0, "the step out of the last key is nobody's"
    assert said.share[0, 0].max() == 0.0


def test_the_speed_is_the_same_into_a_key_and_out_of_it(model: LoadedModel) -> None:
    """Gaps are filled one by one; without easing a body would turn on its heel at every key."""
    resolved = ResolvedConditions(keyed(0, 30, 60, 89))
    asked = key_frames(resolved.request)
    inputs = build_inputs(resolved, model=model)
    found = gaps_of(resolved.request, asked, inputs)
    assert model.inbetween is not None
    with mock.patch.object(between_keys, "EASE", 1):
        _, rough, _ = between_keys._answered(model.inbetween, asked, found, scale=1.0)
    turns, smooth, _ = between_keys._answered(model.inbetween, asked, found, scale=1.0)

    def kink(pelvis: np.ndarray, key: int) -> float:
        return float(np.linalg.norm(np.diff(pelvis, n=2, axis=0)[key - 1]))

    for key in (30, 60):
        assert smooth[key] == pytest.approx(rough[key], abs=1e-12)
        assert kink(smooth, key) < 0.5 * kink(rough, key)
    assert smooth[11:19] == pytest.approx(rough[11:19], abs=1e-9), "in the middle of a gap nothing changes"
    assert np.linalg.det(turns) == pytest.approx(1.0)


def test_a_jerking_answer_is_left_to_the_denoiser(model: LoadedModel) -> None:
    """As of poses that the network has never seen."""
    resolved = ResolvedConditions(keyed(0, 10, 60, 89))
    inputs = build_inputs(resolved, model=model)
    with mock.patch.object(between_keys, "MOST_SUDDEN", 1e-9):
        said = filling(resolved, inputs, model=model, body=BODY)
    assert said is not None, "a short gap is told by its keys"
    assert said.share[0, 1:4, 0].min() == 1.0
    assert said.share[0, 10:].max() == 0.0


def test_between_keys_that_stand_on_two_levels_the_jump_is_planned(model: LoadedModel) -> None:
    low, high = pose_key(WALK, 10, body=BODY), pose_key(WALK, 30, body=BODY)
    x, y, z = high.root_position or (0.0, 0.0, 0.0)
    raised = replace(high, root_position=(x, y + 0.4, z))
    request = GenerationRequest(frames=40, poses=(low, raised), mode=TakeMode.DRAFT)
    resolved = ResolvedConditions(request)
    inputs, stands = build_inputs(resolved, model=model), np.ones(40, bool)
    assert gaps_of(request, key_frames(request), inputs, stands=stands) == []
    stands[30] = False  # a key in the air is reached by the network
    assert len(gaps_of(request, key_frames(request), inputs, stands=stands)) == 1


def test_it_does_not_matter_where_the_keys_are_and_which_way_they_face(model: LoadedModel) -> None:
    def said(motion: Motion) -> np.ndarray:
        poses = tuple(pose_key(motion, frame, body=BODY) for frame in (10, 40))
        resolved = ResolvedConditions(GenerationRequest(frames=60, poses=poses))
        found = filling(resolved, build_inputs(resolved, model=model), model=model, body=BODY)
        assert found is not None
        return found.x0[0, 10:40].numpy()

    moved = replace(WALK, translation=WALK.translation + np.array([3.0, 0.0, -2.0], np.float32))
    assert said(moved) == pytest.approx(said(WALK), abs=2e-4)


def test_a_taller_body_is_filled_at_its_own_size(model: LoadedModel) -> None:
    """Places are brought to the size that was trained on and back: untrained, the path is the straight line."""
    plain = replace(model, inbetween=Inbetween(SMALL).eval().requires_grad_(False))
    request = keyed(10, 40)
    tall = replace(request, body=replace(request.body, betas=(2.0,) + (0.0,) * 9))
    for asked in (request, tall):
        resolved = ResolvedConditions(asked)
        found = filling(resolved, build_inputs(resolved, model=plain), model=plain, body=BODY)
        assert found is not None
        steps = plain.statistics.restore(found.x0)[0, 10:40, -3:].norm(dim=-1)
        assert steps.std() < 0.02 * steps.mean() + 1e-4


# -- weights and training ---------------------------------------------------------------------------------------------


def test_a_model_folder_carries_it_and_damage_is_told(tmp_path: Path) -> None:
    source = paths.models() / "default"
    folder = tmp_path / "model"
    shutil.copytree(source, folder)
    header = json.loads((folder / "model.json").read_text())
    header["inbetween"] = {"width": 30, "layers": 2, "heads": 4}
    (folder / "model.json").write_text(json.dumps(header))
    with pytest.raises(CheckpointError, match="do not fit"):
        load_model(str(folder))
    header["inbetween"] = {"width": 32, "layers": 2, "heads": 2, "depth": 7}
    (folder / "model.json").write_text(json.dumps(header))
    with pytest.raises(CheckpointError, match="do not fit"):
        load_model(str(folder))


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """Two short recordings."""
    source, out = tmp_path_factory.mktemp("bvh"), tmp_path_factory.mktemp("set")
    rng = np.random.default_rng(0)
    for name in ("walk", "jump"):
        turns = smooth_rotations(rng, frames=90, joints=22, size=0.3)
        places = np.array([0, 1.0, 0]) + np.cumsum(rng.normal(0, 0.02, (90, 3)) * (1, 0.1, 1), 0)
        (source / f"{name}.bvh").write_text(smpl_bvh(BODY, turns, places, frames=90))
    list(prepare(source, out, body=BODY, music_seconds=0))
    return Clips.of(ClipStore.open(out, split="train"), BODY, speeds=(1.0, 0.8))


def test_windows_are_gaps_of_the_recordings(clips: Clips) -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        batch = draw(clips, rng, count=4)
        known = batch.gaps.known
        torch.testing.assert_close(batch.gaps.turns[known], batch.turns[known], atol=1e-5, rtol=0)
        torch.testing.assert_close(batch.gaps.root[known], batch.root[known], atol=1e-5, rtol=0)
        rows = torch.arange(4)
        assert known[rows, batch.gaps.first].all()
        assert known[rows, batch.gaps.last].all()
        for row in range(4):
            assert not known[row, batch.gaps.first[row] + 1 : batch.gaps.last[row]].any()
        assert batch.root[rows, batch.gaps.first][:, [0, 2]].abs().max() < 1e-5


@pytest.mark.timeout(300)
def test_it_learns_stops_and_goes_on(clips: Clips, tmp_path: Path) -> None:
    said: list[str] = []
    state = tmp_path / "state.pt"

    def run(seconds: float) -> int:
        train(clips, clips, BODY, state, config=SMALL, seconds=seconds, batch=8, tell=said.append)
        return int(torch.load(state, weights_only=True)["step"])

    steps, best = [run(2.0)], 1.0
    for seconds in (6.0, 15.0, 40.0, 90.0):  # a slow machine takes longer to learn the same
        steps.append(run(seconds))
        network = Inbetween(SMALL)
        network.load_state_dict(torch.load(state, weights_only=True)["average"])
        best = min(judge(network, clips, REST, windows=8).values())
        if best < 0.97:
            break
    assert best < 0.97, said
    assert steps == sorted(steps)
    assert 0 < steps[0] < steps[-1]
