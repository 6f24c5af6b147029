"""Fuzzy search: how well a few typed letters fit a title. Pure."""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

_WORD_START, _RUN, _LETTER, _GAP = 8.0, 7.0, 1.0, 0.25
_WHOLE_WORD = 12.0
_SPELLED = 4
"""Letters from which on a word is taken to be spelled out, not abbreviated."""


def score(needle: str, title: str) -> float | None:
    """How well ``needle`` fits ``title``; higher is better; None when its letters are not there in this order.

    Letters at the start of words and letters in a row count most, so ``gts`` finds "Go to Start" and ``dup`` finds
    "Duplicate" before "Undo Split". Every word of the needle must fit on its own.
    """
    words = needle.casefold().split()
    folded = title.casefold()
    total = 0.0
    for word in words:
        fit = _word_score(word, folded)
        if fit is None:
            return None
        total += fit
    return total - 0.01 * len(folded)


def _word_score(word: str, title: str) -> float | None:
    best: float | None = None
    for start in range(len(title)):
        if title[start] == word[0]:
            fit = _from(word, title, start)
            if fit is not None and (best is None or fit > best):
                best = fit
    return best


def _from(word: str, title: str, start: int) -> float | None:
    """The score when the first letter is matched at ``start``: word starts are preferred over the next same letter."""
    total, last = 0.0, -2
    at = start
    for letter in word:
        if last >= 0:
            if last + 1 < len(title) and title[last + 1] == letter:
                at = last + 1
            else:
                at = next((i for i in range(last + 1, len(title)) if title[i] == letter and _starts(title, i)), -1)
                at = title.find(letter, last + 1) if at < 0 else at
        if at < 0:
            return None
        total += _LETTER + (_RUN if at == last + 1 else 0.0) + (_WORD_START if _starts(title, at) else 0.0)
        total -= _GAP * (at - last - 1) if last >= 0 else 0.0
        last = at
    ends = last + 1 == len(title) or not title[last + 1].isalnum()
    return total + (_WHOLE_WORD if ends and last - start + 1 == len(word) and _starts(title, start) else 0.0)


def _starts(title: str, at: int) -> bool:
    return at == 0 or not title[at - 1].isalnum()


def ranked(needle: str, things: Iterable[T], *, title: Callable[[T], str]) -> list[T]:
    """The things that fit, best first; equal ones, and all of an empty needle, in their own order.

    A longer needle that stands whole in some titles was spelled out: scattered letters of others are left out then.
    """
    words = needle.casefold().split()
    if not words:
        return list(things)
    fits = [(fit, thing) for thing in things if (fit := score(needle, title(thing))) is not None]
    if len(max(words, key=len)) >= _SPELLED:
        whole = [pair for pair in fits if all(word in title(pair[1]).casefold() for word in words)]
        fits = whole or fits
    return [thing for _, thing in sorted(fits, key=lambda pair: -pair[0])]
