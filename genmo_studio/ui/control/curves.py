"""The graph editor in the window: what it is told, and its commands."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from genmo_studio.document.edits import delete_items
from genmo_studio.document.model import Document, PoseKey, Tweak
from genmo_studio.document.queries import find_item
from genmo_studio.ui.actions.keys import TANGENTS
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.control.body_parts import BodyPartsControl
from genmo_studio.ui.icons import icon
from genmo_studio.ui.panels.curve_edits import widened
from genmo_studio.ui.theme import Theme

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow
    from genmo_studio.ui.panels.curve_editor import CurveEditor, Result

_TIME, _EQUAL, _RADIUS = "curves/linked_time", "curves/equal", "curves/falloff"
STEP = 2
"""Frames by which a key makes the falloff wider."""
RADII = (3, 5, 8, 10, 15, 20, 30, 45, 60, 90)


class CurvesControl(Control):
    """The graph editor follows document, result, selected joints and playhead."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._menu = QMenu(window)

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {
            "curves.fit": lambda: self._with_editor("fit"),
            "curves.fit_selected": lambda: self._with_editor("fit_selected"),
            "curves.equal": self._equal,
            "curves.time": self._time,
            "curves.link": self._link,
            "curves.wider": lambda: self.widen(STEP),
            "curves.narrower": lambda: self.widen(-STEP),
            "curves.delete": self.delete,
        }

    def connect(self) -> None:
        """See Control."""
        w = self.window
        joints = w.commands.of(BodyPartsControl).joints
        settings = w.parts.settings
        w.actions_by_id["curves.time"].setChecked(settings.value(_TIME, True, bool) is not False)
        w.actions_by_id["curves.equal"].setChecked(settings.value(_EQUAL, False, bool) is True)
        w.actions_by_id["curves.link"].setChecked(joints.linked)
        joints.linked_changed.connect(w.actions_by_id["curves.link"].setChecked)
        joints.changed.connect(lambda _: w.curves.say(""))
        w.curves.set_actions(w.actions_by_id, more=("reduce.keys",))
        w.curves.set_maker(self._make)
        w.curves.made.connect(self._made)
        w.curves.falloff.setMenu(self._menu)
        self._menu.aboutToShow.connect(self._fill_radii)

    def document_changed(self, old: Document, new: Document) -> None:
        """See Control."""
        editor = self.window.curves.editor
        if editor is not None:
            if old.id != new.id or (not old.result and new.result):
                editor.fit_again()
            editor.refresh()
            if not (old.takes is new.takes and old.result is new.result):
                self.window.curves.say("")

    def selection_changed(self, selection: frozenset[str]) -> None:  # noqa: ARG002 (Control's)
        """See Control."""
        self._write_radius()

    # -- the editor ----------------------------------------------------------------------------------------------------

    def _make(self, theme: Theme) -> "CurveEditor":
        """Called on the first paint of the panel."""
        from genmo_studio.ui.panels.curve_editor import CurveEditor, Parts  # noqa: PLC0415

        w = self.window
        parts = Parts(w.editor, w.session, w.commands.of(BodyPartsControl).joints, self._result, self._select)
        return CurveEditor(parts, theme)

    def _made(self, editor: "CurveEditor") -> None:
        w = self.window
        editor.set_radius(int(str(w.parts.settings.value(_RADIUS, editor.radius))))
        editor.radius_changed.connect(self._keep_radius)
        editor.menu_requested.connect(self._open_menu)
        editor.set_linked_time(w.actions_by_id["curves.time"].isChecked())
        editor.set_equal(w.actions_by_id["curves.equal"].isChecked())
        self._write_radius()

    def _result(self) -> "Result":
        from genmo_studio.ui.panels.curve_editor import Result  # noqa: PLC0415

        stage = self.window.stage
        shown = stage.shown
        if shown is None:
            return Result()
        rest = self.window.picture.body.rest_joints(shown.motion.betas)[0]
        return Result(shown, stage.shown_bare, stage.bare, rest, stage.size)

    def _select(self, ids: frozenset[str]) -> None:
        """Select keys from the graph; the graph keeps the joints that it shows."""
        with self.window.commands.of(BodyPartsControl).left_alone():
            self.window.session.select(ids)

    def _with_editor(self, name: str) -> None:
        editor = self.window.curves.editor
        if editor is not None:
            getattr(editor, name)()

    # -- commands ------------------------------------------------------------------------------------------------------

    def _equal(self) -> None:
        on = self.window.actions_by_id["curves.equal"].isChecked()
        self.window.parts.settings.setValue(_EQUAL, on)
        if self.window.curves.editor is not None:
            self.window.curves.editor.set_equal(on)

    def _time(self) -> None:
        on = self.window.actions_by_id["curves.time"].isChecked()
        self.window.parts.settings.setValue(_TIME, on)
        if self.window.curves.editor is not None:
            self.window.curves.editor.set_linked_time(on)

    def _link(self) -> None:
        self.window.commands.of(BodyPartsControl).joints.set_linked(
            self.window.actions_by_id["curves.link"].isChecked()
        )

    def widen(self, by: int) -> None:
        """The selected tweaks reach further; without one, the next falloff does."""
        w = self.window
        edit = widened(w.editor.document, w.session.selection, by=by)
        if edit is not None:
            w.commands.edit("Change Falloff", edit, merge="falloff")
        elif w.curves.editor is not None:
            w.curves.editor.set_radius(w.curves.editor.radius + by)

    def delete(self) -> None:
        """The chosen keys and tweaks."""
        w = self.window
        found = {i: find_item(w.editor.document, i) for i in w.session.selection}
        if w.curves.editor is not None:
            found |= {dot.key: find_item(w.editor.document, dot.key) for dot in w.curves.editor.picked}
        ids = tuple(i for i, item in found.items() if isinstance(item, PoseKey | Tweak))
        if ids:
            w.commands.edit("Delete", delete_items(ids), select=())
        else:
            w.note("No key or tweak is selected.")

    # -- falloff -------------------------------------------------------------------------------------------------------

    def _keep_radius(self, radius: int) -> None:
        self.window.parts.settings.setValue(_RADIUS, radius)
        self._write_radius()

    def _write_radius(self) -> None:
        editor = self.window.curves.editor
        if editor is None:
            return
        button = self.window.curves.falloff
        button.setIcon(icon("falloff"))
        button.setText(f"{editor.radius} frames")
        button.setToolTip(
            "Falloff: how many frames before and after the dragged point a tweak reaches. "
            "While you drag, turn the wheel to change it."
        )
        button.setAccessibleName("Falloff")

    def _fill_radii(self) -> None:
        self._menu.clear()
        editor = self.window.curves.editor
        if editor is None:
            return
        for radius in RADII:
            entry = self._menu.addAction(f"{radius} frames")
            entry.triggered.connect(partial(editor.set_radius, radius))
            entry.setCheckable(True)
            entry.setChecked(radius == editor.radius)
        self._menu.addSeparator()
        self._menu.addAction(self.window.actions_by_id["curves.wider"])
        self._menu.addAction(self.window.actions_by_id["curves.narrower"])

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self.window)
        for name in (
            "curves.fit",
            "curves.fit_selected",
            "curves.equal",
            "-",
            *TANGENTS,
            "-",
            "reduce.keys",
            "tweak.accept",
            "curves.delete",
        ):
            if name == "-":
                menu.addSeparator()
            else:
                menu.addAction(self.window.actions_by_id[name])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)
