"""The last stage of loading: a document whose types are right is made valid, and what had to change is reported.

Nothing is dropped silently. A document without faults comes back as the same object.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import msgspec

from genmo_studio.document.edits.takes import cut_pieces
from genmo_studio.document.edits.tracks import MAX_HEIGHT, MIN_HEIGHT
from genmo_studio.document.model import (
    BodySettings,
    Document,
    GenerationSettings,
    Item,
    Marker,
    MediaRef,
    ResultPiece,
    Take,
    Track,
)
from genmo_studio.document.queries import MAX_FRAMES, in_order
from genmo_studio.document.time import Span
from genmo_studio.document.validation import (
    MAX_NAME,
    body_fault,
    generation_fault,
    id_fault,
    is_colour,
    item_fault,
    marker_fault,
    media_fault,
    piece_fault,
    span_fault,
    take_fault,
)

MAX_FPS = 1000
T = TypeVar("T", MediaRef, Take, Marker, Track, Item)


class _Repair:
    def __init__(self, blobs: Callable[[str], bool]) -> None:
        self.blobs = blobs
        self.report: list[str] = []

    def kept(self, values: Iterable[T], what: str, fault: Callable[[T], str | None]) -> list[T]:
        """Values without faults and with ids of their own; one sentence for all that were left out."""
        good: list[T] = []
        seen: set[str] = set()
        faults: list[str] = []
        for value in values:
            reason = fault(value) or ("its id is used twice" if value.id in seen else None)
            if reason:
                faults.append(reason)
            else:
                seen.add(value.id)
                good.append(value)
        if faults:
            self.report.append(f"{what}: {len(faults)} left out, because {faults[0]}.")
        return good

    def run(self, document: Document) -> Document:
        media = self.kept(document.media, "Media files", media_fault)
        takes = self.kept(document.takes, "Takes", self.take_fault)
        repaired = msgspec.structs.replace(
            document,
            id=document.id if not id_fault(document.id) else "project",
            name=document.name[:MAX_NAME],
            fps=self.held(document.fps, 1, MAX_FPS, "The frame rate"),
            length=self.held(document.length, 1, MAX_FRAMES, "The length"),
            tracks=self.tracks(document, {ref.id: ref for ref in media}),
            media=tuple(msgspec.structs.replace(ref, name=ref.name[:MAX_NAME]) for ref in media),
            takes=tuple(self.sound_take(take) for take in takes),
            result=self.result(document.result, {take.id: take for take in takes}),
            markers=self.markers(document.markers),
        )
        return self.settings(repaired)

    def take_fault(self, take: Take) -> str | None:
        if fault := take_fault(take):
            return fault
        return None if self.blobs(take.blob) else f"the motion of “{take.name[:80]}” is missing or damaged"

    def sound_take(self, take: Take) -> Take:
        name, base = take.name[:MAX_NAME], take.base
        if base and not self.blobs(base):
            self.report.append(
                f"The motion that “{name[:80]}” was made from is missing; the take is whole but cannot be repeated."
            )
            base = ""
        return msgspec.structs.replace(take, name=name, base=base)

    def held(self, value: int, low: int, high: int, what: str) -> int:
        if low <= value <= high:
            return value
        held = max(low, min(high, value))
        self.report.append(f"{what} was {value} and is now {held}.")
        return held

    def tracks(self, document: Document, media: Mapping[str, MediaRef]) -> tuple[Track, ...]:
        tracks = self.kept(document.tracks, "Tracks", lambda track: id_fault(track.id))
        seen: set[str] = set()
        return tuple(self.track(track, media, seen) for track in tracks)

    def track(self, track: Track, media: Mapping[str, MediaRef], seen: set[str]) -> Track:
        def fault(item: Item) -> str | None:
            if item.id in seen:
                return "its id is used on another track"
            return item_fault(item, track.kind, media)

        items = tuple(in_order(self.kept(track.items, f"Items of track “{track.name[:80]}”", fault)))
        seen.update(item.id for item in items)
        colour = track.colour if track.colour is None or is_colour(track.colour) else None
        height = max(MIN_HEIGHT, min(MAX_HEIGHT, track.height))
        return msgspec.structs.replace(track, items=items, name=track.name[:MAX_NAME], colour=colour, height=height)

    def result(self, pieces: tuple[ResultPiece, ...], takes: Mapping[str, Take]) -> tuple[ResultPiece, ...]:
        good: list[ResultPiece] = []
        faults = []
        for piece in sorted(pieces, key=lambda piece: piece.span):
            fault = piece_fault(piece, takes)
            if fault:
                faults.append(fault)
                continue
            if good and piece.span.overlaps(good[-1].span):
                self.report.append(
                    f"The result: two pieces overlapped at frame {piece.span.start}; the later is shown."
                )
                good.extend(cut_pieces((good.pop(),), Span(piece.span.start, MAX_FRAMES)))
            good.append(piece)
        if faults:
            self.report.append(f"The result: {len(faults)} left out, because {faults[0]}.")
        return tuple(good)

    def markers(self, markers: tuple[Marker, ...]) -> tuple[Marker, ...]:
        good = self.kept(markers, "Markers", marker_fault)
        plain = (
            msgspec.structs.replace(
                marker,
                name=marker.name[:MAX_NAME],
                colour=marker.colour if is_colour(marker.colour) else Marker(id="", frame=0).colour,
            )
            for marker in good
        )
        return tuple(sorted(plain, key=lambda marker: (marker.frame, marker.id)))

    def settings(self, document: Document) -> Document:
        if document.in_out and (fault := span_fault(document.in_out)):
            self.report.append(f"The in and out marks were cleared, because {fault}.")
            document = msgspec.structs.replace(document, in_out=None)
        if fault := body_fault(document.body):
            self.report.append(f"The body was reset, because {fault}.")
            document = msgspec.structs.replace(document, body=BodySettings())
        if fault := generation_fault(document.generation):
            kept = _sound_settings(document.generation)
            self.report.append(f"Settings of generation were reset where they cannot be used, because {fault}.")
            document = msgspec.structs.replace(document, generation=kept)
        return document


def _sound_settings(settings: GenerationSettings) -> GenerationSettings:
    """The settings, with the usual value in place of each one that cannot be used."""
    kept = GenerationSettings()
    for name, value in msgspec.structs.asdict(settings).items():
        tried = msgspec.structs.replace(kept, **{name: value})
        kept = kept if generation_fault(tried) else tried
    return kept


def repaired(document: Document, *, blobs: Callable[[str], bool]) -> tuple[Document, tuple[str, ...]]:
    """The valid document and a sentence for each kind of repair. ``blobs(hash)`` says if a take's motion is there."""
    repair = _Repair(blobs)
    result = repair.run(document)
    return (document if result == document else result), tuple(repair.report)
