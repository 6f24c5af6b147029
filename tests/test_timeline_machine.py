"""Random scripts of timeline edits, undo and redo against a naive model, which undoes by keeping copies."""

import copy
from typing import Any

from document_cases import BLOBS, MEDIA, assert_valid
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from timeline_model import TRACKS, Cells, Model, cells_of

from genmo_studio.document import edits
from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import Edit, EditError
from genmo_studio.document.model import (
    Document,
    Item,
    Marker,
    MusicClip,
    PoseKey,
    Take,
    TextClip,
    VideoClip,
    Waypoint,
)
from genmo_studio.document.queries import take_frame
from genmo_studio.document.schema import SCHEMA, decode, decode_raw, encode
from genmo_studio.document.time import Span

SHORT = st.integers(0, 60)
LENGTH = st.integers(1, 30)


class TimelineMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        takes = tuple(
            Take(id=name, name=name, span=Span(0, 90), blob=blob, request_hash="", seed=0, model="m")
            for name, blob in zip("xy", BLOBS, strict=True)
        )
        document = Document(id="p", name="p", length=60, media=MEDIA, takes=takes)
        for name, kind in TRACKS.items():
            document = edits.add_track(kind, track_id=name)(document)
        self.editor = Editor(document)
        self.model = Model()
        self.past: list[Model] = []
        self.future: list[Model] = []
        self.count = 0

    # -- helpers -------------------------------------------------------------------------------------------------------

    def do(self, edit: Edit, change: Any) -> None:
        """Apply the edit for real and the change to the model; one step of history when something changed."""
        model = copy.deepcopy(self.model)
        change(model)
        before = self.editor.position
        with self.editor.gesture("step") as gesture:  # a gesture whose first previews must leave no trace
            gesture.preview(edits.add_marker(Marker(id="ghost", frame=3)))
            gesture.preview(edit)
        if self.editor.position != before:
            self.past.append(self.model)
            self.future.clear()
        self.model = model

    def choose(self, data: st.DataObject, *, among: str = "vtmkw", least: int = 1) -> tuple[str, Item, Cells]:
        found = self.found(among, least)
        track, item = data.draw(st.sampled_from(found))
        cells = cells_of(item)
        return track, item, cells

    def found(self, among: str, least: int) -> list[tuple[str, Item]]:
        tracks = [track for track in self.editor.document.tracks if track.id in among]
        return [(track.id, item) for track in tracks for item in track.items if len(cells_of(item)) >= least]

    def fresh(self) -> str:
        self.count += 1
        return f"i{self.count}"

    # -- rules ---------------------------------------------------------------------------------------------------------

    @rule(track=st.sampled_from(sorted(TRACKS)), frame=SHORT, length=LENGTH, source=SHORT)
    def add(self, track: str, frame: int, length: int, source: int) -> None:
        name, span = self.fresh(), Span(frame, frame + length)
        clip_source = Span(source, source + length)
        item: Item = {
            "v": VideoClip(id=name, span=span, media="clip", source=clip_source),
            "m": MusicClip(id=name, span=span, media="song", source=clip_source),
            "t": TextClip(id=name, span=span, text=f"text {source}"),
            "k": PoseKey(id=name, frame=frame, root_position=(0.0, float(source), 0.0)),
            "w": Waypoint(id=name, frame=frame, position=(float(source), 0.0)),
        }[track]

        def change(model: Model) -> None:
            model.put(track, cells_of(item))
            model.grow()

        self.do(edits.add_item(track, item), change)

    @precondition(lambda self: self.found("vtmkw", 1))
    @rule(data=st.data(), by=st.integers(-40, 40))
    def move(self, data: st.DataObject, by: int) -> None:
        track, item, cells = self.choose(data)
        if cells[0][0] + by < 0:
            self._refused(edits.move_items([item.id], by=by))
            return

        def change(model: Model) -> None:
            model.tracks[track].remove(cells)
            model.put(track, [(frame + by, what) for frame, what in cells])
            model.grow()

        self.do(edits.move_items([item.id], by=by), change)

    def _refused(self, edit: Edit) -> None:
        before = self.editor.document
        try:
            self.editor.edit("refused", edit)
        except EditError:
            assert self.editor.document is before
        else:
            raise AssertionError("an impossible edit was done")

    @precondition(lambda self: self.found("vtm", 1))
    @rule(data=st.data(), amount=st.integers(0, 40), at_start=st.booleans())
    def trim(self, data: st.DataObject, amount: int, at_start: bool) -> None:
        track, item, cells = self.choose(data, among="vtm")
        first, stop = cells[0][0], cells[-1][0] + 1
        frame = first + amount if at_start else stop - amount
        edit = edits.trim_start(item.id, frame) if at_start else edits.trim_end(item.id, frame)
        if amount >= len(cells):
            self._refused(edit)
            return

        def change(model: Model) -> None:
            model.tracks[track].remove(cells)
            kept = [cell for cell in cells if cell[0] >= frame] if at_start else [c for c in cells if c[0] < frame]
            model.tracks[track].append(kept)

        self.do(edit, change)

    @precondition(lambda self: self.found("vtm", 1))
    @rule(data=st.data(), amount=st.integers(1, 40))
    def extend_end(self, data: st.DataObject, amount: int) -> None:
        track, item, cells = self.choose(data, among="vtm")
        last, what = cells[-1]

        def change(model: Model) -> None:
            more = range(1, amount + 1)
            added = [(last + n, what if isinstance(what, str) else (what[0], what[1] + n)) for n in more]
            model.tracks[track][model.tracks[track].index(cells)] = cells + added
            model.grow()

        edit = edits.trim_end(item.id, last + 1 + amount)
        if track == "v" and what[1] + amount >= 400:
            self._refused(edit)
        else:
            self.do(edit, change)

    @precondition(lambda self: self.found("vtm", 2))
    @rule(data=st.data(), offset=SHORT)
    def split(self, data: st.DataObject, offset: int) -> None:
        track, item, cells = self.choose(data, among="vtm", least=2)
        offset = 1 + offset % (len(cells) - 1)

        def change(model: Model) -> None:
            model.tracks[track].remove(cells)
            model.tracks[track] += [cells[:offset], cells[offset:]]

        self.do(edits.split_items([item.id], cells[0][0] + offset), change)

    @precondition(lambda self: self.found("vtmkw", 1))
    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        track, item, cells = self.choose(data)

        def change(model: Model) -> None:
            model.put(track, [(frame + len(cells), what) for frame, what in cells])
            model.grow()

        self.do(edits.duplicate_items([item.id]), change)

    @precondition(lambda self: self.found("vtmkw", 1))
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        track, item, cells = self.choose(data)
        self.do(edits.delete_items([item.id]), lambda model: model.tracks[track].remove(cells))

    @precondition(lambda self: self.found("vtm", 1))
    @rule(data=st.data())
    def ripple_delete_everywhere(self, data: st.DataObject) -> None:
        track, item, cells = self.choose(data, among="vtm")

        def change(model: Model) -> None:
            model.tracks[track].remove(cells)
            model.remove(Span(cells[0][0], cells[-1][0] + 1))

        self.do(edits.ripple_delete([item.id], all_tracks=True), change)

    @precondition(lambda self: self.found("vtmkw", 1))
    @rule(data=st.data())
    def ripple_delete_on_track(self, data: st.DataObject) -> None:
        track, item, cells = self.choose(data)
        gone = len(cells) if track not in "kw" else 0

        def change(model: Model) -> None:
            model.tracks[track].remove(cells)
            model.tracks[track] = [
                [(frame - gone, what) for frame, what in other] if other[0][0] > cells[-1][0] else other
                for other in model.tracks[track]
            ]

        self.do(edits.ripple_delete([item.id]), change)

    @rule(at=SHORT, count=LENGTH)
    def insert_time(self, at: int, count: int) -> None:
        def change(model: Model) -> None:
            model.insert(at, count)
            model.grow()

        self.do(edits.insert_time(at, count), change)

    @rule(at=SHORT, count=LENGTH)
    def delete_time(self, at: int, count: int) -> None:
        span = Span(at, at + count)
        self.do(edits.delete_time(span), lambda model: model.remove(span))

    @rule(at=SHORT)
    def close_gap(self, at: int) -> None:
        taken = {frame for items in self.model.tracks.values() for cells in items for frame, _ in cells}
        if at in taken or not any(frame > at for frame in taken):
            self._refused(edits.close_gap(at))
            return
        start = max((frame + 1 for frame in taken if frame < at), default=0)
        stop = min(frame for frame in taken if frame > at)
        self.do(edits.close_gap(at), lambda model: model.remove(Span(start, stop)))

    @rule(frame=SHORT, length=st.integers(0, 20))
    def marker(self, frame: int, length: int) -> None:
        name = self.fresh()

        def change(model: Model) -> None:
            model.markers[name] = list(range(frame, frame + max(length, 1)))
            model.length = max(model.length, frame + length)

        self.do(edits.add_marker(Marker(id=name, frame=frame, length=length)), change)

    @rule(take=st.sampled_from("xy"), start=SHORT, length=LENGTH)
    def splice(self, take: str, start: int, length: int) -> None:
        span = Span(start, start + length)

        def change(model: Model) -> None:
            model.result.update({frame: (take, frame) for frame in range(span.start, span.stop)})
            model.length = max(model.length, span.stop)

        self.do(edits.splice_result(take, span), change)

    @rule(start=SHORT, length=st.integers(0, 30))
    def in_out(self, start: int, length: int) -> None:
        def change(model: Model) -> None:
            model.marks = list(range(start, start + length))

        self.do(edits.set_in_out(Span(start, start + length) if length else None), change)

    @rule(names=st.sets(st.sampled_from(sorted(TRACKS)), min_size=1), at=SHORT, count=LENGTH)
    def insert_time_on_some_tracks(self, names: set[str], at: int, count: int) -> None:
        def change(model: Model) -> None:
            other = copy.deepcopy(model)
            other.insert(at, count)
            model.tracks.update({name: other.tracks[name] for name in names})
            model.grow()

        self.do(edits.insert_time(at, count, tracks=names, markers=False), change)

    @rule(names=st.sets(st.sampled_from(sorted(TRACKS)), min_size=1), at=SHORT, count=LENGTH)
    def delete_time_on_some_tracks(self, names: set[str], at: int, count: int) -> None:
        def change(model: Model) -> None:
            other = copy.deepcopy(model)
            other.remove(Span(at, at + count))
            model.tracks.update({name: other.tracks[name] for name in names})

        self.do(edits.delete_time(Span(at, at + count), tracks=names, markers=False), change)

    @precondition(lambda self: self.past)
    @rule(steps=st.integers(1, 3))
    def undo(self, steps: int) -> None:
        for _ in range(min(steps, len(self.past))):
            assert self.editor.undo() == "step"
            self.future.append(self.model)
            self.model = self.past.pop()

    @precondition(lambda self: self.future)
    @rule()
    def redo(self) -> None:
        assert self.editor.redo() == "step"
        self.past.append(self.model)
        self.model = self.future.pop()

    @rule(data=st.data())
    def jump(self, data: st.DataObject) -> None:
        states = [*self.past, self.model, *self.future[::-1]]
        place = data.draw(st.integers(0, len(states) - 1))
        self.editor.jump(place)
        self.past, self.model, self.future = states[:place], states[place], states[:place:-1]

    @rule()
    def save_and_load(self) -> None:
        document = self.editor.document
        assert decode(decode_raw(encode(document)), SCHEMA) == document

    @invariant()
    def same(self) -> None:
        if not hasattr(self, "editor"):
            return
        document = self.editor.document
        for track in document.tracks:
            assert sorted(map(cells_of, track.items), key=repr) == sorted(self.model.tracks[track.id], key=repr)
        markers = {m.id: list(range(m.frame, m.frame + max(m.length, 1))) for m in document.markers}
        assert markers == self.model.markers
        takes = {take.id: take for take in document.takes}
        shown = {
            frame: (piece.take, take_frame(piece, takes[piece.take], frame))
            for piece in document.result
            for frame in range(piece.span.start, piece.span.stop)
        }
        assert shown == self.model.result
        marks = document.in_out
        assert list(range(marks.start, marks.stop) if marks else []) == self.model.marks
        assert document.length == self.model.length
        assert_valid(document)
        assert (len(self.past), len(self.future)) == (
            self.editor.position,
            len(self.editor.history) - self.editor.position,
        )


TestTimeline = TimelineMachine.TestCase
TestTimeline.settings = settings(max_examples=60, stateful_step_count=30)
