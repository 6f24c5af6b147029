"""From a request to frame-aligned arrays: run the extractors and lay their results on the request's frames.

Whatever cannot be had (a file is gone, nobody is in the video, a package is missing) becomes a sentence in ``notes``;
the other conditions go on.
"""

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest, MediaCondition
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedMusic, ResolvedText, ResolvedVideo
from genmo_studio.document.time import Span
from genmo_studio.extract.known_music import FEATURES, MusicFeatures
from genmo_studio.extract.known_video import KeypointTrack
from genmo_studio.extract.music import BEAT, PEAK, extract_music
from genmo_studio.extract.pose2d import PoseBackend, PoseError
from genmo_studio.extract.text import KnownTexts, TextEncoderError
from genmo_studio.extract.video import extract_video
from genmo_studio.media.files import MediaError, sha256_of
from genmo_studio.motion.rotations import slerp_matrices
from genmo_studio.shapes import Float

EXTRACTED_FPS = 30
_EXPECTED = (MediaError, PoseError, TextEncoderError, ImportError, OSError)

Result = TypeVar("Result")
Steps = Generator[Progress, None, Result]
"""A step of resolving: yields progress, returns its result."""


def resolve(
    request: GenerationRequest,
    *,
    cache: Path,
    text_encoder: str,
    pose: PoseBackend | None = None,
    texts: KnownTexts | None = None,
) -> Iterator[Progress | ResolvedConditions]:
    """Progress and, last, the resolved conditions.

    ``text_encoder`` is "minilm" or "t5", as the model wants. Extracted media are kept in ``cache`` by content, prompts
    in ``texts``.
    """
    notes: list[str] = []
    text = yield from _texts(request, encoder=text_encoder, notes=notes, known=texts or KnownTexts())
    video = yield from _videos(request, cache=cache, pose=pose, notes=notes)
    music = yield from _music(request, cache=cache, notes=notes)
    yield ResolvedConditions(request, video=video, music=music, text=text, notes=tuple(dict.fromkeys(notes)))


def _texts(
    request: GenerationRequest, *, encoder: str, notes: list[str], known: KnownTexts
) -> Steps[ResolvedText | None]:
    used = [text for text in request.texts if text.weight > 0 and text.text.strip()]
    if not used:
        return None
    yield Progress("reading the prompts", 0.0)
    words = [text.text for text in used]
    try:
        states, too_long = known.read(words, encoder=encoder)
    except _EXPECTED as error:
        notes.append(_sentence(error, f"The prompts could not be read ({error})."))
        return None
    for text, cut in zip(words, too_long, strict=True):
        if cut:
            notes.append(f"The prompt “{text[:40]}…” is longer than the model reads; its end was left out.")
    yield Progress("reading the prompts", 1.0)
    return ResolvedText(states, tuple(text.span for text in used), tuple(text.weight for text in used))


def _videos(
    request: GenerationRequest, *, cache: Path, pose: PoseBackend | None, notes: list[str]
) -> Steps[ResolvedVideo | None]:
    video: ResolvedVideo | None = None
    known: dict[str, KeypointTrack | None] = {}
    for condition in weakest_first(request.videos):
        if condition.path not in known:
            steps = extract_video(Path(condition.path), cache=cache, backend=pose)
            known[condition.path] = yield from _extracted(steps, condition, cache=cache, notes=notes)
        track = known[condition.path]
        if track is None:
            continue
        if request.regeneration is None or condition.span.intersection(request.regeneration.span) is not None:
            notes.extend(track.notes)  # the film has no part in what is made anew elsewhere
        video = video or _empty_video(request.frames, track)
        _lay_video(video, track, condition, fps=request.fps)
    return video if video is not None and video.exists.any() else None


def _music(request: GenerationRequest, *, cache: Path, notes: list[str]) -> Steps[ResolvedMusic | None]:
    frames = request.frames
    music = ResolvedMusic(
        np.zeros(frames, np.bool_), np.zeros((frames, FEATURES), np.float32), np.zeros(frames, np.float32)
    )
    known: dict[tuple[str, str], MusicFeatures | None] = {}
    for condition in weakest_first(request.music):
        key = (condition.path, condition.tempo.value)
        if key not in known:
            steps = extract_music(Path(condition.path), cache=cache, tempo=condition.tempo)
            known[key] = yield from _extracted(steps, condition, cache=cache, notes=notes)
        found = known[key]
        if found is not None:
            _lay_music(music, found, condition, fps=request.fps)
    return music if music.exists.any() else None


def _extracted(
    steps: Iterator[Progress | Result], condition: MediaCondition, *, cache: Path, notes: list[str]
) -> Steps[Result | None]:
    """The last item of an extractor; None and a note when it fails."""
    name = Path(condition.path).name
    result: Result | None = None
    try:
        if not Path(condition.path).is_file():
            raise MediaError(
                f"{name} is not where it was ({Path(condition.path).parent}); it does not guide the motion."
            )
        if condition.sha256 and sha256_of(Path(condition.path), cache=cache) != condition.sha256:
            notes.append(f"{name} has changed since it was added; what it holds now was used.")
        for item in steps:
            if isinstance(item, Progress):
                yield item
            else:
                result = item
    except _EXPECTED as error:
        notes.append(_sentence(error, f"{name} could not be used ({error})."))
        return None
    return result


def _sentence(error: Exception, otherwise: str) -> str:
    return str(error) if isinstance(error, (MediaError, PoseError, TextEncoderError)) else otherwise


def weakest_first(conditions: Sequence[MediaCondition]) -> list[MediaCondition]:
    """Order in which overlapping clips are laid down: the heavier, then the later one ends on top."""
    return sorted((c for c in conditions if c.weight > 0), key=lambda c: (c.weight, c.span.start))


def source_positions(span: Span, source: Span, *, frames: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Request frames that a clip covers and where in its source each lies, by proportion of the frames' middles.

    Whole numbers when span and source are equally long.
    """
    here = np.arange(max(span.start, 0), min(span.stop, frames))
    return here, source.start + (here - span.start + 0.5) * source.length / span.length - 0.5


def _empty_video(frames: int, track: KeypointTrack) -> ResolvedVideo:
    """No frame exists yet; cameras and boxes are valid all the same."""
    whole = np.array([track.size[0] / 2, track.size[1] / 2, max(track.size)], np.float32)
    return ResolvedVideo(
        exists=np.zeros(frames, np.bool_),
        keypoints=np.zeros((frames, 17, 3), np.float32),
        bbox_xys=np.tile(whole, (frames, 1)),
        intrinsics=np.tile(track.intrinsics, (frames, 1, 1)),
        camera_rotations=np.tile(np.eye(3, dtype=np.float32), (frames, 1, 1)),
        weight=np.zeros(frames, np.float32),
    )


def _lay_video(video: ResolvedVideo, track: KeypointTrack, condition: MediaCondition, *, fps: int) -> None:
    """Write a clip's part of a track over what is there, where the track knows the person."""
    here, at = source_positions(condition.span, condition.source, frames=len(video.exists))
    at = at * EXTRACTED_FPS / fps
    first_at = np.array([at[0] if len(at) else 0.0])
    if condition.span.start < 0 and len(at):  # the clip begins before the request
        first_at -= -condition.span.start * condition.source.length / condition.span.length * EXTRACTED_FPS / fps
    inside = (at > -0.5) & (at < len(track.keypoints) - 0.5)
    here, at = here[inside], np.clip(at[inside], 0, len(track.keypoints) - 1)
    known = track.found[np.rint(at).astype(np.int64)]
    here, at = here[known], at[known]
    if not len(here):
        return
    video.exists[here] = True
    video.keypoints[here] = _keypoints_at(track.keypoints, at)
    video.bbox_xys[here] = _between(track.bbox_xys, at)
    video.intrinsics[here] = track.intrinsics
    first = _rotations_at(track.world_to_camera, np.clip(first_at, 0, len(track.keypoints) - 1))[0]
    video.camera_rotations[here] = _rotations_at(track.world_to_camera, at) @ first.T
    video.weight[here] = condition.weight


def _lay_music(music: ResolvedMusic, found: MusicFeatures, condition: MediaCondition, *, fps: int) -> None:
    """Write a clip's part of the features; onsets and beats are moved, never stretched or lost."""
    here, at = source_positions(condition.span, condition.source, frames=len(music.exists))
    nearest = np.rint(at * EXTRACTED_FPS / fps).astype(np.int64)
    inside = (nearest >= 0) & (nearest < len(found.features))
    here, nearest = here[inside], nearest[inside]
    if not len(here):
        return
    music.exists[here] = True
    music.features[here] = found.features[nearest]
    music.weight[here] = condition.weight
    span, source = condition.span, condition.source
    for column in (PEAK, BEAT):
        events = np.flatnonzero(found.features[:, column]) * fps / EXTRACTED_FPS
        moved = span.start + np.floor((events - source.start + 0.5) * span.length / source.length).astype(np.int64)
        music.features[here, column] = np.isin(here, moved)


def _between(values: NDArray[np.float32], at: NDArray[np.float64]) -> NDArray[np.float32]:
    """Values (frames, ...) at fractional frames, in a straight line between two."""
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, len(values) - 1)
    part = (at - low).astype(np.float32).reshape(-1, *(1,) * (values.ndim - 1))
    return np.asarray(values[low] * (1 - part) + values[high] * part, np.float32)


def _keypoints_at(keypoints: Float[NDArray[np.float32], "frames 17 3"], at: NDArray[np.float64]) -> NDArray[np.float32]:
    """Between two frames where both know the point; else the point of the nearer frame."""
    between, near = _between(keypoints, at), keypoints[np.rint(at).astype(np.int64)]
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, len(keypoints) - 1)
    both = (keypoints[low, :, 2:] > 0) & (keypoints[high, :, 2:] > 0)
    return np.where(both, between, near)


def _rotations_at(rotations: NDArray[np.float32], at: NDArray[np.float64]) -> NDArray[np.float32]:
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, len(rotations) - 1)
    part = (at - low).astype(np.float32)
    whole = part == 0
    turned = slerp_matrices(rotations[low], rotations[high], part)
    return np.where(whole[:, None, None], rotations[low], np.asarray(turned, np.float32))
