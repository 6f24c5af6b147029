"""Where nothing but keys is said, the in-between network says what lies between them (inbetween.py).

A gap is the stretch between two neighbouring full-body keys whose places are known. A film over it says everything; a
partial key, a waypoint or a contact inside it asks for something that this network is not told of, so such gaps are
left to the denoiser. Words and music are followed by the denoiser too, but keys that are close leave them no choice.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genmo_studio.conditions.request import GenerationRequest, PoseCondition
from genmo_studio.conditions.resolved import ResolvedConditions
from genmo_studio.model.checkpoint import LoadedModel
from genmo_studio.model.inbetween import LONGEST, REACH, Gaps, Inbetween, filled, in_frame_of
from genmo_studio.model.inputs import FULL_WEIGHT, NetworkInputs, cameras_of
from genmo_studio.model.keyfill import FRAMES_PER_SECOND
from genmo_studio.model.network import DenoiserOutput
from genmo_studio.motion.body import FREE_BODY, Body, forward_kinematics, load_body
from genmo_studio.motion.jumps import LEAST_RISE
from genmo_studio.motion.representation import LAYOUT, camera_to_gravity_view, local_velocity
from genmo_studio.motion.rotations import (
    angle_between,
    matrix_from_rotvec,
    matrix_from_sixd,
    rotate,
    rotvec_from_matrix,
    sixd_from_matrix,
    transpose,
)
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINTS
from genmo_studio.motion.usual import USUAL_ACCELERATION
from genmo_studio.values import replace

CLOSE, FAR = 12, 30
"""Frames between two keys up to which words and music leave the in-between alone, and from which they have it."""
WIDEST = np.radians(100.0)
"""Turn of the pelvis between two keys up to which it is clear which way round it goes."""
EASE = 10
"""Frames on either side of a key over which the speeds of two gaps are brought together."""
FADE = 6.0
"""Frames over which it comes in beside a key with the denoiser on its other side."""
SMOOTHING = 1.0
"""Deviation in frames of the filter over what it says."""
MOST_SUDDEN, SURE = 0.1, 20
"""Share of places that may be more sudden than usual in what the network says of a gap of more than SURE frames."""
_MOST_JOINTS_MISSING = 2
FEET = 4
"""The first of the contact channels are those of feet."""


@dataclass(frozen=True)
class Gap:
    """Two neighbouring full keys with at least a frame between them."""

    first: int
    last: int
    share: float
    """0..1 of the in-between network in what is made of it"""


@dataclass(frozen=True, eq=False)
class KeyFrames:
    """Full keys of a request by frame."""

    turns: NDArray[np.float64]
    """(L, 22, 3, 3), the identity where there is no key"""
    pelvis: NDArray[np.float64]
    """(L, 3) m"""
    full: NDArray[np.bool_]
    """(L,) a full key with a place"""


def key_frames(request: GenerationRequest) -> KeyFrames:
    """The keys that say the whole body and where it is, at full weight."""
    turns = np.tile(np.eye(3), (request.frames, BODY_JOINT_COUNT, 1, 1))
    pelvis, full = np.zeros((request.frames, 3)), np.zeros(request.frames, bool)
    for pose in request.poses:
        if not 0 <= pose.frame < request.frames or not _is_full(pose):
            continue
        vectors = np.array([pose.rotations.get(name, (0.0, 0.0, 0.0)) for name in JOINTS[:BODY_JOINT_COUNT]])
        turns[pose.frame] = matrix_from_rotvec(vectors)
        pelvis[pose.frame], full[pose.frame] = pose.root_position, True
    return KeyFrames(turns, pelvis, full)


def _is_full(pose: PoseCondition) -> bool:
    named = sum(name in pose.rotations for name in JOINTS[:BODY_JOINT_COUNT])
    return (
        pose.weight >= FULL_WEIGHT
        and pose.root_position is not None
        and "pelvis" in pose.rotations
        and named >= BODY_JOINT_COUNT - _MOST_JOINTS_MISSING
    )


def gaps_of(
    request: GenerationRequest, keys: KeyFrames, inputs: NetworkInputs, *, stands: NDArray[np.bool_] | None = None
) -> list[Gap]:
    """The gaps that the in-between network may fill; ``stands`` (L,) are frames in which a foot is said to rest.

    Between keys that stand on different levels a jump is planned (motion/jumps.py), so such gaps are left alone.
    """
    if request.regeneration is not None:  # another seed shall be another motion
        return []
    taken = np.zeros(request.frames, bool)
    for pose in request.poses:
        if pose.weight > 0 and 0 <= pose.frame < request.frames and (pose.positions or not keys.full[pose.frame]):
            taken[pose.frame] = True
    for point in request.waypoints:
        if point.weight > 0 and 0 <= point.frame < request.frames:
            taken[point.frame] = True
    for contact in request.contacts:
        if contact.weight > 0:
            taken[max(contact.span.start, 0) : max(contact.span.stop, 0)] = True
    taken |= (inputs.conditions.has_2d[0] & (inputs.video_weight[0, :, 0] > 0)).cpu().numpy()
    chosen = (inputs.text_windows[0].amax(0) > 0) | (
        inputs.conditions.has_music[0] & (inputs.music_weight[0, :, 0] > 0)
    )
    worded = chosen.cpu().numpy()
    found = []
    for first, last in pairwise(np.flatnonzero(keys.full).tolist()):
        inside = slice(first + 1, last)
        between = last - first - 1
        if not 1 <= between <= LONGEST or taken[inside].any():
            continue
        if angle_between(keys.turns[first, 0], keys.turns[last, 0]) > WIDEST:
            continue
        if stands is not None and stands[[first, last]].all() and abs(rise(keys, first, last)) >= LEAST_RISE:
            continue
        share = min(max((FAR - between) / (FAR - CLOSE), 0.0), 1.0) if worded[inside].any() else 1.0
        if share > 0:
            found.append(Gap(first, last, share))
    return found


def rise(keys: KeyFrames, first: int, last: int) -> float:
    """How much higher the lowest joint of one key is than that of another, m."""
    pair, rest = [first, last], _trained_rest()[:BODY_JOINT_COUNT]
    _, joints = forward_kinematics(keys.turns[pair], rest, keys.pelvis[pair] - rest[0])
    low = joints[..., 1].min(axis=-1)
    return float(low[1] - low[0])


def shares(gaps: list[Gap], keys: KeyFrames) -> NDArray[np.float64]:
    """(L,) how much each frame follows the in-between network.

    A key beyond which the denoiser goes on belongs to the denoiser, and the network comes in over FADE frames: two
    answers that agree in a pose would part in its speed.
    """
    length = len(keys.full)
    found, frame = np.zeros(length), np.arange(length)
    starts, ends = {gap.first for gap in gaps}, {gap.last for gap in gaps}
    for gap in gaps:
        ramp = np.full(length, gap.share)
        for key, beyond, goes_on in ((gap.first, gap.first - 1, ends), (gap.last, gap.last + 1, starts)):
            if 0 <= beyond < length and not keys.full[beyond] and key not in goes_on:
                near = np.minimum(np.abs(frame - key) / min(FADE, (gap.last - gap.first) / 2), 1.0)
                ramp = ramp * near * near * (3 - 2 * near)
        inside = slice(gap.first, gap.last + 1)
        found[inside] = np.maximum(found[inside], ramp[inside])
    return found


@dataclass(frozen=True)
class Filling:
    """What the in-between network says, as the denoiser would."""

    x0: Tensor
    """(1, L, 151) normalised"""
    logits: Tensor
    """(1, L, 6) that a joint rests"""
    share: Tensor
    """(1, L, 151) of it in the answer; 0 where it says nothing, as about the step out of the last key of a gap"""
    contact_share: Tensor
    """(1, L, 1) the same for the logits: whether a key stands is the denoiser's to say, who sees what is beyond"""

    def into(self, out: DenoiserOutput) -> DenoiserOutput:
        """The denoiser's answer with this in it."""
        return replace(
            out,
            x0=out.x0 + self.share * (self.x0 - out.x0),
            static_logits=out.static_logits + self.contact_share * (self.logits - out.static_logits),
        )


@torch.inference_mode()
def filling(
    resolved: ResolvedConditions,
    inputs: NetworkInputs,
    *,
    model: LoadedModel,
    body: Body,
    logits: Tensor | None = None,
) -> Filling | None:
    """What lies between the keys of a request; None where there is no such gap or the model has no such network.

    ``logits`` (1, L, 6) are the denoiser's, that a joint rests.
    """
    request = resolved.request
    network = model.inbetween
    if network is None or not model.config.keys:
        return None
    keys = key_frames(request)
    stands = None if logits is None else (logits[0, :, :FEET].amax(-1) > 0).cpu().numpy()
    gaps = gaps_of(request, keys, inputs, stands=stands)
    if not gaps:
        return None
    betas = np.asarray((*request.body.betas, *(0.0,) * 10)[:10])
    scale = _legs(_trained_rest()) / _legs(np.asarray(body.rest_joints(betas), np.float64))
    turns, pelvis, rests = _answered(network, keys, gaps, scale=scale)
    likely = [gap for gap in gaps if _moves_as_people_do(turns, pelvis, gap)]
    if not likely:
        return None
    if len(likely) < len(gaps):
        gaps = likely
        turns, pelvis, rests = _answered(network, keys, gaps, scale=scale)
    length = request.frames
    share = np.zeros((length, inputs.held.shape[-1]))
    raw = np.zeros((length, inputs.held.shape[-1]))
    cameras = cameras_of(resolved.video, length)
    step, strength = LAYOUT["local_transl_vel"], shares(gaps, keys)
    share[:] = strength[:, None]
    share[[gap.last for gap in gaps], step] = 0.0
    share[[gap.first for gap in gaps], step] = strength[[gap.first for gap in gaps], None]
    raw[:, LAYOUT["body_pose"]] = sixd_from_matrix(turns[:, 1:]).reshape(length, -1)
    raw[:, LAYOUT["global_orient_gv"]] = sixd_from_matrix(camera_to_gravity_view(cameras) @ cameras @ turns[:, 0])
    raw[:, step] = local_velocity(turns[:, 0], pelvis)
    raw[:, LAYOUT["betas"]] = betas
    device = inputs.held.device
    x0 = model.statistics.normalise(torch.from_numpy(raw).float().to(device)[None])
    return Filling(
        x0, torch.from_numpy(rests).float().to(device)[None],
        torch.from_numpy(share).float().to(device)[None],
        torch.from_numpy(np.where(keys.full, 0.0, strength)).float().to(device)[None, :, None],
    )  # fmt: skip


def _moves_as_people_do(turns: NDArray[np.float64], pelvis: NDArray[np.float64], gap: Gap) -> bool:
    """Whether joints are hardly ever more sudden than 99 % of recorded frames.

    Of poses that it has seldom seen (crawling) the network makes a jerking body; there the denoiser is calmer.
    """
    if gap.last - gap.first <= SURE:  # the keys say how fast it is
        return True
    inside, rest = slice(gap.first, gap.last + 1), _trained_rest()[:BODY_JOINT_COUNT]
    _, joints = forward_kinematics(turns[inside], rest, pelvis[inside] - rest[0])
    sudden = np.linalg.norm(np.diff(joints, n=2, axis=0), axis=-1) * FRAMES_PER_SECOND**2
    return bool((sudden > np.array(USUAL_ACCELERATION)[:BODY_JOINT_COUNT]).mean() < MOST_SUDDEN)


@cache
def _trained_rest() -> NDArray[np.float64]:
    """(24, 3) the joints at rest of the body that the network was trained on, m."""
    return np.asarray(load_body(FREE_BODY).rest_joints(np.zeros(10)), np.float64)


def _legs(rest: NDArray[np.float64]) -> float:
    """Height of the pelvis over the ankles at rest, m."""
    ankles = [INDEX["left_ankle"], INDEX["right_ankle"]]
    return float(rest[0, 1] - rest[ankles, 1].mean())


def _answered(
    network: Inbetween, keys: KeyFrames, gaps: list[Gap], *, scale: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Turns (L, 22, 3, 3), pelvis (L, 3) and logits (L, 6) of all frames; those of the keys outside the gaps.

    ``scale`` brings the body's places to the size of the body that the network was trained on.
    """
    longest = max(gap.last - gap.first for gap in gaps)
    window = np.arange(-REACH + 1, longest + REACH)
    first = np.array([gap.first for gap in gaps])
    last = np.array([gap.last - gap.first + REACH - 1 for gap in gaps])
    frames = first[:, None] + window
    there = (frames >= 0) & (frames < len(keys.full)) & (np.arange(len(window)) < last[:, None] + REACH)
    frames = np.clip(frames, 0, len(keys.full) - 1)
    device = next(network.parameters()).device
    known = torch.from_numpy(keys.full[frames] & there).to(device)
    turns = torch.from_numpy(keys.turns[frames]).float().to(device)
    root = torch.from_numpy(keys.pelvis[frames] * scale).float().to(device)
    index = torch.full((len(gaps),), REACH - 1, device=device)
    local, placed, way, origin = in_frame_of(turns, root, index)
    fill_turns, fill_root, valid = filled(local, placed, known)
    rest = torch.from_numpy(np.asarray(load_body(FREE_BODY).rest_joints(np.zeros(10))[:BODY_JOINT_COUNT], np.float32))
    made = network(Gaps(fill_turns, fill_root, known, valid, index, torch.from_numpy(last).to(device)), rest.to(device))
    oriented = way[:, None] @ made.turns[:, :, 0]
    pelvis = (rotate(way[:, None], made.root) + origin[:, None]) / scale
    all_turns, all_pelvis = keys.turns.copy(), keys.pelvis.copy()
    logits = np.zeros((len(keys.full), made.contacts.shape[-1]))
    for row, gap in enumerate(gaps):
        inside, here = slice(gap.first, gap.last + 1), slice(REACH - 1, int(last[row]) + 1)
        fresh = ~keys.full[inside]
        body = made.turns[row, here].double().cpu().numpy()
        body[:, 0] = oriented[row, here].double().cpu().numpy()
        root = pelvis[row, here].double().cpu().numpy()
        all_turns[inside][fresh] = np.asarray(matrix_from_sixd(_smoothed(sixd_from_matrix(body))))[fresh]
        all_pelvis[inside][fresh] = _smoothed(root)[fresh]
        logits[inside] = made.contacts[row, here].double().cpu().numpy()
    for gap in gaps:
        for key in (gap.first, gap.last):
            all_turns, all_pelvis = _eased(all_turns, all_pelvis, key, keys=keys, gaps=gaps)
    return all_turns, all_pelvis, logits


def _smoothed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, ...) filtered over time as the denoiser's answers are (smoothing.py); both ends stay.

    The network answers two frames at a time, and its pairs do not quite join. Beyond its ends a gap goes on as its
    own half turn about them, so that values and slopes there are those of the gap.
    """
    reach = min(3, len(values) - 1)
    before, after = 2 * values[:1] - values[reach:0:-1], 2 * values[-1:] - values[-2 : -reach - 2 : -1]
    padded = np.concatenate([before, values, after])
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / SMOOTHING) ** 2)
    weights /= weights.sum()
    found = sum(weight * padded[k : k + len(values)] for k, weight in enumerate(weights))
    return np.asarray(found)


def _eased(
    turns: NDArray[np.float64], pelvis: NDArray[np.float64], key: int, *, keys: KeyFrames, gaps: list[Gap]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same with one speed into a key and out of it: gaps are filled one by one, and each sees its own keys only.

    A frame beside the key that is a key itself says the speed; of two gaps each gives half. The difference dies away
    inside each gap, over EASE frames or half of it, and the key itself stays.
    """
    before = next((gap for gap in gaps if gap.last == key), None)
    after = next((gap for gap in gaps if gap.first == key), None)
    known_before = key > 0 and bool(keys.full[key - 1])
    known_after = key + 1 < len(keys.full) and bool(keys.full[key + 1])
    if not ((before or known_before) and (after or known_after)):
        return turns, pelvis  # the denoiser is on one side
    arrives = rotvec_from_matrix(transpose(turns[key - 1]) @ turns[key]), pelvis[key] - pelvis[key - 1]
    leaves = rotvec_from_matrix(transpose(turns[key]) @ turns[key + 1]), pelvis[key + 1] - pelvis[key]
    share = 0.0 if known_before else 1.0 if known_after else 0.5
    turns, pelvis = turns.copy(), pelvis.copy()
    for gap, sign, speed in ((before, -1, arrives), (after, 1, leaves)):
        if gap is None:
            continue
        wanted = [a + share * (b - a) for a, b in zip(arrives, leaves, strict=True)]
        width = min(EASE, (gap.last - gap.first) / 2)
        time = np.arange(1, int(np.ceil(width)))
        frames, dying = key + sign * time, sign * time * (1 - time / width) ** 2
        turn = dying[:, None, None] * (wanted[0] - speed[0])
        turns[frames] = turns[frames] @ matrix_from_rotvec(turn)
        pelvis[frames] += dying[:, None] * (wanted[1] - speed[1])
    return turns, pelvis
