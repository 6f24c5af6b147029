"""Plain values: what the program's small frozen classes have in common.

Most of them are ``msgspec.Struct``: equal by value and frozen as a dataclass is, but made in a fiftieth of the time.
The window loads two hundred of them before it shows itself (docs/adr/0020-values-are-structs.md).
"""

import dataclasses
from typing import Any, TypeVar

import msgspec

V = TypeVar("V")


def replace(value: V, /, **changes: Any) -> V:
    """A copy with other fields, of a Struct or a dataclass; TypeError for a name that it does not have."""
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.replace(value, **changes)
    return dataclasses.replace(value, **changes)  # type: ignore[type-var]  # nothing else is given
