"""Schema 1.0 to 1.1: nothing moves; contacts, tweaks, locks, holds and velocities were added, all of them optional."""

from typing import Any

Raw = dict[str, Any]


def migrate(raw: Raw) -> Raw:
    """The same project."""
    return raw
