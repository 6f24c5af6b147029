"""Curves of the window's small project, and where things are on them, for tests of the graph editor."""

import numpy as np
from window_document import FRAMES, walking, window_document

from genmo_studio.conditions.result import ShownMotion, tweaked_result
from genmo_studio.document.model import Document
from genmo_studio.document.time import Span
from genmo_studio.motion.body import load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.ui.panels.curve_channels import Channel, Part
from genmo_studio.ui.panels.curve_edits import Grab, grab
from genmo_studio.ui.panels.curve_model import CurveModel, CurveSet
from genmo_studio.ui.panels.curve_view import Box, Shown

REST = load_body("genmo-free").rest_joints(np.zeros(10, np.float32))[0]
SHOULDER = [Channel.of("left_shoulder", Part.TURN, axis) for axis in range(3)]
RISE = SHOULDER[2]
HEIGHT = Channel.of("pelvis", Part.PLACE, 1)
BOX = Box(-5.0, 95.0, -100.0, 100.0, 1000.0, 400.0)


def curves_of(document: Document, joints=("left_shoulder",), *, motion: Motion | None = None) -> CurveSet:
    bare = ShownMotion(motion or walking(), 0, (Span(0, FRAMES),))
    shown = tweaked_result(document, bare)
    return CurveModel().curves(document, joints, shown=shown, bare=bare, rest_pelvis=REST)


def scene(document: Document | None = None, **fields: object) -> Shown:
    made = window_document()[0] if document is None else document
    return Shown(curves_of(made, ("left_shoulder", "pelvis")), **fields)  # type: ignore[arg-type]


def spot(shown: Shown, channel: Channel, frame: int, box: Box = BOX) -> tuple[float, float]:
    curve = shown.curves.of(channel)
    assert curve is not None
    return box.x_of(frame), box.y_of(shown.scales()[channel].height(float(curve.edited[frame])))


def held(document: Document, channel: Channel, frame: int, *, radius: int = 10, **fields: object) -> Grab:
    curves = curves_of(document, ("left_shoulder", "pelvis"))
    three = [curves.of(Channel(channel.joint, channel.order, axis)) for axis in range(3)]
    shown = np.array([curve.edited[frame] for curve in three if curve is not None])
    bare = ShownMotion(walking(), 0, (Span(0, FRAMES),))
    found = grab(document, bare, channel, frame, shown=shown, radius=radius, **fields)  # type: ignore[arg-type]
    assert found is not None
    return found


def value(document: Document, channel: Channel, frame: int) -> float:
    curve = curves_of(document, ("left_shoulder", "pelvis")).of(channel)
    assert curve is not None
    return float(curve.edited[frame])
