"""The state of a training run on disk: safetensors shards of at most 15 MiB and a JSON file, replaced atomically."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from genmo_studio.model.checkpoint import SHARD_BYTES, Network

STATE = "state.json"


@dataclass(frozen=True)
class State:
    """What is needed to go on exactly where a run stopped."""

    network: dict[str, Tensor]
    average: dict[str, Tensor]
    moments: dict[str, Tensor]
    statistics: dict[str, list[float]]
    step: int
    seconds: float
    history: list[dict[str, float]]

    def restore_optimizer(self, optimizer: torch.optim.Optimizer, network: Network) -> None:
        """Put AdamW's moments back."""
        for name, parameter in network.named_parameters():
            first = self.moments.get(f"exp_avg.{name}")
            if first is not None:
                optimizer.state[parameter] = {
                    "step": torch.tensor(float(self.step), device=parameter.device),
                    "exp_avg": first.to(parameter.device),
                    "exp_avg_sq": self.moments[f"exp_avg_sq.{name}"].to(parameter.device),
                }


def save_state(
    folder: Path,
    *,
    network: Network,
    average: dict[str, Tensor],
    optimizer: torch.optim.Optimizer,
    statistics: dict[str, list[float]],
    step: int,
    seconds: float,
    history: list[dict[str, float]],
) -> None:
    """Write shards of a new generation, then the JSON that names them, then remove the old shards."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"network.{k}": v for k, v in network.state_dict().items()}
    tensors |= {f"average.{k}": v for k, v in average.items()}
    for name, parameter in network.named_parameters():
        moments = optimizer.state.get(parameter, {})
        for moment in ("exp_avg", "exp_avg_sq"):
            if moment in moments:
                tensors[f"{moment}.{name}"] = moments[moment]
    files: list[str] = []
    shard: dict[str, Tensor] = {}
    size = 0

    def flush() -> None:
        nonlocal shard, size
        name = f"state-{step:07d}-{len(files):02d}.safetensors"
        safetensors.torch.save_file(shard, folder / name)
        files.append(name)
        shard, size = {}, 0

    for key, value in sorted(tensors.items()):
        stored = value.detach().cpu().contiguous().clone()
        if shard and size + stored.nbytes > SHARD_BYTES:
            flush()
        shard[key] = stored
        size += stored.nbytes
    flush()
    header: dict[str, Any] = {
        "files": files, "step": step, "seconds": seconds, "statistics": statistics, "history": history,
    }  # fmt: skip
    temporary = folder / (STATE + ".tmp")
    temporary.write_text(json.dumps(header), encoding="utf-8")
    os.replace(temporary, folder / STATE)
    for old in folder.glob("state-*.safetensors"):
        if old.name not in files:
            old.unlink()


def load_state(folder: Path) -> State | None:
    """The state of a run, or None when the folder holds none. Raises ValueError when it is damaged."""
    path = folder / STATE
    if not path.is_file():
        return None
    try:
        header = json.loads(path.read_text(encoding="utf-8"))
        tensors: dict[str, Tensor] = {}
        for name in header["files"]:
            tensors |= safetensors.torch.load_file(folder / Path(name).name)
    except (OSError, KeyError, ValueError) as error:
        raise ValueError(f"the run in {folder} cannot be resumed: {error}") from error

    def part(prefix: str) -> dict[str, Tensor]:
        return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}

    return State(
        network=part("network."),
        average=part("average."),
        moments={k: v for k, v in tensors.items() if k.startswith("exp_avg")},
        statistics=header["statistics"],
        step=header["step"],
        seconds=header["seconds"],
        history=header["history"],
    )
