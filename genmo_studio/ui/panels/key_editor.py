"""The dialog that changes keys: search, press a key, see at once who would lose it, export and import (KB2)."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from genmo_studio.ui.actions import ActionSpec, Scope, native
from genmo_studio.ui.keymaps import (
    LARGEST_FILE,
    Keymap,
    KeymapError,
    Preset,
    assigned,
    from_json,
    resolved,
    restored,
    takes_from,
    to_json,
)
from genmo_studio.ui.panels.key_capture import KeyCapture

_ID = int(Qt.ItemDataRole.UserRole)
_FILTER = "Keys (*.json)"


def keys_text(keys: tuple[str, ...]) -> str:
    """Keys as this system writes them."""
    return ", ".join(native(key) for key in keys)


class KeyEditor(QDialog):
    """Every change holds at once; ``changed`` tells the new keymap."""

    changed = Signal(object)  # Keymap

    def __init__(self, table: tuple[ActionSpec, ...], keymap: Keymap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Customise Keyboard")
        self.resize(720, 640)
        self._table, self._keymap = table, keymap
        self._by_id = {entry.id: entry for entry in table}
        self._preset = QComboBox()
        self._preset.setAccessibleName("Preset")
        for preset in Preset:
            self._preset.addItem(preset.value, preset)
        self._preset.activated.connect(self._preset_chosen)
        self.search = QLineEdit(placeholderText="Search commands and keys", clearButtonEnabled=True)
        self.search.setAccessibleName("Search commands and keys")
        self.search.textChanged.connect(self._filter)
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(["Command", "Keys", ""])
        self.tree.setAccessibleName("Commands and their keys")
        self.tree.setUniformRowHeights(True)
        self.tree.currentItemChanged.connect(lambda *_: self._show_command())
        self.capture = KeyCapture()
        self.capture.pressed.connect(self._pressed)
        self.note = QLabel(wordWrap=True)
        self.note.setMinimumHeight(2 * self.note.fontMetrics().height() + 2)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.set_button = _button("Set Key", self.set_key, "Give the command this key instead of its present ones")
        self.add_button = _button("Add Key", self.add_key, "Give the command this key beside its present ones")
        self.clear_button = _button("No Keys", self.clear_keys, "Take all keys from the command")
        self.reset_button = _button("Reset", self.reset_key, "The keys that the preset gives to this command")
        self._lay_out()
        self._fill()
        self.tree.expandAll()
        self.tree.resizeColumnToContents(0)
        self.tree.setColumnWidth(1, 220)
        self._show_command()

    @property
    def keymap(self) -> Keymap:
        """The keymap as it is now."""
        return self._keymap

    def choose(self, action_id: str) -> None:
        """Select a command."""
        item = self._items[action_id]
        self.tree.setCurrentItem(item)
        self.tree.scrollToItem(item)

    def show_keymap(self, keymap: Keymap) -> None:
        """Follow a change from elsewhere, such as another preset chosen in the menu."""
        if keymap != self._keymap:
            self._keymap = keymap
            self._refresh()

    # -- what the buttons do -------------------------------------------------------------------------------------------

    def set_key(self) -> None:
        """The captured key becomes the command's only key."""
        self._assign((self.capture.key,))

    def add_key(self) -> None:
        """The captured key becomes one more key of the command."""
        self._assign((*resolved(self._table, self._keymap)[self._chosen()], self.capture.key))

    def clear_keys(self) -> None:
        """The command has no key any more."""
        self._assign(())

    def reset_key(self) -> None:
        """The command has the preset's keys again."""
        self._change(restored(self._table, self._keymap, action_id=self._chosen()))

    def reset_all(self) -> None:
        """The preset as it is, without any change."""
        self._change(Keymap(self._keymap.preset))

    def export_keys(self) -> None:
        """Ask where and write the keymap."""
        name, _ = QFileDialog.getSaveFileName(self, "Export Keys", str(Path.home() / "genmo-keys.json"), _FILTER)
        if name:
            self.write(Path(name))

    def import_keys(self) -> None:
        """Ask which file and read a keymap."""
        name, _ = QFileDialog.getOpenFileName(self, "Import Keys", str(Path.home()), _FILTER)
        if name:
            self.read(Path(name))

    def write(self, path: Path) -> None:
        """Write the keymap to a file."""
        try:
            path.write_bytes(to_json(self._keymap))
        except OSError as error:
            self.note.setText(f"The keys could not be written: {error.strerror or error}. Choose another folder.")
            return
        self.note.setText(f"The keys were written to {path.name}.")

    def read(self, path: Path) -> None:
        """Read a keymap from a file; what is wrong with it is said, and the present keys stay."""
        try:
            with path.open("rb") as file:
                keymap = from_json(file.read(LARGEST_FILE + 1), self._table)
        except OSError as error:
            self.note.setText(f"{path.name} could not be read: {error.strerror or error}. Your keys are as they were.")
            return
        except KeymapError as error:
            self.note.setText(f"{error} Your keys are as they were.")
            return
        unknown = len(set(keymap.changes) - set(self._by_id))
        self._change(keymap)
        more = f" {unknown} commands in it are not known to this version." if unknown else ""
        self.note.setText(f"The keys of {path.name} hold now.{more}")

    # -- inside --------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(QLabel("Preset"))
        head.addWidget(self._preset)
        head.addSpacing(12)
        head.addWidget(self.search, 1)
        edit = QHBoxLayout()
        edit.addWidget(self.capture, 1)
        for button in (self.set_button, self.add_button, self.clear_button, self.reset_button):
            edit.addWidget(button)
        feet = QHBoxLayout()
        reset_all = _button("Reset All", self.reset_all, "Forget every change and use the preset as it is")
        for button in (
            reset_all,
            _button("Import…", self.import_keys, "Read keys from a file"),
            _button("Export…", self.export_keys, "Write the keys to a file, for another computer"),
        ):
            feet.addWidget(button)
        feet.addStretch(1)
        feet.addWidget(_button("Close", self.reject, ""))
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.tree, 1)
        layout.addLayout(edit)
        layout.addWidget(self.note)
        layout.addLayout(feet)

    def _fill(self) -> None:
        self._items: dict[str, QTreeWidgetItem] = {}
        self._groups: list[tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = []
        bold = QFont(self.font())
        bold.setBold(True)
        for scope in Scope:
            entries = [entry for entry in self._table if entry.scope is scope]
            if not entries:
                continue
            title = "Everywhere" if scope is Scope.GLOBAL else f"In the {scope.value} panel"
            group = QTreeWidgetItem([title])
            group.setFont(0, bold)
            group.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.tree.addTopLevelItem(group)
            for entry in entries:
                item = QTreeWidgetItem([entry.text.rstrip("…")])
                item.setData(0, _ID, entry.id)
                if entry.tooltip:
                    item.setToolTip(0, entry.tooltip)
                group.addChild(item)
                self._items[entry.id] = item
            self._groups.append((group, [self._items[entry.id] for entry in entries]))
        self._refresh()

    def _refresh(self) -> None:
        self._preset.setCurrentIndex(list(Preset).index(self._keymap.preset))
        for action_id, keys in resolved(self._table, self._keymap).items():
            item = self._items[action_id]
            item.setText(1, keys_text(keys))
            item.setText(2, "changed" if action_id in self._keymap.changes else "")
        self._filter(self.search.text())
        self._show_command()

    def _filter(self, needle: str) -> None:
        words = needle.casefold().split()
        for action_id, item in self._items.items():
            text = f"{item.text(0)} {item.text(1)} {action_id}".casefold()
            item.setHidden(not all(word in text for word in words))
        for group, members in self._groups:
            group.setHidden(all(member.isHidden() for member in members))

    def _chosen(self) -> str:
        item = self.tree.currentItem()
        return "" if item is None else str(item.data(0, _ID) or "")

    def _show_command(self) -> None:
        chosen = self._chosen()
        self.capture.setEnabled(bool(chosen))
        self.capture.forget()
        self.clear_button.setEnabled(bool(chosen) and bool(resolved(self._table, self._keymap)[chosen]))
        self.reset_button.setEnabled(chosen in self._keymap.changes)
        self.set_button.setEnabled(False)
        self.add_button.setEnabled(False)
        self.note.setText("" if chosen else "Choose a command to change its keys.")

    def _pressed(self, key: str) -> None:
        losers = takes_from(self._table, self._keymap, action_id=self._chosen(), key=key)
        if losers:
            names = " and ".join(f"“{entry.text.rstrip('…')}” ({entry.scope.value})" for entry in losers)
            self.note.setText(f"{native(key)} belongs to {names} now, which would lose it.")
        elif key in resolved(self._table, self._keymap)[self._chosen()]:
            self.note.setText(f"{native(key)} is a key of this command already.")
        else:
            self.note.setText(f"{native(key)} is free.")
        self.set_button.setEnabled(True)
        self.add_button.setEnabled(True)

    def _assign(self, keys: tuple[str, ...]) -> None:
        self._change(assigned(self._table, self._keymap, action_id=self._chosen(), keys=keys))

    def _change(self, keymap: Keymap) -> None:
        self._keymap = keymap
        self._refresh()
        self.changed.emit(keymap)

    def _preset_chosen(self, index: int) -> None:
        self._change(Keymap(self._preset.itemData(index), self._keymap.changes))


def _button(text: str, slot: Callable[[], None], tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)  # Enter in a field does not press it
    button.setToolTip(tip)
    button.clicked.connect(lambda _=False: slot())
    return button
