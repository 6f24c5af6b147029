"""Train the in-between network on the CPU, and put it into a model folder.

    python scripts/train_inbetween.py train DATA STATE.pt --minutes 90
    python scripts/train_inbetween.py put STATE.pt models/default

DATA is a training set (``genmo-studio data prepare``). ``train`` goes on where an earlier run with the same STATE.pt
stopped, until it has learnt for so many minutes in all. It prints its losses and at times the error of places over
that of interpolation on held-out clips: by gap, after REACH known frames (c) or between two keys alone (k). ``put``
writes the averaged weights, in half precision, beside the others of the folder and into its description.
"""

import argparse
import json
from pathlib import Path

import safetensors.torch
import torch

from genmo_studio.model.checkpoint import INBETWEEN, file_hash
from genmo_studio.model.inbetween import InbetweenConfig
from genmo_studio.motion.body import load_body
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.inbetween import Clips, train

FILE = "inbetween.safetensors"


def learn(arguments: argparse.Namespace) -> None:
    """Train, or train on."""
    torch.set_num_threads(arguments.threads)
    body = load_body("genmo-free")
    clips = Clips.of(ClipStore.open(arguments.data, split="train"), body)
    val = Clips.of(ClipStore.open(arguments.data, split="val"), body, speeds=(1.0,))
    train(
        clips, val, body, arguments.state, config=InbetweenConfig(), seconds=60 * arguments.minutes,
        batch=arguments.batch, seed=arguments.seed, tell=lambda line: print(line, flush=True),
    )  # fmt: skip


def put(arguments: argparse.Namespace) -> None:
    """Write the averaged weights into a model folder."""
    state = torch.load(arguments.state, map_location="cpu", weights_only=True)
    weights = {f"{INBETWEEN}{name}": value.half().contiguous() for name, value in state["average"].items()}
    path, description = arguments.model / FILE, arguments.model / "model.json"
    safetensors.torch.save_file(weights, path)
    header = json.loads(description.read_text(encoding="utf-8"))
    header["inbetween"] = InbetweenConfig().to_json()
    header["inbetween_training"] = {"steps": state["step"], "minutes": round(state["seconds"] / 60, 1)}
    header["files"][FILE] = file_hash(path)
    description.write_text(json.dumps(header, indent=1) + "\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, {state['step']} steps in {state['seconds'] / 60:.0f} minutes")


def main() -> None:
    """Run a part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(required=True)
    training = parts.add_parser("train")
    training.add_argument("data", type=Path)
    training.add_argument("state", type=Path)
    training.add_argument("--minutes", type=float, default=90.0)
    training.add_argument("--threads", type=int, default=2)
    training.add_argument("--batch", type=int, default=32)
    training.add_argument("--seed", type=int, default=0)
    training.set_defaults(run=learn)
    putting = parts.add_parser("put")
    putting.add_argument("state", type=Path)
    putting.add_argument("model", type=Path)
    putting.set_defaults(run=put)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
