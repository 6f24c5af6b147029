"""Estimation on filmed public data sets, by the protocol of their papers: in the camera and in the world.

Keypoints are found in the pictures where these are there, taken from the set where it has them of a detector, and
otherwise projected from the truth, which is easier than what papers report; ``keypoints`` says which. Cameras (lens
and turn) are the set's. Figures are means over the frames that the set counts, all sequences as one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.progress import Progress
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedVideo
from genmo_studio.document.model import TakeMode
from genmo_studio.extract.pose2d import BlazePose, PoseBackend
from genmo_studio.media.files import MediaError
from genmo_studio.media.video import VideoReader
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.motion.body import Body, forward_kinematics, joint_positions
from genmo_studio.motion.camera_fit import fit_camera
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.training import metrics
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.cameras import coco_keypoints, person_boxes
from genmo_studio.training.metrics_protocols import emdb_figures, hip_aligned_mpjpe
from genmo_studio.training.options import EvaluationOptions, Figures
from genmo_studio.training.public.files import PublicDataError
from genmo_studio.training.public.sequences import CameraSequence
from genmo_studio.training.trials import take

FEWEST = 30
"""Frames that count; shorter sequences say nothing."""
_NEAR = 0.1  # m in front of the camera from which a point is seen
_IN_CAMERA = ("mpjpe_mm", "pa_mpjpe_mm", "accel_m_s2")
_IN_WORLD = ("wa_mpjpe100_mm", "w_mpjpe100_mm", "rte_percent", "foot_sliding_mm", "jitter_10_m_s3")


@dataclass(frozen=True)
class Bodies:
    """The bodies of an evaluation: one that estimates are made for, and those of the people in the set."""

    estimated: Body
    by_gender: dict[str, Body] = field(default_factory=dict)
    """SMPL bodies by "male", "female", "neutral"; who is missing is put on the first."""

    def of(self, sequence: CameraSequence) -> Body:
        """The body of a sequence's person."""
        return self.by_gender.get(sequence.gender, self.estimated)


def estimation_on(
    sequences: Iterable[CameraSequence],
    *,
    model: LoadedModel,
    bodies: Bodies,
    options: EvaluationOptions,
    time: Allotment,
    detector: PoseBackend | None = None,
) -> Iterator[Progress | Figures]:
    """``in_camera`` and ``in_world`` over all sequences, and each sequence's own figures.

    Shape numbers are used on bodies of the official form only; on the studio's own they mean nothing. At most
    ``options.windows`` sequences. Raises PublicDataError when no sequence can be used.
    """
    rows: dict[str, dict[str, float]] = {}
    frames: dict[str, int] = {}
    kinds: set[str] = set()
    for sequence in sequences:
        if len(rows) >= options.windows or (rows and time.spent()):
            time.cut_short = True
            break
        if sequence.valid.sum() < FEWEST:
            continue
        yield Progress("estimating public sequences", len(rows) / max(options.windows, 1), sequence.name)
        body = bodies.of(sequence)
        truth = _truth(sequence, body)
        points, kind = _keypoints(sequence, truth, body, detector=detector)
        kinds.add(kind)
        rows[sequence.name] = _measured(sequence, truth, points, model=model, bodies=bodies, options=options)
        frames[sequence.name] = int(sequence.valid.sum())
    if not rows:
        raise PublicDataError(f"no sequence has {FEWEST} frames that count")
    yield {
        "in_camera": _mean(rows, frames, _IN_CAMERA),
        "in_world": _mean(rows, frames, _IN_WORLD),
        "keypoints": sorted(kinds),
        "body": bodies.estimated.name,
        "bodies_of_people": {name: body.name for name, body in bodies.by_gender.items()},
        "sequences": {name: row | {"frames": frames[name]} for name, row in rows.items()},
    }


def _mean(rows: dict[str, dict[str, float]], frames: dict[str, int], keys: tuple[str, ...]) -> dict[str, float]:
    weights = [frames[name] for name in rows]
    found = {}
    for key in keys:
        have = [(row[key], weight) for row, weight in zip(rows.values(), weights, strict=True) if key in row]
        if have:
            values, counts = zip(*have, strict=True)
            found[key] = round(float(np.average(values, weights=counts)), 4)
    return found


def _truth(sequence: CameraSequence, body: Body) -> Motion:
    shaped = body.name != "genmo-free" and len(sequence.betas) == 10
    return Motion(
        rotations=sequence.rotations.astype(np.float32), translation=sequence.translation.astype(np.float32),
        betas=(sequence.betas if shaped else np.zeros(10)).astype(np.float32), body=body.name,
    )  # fmt: skip


def _keypoints(
    sequence: CameraSequence, truth: Motion, body: Body, *, detector: PoseBackend | None
) -> tuple[NDArray[np.float32], str]:
    """(T, 17, 3) COCO keypoints in pixels with confidence, and where they are from."""
    if sequence.pictures:
        return _detected(sequence, detector or BlazePose(threads=2)), "found in the pictures"
    if sequence.keypoints is not None:
        points = sequence.keypoints.astype(np.float32)
        points[..., 2] = np.clip(points[..., 2], 0.0, 1.0)
        return points, "of the set's detector"
    return _projected(sequence, truth, body), "projected from the truth"


def _detected(sequence: CameraSequence, detector: PoseBackend) -> NDArray[np.float32]:
    detector.reset()
    found = np.zeros((len(sequence), 17, 3), np.float32)
    for frame, path in enumerate(sequence.pictures):
        try:
            with VideoReader(path) as reader:
                observation = detector.estimate(reader.frame_at(0, 30))
        except MediaError as error:
            raise PublicDataError(str(error)) from error
        if observation is not None:
            found[frame] = observation.keypoints
    return found


def _projected(sequence: CameraSequence, truth: Motion, body: Body) -> NDArray[np.float32]:
    turned, placed = forward_kinematics(
        np.asarray(matrix_from_rotvec(truth.rotations.astype(np.float64))),
        np.asarray(body.rest_joints(truth.betas), np.float64), truth.translation.astype(np.float64),
    )  # fmt: skip
    points = coco_keypoints(np.asarray(turned, np.float32), np.asarray(placed, np.float32))
    camera = sequence.world_to_camera
    seen = points @ np.swapaxes(camera[:, :3, :3], 1, 2) + camera[:, None, :3, 3]
    depth = seen[..., 2:]
    pixels = (seen / np.maximum(depth, _NEAR)) @ sequence.intrinsics.T
    there = (depth > _NEAR).all(axis=(1, 2), keepdims=True) & sequence.valid[:, None, None]
    found = np.concatenate([pixels[..., :2], np.ones_like(depth)], axis=-1) * there
    return np.asarray(found, np.float32)


def _measured(
    sequence: CameraSequence,
    truth: Motion,
    points: NDArray[np.float32],
    *,
    model: LoadedModel,
    bodies: Bodies,
    options: EvaluationOptions,
) -> dict[str, float]:
    video = as_video(sequence, points)
    request = GenerationRequest(
        frames=len(truth), mode=TakeMode.DRAFT, model="evaluated", seed=options.seed, foot_lock=0.0
    )
    made = take(ResolvedConditions(request=request, video=video), model=model, body=bodies.estimated).motion
    keep = sequence.valid
    ours, theirs = (
        joint_positions(m, b).astype(np.float64)[keep]
        for m, b in ((made, bodies.estimated), (truth, bodies.of(sequence)))
    )
    row = emdb_figures(
        _kept(made, keep), _kept(truth, keep), predicted_joints=ours, true_joints=theirs, body=bodies.estimated,
        true_body=bodies.of(sequence),
    )  # fmt: skip
    fitted = fit_camera(
        joint_positions(made, bodies.estimated), points, intrinsics=sequence.intrinsics, turned=video.camera_rotations
    )
    del row["mpjpe_mm"]  # of two worlds; in the camera it is what the papers mean
    if fitted is not None:
        seen = _into(fitted.world_to_camera[keep], ours)
        true_seen = _into(sequence.world_to_camera[keep], theirs)
        row["mpjpe_mm"] = 1e3 * hip_aligned_mpjpe(seen, true_seen)
        row["accel_m_s2"] = metrics.acceleration_error(seen, true_seen)
    return {key: round(value, 4) for key, value in row.items()}


def as_video(sequence: CameraSequence, points: NDArray[np.float32]) -> ResolvedVideo:
    """What the camera saw, as the extraction of a video would hand it over."""
    turns = sequence.world_to_camera[:, :3, :3]
    seen = points[..., 2] > 0
    return ResolvedVideo(
        exists=seen.sum(-1) >= 5, keypoints=points, bbox_xys=person_boxes(points[..., :2], seen),
        intrinsics=np.tile(sequence.intrinsics.astype(np.float32), (len(points), 1, 1)),
        camera_rotations=(turns @ turns[0].T).astype(np.float32), weight=np.ones(len(points), np.float32),
    )  # fmt: skip


def _into(camera: NDArray[np.float64], joints: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(joints @ np.swapaxes(camera[:, :3, :3], 1, 2) + camera[:, None, :3, 3])


def _kept(motion: Motion, keep: NDArray[np.bool_]) -> Motion:
    changed: dict[str, Any] = {
        "rotations": motion.rotations[keep], "translation": motion.translation[keep], "betas": motion.betas,
        "fps": motion.fps, "body": motion.body,
    }  # fmt: skip
    return Motion(**changed)
