"""The viewport: where one looks from, what is shown, pictures of it, its own window."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QStandardPaths
from PySide6.QtGui import QGuiApplication

from genmo_studio.motion.skeleton import INDEX, JOINTS
from genmo_studio.render.camera import Camera, Lens, ViewPreset
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.control.body_parts import BodyPartsControl
from genmo_studio.ui.panels.message_bar import Message, Severity
from genmo_studio.ui.viewport.display import Display, GhostRule, Mode, Option, from_json, to_json
from genmo_studio.ui.viewport.floating import FloatingView
from genmo_studio.ui.viewport.hand import Adding
from genmo_studio.ui.viewport.navigation import INDUSTRY, PRESETS
from genmo_studio.ui.viewport.pick import Picked

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

LOOKS: dict[str, ViewPreset] = {
    "view.perspective": ViewPreset.THREE_QUARTER,
    "view.front": ViewPreset.FRONT,
    "view.back": ViewPreset.BACK,
    "view.side": ViewPreset.LEFT,
    "view.right": ViewPreset.RIGHT,
    "view.top": ViewPreset.TOP,
    "view.bottom": ViewPreset.BOTTOM,
}
OPTIONS: dict[str, Option] = {
    "view.grid": Option.GRID,
    "view.labels": Option.LABELS,
    "view.contacts": Option.CONTACTS,
    "view.ghosts": Option.GHOSTS,
    "view.path": Option.PATH,
}
MODES: dict[str, Mode] = {
    "view.shaded": Mode.SHADED,
    "view.bones": Mode.SKELETON,
    "view.skeleton": Mode.XRAY,
    "view.silhouette": Mode.SILHOUETTE,
}
NAVIGATION = {"view.nav_studio": "studio", "view.nav_blender": "blender"}
FIRST_TRAILS = frozenset({"Hands", "Feet"})


class ViewportControl(Control):
    """Everything that the viewport's own commands do. Without OpenGL they do nothing: there is nothing to see."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._view = window.viewport.viewport
        self._floating: FloatingView | None = None
        self._kept: Camera | None = None

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        view = self._view
        if view is None:
            return {}
        slots: dict[str, Slot] = {
            "view.frame_all": view.frame_all,
            "view.frame_selected": view.frame_selected,
            "view.ground_level": view.look_along_ground,
            "view.orthographic": view.other_lens,
            "view.lock": lambda: view.set_locked(not view.locked),
            "view.follow": lambda: view.set_follow(self._on("view.follow")),
            "view.orbit_character": self._orbit_character,
            "view.above_floor": self._stay_above,
            "view.save_camera": self.keep_camera,
            "view.recall_camera": self.recall_camera,
            "view.motion_ghosts": self._toggle_ghosts,
            "view.trails": self._toggle_trails,
            "view.copy_picture": self.copy_picture,
            "view.save_picture": lambda: self.save_picture(scale=1),
            "view.save_picture_2x": lambda: self.save_picture(scale=2),
            "view.float": self._float,
            "view.restart": view.restart,
        }
        slots |= {action: partial(view.look, preset) for action, preset in LOOKS.items()}
        slots |= {action: partial(self._toggle_option, option) for action, option in OPTIONS.items()}
        slots |= {action: partial(self._choose_mode, mode) for action, mode in MODES.items()}
        slots |= {action: partial(self.navigate, name) for action, name in NAVIGATION.items()}
        return slots

    def connect(self) -> None:
        """Take up what was remembered, and follow the view."""
        actions, view = self.window.actions_by_id, self._view
        settings = self.window.parts.settings
        self.navigate(str(settings.value("viewport/navigation", INDUSTRY.id)))
        if view is None:
            for action_id in self._of_view():
                actions[action_id].setEnabled(False)
            self.window.viewport.display_button.setEnabled(False)
            return
        self._kept = _camera(settings.value("viewport/camera"))
        actions["view.recall_camera"].setEnabled(self._kept is not None)
        view.orbit_character = bool(settings.value("viewport/orbit_character", True, bool))
        actions["view.orbit_character"].setChecked(view.orbit_character)
        view.above_floor = bool(settings.value("viewport/above_floor", True, bool))
        actions["view.above_floor"].setChecked(view.above_floor)
        view.set_display(from_json(settings.value("viewport/display")))
        view.display_changed.connect(self._display_changed)
        self.window.viewport.display_menu.edited.connect(view.set_display)
        view.lock_changed.connect(actions["view.lock"].setChecked)
        view.camera_changed.connect(self._camera_changed)
        view.picked.connect(self._picked)
        self.window.commands.of(BodyPartsControl).joints.changed.connect(self._joints_changed)
        self._show_display(view.display)

    def close(self) -> None:
        """See Control."""
        if self._floating is not None:
            self._floating.close()

    def _of_view(self) -> tuple[str, ...]:
        fixed = ("frame_all", "frame_selected", "ground_level", "orthographic", "lock", "follow", "orbit_character",
                 "above_floor", "save_camera", "recall_camera", "motion_ghosts", "trails", "copy_picture",
                 "save_picture", "save_picture_2x", "float", "restart")  # fmt: skip
        return (*(f"view.{name}" for name in fixed), *LOOKS, *OPTIONS, *MODES)

    def _on(self, action_id: str) -> bool:
        return self.window.actions_by_id[action_id].isChecked()

    # -- what is shown -------------------------------------------------------------------------------------------------

    @property
    def display(self) -> Display:
        """What the viewport shows."""
        return Display() if self._view is None else self._view.display

    def set_display(self, display: Display) -> None:
        """Show other things."""
        if self._view is not None:
            self._view.set_display(display)

    def _toggle_option(self, option: Option) -> None:
        self.set_display(self.display.with_option(option, on=option not in self.display.options))

    def _choose_mode(self, mode: Mode) -> None:
        again = self.display.mode is mode  # the same key brings the shaded body back
        self.set_display(msgspec.structs.replace(self.display, mode=Mode.SHADED if again else mode))
        self._show_display(self.display)

    def _toggle_ghosts(self) -> None:
        on = self.display.ghosts is GhostRule.OFF
        self.set_display(msgspec.structs.replace(self.display, ghosts=GhostRule.STEP if on else GhostRule.OFF))

    def _toggle_trails(self) -> None:
        trails = frozenset() if self.display.trails else FIRST_TRAILS
        self.set_display(msgspec.structs.replace(self.display, trails=trails))

    def _display_changed(self, display: Display) -> None:
        self.window.parts.settings.setValue("viewport/display", to_json(display))
        self._show_display(display)
        self.window.stage.refresh()

    def _show_display(self, display: Display) -> None:
        actions = self.window.actions_by_id
        for action_id, option in OPTIONS.items():
            actions[action_id].setChecked(option in display.options)
        for action_id, mode in MODES.items():
            actions[action_id].setChecked(mode is display.mode)
        actions["view.motion_ghosts"].setChecked(display.ghosts is not GhostRule.OFF)
        actions["view.trails"].setChecked(bool(display.trails))
        self.window.viewport.display_menu.show_display(display)

    def _picked(self, found: object, adding: Adding) -> None:
        """A click: a key's ghost selects the key; the body selects a joint; nothing lets all joints go."""
        window = self.window
        joints = window.commands.of(BodyPartsControl).joints
        if not isinstance(found, Picked):
            if adding is Adding.REPLACE:
                joints.select(())
        elif found.key is not None:
            window.session.select({found.key})
        elif adding is Adding.ADD:
            joints.add({held(found.joint)})
        elif adding is Adding.TOGGLE:
            joints.toggle({held(found.joint)})
        else:
            name = held(found.joint)
            joints.select(() if joints.joints == {name} else {name})

    def _joints_changed(self, names: object) -> None:
        if self._view is not None and isinstance(names, frozenset):
            self._view.set_picked(sorted(INDEX[name] for name in names if name in INDEX))
            self.window.stage.refresh()

    # -- where one looks from ------------------------------------------------------------------------------------------

    def navigate(self, name: str) -> None:
        """Use the drags of another program; remembered."""
        preset = PRESETS.get(name, INDUSTRY)
        if self._view is not None:
            self._view.preset = preset
        for action_id, other in NAVIGATION.items():
            self.window.actions_by_id[action_id].setChecked(other == preset.id)
        self.window.viewport.set_hint(preset.hint)
        self.window.parts.settings.setValue("viewport/navigation", preset.id)

    def _orbit_character(self) -> None:
        if self._view is not None:
            self._view.orbit_character = self._on("view.orbit_character")
            self.window.parts.settings.setValue("viewport/orbit_character", self._view.orbit_character)

    def _stay_above(self) -> None:
        if self._view is not None:
            self._view.above_floor = self._on("view.above_floor")
            self.window.parts.settings.setValue("viewport/above_floor", self._view.above_floor)

    def _camera_changed(self, camera: object) -> None:
        if isinstance(camera, Camera):
            self.window.actions_by_id["view.orthographic"].setChecked(camera.lens is Lens.ORTHOGRAPHIC)

    def keep_camera(self) -> None:
        """Remember where one looks from, also for the next start."""
        if self._view is None:
            return
        self._kept = self._view.camera
        self.window.parts.settings.setValue("viewport/camera", msgspec.json.encode(self._kept).decode())
        self.window.actions_by_id["view.recall_camera"].setEnabled(True)
        self.window.statusBar().showMessage("This view is kept; press V to come back to it", 4000)

    def recall_camera(self) -> None:
        """Look from where it was kept."""
        if self._view is not None and self._kept is not None:
            self._view.set_camera(self._kept)

    # -- pictures ------------------------------------------------------------------------------------------------------

    def copy_picture(self) -> None:
        """The viewport's picture on the clipboard."""
        if self._view is None:
            return
        image = self._view.snapshot()
        if not image.isNull():
            QGuiApplication.clipboard().setImage(image)
            self.window.statusBar().showMessage(f"Copied a picture of {image.width()} × {image.height()} pixels", 4000)

    def save_picture(self, *, scale: int) -> Path | None:
        """The viewport's picture as a new PNG beside the project, or among the user's pictures."""
        if self._view is None:
            return None
        image = self._view.snapshot(scale=scale)
        if image.isNull():
            return None
        window = self.window
        path = window.project.path
        name = window.editor.document.name or "Untitled"
        stem = "".join(c if c.isalnum() or c in " -_" else "_" for c in (path.stem if path else name))
        place = free_name(path.parent if path else pictures(), f"{stem} {window.session.playhead:04d}")
        if not image.save(str(place)):
            advice = "Save the project to another folder, or copy the picture instead."
            window.post(Message(f"The picture cannot be written to {place.parent}.", advice, severity=Severity.WARNING))
            return None
        window.statusBar().showMessage(f"Saved {place} ({image.width()} × {image.height()} pixels)", 8000)
        return place

    # -- its own window ------------------------------------------------------------------------------------------------

    def _float(self) -> None:
        middle = self.window.viewport.parentWidget()
        home = None if middle is None else middle.layout()
        if self._on("view.float") and home is not None:
            self._floating = FloatingView(self.window, self.window.viewport, home=home)
            self._floating.returned.connect(self._returned)
            self._floating.show()
        elif self._floating is not None:
            self._floating.close()

    def _returned(self) -> None:
        self._floating = None
        self.window.actions_by_id["view.float"].setChecked(False)


def held(joint: int) -> str:
    """Name of a joint that keys can hold: the hands go with their wrists."""
    return JOINTS[joint].replace("_hand", "_wrist")


def pictures() -> Path:
    """The user's folder for pictures; it may not exist yet."""
    folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def free_name(folder: Path, stem: str) -> Path:
    """A PNG's name that no file has yet."""
    place, number = folder / f"{stem}.png", 2
    while place.exists():
        place, number = folder / f"{stem} ({number}).png", number + 1
    return place


def _camera(text: object) -> Camera | None:
    """A camera from the settings file; None when there is none that can be used."""
    if not isinstance(text, str):
        return None
    try:
        return msgspec.json.decode(text, type=Camera)
    except msgspec.MsgspecError:
        return None
