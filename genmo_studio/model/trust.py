"""How far a full take follows the one-pass estimate, frame by frame.

Video and close keys say what the motion is; there the estimate of one pass is nearer to the truth than any single
sample (MODEL.md section 3: strong conditions train in estimation mode). Text and music leave the choice open; there
the sampler decides. While sampling, x0 is drawn to the estimate by this share, so that the free frames around grow
into the known ones.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from genmo_studio.model.inputs import NetworkInputs
from genmo_studio.model.keyfill import next_index, previous_index
from genmo_studio.model.smoothing import smooth_over_time
from genmo_studio.motion.representation import LAYOUT

VIDEO_TRUST = 0.9
KEYS_TRUST = 0.9
CLOSE_GAP, FAR_GAP = 45, 120
"""Frames between two keys up to which the in-between is trusted, and beyond which it is free."""
FADE_FRAMES = 4.0
FULL_POSE_SHARE = 0.9
"""Share of the pose channels that makes a frame a full key."""


def trust(inputs: NetworkInputs) -> Tensor:
    """(1, L, 1) share 0..1 of the estimate in x0."""
    c = inputs.conditions
    seen = (c.obs_visible & c.has_2d[..., None]).sum(-1, keepdim=True) >= 8
    video = seen.float() * inputs.video_weight.clamp(0, 1) * VIDEO_TRUST
    pose = inputs.asked[..., LAYOUT["body_pose"]].mean(-1, keepdim=True)
    keyed = (pose >= FULL_POSE_SHARE).float()
    gap = (next_index(keyed) - previous_index(keyed)).float()
    between = (previous_index(keyed) >= 0) & (next_index(keyed) < keyed.shape[1])
    near = ((FAR_GAP - gap) / (FAR_GAP - CLOSE_GAP)).clamp(0, 1) * between
    share = torch.maximum(video, near * KEYS_TRUST)
    # Widened before it is smoothed, so that the fade lies outside and the known frames keep their full share.
    reach = int(2 * FADE_FRAMES)
    if share.shape[1] > 1:
        share = F.max_pool1d(share.transpose(1, 2), 2 * reach + 1, stride=1, padding=reach).transpose(1, 2)
    return smooth_over_time(share, frames=FADE_FRAMES)
