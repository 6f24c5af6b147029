"""Checkpoints: the studio's own folders and the public release's files, through one loader.

The studio's form is a folder: ``model.json`` (config, statistics, name, licence, hash of each weight file) and one or
more ``*.safetensors`` shards of at most 15 MiB. The release's form is one Lightning dictionary ``*.ckpt``, whose keys
may carry a ``model.`` prefix; it is read with ``weights_only`` so that nothing in it is executed.
"""

import hashlib
import json
import pickle
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from genmo_studio import paths
from genmo_studio.model.conditioning import ConditionEncoder
from genmo_studio.model.config import MOTION_CHANNELS, RELEASE, ModelConfig
from genmo_studio.model.diffusion import Schedule
from genmo_studio.model.inbetween import Inbetween, InbetweenConfig
from genmo_studio.model.network import Denoiser
from genmo_studio.model.statistics import Statistics, release_statistics
from genmo_studio.values import replace

SHARD_BYTES = 15 * 1024 * 1024
MAX_BYTES = 8 * 1024**3
INBETWEEN = "inbetween."
"""Prefix of the in-between network's weights in a model folder."""
RELEASE_DENOISER = "pipeline.denoiser3d.denoiser."
RELEASE_HEAD_DIM = {1024: 128, 512: 64, 64: 16}
"""The release has 8 heads at width 1024 and 512, the tiny reference 4 at width 64; the keys do not tell."""


class CheckpointError(ValueError):
    """A model that cannot be used; the message is a sentence for the user."""


class Network(nn.Module):
    """Condition encoder and denoiser: everything that is trained."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.conditions = ConditionEncoder(config)
        self.denoiser = Denoiser(config)


@dataclass(frozen=True)
class LoadedModel:
    """A network ready to run and what is known about it."""

    name: str
    kind: str
    """"default" (the studio's family) or "gem" (the public release)"""
    network: Network
    statistics: Statistics
    device: str
    licence: str
    hash: str
    """SHA-256 over the weight files"""
    schedule: Schedule = field(default_factory=Schedule)
    inbetween: Inbetween | None = None
    """Fills gaps between keys where nothing else is said; None for models without it"""

    @property
    def config(self) -> ModelConfig:
        """Sizes of the network."""
        return self.network.config

    @property
    def text_dim(self) -> int:
        """Size of the token states it wants."""
        return self.config.text_dim

    @property
    def text_encoder(self) -> str:
        """ "minilm" or "t5"."""
        return "minilm" if self.config.text_dim == 384 else "t5"


def load_model(name_or_path: str, *, device: str = "cpu") -> LoadedModel:
    """Load a shipped model by name, a model folder, or a release checkpoint file.

    Raises CheckpointError with one sentence when it is missing, damaged or of another kind.
    """
    path = Path(name_or_path)
    if not path.exists():
        path = paths.models() / name_or_path
    if path.is_dir():
        model = _load_folder(path)
    elif path.is_file():
        model = load_release(path)
    else:
        raise CheckpointError(
            f'no model called "{name_or_path}" was found, neither as a file nor in {paths.models()}; '
            "choose another model in the generation settings"
        )
    network = model.network.eval().requires_grad_(False).to(device)
    inbetween = None if model.inbetween is None else model.inbetween.eval().requires_grad_(False).to(device)
    return replace(model, network=network, inbetween=inbetween, statistics=model.statistics.to(device), device=device)


def file_hash(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _load_folder(folder: Path) -> LoadedModel:
    try:
        header = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        config = ModelConfig.from_json(header["config"])
        statistics = Statistics.from_json(header["statistics"])
        files: dict[str, str] = header["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"the model in {folder} cannot be read: {error}") from error
    weights: dict[str, Tensor] = {}
    for name, digest in files.items():
        shard = folder / name
        if shard.parent != folder or not shard.is_file() or file_hash(shard) != digest:
            raise CheckpointError(f"the model in {folder} is incomplete or damaged: {name}; install it again")
        weights |= safetensors.torch.load_file(shard)
    network = Network(config)
    try:
        inbetween = _inbetween(header, weights)
        network.load_state_dict({key: value.float() for key, value in weights.items()}, strict=True)
    except (RuntimeError, TypeError, ValueError) as error:
        raise CheckpointError(f"the weights in {folder} do not fit their description: {error}") from error
    return LoadedModel(
        name=str(header.get("name", folder.name)),
        kind="default",
        network=network,
        statistics=statistics,
        device="cpu",
        licence=str(header.get("licence", "unknown")),
        hash=hashlib.sha256("".join(sorted(files.values())).encode()).hexdigest(),
        inbetween=inbetween,
    )


def _inbetween(header: dict[str, Any], weights: dict[str, Tensor]) -> Inbetween | None:
    """The in-between network of a model folder, if it has one; its weights are taken out of ``weights``.

    Raises RuntimeError, TypeError or ValueError when they do not fit the description.
    """
    if "inbetween" not in header:
        return None
    network = Inbetween(InbetweenConfig.from_json(header["inbetween"]))
    own = {key: weights.pop(key) for key in [key for key in weights if key.startswith(INBETWEEN)]}
    network.load_state_dict({key.removeprefix(INBETWEEN): value.float() for key, value in own.items()}, strict=True)
    return network


def save_folder(
    folder: Path,
    weights: dict[str, Tensor],
    *,
    config: ModelConfig,
    statistics: Statistics,
    name: str,
    licence: str,
    extra: dict[str, Any] | None = None,
) -> None:
    """Write a model folder: half-precision shards and their description."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for index, shard in enumerate(_shards({key: value.detach().half().cpu() for key, value in weights.items()})):
        path = folder / f"weights-{index:02d}.safetensors"
        safetensors.torch.save_file(shard, path)
        files[path.name] = file_hash(path)
    header = {
        "name": name,
        "licence": licence,
        "config": config.to_json(),
        "statistics": statistics.to_json(),
        "files": files,
        **(extra or {}),
    }
    (folder / "model.json").write_text(json.dumps(header, indent=1) + "\n", encoding="utf-8")


def _shards(weights: dict[str, Tensor]) -> Iterator[dict[str, Tensor]]:
    shard: dict[str, Tensor] = {}
    size = 0
    for key in sorted(weights):
        tensor = weights[key].contiguous()
        if shard and size + tensor.nbytes > SHARD_BYTES:
            yield shard
            shard, size = {}, 0
        shard[key] = tensor
        size += tensor.nbytes
    if shard:
        yield shard


def read_release_weights(path: Path) -> dict[str, Tensor]:
    """State dictionary of a release checkpoint, prefix removed. Raises CheckpointError."""
    if path.stat().st_size > MAX_BYTES:
        raise CheckpointError(f"{path.name} is larger than {MAX_BYTES >> 30} GB and was not opened")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch comments on foreign pickles that it then refuses
            data = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, zipfile.BadZipFile, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(f"{path.name} is not a checkpoint that can be read safely: {reason}") from error
    state = data.get("state_dict", data) if isinstance(data, dict) else None
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        raise CheckpointError(f"{path.name} holds no weights (no state_dict of tensors)")
    return {str(key).removeprefix("model."): value for key, value in state.items()}


def release_config(weights: dict[str, Tensor]) -> ModelConfig:
    """Sizes of a release network from its weights."""
    blocks = f"{RELEASE_DENOISER}blocks."
    try:
        width = weights[f"{RELEASE_DENOISER}add_cond_linear.bias"].shape[0]
        layers = 1 + max(int(key[len(blocks) :].split(".")[0]) for key in weights if key.startswith(blocks))
        return replace(
            RELEASE,
            width=width,
            layers=layers,
            heads=width // RELEASE_HEAD_DIM.get(width, 64),
            mlp_ratio=weights[f"{blocks}0.mlp.fc1.weight"].shape[0] / width,
            text_mlp_ratio=weights[f"{RELEASE_DENOISER}text_encoder_layers.0.mlp.fc1.weight"].shape[0] / width,
            text_dim=weights[f"{RELEASE_DENOISER}embed_text.weight"].shape[1],
            image_dim=weights["imgseq_embedder.0.weight"].shape[0] if "imgseq_embedder.0.weight" in weights else 0,
            music_dim=weights["music_embedder.fc1.weight"].shape[1],
            speech="audio_embedder.1.weight" in weights,
        )
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"this file is not a GEM checkpoint: {error} is missing") from error


def load_release(path: Path, *, statistics: Path | None = None) -> LoadedModel:
    """Load the public release's own file (with or without the ``model.`` prefix)."""
    weights = read_release_weights(path)
    config = release_config(weights)
    network = Network(config)
    own: dict[str, Tensor] = {}
    for key, value in weights.items():
        if key.endswith(".pe"):
            continue  # fixed sinusoids, recomputed
        inside = key.startswith(RELEASE_DENOISER)
        own["denoiser." + key.removeprefix(RELEASE_DENOISER) if inside else "conditions." + key] = value
    expected = network.state_dict()
    unused = sorted(set(own) - set(expected))
    missing = sorted(set(expected) - set(own))
    wrong = sorted(k for k in expected if k in own and own[k].shape != expected[k].shape)
    if missing or wrong:
        raise CheckpointError(
            f"{path.name} does not fit the GEM network: {len(missing)} weights missing, {len(wrong)} of another size "
            f"(first: {(missing + wrong)[0]})"
        )
    network.load_state_dict({key: own[key] for key in expected})
    table = weights.get(f"{RELEASE_DENOISER}sequence_pos_encoder.pe")
    if table is not None and table.shape == network.denoiser.positions.shape:
        network.denoiser.positions.copy_(table)
    return LoadedModel(
        name=path.stem,
        kind="gem",
        network=network.eval(),
        statistics=release_statistics(statistics or paths.assets() / "gem" / "statistics.json"),
        device="cpu",
        licence="the licence of the file you supplied" + (f"; {len(unused)} unknown weights ignored" if unused else ""),
        hash=file_hash(path),
    )


__all__ = [
    "MOTION_CHANNELS", "CheckpointError", "LoadedModel", "Network", "file_hash", "load_model", "load_release",
    "read_release_weights", "release_config", "save_folder",
]  # fmt: skip
