"""The network against its own dense form, its own laws, and the public release's vectors."""

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genmo_studio.model.attention import (
    RotarySelfAttention,
    TextCrossAttention,
    dense_plan,
    planned_attention,
    rotary_turns,
    rotate,
    window_mask,
    window_plan,
)
from genmo_studio.model.checkpoint import (
    RELEASE_DENOISER,
    CheckpointError,
    Network,
    load_model,
    load_release,
    read_release_weights,
    save_folder,
)
from genmo_studio.model.conditioning import no_conditions
from genmo_studio.model.config import DEFAULT, MOTION_CHANNELS, RELEASE, ModelConfig
from genmo_studio.model.diffusion import Schedule
from genmo_studio.model.keyfill import fill, key_fill
from genmo_studio.model.network import DenoiserOutput, tanh_gelu
from genmo_studio.model.reference import check_reference
from genmo_studio.model.sampler import ddim, estimate, guided, plain
from genmo_studio.model.statistics import Statistics
from genmo_studio.values import replace

REFERENCE = Path(__file__).parents[1].parent / "shared" / "reference"
needs_reference = pytest.mark.skipif(not REFERENCE.is_dir(), reason="the release's reference vectors are not here")
TINY = replace(DEFAULT, width=32, layers=2, heads=2, text_dim=8, text_tokens=3, window=20)


def tiny_network(seed: int = 0) -> Network:
    """A small network whose gates and zero-initialised layers are not zero, so that everything takes part."""
    torch.manual_seed(seed)
    network = Network(TINY).eval().requires_grad_(False)
    for parameter in network.parameters():
        if not parameter.any():
            parameter.normal_(0, 0.1)
    return network


@settings(max_examples=25, deadline=None)
@given(length=st.integers(1, 400), window=st.sampled_from([8, 20, 120]), padded=st.booleans(), seed=st.integers(0, 99))
def test_sliding_window_equals_the_dense_mask(length: int, window: int, padded: bool, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    q, k, v = (torch.randn(2, 2, length, 4, generator=generator) for _ in range(3))
    valid = None
    if padded:
        valid = torch.ones(2, length, dtype=torch.bool)
        valid[1, max(1, length - window // 4) :] = False
    got = planned_attention(q, k, v, plan=window_plan(length, window=window, valid=valid, device=q.device))
    want = planned_attention(q, k, v, plan=dense_plan(length, window=window, valid=valid, device=q.device))
    torch.testing.assert_close(got, want, atol=1e-5, rtol=1e-5)


def test_window_is_clamped_at_the_ends_not_shortened() -> None:
    mask = window_mask(50, 20, device=torch.device("cpu"))
    assert mask.sum(1).tolist() == [20] * 50
    assert mask[0, :20].all()
    assert mask[-1, -20:].all()
    assert mask[25].nonzero().flatten().tolist() == list(range(15, 35))


def test_rotary_scores_depend_on_distance_only() -> None:
    turns = rotary_turns(60, 8, device=torch.device("cpu"))
    a, b = torch.randn(8), torch.randn(8)
    turned_a, turned_b = rotate(a.expand(60, 8), turns), rotate(b.expand(60, 8), turns)
    scores = turned_a @ turned_b.T
    torch.testing.assert_close(scores[10, 3], scores[57, 50], atol=1e-4, rtol=1e-4)


def test_fast_gelu_is_the_tanh_form() -> None:
    x = torch.linspace(-12, 12, 4001)
    with torch.inference_mode():
        torch.testing.assert_close(tanh_gelu(x), torch.nn.functional.gelu(x, approximate="tanh"), atol=2e-6, rtol=1e-5)


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("learned", [False, True])
def test_merged_weights_are_those_of_now(learned: bool, fused: bool) -> None:
    """While learning, after an optimizer's step, and after other weights were loaded into fixed ones."""
    torch.manual_seed(0)
    attention, x = RotarySelfAttention(16, heads=2).requires_grad_(learned), torch.randn(1, 6, 16)
    turns = rotary_turns(6, 8, device=x.device)
    plan = dense_plan(6, window=6, valid=None, device=x.device)

    def quietly() -> torch.Tensor:
        with torch.no_grad():
            return attention(x, turns=turns, plan=plan)

    before = quietly()
    if learned:
        optimizer = torch.optim.AdamW(attention.parameters(), lr=0.1, fused=fused)
        torch.autograd.backward(attention(x, turns=turns, plan=plan).square().sum())
        optimizer.step()
    else:
        attention.load_state_dict(RotarySelfAttention(16, heads=2).state_dict())
    with torch.enable_grad():
        now = attention(x, turns=turns, plan=plan).detach()
    torch.testing.assert_close(quietly(), now)
    assert not torch.allclose(before, now)


def test_text_reaches_its_window_only_and_adds_up() -> None:
    torch.manual_seed(0)
    block = TextCrossAttention(16, heads=2).requires_grad_(False)
    x, text = torch.randn(1, 30, 16), torch.randn(1, 2, 4, 16)
    k, v = block.keys_values(text)
    windows = torch.zeros(1, 2, 30)
    windows[0, 0, 5:15], windows[0, 1, 10:20] = 1, 1
    both = block(x, keys=k, values=v, windows=windows)
    assert not both[0, :5].any()
    assert not both[0, 20:].any()
    one = block(x, keys=k[:, :1], values=v[:, :1], windows=windows[:, :1])
    other = block(x, keys=k[:, 1:], values=v[:, 1:], windows=windows[:, 1:])
    torch.testing.assert_close(both, one + other, atol=1e-5, rtol=1e-5)


def guidance_of(network: Network) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a pass with words and music is told, and one without them."""
    c = no_conditions(1, 30, config=TINY)
    c = replace(c, music=torch.randn(1, 30, 35), has_music=torch.ones(1, 30, dtype=torch.bool))
    filled = key_fill(c.observed, c.observed_mask)
    fused, bare = network.conditions(c, fill=filled), network.conditions(c.without_weak(), fill=filled)
    states = torch.randn(1, 2, 3, 8)
    windows = torch.ones(1, 2, 30)
    text = network.denoiser.text_context(states, windows)
    no_text = network.denoiser.text_context(torch.zeros_like(states), windows)
    return {"fused": fused, "text": text}, {"fused": bare, "text": no_text}


def both(told: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    """The same for ``guided``."""
    return {**told[0], "fused_uncond": told[1]["fused"], "text_uncond": told[1]["text"], "scale": 2.5}


def test_batched_guidance_equals_two_passes() -> None:
    network = tiny_network()
    told = guidance_of(network)
    x, steps = torch.randn(1, 30, MOTION_CHANNELS), torch.tensor([300])
    mixed = guided(network.denoiser, **both(told))(x, steps)
    yes, no = (plain(network.denoiser, **one)(x, steps) for one in told)
    torch.testing.assert_close(mixed.x0, no.x0 + 2.5 * (yes.x0 - no.x0), atol=1e-4, rtol=1e-4)
    assert (yes.x0 - no.x0).abs().max() > 1e-3


def test_the_answer_without_words_keeps_its_distance_until_it_is_made_anew() -> None:
    network = tiny_network()
    told, sizes = guidance_of(network), []
    hook = network.denoiser.register_forward_pre_hook(lambda _, given: sizes.append(len(given[0])))
    predict = guided(network.denoiser, **both(told), every=2)
    xs, steps = torch.randn(3, 1, 30, MOTION_CHANNELS), torch.tensor([300])
    found = [predict(x, steps) for x in xs]
    assert sizes == [2, 1, 2]
    hook.remove()
    (yes, yes_next, _), (no, no_next, _) = ([plain(network.denoiser, **one)(x, steps) for x in xs] for one in told)
    torch.testing.assert_close(found[0].x0, no.x0 + 2.5 * (yes.x0 - no.x0), atol=1e-4, rtol=1e-4)
    kept = yes_next.x0 + (no.x0 - yes.x0)
    torch.testing.assert_close(found[1].x0, kept + 2.5 * (yes_next.x0 - kept), atol=1e-4, rtol=1e-4)
    assert (kept - no_next.x0).abs().max() > 1e-4
    assert found[1].hidden.shape == found[0].hidden.shape
    torch.testing.assert_close(found[2].x0, guided(network.denoiser, **both(told))(xs[2], steps).x0)


def test_missing_conditions_are_learned_absence_not_zero_input() -> None:
    network = tiny_network()
    c = no_conditions(1, 10, config=TINY)
    filled = key_fill(c.observed, c.observed_mask)
    silent = replace(c, has_music=torch.ones(1, 10, dtype=torch.bool))
    assert (network.conditions(c, fill=filled) - network.conditions(silent, fill=filled)).abs().max() > 1e-4


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_fill_interpolates_like_numpy(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 40))
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=length, max_size=length)))
    values = np.arange(length, dtype=np.float32) ** 2 % 17
    got = fill(torch.from_numpy(values)[None, :, None], torch.from_numpy(mask).float()[None, :, None])
    if mask.any():
        want = np.interp(np.arange(length), np.flatnonzero(mask), values[mask])
        np.testing.assert_allclose(got.values[0, :, 0], want, atol=1e-5)
        assert bool(got.known.all())
    else:
        assert not bool(got.known.any())
        assert not bool(got.values.any())


def test_ddim_ends_at_the_prediction_and_visits_both_ends() -> None:
    seen: list[int] = []
    target = torch.randn(1, 6, MOTION_CHANNELS)

    def predict(x: torch.Tensor, steps: torch.Tensor) -> DenoiserOutput:
        seen.append(int(steps[0]))
        return DenoiserOutput(x0=target, camera=x, static_logits=x, hidden=x)

    states = list(ddim(predict, torch.randn_like(target), schedule=Schedule(), count=50))
    torch.testing.assert_close(states[-1].sample, target)
    assert seen[0] == 999
    assert seen[-1] == 0
    assert len(set(seen)) == 50


def test_estimation_is_one_pass_from_zeros_at_the_last_step() -> None:
    def predict(x: torch.Tensor, steps: torch.Tensor) -> DenoiserOutput:
        assert not x.any()
        assert steps.tolist() == [999]
        return DenoiserOutput(x0=x, camera=x, static_logits=x, hidden=x)

    estimate(predict, (1, 4, MOTION_CHANNELS), schedule=Schedule(), device=torch.device("cpu"))


def statistics() -> Statistics:
    return Statistics(
        mean=torch.zeros(151), std=torch.ones(151), camera_mean=torch.zeros(6), camera_std=torch.ones(6),
        music_mean=torch.zeros(35), music_std=torch.ones(35),
    )  # fmt: skip


def test_model_folder_round_trip_and_damage(tmp_path: Path) -> None:
    network = tiny_network()
    folder = tmp_path / "tiny"
    save_folder(folder, network.state_dict(), config=TINY, statistics=statistics(), name="tiny", licence="test")
    loaded = load_model(str(folder))
    for key, value in network.state_dict().items():
        torch.testing.assert_close(loaded.network.state_dict()[key], value.half().float())
    shard = next(folder.glob("*.safetensors"))
    data = bytearray(shard.read_bytes())
    data[-1] ^= 1
    shard.write_bytes(data)
    with pytest.raises(CheckpointError, match="damaged"):
        load_model(str(folder))


def test_missing_model_is_one_sentence() -> None:
    with pytest.raises(CheckpointError, match='no model called "nothing-here"'):
        load_model("nothing-here")


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (eval, ("1/0",))


def test_hostile_checkpoints_are_refused_and_nothing_runs(tmp_path: Path) -> None:
    for name, content in {
        "pickle.ckpt": pickle.dumps({"state_dict": _Evil()}),
        "text.ckpt": b"not a checkpoint",
        "empty.ckpt": b"",
    }.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(CheckpointError):
            load_release(path)
    path = tmp_path / "torch.ckpt"
    torch.save({"state_dict": {"a": _Evil()}}, path)
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        read_release_weights(path)


@needs_reference
def test_release_vectors_agree() -> None:
    errors = check_reference(REFERENCE / "gem_tiny.ckpt", REFERENCE / "gem_tiny.npz")
    assert set(errors) == {"in", "out", "est", "t400", "ddim50", "dec", "world", "incam"}
    assert max(errors.values()) < 1e-4, errors


@needs_reference
def test_checkpoint_with_the_model_prefix_loads_the_same(tmp_path: Path) -> None:
    data = torch.load(REFERENCE / "gem_tiny.ckpt", weights_only=True)
    data["state_dict"] = {f"model.{key}": value for key, value in data["state_dict"].items()}
    torch.save(data, tmp_path / "prefixed.ckpt")
    plain_one, prefixed = load_release(REFERENCE / "gem_tiny.ckpt"), load_release(tmp_path / "prefixed.ckpt")
    for key, value in plain_one.network.state_dict().items():
        assert torch.equal(value, prefixed.network.state_dict()[key])


@needs_reference
def test_full_size_release_has_exactly_these_weights() -> None:
    wanted = json.loads((REFERENCE / "gem_release_keys.json").read_text())
    with torch.device("meta"):
        network = Network(RELEASE)
    mine = {}
    for key, value in network.state_dict().items():
        inside = key.startswith("denoiser.")
        name = RELEASE_DENOISER + key.removeprefix("denoiser.") if inside else key.removeprefix("conditions.")
        mine[name] = list(value.shape)
    assert mine == {key: shape for key, shape in wanted.items() if not key.endswith(".pe")}


def test_config_round_trip_and_nonsense() -> None:
    assert ModelConfig.from_json(DEFAULT.to_json()) == DEFAULT
    with pytest.raises(ValueError, match="newer studio"):
        ModelConfig.from_json({"widht": 3})
    with pytest.raises(ValueError, match="impossible"):
        ModelConfig.from_json({**DEFAULT.to_json(), "width": 10**6})
