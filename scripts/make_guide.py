"""Take the pictures of the guide from the real window: docs/guide/pictures/*.png.

    python scripts/make_guide.py [--only NAME ...]

Nothing is staged: the window opens the sample, the real engine makes takes, and the pictures are what it shows. Where
there is no screen, an Xvfb is started for the run.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from make_screenshots import ROOT, rest, screen, wait
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

    from genmo_studio.ui.main_window import MainWindow

PICTURES = ROOT / "docs" / "guide" / "pictures"
LARGEST = 400_000
"""Bytes of a picture in the repository."""
SIZE = (1280, 800)
TIMELINE = 388
"""Pixels of the timeline with all rows of the sample."""


class Camera:
    """The window and how it is brought to the point of each picture."""

    def __init__(self, app: "QApplication", window: "MainWindow") -> None:
        self.app, self.window = app, window

    def do(self, *actions: str, seconds: float = 0.3) -> None:
        """Trigger commands one after another."""
        for action in actions:
            self.window.actions_by_id[action].trigger()
            rest(self.app, seconds)

    def panel(self, name: str, *, seconds: float = 0.6) -> QPixmap:
        """A dock, in front and on its own."""
        dock = self.window.docks[name]
        dock.show()
        dock.raise_()
        rest(self.app, seconds)
        return dock.grab()

    def viewport(self) -> QPixmap:
        """The viewport with its bar."""
        rest(self.app, 1.2)  # edges are smoothed once the picture stands still
        return self.window.grab(self.window.centralWidget().geometry())

    def dialog(self, name: str) -> "QWidget":
        """A dialog that is open."""
        return next(w for w in self.app.topLevelWidgets() if w.objectName() == name and w.isVisible())


def pictures(camera: Camera) -> Iterator[tuple[str, Callable[[], QPixmap]]]:
    """Name and maker of each picture, in an order in which one leads to the next."""
    window, app = camera.window, camera.app
    yield "welcome", lambda: _settled(camera, window.grab)
    yield "timeline", lambda: _timeline(camera)
    yield "keys", lambda: _keys(camera)
    yield "jobs", lambda: _jobs(camera)
    yield "takes", lambda: camera.panel("takes", seconds=3.0)
    yield "media", lambda: camera.panel("media", seconds=1.5)
    yield "camera", lambda: _camera_view(camera)
    yield "viewport", lambda: _ghosts(camera)
    yield "silhouette", lambda: _silhouette(camera)
    yield "posing", lambda: _posing(camera)
    yield "poses", lambda: camera.panel("poses")
    yield "path", lambda: _path(camera)
    yield "draft", lambda: _draft(camera)
    yield "regenerate", lambda: _regenerate(camera)
    yield "generate", lambda: _problem(camera)
    yield "body", lambda: _bodies(camera)
    yield "curves", lambda: _curves(camera)
    yield "keyboard", lambda: _keyboard(camera)
    yield "light", lambda: _light(camera)
    rest(app, 0.1)


def _settled(camera: Camera, grab: Callable[[], QPixmap]) -> QPixmap:
    rest(camera.app, 2.0)
    return grab()


def _timeline(camera: Camera) -> QPixmap:
    from genmo_studio.ui.control.welcome import WelcomeControl

    window = camera.window
    window.commands.of(WelcomeControl).hide()
    window.session.select(
        {next(i.id for t in window.editor.document.tracks if t.kind.value == "text" for i in t.items)}
    )
    rest(camera.app, 1.0)
    picture = window.timeline.grab()
    window.session.select(())
    return picture


def _keys(camera: Camera) -> QPixmap:
    """Keys of every kind, made from the motion that is shown, with the rows of regions and joints unfolded."""
    from genmo_studio.document import edits
    from genmo_studio.document.model import ContactClip, Foot, LockClip, PoseKey, TrackKind, Waypoint
    from genmo_studio.document.time import Span
    from genmo_studio.motion.pose import Pose
    from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINTS
    from genmo_studio.ui.timeline.subrows import region_key
    from genmo_studio.values import replace

    window = camera.window
    shown = window.stage.result
    if shown is None:
        raise SystemExit("The sample shows no motion.")

    def key(frame: int, **values: object) -> PoseKey:
        pose = Pose.of(shown.motion, shown.span.start + frame)
        turns = dict(zip(JOINTS[:BODY_JOINT_COUNT], map(tuple, pose.rotations.tolist()), strict=False))
        return PoseKey(f"key{frame}", frame, **{"rotations": turns, **values})

    arm = dict.fromkeys(("left_shoulder", "left_elbow", "left_wrist"), (0.0, 0.0, 0.5))
    keys = (key(60), key(150, hold=45), key(260, weight=0.5), key(330, rotations=arm), key(430))
    path = (
        Waypoint("w1", 20, position=(0.0, 0.0), heading=0.6),
        Waypoint("w2", 200, position=(0.4, 1.2), velocity=(0.3, 0.9)),
        Waypoint("w3", 430, position=(1.0, 2.0)),
    )
    rows = [track.id for track in window.editor.document.tracks]
    added = [edits.remove_track(row) for row in rows]
    for kind, name, items in ((TrackKind.FULL_KEYS, "poses", keys), (TrackKind.PATH, "path", path)):
        added += [edits.add_track(kind, track_id=name), edits.add_items(name, items)]
    contacts = ContactClip("c1", Span(40, 130), Foot.LEFT), ContactClip("c2", Span(110, 200), Foot.RIGHT, planted=False)
    added += [edits.lay_contact(contact) for contact in contacts]
    added.append(edits.lay(TrackKind.LOCKS, (LockClip("l1", Span(200, 300), regions=("left_arm", "spine")),)))
    window.commands.edit("Show Keys", edits.compose(*added))
    unfolded = frozenset({"poses", region_key("poses", "left_arm")})
    window.session.set_view(replace(window.session.view, unfolded=unfolded))
    window.session.select({"key150"})
    window.timeline.zoom_fit()
    window.resizeDocks([window.docks["timeline"]], [460], Qt.Orientation.Vertical)
    rest(camera.app, 2.0)
    picture = window.timeline.grab()
    window.session.select(())
    camera.do("edit.undo")
    window.session.set_view(replace(window.session.view, unfolded=frozenset()))
    window.resizeDocks([window.docks["timeline"]], [TIMELINE], Qt.Orientation.Vertical)
    return picture


def _jobs(camera: Camera) -> QPixmap:
    """Three takes in the queue; the picture is taken while the first is being made."""
    from genmo_studio.document.edits import change_generation

    window = camera.window
    window.commands.edit("Fewer Steps", change_generation(steps=20))
    camera.do("generate.full", "generate.new_seed", "generate.full", "generate.draft")
    wait(camera.app, lambda: bool(window.picture.previewing))
    picture = camera.panel("jobs", seconds=0.3)
    wait(camera.app, lambda: not window.jobs.running)
    return picture


def _camera_view(camera: Camera) -> QPixmap:
    camera.window.transport.seek(60)
    camera.do("view.ghosts", "view.path", "view.labels", "video.camera", seconds=1.0)
    viewport = camera.window.viewport.viewport
    wait(camera.app, lambda: viewport is None or viewport.through, seconds=120)
    rest(camera.app, 2.0)
    picture = camera.viewport()
    camera.do("video.camera", "view.ghosts", "view.path", "view.labels")
    return picture


def _ghosts(camera: Camera) -> QPixmap:
    camera.window.transport.seek(470)
    camera.do("view.perspective", "view.frame_all", "view.motion_ghosts", "view.trails")
    picture = camera.viewport()
    camera.do("view.motion_ghosts", "view.trails")
    return picture


def _silhouette(camera: Camera) -> QPixmap:
    camera.do("view.silhouette", "view.frame_selected")
    picture = camera.viewport()
    camera.do("view.shaded")
    return picture


def _drag(camera: Camera, start: tuple[float, float], *steps: tuple[float, float], release: bool = True) -> None:
    """A drag in the viewport, from a place by steps from it."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    view, at = camera.window.viewport.viewport, QPoint(round(start[0]), round(start[1]))
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(view, left, none, at)
    for x, y in steps:
        QTest.mouseMove(view, at + QPoint(round(x), round(y)))
    if release:
        QTest.mouseRelease(view, left, none, at + QPoint(round(steps[-1][0]), round(steps[-1][1])))


def _posing(camera: Camera) -> QPixmap:
    """A hand is moved up; the pose is kept in the library too."""
    from PySide6.QtCore import Qt

    from genmo_studio.ui.control.body_parts import BodyPartsControl
    from genmo_studio.ui.control.posing import PosingControl

    window = camera.window
    tool = window.commands.of(PosingControl).tool
    window.resizeDocks([window.docks["timeline"]], [200], Qt.Orientation.Vertical)
    window.transport.seek(30)
    camera.do("view.perspective", "pose.move", "view.frame_selected")
    window.commands.of(BodyPartsControl).joints.select({"right_wrist"})
    gizmo = None if tool is None else tool.gizmo()
    if gizmo is not None:
        _drag(camera, gizmo.centre, *((4.0 * i, -9.0 * i) for i in range(1, 9)))
    rest(camera.app, 1.0)
    picture = camera.viewport()
    camera.do("pose.keep", "pose.t_pose", "pose.keep", "pose.discard", "pose.keep")
    return picture


def _path(camera: Camera) -> QPixmap:
    import math

    window, view = camera.window, camera.window.viewport.viewport
    window.docks["poses"].close()
    camera.do("view.frame_all", "pose.select", "path.draw")
    if view is not None:
        start = (view.width() * 0.3, view.height() * 0.8)
        _drag(camera, start, *((9.0 * i, -70.0 * math.sin(i / 9)) for i in range(1, 40)))
    track = next(t for t in window.editor.document.tracks if t.kind.value == "path")
    window.session.select({track.items[1].id})
    picture = camera.viewport()
    window.session.select(())
    camera.do("edit.undo")
    return picture


def _problem(camera: Camera) -> QPixmap:
    """A waypoint that is too far away for the time there is."""
    from genmo_studio.document.edits import set_waypoint

    window = camera.window
    track = next(t for t in window.editor.document.tracks if t.kind.value == "path")
    window.commands.edit("Move Waypoint", set_waypoint(track.items[1].id, position=(12.0, 9.0), heading=None))
    rest(camera.app, 2.5)
    picture = camera.panel("generation", seconds=1.5)
    camera.do("edit.undo")
    return picture


def _draft(camera: Camera) -> QPixmap:
    """The middle pose key of the sample held by the pointer, with the draft that answers it."""
    from PySide6.QtCore import QPoint
    from PySide6.QtTest import QTest

    window = camera.window
    window.resizeDocks([window.docks["timeline"]], [TIMELINE], Qt.Orientation.Vertical)  # with the row of the keys
    key = next(t for t in window.editor.document.tracks if t.kind.value == "full_keys").items[1]
    window.transport.seek(key.frame)
    camera.do("view.perspective", "view.frame_selected", seconds=1.0)
    window.timeline.grab()
    placed = (p for row in window.timeline.picture.layout.rows for p in row.keys)
    rect = next(p.rect for p in placed if p.item.id == key.id)
    at, area = QPoint(round(rect.x + rect.width / 2), round(rect.y + rect.height / 2)), window.timeline.viewport()
    QTest.mousePress(area, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    for step in (6, 12, 18):
        QTest.mouseMove(area, at + QPoint(step, 0))
        rest(camera.app, 0.2)
    wait(camera.app, lambda: window.live.shown is not None and not window.parts.service.live.waiting, seconds=240)
    first = window.live.shown  # it waited for the model; the next one is as they are
    QTest.mouseMove(area, at + QPoint(15, 0))
    wait(camera.app, lambda: window.live.shown is not first and not window.parts.service.live.waiting)
    rest(camera.app, 1.0)
    picture = window.grab()
    QTest.keyClick(window.timeline, Qt.Key.Key_Escape)
    QTest.mouseRelease(area, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    return picture


def _regenerate(camera: Camera) -> QPixmap:
    """The left arm between two keys of the sample."""
    window = camera.window
    window.transport.seek(
        next(t for t in window.editor.document.tracks if t.kind.value == "full_keys").items[1].frame + 8
    )
    camera.do("view.frame_selected", "regenerate.choose")
    window.generation.regenerate.region_chosen.emit("left_arm")
    rest(camera.app, 1.2)
    picture = window.grab()
    window.generation.regenerate.region_chosen.emit("full")
    window.generation.regenerate.set_open(False)
    return picture


def _bodies(camera: Camera) -> QPixmap:
    from PySide6.QtGui import QColor, QPainter

    left, right = camera.panel("body"), camera.panel("body_parts")
    wide, high = left.width() + right.width() + 12, max(left.height(), right.height())
    both = QPixmap(wide, high)
    both.fill(QColor(camera.window.parts.theme.window))
    painter = QPainter(both)
    painter.drawPixmap(0, 0, left)
    painter.drawPixmap(left.width() + 12, 0, right)
    painter.end()
    for name in ("body", "body_parts"):
        camera.window.docks[name].close()
    camera.window.docks["timeline"].raise_()
    return both


def _curves(camera: Camera) -> QPixmap:
    """The left arm, with a tweak in the wave."""
    from genmo_studio.document.edits import add_tweak, new_id
    from genmo_studio.document.model import Tweak
    from genmo_studio.document.time import Span
    from genmo_studio.ui.control.body_parts import BodyPartsControl

    window = camera.window
    joints = window.commands.of(BodyPartsControl).joints
    window.transport.seek(230)
    joints.select({"left_shoulder", "left_elbow"})
    tweak = Tweak(new_id(), Span(205, 256), {"left_shoulder": (0.0, 0.0, 0.5)}, rise=25, fall=25)
    window.commands.edit("Tweak Motion", add_tweak(tweak))
    camera.panel("curves", seconds=2.0)
    camera.do("curves.fit", seconds=1.0)
    picture = camera.panel("curves", seconds=0.5)
    camera.do("edit.undo")
    joints.select(())
    return picture


def _keyboard(camera: Camera) -> QPixmap:
    camera.window.docks["timeline"].raise_()
    camera.do("keys.customise", seconds=1.0)
    dialog = camera.app.activeWindow()
    if dialog is None or dialog is camera.window:
        dialog = next(w for w in camera.app.topLevelWidgets() if w.isVisible() and w is not camera.window)
    picture = dialog.grab()
    dialog.close()
    return picture


def _light(camera: Camera) -> QPixmap:
    camera.do("view.theme_light", seconds=1.5)
    picture = camera.window.grab()
    camera.do("view.theme_dark")
    return picture


def save(picture: QPixmap, path: Path) -> None:
    """Write a picture, with fewer colours when it would be too large."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage, QImageWriter

    image = picture.toImage()
    few = image.convertToFormat(QImage.Format.Format_Indexed8, Qt.ImageConversionFlag.DiffuseDither)
    for candidate in (image, few):
        writer = QImageWriter(str(path))
        writer.setCompression(100)
        if not writer.write(candidate):
            raise SystemExit(f"{path} cannot be written: {writer.errorString()}")
        if path.stat().st_size <= LARGEST:
            break
    print(f"{path.name}: {image.width()} x {image.height()}, {path.stat().st_size // 1000} kB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", help="names of pictures to write")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    PICTURES.mkdir(parents=True, exist_ok=True)
    server = screen()
    try:
        with tempfile.TemporaryDirectory() as folder:
            from PySide6.QtCore import QSettings

            from genmo_studio.app import make_application, open_window

            app = make_application()
            window = open_window(app, None, settings=QSettings(f"{folder}/s.ini", QSettings.Format.IniFormat))
            window.resize(*SIZE)
            window.show()
            wait(app, lambda: "CPU" in window.device_text or "NVIDIA" in window.device_text)
            window.transport.pause()
            window.transport.seek(300)
            wait(app, lambda: window.art.idle and not window.jobs.busy)
            left = set(options.only or ["all"])  # those that follow the last one that is wanted are not taken
            for name, make in pictures(Camera(app, window)):
                picture = make()
                if not options.only or name in options.only:
                    save(picture, PICTURES / f"{name}.png")
                left.discard(name)
                if not left:
                    break
            window.editor.mark_saved()
            window.files.pending.discard_all()
            window.close()
            app.shutdown()
    finally:
        if server is not None:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
