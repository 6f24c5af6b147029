"""From older project layouts to the present one: pure functions on plain dicts, one file each.

A migration is never changed after a release that writes its target; golden files in the tests hold it in place.
Migrations may assume nothing about the dict: what is not as expected raises KeyError, TypeError, ValueError or
AttributeError, which the loader turns into one sentence.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from genmo_studio.document.migrations import from_0_9, from_1_0

Raw = dict[str, Any]
Version = tuple[int, int]


class Migration(msgspec.Struct, frozen=True):
    """One step of the chain."""

    source: Version
    target: Version
    run: Callable[[Raw], Raw]


CHAIN: tuple[Migration, ...] = (
    Migration((0, 9), (1, 0), from_0_9.migrate),
    Migration((1, 0), (1, 1), from_1_0.migrate),
)
"""Oldest first; each target is the next source, the last target is the present schema."""


def migrated(raw: Raw, version: Version, *, chain: tuple[Migration, ...] = CHAIN) -> Raw:
    """The project in the layout of the chain's end. LookupError when no migration starts at ``version``."""
    if version == chain[-1].target:
        return raw
    sources = [migration.source for migration in chain]
    if version not in sources:
        raise LookupError(f"no migration starts at schema {version[0]}.{version[1]}")
    for migration in chain[sources.index(version) :]:
        raw = migration.run(raw)
    return raw
