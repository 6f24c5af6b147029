"""The checkpoints one can choose from: those in the models folder, described by their own headers."""

import json

import msgspec

from genmo_studio import paths

MAX_HEADER = 1_000_000


class ModelChoice(msgspec.Struct, frozen=True):
    """A checkpoint one can choose."""

    name: str
    """What stands in the document: a name or a path."""
    title: str
    note: str
    """What it is and its licence, one or two sentences."""


DEFAULT_MODEL = ModelChoice(
    "default",
    "Default model",
    "Ships with the program; trained on open motion capture. Licence CC BY-NC 4.0: what you make with it is for "
    "non-commercial use.",
)


def model_choices() -> tuple[ModelChoice, ...]:
    """The default model, then every other folder with a ``model.json`` in the models folder."""
    found = [DEFAULT_MODEL]
    for header in sorted(paths.models().glob("*/model.json")):
        name = header.parent.name
        if name != DEFAULT_MODEL.name and header.stat().st_size <= MAX_HEADER:
            found.append(ModelChoice(name, name, _note(header.read_text("utf-8", errors="replace"))))
    return tuple(found)


def _note(text: str) -> str:
    """What a header says about itself."""
    try:
        header = json.loads(text)
    except ValueError:
        return "Its header cannot be read."
    licence = header.get("licence") or header.get("license") if isinstance(header, dict) else None
    return f"Licence {licence}." if isinstance(licence, str) else "Its licence is not stated."
