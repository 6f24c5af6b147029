"""Poses in the window at the scale of the environment with real pointer events, and prints what a test compares (HD2).

``python tests/scaled_posing.py FOLDER``: lines ``name=value``. A drag along an axis is asked for in metres: the pointer
goes from the point of the axis under it to the point 0.15 m further on, so that perspective counts as the user sees it.
"""

import sys
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from genmo_studio.motion.skeleton import INDEX
from genmo_studio.render.camera import project
from genmo_studio.ui.viewport import pose_drag
from genmo_studio.ui.viewport.pose_gizmo import Handle, Tool
from tests.studio_window import close_window, scripted_window, settle
from tests.test_posing_window import Hand

NO_KEY, LEFT = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
PICKED = ("left_wrist", "right_wrist", "left_ankle", "right_ankle")
ASKED = 0.15
"""m"""


def coloured(hand: Hand, at: QPointF) -> bool:
    """Whether something of a strong red is painted within 3 pixels of a place, as the gizmo's first axis is."""
    image, ratio = hand.view.grabFramebuffer(), hand.view.devicePixelRatioF()
    x, y = round(at.x() * ratio), round(at.y() * ratio)
    near = [QColor(image.pixelColor(x + dx, y + dy)) for dx in range(-3, 4) for dy in range(-3, 4)]
    return any(colour.red() > 1.6 * max(colour.green(), colour.blue()) and colour.red() > 120 for colour in near)


def send(view, kind: QMouseEvent.Type, at: QPointF) -> None:
    """A pointer event at a place between pixels, as pens and scaled screens give them."""
    held = Qt.MouseButton.NoButton if kind is QMouseEvent.Type.MouseButtonRelease else LEFT
    button = Qt.MouseButton.NoButton if kind is QMouseEvent.Type.MouseMove else LEFT
    event = QMouseEvent(kind, at, QPointF(view.mapToGlobal(at.toPoint())), button, held, NO_KEY)
    QApplication.sendEvent(view, event)


def along(hand: Hand, handle: Handle, joint: str, metres: float) -> tuple[np.ndarray, float]:
    """Drag a handle of an axis; what the joint moved by (m), and how far it stays from where it was asked to be."""
    grip = QPointF(hand.handle(handle))
    before, axis = hand.place(joint), np.eye(3)[handle.axis]
    camera, size = hand.view.lens()
    pull = pose_drag.begin(handle, origin=before, axes=np.eye(3), camera=camera, size=size, at=(grip.x(), grip.y()))
    held = before + pose_drag._place(pull, (grip.x(), grip.y()))
    x, y, _ = project(held + metres * axis, camera, size)
    start = project(held, camera, size)
    goal = QPointF(grip.x() + x - start[0], grip.y() + y - start[1])
    send(hand.view, QMouseEvent.Type.MouseButtonPress, grip)
    for part in (0.3, 0.7, 1.0):
        send(hand.view, QMouseEvent.Type.MouseMove, grip + (goal - grip) * part)
    missing = hand.tool.overlay().missing
    send(hand.view, QMouseEvent.Type.MouseButtonRelease, goal)
    return hand.place(joint) - before, missing


def main(folder: Path) -> None:
    window = scripted_window(folder)
    window.docks["timeline"].hide()
    settle(0.3)
    hand = Hand(window, QTest)
    hand.look(20)
    rig = hand.posing.rig
    rig.set_tool(Tool.MOVE)
    settle(0.3)
    print(f"ratio={hand.view.devicePixelRatioF()}")
    wrong = []
    for name in PICKED:
        hand.joints.select(())
        QTest.mouseClick(hand.view, LEFT, NO_KEY, hand.at(name))
        wrong += [] if hand.joints.joints == {name} else [f"{name}: {sorted(hand.joints.joints)}"]
    print(f"picked={wrong or 'ok'}")
    hand.joints.select({"right_wrist"})
    settle(0.4)
    grip = QPointF(hand.handle(Handle.MOVE_X))
    print(f"painted={coloured(hand, grip)}")
    print(f"elsewhere={coloured(hand, QPointF(30, 120))}")
    for handle, name in ((Handle.MOVE_X, "x"), (Handle.MOVE_Y, "y"), (Handle.MOVE_Z, "z")):
        step, missing = along(hand, handle, "right_wrist", ASKED)
        print(f"{name}={' '.join(f'{part:.5f}' for part in step)} {missing:.5f}")
        hand.posing.discard()
        rig.forget_touched()
    rig.set_tool(Tool.ROTATE)
    hand.joints.select({"left_elbow"})
    settle(0.3)
    turned = hand.posing.pose().rotations[INDEX["left_elbow"]].copy()
    hand.drag(hand.handle(Handle.TURN_VIEW), QPoint(6, 12), QPoint(10, 26))
    print(f"turned={float(np.linalg.norm(hand.posing.pose().rotations[INDEX['left_elbow']] - turned)):.3f}")
    strip = window.viewport.strip
    print(f"strip={all(strip.rect().contains(button.geometry()) for button in strip.buttons)}")
    close_window(window)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
