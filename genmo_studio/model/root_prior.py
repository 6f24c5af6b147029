"""Under the root's velocity lies the straight path between the places that the user gave.

``local_transl_vel`` is the root's step in its own frame, so a network that is told a path in the world has to multiply
it by the orientation that it is still making up; a small one does that badly (its own error at keys was a metre). Here
the path is turned into the root's frame with the orientation that the network has just answered, and a head of its own
says what people add to it: an untrained one already walks the path. Frames without a path are answered as before, so
the head can be trained alone under a network that exists (docs/adr/0015-a-path-under-the-root.md).
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from genmo_studio.model.conditioning import Conditions
from genmo_studio.model.keyfill import (
    FRAMES_PER_SECOND,
    KEYED_VARIANCE,
    PATH_HEIGHT,
    PATH_KNOWN,
    PATH_STEP,
    KeyFill,
    posterior,
    prior_mean,
)
from genmo_studio.model.network import DenoiserOutput
from genmo_studio.model.statistics import Statistics
from genmo_studio.motion.representation import LAYOUT, TurnIntegration, camera_yaw
from genmo_studio.motion.rotations import matrix_from_sixd, rotate, transpose, yaw_matrix

_VELOCITY = LAYOUT["local_transl_vel"]


PathAnswer = Callable[[Tensor, Tensor], Tensor]
"""See Denoiser.path_answer."""


def completed(
    out: DenoiserOutput,
    xt: Tensor,
    level: Tensor,
    *,
    filled: KeyFill,
    conditions: Conditions,
    statistics: Statistics,
    path_answer: PathAnswer | None,
) -> Tensor:
    """x0 (B, L, 151, normalised) of a network's answer: a difference to the prior mean and, with ``path_answer``, to

    the path. ``xt`` is the noisy motion with keys held, ``level`` (B,) its share of signal.
    """
    x0 = out.x0 + prior_mean(filled, xt, level)
    if path_answer is None:
        return x0
    terms = path_terms(x0, xt, level, conditions=conditions, statistics=statistics)
    along = path_answer(out.hidden, terms.step) + terms.base
    velocity = torch.where(terms.known, along, x0[..., _VELOCITY])
    return torch.cat([x0[..., : _VELOCITY.start], velocity, x0[..., _VELOCITY.stop :]], dim=-1)


@dataclass(frozen=True)
class PathTerms:
    """What a given path says about the velocity channels, normalised; each (B, L, 3)."""

    step: Tensor
    """the path's step in the root's frame"""
    base: Tensor
    """what that step and the noisy motion say together; the head's answer is added to it"""
    known: Tensor
    """bool: a path is given there, and the velocity itself is not"""


def path_terms(x0: Tensor, xt: Tensor, level: Tensor, *, conditions: Conditions, statistics: Statistics) -> PathTerms:
    """The path under an x0 (B, L, 151) whose orientation is already answered; other arguments as of completed."""
    step, given = world_step(conditions.path)
    local = _into_the_root(step.to(x0.dtype), x0, conditions, statistics=statistics)
    mean = (local - statistics.mean[_VELOCITY]) / statistics.std[_VELOCITY]
    base = posterior(mean, torch.full_like(mean, KEYED_VARIANCE), xt[..., _VELOCITY], level)
    return PathTerms(step=mean, base=base, known=given & (conditions.observed_mask[..., _VELOCITY] == 0))


def world_step(path: Tensor) -> tuple[Tensor, Tensor]:
    """Step to the next frame (B, L, 3), m in the network's world, and where it is known (B, L, 1), of path features.

    Up and down follow the given heights where there are several. At the last place people are taken to go on as they
    came (nothing is known of the next frame, and a stop there would be smoothed into the frames before); one place
    alone is no path.
    """
    given = path[..., PATH_KNOWN] > 0
    nowhere = torch.zeros_like(given[:, :1])
    before, after = torch.cat([nowhere, given[:, :-1]], 1), torch.cat([given[:, 1:], nowhere], 1)
    height = path[..., PATH_HEIGHT]
    rise = torch.diff(height, dim=1, append=height[:, -1:]) * given
    ground = path[..., PATH_STEP] / FRAMES_PER_SECOND
    step = torch.cat([ground[..., :1], rise, ground[..., 1:]], dim=-1)
    step = torch.where(given & ~after, torch.cat([step[:, :1], step[:, :-1]], dim=1), step)
    return step, given & (before | after)


@torch.no_grad()
def _into_the_root(step: Tensor, x0: Tensor, c: Conditions, *, statistics: Statistics) -> Tensor:
    """World steps (B, L, 3) in the frame of the root as ``x0`` turns it.

    Without gradient: an error of the orientation is not to be paid once more in the velocity.
    """
    raw = statistics.restore(x0)
    orient = matrix_from_sixd(raw[..., LAYOUT["global_orient_gv"]])
    turn = torch.where(
        c.has_camera[..., None],
        c.cam_angvel * statistics.camera_std + statistics.camera_mean,
        torch.tensor([1.0, 0, 0, 0, 1, 0], device=x0.device, dtype=x0.dtype),
    )
    in_camera = matrix_from_sixd(raw[..., LAYOUT["global_orient"]])
    yaw = camera_yaw(in_camera, orient, turn, TurnIntegration.RELEASE) * c.has_camera.any(1, keepdim=True)
    # The gravity-view frame of the first picture looks along its own +z, which is -z of the world (decoding.to_world).
    world = yaw_matrix(yaw + torch.pi).to(x0.dtype) @ orient
    turned: Tensor = rotate(transpose(world), step)
    return turned
