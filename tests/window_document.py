"""A small project for the window's tests: a walk with contacts, two texts, three keys and a path."""

import hashlib

import numpy as np

from genmo_studio.document.model import (
    Document,
    PoseKey,
    ResultPiece,
    Take,
    TextClip,
    Track,
    TrackKind,
    Waypoint,
)
from genmo_studio.document.time import Span
from genmo_studio.motion.body import load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import INDEX, JOINTS

FRAMES = 90


def walking(frames: int = FRAMES, *, phase: float = 0.0) -> Motion:
    """Swinging arms and legs along +z at 1 m/s."""
    swing = np.sin(np.arange(frames) * 2 * np.pi / 30 + phase)
    rotations = np.zeros((frames, 24, 3), np.float32)
    for name, axis, size in (
        ("left_hip", 0, -0.5),
        ("right_hip", 0, 0.5),
        ("left_knee", 0, 0.4),
        ("left_shoulder", 1, -0.5),
        ("right_shoulder", 1, -0.5),
    ):
        rotations[:, INDEX[name], axis] = size * swing
    rotations[:, INDEX["left_shoulder"], 2] = -1.1
    rotations[:, INDEX["right_shoulder"], 2] = 1.1
    height = -float(load_body("genmo-free").v_template[:, 1].min())
    z = np.arange(frames) / 30
    translation = np.stack([np.zeros(frames), np.full(frames, height), z], axis=1).astype(np.float32)
    contacts = np.zeros((frames, 6), np.float32)
    contacts[:, 0] = swing > 0
    contacts[:, 2] = swing <= 0
    return Motion(rotations, translation, contacts=contacts)


def window_document(motion: Motion | None = None) -> tuple[Document, dict[str, bytes]]:
    """Document and take blobs."""
    motion = motion or walking()
    frames = len(motion)
    rest = load_body("genmo-free").rest_joints(motion.betas)[0]

    def key(index: int, frame: int) -> PoseKey:
        turns = {name: tuple(float(x) for x in motion.rotations[frame, INDEX[name]]) for name in JOINTS[:22]}
        place = tuple(float(x) for x in motion.translation[frame] + rest)
        return PoseKey(id=f"key{index}", frame=frame, rotations=turns, root_position=place)

    def point(index: int, frame: int) -> Waypoint:
        x, _, z = motion.translation[frame]
        return Waypoint(id=f"way{index}", frame=frame, position=(float(x), float(z)))

    data = motion.to_bytes()
    blob = hashlib.sha256(data).hexdigest()
    take = Take(id="take1", name="Take 1", span=Span(0, frames), blob=blob, request_hash="", seed=41, model="default")
    stops = (0, frames // 2, frames - 1)
    texts = (
        TextClip(id="text1", span=Span(0, 55), text="a person walks forward"),
        TextClip(id="text2", span=Span(40, frames), text="a person waves"),
    )
    tracks = (
        Track(id="t1", kind=TrackKind.TEXT, name="Text", items=texts),
        Track(id="t2", kind=TrackKind.FULL_KEYS, name="Poses", items=tuple(key(i, f) for i, f in enumerate(stops))),
        Track(id="t3", kind=TrackKind.PATH, name="Path", items=tuple(point(i, f) for i, f in enumerate(stops))),
    )
    piece = ResultPiece(span=Span(0, frames), take="take1")
    document = Document(id="window-test", name="Tested", length=frames, tracks=tracks, takes=(take,), result=(piece,))
    return document, {blob: data}
