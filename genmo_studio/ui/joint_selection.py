"""Which joints are selected: one value for viewport, body picker and trajectories. Session state, never undone."""

from collections.abc import Iterable, Mapping

import msgspec
from PySide6.QtCore import QObject, QSettings, Signal

from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINTS, MIRROR, REGIONS

_KEY = "selection/joint_sets"
MOST_SETS, LONGEST_NAME = 40, 60
ALL = frozenset(JOINTS[:BODY_JOINT_COUNT])


class JointSelection(QObject):
    """Names of the selected joints, and sets of joints that are kept from one session to the next."""

    changed = Signal(object)  # frozenset[str]
    sets_changed = Signal()
    linked_changed = Signal(bool)

    def __init__(self, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._joints: frozenset[str] = frozenset()
        self._sets = _read(settings.value(_KEY))
        self._linked = settings.value("selection/linked", True, bool) is not False

    @property
    def joints(self) -> frozenset[str]:
        """Names of the selected joints."""
        return self._joints

    @property
    def sets(self) -> Mapping[str, frozenset[str]]:
        """Saved sets by name, in the order in which they were kept."""
        return self._sets

    @property
    def linked(self) -> bool:
        """True when selecting a key that holds some joints selects these joints too (SE1)."""
        return self._linked

    def set_linked(self, on: bool) -> None:
        """Switch the link."""
        if on != self._linked:
            self._linked = on
            self._settings.setValue("selection/linked", on)
            self.linked_changed.emit(on)

    def select(self, names: Iterable[str]) -> None:
        """Select joints; names that are none are left out."""
        chosen = frozenset(names) & ALL
        if chosen != self._joints:
            self._joints = chosen
            self.changed.emit(chosen)

    def toggle(self, names: Iterable[str]) -> None:
        """Take joints out that are all selected, otherwise add them."""
        named = frozenset(names)
        self.select(self._joints - named if named <= self._joints else self._joints | named)

    def add(self, names: Iterable[str]) -> None:
        """Add joints."""
        self.select(self._joints | frozenset(names))

    def mirror(self) -> None:
        """The other side instead."""
        self.select(JOINTS[MIRROR[INDEX[name]]] for name in self._joints)

    def invert(self) -> None:
        """All others instead."""
        self.select(ALL - self._joints)

    def keep(self, name: str) -> bool:
        """Keep the selected joints as a set; False without a name or joints."""
        name = name.strip()[:LONGEST_NAME]
        if not name or not self._joints or (name not in self._sets and len(self._sets) >= MOST_SETS):
            return False
        self._sets[name] = self._joints
        self._write()
        return True

    def forget(self, name: str) -> None:
        """Forget a set."""
        if self._sets.pop(name, None) is not None:
            self._write()

    def _write(self) -> None:
        plain = {name: sorted(joints) for name, joints in self._sets.items()}
        self._settings.setValue(_KEY, msgspec.json.encode(plain).decode())
        self.sets_changed.emit()


def region(name: str) -> frozenset[str]:
    """Joint names of a region of the skeleton; KeyError when there is none."""
    return frozenset(JOINTS[index] for index in REGIONS[name])


def _read(kept: object) -> dict[str, frozenset[str]]:
    """Sets from the settings; what cannot be read counts as none."""
    try:
        plain = msgspec.json.decode(str(kept or "{}"), type=dict[str, list[str]])
    except msgspec.MsgspecError:
        return {}
    found = {name[:LONGEST_NAME]: frozenset(joints) & ALL for name, joints in list(plain.items())[:MOST_SETS]}
    return {name: joints for name, joints in found.items() if name and joints}
