"""The written-down pass of drafts: the same numbers, made when there is time; the number of threads that is faster."""

from collections import Counter

import pytest
import torch

from genmo_studio.engine.drafting import Threads
from genmo_studio.model.checkpoint import LoadedModel, load_model
from genmo_studio.model.frozen import FrozenPass
from genmo_studio.model.network import DenoiserOutput, TextContext
from genmo_studio.model.reused import PASSES, Reused
from tests.tiny_model import write_tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    return load_model(str(write_tiny_model(tmp_path_factory.mktemp("model") / "tiny")))


def told(model: LoadedModel, frames: int, *, prompts: int, seed: int) -> dict[str, object]:
    """Arguments of a pass, all random."""
    config, dice = model.config, torch.Generator().manual_seed(seed)
    states = torch.randn(1, prompts, config.text_tokens, config.text_dim, generator=dice)
    windows = torch.rand(1, prompts, frames, generator=dice)
    return {
        "xt": torch.randn(1, frames, 151, generator=dice),
        "steps": torch.tensor([int(torch.randint(0, 1000, (1,), generator=dice))]),
        "fused": torch.randn(1, frames, config.width, generator=dice),
        "text": model.network.denoiser.text_context(states, windows),
    }


def same(one: DenoiserOutput, other: DenoiserOutput) -> bool:
    return all(torch.equal(value, vars(other)[name]) for name, value in vars(one).items())


@pytest.mark.parametrize(("frames", "prompts"), [(1, 1), (40, 1), (90, 3)])
def test_a_frozen_pass_gives_the_same_numbers(model: LoadedModel, frames: int, prompts: int) -> None:
    """Also for other motions, steps, conditions and texts than the one it was written down with."""
    denoiser = model.network.denoiser
    with torch.inference_mode():
        first = told(model, frames, prompts=prompts, seed=0)
        frozen = FrozenPass(denoiser, frames=frames, text=first["text"])
        for seed in range(4):
            asked = told(model, frames, prompts=prompts, seed=seed)
            assert same(frozen(**asked), denoiser(**asked))
    with pytest.raises(ValueError, match="whole sequences"):
        frozen(**asked, valid=torch.ones(1, frames, dtype=torch.bool))


def test_a_pass_is_written_down_once_a_shape_and_only_when_asked(model: LoadedModel) -> None:
    reused, denoiser = Reused(), model.network.denoiser
    with torch.inference_mode():
        for frames in (20, 30, 40, 50):
            asked = told(model, frames, prompts=1, seed=1)
            text = asked["text"]
            assert isinstance(text, TextContext)
            assert reused.denoiser(model, text=text, frames=frames) is denoiser
            assert reused.unwritten
            reused.write_down()
            assert not reused.unwritten
            written = reused.denoiser(model, text=text, frames=frames)
            assert isinstance(written, FrozenPass)
            assert same(written(**asked), denoiser(**asked))
            assert reused.denoiser(model, text=text, frames=frames) is written
        assert len(reused._passes) == PASSES, "the oldest is forgotten"


def test_where_nothing_can_be_written_down_drafts_go_on(model: LoadedModel, monkeypatch) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise RuntimeError("no tracing in this torch")

    monkeypatch.setattr(torch.jit, "trace", refuses)
    reused, text = Reused(), told(model, 20, prompts=1, seed=1)["text"]
    assert isinstance(text, TextContext)
    reused.denoiser(model, text=text, frames=20)
    reused.write_down()
    assert reused.denoiser(model, text=text, frames=20) is model.network.denoiser
    assert not reused.unwritten, "it is not tried again and again"


def test_drafts_take_the_number_of_threads_that_is_faster() -> None:
    threads, taken = Threads(2), Counter[int]()
    for _ in range(100):
        count = threads.choose()
        threads.note(count, {2: 0.2, 1: 0.08}[count])
        taken[count] += 1
    assert taken[2] <= 2 + 100 // Threads.TRY_AGAIN
    for _ in range(200):  # the window rests, two are faster now
        count = threads.choose()
        threads.note(count, {2: 0.05, 1: 0.08}[count])
    assert threads.choose() == 2
    assert Threads(1).choose() == 1
