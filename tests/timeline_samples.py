"""A document like the sample project, for the tests, the benchmark and looking at the timeline."""

import math
from pathlib import Path

import av
import msgspec
import numpy as np
import soundfile

from genmo_studio.document.model import (
    ContactClip,
    Document,
    Foot,
    LockClip,
    Marker,
    MediaKind,
    MediaRef,
    MusicClip,
    PoseKey,
    ResultPiece,
    Take,
    TakeMode,
    TextClip,
    Track,
    TrackKind,
    Tweak,
    VideoClip,
    Waypoint,
)
from genmo_studio.document.time import Span

BEATS = [15.0 * n for n in range(40)]  # 120 bpm at 30 fps


def write_video(path: Path, *, frames: int = 150, size: tuple[int, int] = (160, 90)) -> None:
    """A ball that crosses a shaded room."""
    width, height = size
    rows, columns = np.mgrid[:height, :width]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=30)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for n in range(frames):
            image = np.stack([60 + rows, 70 + rows // 2, 90 + columns // 4], axis=-1).clip(0, 255).astype(np.uint8)
            x = (0.1 + 0.8 * n / frames) * width
            y = height * (0.75 - 0.35 * abs(math.sin(n / 9)))
            image[(columns - x) ** 2 + (rows - y) ** 2 < (height / 9) ** 2] = (240, 170, 90)
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def write_music(path: Path, *, seconds: float = 20.0, rate: int = 22_050) -> None:
    """A kick on each beat of 120 bpm over a soft chord."""
    time = np.arange(int(seconds * rate)) / rate
    since = time % 0.5
    kick = np.sin(2 * np.pi * 60 * since) * np.exp(-since * 14)
    chord = sum(np.sin(2 * np.pi * f * time) for f in (220.0, 277.2, 329.6)) / 3 * (0.4 + 0.3 * np.sin(time * 0.8))
    soundfile.write(path, (0.65 * kick + 0.3 * chord).astype(np.float32), rate)


def sample_document(folder: Path | None = None) -> Document:
    """Video, two overlapping texts, music, keys, a path, takes. Media are written into ``folder`` when it is given."""
    if folder is not None:
        write_video(folder / "walk_reference.mp4")
        write_music(folder / "groove_120.wav")
    video = MediaRef("m1", MediaKind.VIDEO, "walk_reference.mp4", relative_path="walk_reference.mp4", frames=150)
    music = MediaRef("m2", MediaKind.AUDIO, "groove_120.wav", relative_path="groove_120.wav", frames=600)
    whole = {f"joint{n}": (0.0, 0.0, 0.0) for n in range(22)}
    keys = tuple(PoseKey(f"k{n}", frame, rotations=whole) for n, frame in enumerate((150, 330, 480)))
    path = tuple(
        Waypoint(f"w{n}", frame, position=(n * 0.5, n * 0.8), heading=0.4 * n if n % 2 else None)
        for n, frame in enumerate((0, 120, 240, 360))
    )
    tracks = (
        Track("t1", TrackKind.VIDEO, "Video", (VideoClip("v1", Span(0, 150), "m1", Span(0, 150)),), height=72),
        Track(
            "t2",
            TrackKind.TEXT,
            "Text",
            (
                TextClip("x1", Span(135, 330), "A person walks forward and waves with the right hand"),
                TextClip("x2", Span(300, 480), "dances happily, turning on the spot"),
            ),
            height=60,
        ),
        Track("t3", TrackKind.MUSIC, "Music", (MusicClip("s1", Span(240, 540), "m2", Span(0, 300)),), height=72),
        Track("t4", TrackKind.FULL_KEYS, "Poses", keys, height=38),
        Track(
            "t5",
            TrackKind.PARTIAL_KEYS,
            "Right hand",
            (PoseKey("p1", 210, positions={"right_wrist": (0, 1, 0)}),),
            height=38,
        ),
        Track("t6", TrackKind.PATH, "Root path", path, height=38),
    )
    full = Take("take1", "Take 1", Span(0, 420), "0" * 64, "a", 7, "default", TakeMode.FULL)
    draft = Take("take2", "Take 2", Span(420, 540), "1" * 64, "b", 12, "default", TakeMode.DRAFT)
    return Document(
        "doc",
        "Sample",
        length=600,
        tracks=tracks,
        media=(video, music),
        takes=(full, draft),
        result=(ResultPiece(Span(0, 420), "take1"), ResultPiece(Span(420, 540), "take2", blend=15)),
        markers=(Marker("mk1", 300, "Turn"),),
    )


def span_tracks() -> tuple[Track, ...]:
    """Contacts of both feet, planted and free, two tweaks and two locks; one of each is muted or narrow."""
    contacts = (
        ContactClip("c1", Span(0, 40), Foot.LEFT),
        ContactClip("c2", Span(30, 70), Foot.RIGHT),
        ContactClip("c3", Span(90, 150), Foot.LEFT, planted=False),
        ContactClip("c4", Span(160, 166), Foot.RIGHT, muted=True),
    )
    tweaks = (
        Tweak("e1", Span(60, 180), rotations={"left_shoulder": (0.1, 0.0, 0.3), "left_elbow": (0.0, 0.2, 0.0)},
              rise=20, fall=40, under="old"),
        Tweak("e2", Span(240, 300), shift=(0.0, 0.0, 0.1), rise=90, fall=90, weight=0.5, muted=True),
    )  # fmt: skip
    locks = (
        LockClip("l1", Span(100, 200), regions=("left_arm", "right_arm")),
        LockClip("l2", Span(320, 420)),
    )
    return (
        Track("t7", TrackKind.CONTACTS, "Contacts", contacts, height=44),
        Track("t8", TrackKind.TWEAKS, "Tweaks", tweaks, height=44),
        Track("t9", TrackKind.LOCKS, "Locks", locks, height=34),
    )


def full_document(folder: Path | None = None) -> Document:
    """The sample with rows of every kind."""
    document = sample_document(folder)
    return msgspec.structs.replace(document, tracks=(*document.tracks, *span_tracks()))
