"""Image-space inputs of the network from keypoints, person boxes and intrinsics (as the release computes them)."""

import torch
from torch import Tensor


def normalised_keypoints(keypoints: Tensor, bbox_xys: Tensor) -> tuple[Tensor, Tensor]:
    """Keypoints (..., 17, 3) in pixels + confidence and boxes (..., 3) -> position in the box (-1..1) + confidence,

    and which points count as seen: points outside the box lose their confidence, points at or below 0.5 are unseen.
    """
    centre, size = bbox_xys[..., None, :2], bbox_xys[..., None, 2:]
    inside = ((keypoints[..., :2] - centre).abs() <= size / 2).all(-1)
    xy = 2 * (keypoints[..., :2] - centre) / size.clamp_min(1e-2)
    confidence = keypoints[..., 2] * inside
    return torch.cat([xy, confidence[..., None]], dim=-1), confidence > 0.5


def cliff_camera(bbox_xys: Tensor, intrinsics: Tensor) -> Tensor:
    """Box (..., 3) and camera (..., 3, 3), pixels -> box centre from the principal point and size, over the focal

    length (CLIFF, arXiv 2208.00571).
    """
    principal = intrinsics[..., :2, 2]
    info = torch.cat([bbox_xys[..., :2] - principal, bbox_xys[..., 2:]], dim=-1)
    return info / intrinsics[..., 0, 0][..., None]
