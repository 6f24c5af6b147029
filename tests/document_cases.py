"""Documents for tests: random valid ones, and the same as plain data on which expectations are written."""

import hashlib
import random
from typing import Any

import msgspec
from hypothesis import strategies as st

from genmo_studio.document.model import (
    BodySettings,
    ContactClip,
    Document,
    Foot,
    GenerationSettings,
    Item,
    LockClip,
    Marker,
    MediaKind,
    MediaRef,
    MusicClip,
    PoseKey,
    ResultPiece,
    Take,
    TempoScale,
    TextClip,
    Track,
    TrackKind,
    Tweak,
    VideoClip,
    Waypoint,
)
from genmo_studio.document.queries import sort_key
from genmo_studio.document.repair import repaired
from genmo_studio.document.time import Span

Plain = dict[str, Any]

BLOBS = {hashlib.sha256(data).hexdigest(): data for data in (b"first motion", b"second motion")}
MEDIA = (
    MediaRef(id="clip", kind=MediaKind.VIDEO, name="clip.mp4", relative_path="media/clip.mp4", frames=400, size=9),
    MediaRef(id="song", kind=MediaKind.AUDIO, name="song.ogg", absolute_path="/music/song.ogg", sha256="0" * 64),
)
KINDS = {
    "v1": TrackKind.VIDEO,
    "v2": TrackKind.VIDEO,
    "t1": TrackKind.TEXT,
    "t2": TrackKind.TEXT,
    "m1": TrackKind.MUSIC,
    "k1": TrackKind.FULL_KEYS,
    "k2": TrackKind.FULL_KEYS,
    "p1": TrackKind.PARTIAL_KEYS,
    "w1": TrackKind.PATH,
    "c1": TrackKind.CONTACTS,
    "e1": TrackKind.TWEAKS,
    "l1": TrackKind.LOCKS,
}
CLIP_TRACKS, KEY_TRACKS = ("v1", "v2", "t1", "t2", "m1", "c1", "e1", "l1"), ("k1", "k2", "p1", "w1")


def _span(rng: random.Random, low: int, high: int) -> Span:
    start = rng.randrange(low, high - 1)
    return Span(start, rng.randrange(start + 1, high))


def _vector(rng: random.Random) -> tuple[float, float, float]:
    return (rng.uniform(-3, 3), rng.uniform(-3, 3), rng.uniform(-3, 3))


def random_item(rng: random.Random, kind: TrackKind, name: str, *, frame: int) -> Item:
    weight, muted = rng.choice([0.0, 0.5, 1.0]), rng.random() < 0.2
    span = Span(frame, frame + rng.randrange(1, 60))
    source = Span(start := rng.randrange(0, 200), start + rng.choice([span.length, rng.randrange(1, 120)]))
    match kind:
        case TrackKind.VIDEO:
            return VideoClip(id=name, span=span, media="clip", source=source, weight=weight, muted=muted)
        case TrackKind.MUSIC:
            tempo = rng.choice(list(TempoScale))
            return MusicClip(
                id=name, span=span, media="song", source=source, weight=weight, muted=muted, tempo=tempo, gain=0.5
            )
        case TrackKind.TEXT:
            text = rng.choice(["a person walks", "jümps — höch", "", "踊る"])
            return TextClip(id=name, span=span, text=text, weight=weight, muted=muted)
        case TrackKind.FULL_KEYS:
            rotations = {"pelvis": _vector(rng), "left_knee": _vector(rng)}
            hold = rng.choice([0, 0, 5, 40])
            return PoseKey(
                id=name, frame=frame, rotations=rotations, root_position=_vector(rng), weight=weight, muted=muted,
                hold=hold,
            )  # fmt: skip
        case TrackKind.PARTIAL_KEYS:
            return PoseKey(id=name, frame=frame, positions={"left_wrist": _vector(rng)}, weight=weight, muted=muted)
        case TrackKind.PATH:
            heading, velocity = rng.choice([None, 1.5]), rng.choice([None, (0.5, -1.0)])
            return Waypoint(id=name, frame=frame, position=_vector(rng)[:2], heading=heading, velocity=velocity)
        case TrackKind.CONTACTS:
            foot, planted = rng.choice(list(Foot)), rng.random() < 0.5
            return ContactClip(id=name, span=span, foot=foot, planted=planted, weight=weight, muted=muted)
        case TrackKind.TWEAKS:
            rise, fall = rng.randrange(0, 20), rng.randrange(0, 20)
            turns, shift = {"left_elbow": _vector(rng)}, rng.choice([None, (0.1, 0.0, 0.2)])
            return Tweak(id=name, span=span, rotations=turns, shift=shift, rise=rise, fall=fall, weight=weight,
                         muted=muted, under="abc")  # fmt: skip
        case TrackKind.LOCKS:
            regions = rng.choice([("full",), ("left_arm", "spine")])
            return LockClip(id=name, span=span, regions=regions, weight=weight, muted=muted)


def random_track(rng: random.Random, name: str, *, most: int) -> Track:
    kind = KINDS[name]
    frames = rng.sample(range(300), rng.randrange(1, most + 1))
    items = [random_item(rng, kind, f"{name}.{number}", frame=frame) for number, frame in enumerate(frames)]
    return Track(
        id=name,
        kind=kind,
        name=name.upper(),
        items=tuple(sorted(items, key=sort_key)),
        hidden=rng.random() < 0.2,
        colour=rng.choice([None, "#aabbcc"]),
    )


def random_document(rng: random.Random, *, most: int = 4) -> Document:
    """A valid document with all kinds of tracks, one to ``most`` items each, two takes and a result of three pieces."""
    blobs = list(BLOBS)
    takes = (
        Take(id="x", name="Take x", span=Span(0, 200), blob=blobs[0], request_hash="r", seed=1, model="default"),
        Take(id="y", name="Take y", span=Span(50, 360), blob=blobs[1], request_hash="s", seed=2, model="default",
             metrics={"skate": 0.25}),
    )  # fmt: skip
    cuts = sorted(rng.sample(range(60, 190), 2))
    return Document(
        id="project",
        name="Prüfung",
        length=400,
        tracks=tuple(random_track(rng, name, most=most) for name in KINDS),
        media=MEDIA,
        takes=takes,
        result=(
            ResultPiece(span=Span(0, cuts[0]), take="x"),
            ResultPiece(span=Span(cuts[0], cuts[1]), take="y", blend=5),
            ResultPiece(span=Span(cuts[1], 200), take="x", blend=3),
        ),
        markers=(Marker(id="a", frame=rng.randrange(0, 100)), Marker(id="b", frame=150, length=40, name="range")),
        in_out=_span(rng, 0, 300) if rng.random() < 0.7 else None,
        body=BodySettings(betas=tuple(rng.uniform(-1, 1) for _ in range(10))),
        generation=GenerationSettings(seed=rng.randrange(2**40)),
    )


def randoms() -> st.SearchStrategy[random.Random]:
    """Sources of chance that hypothesis can repeat."""
    return st.integers(0, 2**32).map(random.Random)


def plain(document: Document) -> Plain:
    """The document as dicts and lists that may be changed."""
    result: Plain = msgspec.json.decode(msgspec.json.encode(document))
    return result


def assert_valid(document: Document) -> None:
    """The loader finds nothing to repair, order and ids included."""
    valid, report = repaired(document, blobs=lambda _blob: True)
    assert report == ()
    assert valid is document
