"""After the network: meet the keys exactly, lock the feet, and measure both."""

from dataclasses import dataclass
from typing import Any

import msgspec

from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.model.footfalls import held_by, unmet_contacts, with_wishes
from genmo_studio.model.groundwork import Grounded, worked
from genmo_studio.model.inputs import FULL_WEIGHT
from genmo_studio.motion.body import Body
from genmo_studio.motion.contacts import motion_quality
from genmo_studio.motion.correction import KeyErrors, PoseTarget, WaypointTarget, key_errors, meet_keys
from genmo_studio.motion.footlock import lock_feet
from genmo_studio.motion.grounding import lifted
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.quick_keys import meet_quickly
from genmo_studio.motion.skeleton import INDEX


@dataclass(frozen=True, eq=False)
class Finished:
    """A motion that keeps its promises, and the figures for the report."""

    motion: Motion
    report: dict[str, Any]


def promises(request: GenerationRequest) -> tuple[list[PoseTarget], list[WaypointTarget]]:
    """Keys and waypoints of full weight inside the request; lighter ones only guide the network."""
    poses = [
        PoseTarget(
            frame=pose.frame,
            rotations={INDEX[name]: value for name, value in pose.rotations.items() if name in INDEX},
            root_position=pose.root_position,
            positions={INDEX[name]: value for name, value in pose.positions.items() if name in INDEX},
        )
        for pose in request.poses
        if pose.weight >= FULL_WEIGHT and 0 <= pose.frame < request.frames
    ]
    waypoints = [
        WaypointTarget(frame=point.frame, position=point.position, heading=point.heading)
        for point in request.waypoints
        if point.weight >= FULL_WEIGHT and 0 <= point.frame < request.frames
    ]
    return poses, waypoints


def finish(motion: Motion, body: Body, request: GenerationRequest, *, unaided: Motion) -> Finished:
    """Keys first, feet second (what keys fix is protected), keys once more for what the feet may have moved.

    ``unaided`` is the motion as the network said it, without projection: its key errors tell how good the network is.
    The contacts of the result are the predicted ones with those of the request in them.
    """
    poses, waypoints = promises(request)
    before = motion_quality(motion, body)
    met, raw, _ = meet_keys(motion, body, poses, waypoints)
    final, done = _cleaned_up(met, body, request)
    after = key_errors(final, body, poses, waypoints)
    quality = motion_quality(final, body)
    report: dict[str, Any] = {
        "keys": len(poses) + len(waypoints),
        "key_errors_network": error_figures(key_errors(unaided, body, poses, waypoints)),
        "key_errors_before": error_figures(raw),
        "key_errors_after": error_figures(after),
        "unmet": [*after.unmet, *unmet_contacts(final, body, request, poses)],
        "foot_skate_before": round(before.foot_skate, 5),
        "foot_skate": round(quality.foot_skate, 5),
        "penetration": round(quality.penetration, 5),
        "floating": round(quality.floating, 5),
        "jitter": round(quality.jitter, 2),
        "clean_up": list(done.told),
        **done.figures,
    }
    return Finished(final, report)


def finish_lightly(motion: Motion, body: Body, request: GenerationRequest) -> Motion:
    """For drafts while something is dragged: the keys are met, the feet are left as they come, nothing is measured."""
    return with_wishes(meet_quickly(motion, body, *promises(request)), body, request.contacts).motion


def refinish(motion: Motion, body: Body, request: GenerationRequest, *, strength: float) -> Motion:
    """An unlocked take (made with a foot lock of 0) with its feet locked by ``strength``, without generating again.

    Foot lock is the last step, so this gives what the same request with that strength would have given, but for the
    centimetre or two by which sunken parts were lifted before.
    """
    return cleaned_up(motion, body, msgspec.structs.replace(request, foot_lock=strength))


def cleaned_up(met: Motion, body: Body, request: GenerationRequest) -> Motion:
    """A motion that meets its keys with feet that rest and nothing below the ground; it meets them still."""
    return _cleaned_up(met, body, request)[0]


def _cleaned_up(met: Motion, body: Body, request: GenerationRequest) -> tuple[Motion, Grounded]:
    """The same, and what was done beside the foot lock."""
    poses, waypoints = promises(request)
    wished = with_wishes(met, body, request.contacts)
    grounded = worked(wished, body, poses, strength=request.foot_lock)
    ground = grounded.ground
    locked, _ = lock_feet(
        grounded.motion,
        body,
        held=held_by(poses),
        planted=wished.planted,
        ground=ground,
        strength=request.foot_lock,
        floor=not any(pose.root_position for pose in poses) and not ground.any(),
    )
    raised = lifted(locked, body, protected=[pose.frame for pose in poses if pose.root_position or pose.positions])
    return meet_keys(raised, body, poses, waypoints)[0], grounded


def error_figures(errors: KeyErrors) -> dict[str, float]:
    """Millimetres and degrees."""
    return {
        "rotation_deg": round(errors.rotation_degrees, 5),
        "root_position_mm": round(errors.root_position * 1e3, 4),
        "joint_position_mm": round(errors.joint_position * 1e3, 4),
        "waypoint_mm": round(errors.waypoint * 1e3, 4),
        "heading_deg": round(errors.heading_degrees, 5),
    }
