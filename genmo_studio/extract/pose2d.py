"""2D pose of one person with BlazePose on LiteRT: detector, region, 33 landmarks, next region; as COCO-17.

The detector looks at the whole picture (and, where the person is small, at overlapping parts of it) and gives the
hip centre and a point on a circle about the body. The landmark network looks at a turned square about them and also
gives the region for the next picture, so that the detector runs only when the person was lost.
(BlazePose, arXiv 2006.10204.)
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from genmo_studio import paths
from genmo_studio.extract.warp import Image, square_crop
from genmo_studio.shapes import Float

COCO_FROM_BLAZEPOSE: tuple[int, ...] = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""Index of each COCO keypoint (nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles) in the landmarks."""

_DETECTOR_SIZE, _LANDMARK_SIZE = 224, 256
_DETECTED = 0.5  # score from which a detection counts
_CERTAIN = 0.8  # score from which nobody is looked for in the picture's parts
_CONFIRMED_AT_MOST = 4  # candidates that the landmark network looks at
_TRACKED = 0.5  # presence below which the person is lost
_REGION_SCALE = 1.25  # of the circle about the body, as the networks were trained with
_SEARCH_PARTS_EVERY = 5  # frames without a person between searches of the picture's parts
_HEATMAP_REACH = 3  # cells to each side of a landmark
_HEATMAP_CLEAR = 0.5  # probability from which a heatmap is trusted
_PATIENCE = 45  # frames for which a lost person is waited for before anybody else is followed
_AUXILIARY = slice(33, 35)  # two landmarks that give the next region


Square = tuple[float, float, float, float]
"""Centre x, y and side in pixels, and the angle (rad) by which it is turned clockwise."""


class PoseError(Exception):
    """Pose estimation cannot run; the message says what to do."""


@dataclass(frozen=True, eq=False)
class PoseObservation:
    """One person in one picture."""

    keypoints: Float[NDArray[np.float32], "17 3"]
    """COCO order: x, y in pixels of the picture (which may lie outside it) and confidence 0..1"""
    score: float
    """How sure the network is that a person is there, 0..1"""
    world: Float[NDArray[np.float32], "17 3"] | None = None
    """The network's own guess of the keypoints in 3D: m from the middle of the hips, x right, y down, z away from the
    camera. The studio does not use it; the evaluation compares itself with it."""


class PoseBackend(Protocol):
    """What finds a person in the pictures of a video, one after the other."""

    name: str
    """Name and version; part of the cache key."""

    def estimate(self, image: Image) -> PoseObservation | None:
        """The person in the next picture (H, W, 3) uint8 RGB, or None."""

    def reset(self) -> None:
        """Forget where the person was."""


@dataclass(frozen=True)
class Region:
    """A turned square: where the landmark network looks."""

    x: float
    y: float
    side: float
    angle: float

    @classmethod
    def about(cls, centre: NDArray[np.floating[Any]], rim: NDArray[np.floating[Any]]) -> "Region":
        """The region of a body with this hip centre and a point above the head on the circle about it."""
        dx, dy = (float(value) for value in rim - centre)
        side = 2 * float(np.hypot(dx, dy)) * _REGION_SCALE
        return cls(float(centre[0]), float(centre[1]), side, float(np.pi / 2 - np.arctan2(-dy, dx)))

    def usable(self, image: Image) -> bool:
        """Whether the region shows enough of the picture to look at."""
        height, width = image.shape[:2]
        near = bool(-width < self.x < 2 * width and -height < self.y < 2 * height)
        return near and 8 < self.side < 8 * max(width, height)


class BlazePose:
    """BlazePose "full": about 15 ms a frame while tracking on one CPU core. Follows one person."""

    name = "blazepose-full-1"

    def __init__(self, folder: Path | None = None, *, threads: int = 1) -> None:
        """Load the two networks from ``folder`` (the program's assets by default); raises PoseError."""
        folder = folder or paths.assets() / "pose"
        self._detector = _Network(folder / "pose_detection.tflite", threads=threads)
        self._landmarks = _Network(folder / "pose_landmark_full.tflite", threads=threads)
        self._anchors = _anchors()
        self.reset()

    def reset(self) -> None:
        """See PoseBackend."""
        self._last: Region | None = None
        self._velocity = np.zeros(2)  # pixels a frame
        self._side = 1.0  # of the region, pixels, over the last frames
        self._lost_for = 0

    def estimate(self, image: Image) -> PoseObservation | None:
        """See PoseBackend."""
        if self._last is not None and self._lost_for > _PATIENCE:
            self.reset()
        found = self._look(image, self._last) if self._last is not None and self._lost_for == 0 else None
        found = found or self._search(image)
        if found is None:
            self._lost_for += 1
            return None
        observation, region = found
        if self._last is not None:
            moved = np.array([region.x - self._last.x, region.y - self._last.y]) / (1 + self._lost_for)
            self._velocity = 0.7 * self._velocity + 0.3 * moved
        self._side = 0.9 * self._side + 0.1 * region.side if self._last is not None else region.side
        self._last, self._lost_for = region, 0
        return observation

    def _search(self, image: Image) -> tuple[PoseObservation, Region] | None:
        """The person that was followed, or anybody when nobody was, confirmed by the landmark network."""
        candidates = self._detect(image, whole_picture(image))
        if self._last is not None:
            # The detector knows upright people only: near where somebody was it also looks from the other sides.
            x, y = self._expected(self._last)
            candidates += self._detect(image, [(x, y, 1.5 * self._side, turn * np.pi / 2) for turn in range(4)])
        elif self._lost_for % _SEARCH_PARTS_EVERY == 0 and all(score < _CERTAIN for score, _ in candidates):
            candidates += self._detect(image, parts_of(image))
        candidates.sort(key=lambda candidate: -candidate[0])
        within_reach = [region for _, region in candidates if self._could_be_the_same(region)]
        for region in within_reach[:_CONFIRMED_AT_MOST]:
            first = self._look(image, region)
            # The second look starts from landmarks, which say better than the detector where to look.
            found = self._look(image, first[1]) if first is not None else None
            if found is not None:
                return found
        return None

    def _expected(self, last: Region) -> tuple[float, float]:
        """Where the person should be by now who was last seen in a region, going on at the last speed for a while."""
        frames = min(1 + self._lost_for, _PATIENCE / 3)
        return last.x + float(self._velocity[0]) * frames, last.y + float(self._velocity[1]) * frames

    def _could_be_the_same(self, region: Region) -> bool:
        """Whether a region found now may hold the person who was followed: near and of like size."""
        if self._last is None:
            return True
        x, y = self._expected(self._last)
        reach = self._side * (0.5 + 0.04 * self._lost_for)
        same_size = 1 / 1.8 < region.side / self._side < 1.8
        return bool(np.hypot(region.x - x, region.y - y) < reach and same_size)

    def _detect(self, image: Image, squares: list[Square]) -> list[tuple[float, Region]]:
        """The best person of each square with its score, if there is one."""
        found = []
        for x, y, side, angle in squares:
            crop, to_image = square_crop(image, centre=np.array([x, y]), side=side, angle=angle, size=_DETECTOR_SIZE)
            boxes, logits = self._detector(crop / 127.5 - 1.0)
            scores = _sigmoid(logits[:, 0])
            index = int(scores.argmax())
            points = boxes[index, 4:8].reshape(2, 2) + self._anchors[index] * _DETECTOR_SIZE
            region = Region.about(*(points @ to_image[:, :2].T + to_image[:, 2]))
            if scores[index] >= _DETECTED and region.usable(image):
                found.append((float(scores[index]), region))
        return found

    def _look(self, image: Image, region: Region) -> tuple[PoseObservation, Region] | None:
        """Landmarks in a region and the region for the next picture; None when no person is there."""
        if not region.usable(image):
            return None
        crop, to_image = square_crop(
            image, centre=np.array([region.x, region.y]), side=region.side, angle=region.angle, size=_LANDMARK_SIZE
        )
        outputs = self._landmarks(crop / 255.0)
        score = float(outputs[1].reshape(-1)[0])
        if not score >= _TRACKED:
            return None
        points = _refined(outputs[0].reshape(39, 5).astype(np.float64), outputs[3])
        pixels = points[:, :2] @ to_image[:, :2].T + to_image[:, 2]
        visible = np.minimum(_sigmoid(points[:, 3]), _sigmoid(points[:, 4]))
        chosen = list(COCO_FROM_BLAZEPOSE)
        keypoints = np.concatenate([pixels[chosen], visible[chosen, None]], axis=1).astype(np.float32)
        world = _turned(outputs[4].reshape(39, 3)[chosen], region.angle)
        return PoseObservation(keypoints, score, world), Region.about(*pixels[_AUXILIARY])


def whole_picture(image: Image) -> list[Square]:
    """The one square about the picture."""
    height, width = image.shape[:2]
    return [(width / 2, height / 2, float(max(height, width)), 0.0)]


def parts_of(image: Image) -> list[Square]:
    """Half-overlapping squares of the short side and of half the long side, for people that look small."""
    height, width = image.shape[:2]
    squares = []
    for side in {float(min(height, width)), max(height, width) / 2.0}:
        columns, rows = (max(1, int(np.ceil(2 * length / side)) - 1) for length in (width, height))
        xs = np.linspace(min(side, width) / 2, width - min(side, width) / 2, columns)
        ys = np.linspace(min(side, height) / 2, height - min(side, height) / 2, rows)
        squares += [(float(x), float(y), side, 0.0) for y in ys for x in xs]
    return squares


def _refined(points: NDArray[np.float64], heatmaps: NDArray[np.float32]) -> NDArray[np.float64]:
    """Landmarks (39, 5) in crop pixels moved to the centre of mass of their heatmap (64, 64, 39) near them.

    The network regresses coordinates and draws heatmaps; where a map is clear it is the more exact of the two.
    """
    cells = heatmaps.shape[0]
    scale = _LANDMARK_SIZE / cells
    middle = np.floor(points[:, :2] / scale).astype(np.int64)
    reach = np.arange(-_HEATMAP_REACH, _HEATMAP_REACH + 1)
    columns, rows = middle[:, 0, None, None] + reach, middle[:, 1, None, None] + reach[:, None]
    columns, rows = np.broadcast_arrays(columns, rows)  # (39, 7, 7)
    inside = (columns >= 0) & (columns < cells) & (rows >= 0) & (rows < cells)
    maps = np.arange(len(points))[:, None, None]
    weight = _sigmoid(heatmaps[np.clip(rows, 0, cells - 1), np.clip(columns, 0, cells - 1), maps]) * inside
    total = weight.sum(axis=(1, 2))
    clear = weight.max(axis=(1, 2)) >= _HEATMAP_CLEAR
    refined = points.copy()
    for axis, index in ((0, columns), (1, rows)):
        mean = ((index + 0.5) * weight).sum(axis=(1, 2)) / np.maximum(total, 1e-9) * scale
        refined[clear, axis] = mean[clear]
    return refined


def _turned(world: NDArray[np.float32], angle: float) -> NDArray[np.float32]:
    """World landmarks (.., 3) of a crop that is turned clockwise by ``angle`` (rad), in the axes of the picture."""
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    return np.asarray(world @ turn.T, np.float32)


class _Network:
    """One TFLite network with a single image input."""

    def __init__(self, file: Path, *, threads: int) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - only where pose runs
        except ImportError as error:
            raise PoseError(
                "People in videos cannot be found because ai-edge-litert is not installed: "
                "run `pip install ai-edge-litert` and try again."
            ) from error
        if not file.is_file():
            raise PoseError(f"The pose network {file} is missing: run `python scripts/vendor_pose.py`.")
        self._interpreter = Interpreter(model_path=str(file), num_threads=threads)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [detail["index"] for detail in self._interpreter.get_output_details()]

    def __call__(self, image: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        self._interpreter.set_tensor(self._input, image[None].astype(np.float32, copy=False))
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index)[0] for index in self._outputs]


def _anchors() -> Float[NDArray[np.float64], "2254 2"]:
    """Centres (x, y in 0..1) of the detector's anchors: 2 a cell at strides 8 and 16, 6 at stride 32."""
    layers = []
    for stride, count in ((8, 2), (16, 2), (32, 6)):
        cells = _DETECTOR_SIZE // stride
        steps = (np.arange(cells) + 0.5) / cells
        grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
        layers.append(np.repeat(grid, count, axis=0))
    return np.concatenate(layers)


def _sigmoid(x: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-np.clip(x.astype(np.float64), -50.0, 50.0)))
