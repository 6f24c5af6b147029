"""Text: prompts with the window of frames they speak for. Windows may overlap."""

import re
from collections.abc import Iterable, Iterator

from genmo_studio.conditions import limits
from genmo_studio.conditions.modality import Gathered, Modality, Scope, only
from genmo_studio.conditions.problem import Problem, Severity
from genmo_studio.conditions.request import TextCondition
from genmo_studio.document.model import Item, TextClip, TrackKind

FPS = 30
"""Rate of the project; the model knows no other."""
_PARTS = re.compile(r"\b(?:and then|then|and|after that|afterwards|followed by|before|finally|next)\b|[,;.]+")
_SIGN = re.compile(r"\w+|[^\w\s]")
_VERBS = frozenset((
    "balance", "bend", "block", "bow", "box", "carry", "catch", "cheer", "clap", "climb", "crawl", "cross",
    "crouch", "dance", "dodge", "drink", "drop", "duck", "eat", "fall", "fight", "flap", "fly", "gesture", "get",
    "grab", "greet", "hang", "hit", "hold", "hop", "jog", "jump", "kick", "kneel", "knock", "land", "laugh", "lay",
    "lean", "lie", "lift", "look", "lower", "lunge", "march", "move", "nod", "pass", "pick", "place", "play",
    "point", "pray", "pull", "punch", "push", "put", "raise", "reach", "rest", "roll", "rotate", "run", "salute",
    "scratch", "shake", "shout", "shrug", "shuffle", "sit", "skate", "skip", "slap", "sleep", "slide", "sneak",
    "spin", "sprint", "squat", "stagger", "stand", "step", "stomp", "stoop", "stop", "stretch", "stride", "strike",
    "stroll", "stumble", "swim", "swing", "talk", "tap", "throw", "tiptoe", "touch", "trip", "turn", "twist",
    "wait", "walk", "wave", "wipe",
))  # fmt: skip
"""Verbs of movement, mostly those of the data's captions."""
SHORTEST = 10
"""Frames below which a prompt has no room to become a movement (a third of a second at 30 fps)."""


def gather(items: Iterable[Item], scope: Scope) -> Gathered:
    """Prompts that reach into the scope, ordered by window; empty ones say nothing and are left out."""
    conditions = []
    for clip in only(items, TextClip):
        window = scope.local(clip.span)
        if window and clip.text.strip():
            conditions.append(TextCondition(text=clip.text.strip(), span=window, weight=clip.weight))
    return Gathered(tuple(sorted(conditions, key=lambda text: (text.span, text.text, text.weight))))


def check(items: Iterable[Item]) -> Iterator[Problem]:
    """Prompts that are empty, have no room, say too much or are too long to be read."""
    for clip in only(items, TextClip):
        if not clip.text.strip():
            yield Problem(
                Severity.INFO,
                "This text is empty and says nothing.",
                clip.span,
                (clip.id,),
                why="It has no effect.",
                advice="Double-click it and type what happens.",
            )
        elif clip.span.length < SHORTEST:
            yield _found(
                clip,
                f"{_quoted(clip)} has only {clip.span.length} frames; give it {SHORTEST} or more.",
                why="A movement needs time to begin and to end.",
                advice="Drag its right edge.",
            )
        else:
            yield from _too_much(clip)


def _too_much(clip: TextClip) -> Iterator[Problem]:
    actions, signs = count_actions(clip.text), len(_SIGN.findall(clip.text))
    room = round(actions * limits.ACTION_SECONDS * FPS)
    if actions > limits.MOST_ACTIONS:
        yield _found(
            clip,
            f"{_quoted(clip)} names {actions} actions.",
            why="The model was trained on one or two at a time: it will leave some out or mix them.",
            advice="Split the clip and give each action its own text; let them overlap a little.",
        )
    elif actions > 1 and clip.span.length < room:
        yield _found(
            clip,
            f"{_quoted(clip)} names {actions} actions and has only {clip.span.length} frames.",
            why=f"Each needs about {limits.ACTION_SECONDS:.0f} s.",
            advice=f"Give it {room} frames or more, or split it.",
        )
    if signs > limits.PROMPT_TOKENS:
        yield _found(
            clip,
            f"{_quoted(clip)} has {signs} words and signs; about {limits.PROMPT_TOKENS} are read.",
            why="What stands behind them has no effect.",
            advice="Say it shorter, or split it into several texts.",
        )


def _found(clip: TextClip, sentence: str, *, why: str, advice: str) -> Problem:
    return Problem(Severity.WARNING, sentence, clip.span, (clip.id,), why=why, advice=advice)


def _quoted(clip: TextClip) -> str:
    text = clip.text.strip()
    return f"“{text[:60]}{'…' if len(text) > 60 else ''}”"


def count_actions(text: str) -> int:
    """How many actions a prompt names, at least 1: its parts between commas and words such as "then" that hold a verb.

    "While" and "with" join what happens at the same time, so they part nothing.
    """
    parts = _PARTS.split(text.lower())
    return max(1, sum(any(_is_verb(word) for word in re.findall(r"[a-z]+", part)) for part in parts))


def _is_verb(word: str) -> bool:
    if word in _VERBS:
        return True
    stems = [word[: -len(end)] for end in ("s", "es", "ing", "ed", "d") if word.endswith(end)]
    stems += [word[: -len(end)] + "y" for end in ("ies", "ied") if word.endswith(end)]
    stems += [stem + "e" for stem in stems] + [stem[:-1] for stem in stems if stem[-2:-1] == stem[-1:]]
    return any(stem in _VERBS for stem in stems)


MODALITY = Modality(kind=TrackKind.TEXT, field="texts", gather=gather, check=check)
