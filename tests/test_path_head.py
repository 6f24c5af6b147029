"""Fitting the path's head to passes that are made once: it learns, nothing else moves, a cut collection goes on."""

from pathlib import Path

import numpy as np
import pytest
import torch
from bvh_cases import smooth_rotations, smpl_bvh
from tiny_model import write_tiny_model

from genmo_studio.model.checkpoint import load_model
from genmo_studio.motion.body import load_body
from genmo_studio.training.loop import Trainer, TrainOptions
from genmo_studio.training.path_head import HELD_OUT, collect, fit_trainer, read_passes
from genmo_studio.training.prepare import prepare
from genmo_studio.values import replace


@pytest.fixture(scope="module")
def trainer(tmp_path_factory: pytest.TempPathFactory) -> Trainer:
    source, out = tmp_path_factory.mktemp("bvh"), tmp_path_factory.mktemp("set")
    rng, body = np.random.default_rng(0), load_body("genmo-free")
    for name in ("walk", "jump"):
        turns = smooth_rotations(rng, frames=90, joints=22, size=0.3)
        places = np.array([0, 1.0, 0]) + np.cumsum(rng.normal(0, 0.02, (90, 3)) * (1, 0.1, 1), 0)
        (source / f"{name}.bvh").write_text(smpl_bvh(body, turns, places, frames=90))
    list(prepare(source, out, body=body, music_seconds=0))
    model = write_tiny_model(tmp_path_factory.mktemp("model"), root_prior=False)
    return Trainer(
        TrainOptions(
            data=out, out=tmp_path_factory.mktemp("run"), minutes=1, session_minutes=1, batch=4, frames=40,
            start=str(model), only=("denoiser.path_head",), path_share=1.0,
        )
    )  # fmt: skip


def test_collection_goes_on_where_it_stopped_and_the_head_learns(trainer: Trainer, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least"):
        read_passes(tmp_path)
    assert list(collect(trainer, tmp_path, passes=3)) == [1, 2, 3]
    first = (tmp_path / "pass-00001.safetensors").stat().st_mtime_ns
    assert list(collect(trainer, tmp_path, passes=HELD_OUT + 6))[-1] == HELD_OUT + 6
    assert (tmp_path / "pass-00001.safetensors").stat().st_mtime_ns == first
    passes = read_passes(tmp_path)
    assert all(p["known"].any() and p["hidden"].dtype is torch.float16 for p in passes)
    before = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    found = fit_trainer(trainer, tmp_path, epochs=20)
    assert found.scores["loss"] <= found.scores["path_loss"]
    assert found.scores["passes"] == len(passes) - len(passes[::HELD_OUT])
    trainer.save()
    saved = load_model(str(trainer.options.out / "model"), device="cpu")
    for name, value in saved.network.state_dict().items():
        if name.startswith("denoiser.path_head."):
            torch.testing.assert_close(
                value, found.head.state_dict()[name.removeprefix("denoiser.path_head.")].half().float()
            )
        else:
            torch.testing.assert_close(value, before[name].half().float())
    assert saved.config == replace(trainer.config, dropout=saved.config.dropout)


def test_a_path_that_is_the_truth_needs_no_head(trainer: Trainer, tmp_path: Path) -> None:
    """Scores mean what they say: the true velocity as base costs nothing, and a head cannot better it."""
    list(collect(trainer, tmp_path, passes=HELD_OUT + 1))
    import safetensors.torch

    for path in tmp_path.glob("pass-*"):
        seen = safetensors.torch.load_file(path)
        seen["base"] = seen["truth"].clone()
        safetensors.torch.save_file(seen, path)
    # Smoothing would change the truth at sharp turns, so it is off here.
    plain = replace(trainer.config, smoothing=0.0)
    before, trainer.config = trainer.config, plain
    try:
        found = fit_trainer(trainer, tmp_path, epochs=1)
    finally:
        trainer.config = before
    assert found.scores["path_velocity"] < 1e-8
    assert found.scores["path_drift"] < 1e-8
    assert found.scores["network_velocity"] > 1e-2
