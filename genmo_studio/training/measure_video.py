"""Estimation through the whole video path: render a recording, encode it, find person and camera, estimate.

The baseline is BlazePose's own 3D: the network that finds the keypoints also says where they are in metres, frame by
frame, without a sense of time or of the ground. Both are judged on the twelve limb joints (shoulders to ankles) that
the two share. Their joints are not quite the same places in the body, which counts against BlazePose; so it is judged
a second time after one constant offset for each joint in the pelvis' frame, fitted to the other videos, is taken off.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedVideo
from genmo_studio.document.model import TakeMode
from genmo_studio.extract.known_video import KeypointTrack
from genmo_studio.extract.pose2d import BlazePose, PoseBackend, PoseObservation
from genmo_studio.extract.video import extract_video
from genmo_studio.extract.warp import Image
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.camera_fit import COCO_LIMBS, LIMB_JOINTS
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.render.camera import VideoCamera
from genmo_studio.render.egl import NoContextError
from genmo_studio.render.film import encode_film
from genmo_studio.render.motion_scene import Display, MotionScene
from genmo_studio.render.offscreen import OffscreenContext
from genmo_studio.render.scene import Points, Scene
from genmo_studio.training import metrics
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.dataset import Augmentation, MotionWindows
from genmo_studio.training.metrics_protocols import emdb_figures
from genmo_studio.training.options import EvaluationOptions, Figures
from genmo_studio.training.trials import body_positions, facing_camera, spread_windows, take, video_of
from genmo_studio.values import replace

FRAMES = 90
LONG_SIDE = 960
"""Pixels of the rendered films."""
INSIDE = 0.8
"""Share of frames in which every limb joint must lie within the picture."""
FEWEST_FOUND = 0.5
"""Share of frames in which the detector must have found the person; the others count as lost videos."""
_SIGMA = 1.0  # frames: BlazePose's 3D trembles, and its own pipeline filters it too
_SPECKS = 900
_ROOM = np.array([9.0, 5.0, 9.0])  # m from the person to the walls that carry the specks

Floats = NDArray[np.float64]


class Remembering:
    """A pose estimator that keeps what it saw, picture by picture."""

    def __init__(self, inner: PoseBackend) -> None:
        self._inner = inner
        self.name = inner.name
        self.seen: list[PoseObservation | None] = []

    def estimate(self, image: Image) -> PoseObservation | None:
        """See PoseBackend."""
        self.seen.append(self._inner.estimate(image))
        return self.seen[-1]

    def reset(self) -> None:
        """See PoseBackend."""
        self._inner.reset()
        self.seen.clear()


@dataclass(frozen=True, eq=False)
class Filmed:
    """A recording that was filmed, and what the estimator made of the film."""

    truth: Motion
    """Turned so that the first camera looks along -z."""
    batch: dict[str, Any]
    track: KeypointTrack
    blazepose: Floats
    """(T, 12, 3) limb joints of BlazePose's own 3D, m"""
    found: NDArray[np.bool_]
    """(T,) frames in which the person was found"""


def whole_path(
    windows: MotionWindows, *, model: LoadedModel, body: Body, options: EvaluationOptions, time: Allotment
) -> Iterator[Progress | Figures]:
    """``ours`` through the whole path, from exact keypoints of the same films (``ours_exact``), and ``blazepose``."""
    if not options.filmed:
        yield {"left_out": "no films were asked for"}
        return
    filmed: list[Filmed] = []
    lost = outside = 0
    spread = spread_windows(windows.store, frames=FRAMES, count=6 * options.filmed, seed=options.seed + 5)
    try:
        with OffscreenContext() as context, TemporaryDirectory() as place:
            backend = Remembering(BlazePose(threads=2))
            for number, (clip, first) in time.over(spread):
                if len(filmed) >= options.filmed:
                    break
                batch = windows.window(clip, first, rng=np.random.default_rng((options.seed, 7, number)))
                if _inside(batch) < INSIDE:
                    outside += 1
                    continue
                yield Progress("filming and finding the person", len(filmed) / options.filmed)
                recorded = windows.motion(clip).sliced(first, first + FRAMES)
                recorded = replace(recorded, translation=batch["translation"][0])  # where the camera looks
                film = Path(place) / f"{number}.mp4"
                shoot(recorded, batch, film, body=body, context=context)
                one = _watched(film, recorded, batch, backend, cache=Path(place) / "cache", body=body)
                film.unlink()
                if one.found.mean() < FEWEST_FOUND:
                    lost += 1
                else:
                    filmed.append(one)
    except NoContextError as error:
        yield {"left_out": f"films cannot be drawn here: {error}"}
        return
    if not filmed:
        yield {"left_out": "no film showed a person that was found", "lost": lost, "outside": outside}
        return
    yield _judged(filmed, model=model, body=body, options=options) | {"films": len(filmed), "lost": lost}


def _inside(batch: dict[str, Any]) -> float:
    """Share of frames in which all limb keypoints lie within the picture."""
    points, size = batch["keypoints"][0, :, COCO_LIMBS, :2], batch["image_size"][0]
    seen = batch["has_2d"][0] & (points >= 0).all((1, 2)) & (points <= size).all((1, 2))
    return float(seen.mean())


def shoot(motion: Motion, batch: dict[str, Any], film: Path, *, body: Body, context: OffscreenContext) -> None:
    """Film a motion with the camera of a batch of one: the studio's mannequin on its floor in a room of specks.

    The specks are what a wall has to offer to whoever follows the camera.
    """
    scene = MotionScene(body, motion)
    width, height = (int(side) for side in batch["image_size"][0])
    scale = LONG_SIDE / max(width, height)
    size = (round(width * scale / 2) * 2, round(height * scale / 2) * 2)
    specks = _specks(motion)

    def pictures() -> Iterator[NDArray[np.uint8]]:
        for frame in range(len(motion)):
            turn = np.eye(4)
            turn[:3, :3] = batch["world_to_camera"][0, frame]
            turn[:3, 3] = -turn[:3, :3] @ batch["camera_position"][0, frame]
            camera = VideoCamera(
                intrinsics=batch["intrinsics"][0, frame].astype(np.float64), image_size=(width, height),
                world_to_camera=turn,
            )  # fmt: skip
            still = scene.at(frame, Display(contacts=False))
            lit = Scene(
                bodies=still.bodies, points=(specks,), ground=still.ground, background_top=(0.62, 0.64, 0.66),
                background_bottom=(0.40, 0.41, 0.43),
            )  # fmt: skip
            yield context.render(lit, camera, *size)

    for _ in encode_film(pictures(), film, size=size, fps=motion.fps, frames=len(motion)):
        pass


def _specks(motion: Motion) -> Points:
    rng = np.random.default_rng(0)
    middle = motion.translation.mean(0) * (1, 0, 1)
    places = rng.uniform(-1, 1, (_SPECKS, 3))
    wall = rng.choice([0, 2], _SPECKS)
    places[np.arange(_SPECKS), wall] = np.sign(places[np.arange(_SPECKS), wall])
    places[:, 1] = np.abs(places[:, 1])
    shades = rng.uniform(0.1, 0.9, (_SPECKS, 1)) * np.ones((1, 3))
    colours = np.concatenate([shades, np.ones((_SPECKS, 1))], axis=1)
    return Points((middle + places * _ROOM).astype(np.float32), colours.astype(np.float32), size=6.0)


def _watched(
    film: Path, recorded: Motion, batch: dict[str, Any], backend: Remembering, *, cache: Path, body: Body
) -> Filmed:
    track: KeypointTrack | None = None
    for step in extract_video(film, cache=cache, backend=backend):
        if isinstance(step, KeypointTrack):
            track = step
    assert track is not None
    found = np.array([one is not None for one in backend.seen])
    world = np.array([
        np.full((17, 3), np.nan) if one is None or one.world is None else one.world for one in backend.seen
    ])  # fmt: skip
    limbs = _filled(world[:, COCO_LIMBS], found) if found.any() else world[:, COCO_LIMBS]
    return Filmed(facing_camera(recorded, batch, body=body), batch, track, limbs, found)


def _filled(points: Floats, known: NDArray[np.bool_]) -> Floats:
    """Points over time, interpolated where nothing is known and filtered."""
    every = np.arange(len(points))
    flat = points.reshape(len(points), -1)
    whole = np.stack([np.interp(every, every[known], column[known]) for column in flat.T], axis=1)
    return np.asarray(ndimage.gaussian_filter1d(whole, _SIGMA, axis=0, mode="nearest").reshape(points.shape))


def _judged(filmed: list[Filmed], *, model: LoadedModel, body: Body, options: EvaluationOptions) -> Figures:
    rows: dict[str, list[dict[str, float]]] = {"ours": [], "ours_exact": [], "blazepose": []}
    rests: list[Floats] = []
    for one in filmed:
        frames = len(one.truth)
        request = GenerationRequest(
            frames=frames, mode=TakeMode.DRAFT, model="evaluated", seed=options.seed, foot_lock=0.0
        )
        for name, video in (("ours", as_resolved(one.track)), ("ours_exact", video_of(one.batch))):
            made = take(ResolvedConditions(request=request, video=video), model=model, body=body).motion
            rows[name].append(_row(made, one, body=body))
        limbs = joint_positions(one.truth, body)[:, LIMB_JOINTS].astype(np.float64)
        rows["blazepose"].append({"limbs_pa_mpjpe_mm": 1e3 * metrics.pa_mpjpe(one.blazepose, limbs, valid=one.found)})
        rests.append(_rest(one, limbs))
    found: Figures = {
        name: {key: round(float(np.mean([row[key] for row in of])), 4) for key in of[0]} for name, of in rows.items()
    }
    if len(filmed) > 1:
        values = [_calibrated(one, np.delete(np.array(rests), k, axis=0).mean(0), body) for k, one in enumerate(filmed)]
        found["blazepose"]["limbs_pa_mpjpe_calibrated_mm"] = round(float(np.mean(values)), 4)
    found["keypoints_off_by_share_of_box"] = round(float(np.mean([_missed(one) for one in filmed])), 5)
    found["cameras_moving"] = sum(_turns(one.batch["world_to_camera"][0]) for one in filmed)
    found["cameras_thought_moving"] = sum(one.track.camera_moves for one in filmed)
    return found


def as_resolved(track: KeypointTrack) -> ResolvedVideo:
    """A track whose frames are those of the request."""
    frames = len(track.keypoints)
    return ResolvedVideo(
        exists=track.found, keypoints=track.keypoints, bbox_xys=track.bbox_xys,
        intrinsics=np.tile(track.intrinsics, (frames, 1, 1)), camera_rotations=track.world_to_camera,
        weight=np.ones(frames, np.float32),
    )  # fmt: skip


def _row(made: Motion, one: Filmed, *, body: Body) -> dict[str, float]:
    ours, theirs = body_positions(made, body=body), body_positions(one.truth, body=body)
    limbs = list(LIMB_JOINTS)
    protocol = emdb_figures(
        made, one.truth, predicted_joints=joint_positions(made, body).astype(np.float64),
        true_joints=joint_positions(one.truth, body).astype(np.float64), body=body,
    )  # fmt: skip
    return {
        "mpjpe_mm": 1e3 * metrics.mpjpe(ours, theirs, valid=one.found),
        "pa_mpjpe_mm": 1e3 * metrics.pa_mpjpe(ours, theirs, valid=one.found),
        "limbs_pa_mpjpe_mm": 1e3 * metrics.pa_mpjpe(ours[:, limbs], theirs[:, limbs], valid=one.found),
        **{f"emdb_{key}": value for key, value in protocol.items()},
    }


def _rest(one: Filmed, limbs: Floats) -> Floats:
    """(12, 3) mean of what BlazePose's joints are off by after alignment, in the true pelvis' frame."""
    off = metrics.similarity_aligned(one.blazepose, limbs) - limbs
    root = matrix_from_rotvec(one.truth.rotations[:, 0].astype(np.float64))
    return np.asarray((off @ root)[one.found].mean(0))


def _calibrated(one: Filmed, offsets: Floats, body: Body) -> float:
    """PA-MPJPE (mm) of BlazePose with ``offsets`` taken off after a first alignment."""
    limbs = joint_positions(one.truth, body)[:, LIMB_JOINTS].astype(np.float64)
    root = matrix_from_rotvec(one.truth.rotations[:, 0].astype(np.float64))
    corrected = metrics.similarity_aligned(one.blazepose, limbs) - offsets @ np.swapaxes(root, -1, -2)
    return 1e3 * metrics.pa_mpjpe(corrected, limbs, valid=one.found)


def _missed(one: Filmed) -> float:
    """Mean distance of the limb keypoints found from the true ones, over the side of the person box."""
    scale = max(one.batch["image_size"][0]) / max(one.track.size)
    off = one.track.keypoints[:, COCO_LIMBS, :2] * scale - one.batch["keypoints"][0, :, COCO_LIMBS, :2]
    return float((np.linalg.norm(off, axis=-1).mean(1) / one.batch["bbox_xys"][0, :, 2])[one.found].mean())


def _turns(world_to_camera: NDArray[np.float32]) -> bool:
    """Whether a camera ever looks more than a degree away from its first direction."""
    turned = world_to_camera @ world_to_camera[0].T
    return bool((np.trace(turned, axis1=1, axis2=2) < 1 + 2 * np.cos(np.radians(1.0))).any())


def films_of(folder: Path, *, body: Body) -> MotionWindows:
    """Windows for films: as recorded, with exact keypoints."""
    return MotionWindows(folder, body=body, split="val", frames=FRAMES, augmentation=Augmentation.none())
