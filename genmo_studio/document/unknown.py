"""Fields of a project file that this version does not know (written by a newer minor version): kept and written back.

They are remembered beside the document, found again by the ids of the things they belong to. What has no id (a piece
of the result) and what was deleted meanwhile loses its unknown fields.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Unknown:
    """Unknown fields of one object and, by field name or element id, of the objects inside it."""

    fields: dict[str, Any] = field(default_factory=dict)
    inside: dict[str, "Unknown"] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.fields or self.inside)

    def names(self, prefix: str = "") -> list[str]:
        """Dotted names of all unknown fields, for a report."""
        own = [prefix + name for name in self.fields]
        return own + [name for key, part in self.inside.items() for name in part.names(f"{prefix}{key}.")]


def unknown_of(raw: Any, known: Any) -> Unknown:
    """What ``raw`` has and ``known`` (the document as plain data) has not."""
    if isinstance(raw, dict) and isinstance(known, dict):
        fields = {name: value for name, value in raw.items() if name not in known}
        inside = {name: unknown_of(raw[name], known[name]) for name in raw if name in known}
    elif isinstance(raw, list) and isinstance(known, list | tuple):  # msgspec gives tuples
        fields, by_id = {}, _by_id(known)
        inside = {name: unknown_of(value, by_id[name]) for name, value in _by_id(raw).items() if name in by_id}
    else:
        return Unknown()
    return Unknown(fields, {name: part for name, part in inside.items() if part})


def _by_id(values: list[Any] | tuple[Any, ...]) -> dict[str, Any]:
    return {value["id"]: value for value in values if isinstance(value, dict) and isinstance(value.get("id"), str)}


def merged(known: Any, unknown: Unknown) -> Any:
    """Plain data with the unknown fields put back."""
    if not unknown:
        return known
    if isinstance(known, dict):
        both = {name: merged(value, unknown.inside.get(name, Unknown())) for name, value in known.items()}
        return {**unknown.fields, **both}
    if isinstance(known, list | tuple):
        return [
            merged(value, unknown.inside.get(value.get("id", ""), Unknown())) if isinstance(value, dict) else value
            for value in known
        ]
    return known
