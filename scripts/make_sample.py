"""Make assets/sample: a film of a real motion, a piece of music, and a project whose result is already generated.

    python scripts/make_sample.py DATA [--film-clip ID] [--keys-clip ID]
    python scripts/make_sample.py --take-only

DATA is a folder made by ``genmo-studio data prepare`` from the CMU database (free for all uses). The film is drawn by
the studio's own renderer from a motion that was captured, so that what the estimation should find is known; it is
written beside the film as ``walk.truth.npz``.
"""

import argparse
import math
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import soundfile
from scipy.signal import resample_poly

from genmo_studio import paths
from genmo_studio.conditions.compile import compile_request
from genmo_studio.conditions.progress import Progress
from genmo_studio.document import edits
from genmo_studio.document.editor import Editor
from genmo_studio.document.model import (
    Document,
    GenerationSettings,
    MediaKind,
    MediaRef,
    MusicClip,
    PoseKey,
    ResultPiece,
    TakeMode,
    TextClip,
    Track,
    TrackKind,
    VideoClip,
    Waypoint,
)
from genmo_studio.document.storage import load, save
from genmo_studio.document.time import Span
from genmo_studio.engine.client import EngineClient
from genmo_studio.engine.service import Broken, Finished, GenerationService, Stopped
from genmo_studio.engine.worker_jobs import Context, generation
from genmo_studio.media.files import sha256_of
from genmo_studio.model.generator import GenerationResult
from genmo_studio.motion.body import Body, joint_positions, load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import heading_from_matrix, matrix_from_rotvec, rotvec_from_matrix, yaw_matrix
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINTS
from genmo_studio.render.camera import Camera
from genmo_studio.render.film import render_motion
from genmo_studio.render.motion_scene import Display, fitted
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.music_render import SAMPLE_RATE, render_music
from genmo_studio.values import replace

LENGTH = 600
FILM_SIZE = (640, 360)
MUSIC = Span(400, 600)
KEY_FRAMES = (470, 520, 570)
WAYPOINT_FRAMES = (330, 365, 400)
DANCE_PROMPT = "a person dances salsa"


def clip_motion(data: Path, name: str, *, seconds: float | None = None) -> Motion:
    """A prepared clip by its id, from either split."""
    for split in ("train", "val"):
        store = ClipStore.open(data, split=split)
        for clip in store.clips:
            if clip.id == name:
                motion = store.motion(clip)
                return motion if seconds is None else motion.sliced(0, round(seconds * motion.fps))
    raise SystemExit(f"{data} has no clip called {name}")


def turned(motion: Motion, angle: float) -> Motion:
    """The motion turned about the vertical."""
    turn = yaw_matrix(angle)
    rotations = motion.rotations.copy()
    rotations[:, 0] = rotvec_from_matrix(turn @ matrix_from_rotvec(motion.rotations[:, 0].astype(np.float64)))
    return replace(motion, rotations=rotations, translation=(motion.translation @ turn.T).astype(np.float32))


def make_film(data: Path, folder: Path, clip: str, body: Body) -> tuple[Path, int]:
    """The film and its length in frames; the person walks through the picture at a slant."""
    motion = clip_motion(data, clip)
    travel = motion.translation[-1] - motion.translation[0]
    motion = turned(motion, math.radians(50) - math.atan2(travel[0], travel[2]))
    joints = joint_positions(motion, body).reshape(-1, 3).astype(np.float64)
    camera = fitted(Camera(yaw=0.0, pitch=math.radians(6.0)), joints, aspect=FILM_SIZE[0] / FILM_SIZE[1], margin=1.2)
    path = folder / "walk.mp4"
    for _ in render_motion(motion, body, path, size=FILM_SIZE, camera=camera, display=Display(contacts=False)):
        pass
    (folder / "walk.truth.npz").write_bytes(motion.to_bytes())
    return path, len(motion)


def make_music(motion: Motion, folder: Path, body: Body) -> Path:
    """Music rendered from a dance's own beats, 44.1 kHz Ogg Vorbis, written in pieces."""
    path = folder / "beat.ogg"
    if path.exists():  # an Ogg stream gets a random number: a new file would have another hash, and new features
        return path
    samples = render_music(motion, body=body, rng=np.random.default_rng(7))
    samples = resample_poly(samples, 735, 256).astype(np.float32)  # 15,360 Hz -> 44,100 Hz
    assert SAMPLE_RATE * 735 == 44_100 * 256
    fade = min(len(samples), 22_050)
    samples[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    with soundfile.SoundFile(path, "w", 44_100, 1, format="OGG", subtype="VORBIS") as file:
        for start in range(0, len(samples), 65_536):
            file.write(samples[start : start + 65_536])
    return path


def media(path: Path, kind: MediaKind, frames: int) -> MediaRef:
    """A reference relative to the project file."""
    return MediaRef(
        id=f"media-{path.stem}",
        kind=kind,
        name=path.name,
        relative_path=path.name,
        sha256=sha256_of(path),
        size=path.stat().st_size,
        frames=frames,
    )


def base_document(film: Path, film_frames: int, music: Path) -> Document:
    """The timeline without keys and path."""
    return Document(
        id="sample-0001",
        name="First steps",
        length=LENGTH,
        media=(media(film, MediaKind.VIDEO, film_frames), media(music, MediaKind.AUDIO, MUSIC.length)),
        generation=GenerationSettings(seed=4),
        tracks=(
            Track(
                id="track-video", kind=TrackKind.VIDEO, name="Video", height=50,
                items=(VideoClip("clip-walk", Span(0, film_frames), "media-walk", Span(0, film_frames)),),
            ),
            Track(
                id="track-text", kind=TrackKind.TEXT, name="Text", height=58,
                items=(
                    TextClip("text-wave", Span(film_frames - 15, 330), "a person waves both hands"),
                    TextClip("text-walk", Span(300, 430), "a person walks forward"),
                    TextClip("text-dance", Span(MUSIC.start, LENGTH), DANCE_PROMPT),
                ),
            ),
            Track(
                id="track-music", kind=TrackKind.MUSIC, name="Music", height=54,
                items=(MusicClip("clip-beat", MUSIC, "media-beat", Span(0, MUSIC.length)),),
            ),
            Track(id="track-keys", kind=TrackKind.FULL_KEYS, name="Poses", height=36),
            Track(id="track-path", kind=TrackKind.PATH, name="Path", height=36),
        ),
    )  # fmt: skip


def generate(document: Document, folder: Path) -> tuple[GenerationResult, str]:
    """A full take of the whole timeline on the CPU, and the request's hash."""
    by_id = {item.id: folder / str(item.relative_path) for item in document.media}
    compiled = compile_request(
        document, locate=lambda name: (str(by_id[name]), sha256_of(by_id[name])), mode=TakeMode.FULL
    )
    for item in generation(compiled.request, context=Context(), device="cpu"):
        if isinstance(item, Progress):
            print(f"\r{item.stage} {item.fraction:.0%} {item.detail}        ", end="", flush=True)
        elif isinstance(item, GenerationResult):
            print()
            for note in item.report["notes"]:
                print("note:", note)
            return item, compiled.request.hash
    raise SystemExit("the generation ended without a motion")


def pose_keys(dance: Motion, flow: Motion, body: Body) -> list[PoseKey]:
    """Poses of a captured dance, put where the first result is at their frames and turned the way it faces."""
    keys = []
    for number, frame in enumerate(KEY_FRAMES):
        source = min(frame - MUSIC.start, len(dance) - 1)
        root = matrix_from_rotvec(dance.rotations[source, 0].astype(np.float64))
        facing = heading_from_matrix(matrix_from_rotvec(flow.rotations[frame, 0].astype(np.float64)))
        root = yaw_matrix(facing - heading_from_matrix(root)) @ root
        rotations = {JOINTS[j]: tuple(map(float, dance.rotations[source, j])) for j in range(1, BODY_JOINT_COUNT)}
        rotations["pelvis"] = tuple(map(float, rotvec_from_matrix(root)))
        place = joint_positions(flow, body)[frame, 0]
        height = float(joint_positions(dance, body)[source, 0, 1])
        keys.append(
            PoseKey(
                id=f"key-{number}", frame=frame, rotations=rotations,
                root_position=(round(float(place[0]), 3), round(height, 4), round(float(place[2]), 3)),
            )
        )  # fmt: skip
    return keys


def waypoints(flow: Motion) -> list[Waypoint]:
    """The walk's own path, bent half a metre to the side in its middle."""
    places = flow.translation[list(WAYPOINT_FRAMES)][:, [0, 2]].astype(np.float64)
    along = places[-1] - places[0]
    side = np.array([along[1], -along[0]]) / max(float(np.linalg.norm(along)), 1e-6)
    places[1] += 0.3 * side
    return [
        Waypoint(id=f"way-{number}", frame=frame, position=(round(float(x), 3), round(float(z), 3)))
        for number, (frame, (x, z)) in enumerate(zip(WAYPOINT_FRAMES, places, strict=True))
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", type=Path, nargs="?", default=Path("data"))
    parser.add_argument("--take-only", action="store_true", help="keep film, music and timeline; needs no DATA")
    parser.add_argument("--film-clip", default="cmu_12_02")
    parser.add_argument("--keys-clip", default="cmu_60_12")
    arguments = parser.parse_args()
    body = load_body("genmo-free")
    folder = paths.assets() / "sample"
    folder.mkdir(parents=True, exist_ok=True)
    if arguments.take_only:
        heights = {
            track.id: track.height for track in base_document(folder / "walk.mp4", 100, folder / "beat.ogg").tracks
        }
        kept = load(folder / "sample.genmo").document
        tracks = tuple(msgspec.structs.replace(track, height=heights[track.id]) for track in kept.tracks)
        finish(msgspec.structs.replace(kept, tracks=tracks), folder)
        return
    film, film_frames = make_film(arguments.data, folder, arguments.film_clip, body)
    dance = clip_motion(arguments.data, arguments.keys_clip, seconds=MUSIC.length / 30)
    music = make_music(dance, folder, body)
    document = base_document(film, film_frames, music)
    first, _ = generate(document, folder)
    for key in pose_keys(dance, first.motion, body):
        document = edits.set_key("track-keys", key)(document)
    for point in waypoints(first.motion):
        document = edits.set_key("track-path", point)(document)
    finish(document, folder)


def finish(document: Document, folder: Path) -> None:
    """Make the take as the window makes it, and write the project."""
    editor, store = Editor(msgspec.structs.replace(document, takes=(), result=())), dict[str, bytes]()
    by_id = {item.id: folder / str(item.relative_path) for item in document.media}
    client = EngineClient()
    service = GenerationService(
        editor, client, store, locate=lambda name: (str(by_id[name]), sha256_of(by_id[name])),
        now=lambda: datetime.now(UTC).replace(second=0, microsecond=0),
    )  # fmt: skip
    ended: list[object] = []
    service.subscribe(lambda event: ended.append(event) if isinstance(event, Finished | Broken | Stopped) else None)
    service.generate()
    while not ended:
        service.poll()
        time.sleep(0.1)
    client.close()
    if not isinstance(ended[0], Finished):
        raise SystemExit(f"the generation ended without a motion: {ended[0]}")
    print(msgspec.json.encode({k: v for k, v in ended[0].report.items() if k != "notes"}).decode())
    made = editor.document
    take = msgspec.structs.replace(made.takes[0], id="take-0001")
    made = msgspec.structs.replace(made, takes=(take,), result=(ResultPiece(span=Span(0, LENGTH), take=take.id),))
    target = folder / "sample.genmo"
    target.unlink(missing_ok=True)
    save(target, made, takes=store)
    print(target, target.stat().st_size // 1024, "kB")


if __name__ == "__main__":
    main()
