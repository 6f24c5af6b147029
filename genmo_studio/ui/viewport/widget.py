"""The viewport: an OpenGL widget that shows a Picture at a moment, and turns the mouse into camera moves.

It asks for no motion and sets no time: the window gives it both. All sizes are logical pixels. How it is drawn is in
drawn.py.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from genmo_studio.render.camera import Camera, View, ViewPreset, project
from genmo_studio.render.scene import Scene
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.viewport import gizmo, marks
from genmo_studio.ui.viewport import hud as writing
from genmo_studio.ui.viewport.backdrop import CameraView, orbiting
from genmo_studio.ui.viewport.display import Display, Mode, Option
from genmo_studio.ui.viewport.drawn import DrawnScene
from genmo_studio.ui.viewport.hud import HudState
from genmo_studio.ui.viewport.pick import Picked, nearer_end, outline, pick
from genmo_studio.ui.viewport.picture import Picture
from genmo_studio.ui.viewport.stamps import Stamps
from genmo_studio.values import replace

NAMED = 3
"""Joints whose names are written beside them; more would cover the body."""


class Viewport(DrawnScene):
    """Shows the character."""

    display_changed = Signal(object)
    through_changed = Signal(bool)
    """Whether one looks through a video's camera; moving one's own camera ends it."""

    def __init__(self, picture: Picture, theme: Theme, *, samples: int = 0, parent: QWidget | None = None) -> None:
        """``samples`` for each pixel while things move; 0 where a processor draws."""
        super().__init__(samples=samples, parent=parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)
        self.setAccessibleName("Viewport")
        self._picture, self._theme = picture, theme.over_picture
        self._through: CameraView | None = None
        self._own = self._camera  # before one looked through the video's
        self._frame = 0.0
        self._hud = HudState()
        self._follow = False
        self._followed: NDArray[np.float64] | None = None
        self.orbit_character = True
        """Turn about the character, not about the point in the middle of the picture."""
        self.posing = False
        """The character is worked on: it is picked before the ghosts around it; the tool writes its joint's name."""
        self.picks_ends = False
        """A press on a bone means the nearer of its two joints, as for moving; otherwise the joint that turns it."""
        self._stamps = Stamps()

    # -- what is shown -------------------------------------------------------------------------------------------------

    @property
    def picture(self) -> Picture:
        """What is drawn; call ``update`` after changing it."""
        return self._picture

    def set_camera(self, camera: Camera) -> None:
        """Look from elsewhere."""
        if camera != self._camera:
            self.look_through(None)
            self._camera = camera
            self.camera_changed.emit(camera)
            self.stir()

    @property
    def through(self) -> CameraView | None:
        """The video's camera that one looks through; None when it is one's own."""
        return self._through

    def look_through(self, view: CameraView | None) -> None:
        """Look through a video's camera; one's own goes with it, and goes on from there after None."""
        before, self._through = self._through, view
        if before is None:
            self._own = self._camera
        if view is not None:
            target = self._picture.pelvis(view.moment) if view.body else None
            self._camera = orbiting(view.camera, target=target, like=self._camera)
        elif before is None:
            return
        self.stir()
        if (before is None) != (view is None):
            self.through_changed.emit(view is not None)

    def look_back(self) -> None:
        """Look with one's own camera again, from where one looked before the video's."""
        if self._through is not None:
            self.look_through(None)
            self.set_camera(self._own)

    def set_moment(self, frame: float) -> None:
        """Show a timeline moment."""
        if frame != self._frame:
            self._frame = frame
            self._keep_up()
            self.stir()

    def set_theme(self, theme: Theme) -> None:
        """Write over the picture in another theme."""
        self._theme = theme.over_picture
        self.update()

    def set_hud(self, state: HudState) -> None:
        """Change the writing."""
        if state != self._hud:
            self._hud = state
            self.update_over()

    @property
    def hud(self) -> HudState:
        """The writing."""
        return self._hud

    def stop(self) -> None:
        """Nothing is pending after this; call before the window goes away."""
        for tool in self.tools:
            tool.cancel()
        self.stop_drawing()

    @property
    def display(self) -> Display:
        """What is shown besides the motion."""
        return self._picture.display

    def set_display(self, display: Display) -> None:
        """Show other things."""
        if display != self._picture.display:
            self._picture.display = display
            self.display_changed.emit(display)
            self.stir()

    def lens(self) -> tuple[View, tuple[int, int]]:
        """What one looks through, and the size in logical pixels that goes with it."""
        return (self._camera if self._through is None else self._through.camera), (self.width(), self.height())

    def set_picked(self, joints: Sequence[int]) -> None:
        """Point out joints."""
        if tuple(joints) != self._picture.picked:
            self._picture.picked = tuple(joints)
            self.stir()

    # -- camera --------------------------------------------------------------------------------------------------------

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width() / max(self.height(), 1)

    def frame_all(self) -> None:
        """Look at the whole motion."""
        self._followed = None
        self.set_camera(self._picture.frame_all(self._camera, aspect=self.aspect))

    def first_look(self) -> None:
        """Look at a project that was just opened."""
        self._followed = None
        self.set_camera(self._picture.opening(Camera(), aspect=self.aspect))

    def frame_selected(self) -> None:
        """Look at the selected keys, or the character."""
        self._followed = None
        self.set_camera(self._picture.frame_selected(self._camera, frame=self._frame, aspect=self.aspect))

    def look(self, preset: ViewPreset) -> None:
        """Turn to a standard view."""
        self.set_camera(self._camera.preset(preset))

    def other_lens(self) -> None:
        """Perspective or orthographic."""
        self.set_camera(self._camera.with_other_lens())

    def look_along_ground(self) -> None:
        """Look level along the floor at the character's feet."""
        place = self._picture.pelvis(self._frame)
        camera = self._camera if place is None else self._camera.looking_at(place)
        self.set_camera(camera.at_ground())

    def pivot(self) -> NDArray[np.float64] | None:
        """What an orbit turns about: the character while it is in the picture; None for the camera's target."""
        place = self._picture.pelvis(self._frame) if self.orbit_character else None
        if place is None:
            return None
        x, y, depth = project(place, self._camera, (self.width(), self.height()))
        seen = 0 <= x <= self.width() and 0 <= y <= self.height() and abs(depth) <= 1
        return place if seen else None

    def set_follow(self, on: bool) -> None:
        """Keep the character where it is in the picture."""
        self._follow, self._followed = on, None
        self._keep_up()
        self.update()

    def _keep_up(self) -> None:
        """Move the camera by what the pelvis moved over the ground since the last moment."""
        if not self._follow or self._through is not None:
            return
        place = self._picture.pelvis(self._frame)
        if place is None:
            return
        if self._followed is not None:
            step = (place - self._followed) * [1.0, 0.0, 1.0]
            self.set_camera(self._camera.looking_at(self._camera.focus_point() + step))
        else:
            target = self._camera.focus_point()
            self.set_camera(self._camera.looking_at([place[0], target[1], place[2]]))
        self._followed = place

    # -- what is drawn and written -------------------------------------------------------------------------------------

    @property
    def gizmo_shown(self) -> bool:
        """Not while one looks through a video's camera, and not in a view that it would fill."""
        return self._through is None and self.height() >= gizmo.NEEDED

    @property
    def moment(self) -> float:
        """The timeline moment of the picture, in frames."""
        return self._frame if self._through is None else self._through.moment

    def scene(self) -> tuple[Scene, View]:
        """What is drawn, and from where."""
        scene, through = self._picture.scene(self.moment), self._through
        return (scene, self._camera) if through is None else (through.applied(scene), through.camera)

    def paint_over(self, camera: View) -> None:
        """Numbers, names and the gizmo, in logical pixels over the picture."""
        # Not QPainter(self): that one would be led astray when somebody grabs the window.
        with QPainter(self.paper()) as painter:
            size = (self.width(), self.height())
            display = self.display
            joints = self._picture.joints(self.moment)
            if Option.GRID in display.options and Option.LABELS in display.options:
                labels, avoid = writing.resting_labels(camera, size), outline(joints, camera, size)
                if self._hud.empty and joints is None:
                    avoid = writing.middle_box(*size)
                writing.paint_grid_labels(painter, labels, avoid=avoid, stamps=self._stamps, theme=self._theme)
            if joints is not None and len(self._picture.picked) <= NAMED and not self.posing:
                for joint in self._picture.picked:
                    x, y, _ = project(joints[joint], camera, size)
                    writing.paint_joint(painter, joint, QPointF(x, y), theme=self._theme)
            legend = marks.legend(self._picture, self.moment)
            if legend:
                writing.paint_legend(painter, legend, width=self.width(), height=self.height(), theme=self._theme)
            for tool in self.tools:
                tool.paint(painter, camera, size, self._theme)
            if self.gizmo_shown:
                self._paint_gizmo(painter)
            writing.paint_hud(
                painter,
                self._hud if not self._picture.made_by_hand(self.moment) else replace(self._hud, empty=""),
                stamps=self._stamps,
                width=self.width(),
                height=self.height(),
                theme=self._theme,
                body=joints is not None,
            )
            if self.hasFocus():
                painter.setPen(QPen(QColor(self._theme.accent), 1.0))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(0.5, 0.5, self.width() - 1.0, self.height() - 1.0))

    def _paint_gizmo(self, painter: QPainter) -> None:
        camera, width = self._camera, float(self.width())
        look = (self.locked, self.part, self.near_gizmo, self._theme)

        def paint(inner: QPainter) -> None:
            locked, part, near, theme = look
            gizmo.paint_gizmo(inner, camera, width=width, locked=locked, hovered=part, active=near, theme=theme)

        key = (camera.yaw, camera.pitch, camera.lens, *look[:3], self._theme.name)
        self._stamps.draw(painter, key, gizmo.bounds(width), paint)

    def tip(self, at: QPointF) -> str:
        """What a mark in the picture means: the feet, a joint in red."""
        feet = writing.foot_at(at, height=self.height()) if self._hud.contacts is not None else None
        if feet is not None and self._hud.contacts is not None:
            return marks.foot_words(feet, self._hud.contacts)
        stress = self._picture.stress(self.moment)
        found = self.pick(at) if stress is not None and self.part is None else None
        if found is None or found.body is None or found.key is not None or stress is None:
            return ""
        return marks.stress_words(found.joint, float(stress[found.joint]))

    def pick(self, at: QPointF) -> Picked | None:
        """The joint or the ghost under a point (logical pixels)."""
        scene, camera = self.scene()
        joints = self._picture.joints(self.moment)
        bones, size, place = (
            self.display.mode in (Mode.SKELETON, Mode.XRAY),
            (self.width(), self.height()),
            (at.x(), at.y()),
        )
        found = None
        if self.posing and joints is not None and self.display.mode is not Mode.SKELETON:
            alone = replace(scene, bodies=scene.bodies[:1])  # the character comes first
            found = pick(alone, camera, size=size, at=place, joints=joints, bones=bones)
        if found is None:
            found = pick(scene, camera, size=size, at=place, joints=joints, bones=bones)
        if found is None or found.body is None:
            return found
        found = replace(found, key=self._picture.key_of(found.body))
        if self.picks_ends and found.key is None and joints is not None:
            return replace(found, joint=nearer_end(found.joint, joints, camera, size=size, at=place))
        return found
