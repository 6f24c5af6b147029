"""Posing: tools, pins, keys of poses, and the picture that follows them."""

from functools import partial

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QMenu, QWidget

from genmo_studio.document.edits import EditError
from genmo_studio.document.model import Document
from genmo_studio.motion import joint_limits
from genmo_studio.motion.skeleton import INDEX, JOINTS
from genmo_studio.ui import posing_keys as keys
from genmo_studio.ui.actions import SEPARATOR
from genmo_studio.ui.actions.posing import CONTEXT
from genmo_studio.ui.body_words import spoken
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.control.body_parts import BodyPartsControl
from genmo_studio.ui.control.edit import EditControl
from genmo_studio.ui.control.viewport import held
from genmo_studio.ui.joint_selection import JointSelection
from genmo_studio.ui.panels.body_picker import Marks
from genmo_studio.ui.panels.message_bar import refusal
from genmo_studio.ui.posing import Posing
from genmo_studio.ui.posing_pending import PendingPoses
from genmo_studio.ui.posing_solver import PINNABLE, IkMode, limb_names
from genmo_studio.ui.typing_guard import is_typed_in
from genmo_studio.ui.viewport.display import Option
from genmo_studio.ui.viewport.path_tool import PathTool
from genmo_studio.ui.viewport.pose_gizmo import Tool
from genmo_studio.ui.viewport.pose_strip import UnkeyedBar
from genmo_studio.ui.viewport.pose_tool import PoseTool
from genmo_studio.ui.viewport.trail_tool import KeyDot, TrailTool

SAID_MS = 4000
TOOLS = {"pose.select": Tool.SELECT, "pose.move": Tool.MOVE, "pose.rotate": Tool.ROTATE}
MODES = {
    "pose.mode_full": IkMode.FULL_BODY,
    "pose.mode_part": IkMode.BODY_PART,
    "pose.mode_selection": IkMode.SELECTION,
}


class PosingControl(Control):
    """Connects the commands of posing with the state and with the viewport."""

    posing: Posing
    tool: PoseTool | None = None
    bar: UnkeyedBar | None = None
    path: PathTool | None = None

    @property
    def joints(self) -> JointSelection:
        """The selected joints."""
        return self.window.commands.of(BodyPartsControl).joints

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {
            **{name: partial(self.use_tool, tool) for name, tool in TOOLS.items()},
            **{name: partial(self.use_mode, mode) for name, mode in MODES.items()},
            "pose.mode_next": self._next_mode,
            "pose.local": lambda: self.posing.rig.set_local(self._on("pose.local")),
            "pose.grab": partial(self._by_key, moves=True),
            "pose.turn": partial(self._by_key, moves=False),
            "pose.key": self.set_key,
            "pose.key_position": lambda: self.set_key(rotations=False),
            "pose.key_rotation": lambda: self.set_key(places=False),
            "pose.auto_key": self._switch_auto_key,
            "pose.discard": self._discard,
            "path.draw": self._draw_path,
            "pose.hold": lambda: self.posing.hold(self._on("pose.hold")),
            "pose.pin": partial(self._pin, turn=False),
            "pose.pin_turn": partial(self._pin, turn=True),
            "pose.pin_feet": lambda: self.posing.rig.set_pin_feet(self._on("pose.pin_feet")),
            "pose.free_pins": self._free_pins,
            "pose.free": self._free,
            "pose.select_limb": self._select_limb,
            "pose.select_mirrored": self._select_mirrored,
        }

    def connect(self) -> None:
        """See Control."""
        w, view = self.window, self.window.viewport.viewport
        self.posing = Posing(w.editor, session=w.session, joints=self.joints, picture=w.picture, parent=w)
        for action_id in ("pose.select", "pose.mode_full", "pose.pin_feet"):
            w.actions_by_id[action_id].setChecked(True)
        posing = self.posing
        posing.changed.connect(self.show_pose)
        posing.unkeyed_changed.connect(self._write_bar)
        posing.auto_key_changed.connect(self.show_pose)
        posing.rig.changed.connect(self._rig_changed)
        w.transport.playing_changed.connect(lambda _: self.show_pose())
        w.session.playhead_changed.connect(lambda _: self.show_pose())
        w.jobs.preview_changed.connect(lambda _: self.show_pose())
        w.live.drafted.connect(lambda _: self.show_pose())
        posing.told.connect(self._draft)
        w.files.pending = PendingPoses(posing)
        w.timeline.carry_requested.connect(self._carry)
        w.commands.of(EditControl).nearer = posing
        posing.unkeyed_changed.connect(w.commands.of(EditControl).history_changed)
        if view is None:
            return
        self.tool = PoseTool(
            posing, self.joints, view=view.lens, joint_at=self._joint_at, usable=self.usable, redraw=view.stir
        )
        self.path = PathTool(
            w.editor,
            w.session,
            view=view.lens,
            shown=lambda: not w.transport.playing and Option.PATH in view.display.options,
            redraw=view.stir,
            drawn=self._drawn,
        )
        trails = TrailTool(posing, view=view.lens, dots=self._key_dots, usable=self.usable, redraw=view.stir)
        view.tools += [self.tool, trails, self.path]
        view.menu_requested.connect(self._menu)
        self.bar = UnkeyedBar(view, w.parts.theme)
        view.entered.connect(self._pointer_entered)
        w.parts.app.focusChanged.connect(self._focus_changed)
        self.bar.key_wanted.connect(self._key_pending)
        self.bar.discard_wanted.connect(self._discard_pending)
        self.bar.go_wanted.connect(self._go_pending)

    def close(self) -> None:
        """See Control."""
        if self.tool is not None:
            self.tool.cancel()
            self.window.parts.app.focusChanged.disconnect(self._focus_changed)

    # -- keys go where the pose is -------------------------------------------------------------------------------------

    def _pointer_entered(self) -> None:
        """While a pose is worked on, its keys (S, W, E ...) are heard where the pointer is, without a click first."""
        view, focus = self.window.viewport.viewport, self.window.parts.app.focusWidget()
        at_work = bool(self.posing.unkeyed) or self.posing.rig.tool is not Tool.SELECT
        mine = focus is None or focus.window() is self.window or (view is not None and focus.window() is view.window())
        if view is not None and at_work and mine and not is_typed_in(focus):
            view.setFocus(Qt.FocusReason.MouseFocusReason)

    def _focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        """The bar names a key only while that key would be heard."""
        view = self.window.viewport
        if self.posing.unkeyed and (_inside(view, old) or _inside(view, new)):
            self._write_bar()

    # -- what is shown -------------------------------------------------------------------------------------------------

    def usable(self) -> bool:
        """Whether the body in the picture can be posed now: not while it plays or something else is compared."""
        w = self.window
        view = w.viewport.viewport
        drawing = self.path is not None and self.path.drawing
        return view is not None and not (w.transport.playing or w.stage.comparing or drawing)

    def show_pose(self, *, redraw: bool = True) -> None:
        """Bring the picture in step with the pose of the playhead; without ``redraw`` only where it differs."""
        w, posing = self.window, self.posing
        free = not w.transport.playing and not w.stage.comparing
        wanted = free and (posing.has_something or w.picture.shown is None)
        differs = w.picture.pose_at_frame(posing.posed_frame() if wanted else None)
        if w.viewport.viewport is not None and (differs or redraw):
            w.viewport.viewport.stir()
        self._mark_parts()

    def _mark_parts(self) -> None:
        """What the body picker shows of the pose; not while nobody sees it."""
        figure, posing = self.window.commands.of(BodyPartsControl).picker.figure, self.posing
        if not figure.isVisible():
            return
        pose, rest = posing.pose(), posing.rest_joints()
        held_keys = [key for _, key in keys.keys_at(posing.document, posing.frame)]
        stress = joint_limits.stress(pose.rotations)
        figure.set_marks(
            Marks(
                pinned=frozenset(posing.rig.holding_pins(pose, rest, floor=posing.floor)),
                keyed=frozenset(name for key in held_keys for name in (*key.rotations, *key.positions)),
                active=posing.rig.active,
                stress={name: round(float(stress[joint]), 2) for name, joint in INDEX.items() if stress[joint] > 0.05},
            )
        )

    def document_changed(self, old: Document, new: Document) -> None:
        """See Control."""
        self.posing.document_changed(old, new)
        self.show_pose(redraw=old is new or old.id != new.id)  # what else of a document is seen, the stage knows
        self._write_bar()

    def _key_dots(self) -> tuple[KeyDot, ...]:
        """Keys on the trajectories that are shown, as far as they can be changed."""
        found = self.window.picture.key_dots(float(self.posing.frame))
        open_frames = {frame for _, frame, _ in found if keys.open_keys_at(self.posing.document, frame)}
        return tuple(KeyDot(*dot) for dot in found if dot[1] in open_frames)

    def _draw_path(self) -> None:
        on = self._on("path.draw")
        if self.path is None:
            return
        self.path.set_drawing(on)
        if on and self.window.viewport.viewport is not None:
            display = self.window.viewport.viewport.display
            self.window.viewport.viewport.set_display(display.with_option(Option.PATH, on=True))
            self.window.viewport.viewport.setFocus()

    def _drawn(self, made: int) -> None:
        self.window.actions_by_id["path.draw"].setChecked(False)
        if made:
            self.say(f"Drew a path of {made} waypoints")

    def _draft(self, document: object) -> None:
        """The motion around a pose that is dragged and not keyed answers it too (issue 4, draft while dragging)."""
        if isinstance(document, Document):
            self.window.live.preview(document)
        else:
            self.window.live.end()

    def _rig_changed(self) -> None:
        rig, actions = self.posing.rig, self.window.actions_by_id
        for name, tool in TOOLS.items():
            actions[name].setChecked(rig.tool is tool)
        for name, mode in MODES.items():
            actions[name].setChecked(rig.mode is mode)
        actions["pose.local"].setChecked(rig.local)
        view = self.window.viewport.viewport
        if view is not None:
            view.posing = rig.tool is not Tool.SELECT
            view.picks_ends = rig.tool is Tool.MOVE
            view.update()
        self._mark_parts()

    def _write_bar(self) -> None:
        bar, unkeyed = self.bar, self.posing.unkeyed
        if bar is None:
            return
        here = self.posing.frame in unkeyed
        frame = self.posing.frame if here else min(unkeyed, default=0)
        more = len(unkeyed) - 1
        text = "" if not unkeyed else f"Unkeyed pose at frame {frame}" + (f", and {more} more" if more else "")
        heard = _inside(self.window.viewport, self.window.parts.app.focusWidget())
        key = self.window.actions_by_id["pose.key"].shortcut().toString() if heard else ""
        part = self.posing.part_of(unkeyed[frame].touched) if unkeyed else None
        tip = "Makes a key of the whole body" if part is None else f"Makes a limb key of {len(part)} joints"
        bar.show_state(text, here=here, key=key, key_tip=tip, heard=heard)

    def _joint_at(self, x: float, y: float) -> int | None:
        view = self.window.viewport.viewport
        found = None if view is None else view.pick(QPointF(x, y))
        return None if found is None or found.key is not None else INDEX[held(found.joint)]

    def _on(self, action_id: str) -> bool:
        return self.window.actions_by_id[action_id].isChecked()

    def say(self, sentence: str) -> None:
        """In the status bar."""
        self.window.statusBar().showMessage(sentence, SAID_MS)

    # -- tools ---------------------------------------------------------------------------------------------------------

    def use_tool(self, tool: Tool) -> None:
        """What a drag on the body does."""
        if self.tool is not None:
            self.tool.cancel()
        self.posing.rig.set_tool(tool)
        if tool is not Tool.SELECT and not self.joints.joints:
            self.say(
                "Click the body to choose a joint, or drag it"
                if tool is Tool.MOVE
                else "Click the body to choose a joint"
            )

    def use_mode(self, mode: IkMode) -> None:
        """What follows a joint that is moved."""
        self.posing.rig.set_mode(mode)
        self.say(f"Follows a joint that is moved: {mode.value.lower()}")

    def _next_mode(self) -> None:
        modes = list(IkMode)
        self.use_mode(modes[(modes.index(self.posing.rig.mode) + 1) % len(modes)])

    def _by_key(self, *, moves: bool) -> None:
        if self.tool is not None and not self.tool.begin_by_key(moves=moves):
            self.say("Select a joint first: click the body")

    def _menu(self, at: QPoint) -> None:
        """The context menu, about the joint under the pointer when nothing is selected."""
        view = self.window.viewport.viewport
        if view is None or not self.usable():
            return
        joint = self._joint_at(at.x(), at.y())
        if joint is not None and JOINTS[joint] not in self.joints.joints:
            self.joints.select({JOINTS[joint]})
        menu = QMenu(self.window)
        menu.setToolTipsVisible(True)
        for action_id in CONTEXT:
            if action_id == SEPARATOR:
                menu.addSeparator()
            else:
                menu.addAction(self.window.actions_by_id[action_id])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(view.mapToGlobal(at))

    # -- keys ----------------------------------------------------------------------------------------------------------

    def set_key(self, *, rotations: bool = True, places: bool = True) -> None:
        """Key what is shown at the playhead; what cannot be done is said."""
        try:
            said = self.posing.set_key(rotations=rotations, places=places)
        except EditError as error:
            self.window.post(refusal(str(error)))
            return
        self.say(said)

    def _switch_auto_key(self) -> None:
        self.posing.set_auto_key(self._on("pose.auto_key"))
        if self.posing.auto_key_wanted and not self.posing.auto_key:
            self.say("Auto-key begins with the first key: pose, then press S")

    def _discard(self) -> None:
        if not self.posing.discard():
            self.say("There is no unkeyed pose at this frame")

    def _pending_frame(self) -> int | None:
        unkeyed = self.posing.unkeyed
        return self.posing.frame if self.posing.frame in unkeyed else min(unkeyed, default=None)

    def _go_pending(self) -> None:
        frame = self._pending_frame()
        if frame is not None:
            self.window.transport.seek(frame)

    def _key_pending(self) -> None:
        self._go_pending()
        self.set_key()

    def _discard_pending(self) -> None:
        self.posing.discard(self._pending_frame())

    def _carry(self, on: bool) -> None:
        """Shift and the middle button in the ruler; while Hold Pose is switched on, it is that which carries."""
        if self._on("pose.hold"):
            return
        self.posing.hold(on)
        key = self.window.actions_by_id["pose.key"].shortcut().toString()
        if not on and self.posing.frame in self.posing.unkeyed:
            self.say(f"The pose is held at frame {self.posing.frame}" + (f": {key} keys it" if key else ""))

    # -- joints --------------------------------------------------------------------------------------------------------

    def _pin(self, *, turn: bool) -> None:
        feet = (name.replace("_foot", "_ankle") for name in self.joints.joints)
        names = sorted(name for name in feet if name in PINNABLE)
        if not names:
            self.say("Hands, feet, head and pelvis can be pinned: select one of them")
            return
        on = self.posing.rig.toggle_pin(names, turn=turn)
        what, who = "orientation" if turn else "place", ", ".join(spoken(name) for name in names)
        self.say(f"{'Pinned' if on else 'Freed'} the {what} of {who}")

    def _free_pins(self) -> None:
        self.posing.rig.free_pins()

    def _select_mirrored(self) -> None:
        self.joints.mirror()

    def _free(self) -> None:
        freed = [name for name in self.joints.joints if self.posing.rig.free(name)]
        self.say(f"{len(freed)} joints follow again" if freed else "None of the selected joints was put anywhere")

    def _select_limb(self) -> None:
        self.joints.select(frozenset[str]().union(*(limb_names(name) for name in self.joints.joints)))


def _inside(panel: QWidget, widget: QWidget | None) -> bool:
    return widget is not None and (widget is panel or panel.isAncestorOf(widget))
