"""Captions of training clips: cleaned source texts, sentences from content and style words, mirrored wording."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

MAX_CAPTION = 300
"""Characters; longer source texts are cut at a word."""
_USELESS = {"", "unknown", "none", "n/a", "test", "no description", "motorcycle"}


class Caption(msgspec.Struct, frozen=True):
    """A sentence about the frames [start, stop) of a clip; stop = -1 is the clip's end."""

    text: str
    mirrored: str
    """The same for the clip mirrored left to right."""
    start: int = 0
    stop: int = -1


_CONTENTS: dict[str, tuple[str, str]] = {
    "walk": ("walks", "walking"),
    "walking": ("walks", "walking"),
    "slow walk": ("walks slowly", "walking slowly"),
    "walk-back": ("walks backwards", "walking backwards"),
    "walk-left": ("walks to the left", "walking to the left"),
    "walk-right": ("walks to the right", "walking to the right"),
    "walk-turn-left": ("walks and turns left", "walking in a left turn"),
    "walk-turn-right": ("walks and turns right", "walking in a right turn"),
    "run": ("runs", "running"),
    "run/jog": ("jogs", "jogging"),
    "jog": ("jogs", "jogging"),
    "run forward": ("runs forward", "running forward"),
    "run left": ("runs and turns left", "running to the left"),
    "run right": ("runs and turns right", "running to the right"),
    "run turn left": ("runs and turns left", "running to the left"),
    "run turn right": ("runs and turns right", "running to the right"),
    "dash": ("dashes forward", "sprinting"),
    "jump": ("jumps", "jumping"),
    "jumping": ("jumps", "jumping"),
    "forward jump": ("jumps forward", "jumping forward"),
    "jumping jacks": ("does jumping jacks", "doing jumping jacks"),
    "bow": ("bows", "bowing"),
    "bye": ("waves goodbye", "waving goodbye"),
    "byebye": ("waves goodbye again and again", "waving bye-bye"),
    "wave hello": ("waves hello", "waving hello"),
    "wave-left-hand": ("waves the left hand", "waving with the left hand"),
    "wave-right-hand": ("waves the right hand", "waving with the right hand"),
    "wave-both-hands": ("waves both hands", "waving with both hands"),
    "raise-up-left-hand": ("raises the left hand", "raising the left arm"),
    "raise-up-right-hand": ("raises the right hand", "raising the right arm"),
    "raise-up-both-hands": ("raises both hands", "raising both arms"),
    "call": ("beckons someone over", "calling someone over"),
    "guide": ("shows the way with a hand", "guiding someone with a gesture"),
    "respond": ("answers with a gesture", "responding with a gesture"),
    "slash": ("slashes with a sword", "swinging a sword"),
    "swordplay": ("fights with a sword", "swinging a sword"),
    "punch": ("punches", "throwing a punch"),
    "punch forward": ("punches forward", "throwing a punch"),
    "punch left": ("punches to the left", "throwing a punch to the left"),
    "punch/strike": ("punches and strikes", "throwing punches"),
    "boxing": ("boxes", "boxing"),
    "kick": ("kicks", "kicking"),
    "front kick": ("kicks to the front", "doing a front kick"),
    "spinkick": ("does a spin kick", "spinning and kicking"),
    "dance": ("dances", "dancing"),
    "dance-short": ("dances", "dancing"),
    "dance a": ("dances", "dancing"),
    "dance b": ("dances", "dancing"),
    "dance spin": ("dances and spins", "dancing with a spin"),
    "dance charleston": ("dances the charleston", "dancing the charleston"),
    "dance body roll": ("dances with a body roll", "dancing with body rolls"),
    "dance reach hip": ("dances with a hand on the hip", "dancing and swaying the hips"),
    "salsa dance": ("dances salsa", "dancing salsa"),
    "indian dance": ("does an Indian dance", "dancing an Indian dance"),
    "spin": ("spins around", "spinning"),
    "backflip": ("does a backflip", "doing a backflip"),
    "sideflip": ("does a side flip", "doing a side flip"),
    "cartwheel": ("does a cartwheel", "doing a cartwheel"),
    "roll": ("rolls on the ground", "doing a roll"),
    "crawl": ("crawls on hands and knees", "crawling"),
    "crawl rm": ("crawls forward", "crawling"),
    "getup facedown": ("gets up from lying face down", "getting up from the ground"),
    "getup faceup": ("gets up from lying on the back", "getting up from the ground"),
    "get up from ground": ("gets up from the ground", "getting up from the ground"),
    "get up face down": ("gets up from lying face down", "getting up from the ground"),
    "stealthy walk": ("sneaks", "walking stealthily"),
    "zombie walk": ("walks like a zombie", "walking like a zombie"),
    "zombie": ("moves like a zombie", "acting like a zombie"),
    "laugh": ("laughs", "laughing"),
    "climb ladder": ("climbs a ladder", "climbing a ladder"),
    "climb 3 steps": ("climbs three steps", "climbing three steps"),
    "martial arts (karate)": ("does karate", "doing karate"),
    "dab": ("dabs", "doing a dab"),
    "meditate": ("sits and meditates", "meditating"),
    "pushup": ("does push-ups", "doing push-ups"),
    "sleeping": ("lies asleep", "sleeping on the ground"),
    "victory": ("celebrates a victory", "cheering"),
    "throw ball": ("throws a ball", "throwing a ball"),
    "dizzy": ("sways as if dizzy", "feeling dizzy"),
    "confused": ("looks confused", "acting confused"),
    "reject": ("refuses with a gesture", "rejecting something"),
    "fighting idle": ("stands ready to fight", "standing in a fighting stance"),
    "idle listening": ("stands and listens", "standing and listening"),
    "tired hunched": ("stands hunched and tired", "standing hunched over, tired"),
    "directing traffic": ("directs traffic", "directing traffic"),
    "drink soda": ("drinks soda", "drinking soda"),
    "wash windows": ("washes windows", "washing windows"),
}
"""Content words -> (third person, gerund)."""

_STYLES: dict[str, tuple[str, ...]] = {
    "normal": (),
    "active": ("energetically", "in an active way"),
    "angry": ("angrily", "in anger"),
    "childish": ("like a child", "childishly"),
    "chimpira": ("like a swaggering thug", "with a cocky swagger"),
    "elderly": ("like an old person", "slowly, as elderly people do"),
    "old": ("like an old person", "slowly, as elderly people do"),
    "exhausted": ("while exhausted", "in a worn-out way"),
    "tired": ("while tired", "tiredly"),
    "feminine": ("in a feminine way", "gracefully, like a woman"),
    "masculine": ("in a masculine way", "like a strong man"),
    "masculinity": ("in a masculine way", "like a strong man"),
    "giant": ("like a heavy giant", "with heavy steps, like a giant"),
    "happy": ("happily", "in a good mood"),
    "musical": ("rhythmically, as in a musical", "theatrically"),
    "not-confident": ("timidly", "without confidence"),
    "proud": ("proudly", "full of pride"),
    "sad": ("sadly", "in a sad mood"),
    "youthful": ("with youthful energy", "like a young person"),
}


_NO_CAPTION = re.compile(r"https?:|</?\w+|^[\W\d_]*$")
"""Advertisements among the written captions (KIT-ML has one), and numbers alone."""


def captions_of(label: Mapping[str, Any], *, fps: float = 30.0) -> tuple[Caption, ...]:
    """Every caption of a clip: its written texts, or sentences from its content and style words.

    ``label`` holds ``texts`` (list of {text, start?, end?} with seconds), ``content``, ``style``. Useless texts
    ("Unknown") are left out; an empty answer means that the clip trains without text.
    """
    found: list[Caption] = []
    phrases: list[str] = []
    for entry in label.get("texts") or ():
        text = clean(str(entry.get("text", "")))
        if text.lower() in _USELESS or _NO_CAPTION.search(text):
            continue
        if entry.get("from") == "KIT-ML" or len(text.split()) > 7:
            start = round(float(entry.get("start", 0.0)) * fps)
            stop = round(float(entry["end"]) * fps) if "end" in entry else -1
            found.append(_caption(text, start=start, stop=stop))
        else:
            phrases.append(text)
    style = str(label.get("style") or "normal")
    content = clean(str(label.get("content") or ""))
    if not phrases and not found and content.lower() not in _USELESS:
        phrases.append(str(label.get("content")) if str(label.get("content")) in _CONTENTS else content)
    for phrase in dict.fromkeys(phrases):
        found += [_caption(sentence) for sentence in sentences(phrase, style=style)]
    return tuple(dict.fromkeys(found))


def sentences(phrase: str, *, style: str = "normal") -> list[str]:
    """Paraphrases of a content phrase in a style ("walk", "angry" -> "a person walks angrily", ...)."""
    verbs = _CONTENTS.get(phrase.lower())
    manners = _STYLES.get(style, (f"in a {style} way",))
    if verbs is None:
        phrase = phrase.lower()
        return [phrase, f"a person: {phrase}", *(f"{phrase}, {manner}" for manner in manners)]
    third, gerund = verbs
    if not manners:
        return [f"a person {third}", f"someone is {gerund}", f"a human {third}", gerund, f"the person {third} normally"]
    made = [f"a person {third} {manner}" for manner in manners]
    made += [f"someone is {gerund} {manners[0]}", f"{gerund} {manners[-1]}", f"a person {third}"]
    return made


def clean(text: str) -> str:
    """One line of plain words: camel case and underscores split, white space joined, length bounded."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.replace("_", " "))
    text = " ".join(text.split()).strip(" .-")
    if len(text) > MAX_CAPTION:
        text = text[:MAX_CAPTION].rsplit(" ", 1)[0]
    return text


_SWAP = {
    "left": "right", "leftward": "rightward", "leftwards": "rightwards", "lefthand": "righthand",
    "clockwise": "counterclockwise", "counterclockwise": "clockwise", "anticlockwise": "clockwise",
    "counter-clockwise": "clockwise", "anti-clockwise": "clockwise",
}  # fmt: skip
_SWAP |= {right: left for left, right in list(_SWAP.items()) if left.startswith("left")}
_SIDED = re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, _SWAP), key=len, reverse=True)) + r")\b", re.IGNORECASE)


def mirrored(text: str) -> str:
    """The text of the mirrored motion: left and right, clockwise and counterclockwise change places."""

    def swap(match: re.Match[str]) -> str:
        word = match.group()
        other = _SWAP[word.lower()]
        return other.capitalize() if word[0].isupper() else other

    return _SIDED.sub(swap, text)


def sample_caption(captions: Sequence[Caption], rng: np.random.Generator) -> Caption | None:
    """One caption at random, None where there is none."""
    return captions[int(rng.integers(len(captions)))] if captions else None


def _caption(text: str, *, start: int = 0, stop: int = -1) -> Caption:
    return Caption(text=text, mirrored=mirrored(text), start=start, stop=stop)
