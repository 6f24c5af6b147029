"""Put a motion on a body of another shape: the same turns of the joints, the way in proportion, feet on the ground."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genmo_studio.motion.body import Body
from genmo_studio.motion.grounding import lowest_points
from genmo_studio.motion.motion import Motion
from genmo_studio.shapes import Float
from genmo_studio.values import replace


def pelvis_height(body: Body, betas: ArrayLike) -> float:
    """Height (m) of the pelvis over the lowest skin of the body at rest."""
    shape = np.asarray(betas, np.float32)
    return float(body.rest_joints(shape)[0, 1]) - float(body.shaped(shape)[:, 1].min())


def lowest(motion: Motion, body: Body) -> Float[NDArray[np.float64], " frames"]:
    """(T,) height (m) of the lowest point of each frame, from the joints and the soles."""
    return lowest_points(motion, body)


def fitted_to(
    motion: Motion, betas: ArrayLike, *, body: Body, made_on: Body, at: NDArray[np.float64] | None = None
) -> Motion:
    """The motion on ``body`` with shape ``betas``; itself when it already is.

    Joint rotations stay. The way over the ground, from where it begins, and the heights are scaled by the length of the
    legs, and each frame is lifted or lowered so that its lowest point is as high as before, in proportion: feet that
    stood still stand, and jumps stay jumps. ``made_on`` is the body that the motion was made for; ``at`` its ``lowest``
    points, to save that work when only the shape goes on changing.
    """
    shape = np.asarray(betas, np.float32)
    if body.name == made_on.name and np.array_equal(shape, motion.betas):
        return motion
    if not len(motion):
        return replace(motion, betas=shape, body=body.name)
    share = pelvis_height(body, shape) / pelvis_height(made_on, motion.betas)
    pelvis = motion.translation.astype(np.float64) + made_on.rest_joints(motion.betas)[0]
    begin = pelvis[0] * [1.0, 0.0, 1.0]
    moved = begin + (pelvis - begin) * share
    translation = (moved - body.rest_joints(shape)[0]).astype(np.float32)
    placed = replace(motion, translation=translation, betas=shape, body=body.name)
    wanted = share * (lowest(motion, made_on) if at is None else at)
    translation[:, 1] += (wanted - lowest(placed, body)).astype(np.float32)
    return replace(placed, translation=translation)
