"""Selecting parts of the body."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from genmo_studio.document.model import PoseKey
from genmo_studio.document.queries import find_item
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT
from genmo_studio.ui.control.base import Control, DockSpec
from genmo_studio.ui.joint_selection import JointSelection
from genmo_studio.ui.panels.body_picker import BodyPicker

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow


class BodyPartsControl(Control):
    """The body picker, and the link between keys and joints."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self.joints = JointSelection(window.parts.settings, parent=window)
        self.picker = BodyPicker(self.joints, window.parts.theme)
        self._left_alone = False

    def docks(self) -> tuple[DockSpec, ...]:
        """See Control."""
        return (DockSpec("body_parts", "Body Parts", self.picker, beside="inspector", shown=False),)

    @contextmanager
    def left_alone(self) -> Iterator[None]:
        """Keys that are selected meanwhile do not select their joints: the graph shows some joints and keeps them."""
        self._left_alone = True
        try:
            yield
        finally:
            self._left_alone = False

    def selection_changed(self, selection: frozenset[str]) -> None:
        """A key that holds some joints selects them, while the two are linked (SE1)."""
        if self._left_alone or not self.joints.linked:
            return
        found = (find_item(self.window.editor.document, name) for name in selection)
        keys = [item for item in found if isinstance(item, PoseKey)]
        held = frozenset(name for key in keys for name in (*key.rotations, *key.positions))
        if held and len(held) < BODY_JOINT_COUNT:
            self.joints.select(held)
