"""Training: what a step is told and should answer, that it learns, and that a cut run goes on where it stopped."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from bvh_cases import smooth_rotations, smpl_bvh
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from tiny_model import write_tiny_model

from genmo_studio.model.checkpoint import Network, load_model, save_folder
from genmo_studio.model.config import DEFAULT, MOTION_CHANNELS
from genmo_studio.model.keyfill import key_fill, prior_mean
from genmo_studio.model.network import DenoiserOutput
from genmo_studio.motion.body import load_body
from genmo_studio.motion.representation import LAYOUT, pred_cam_from_translation
from genmo_studio.motion.skeleton import REGIONS
from genmo_studio.training.loop import (
    Trainer,
    TrainOptions,
    decided_batch,
    learning_rate,
    noisy_input,
    train_main,
)
from genmo_studio.training.losses import LossWeights, losses
from genmo_studio.training.masks import FULL_POSE, GAPS, random_keys, random_path, spans_dropped
from genmo_studio.training.prepare import prepare
from genmo_studio.training.state import load_state, save_state
from genmo_studio.training.targets import Item
from genmo_studio.values import replace

TINY = replace(DEFAULT, width=32, layers=2, heads=2)
MIB = 1024 * 1024
SEEDS = st.integers(0, 10**6)
LENGTHS = st.integers(16, 200)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three invented clips as a training set; in the last one the legs stand still."""
    source, out = tmp_path_factory.mktemp("bvh"), tmp_path_factory.mktemp("set")
    rng, body = np.random.default_rng(0), load_body("genmo-free")
    for name, frames in {"walk left": 90, "jump": 60, "wave": 30}.items():
        turns = smooth_rotations(rng, frames=frames, joints=22, size=0.7)
        places = np.array([0, 1.0, 0]) + np.cumsum(rng.normal(0, 0.01, (frames, 3)) * (1, 0.2, 1), 0)
        if name == "wave":
            still = turns.as_rotvec().reshape(frames, 22, 3)
            still[:, REGIONS["lower"]] = 0
            turns, places = Rotation.from_rotvec(still.reshape(-1, 3)), np.tile([0, 0.95, 0], (frames, 1))
        (source / f"{name}.bvh").write_text(smpl_bvh(body, turns, places, frames=frames))
    list(prepare(source, out, body=body, music_seconds=0))
    return out


def options(data: Path, out: Path, **changes: object) -> TrainOptions:
    plain = TrainOptions(
        data=data, out=out, minutes=1e6, session_minutes=1e6, batch=6, frames=40, learning_rate=0.05, two_d_every=0
    )
    return replace(plain, **changes)


@pytest.fixture(scope="module")
def trainer(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Trainer:
    """A tiny network before its first step; tests that train make their own."""
    return Trainer(options(data, tmp_path_factory.mktemp("run")), config=TINY)


def item_at(trainer: Trainer, step: int) -> Item:
    return trainer.maker.make(decided_batch(trainer.opener().batch_at(step), step, seed=1))


def some_items(trainer: Trainer) -> list[Item]:
    return [item_at(trainer, step) for step in range(4)]


def score(trainer: Trainer, item: Item, out: DenoiserOutput) -> tuple[float, dict[str, float]]:
    total, parts = losses(
        out, item.targets, points=trainer.points, statistics=trainer.maker.statistics, weights=LossWeights(),
        geometry=torch.arange(len(item.targets.valid)),
        seen=item.targets.is_video.nonzero()[:, 0],
    )  # fmt: skip
    return float(total), {name: float(value) for name, value in parts.items()}


def the_truth(item: Item) -> DenoiserOutput:
    t = item.targets
    return DenoiserOutput(
        x0=t.x0.clone(),
        camera=pred_cam_from_translation(t.camera_translation, t.bbox_xys, t.intrinsics),
        static_logits=40 * t.contacts - 20,
        hidden=torch.empty(0),
    )


def test_the_truth_costs_nothing(trainer: Trainer) -> None:
    videos = 0
    for item in some_items(trainer):
        videos += int(item.targets.is_video.sum())
        _, parts = score(trainer, item, the_truth(item))
        assert parts.pop("slide") < 1e-3  # labelled rest is up to 0.15 m/s, not none
        for name, value in parts.items():
            assert value == pytest.approx(0, abs=1e-5), name
        assert parts.keys() >= {"simple", "contact", "joints", "vertices", "world"}
    assert videos > 2


@pytest.mark.parametrize(
    ("channel", "parts"),
    [
        ("body_pose", {"simple", "joints", "vertices", "slide", "joints_2d", "vertices_2d"}),
        ("betas", {"simple", "joints", "vertices", "joints_2d", "vertices_2d"}),
        ("global_orient", {"simple", "joints_2d", "vertices_2d"}),
        ("local_transl_vel", {"simple", "world", "slide"}),
    ],
)
def test_each_part_of_the_loss_answers_to_its_channels(trainer: Trainer, channel: str, parts: set[str]) -> None:
    item = next(i for i in some_items(trainer) if i.targets.is_video.any() and i.targets.contacts.any())
    right, wrong = the_truth(item), the_truth(item)
    wrong.x0[..., LAYOUT[channel]] += 3 * torch.arange(wrong.x0.shape[1])[:, None].cos()
    _, before = score(trainer, item, right)
    _, after = score(trainer, item, wrong)
    assert {name for name in after if after[name] > before[name] + 1e-5} >= parts
    untouched = {"world", "camera", "contact"} - parts
    assert all(after[name] == pytest.approx(before[name], abs=1e-5) for name in untouched)


def test_frames_after_the_clip_and_unknown_joints_cost_nothing(trainer: Trainer) -> None:
    found = False
    for item in some_items(trainer):
        out = the_truth(item)
        beyond = ~item.targets.valid
        found |= bool(beyond.any())
        out.x0[beyond] += 5.0
        out.camera[beyond] += 5.0
        out.static_logits[beyond] *= -1
        assert score(trainer, item, out)[1] == pytest.approx(score(trainer, item, the_truth(item))[1])
        blind = replace(item.targets, weight=torch.zeros_like(item.targets.weight))
        wrong = replace(out, x0=out.x0 + 5)
        assert score(trainer, replace(item, targets=blind), wrong)[1]["simple"] == 0
    assert found


def test_noise_belongs_to_the_item_and_estimation_starts_from_nothing(trainer: Trainer) -> None:
    estimated = 0
    for item in some_items(trainer):
        xt, steps = noisy_input(item, level=trainer.level)
        again, same = noisy_input(item, level=trainer.level)
        assert torch.equal(xt, again)
        assert torch.equal(steps, same)
        estimated += int(item.estimation.sum())
        assert not xt[item.estimation].any()
        assert (steps[item.estimation] == len(trainer.level) - 1).all()
        assert (xt[~item.estimation] != 0).any(-1).all()
    assert estimated > 2


def test_from_2d_alone_only_the_reprojection_counts(trainer: Trainer) -> None:
    item = next(item for item in some_items(trainer) if item.targets.is_video.any())
    seen = item.targets.is_video
    guided = trainer._guided_by_estimate(item)
    assert torch.equal(guided.targets.only_2d, seen)
    assert not guided.targets.weight[seen].any()
    assert torch.equal(guided.targets.weight[~seen], item.targets.weight[~seen])
    assert torch.equal(guided.targets.x0[~seen], item.targets.x0[~seen])
    assert not torch.equal(guided.targets.x0[seen], item.targets.x0[seen])
    assert not (guided.estimation & seen).any()


def test_a_tiny_network_learns_a_batch(data: Path, tmp_path: Path) -> None:
    trainer = Trainer(options(data, tmp_path), config=TINY)
    item = item_at(trainer, 0)
    first = {name: float(value) for name, value in trainer.train_step(item).items()}
    for _ in range(40):
        last = {name: float(value) for name, value in trainer.train_step(item).items()}
    assert np.isfinite([*first.values(), *last.values()]).all()
    assert last["loss"] < 0.6 * first["loss"]
    assert last["simple"] < 0.8 * first["simple"]
    assert trainer.step == 41


def weights_of(trainer: Trainer) -> dict[str, torch.Tensor]:
    moments = {f"moment.{i}": s["exp_avg_sq"] for i, s in enumerate(trainer.optimizer.state.values())}
    return {**trainer.network.state_dict(), **{f"average.{k}": v for k, v in trainer.average.items()}, **moments}


def test_a_resumed_run_takes_the_steps_that_the_other_would_have_taken(data: Path, tmp_path: Path) -> None:
    one = Trainer(options(data, tmp_path), config=TINY)
    for step in range(3):
        one.train_step(item_at(one, step))
    one.seconds = 12.5
    one.save()
    other = Trainer(options(data, tmp_path, seed=0), config=TINY)
    assert (other.step, other.seconds) == (3, 12.5)
    for step in range(3, 5):
        one.train_step(item_at(one, step))
        other.train_step(item_at(other, step))
    mine, theirs = weights_of(one), weights_of(other)
    assert mine.keys() == theirs.keys()
    for name, value in mine.items():
        torch.testing.assert_close(theirs[name], value, msg=name)
    assert one.step == other.step == 5


def test_sessions_end_in_time_and_add_up(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        str(data),
        "-o",
        str(tmp_path),
        "--device",
        "cpu",
        "--batch",
        "2",
        "--frames",
        "30",
        "--log-every",
        "1",
    ]
    steps, states = [0], []
    while len(states) < 30 and len(set(steps)) < 3:  # on a busy machine a session may end before its first step
        assert train_main([*arguments, "--session-minutes", "0.01"]) == 0
        states.append(json.loads((tmp_path / "state.json").read_text()))
        steps.append(states[-1]["step"])
    second = states[-1]
    assert steps == sorted(steps)
    assert second["step"] >= 2
    assert [row["step"] for row in second["history"]] == list(range(1, second["step"] + 1))
    assert {path.name for path in tmp_path.glob("state-*")} == set(second["files"])
    assert max(path.stat().st_size for path in tmp_path.rglob("*.safetensors")) <= 16 * MIB
    assert f"step {steps[-2]}," in capsys.readouterr().out
    model = load_model(str(tmp_path / "model"))
    assert model.config == DEFAULT
    assert train_main([*arguments, "--minutes", "0.0001"]) == 0  # the run's time is used up: nothing is trained
    assert json.loads((tmp_path / "state.json").read_text())["step"] == second["step"]


def test_training_without_data_or_with_a_damaged_run_is_a_sentence(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train_main([str(tmp_path / "nothing"), "-o", str(tmp_path / "run"), "--device", "cpu"]) == 1
    assert "training stopped" in capsys.readouterr().err
    (tmp_path / "run").mkdir(exist_ok=True)
    (tmp_path / "run" / "state.json").write_text('{"files": ["state-0.safetensors"]}')
    assert train_main([str(data), "-o", str(tmp_path / "run"), "--device", "cpu"]) == 1
    assert "cannot be resumed" in capsys.readouterr().err


def test_a_large_state_is_cut_into_shards_and_comes_back(tmp_path: Path, trainer: Trainer) -> None:
    network = Network(replace(DEFAULT, layers=3))
    optimizer = torch.optim.AdamW(network.parameters())
    weights = network.state_dict()
    for step in (1, 2):
        save_state(
            tmp_path, network=network, average=weights, optimizer=optimizer, statistics={}, step=step, seconds=1.0,
            history=[],
        )  # fmt: skip
    shards = list(tmp_path.glob("*.safetensors"))
    assert len(shards) > 1
    assert all(shard.stat().st_size <= 16 * MIB and "0000002" in shard.name for shard in shards)
    state = load_state(tmp_path)
    assert state is not None
    assert state.step == 2
    assert all(torch.equal(state.network[k], v) and torch.equal(state.average[k], v) for k, v in weights.items())
    statistics = trainer.maker.statistics
    save_folder(tmp_path / "m", weights, config=network.config, statistics=statistics, name="m", licence="CC0-1.0")
    assert max(path.stat().st_size for path in (tmp_path / "m").iterdir()) <= 16 * MIB
    assert load_state(tmp_path / "m") is None


def test_a_run_starts_from_a_model(data: Path, tmp_path: Path) -> None:
    """Weights, statistics, size and licence are the model's; what is computed with them is today's."""
    folder = write_tiny_model(tmp_path / "model", root_prior=False, width=24)
    begun = Trainer(options(data, tmp_path / "run", start=str(folder)))
    old = load_model(str(folder), device="cpu")
    assert begun.config == replace(old.config, root_prior=True)
    assert begun.maker.statistics.to_json() == old.statistics.to_json()
    for name, value in old.network.state_dict().items():  # the path's head is new
        assert torch.equal(begun.network.state_dict()[name], value)
        assert torch.equal(begun.average[name], value)
    begun.train_step(item_at(begun, 0))
    begun.save()
    saved = load_model(str(tmp_path / "run" / "model"), device="cpu")
    assert saved.config.root_prior
    assert saved.licence == "CC0-1.0"
    again = Trainer(options(data, tmp_path / "run", start=str(folder)))
    assert again.step == 1
    changed = [
        name for name, value in begun.network.state_dict().items() if not torch.equal(value, begun.average[name])
    ]
    assert changed
    for name in changed:
        assert torch.equal(again.network.state_dict()[name], begun.network.state_dict()[name])


def test_half_precision_products_learn_as_well(data: Path, tmp_path: Path) -> None:
    trainer = Trainer(options(data, tmp_path, bf16=True), config=TINY)
    item = item_at(trainer, 0)
    xt, steps = noisy_input(item, level=trainer.level)
    half = trainer._forward(item, xt, steps)
    trainer.options = replace(trainer.options, bf16=False)
    whole = trainer._forward(item, xt, steps)
    assert half.x0.dtype == half.camera.dtype == torch.float32
    assert 0 < float((half.camera - whole.camera).detach().abs().max()) < 0.02
    trainer.options = replace(trainer.options, bf16=True)
    first = float(trainer.train_step(item)["loss"])
    for _ in range(40):
        last = float(trainer.train_step(item)["loss"])
    assert last < 0.6 * first


def test_forward_answers_with_the_in_between_and_more(trainer: Trainer) -> None:
    """An untrained network's answer is finite for every mix of conditions, whatever is dropped."""
    for item in some_items(trainer):
        xt, steps = noisy_input(item, level=trainer.level)
        out = trainer._forward(item, xt, steps)
        assert out.x0.shape == item.targets.x0.shape
        assert torch.isfinite(out.x0).all()


@given(share=st.floats(0, 2), step=st.integers(0, 10**6))
def test_the_learning_rate_warms_up_and_ends_near_nothing(share: float, step: int) -> None:
    rate = learning_rate(share, step, peak=1.0)
    assert 0 < rate <= 1
    assert rate >= learning_rate(share + 0.1, step, peak=1.0)
    assert rate <= learning_rate(share, step + 1, peak=1.0)
    assert learning_rate(1.0, step, peak=1.0) <= 0.02 + 1e-9


@settings(max_examples=30)
@given(seed=SEEDS, length=LENGTHS)
def test_noise_free_input_is_the_answer_and_pure_noise_says_nothing(seed: int, length: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    mask = torch.from_numpy(random_keys(np.random.default_rng(seed), length).channels)[None].float()
    observed = torch.randn(1, length, MOTION_CHANNELS, generator=generator) * mask
    xt = torch.randn(1, length, MOTION_CHANNELS, generator=generator)
    filled = key_fill(observed, mask)
    torch.testing.assert_close(prior_mean(filled, xt, torch.ones(1)), xt, atol=1e-5, rtol=1e-5)
    nothing = prior_mean(filled, xt, torch.zeros(1))
    torch.testing.assert_close(nothing, filled.values * filled.known)
    torch.testing.assert_close(nothing * mask, observed)


@given(seed=SEEDS, length=LENGTHS)
def test_laws_of_random_keys(seed: int, length: int) -> None:
    pattern = random_keys(np.random.default_rng(seed), length)
    again = random_keys(np.random.default_rng(seed), length)
    channels = pattern.channels
    assert channels.shape == (length, MOTION_CHANNELS)
    np.testing.assert_array_equal(channels, again.channels)
    assert channels.any() or length < max(GAPS)  # a short window may fall between regular keys
    keyable = FULL_POSE.copy()
    keyable[LAYOUT["local_transl_vel"]] = True
    assert not channels[:, ~keyable].any()
    for part in ("body_pose", "global_orient_gv"):  # the six numbers of a joint are given together or not at all
        joints = channels[:, LAYOUT[part]].reshape(length, -1, 6)
        np.testing.assert_array_equal(joints.all(-1), joints.any(-1))
    keyed = channels.any(axis=1)
    for targets in (pattern.position, pattern.heading, pattern.height):
        assert targets.shape == (length,)
        assert not (targets & ~keyed).any()
        assert not (targets & ~pattern.position).any()


@given(seed=SEEDS, length=LENGTHS, probability=st.floats(0, 1))
def test_laws_of_random_paths_and_gaps(seed: int, length: int, probability: float) -> None:
    position, heading = random_path(np.random.default_rng(seed), length)
    assert position.shape == heading.shape == (length,)
    assert position.any() or length < max(GAPS)
    assert not (heading & ~position).any()
    dropped = spans_dropped(np.random.default_rng(seed), length, probability=probability)
    assert dropped.shape == (length,)
    assert dropped.dtype == bool
