"""Schema 0.9 to 1.0.

In 0.9 a time range was ``start`` and ``length``, a clip's source was only its first source frame ``in`` (it always ran
at normal speed), and an item was ``enabled`` instead of muted. 1.0 has half-open spans everywhere, so that a clip can
be retimed, and ``muted`` as tracks do.
"""

from typing import Any

Raw = dict[str, Any]


def migrate(raw: Raw) -> Raw:
    """The same project with spans, source spans and ``muted``."""
    return {
        **raw,
        "tracks": [{**track, "items": [_item(item) for item in track.get("items", [])]} for track in raw["tracks"]],
        "takes": [_spanned(take) for take in raw.get("takes", [])],
        "result": [_spanned(piece) for piece in raw.get("result", [])],
        "in_out": _span(raw["in_out"]) if raw.get("in_out") else None,
    }


def _span(range_: Raw) -> Raw:
    return {"start": range_["start"], "stop": range_["start"] + range_["length"]}


def _spanned(value: Raw) -> Raw:
    rest = {name: part for name, part in value.items() if name not in ("start", "length")}
    return {**rest, "span": _span(value)}


def _item(item: Raw) -> Raw:
    rest = {name: part for name, part in item.items() if name != "enabled"}
    rest["muted"] = not item.get("enabled", True)
    if "frame" in rest:
        return rest
    if "in" in rest:
        first = rest.pop("in")
        rest["source"] = {"start": first, "stop": first + rest["length"]}
    return _spanned(rest)
