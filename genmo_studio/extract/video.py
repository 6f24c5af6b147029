"""A video to keypoints, person boxes and camera, once: the result is kept by the video's content.

One pass over the project frames (30 a second) feeds the pose estimator and the camera tracker. Afterwards, when the
whole video is known, short gaps are bridged, boxes are smoothed, and jitter is taken off the keypoints without delay.
"""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from genmo_studio.conditions.progress import Progress
from genmo_studio.extract.camera import CameraTracker, CameraTurn, guess_intrinsics
from genmo_studio.extract.known_video import KeypointTrack, keep_video, known_video
from genmo_studio.extract.pose2d import BlazePose, PoseBackend
from genmo_studio.media.files import MediaError, sha256_of
from genmo_studio.media.video import VideoReader
from genmo_studio.shapes import Float

FPS = 30
MAX_FRAMES = 30 * 60 * 30
"""Half an hour; longer videos are cut by the user first."""

_BOX_ASPECT, _BOX_MARGIN = 0.75, 1.2  # as the release: a 3:4 figure, 1.2 times the extent of its keypoints
_SEEN = 0.5  # confidence from which the model counts a keypoint as seen
_FEWEST_SEEN = 4  # keypoints without which a frame shows nobody
_BOX_SMOOTHING = 5  # frames
_KEYPOINT_SIGMA = 0.8  # frames; halves the jitter of the network and leaves motion below 5 Hz alone
_MIRRORED = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15)  # the same keypoint of the other side
_TRUNK = [5, 6, 11, 12]
_EXCHANGE_COST = 0.1  # of taking left for right in one frame, in body sizes moved
_JUMP = 0.15  # body sizes that a trunk does not move in a frame
_BRIDGED = 8  # frames without a person that are filled from both sides, with falling confidence


def extract_video(path: Path, *, cache: Path, backend: PoseBackend | None = None) -> Iterator[Progress | KeypointTrack]:
    """Progress and, last, the track of the person in a video. Raises MediaError or PoseError with a sentence."""
    path = Path(path)
    yield Progress("reading the video", 0.0, path.name)
    name = backend.name if backend is not None else BlazePose.name
    sha256 = sha256_of(path, cache=cache)
    known = known_video(sha256, cache=cache, network=name)
    if known is not None:
        yield known
        return
    yield Progress("finding the person", 0.0, "loading the pose networks")
    backend = backend or BlazePose(threads=min(4, os.cpu_count() or 1))
    backend.reset()
    raw: list[NDArray[np.float32]] = []
    with VideoReader(path) as reader:
        if reader.project_frames(FPS) > MAX_FRAMES:
            raise MediaError(f"{path.name} is longer than {MAX_FRAMES // FPS // 60} minutes; cut it first.")
        tracker = CameraTracker(guess_intrinsics(*reader.size))
        while len(raw) < (total := reader.project_frames(FPS)):  # a damaged file shows its real end on the way
            image = reader.frame_at(len(raw), FPS)
            observation = backend.estimate(image)
            points = observation.keypoints if observation is not None else np.zeros((17, 3), np.float32)
            box = person_box(points)
            tracker.add(image, person=None if box is None else (float(box[0]), float(box[1]), float(box[2])))
            raw.append(points)
            yield Progress("finding the person", len(raw) / total, f"frame {len(raw)} of {total}")
        size = reader.size
    track = assemble(np.array(raw), tracker.result(), intrinsics=tracker.intrinsics, size=size, name=path.name)
    keep_video(track, sha256, cache=cache, network=name)
    yield track


def person_box(keypoints: Float[NDArray[np.float32], "17 3"]) -> Float[NDArray[np.float32], "3"] | None:
    """Centre x, y and side (pixels) of the square about the seen keypoints; None where too few are seen."""
    seen = keypoints[keypoints[:, 2] > _SEEN, :2]
    if len(seen) < _FEWEST_SEEN:
        return None
    low, high = seen.min(axis=0), seen.max(axis=0)
    width, height = high - low
    side = max(float(height), float(width) / _BOX_ASPECT, 1.0) * _BOX_MARGIN
    return np.array([*(low + high) / 2, side], np.float32)


def assemble(
    raw: Float[NDArray[np.float32], "frames 17 3"],
    camera: CameraTurn,
    *,
    intrinsics: Float[NDArray[np.float32], "3 3"],
    size: tuple[int, int],
    name: str,
) -> KeypointTrack:
    """Observations of all frames to a track: gaps bridged, jitter and boxes smoothed, notes for the user."""
    found = np.array([person_box(points) is not None for points in raw], np.bool_)
    sides = same_sides(np.where(found[:, None, None], raw, np.float32(0)))
    keypoints = _smoothed(_bridged(sides, found))
    notes = []
    if not found.any():
        notes.append(f"Nobody was found in {name}; it does not guide the motion.")
    elif (missing := int((~found).sum())) > 0:
        notes.append(f"{name}: the person was not seen in {missing} of {len(found)} frames.")
    if camera.uncertain > 0.1 * len(raw):
        notes.append(f"{name}: the background shows too little to follow the camera; it is taken to stand still there.")
    return KeypointTrack(
        keypoints=keypoints,
        bbox_xys=_boxes(keypoints, size=size),
        intrinsics=np.asarray(intrinsics, np.float32),
        world_to_camera=camera.world_to_camera,
        size=size,
        camera_moves=camera.moves,
        notes=tuple(notes),
    )


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open stretches where the mask is set."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def same_sides(keypoints: Float[NDArray[np.float32], "frames 17 3"]) -> Float[NDArray[np.float32], "frames 17 3"]:
    """The track with left and right exchanged back in frames where the network took one for the other.

    Seen from behind or from far a body looks alike both ways, and single frames flip. Of all ways to exchange frames,
    that with the least movement is taken (Viterbi); each exchanged frame costs a little, so that the network's opinion
    holds where it lasts. Frames without a person separate stretches.
    """
    out = keypoints.copy()
    for start, stop in _runs(keypoints[..., 2].max(axis=1) > 0):
        part = keypoints[start:stop]
        both = np.stack([part, part[:, list(_MIRRORED)]], axis=1)  # (frames, as is | exchanged, 17, 3)
        side = max(float(np.median([np.ptp(p[:, :2], axis=0).max() for p in part])), 1.0)
        cost, came_from = np.array([0.0, _EXCHANGE_COST]), np.zeros((len(part), 2), np.int64)
        for frame in range(1, len(part)):
            moved = both[frame - 1][:, None] - both[frame][None]  # (before, now, 17, 3)
            total = cost[:, None] + np.linalg.norm(moved[..., 5:, :2], axis=-1).sum(axis=-1) / side
            came_from[frame] = total.argmin(axis=0)
            cost = total.min(axis=0) + np.array([0.0, _EXCHANGE_COST])
        state = int(cost.argmin())
        for frame in reversed(range(len(part))):
            out[start + frame] = both[frame, state]
            state = int(came_from[frame, state])
    return out


def _bridged(keypoints: NDArray[np.float32], found: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Short gaps between frames with a person filled in a straight line, sinking below what counts as seen."""
    out = keypoints.copy()
    for start, stop in _runs(~found):
        if start == 0 or stop == len(found) or stop - start > _BRIDGED:
            continue
        before, after = keypoints[start - 1], keypoints[stop]
        for frame in range(start, stop):
            part = (frame - start + 1) / (stop - start + 1)
            out[frame] = before + (after - before) * np.float32(part)
            out[frame, :, 2] = np.minimum(before[:, 2], after[:, 2]) * 0.5
    return out


def _smoothed(keypoints: NDArray[np.float32]) -> NDArray[np.float32]:
    """Positions low-passed without delay within each stretch of frames with a person, weighted by confidence."""
    out = keypoints.copy()
    for start, stop in _calm_runs(keypoints):
        part = keypoints[start:stop].astype(np.float64)
        weight = np.maximum(part[..., 2:], 1e-3)
        weighted = ndimage.gaussian_filter1d(part[..., :2] * weight, _KEYPOINT_SIGMA, axis=0, mode="nearest")
        total = ndimage.gaussian_filter1d(weight, _KEYPOINT_SIGMA, axis=0, mode="nearest")
        out[start:stop, :, :2] = weighted / total
    return out


def _calm_runs(keypoints: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Stretches with a person in which the trunk never jumps: another person or another side is not to be mixed in."""
    runs = []
    for start, stop in _runs(keypoints[..., 2].max(axis=1) > 0):
        trunk = keypoints[start:stop, _TRUNK, :2]
        size = max(float(np.median(np.ptp(keypoints[start:stop, :, :2], axis=1).max(axis=-1))), 1.0)
        jumps = np.linalg.norm(np.diff(trunk, axis=0), axis=-1).mean(axis=-1) > _JUMP * size
        edges = [start, *(start + 1 + np.flatnonzero(jumps)).tolist(), stop]
        runs += list(itertools.pairwise(edges))
    return runs


def _boxes(keypoints: NDArray[np.float32], *, size: tuple[int, int]) -> NDArray[np.float32]:
    """Boxes of all frames: interpolated over gaps and averaged over a few frames, so that they do not jump."""
    boxes = [person_box(points) for points in keypoints]
    known = np.array([frame for frame, box in enumerate(boxes) if box is not None])
    if not len(known):
        whole = np.array([size[0] / 2, size[1] / 2, max(size)], np.float32)
        return np.tile(whole, (len(keypoints), 1))
    values = np.array([box for box in boxes if box is not None])
    every = np.arange(len(keypoints))
    filled = np.stack([np.interp(every, known, values[:, axis]) for axis in range(3)], axis=1)
    return np.asarray(ndimage.uniform_filter1d(filled, _BOX_SMOOTHING, axis=0, mode="nearest"), np.float32)
