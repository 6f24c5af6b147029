"""From resolved conditions (NumPy, studio world) to what the network reads (torch).

The network's world is the studio's: y up, metres, and the first camera of a video looks along -z (a person who faces
+z faces the camera). Without video the camera is the virtual one of training: level, looking along -z, at rest.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from genmo_studio.conditions.request import GenerationRequest, PoseCondition
from genmo_studio.conditions.resolved import ResolvedConditions, ResolvedVideo
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.model.conditioning import Conditions, no_conditions
from genmo_studio.model.config import MOTION_CHANNELS
from genmo_studio.model.keyfill import RootPath, path_features
from genmo_studio.model.known import Known, RootKnots, askable, known_channels, root_knots
from genmo_studio.model.observations import cliff_camera, normalised_keypoints
from genmo_studio.motion.body import FREE_BODY
from genmo_studio.motion.representation import LAYOUT, cam_angvel_from_rotations, camera_to_gravity_view
from genmo_studio.motion.rotations import heading_from_matrix, matrix_from_rotvec, rotvec_from_matrix, sixd_from_matrix
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.values import replace

LEVEL_CAMERA = np.diag([1.0, -1.0, -1.0])
WALKING_SPEED = 0.4
"""m/s above which a path says where the body faces."""
FULL_WEIGHT = 1.0
"""Keys and waypoints of full weight are promises: held while sampling and met exactly. Lighter ones only guide."""


@dataclass(frozen=True)
class RootTargets:
    """Root promises in the studio's world, for projection."""

    position: Tensor
    """(1, L, 3) x, y, z in m"""
    mask: Tensor
    """(1, L, 3) 1 where promised"""


@dataclass(frozen=True)
class NetworkInputs:
    """One request as tensors of batch size 1."""

    conditions: Conditions
    video_weight: Tensor
    """(1, L, 1)"""
    music_weight: Tensor
    """(1, L, 1)"""
    text_states: Tensor
    """(1, K, S, D)"""
    text_windows: Tensor
    """(1, K, L) windows times weights"""
    held: Tensor
    """(1, L, 151) 1 where a channel is promised"""
    root: RootTargets
    cam_angvel: Tensor
    """(1, L, 6) raw camera turn"""
    has_weak: bool
    """Text or music is there: guidance has something to amplify."""
    asked: Tensor
    """(1, L, 151) 1 where the user's own keys name a channel; the known motion of a regeneration is not among them"""


def build_inputs(resolved: ResolvedConditions, *, model: LoadedModel, known: Known | None = None) -> NetworkInputs:
    """Tensors on the model's device; what is ``known`` of the motion is observed. Raises ValueError without frames."""
    request = resolved.request if known is None else askable(resolved.request, known).told
    length = request.frames
    if length < 1:
        raise ValueError("the span to generate is empty; choose at least one frame")
    cameras = cameras_of(resolved.video, length)
    turn = torch.from_numpy(cam_angvel_from_rotations(cameras)).float()[None]
    observed, mask, held = observed_channels(request, cameras, model=model)
    asked = mask.clone()
    if known is not None:
        observed, mask, held = _with_known(observed, mask, held, known_channels(known, cameras), model=model)
    path, root = _root(request, None if known is None else root_knots(known))
    base = no_conditions(1, length, config=model.config)
    statistics = model.statistics.to("cpu")
    conditions = replace(base, observed=observed, observed_mask=mask, path=path)
    video_weight, music_weight = torch.zeros(1, length, 1), torch.zeros(1, length, 1)
    if resolved.video is not None:
        conditions = _with_video(conditions, resolved.video)
        conditions = replace(conditions, cam_angvel=(turn - statistics.camera_mean) / statistics.camera_std)
        video_weight = torch.from_numpy(resolved.video.weight)[None, :, None].float()
    if resolved.music is not None:
        exists = torch.from_numpy(resolved.music.exists)[None]
        music = (torch.from_numpy(resolved.music.features)[None] - statistics.music_mean) / statistics.music_std
        conditions = replace(conditions, music=music.float() * exists[..., None], has_music=exists)
        music_weight = torch.from_numpy(resolved.music.weight)[None, :, None].float()
    states, windows = _text(resolved, length, model=model)
    inputs = NetworkInputs(
        conditions=conditions,
        video_weight=video_weight,
        music_weight=music_weight,
        text_states=states,
        text_windows=windows,
        held=held,
        root=root,
        cam_angvel=turn,
        has_weak=bool(windows.any() or conditions.has_music.any()),
        asked=asked,
    )
    return _moved(inputs, model.device)


def _moved(inputs: NetworkInputs, device: str) -> NetworkInputs:
    def to(value: object) -> object:
        return value.to(device) if isinstance(value, Tensor) else value

    conditions = Conditions(**{k: to(v) for k, v in vars(inputs.conditions).items()})  # type: ignore[arg-type]
    root = RootTargets(position=inputs.root.position.to(device), mask=inputs.root.mask.to(device))
    rest = {k: to(v) for k, v in vars(inputs).items() if k not in ("conditions", "root")}
    return NetworkInputs(conditions=conditions, root=root, **rest)  # type: ignore[arg-type]


def cameras_of(video: ResolvedVideo | None, length: int) -> np.ndarray:
    """(L, 3, 3) world-to-camera rotations; frames without video take the camera of the nearest frame with it."""
    if video is None or not video.exists.any():
        return np.broadcast_to(LEVEL_CAMERA, (length, 3, 3)).copy()
    known = np.flatnonzero(video.exists)
    nearest = known[np.abs(np.arange(length)[:, None] - known[None]).argmin(1)]
    return np.asarray(video.camera_rotations[nearest].astype(np.float64) @ LEVEL_CAMERA)


def _with_video(conditions: Conditions, video: ResolvedVideo) -> Conditions:
    boxes = torch.from_numpy(video.bbox_xys)[None].float()
    keypoints = torch.from_numpy(video.keypoints)[None].float()
    exists = torch.from_numpy(video.exists)[None]
    obs, seen = normalised_keypoints(keypoints, boxes)
    cliff = cliff_camera(boxes, torch.from_numpy(video.intrinsics)[None].float())
    return replace(
        conditions,
        obs=obs * exists[..., None, None],
        obs_visible=seen & exists[..., None],
        cliffcam=torch.where(exists[..., None], cliff, torch.zeros_like(cliff)),
        has_2d=exists,
        has_camera=exists,
    )


def _text(resolved: ResolvedConditions, length: int, *, model: LoadedModel) -> tuple[Tensor, Tensor]:
    text = resolved.text
    if text is None or len(text.spans) == 0:
        config = model.config
        return torch.zeros(1, 1, config.text_tokens, config.text_dim), torch.zeros(1, 1, length)
    windows = torch.zeros(1, len(text.spans), length)
    for row, (span, weight) in enumerate(zip(text.spans, text.weights, strict=True)):
        windows[0, row, max(span.start, 0) : max(span.stop, 0)] = weight
    return torch.from_numpy(text.states)[None].float(), windows


def _pose_channels(pose: PoseCondition, camera: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Raw values (151,) and mask (151,) of a key's rotations, for a camera (3, 3) at its frame."""
    values, mask = np.zeros(MOTION_CHANNELS), np.zeros(MOTION_CHANNELS)
    turns = matrix_from_rotvec(np.array(list(pose.rotations.values()), np.float64).reshape(-1, 3))
    for name, turn in zip(pose.rotations, turns, strict=True):
        joint, matrix = INDEX.get(name), turn
        if joint == 0:
            part = LAYOUT["global_orient_gv"]
            matrix = camera_to_gravity_view(camera) @ camera @ matrix
        elif joint is not None and joint <= 21:
            start = LAYOUT["body_pose"].start + 6 * (joint - 1)
            part = slice(start, start + 6)
        else:
            continue
        values[part], mask[part] = sixd_from_matrix(matrix), 1.0
    return values, mask


_WIDE_TURN = np.radians(100.0)  # between two keys of the root from which on the way in between is told too
_TOLD_EVERY = np.radians(45.0)


def _tell_wide_turns(request: GenerationRequest, values: np.ndarray, mask: np.ndarray, cameras: np.ndarray) -> None:
    """Tell the network (not promise) the root's turn between keys that are turned far from each other, in place.

    Sparse channels are filled in straight lines, and a straight line between two orientations that are half a circle
    apart goes through none: the body would flip over in one frame instead of turning.
    """
    turned = sorted(
        (pose.frame, np.asarray(pose.rotations["pelvis"], np.float64))
        for pose in request.poses
        if "pelvis" in pose.rotations and pose.weight > 0 and 0 <= pose.frame < request.frames
    )
    for (first, before), (last, after) in pairwise(turned):
        start = matrix_from_rotvec(before)
        turn = rotvec_from_matrix(matrix_from_rotvec(after) @ start.T)
        angle = float(np.linalg.norm(turn))
        steps = min(int(np.ceil(angle / _TOLD_EVERY)), last - first)
        if angle < _WIDE_TURN or steps < 2:
            continue
        for frame in np.unique(np.linspace(first, last, steps + 1).round().astype(int))[1:-1].tolist():
            between = rotvec_from_matrix(matrix_from_rotvec(turn * (frame - first) / (last - first)) @ start)
            x, y, z = between.tolist()
            raw, told = _pose_channels(PoseCondition(frame, rotations={"pelvis": (x, y, z)}), cameras[frame])
            fresh = (told > 0) & (mask[frame] == 0)
            values[frame] = np.where(fresh, raw, values[frame])
            mask[frame] = np.maximum(mask[frame], told)


def observed_channels(
    request: GenerationRequest, cameras: np.ndarray, *, model: LoadedModel
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalised key values, mask of what the network is told, mask of what is promised; each (1, L, 151)."""
    values = np.zeros((request.frames, MOTION_CHANNELS))
    mask, held = np.zeros_like(values), np.zeros_like(values)
    for pose in request.poses:
        if pose.weight <= 0 or not 0 <= pose.frame < request.frames:
            continue
        raw, told = _pose_channels(pose, cameras[pose.frame])
        values[pose.frame] = np.where(told > 0, raw, values[pose.frame])
        mask[pose.frame] = np.maximum(mask[pose.frame], told)
        if pose.weight >= FULL_WEIGHT:
            held[pose.frame] = np.maximum(held[pose.frame], told)
    _tell_wide_turns(request, values, mask, cameras)
    if model.config.keys:
        betas = LAYOUT["betas"]
        if request.body.model == FREE_BODY:
            values[:, betas] = np.asarray((*request.body.betas, *(0.0,) * 10)[:10])
        mask[:, betas] = held[:, betas] = 1.0
    normalised = model.statistics.to("cpu").normalise(torch.from_numpy(values).float())
    told_mask = torch.from_numpy(mask).float()
    return (normalised * told_mask)[None], told_mask[None], torch.from_numpy(held).float()[None]


def _with_known(
    observed: Tensor, mask: Tensor, held: Tensor, known: tuple[np.ndarray, np.ndarray], *, model: LoadedModel
) -> tuple[Tensor, Tensor, Tensor]:
    """Observed values, mask and promises (1, L, 151) with a known motion over them, raw (L, 151) with its mask."""
    values, there = (torch.from_numpy(part).float()[None] for part in known)
    values = model.statistics.to("cpu").normalise(values)
    return torch.where(there > 0, values, observed), torch.maximum(mask, there), torch.maximum(held, there)


def along_path(frames: np.ndarray, places: np.ndarray, *, fps: int) -> tuple[np.ndarray, np.ndarray]:
    """Heading (rad) along a path of places (N, 2) in m at frames (N,), and where it moves fast enough to have one.

    The direction at a point is the mean of the velocities before and after it. People face where they walk: without a
    heading of the user's own, the network is told so (told, not promised).
    """
    if len(frames) < 2:
        return np.zeros(len(frames)), np.zeros(len(frames), bool)
    velocity = np.diff(places, axis=0) / np.diff(frames)[:, None] * fps
    mean = (np.concatenate([velocity[:1], velocity]) + np.concatenate([velocity, velocity[-1:]])) / 2
    return np.arctan2(mean[:, 0], mean[:, 1]), np.linalg.norm(mean, axis=1) > WALKING_SPEED


def _root(request: GenerationRequest, knots: RootKnots | None = None) -> tuple[Tensor, RootTargets]:
    """Path features (1, L, PATH_CHANNELS) and promised root positions; ``knots`` are those of a known motion."""
    length = request.frames
    position, told, promised = np.zeros((length, 3)), np.zeros((length, 3), bool), np.zeros((length, 3), bool)
    heading, has_heading = np.zeros(length), np.zeros(length, bool)
    for pose in request.poses:
        if pose.weight <= 0 or not 0 <= pose.frame < length:
            continue
        if pose.root_position is not None:
            position[pose.frame], told[pose.frame] = pose.root_position, True
            promised[pose.frame] |= pose.weight >= FULL_WEIGHT
        if "pelvis" in pose.rotations:
            matrix = matrix_from_rotvec(np.asarray(pose.rotations["pelvis"], np.float64))
            heading[pose.frame], has_heading[pose.frame] = heading_from_matrix(matrix), True
    for point in request.waypoints:
        if point.weight <= 0 or not 0 <= point.frame < length:
            continue
        if point.position is not None:
            position[point.frame, [0, 2]], told[point.frame, [0, 2]] = point.position, True
            promised[point.frame, [0, 2]] |= point.weight >= FULL_WEIGHT
        if point.heading is not None:
            heading[point.frame], has_heading[point.frame] = point.heading, True

    free = not has_heading.any()
    if knots is not None:
        position[knots.frames], heading[knots.frames] = knots.position, knots.heading
        told[knots.frames] = promised[knots.frames] = True
        has_heading[knots.frames] = True
    if free:
        frames = np.flatnonzero(told[:, 0])
        facing, moving = along_path(frames, position[frames][:, [0, 2]], fps=request.fps)
        moving &= ~has_heading[frames]
        heading[frames[moving]], has_heading[frames[moving]] = facing[moving], True

    def row(array: np.ndarray) -> Tensor:
        kind = torch.bool if array.dtype == bool else torch.float32
        return torch.from_numpy(array).to(kind)[None]

    path = RootPath(
        position=row(position[:, [0, 2]]),
        position_mask=row(told[:, 0]),
        heading=row(heading),
        heading_mask=row(has_heading),
        height=row(position[:, 1]),
        height_mask=row(told[:, 1]),
    )
    return path_features(path), RootTargets(position=row(position), mask=row(promised).float())
