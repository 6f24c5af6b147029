"""Give an existing model a path under its root (model/root_prior.py) without training it again.

python scripts/fit_path_head.py DATA -o RUN --start default --passes 150        # stops and resumes at any time
"""

import argparse
import json
import time
from pathlib import Path

import torch

from genmo_studio.training.loop import Trainer, TrainOptions
from genmo_studio.training.path_head import SLIDE_WEIGHT, collect, fit_trainer


def main() -> None:
    """Collect what is missing, fit, write RUN/model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--start", default="default", metavar="MODEL")
    parser.add_argument("--passes", type=int, default=150)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--slide-weight", type=float, default=SLIDE_WEIGHT)
    parser.add_argument(
        "--minutes", type=float, default=1e9, help="stop collecting after so long and fit to what is there"
    )
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    began = time.monotonic()
    options = TrainOptions(
        data=arguments.data, out=arguments.out, minutes=1, session_minutes=1, batch=arguments.batch,
        start=arguments.start, only=("denoiser.path_head",), path_share=0.7,
    )  # fmt: skip
    trainer = Trainer(options)
    for done in collect(trainer, arguments.out / "passes", passes=arguments.passes):
        print(json.dumps({"passes": done, "minutes": round((time.monotonic() - began) / 60, 1)}), flush=True)
        if time.monotonic() - began > arguments.minutes * 60:
            break
    found = fit_trainer(trainer, arguments.out / "passes", epochs=arguments.epochs, slide_weight=arguments.slide_weight)
    trainer.save()
    print(json.dumps({name: round(value, 5) for name, value in found.scores.items()}))


if __name__ == "__main__":
    main()
