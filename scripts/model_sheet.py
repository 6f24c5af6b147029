"""Contact sheets of a model: takes of prompts, of songs, in-betweens of recordings, and videos, one strip each.

python scripts/model_sheet.py DATA MEDIA docs/images/sheet_{}.jpg [--model NAME_OR_PATH] [--parts prompts songs ...]

DATA is a prepared set or archives with labels; MEDIA has ``music`` (songs with a JSON file each, see
genmo_studio/training/measure_songs.py) and ``video``. {} in the name becomes the part. Nothing is chosen: one seed.
"""

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genmo_studio import paths
from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest, TextCondition
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedMusic, ResolvedText, ResolvedVideo
from genmo_studio.document.model import TakeMode
from genmo_studio.document.time import Span
from genmo_studio.extract.known_video import KeypointTrack
from genmo_studio.extract.music import FPS, extract_music
from genmo_studio.extract.text import load_text_encoder
from genmo_studio.extract.video import extract_video
from genmo_studio.extract.warp import square_crop
from genmo_studio.media.video import VideoReader
from genmo_studio.model.checkpoint import LoadedModel, load_model
from genmo_studio.motion.body import Body, load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.render.camera import Camera
from genmo_studio.render.offscreen import OffscreenContext
from genmo_studio.render.strip import render_strip, spread_frames
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.evaluation_set import training_set
from genmo_studio.training.measure_songs import songs_in
from genmo_studio.training.trials import pose_key, spread_windows, take

PROMPTS = (
    "a person walks", "a person walks backwards", "a person walks and turns left", "a person walks like an old person",
    "a person walks angrily", "a person runs", "a person jogs and turns right", "a person dashes forward",
    "a person jumps", "a person jumps forward", "a person does jumping jacks", "a person waves both hands",
    "a person waves the right hand", "a person raises the left hand", "a person bows", "a person beckons someone over",
    "a person kicks", "a person punches", "a person slashes with a sword", "a person sits down",
    "a person picks something up", "a person balances on one leg", "a person dances salsa", "a person does a cartwheel",
)  # fmt: skip
EXCERPTS = (30, 75, 130)
"""s into each song"""
FRAMES, POSES, STEPS = 120, 12, 20
VIDEO_FRAMES = 120
VIDEOS = ("sports2d_demo", "pose2sim_single_cam01", "pose2sim_single_cam02", "pose2sim_single_cam03")
WIDTH, HEIGHT, LABEL = 100, 132, 20
SHEET_WIDTH = 2000


@dataclass(frozen=True, eq=False)
class Row:
    """A strip: a motion, or pictures as they are."""

    label: str
    motion: Motion | None = None
    pictures: NDArray[np.uint8] | None = None
    front: bool = False
    """Seen from where the video's camera stood."""


def prompts(model: LoadedModel, body: Body) -> Iterator[Row]:
    states = load_text_encoder(model.text_encoder).encode(list(PROMPTS))
    for row, prompt in enumerate(PROMPTS):  # a seed of its own each: one noise makes all turn and step alike
        span = Span(0, FRAMES)
        request = GenerationRequest(
            frames=FRAMES, texts=(TextCondition(text=prompt, span=span),), seed=row, steps=STEPS
        )
        text = ResolvedText(states=states[row : row + 1], spans=(span,), weights=(1.0,))
        yield Row(prompt, take(ResolvedConditions(request=request, text=text), model=model, body=body).motion)


def songs(folder: Path, model: LoadedModel, body: Body) -> Iterator[Row]:
    for song in songs_in(folder):
        *_, heard = extract_music(song.path, cache=paths.cache())
        for seconds in EXCERPTS:
            features = heard.features[seconds * FPS : seconds * FPS + FRAMES]
            ones = np.ones(FRAMES, np.float32)
            music = ResolvedMusic(exists=ones > 0, features=features, weight=ones)
            request = GenerationRequest(frames=FRAMES, seed=seconds, steps=STEPS)
            made = take(ResolvedConditions(request=request, music=music), model=model, body=body).motion
            yield Row(f"{song.path.stem} ({song.bpm:.0f} bpm) from {seconds} s", made)


def betweens(data: Path, model: LoadedModel, body: Body) -> Iterator[Row]:
    store = ClipStore.open(data, split="val")
    for number, (clip, first) in enumerate(spread_windows(store, frames=FRAMES, count=6, seed=3)):
        gap = 30 if number % 2 == 0 else 60
        truth = store.motion(store.clips[clip]).sliced(first, first + FRAMES)
        frames = [*range(0, FRAMES - 1, gap), FRAMES - 1]
        poses = tuple(pose_key(truth, f, body=body) for f in frames)
        request = GenerationRequest(frames=FRAMES, poses=poses, seed=1, steps=STEPS)
        yield Row(f"recording (validation): {store.clips[clip].id}", truth)
        made = take(ResolvedConditions(request=request), model=model, body=body).motion
        yield Row(f"full-body keys of it every {gap} frames", made)


def videos(folder: Path, model: LoadedModel, body: Body) -> Iterator[Row]:
    for name in VIDEOS:
        path = folder / f"{name}.mp4"
        track: KeypointTrack | None = None
        for step in extract_video(path, cache=paths.cache()):
            track = None if isinstance(step, Progress) else step
        assert track is not None
        frames = min(len(track.keypoints), VIDEO_FRAMES)
        video = ResolvedVideo(
            exists=track.found[:frames], keypoints=track.keypoints[:frames], bbox_xys=track.bbox_xys[:frames],
            intrinsics=np.tile(track.intrinsics, (frames, 1, 1)), camera_rotations=track.world_to_camera[:frames],
            weight=np.ones(frames, np.float32),
        )  # fmt: skip
        request = GenerationRequest(frames=frames, mode=TakeMode.DRAFT, seed=1)
        made = take(ResolvedConditions(request=request, video=video), model=model, body=body).motion
        yield Row(f"{path.name}, as filmed", pictures=crops(path, track, spread_frames(frames, POSES)))
        yield Row("estimated in one pass, seen from the camera", made, front=True)
        yield Row("the same, seen from three quarters", made)


def crops(path: Path, track: KeypointTrack, frames: list[int]) -> NDArray[np.uint8]:
    """(HEIGHT, WIDTH * POSES, 3) the person in the picture, frame by frame."""
    found = []
    with VideoReader(path) as reader:
        for frame in frames:
            x, y, side = (float(value) for value in track.bbox_xys[frame])
            crop, _ = square_crop(
                reader.frame_at(frame, FPS), centre=np.array([x, y]), side=side * 1.1, angle=0.0, size=HEIGHT
            )
            left = (HEIGHT - WIDTH) // 2
            found.append(np.clip(crop[:, left : left + WIDTH], 0, 255).astype(np.uint8))
    return np.concatenate(found, axis=1)


def drawn(rows: Iterator[Row], body: Body) -> list[tuple[str, NDArray[np.uint8]]]:
    strips = []
    with OffscreenContext() as context:
        for row in rows:
            picture = row.pictures
            if row.motion is not None:
                picture = render_strip(
                    row.motion, body, frames=spread_frames(len(row.motion), POSES), width_each=WIDTH, height=HEIGHT,
                    context=context, camera=Camera(yaw=0.0, pitch=0.05) if row.front else None,
                )  # fmt: skip
            strips.append((row.label, np.ascontiguousarray(picture)))
            print(row.label, flush=True)
    return strips


def save(strips: list[tuple[str, NDArray[np.uint8]]], path: Path, *, columns: int) -> None:
    """One picture with ``columns`` strips side by side, each below its label."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QColor, QImage, QPainter

    rows = -(-len(strips) // columns)
    sheet = QImage(columns * WIDTH * POSES, (HEIGHT + LABEL) * rows, QImage.Format.Format_RGB888)
    sheet.fill(QColor(24, 26, 30))
    painter = QPainter(sheet)
    painter.setPen(QColor(230, 230, 230))
    for number, (label, picture) in enumerate(strips):
        x, y = (number % columns) * WIDTH * POSES, (number // columns) * (HEIGHT + LABEL)
        painter.drawText(x + 8, y + 14, label)
        image = QImage(picture.data, picture.shape[1], HEIGHT, 3 * picture.shape[1], QImage.Format.Format_RGB888)
        painter.drawImage(x, y + LABEL, image)
    painter.end()
    small = sheet.scaledToWidth(SHEET_WIDTH, Qt.TransformationMode.SmoothTransformation)
    if not small.save(str(path), quality=85):  # .jpg: a fifth of the size, and no banding on smooth surfaces
        raise SystemExit(f"{path} could not be written")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", type=Path, help="prepared set, or archives with labels")
    parser.add_argument("media", type=Path, help="folder with music and video")
    parser.add_argument("pictures", help="name of the pictures; {} becomes the part")
    parser.add_argument("--model", default="default")
    parts = ("prompts", "songs", "betweens", "videos")
    parser.add_argument("--parts", nargs="+", choices=parts, default=parts)
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QGuiApplication

    application = QGuiApplication([])
    model, body = load_model(arguments.model, device="cpu"), load_body("genmo-free")
    *_, data = training_set(arguments.data, body=body)
    assert isinstance(data, Path)
    for part in arguments.parts:
        rows = {
            "prompts": lambda: prompts(model, body),
            "songs": lambda: songs(arguments.media / "music", model, body),
            "betweens": lambda: betweens(data, model, body),
            "videos": lambda: videos(arguments.media / "video", model, body),
        }[part]()
        save(drawn(rows, body), Path(arguments.pictures.replace("{}", part)), columns=1 if part == "videos" else 2)
    application.quit()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
