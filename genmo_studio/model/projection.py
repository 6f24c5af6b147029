"""Promises held while sampling: keyed channels are overwritten, and the root's roll-out is bent onto its targets.

The root is a rolled-out velocity, so a key at a world position cannot be written into a channel. After each prediction
of x0 the root is rolled out, its distance to every promised position is measured, and a shift through all of them with
continuous acceleration (motion.spreading) is added to the path; only differences between promises count, the whole is
placed afterwards (decoding.place).
"""

import numpy as np
import torch
from torch import Tensor

from genmo_studio.model.decoding import to_world
from genmo_studio.model.inputs import NetworkInputs
from genmo_studio.model.sampler import Project
from genmo_studio.model.statistics import Statistics
from genmo_studio.motion.representation import LAYOUT
from genmo_studio.motion.rotations import rotate, transpose
from genmo_studio.motion.spreading import carried


def projector(inputs: NetworkInputs, *, statistics: Statistics) -> Project | None:
    """The projection of a request, or None when nothing is promised."""
    held, observed = inputs.held, inputs.conditions.observed
    several = inputs.root.mask.sum(1) > 1  # one position alone is met by placing the whole motion
    bend = bool(several.any())
    if not bool(held.any()) and not bend:
        return None

    def project(x0: Tensor) -> Tensor:
        kept = x0 * (1 - held) + observed * held
        return _bent(kept, inputs, statistics=statistics) if bend else kept

    return project


def _bent(x0: Tensor, inputs: NetworkInputs, *, statistics: Statistics) -> Tensor:
    """x0 whose roll-out passes the promised root positions, up to one shift of the whole."""
    world = to_world(x0, statistics=statistics, cam_angvel=inputs.cam_angvel)
    residual = (inputs.root.position - world.translation) * inputs.root.mask
    correction = _carried(residual, inputs.root.mask)
    step = torch.diff(correction, dim=1, append=correction[:, -1:])
    part = LAYOUT["local_transl_vel"]
    velocity = world.features.local_transl_vel + rotate(transpose(world.orient), step)
    normalised = (velocity - statistics.mean[part]) / statistics.std[part]
    return torch.cat([x0[..., : part.start], normalised.to(x0.dtype), x0[..., part.stop :]], dim=-1)


def _carried(residual: Tensor, mask: Tensor) -> Tensor:
    """Residuals (1, L, 3) where ``mask`` says so, carried smoothly over all frames, axis by axis."""
    missing, promised = residual[0].double().cpu().numpy(), mask[0].cpu().numpy() > 0
    shift = np.zeros_like(missing)
    for axis in range(3):
        frames = np.flatnonzero(promised[:, axis])
        if len(frames):
            shift[:, axis] = carried(len(shift), frames.tolist(), missing[frames, axis : axis + 1])[:, 0]
    return torch.from_numpy(shift).to(residual)[None]
