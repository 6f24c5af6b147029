"""Schema 1.0 to 1.1: contacts, tweaks, locks, holds and velocities were added, all of them optional.

A project that says nothing of its sampling steps was made when 50 was usual; now 20 is.
"""

from typing import Any

Raw = dict[str, Any]

USUAL_STEPS = 50


def migrate(raw: Raw) -> Raw:
    """The same project, with the steps that it would have been generated in."""
    return {**raw, "generation": {"steps": USUAL_STEPS, **raw.get("generation", {})}}
