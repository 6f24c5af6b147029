"""Training losses (MODEL.md section 3): normalised channels, and geometry on joints, vertices, camera and world."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from genmo_studio.model.network import DenoiserOutput
from genmo_studio.model.statistics import Statistics
from genmo_studio.motion.body import Body, forward_kinematics
from genmo_studio.motion.representation import camera_translation, decode, pred_cam_from_translation
from genmo_studio.motion.rotations import rotate
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, CONTACT_JOINTS
from genmo_studio.training.targets import Targets

MIN_DEPTH = 0.3
VERTICES = 96
CAMERA_RANGE = ((0.3, 5.0), (-3.0, 3.0), (-3.0, 3.0))


@dataclass(frozen=True)
class LossWeights:
    """The release's weights, but ``simple`` is raised tenfold and ``slide`` (joints at rest) added."""

    simple: float = 10.0
    joints: float = 500.0
    vertices: float = 500.0
    joints_2d: float = 1000.0
    vertices_2d: float = 1000.0
    camera: float = 1.0
    world: float = 1.0
    contact: float = 0.1
    slide: float = 500.0


def sample_vertices(body: Body, *, count: int = VERTICES) -> np.ndarray:
    """Indices of vertices spread over the body: farthest-point sampling on the rest pose, deterministic."""
    points = body.v_template
    chosen = [int(points[:, 1].argmax())]
    distance = np.full(len(points), np.inf, np.float32)
    for _ in range(count - 1):
        distance = np.minimum(distance, ((points - points[chosen[-1]]) ** 2).sum(-1))
        chosen.append(int(distance.argmax()))
    return np.array(chosen)


class BodyPoints:
    """Joints and a few vertices of posed bodies, differentiable."""

    def __init__(self, body: Body, *, device: str = "cpu") -> None:
        self.body = body
        index = sample_vertices(body)
        weights = body.weights[index].copy()
        weights[:, 20] += weights[:, 22]  # hands follow the wrists
        weights[:, 21] += weights[:, 23]
        self.weights = torch.from_numpy(weights[:, :BODY_JOINT_COUNT])  # (V, 22)
        self.template = torch.from_numpy(body.v_template[index])
        self.shapes = torch.from_numpy(body.shapedirs[index])
        if device != "cpu":
            self.weights, self.template = self.weights.to(device), self.template.to(device)
            self.shapes = self.shapes.to(device)

    def __call__(self, orient: Tensor, pose: Tensor, betas: Tensor) -> tuple[Tensor, Tensor]:
        """Root (B, L, 3, 3), pose (B, L, 21, 3, 3), betas (B, L, 10) -> joints (B, L, 22, 3), vertices (B, L, V, 3),

        both relative to the pelvis, m.
        """
        rest = self.body.rest_joints(betas[:, :1])[:, :, :BODY_JOINT_COUNT]
        local = torch.cat([orient[:, :, None], pose], dim=2)
        zero = torch.zeros_like(betas[..., :3])
        turned, placed = forward_kinematics(local, rest, zero)
        shaped = self.template + torch.einsum("vck,bk->bvc", self.shapes, betas[:, 0])
        offset = placed - rotate(turned, rest)
        blend = torch.einsum("vj,bljc->blvc", self.weights, torch.cat([turned.flatten(-2), offset], dim=-1))
        vertices = rotate(blend[..., :9].reshape(*blend.shape[:-1], 3, 3), shaped[:, None]) + blend[..., 9:]
        root = placed[:, :, :1]
        return placed - root, vertices - root


def _masked(value: Tensor, mask: Tensor) -> Tensor:
    """Mean of value over mask; mask broadcasts over trailing axes."""
    while mask.ndim < value.ndim:
        mask = mask[..., None]
    weight = mask.to(value.dtype).expand_as(value)
    return (value * weight).sum() / weight.sum().clamp_min(1.0)


def _in_box(points: Tensor, targets: Targets) -> Tensor:
    """Camera-frame points (B, L, P, 3) -> position in the person box, 0..1."""
    depth = points[..., 2:].clamp_min(MIN_DEPTH)
    k = targets.intrinsics[:, :, None]
    focal, principal = torch.stack([k[..., 0, 0], k[..., 1, 1]], -1), k[..., :2, 2]
    pixels = points[..., :2] / depth * focal + principal
    size = targets.bbox_xys[:, :, None, 2:].clamp_min(1.0)
    return (pixels - targets.bbox_xys[:, :, None, :2]) / size + 0.5


def losses(
    out: DenoiserOutput,
    targets: Targets,
    *,
    points: BodyPoints,
    statistics: Statistics,
    weights: LossWeights,
    geometry: Tensor,
    seen: Tensor,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Weighted sum and its unweighted parts. ``out.x0`` is normalised.

    ``geometry`` holds the indices of the items whose bodies are posed (posing costs as much as the network does, so a
    step may score a random part of its items: the expected gradient stays the same); ``seen`` holds the places within
    ``geometry`` of the items that a camera sees. Indices, not masks: a mask would make a GPU wait.
    """
    parts = dict[str, Tensor]()
    valid = targets.valid
    parts["simple"] = _masked((out.x0 - targets.x0) ** 2, targets.weight * valid[..., None])
    parts["contact"] = _masked(
        F.binary_cross_entropy_with_logits(out.static_logits, targets.contacts, reduction="none"),
        valid & ~targets.only_2d[:, None],
    )
    parts |= _geometry(
        statistics.restore(out.x0[geometry]), out.camera[geometry], targets.picked(geometry), seen, points=points
    )
    total = torch.stack([getattr(weights, name) * value for name, value in parts.items()]).sum()
    return total, {name: value.detach() for name, value in parts.items()}


def _geometry(raw: Tensor, camera: Tensor, targets: Targets, seen: Tensor, *, points: BodyPoints) -> dict[str, Tensor]:
    """Losses on posed bodies: raw (B, L, 151), camera (B, L, 3)."""
    parts = dict[str, Tensor]()
    got, want = decode(raw), decode(targets.raw)
    joints, vertices = points(got.global_orient_gv, got.body_pose, got.betas)
    with torch.no_grad():
        true_joints, true_vertices = points(want.global_orient_gv, want.body_pose, want.betas)
        truth = targets.valid & ~targets.only_2d[:, None]
        told = (targets.joint_weight > 0)[:, None] & truth[..., None]
        all_told = (targets.joint_weight > 0).all(-1)[:, None] & truth
    parts["joints"] = _masked((joints - true_joints) ** 2, told)
    parts["vertices"] = _masked((vertices - true_vertices) ** 2, all_told)
    # Rolled out along the true orientation, so that a turn error is not punished twice.
    step = rotate(targets.world_orient, got.local_transl_vel)[:, :-1]
    drift = (step - torch.diff(targets.translation, dim=1)).cumsum(dim=1)
    parts["world"] = _masked(F.smooth_l1_loss(drift, torch.zeros_like(drift), reduction="none"), truth[:, 1:])
    parts["slide"] = _slide(joints, step, targets, truth)
    if len(seen):
        to_camera = (got.global_orient @ got.global_orient_gv.transpose(-1, -2))[seen]
        true_to_camera = (want.global_orient @ want.global_orient_gv.transpose(-1, -2))[seen]
        parts |= _camera_losses(
            camera[seen],
            targets.picked(seen),
            mine={"joints_2d": rotate(to_camera[:, :, None], joints[seen]),
                  "vertices_2d": rotate(to_camera[:, :, None], vertices[seen])},
            true={"joints_2d": rotate(true_to_camera[:, :, None], true_joints[seen]),
                  "vertices_2d": rotate(true_to_camera[:, :, None], true_vertices[seen])},
        )  # fmt: skip
    return parts


def _slide(joints: Tensor, step: Tensor, targets: Targets, truth: Tensor) -> Tensor:
    """Squared movement (m^2 a frame) of contact joints while they rest, in the predicted root's world."""
    movement = joint_steps(joints, targets) + step[:, :, None]
    return _masked((movement**2).sum(-1), rests(targets, truth))


def joint_steps(joints: Tensor, targets: Targets) -> Tensor:
    """Steps (B, L - 1, 6, 3), m, of the contact joints about the root, in the world.

    ``joints`` (B, L, J, 3) lie about the root in the gravity-view frame (y down); its true turn carries them there.
    """
    feet = joints[:, :, list(CONTACT_JOINTS)]
    gravity_to_world = targets.world_orient @ decode(targets.raw).global_orient_gv.transpose(-1, -2)
    return torch.diff(rotate(gravity_to_world[:, :, None], feet), dim=1)


def rests(targets: Targets, truth: Tensor) -> Tensor:
    """(B, L - 1, 6) how much each contact joint rests from one frame to the next; ``truth`` (B, L): it is known."""
    return (targets.contacts[:, 1:] * targets.contacts[:, :-1]) * truth[:, 1:, None]


def _camera_losses(
    camera: Tensor, targets: Targets, *, mine: dict[str, Tensor], true: dict[str, Tensor]
) -> dict[str, Tensor]:
    """Camera translation, and reprojection of root-relative points in the camera's axes."""
    place = targets.camera_translation
    true_cam = pred_cam_from_translation(place, targets.bbox_xys, targets.intrinsics)
    good = targets.valid & (place[..., 2] > MIN_DEPTH)
    for channel, (low, high) in enumerate(CAMERA_RANGE):
        good = good & (true_cam[..., channel] > low) & (true_cam[..., channel] < high)
    true_cam = torch.where(good[..., None], true_cam, torch.zeros_like(true_cam))
    parts = {"camera": _masked((camera - true_cam) ** 2, good)}
    moved = camera_translation(camera, targets.bbox_xys, targets.intrinsics)[:, :, None]
    for name, points in mine.items():
        target = true[name] + place[:, :, None]
        target_2d = _in_box(target, targets)
        inside = (target[..., 2] > MIN_DEPTH) & ((target_2d > 0) & (target_2d < 1)).all(-1) & good[..., None]
        parts[name] = _masked((_in_box(points + moved, targets) - target_2d).clamp(-1, 1) ** 2, inside)
    return parts
