"""A contact sheet of a model: prompts, in-betweens of recordings and estimates from 2D keypoints, one strip each.

python scripts/model_sheet.py DATA docs/images/model_prompts.png [--model NAME_OR_PATH]
"""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from genmo_studio.conditions.request import GenerationRequest, TextCondition
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedText
from genmo_studio.document.model import TakeMode
from genmo_studio.document.time import Span
from genmo_studio.extract.text import load_text_encoder
from genmo_studio.model.checkpoint import LoadedModel, load_model
from genmo_studio.motion.body import Body, load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.render.offscreen import OffscreenContext
from genmo_studio.render.strip import render_strip, spread_frames
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.dataset import Augmentation, MotionWindows
from genmo_studio.training.trials import facing_camera, pose_key, spread_windows, take, video_of

PROMPTS = (
    "a person walks", "a person runs", "a person walks and turns left", "a person waves both hands",
    "a person raises the left hand", "a person bows", "a person jumps", "a person sits down", "a person kicks",
    "a person dances salsa",
)  # fmt: skip
FRAMES, KEY_GAP, POSES, STEPS = 120, 30, 10, 20
WIDTH, HEIGHT, LABEL = 100, 132, 20
SHEET_WIDTH = 1400


def rows(data: Path, model: LoadedModel, body: Body) -> Iterator[tuple[str, Motion]]:
    """(label, motion) of every strip."""
    states = load_text_encoder(model.text_encoder).encode(list(PROMPTS))
    for row, prompt in enumerate(PROMPTS):
        span = Span(0, FRAMES)
        request = GenerationRequest(frames=FRAMES, texts=(TextCondition(text=prompt, span=span),), seed=1, steps=STEPS)
        text = ResolvedText(states=states[row : row + 1], spans=(span,), weights=(1.0,))
        yield f"prompt: {prompt}", take(ResolvedConditions(request=request, text=text), model=model, body=body).motion
    store = ClipStore.open(data, split="val")
    for clip, first in spread_windows(store, frames=FRAMES, count=4, seed=3):
        truth = store.motion(store.clips[clip]).sliced(first, first + FRAMES)
        frames = [*range(0, FRAMES - 1, KEY_GAP), FRAMES - 1]
        request = GenerationRequest(
            frames=FRAMES, poses=tuple(pose_key(truth, f, body=body) for f in frames), seed=1, steps=STEPS
        )
        name = store.clips[clip].id
        yield f"recording (validation): {name}", truth
        yield (
            "full-body keys of it every 30 frames",
            take(ResolvedConditions(request=request), model=model, body=body).motion,
        )
    windows = MotionWindows(data, body=body, split="val", frames=FRAMES, augmentation=Augmentation.none())
    for number, (clip, first) in enumerate(spread_windows(windows.store, frames=FRAMES, count=2, seed=5)):
        batch = windows.window(clip, first, rng=np.random.default_rng(number))
        request = GenerationRequest(frames=FRAMES, mode=TakeMode.DRAFT, seed=1)
        resolved = ResolvedConditions(request=request, video=video_of(batch))
        truth = facing_camera(windows.motion(clip).sliced(first, first + FRAMES), batch, body=body)
        yield f"recording (validation): {windows.store.clips[clip].id}", truth
        yield "its 2D keypoints in one pass", take(resolved, model=model, body=body).motion


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder made by genmo-studio data prepare")
    parser.add_argument("picture", type=Path)
    parser.add_argument("--model", default="default")
    arguments = parser.parse_args()
    model, body = load_model(arguments.model, device="cpu"), load_body("genmo-free")
    strips = []
    with OffscreenContext() as context:
        for label, motion in rows(arguments.data, model, body):
            picture = render_strip(
                motion, body, frames=spread_frames(len(motion), POSES), width_each=WIDTH, height=HEIGHT, context=context
            )
            strips.append((label, picture))
            print(label, flush=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter

    application = QGuiApplication([])
    sheet = QImage(2 * WIDTH * POSES, (HEIGHT + LABEL) * ((len(strips) + 1) // 2), QImage.Format.Format_RGB888)
    sheet.fill(QColor(24, 26, 30))
    painter = QPainter(sheet)
    painter.setPen(QColor(230, 230, 230))
    for number, (label, picture) in enumerate(strips):
        x, y = (number % 2) * WIDTH * POSES, (number // 2) * (HEIGHT + LABEL)
        painter.drawText(x + 8, y + 14, label)
        pixels = np.ascontiguousarray(picture)
        image = QImage(pixels.data, pixels.shape[1], HEIGHT, 3 * pixels.shape[1], QImage.Format.Format_RGB888)
        painter.drawImage(x, y + LABEL, image)
    painter.end()
    small = sheet.scaledToWidth(SHEET_WIDTH, Qt.TransformationMode.SmoothTransformation)
    few_colours = Qt.ImageConversionFlag.AvoidDither  # smooth surfaces without dots, a third of the size
    small.convertToFormat(QImage.Format.Format_Indexed8, few_colours).save(str(arguments.picture))
    application.quit()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
