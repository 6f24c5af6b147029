"""Keymaps: which keys mean what. Presets are data over the ACTIONS table, the user's changes lie on top. No widgets.

Three layers, each stronger than the one before: the table's own keys (preset Studio), what another preset changes, and
what the user changed. A key that a stronger layer gives to one command is taken from every command of a weaker layer
that would hear it too, so a preset stays free of conflicts whatever commands are added to the table later.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from types import MappingProxyType

import msgspec
from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

from genmo_studio.ui.actions.spec import ActionSpec
from genmo_studio.ui.key_presets import BLENDER, EDITOR, MAYA

Keys = tuple[str, ...]
LARGEST_FILE = 1_000_000
"""Bytes of a keymap file; a full one has some 10,000."""
_MOST_KEYS = 4
"""Keys of one command."""
_FORMAT = "genmo-studio-keys"


class KeymapError(ValueError):
    """A keymap cannot be read; the message is one sentence for the user."""


class Preset(Enum):
    """Whose habits the keys follow."""

    STUDIO = "Studio"
    MAYA = "Maya"
    BLENDER = "Blender"
    EDITOR = "Editor"

    @property
    def keys(self) -> Mapping[str, Keys]:
        """Differences from the table, by action id."""
        return _PRESETS[self]


_PRESETS: Mapping[Preset, Mapping[str, Keys]] = MappingProxyType(
    {Preset.STUDIO: MappingProxyType({}), Preset.MAYA: MAYA, Preset.BLENDER: BLENDER, Preset.EDITOR: EDITOR}
)

_HARD = {
    "\\": "0",
    "|": "0",
    "/": "Ins",
    "~": "Del",
    "`": "Del",
    "[": "PgUp",
    "{": "PgUp",
    "]": "PgDown",
    "}": "PgDown",
}
"""Keys that many layouts (German, Nordic, French) reach only with AltGr or not at all, and an easy one for each."""
_EASIER = ("Ctrl", "Alt", "Ctrl+Alt", "Ctrl+Shift", "Alt+Shift")
"""Modifiers that are tried in this order for the easy key."""


@dataclass(frozen=True)
class Keymap:
    """A preset and what the user changed."""

    preset: Preset = Preset.STUDIO
    changes: Mapping[str, Keys] = field(default_factory=dict)
    """Keys by action id; an empty tuple takes all keys away. Ids that this version does not know are kept."""


@lru_cache(maxsize=4096)
def normal(key: str) -> str:
    """The one spelling of a key string; empty when it is not a key (KB4: whatever the system calls it)."""
    sequence = QKeySequence.fromString(key, QKeySequence.SequenceFormat.PortableText)
    if sequence.count() != 1:
        return ""
    pressed: QKeyCombination = sequence[0]  # type: ignore[index]  # PySide's stubs leave the operator out
    if pressed.key() in (Qt.Key.Key_unknown, Qt.Key(0)):
        return ""
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)


def key_of(combination: QKeyCombination) -> str:
    """The key string of a pressed key; empty for a modifier alone. Shift is left out where it only makes the sign."""
    key, held = combination.key(), combination.keyboardModifiers()
    if key in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr, Qt.Key(0)):
        return ""
    if key is Qt.Key.Key_Backtab:
        key = Qt.Key.Key_Tab
    is_sign = 0x21 <= key.value <= 0x7E and not chr(key.value).isalnum()
    drop = Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier
    held &= ~(drop | Qt.KeyboardModifier.ShiftModifier) if is_sign and _shifted(chr(key.value)) else ~drop
    return QKeySequence(QKeyCombination(held, key)).toString(QKeySequence.SequenceFormat.PortableText)


def _shifted(sign: str) -> bool:
    """Signs that the US layout types with Shift: their key strings never name it."""
    return sign in '~!@#$%^&*()_+{}|:"<>?'


def resolved(table: Iterable[ActionSpec], keymap: Keymap) -> dict[str, Keys]:
    """The keys of every command under a keymap, first key first."""
    entries = tuple(table)
    preset = keymap.preset.keys
    layers: tuple[Callable[[ActionSpec], Keys | None], ...] = (
        lambda entry: keymap.changes.get(entry.id),
        lambda entry: preset.get(entry.id) if entry.id not in keymap.changes else None,
        lambda entry: entry.keys if entry.id not in keymap.changes and entry.id not in preset else None,
    )
    found: dict[str, Keys] = {}
    held = _Held()
    for layer in layers:
        given: list[tuple[str, ActionSpec]] = []
        for entry in entries:
            keys = layer(entry)
            if keys is None:
                continue
            spelled = dict.fromkeys(spelling for key in keys if (spelling := normal(key)))
            free = tuple(key for key in spelled if not held.by(key, entry))
            found[entry.id] = free
            given += [(key, entry) for key in free]
        for key, entry in given:  # commands of one layer do not take keys from each other
            held.add(key, entry)
    return _with_easy_keys(entries, found)


class _Held:
    """Who has which key."""

    def __init__(self, entries: Iterable[ActionSpec] = (), keys: Mapping[str, Keys] | None = None) -> None:
        self._by_key: dict[str, list[ActionSpec]] = {}
        for entry in entries:
            for key in (keys or {}).get(entry.id, ()):
                self.add(key, entry)

    def add(self, key: str, entry: ActionSpec) -> None:
        self._by_key.setdefault(key, []).append(entry)

    def by(self, key: str, entry: ActionSpec) -> list[ActionSpec]:
        """Who else would hear the key where ``entry`` hears it."""
        holders = self._by_key.get(key, ())
        return [other for other in holders if other.id != entry.id and other.scope.meets(entry.scope)]


def _with_easy_keys(entries: tuple[ActionSpec, ...], found: dict[str, Keys]) -> dict[str, Keys]:
    """A second key for commands that have only keys that are hard to reach on other keyboards (KB4)."""
    held = _Held(entries, found)
    for entry in entries:
        keys = found.get(entry.id, ())
        if not keys or not all(is_hard(key) for key in keys):
            continue
        for candidate in _easy_keys(keys[0]):
            if not held.by(candidate, entry):
                found[entry.id] = (*keys, candidate)
                held.add(candidate, entry)
                break
    return {entry.id: found.get(entry.id, ()) for entry in entries}


def is_hard(key: str) -> bool:
    """True for keys that need AltGr, or are missing, on common keyboards outside the USA."""
    return key[-1:] in _HARD


def _easy_keys(key: str) -> list[str]:
    held, sign = key[:-1], key[-1]
    tried = [f"{more}+{_HARD[sign]}" for more in _EASIER]
    mixed = [f"{held}{more}+{_HARD[sign]}" for more in _EASIER if held and more not in held]
    return [normal(candidate) for candidate in [*mixed, *tried] if normal(candidate)]


def clashes(table: Iterable[ActionSpec], keymap: Keymap) -> list[tuple[str, str, str]]:
    """Pairs of ids that fight for a key under a keymap, with the key; empty for every preset."""
    entries = tuple(table)
    keys = resolved(entries, keymap)
    held, found = _Held(), []
    for entry in entries:
        for key in keys[entry.id]:
            found += [(other.id, entry.id, key) for other in held.by(key, entry)]
            held.add(key, entry)
    return found


def takes_from(table: Iterable[ActionSpec], keymap: Keymap, *, action_id: str, key: str) -> tuple[ActionSpec, ...]:
    """The commands that would lose ``key`` if it were given to ``action_id``."""
    entries = tuple(table)
    wanted = next(entry for entry in entries if entry.id == action_id)
    return tuple(_Held(entries, resolved(entries, keymap)).by(normal(key), wanted))


def assigned(table: Iterable[ActionSpec], keymap: Keymap, *, action_id: str, keys: Keys) -> Keymap:
    """Give keys to a command, taking them from whoever has them."""
    entries = tuple(table)
    spelled = tuple(dict.fromkeys(spelling for key in keys if (spelling := normal(key))))[:_MOST_KEYS]
    now = resolved(entries, keymap)
    changes = dict(keymap.changes)
    for key in spelled:
        for loser in takes_from(entries, keymap, action_id=action_id, key=key):
            left = changes.get(loser.id, now[loser.id])
            changes[loser.id] = tuple(other for other in left if other != key)
    changes[action_id] = spelled
    return Keymap(keymap.preset, changes)


def restored(table: Iterable[ActionSpec], keymap: Keymap, *, action_id: str) -> Keymap:
    """Give a command the keys that the preset gives it, taking them back from whoever got them."""
    entries = tuple(table)
    keys = resolved(entries, Keymap(keymap.preset))[action_id]
    changes = assigned(entries, keymap, action_id=action_id, keys=keys).changes
    return Keymap(keymap.preset, {other: keys for other, keys in changes.items() if other != action_id})


# -- files -------------------------------------------------------------------------------------------------------------


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """A keymap as JSON."""

    format: str
    preset: str
    changes: dict[str, list[str]]


def to_json(keymap: Keymap) -> bytes:
    """A keymap as a small JSON file."""
    file = _File(
        _FORMAT, keymap.preset.name.lower(), {name: list(keys) for name, keys in sorted(keymap.changes.items())}
    )
    return msgspec.json.format(msgspec.json.encode(file), indent=2)


def from_json(data: bytes, table: Iterable[ActionSpec]) -> Keymap:
    """Read a keymap file. KeymapError with one sentence when it is not one, or contradicts itself."""
    if len(data) > LARGEST_FILE:
        raise KeymapError("This file is too large for a keymap.")
    try:
        file = msgspec.json.decode(data, type=_File)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise KeymapError("This file is not a keymap of GENMO Studio.") from error
    presets = {preset.name.lower(): preset for preset in Preset}
    if file.format != _FORMAT or file.preset not in presets:
        raise KeymapError("This file is not a keymap of GENMO Studio, or of a version that is not known here.")
    changes: dict[str, Keys] = {}
    for name, keys in file.changes.items():
        if len(name) > 100 or len(keys) > _MOST_KEYS:
            raise KeymapError(f"“{name[:60]}” has more than {_MOST_KEYS} keys.")
        wrong = next((key for key in keys if len(key) > 60 or not normal(key)), None)
        if wrong is not None:
            raise KeymapError(f"“{wrong[:60]}” is not a key (for “{name[:60]}”).")
        changes[name] = tuple(normal(key) for key in keys)
    keymap = Keymap(presets[file.preset], changes)
    fights = clashes(table, keymap)
    if fights:
        first, second, key = fights[0]
        raise KeymapError(f"The file gives {key} both to “{first}” and to “{second}”.")
    return keymap
