"""Answers of checks that are kept while what they looked at is the very same."""

from collections.abc import Callable, Iterable

from genmo_studio.conditions.problem import Problem


class Memo:
    """What each check found last time, and of what. One thread uses it at a time.

    A document is a value whose tracks are shared from edit to edit, so "the very same" is a comparison of identity:
    a hundred thousand keys that nobody touched are not looked through again because a text was moved.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[object, ...], list[Problem]]] = {}

    def of(self, check: str, seen: tuple[object, ...], look: Callable[[], Iterable[Problem]]) -> list[Problem]:
        """The problems that ``look`` finds; ``seen`` is all that it depends on, plain numbers by value."""
        known = self._known.get(check)
        if known is None or not _same(known[0], seen):
            known = self._known[check] = seen, list(look())
        return known[1]


def _same(old: tuple[object, ...], new: tuple[object, ...]) -> bool:
    return len(old) == len(new) and all(
        a is b or (isinstance(a, int | float | bytes) and a == b) for a, b in zip(old, new, strict=True)
    )
