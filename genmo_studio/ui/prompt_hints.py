"""What a prompt should look like, and what in it will not come out: said while it is typed (ON5). Pure."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from genmo_studio.conditions import text as text_checks
from genmo_studio.document.model import TextClip
from genmo_studio.document.time import Span

ADVICE = "One person, one or two actions, plain English, such as “a person walks forward and waves”."

_UNSUPPORTED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Only one person is animated: “{word}” has no effect.": (
            "two people", "three people", "people", "another person", "someone else", "partner", "each other", "crowd",
            "they", "opponent", "dog", "horse", "cat",
        ),
        "The body has no face and no fingers: “{word}” is not shown.": (
            "finger", "fingers", "thumb", "smile", "smiles", "smiling", "laughs", "blinks", "eyes", "mouth", "face",
            "cries", "talks", "speaks", "sings",
        ),
        "There is no scenery, and the floor is flat: “{word}” is only played as if it were there.": (
            "stairs", "steps up", "ladder", "chair", "sofa", "bed", "table", "door", "wall", "car", "bicycle", "bike",
            "swimming", "swims", "pool", "tree", "rope", "ball", "sword", "gun", "umbrella", "box",
        ),
        "Only movement is made, no picture: “{word}” has no effect.": (
            "camera", "zoom", "close-up", "lighting", "background", "sunset", "forest", "street", "city", "room",
            "slow motion", "cinematic", "wearing", "dressed",
        ),
    }
)  # fmt: skip
"""Sentence: words that call for it. The training data are single people on flat ground, bodies without hands."""

_PATTERNS = tuple(
    (sentence, re.compile(r"\b(" + "|".join(re.escape(word) for word in words) + r")\b", re.IGNORECASE))
    for sentence, words in _UNSUPPORTED.items()
)


def hints(text: str, *, frames: int) -> tuple[str, ...]:
    """Warnings about a prompt of a clip of ``frames`` frames; empty when nothing speaks against it."""
    found: list[str] = []
    if text.strip():
        clip = TextClip(id="typed", span=Span(0, max(1, frames)), text=text)
        for problem in text_checks.check([clip]):
            found.append(" ".join(part for part in (_short(problem.sentence, text), problem.advice) if part))
        letters = [sign for sign in text if sign.isalpha()]
        if letters and sum(sign.isascii() for sign in letters) < 0.7 * len(letters):
            found.append("The model was trained on English; other languages are hardly understood.")
        for sentence, pattern in _PATTERNS:
            match = pattern.search(text)
            if match:
                found.append(sentence.format(word=match.group(0)))
    return tuple(found)


def _short(sentence: str, text: str) -> str:
    """Without the quotation of the prompt, which stands above."""
    rest = re.sub(r"^“.*?”\s+", "", sentence) if sentence.startswith("“") else sentence
    return f"This text {rest}" if rest != sentence and text else sentence
