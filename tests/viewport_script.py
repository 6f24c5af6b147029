"""Run in a process of its own by tests: opens the window as this process's screen settings make it, prints JSON.

python -m tests.viewport_script PROJECT SETTINGS
"""

import json
import sys
from pathlib import Path


def main() -> None:
    from PySide6.QtCore import QPointF, QSettings, Qt
    from PySide6.QtGui import QImage, QMouseEvent

    from genmo_studio import app as program

    application = program.make_application()
    settings = QSettings(sys.argv[2], QSettings.Format.IniFormat)
    window = program.open_window(application, Path(sys.argv[1]), settings=settings, warm_up=False)
    window.resize(1000, 700)
    window.show()
    for _ in range(30):
        application.processEvents()
    said: dict[str, object] = {"ratio": window.devicePixelRatioF()}
    view = window.viewport.viewport
    if view is None:
        actions = window.actions_by_id
        said["reason"] = window.viewport.support.reason
        said["texts"] = [label.text() for label in window.viewport.findChildren(program_label())]
        said["enabled"] = [name for name, action in actions.items() if name.startswith("view.") and action.isEnabled()]
        window.transport.seek(40)
        said["frame"] = window.session.playhead
    else:
        from genmo_studio.motion.skeleton import INDEX
        from genmo_studio.render.camera import project

        window.transport.seek(10)
        view.frame_selected()
        window.actions_by_id["view.skeleton"].trigger()
        joints = window.picture.joints(10.0)
        picked = []
        for name in ("head", "left_wrist", "right_knee"):
            x, y, _ = project(joints[INDEX[name]], view.camera, (view.width(), view.height()))
            at, button, none = QPointF(x, y), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
            for kind, buttons in (("MouseButtonPress", button), ("MouseButtonRelease", Qt.MouseButton.NoButton)):
                event = QMouseEvent(getattr(QMouseEvent.Type, kind), at, view.mapToGlobal(at), button, buttons, none)
                application.sendEvent(view, event)
            picked.append([name, [int(joint) for joint in window.picture.picked]])
            view.set_picked(())
        image = view.grabFramebuffer().convertToFormat(QImage.Format.Format_RGB888)
        shot = view.snapshot()
        said |= {"picked": picked, "view": [view.width(), view.height()], "image": [image.width(), image.height()],
                 "shot": [shot.width(), shot.height()], "expected": [INDEX[name] for name, _ in picked]}  # fmt: skip
    said["messages"] = [message.what for message in window.messages.messages]
    window.editor.mark_saved()
    window.close()
    print(json.dumps(said))


def program_label() -> type:
    from PySide6.QtWidgets import QLabel

    return QLabel


if __name__ == "__main__":
    main()
