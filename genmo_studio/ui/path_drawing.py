"""From a stroke on the ground to waypoints. Pure: metres, frames, radians."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genmo_studio.document.edits import Edit, add_items, add_track, compose, delete_items, new_id
from genmo_studio.document.model import Document, TrackKind, Waypoint
from genmo_studio.document.time import Span

Floats = NDArray[np.float64]
WALK = 1.2
"""m/s of a path that is drawn without a marked span: a person's walk."""
EVERY = 0.5
"""Seconds from one waypoint to the next."""
SHORTEST = 0.15
"""m of a stroke that is a path."""
_SMOOTH = 0.12
"""m over which a shaking hand is evened out."""


def length_of(points: Floats) -> float:
    """Of a polyline (N, 2), m."""
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum()) if len(points) > 1 else 0.0


def smoothed(points: Floats, *, step: float = 0.03, reach: float = _SMOOTH) -> Floats:
    """The stroke (N, 2) in even steps (m) and without the hand's shaking; it begins and ends where the stroke does."""
    apart = np.linalg.norm(np.diff(points, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(apart)])
    keep = np.concatenate([[True], apart > 1e-9])
    along, points = along[keep], points[keep]
    count = max(2, math.ceil(along[-1] / step) + 1)
    at = np.linspace(0.0, along[-1], count)
    even = np.stack([np.interp(at, along, points[:, axis]) for axis in (0, 1)], axis=1)
    half = round(reach / step)
    if half < 1 or count < 4:
        return even
    kernel = np.hanning(2 * half + 3)[1:-1]
    # Mirrored through its ends, so that they stay.
    before, after = 2 * even[0] - even[half:0:-1], 2 * even[-1] - even[-2 : -half - 2 : -1]
    missing = 2 * half - len(before) - len(after)
    if missing > 0:
        return even
    padded = np.concatenate([before, even, after])
    return np.stack([np.convolve(padded[:, axis], kernel / kernel.sum(), "valid") for axis in (0, 1)], axis=1)


def span_for(document: Document, start: int, length: float) -> Span:
    """The frames that a path takes: what is marked, else as long as a walk along it takes from the playhead."""
    if document.in_out is not None:
        return document.in_out
    return Span(start, start + max(2, round(length / WALK * document.fps)) + 1)


def waypoints(points: Sequence[tuple[float, float]], span: Span, *, fps: int) -> tuple[Waypoint, ...]:
    """Waypoints evenly spaced in time along a stroke on the ground, each facing along it; none for a mere dot."""
    stroke = np.asarray(points, np.float64).reshape(-1, 2)
    if len(stroke) < 2 or length_of(stroke) < SHORTEST:
        return ()
    even = smoothed(stroke)
    count = max(2, round((span.length - 1) / (EVERY * fps)) + 1)
    count = min(count, span.length)
    frames = np.round(np.linspace(span.start, span.stop - 1, count)).astype(int)
    at = np.linspace(0, len(even) - 1, count)
    rows = np.arange(len(even))
    place = np.stack([np.interp(at, rows, even[:, axis]) for axis in (0, 1)], axis=1)
    slope = np.gradient(even, axis=0)
    way = np.stack([np.interp(at, rows, slope[:, axis]) for axis in (0, 1)], axis=1)
    return tuple(
        Waypoint(
            id=new_id(),
            frame=int(frame),
            position=(float(x), float(z)),
            heading=float(math.atan2(dx, dz)),
        )
        for frame, (x, z), (dx, dz) in zip(frames, place, way, strict=True)
    )


def put_path(document: Document, made: Sequence[Waypoint], *, track_id: str) -> Edit:
    """Put drawn waypoints on the first open path track (or a new one); those in the same span make room."""
    home = next((t for t in document.tracks if t.kind is TrackKind.PATH and not t.locked), None)
    if home is None:
        return compose(add_track(TrackKind.PATH, track_id=track_id), add_items(track_id, made))
    first, last = made[0].frame, made[-1].frame
    gone = [item.id for item in home.items if isinstance(item, Waypoint) and first <= item.frame <= last]
    return compose(delete_items(gone), add_items(home.id, made))
