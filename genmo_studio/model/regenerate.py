"""A new part brought into a known motion: placed, joined without a jump, its keys met, and all the rest left alone.

What comes out is the known motion bit for bit outside of what is made anew; nothing here may write anywhere else.
"""

from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from torch import Tensor

from genmo_studio.conditions.request import ContactCondition, GenerationRequest
from genmo_studio.document.time import Span
from genmo_studio.model.decoding import WorldMotion, as_numpy, assemble
from genmo_studio.model.finishing import Finished, error_figures, promises
from genmo_studio.model.footfalls import unmet_contacts, with_wishes
from genmo_studio.model.known import Askable, Known, askable
from genmo_studio.model.newpart import LEG_JOINTS, Crop, cleaned_feet, cropped, worked_over
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.contacts import motion_quality
from genmo_studio.motion.correction import (
    key_errors,
    meet_keys,
)
from genmo_studio.motion.grounding import floor_drift, lowest_points
from genmo_studio.motion.ik import chain_above
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.quick_keys import meet_quickly
from genmo_studio.motion.rotations import matrix_from_rotvec, rotate, rotvec_from_matrix, transpose, yaw_matrix
from genmo_studio.motion.seams import joined, runs
from genmo_studio.motion.skeleton import CONTACT_JOINTS, INDEX, PARENTS
from genmo_studio.motion.spreading import smoothstep
from genmo_studio.values import replace

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

GROUND_CONTEXT = 45
"""Frames on each side from which the level of the floor is read."""
STEP_SECONDS = 0.3
"""Deviation of the Gaussian that takes the steps out of a new way of the root"""
STANDS_BELOW = 0.05
"""m/s"""


def brought_in(known: Known, world: WorldMotion, contacts: Tensor, *, body: Body, placed: bool) -> Motion:
    """The network's motion joined into the known one.

    ``world`` is rolled out over all frames, ``contacts`` (1, T, 6) are logits. ``placed``: keys or a path say where the
    motion is; otherwise, where nothing of the root is known, it begins where the known motion began.
    """
    base = known.base
    orient = as_numpy(world.orient[0])
    translation = as_numpy(world.translation[0])
    new = assemble(
        world, base.rotations[:, 0], base.translation, contacts=contacts, betas=base.betas, body=base.body,
        fps=base.fps,
    )  # fmt: skip
    body_fresh = known.fresh.copy()
    body_fresh[:, 0] = False
    motion = joined(base, new, body_fresh, blend=known.blend)
    for run in known.root_runs:
        near, rotvec, place = _placed_root(base, orient, translation, run, placed=placed)
        if not known.fresh[run.start : run.stop, LEG_JOINTS].any():
            rotvec, place = _in_step(base, rotvec, place, near)
        rotations, ground = new.rotations.copy(), base.translation.copy()
        rotations[near.start : near.stop, 0], ground[near.start : near.stop] = rotvec, place
        only = np.zeros_like(known.fresh)
        only[run.start : run.stop, 0] = True
        motion = joined(motion, replace(new, rotations=rotations, translation=ground), only, blend=known.blend)
    if known.fresh[:, 0].any():
        motion = _grounded(motion, known, body)
    return replace(motion, contacts=_contacts(known, torch.sigmoid(contacts[0]).float().cpu().numpy()))


def _placed_root(
    base: Motion, orient: Floats, translation: Floats, run: Span, *, placed: bool
) -> tuple[Span, Floats, Floats]:
    """Root of the roll-out around a run, led from where the known motion leaves off to where it goes on.

    The answer is (frames, rotation vectors, translation). What is missing in heading and place at the far end is
    spread evenly over the run: first the steps are turned, then the sum of them is shifted.
    """
    length = len(base)
    near = Span(max(run.start - 3, 0), min(run.stop + 3, length))
    frames = np.arange(near.start, near.stop)
    knots = [edge for edge in (run.start - 1, run.stop) if 0 <= edge < length]
    turns, path = orient[near.start : near.stop], translation[near.start : near.stop]
    if not knots:
        if placed:
            return near, np.asarray(rotvec_from_matrix(turns)), path - path[0] + base.translation[0]
        knots = [0]
    known = matrix_from_rotvec(base.rotations[knots, 0].astype(np.float64))
    missing = np.unwrap(_twist(known @ transpose(orient[knots])))
    yaw = yaw_matrix(np.interp(frames, knots, missing))
    steps = rotate(yaw[:-1], np.diff(path, axis=0))
    turned = np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)])
    off = base.translation[knots].astype(np.float64) - turned[np.array(knots) - near.start]
    return near, np.asarray(rotvec_from_matrix(yaw @ turns)), turned + _line(frames, knots, off)


def _in_step(base: Motion, rotvec: Floats, place: Floats, near: Span) -> tuple[Floats, Floats]:
    """A new way of the root under legs that stay as they are: only its slow part is new.

    Every step moves the pelvis up, down and to the sides; with the same legs those moves have to stay the same, or the
    feet hop and slide. So the way from the known to the new root is smoothed over about a step.
    """
    turns = matrix_from_rotvec(base.rotations[near.start : near.stop, 0].astype(np.float64))
    there = base.translation[near.start : near.stop].astype(np.float64)
    turned = rotvec_from_matrix(matrix_from_rotvec(rotvec) @ transpose(turns))
    turned, moved = (
        gaussian_filter1d(part, STEP_SECONDS * base.fps, axis=0, mode="nearest") for part in (turned, place - there)
    )
    return np.asarray(rotvec_from_matrix(matrix_from_rotvec(turned) @ turns)), there + moved


def _twist(turn: Floats) -> Floats:
    """Angle about +y of rotations (N, 3, 3), rad."""
    return np.asarray(np.arctan2(turn[:, 0, 2] - turn[:, 2, 0], turn[:, 0, 0] + turn[:, 2, 2]))


def _line(frames: NDArray[np.int64], knots: list[int], values: Floats) -> Floats:
    """The straight line (T, n) through one or two values, continued beyond them."""
    if len(knots) == 1:
        return np.repeat(values, len(frames), axis=0)
    slope = (values[1] - values[0]) / (knots[1] - knots[0])
    return np.asarray(values[0] + (frames - knots[0])[:, None] * slope)


def _grounded(motion: Motion, known: Known, body: Body) -> Motion:
    """Take out the slow drift of the new part's height, relative to the level of the known frames on both sides."""
    translation = motion.translation.copy()
    for run in known.root_runs:
        near = Span(max(run.start - GROUND_CONTEXT, 0), min(run.stop + GROUND_CONTEXT, len(motion)))
        drift = floor_drift(lowest_points(motion.sliced(near.start, near.stop), body), motion.fps)
        knots = [edge for edge in (run.start - 1, run.stop) if 0 <= edge < len(motion)]
        inside = np.arange(run.start, run.stop)
        level = np.interp(inside, knots, drift[np.array(knots) - near.start]) if knots else np.zeros(run.length)
        fade = np.ones(run.length)
        reach = max(known.blend, 1)
        if run.start > 0:
            fade *= smoothstep((inside - run.start + 1) / reach)
        if run.stop < len(motion):
            fade *= smoothstep((run.stop - inside) / reach)
        translation[inside, 1] -= (fade * (drift[inside - near.start] - level)).astype(np.float32)
    return replace(motion, translation=translation)


def _contacts(known: Known, predicted: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Contacts of joints that the new part moves are the network's; the others stay. Unknown ones stay unknown."""
    if known.base.contacts is None:
        return None
    contacts = known.base.contacts.copy()
    for column, joint in enumerate(CONTACT_JOINTS):
        chain = [joint]
        while PARENTS[chain[-1]] >= 0:
            chain.append(PARENTS[chain[-1]])
        moved = known.fresh[:, chain].any(axis=1)
        contacts[moved, column] = predicted[moved, column]
    return contacts


def finish_regenerated(
    motion: Motion, body: Body, request: GenerationRequest, *, known: Known, unaided: Motion
) -> Finished:
    """Keys inside the new part, its feet, and the known motion put back wherever it was kept.

    ``unaided`` is the joined motion as the network said it, for the report.
    """
    asked = askable(request, known)
    poses, waypoints = promises(asked.told)
    wishes = wished_contacts(request, known)
    footfalls = with_wishes(motion, body, wishes)
    if motion.contacts is not None:  # unknown ones stay unknown
        motion = footfalls.motion
    before = motion_quality(_part(motion, known), body)
    crop = cropped(motion, body, known, poses, waypoints)
    met = meet_keys(crop.motion, body, crop.poses, crop.waypoints)[0] if poses or waypoints else crop.motion
    planted = footfalls.planted[crop.span.start : crop.span.stop]
    grounded = worked_over(met, body, request, crop, planted=planted)
    contacts = motion.contacts
    if contacts is not None and grounded.motion.contacts is not None:
        contacts = contacts.copy()
        contacts[crop.span.start : crop.span.stop] = grounded.motion.contacts
        motion = replace(motion, contacts=contacts)
    clean = cleaned_feet(grounded, body, request, crop, planted=planted)
    if clean is not met and (poses or waypoints):
        clean = meet_keys(clean, body, crop.poses, crop.waypoints)[0]
    final = _put_back(clean, motion, known, crop)
    after = key_errors(final, body, poses, waypoints)
    quality = motion_quality(_part(final, known), body)
    report: dict[str, Any] = {
        "keys": len(poses) + len(waypoints),
        "key_errors_network": error_figures(key_errors(unaided, body, poses, waypoints)),
        "key_errors_before": error_figures(key_errors(motion, body, poses, waypoints)),
        "key_errors_after": error_figures(after),
        "unmet": [
            *after.unmet,
            *_lost(final, body, asked),
            *unmet_contacts(final, body, msgspec.structs.replace(request, contacts=wishes), poses),
        ],
        "foot_skate_before": round(before.foot_skate, 5),
        "foot_skate": round(quality.foot_skate, 5),
        "penetration": round(quality.penetration, 5),
        "floating": round(quality.floating, 5),
        "jitter": round(quality.jitter, 2),
        "clean_up": list(grounded.told),
        **grounded.figures,
        "made_anew": {"frames": known.hull.length, "joints": int(known.fresh.any(axis=0).sum())},
    }
    return Finished(final, report)


def finish_lightly_regenerated(motion: Motion, body: Body, request: GenerationRequest, *, known: Known) -> Motion:
    """For drafts while something is dragged: the keys inside the new part are met, its feet are left as they come."""
    met = meet_quickly(motion, body, *promises(askable(request, known).told), span=known.hull)
    rotations = np.where(known.fresh[..., None], met.rotations, known.base.rotations)
    translation = np.where(known.fresh[:, :1], met.translation, known.base.translation)
    return replace(met, rotations=rotations, translation=translation)


def _part(motion: Motion, known: Known) -> Motion:
    return motion.sliced(known.hull.start, known.hull.stop)


def wished_contacts(request: GenerationRequest, known: Known) -> tuple[ContactCondition, ...]:
    """The user's contacts where the foot that they are about is made anew; elsewhere the known motion stays.

    Where the known motion has the foot on its way at a seam, a planted foot is free for a few frames on its side of it:
    it has to come from there and to go on there.
    """
    wishes: list[ContactCondition] = []
    for wish in request.contacts:
        toe = INDEX[f"{wish.foot.value}_foot"]
        for run in runs(np.asarray(known.fresh[:, [toe, *chain_above(toe), 0]].any(axis=1))):
            part = run.intersection(wish.span)
            lead_in = known.blend if wish.planted and _on_its_way(known, toe, run.start - 1) else 0
            lead_out = known.blend if wish.planted and _on_its_way(known, toe, run.stop) else 0
            rests = Span(run.start + lead_in, max(run.stop - lead_out, run.start + lead_in))
            for stretch, planted in (
                (rests, wish.planted),
                (Span(run.start, rests.start), False),
                (Span(rests.stop, run.stop), False),
            ):
                here = None if part is None else stretch.intersection(part)
                if here is not None:
                    wishes.append(msgspec.structs.replace(wish, span=here, planted=planted))
    return tuple(wishes)


def _on_its_way(known: Known, joint: int, frame: int) -> bool:
    """Whether a joint of the known motion moves at a frame of it; False outside."""
    near = known.base.sliced(max(frame - 1, 0), max(frame + 2, 0))
    if not 0 <= frame < len(known.base) or len(near) < 2:
        return False
    places = joint_positions(near, known.body)[:, joint]
    return float(np.linalg.norm(np.diff(places, axis=0), axis=1).max()) * known.base.fps > STANDS_BELOW


def _put_back(part: Motion, motion: Motion, known: Known, crop: Crop) -> Motion:
    """The finished part in the whole motion, with every value that is not made anew copied from the known one."""
    rotations, translation = known.base.rotations.copy(), known.base.translation.copy()
    near = slice(crop.span.start, crop.span.stop)
    rotations[near][crop.fresh] = part.rotations[crop.fresh]
    translation[near][crop.fresh[:, 0]] = part.translation[crop.fresh[:, 0]]
    return replace(known.base, rotations=rotations, translation=translation, contacts=motion.contacts)


def _lost(final: Motion, body: Body, asked: Askable) -> list[str]:
    """A sentence for each promised key of the span that only a joint could meet which is not made anew."""
    lost = msgspec.structs.replace(asked.told, poses=asked.lost_poses, waypoints=asked.lost_points)
    missed = key_errors(final, body, *promises(lost)).unmet
    return [f"{sentence.split(': ')[0]}: it is not among what was made anew" for sentence in missed]
