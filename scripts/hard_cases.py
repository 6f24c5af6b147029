"""Ten hard cases in one picture: poses, and under them the height of the soles (cm) and the speed of the feet (m/s).

PYTHONPATH=. python scripts/hard_cases.py docs/images/hard_cases.png [--data DATA] [--model NAME_OR_PATH] [--only WORDS]

DATA is a folder made by genmo-studio data prepare; without it the cases whose keys are recorded poses are left out.
"""

import argparse
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from genmo_studio.conditions.request import GenerationRequest, Loop, Regeneration, TextCondition
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedText
from genmo_studio.document.model import TakeMode
from genmo_studio.document.time import Span
from genmo_studio.extract.text import load_text_encoder
from genmo_studio.model.checkpoint import LoadedModel, load_model
from genmo_studio.model.generator import GenerationResult, generate
from genmo_studio.motion.body import Body, joint_positions, load_body
from genmo_studio.motion.contacts import FEET, foot_skate, sole_heights
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.suddenness import joint_accelerations, knee_speeds
from genmo_studio.motion.usual import USUAL_ACCELERATION
from genmo_studio.render.offscreen import OffscreenContext
from genmo_studio.render.strip import render_strip, spread_frames
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.hard_cases import HardCase, constructed, key_frames, recorded
from genmo_studio.values import replace

POSES, WIDTH, HEIGHT, LABEL, PLOT = 9, 92, 128, 20, 560
SCALE = 1150


def answered(case: HardCase, model: LoadedModel, body: Body, base: Motion | None = None) -> GenerationResult:
    request, text = case.request, None
    if request.texts:
        states = load_text_encoder(model.text_encoder).encode([t.text for t in request.texts])
        text = ResolvedText(states, tuple(t.span for t in request.texts), tuple(t.weight for t in request.texts))
    *_, last = generate(ResolvedConditions(request, text=text), model=model, body=body, base=base)
    assert isinstance(last, GenerationResult)
    return last


def dance_loop(model: LoadedModel, body: Body) -> tuple[HardCase, GenerationResult]:
    """A dance is made, then two seconds of it are made to repeat where they are."""
    text = TextCondition("a person dances salsa", Span(0, 90))
    request = GenerationRequest(frames=90, texts=(text,), seed=2, steps=20)
    base = answered(HardCase("", request), model, body).motion
    name = hashlib.sha256(base.to_bytes()).hexdigest()
    again = msgspec.structs.replace(
        request, regeneration=Regeneration(base=name, span=Span(15, 75), loop=Loop.IN_PLACE)
    )
    case = HardCase("a loop of a dance (frames 15 to 74, shown twice)", again)
    result = answered(case, model, body, base=base)
    part = result.motion.sliced(15, 75)
    twice = Motion(
        rotations=np.concatenate([part.rotations] * 2),
        translation=np.concatenate([part.translation] * 2),
        betas=part.betas,
        contacts=None if part.contacts is None else np.concatenate([part.contacts] * 2),
    )
    return case, GenerationResult(twice, result.report, result.uncorrected)


def every(arguments: argparse.Namespace, model: LoadedModel, body: Body) -> Iterator[tuple[HardCase, GenerationResult]]:
    cases = list(constructed(body, prompts=True))
    if arguments.data is None:
        print("No training set was given: the cases with recorded keys are left out.")
    else:
        for split in ("train", "val"):
            cases += recorded(ClipStore.open(arguments.data, split=split), body)
    for case in cases:
        if arguments.only in case.name:
            mode = TakeMode.DRAFT if arguments.draft else case.request.mode
            asked = replace(case, request=msgspec.structs.replace(case.request, mode=mode))
            yield asked, answered(asked, model, body)
    if arguments.only in "a loop of a dance":
        yield dance_loop(model, body)


def figures(result: GenerationResult, body: Body) -> dict[str, Any]:
    motion = result.motion
    ratio = (joint_accelerations(motion, body) / USUAL_ACCELERATION).max() if len(motion) else 0
    return {
        "sudden": round(float(ratio), 2),
        "knee": round(float(knee_speeds(motion).max())),
        "skate": round(foot_skate(joint_positions(motion, body), motion.contacts, 30), 2),
        "raw_cm": round(max(result.report["key_errors_before"][k] for k in
                            ("root_position_mm", "joint_position_mm", "waypoint_mm")) / 10, 1),
        "unmet": result.report["unmet"],
    }  # fmt: skip


def plot(painter: Any, corner: tuple[int, int], motion: Motion, body: Body, *, frames: list[int]) -> None:
    """Height of both soles and speed of both feet over time; keys as lines, the ground and 25 cm / 2 m/s as grid."""
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QColor, QPen, QPolygonF

    x, y = corner
    feet = joint_positions(motion, body)[:, list(FEET)].astype(np.float64)
    height = (feet[..., 1] - sole_heights(body, motion.betas)).reshape(len(motion), 2, 2).min(axis=2) * 100
    step = np.linalg.norm(np.diff(feet[..., [0, 2]], axis=0, append=feet[-1:, :, [0, 2]]), axis=-1) * 30
    speed = step.reshape(len(motion), 2, 2).min(axis=2)
    half = HEIGHT // 2
    across = PLOT - 60
    for number, (values, top, unit) in enumerate(((height, 50.0, "cm"), (speed, 4.0, "m/s"))):
        base = y + half * (number + 1) - 6
        painter.setPen(QColor(70, 74, 82))
        for share in (0.0, 0.5):
            painter.drawLine(x + 40, int(base - share * (half - 10)), x + 40 + across, int(base - share * (half - 10)))
        painter.drawText(x + 4, base, f"0 {unit}")
        painter.drawText(x + 4, int(base - 0.5 * (half - 10)) + 4, f"{top / 2:g}")
        for frame in frames:
            if frame < len(motion):
                place = x + 40 + across * frame / max(len(motion) - 1, 1)
                painter.setPen(QPen(QColor(200, 170, 60), 1))
                painter.drawLine(QPointF(place, base), QPointF(place, base - half + 10))
        for side, colour in ((0, QColor(90, 170, 255)), (1, QColor(255, 120, 110))):
            painter.setPen(QPen(colour, 2))
            line = [
                QPointF(x + 40 + across * f / max(len(motion) - 1, 1), base - min(v / top, 1.0) * (half - 10))
                for f, v in enumerate(values[:, side])
            ]
            painter.drawPolyline(QPolygonF(line))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("picture", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--model", default="default")
    parser.add_argument("--draft", action="store_true", help="one pass a case instead of sampling, but for the dance")
    parser.add_argument("--only", default="", help="only cases whose names hold these words")
    arguments = parser.parse_args()
    model, body = load_model(arguments.model, device="cpu"), load_body("genmo-free")
    rows = []
    with OffscreenContext() as context:
        for case, result in every(arguments, model, body):
            strip = render_strip(
                result.motion, body, frames=spread_frames(len(result.motion), POSES), width_each=WIDTH, height=HEIGHT,
                context=context,
            )  # fmt: skip
            found = figures(result, body)
            rows.append((case, result, strip, found))
            print(case.name, found, flush=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter

    application = QGuiApplication([])
    sheet = QImage(WIDTH * POSES + PLOT, (HEIGHT + LABEL) * len(rows), QImage.Format.Format_RGB888)
    sheet.fill(QColor(24, 26, 30))
    painter = QPainter(sheet)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for number, (case, result, strip, found) in enumerate(rows):
        y = number * (HEIGHT + LABEL)
        told = f"; not met: {found['unmet'][0]}" if found["unmet"] else ""
        painter.setPen(QColor(230, 230, 230))
        painter.drawText(
            8, y + 14,
            f"{number + 1}. {case.name}   before correction {found['raw_cm']} cm; acceleration up to {found['sudden']} "
            f"x usual; knee {found['knee']} deg/s; skate {found['skate']} m/s{told}",
        )  # fmt: skip
        pixels = np.ascontiguousarray(strip)
        image = QImage(pixels.data, pixels.shape[1], HEIGHT, 3 * pixels.shape[1], QImage.Format.Format_RGB888)
        painter.drawImage(0, y + LABEL, image)
        frames = [] if case.request.regeneration is not None else list(key_frames(case.request))
        plot(painter, (WIDTH * POSES, y + LABEL), result.motion, body, frames=frames)
    painter.end()
    small = sheet.scaledToWidth(SCALE, Qt.TransformationMode.SmoothTransformation)
    few_colours = Qt.ImageConversionFlag.AvoidDither
    small.convertToFormat(QImage.Format.Format_Indexed8, few_colours).save(str(arguments.picture))
    application.quit()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
