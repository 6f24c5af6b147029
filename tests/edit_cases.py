"""What the tests of edits share: expectations on plain dicts, and the four laws that every edit obeys.

Expectations are written by other means than the edits use; comparing whole documents with them shows at once that
nothing else changed.
"""

import random
from collections.abc import Callable

from document_cases import KINDS, Plain, assert_valid, plain, random_document, randoms
from hypothesis import given, settings

from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import Edit
from genmo_studio.document.model import Document
from genmo_studio.document.schema import SCHEMA, decode, decode_raw, encode

Case = Callable[[random.Random, Document, Plain], Edit]
"""Returns an edit and turns the plain document into what is expected of it."""


def track(document: Plain, name: str) -> Plain:
    return next(track for track in document["tracks"] if track["id"] == name)


def pick(rng: random.Random, document: Plain, names: tuple[str, ...]) -> tuple[Plain, Plain]:
    row = track(document, rng.choice(names))
    return row, rng.choice(row["items"])


def start(item: Plain) -> int:
    return item["frame"] if "frame" in item else item["span"]["start"]


def tidy(document: Plain) -> None:
    """Sort every track and let the project grow, as all edits promise."""
    for row in document["tracks"]:
        row["items"].sort(key=lambda item: (start(item), item["id"]))
        for item in row["items"]:
            stop = item["frame"] + 1 + item.get("hold", 0) if "frame" in item else item["span"]["stop"]
            document["length"] = max(document["length"], stop)


def shift(item: Plain, by: int) -> None:
    if "frame" in item:
        item["frame"] += by
    else:
        item["span"] = {"start": item["span"]["start"] + by, "stop": item["span"]["stop"] + by}


def without(row: Plain, frame: int, keep: Plain) -> None:
    """In tracks of keys a key that lands on another replaces it."""
    row["items"] = [item for item in row["items"] if item is keep or item.get("frame") != frame]


def obeys_the_four_laws(build: Case, *, grows: bool = True, most: int = 4) -> None:
    """The expected result, undo restores, JSON round trip, nothing else touched; on random documents."""

    @given(randoms())
    @settings(max_examples=20)
    def laws(rng: random.Random) -> None:
        document = random_document(rng, most=most)
        before, want = plain(document), plain(document)
        edit = build(rng, document, want)
        if grows:
            tidy(want)
        editor = Editor(document)
        new = editor.edit("Try", edit)

        assert plain(new) == want  # 1: the expected result, and 4: nothing else
        assert_valid(new)
        assert plain(document) == before
        for old_part, new_part in zip(_parts(document), _parts(new), strict=False):
            assert old_part is new_part or old_part != new_part  # 4: what is equal is shared
        editor.undo()
        assert editor.document == document  # 2
        editor.redo()
        assert editor.document == new
        assert decode(decode_raw(encode(new)), SCHEMA) == new  # 3

    laws()


def _parts(document: Document) -> list[object]:
    rows = {row.id: row for row in document.tracks}
    return [rows.get(name) for name in KINDS] + [document.media, document.takes, document.result, document.markers]
