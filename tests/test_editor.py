"""The editor: steps, gestures, history, what observers hear, and what a thousand steps cost."""

import random
import sys
from collections.abc import Callable

import pytest
from document_cases import assert_valid, random_document, randoms
from hypothesis import given, settings
from hypothesis import strategies as st

from genmo_studio.document import edits
from genmo_studio.document.difference import applied, difference, reverted
from genmo_studio.document.editor import Editor, Step, StepKind
from genmo_studio.document.edits import EditError
from genmo_studio.document.model import BodySettings, Document, PoseKey, Take, TextClip, TrackKind
from genmo_studio.document.queries import find_item
from genmo_studio.document.time import Span


@pytest.fixture
def editor() -> Editor:
    return Editor(random_document(random.Random(5)))


class Ears:
    """Remembers what it hears."""

    def __init__(self, editor: Editor) -> None:
        self.heard: list[tuple[Document, Document]] = []
        self.steps: list[Step] = []
        self.selections: list[frozenset[str]] = []
        self.unsubscribe = editor.subscribe(
            changed=lambda old, new: self.heard.append((old, new)),
            committed=self.steps.append,
            selected=self.selections.append,
        )


def test_an_edit_is_one_step_and_is_told_once(editor: Editor) -> None:
    ears, old = Ears(editor), editor.document
    new = editor.edit("Rename", edits.rename_project("One"))
    assert ears.heard == [(old, new)]
    assert ears.steps == [Step("Rename", StepKind.DONE, old, new)]
    editor.edit("Rename again", edits.rename_project("One"))
    assert len(ears.heard) == len(ears.steps) == editor.position == 1  # nothing changed, nothing told
    assert editor.undo() == "Rename"
    assert editor.redo() == "Rename"
    assert [step.kind for step in ears.steps] == [StepKind.DONE, StepKind.UNDONE, StepKind.REDONE]
    assert ears.heard[-1] == (old, new)
    ears.unsubscribe()
    editor.undo()
    assert len(ears.steps) == 3


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["a", "b", None])), min_size=1, max_size=12), randoms())
def test_un3_a_run_of_merged_edits_is_one_step(script: list[tuple[int, str | None]], source: random.Random) -> None:
    editor = Editor(random_document(source))
    before = editor.document
    for number, merge in script:
        shown = editor.edit("Rename", edits.rename_project(f"Name {number}"), merge=merge)
    names = [merge for _, merge in script]
    assert editor.position <= len(
        [n for n, merge in enumerate(names) if not n or merge is None or merge != names[n - 1]]
    )
    while editor.undo():
        pass
    assert editor.document == before
    while editor.redo():
        pass
    assert editor.document == shown


def test_un3_a_saved_step_is_not_merged_into(editor: Editor) -> None:
    old = editor.document
    editor.edit("Rename", edits.rename_project("One"), merge="name")
    editor.edit("Rename", edits.rename_project("Two"), merge="name")
    assert editor.history == ("Rename",)
    editor.mark_saved()
    editor.edit("Rename", edits.rename_project("Three"), merge="name")
    assert editor.history == ("Rename", "Rename")
    editor.undo()
    assert editor.is_saved
    assert editor.document.name == "Two"
    editor.undo()
    assert editor.document is not old
    assert editor.document == old
    editor.redo()
    editor.redo()
    editor.edit("Rename", edits.rename_project("Two"), merge="name")
    assert editor.history == ("Rename",), "back where the run began: nothing is left of it"


def test_a_gesture_previews_from_its_start_and_is_one_step(editor: Editor) -> None:
    ears, old = Ears(editor), editor.document
    first = find_item(old, "k1.0")
    with editor.gesture("Move key") as gesture:
        for by in (100, 200, 300):
            assert gesture.preview(edits.move_items(["k1.0"], by=by))
        assert editor.settled is old
        assert editor.in_gesture
    key = find_item(editor.document, "k1.0")
    assert isinstance(key, PoseKey)
    assert isinstance(first, PoseKey)
    assert key.frame == first.frame + 300  # not + 600
    assert len(ears.heard) == 3
    assert [step.old for step in ears.steps] == [old]
    assert editor.history == ("Move key",)
    assert not gesture.preview(edits.rename_project("late"))  # a mouse move that arrives too late does nothing
    editor.undo()
    assert editor.document == old


def test_escape_and_errors_restore(editor: Editor) -> None:
    old = editor.document
    gesture = editor.gesture("Drag")
    gesture.preview(edits.rename_project("dragged"))
    gesture.cancel()
    assert editor.document is old

    def broken_tool() -> None:
        with editor.gesture("Drag") as gesture:
            gesture.preview(edits.rename_project("dragged"))
            raise RuntimeError("the tool broke")

    with pytest.raises(RuntimeError, match="tool broke"):
        broken_tool()
    assert editor.document is old
    assert editor.history == ()
    with editor.gesture("Drag") as gesture:
        gesture.preview(edits.rename_project("fine"))
        with pytest.raises(EditError):
            gesture.preview(edits.move_items(["k1.0"], by=-9999))
        assert editor.document.name == "fine"  # the last preview that was possible stays
    assert editor.document.name == "fine"
    assert editor.history == ("Drag",)


def test_undo_during_a_gesture_only_ends_it(editor: Editor) -> None:
    editor.edit("Rename", edits.rename_project("kept"))
    gesture = editor.gesture("Drag")
    gesture.preview(edits.rename_project("dragged"))
    assert editor.undo() is None
    assert editor.document.name == "kept"
    assert not gesture.active


def test_a_take_that_lands_during_a_drag_goes_below_it(editor: Editor) -> None:
    ears = Ears(editor)
    gesture = editor.gesture("Move")
    gesture.preview(edits.move_items(["t1.0"], by=50))
    take = Take(id="z", name="z", span=Span(0, 9), blob="a" * 64, request_hash="", seed=0, model="m")
    landed = editor.edit("Generate motion", edits.add_take(take))
    assert [step.label for step in ears.steps] == ["Generate motion"]
    assert editor.settled is landed
    assert editor.document.takes[-1] == take  # seen together with the drag
    assert find_item(editor.document, "t1.0") != find_item(landed, "t1.0")
    gesture.preview(edits.move_items(["t1.0"], by=60))
    gesture.commit()
    assert editor.history == ("Generate motion", "Move")
    for (_, new), (old, _) in zip(ears.heard, ears.heard[1:], strict=False):
        assert new is old  # views see an unbroken chain of documents
    editor.undo()
    assert editor.document == landed


def test_a_drag_whose_item_vanishes_below_it_shows_the_document(editor: Editor) -> None:
    gesture = editor.gesture("Move")
    gesture.preview(edits.move_items(["t1.0"], by=50))
    below = editor.edit("Delete", edits.delete_items(["t1.0"]))
    assert editor.document == below
    gesture.commit()
    assert editor.history == ("Delete",)


def test_the_saved_state_is_found_again(editor: Editor) -> None:
    assert editor.is_saved
    editor.edit("a", edits.rename_project("a"))
    assert not editor.is_saved
    editor.mark_saved()
    editor.edit("b", edits.rename_project("b"))
    editor.undo()
    assert editor.is_saved
    editor.undo()
    editor.edit("c", edits.rename_project("c"))
    assert not editor.is_saved
    assert editor.position == 1  # as many steps as when it was saved, but other ones
    snapshot, point = editor.document, editor.save_point
    editor.edit("d", edits.rename_project("d"))
    editor.mark_saved(point)  # another thread finished saving what is no longer current
    assert not editor.is_saved
    editor.undo()
    assert editor.is_saved, "undo leads back to what is in the file"
    editor.undo()
    assert not editor.is_saved, "the file holds something newer"
    editor.open(snapshot)
    assert editor.is_saved
    assert not editor.can_undo


def test_steps_redone_on_top_of_a_late_edit_are_not_what_was_saved(editor: Editor) -> None:
    editor.edit("a", edits.rename_project("a"))
    editor.mark_saved()
    editor.undo()
    late = edits.change_generation(seed=5)
    editor.edit("Late", late, later=late)
    assert editor.redo() == "a"
    assert not editor.is_saved, "the late edit is in no file"


def test_undo_brings_back_the_selection_it_acted_on(editor: Editor) -> None:
    ears = Ears(editor)
    editor.select(["t1.0"])
    editor.edit("Delete", edits.delete_items(["t1.0"]), select=())
    assert editor.selection == frozenset()
    editor.select(["k1.0"])
    editor.undo()
    assert editor.selection == {"t1.0"}
    editor.redo()
    assert editor.selection == frozenset()
    assert ears.selections[-1] == frozenset()
    assert editor.history == ("Delete",)  # selecting is no step


def test_observers_may_edit_and_all_hear_everything_in_order(editor: Editor) -> None:
    def answer(_old: Document, new: Document) -> None:
        if new.name == "first":
            editor.edit("answer", edits.rename_project("second"))

    unsubscribe = editor.subscribe(changed=answer)
    ears = Ears(editor)
    editor.edit("ask", edits.rename_project("first"))
    assert [new.name for _, new in ears.heard] == ["first", "second"]
    assert [step.label for step in ears.steps] == ["ask", "answer"]
    unsubscribe()
    editor.undo()
    assert editor.document.name == "first"


def test_a_broken_observer_does_not_stop_the_others(editor: Editor) -> None:
    def broken(_old: Document, _new: Document) -> None:
        raise RuntimeError("broken view")

    editor.subscribe(changed=broken)
    ears = Ears(editor)
    with pytest.raises(RuntimeError, match="broken view"):
        editor.edit("Rename", edits.rename_project("done"))
    assert editor.document.name == "done"
    assert len(ears.heard) == len(ears.steps) == 1


def test_jump_goes_anywhere_in_the_history(editor: Editor) -> None:
    states = [editor.document]
    for number in range(8):
        states.append(editor.edit(str(number), edits.add_item("t1", TextClip(f"n{number}", Span(number, 9), "x"))))
    for place in (3, 8, 0, 5):
        editor.jump(place)
        assert editor.document == states[place]
        assert editor.position == place
    assert (editor.undo_label, editor.redo_label) == ("4", "5")
    with pytest.raises(IndexError):
        editor.jump(9)


CHANGES: list[Callable[[random.Random], edits.Edit]] = [
    lambda rng: edits.move_items([f"k1.{rng.randrange(4)}"], by=rng.randrange(300)),
    lambda rng: edits.move_track(rng.choice(["v1", "k2", "w1"]), rng.randrange(9)),
    lambda rng: edits.insert_time(rng.randrange(200), 5),
    lambda rng: edits.delete_time(Span(start := rng.randrange(200), start + 20)),
    lambda rng: edits.remove_track(rng.choice(["v1", "k2", "w1"])),
    lambda rng: edits.add_track(TrackKind.TEXT, index=rng.randrange(9)),
    lambda rng: edits.set_track_flags(rng.choice(["v1", "k2", "w1"]), solo=True),
    lambda rng: edits.delete_take(rng.choice("xy")),
    lambda rng: edits.change_generation(seed=rng.randrange(99)),
    lambda rng: edits.duplicate_items([f"t1.{rng.randrange(4)}", f"m1.{rng.randrange(2)}"]),
]


@given(randoms())
@settings(max_examples=150)
def test_a_difference_leads_both_ways(rng: random.Random) -> None:
    old = new = random_document(rng)
    for change in rng.sample(CHANGES, rng.randrange(1, 5)):
        try:
            new = change(rng)(new)
        except EditError:
            continue
    fields = difference(old, new)
    assert applied(old, fields) == new
    assert reverted(new, fields) == old
    assert_valid(new)


@given(st.lists(st.integers(0, 2)), st.lists(st.integers(0, 2)))
@settings(max_examples=200)
def test_a_difference_of_tuples_with_equal_elements_leads_both_ways(first: list[int], second: list[int]) -> None:
    old, new = (BodySettings(betas=tuple(map(float, numbers))) for numbers in (first, second))
    fields = difference(old, new)
    assert applied(old, fields) == new
    assert reverted(new, fields) == old


def _size(value: object, seen: set[int]) -> int:
    """Bytes of what hangs on a value, without what was seen."""
    if id(value) in seen:
        return 0
    seen.add(id(value))
    names = getattr(value, "__struct_fields__", None) or getattr(value, "__slots__", None)
    parts: object = [getattr(value, name) for name in names] if names else getattr(value, "__dict__", {})
    if isinstance(value, tuple | list | frozenset):
        parts = value
    children = list(parts.values()) if isinstance(parts, dict) else list(parts)  # type: ignore[call-overload]
    return sys.getsizeof(value) + sum(_size(child, seen) for child in children)


def test_a_thousand_steps_in_a_long_track_cost_little_and_come_back_exactly() -> None:
    document = edits.add_track(TrackKind.FULL_KEYS, track_id="many")(random_document(random.Random(2)))
    keys = [PoseKey(id=f"many{frame}", frame=frame) for frame in range(3_000)]
    document = edits.add_items("many", keys)(document)
    editor = Editor(document)
    for step in range(1_000):
        editor.edit("Weight", edits.set_weight([f"many{step}"], 0.5))
    seen: set[int] = set()
    _size(document, seen)
    _size(editor.document, seen)
    cost = sum(_size(entry, seen) for entry in editor._entries)
    assert cost < 3 * 2**20  # whole item tuples would be 24 MB
    last = editor.document
    while editor.can_undo:
        editor.undo()
    assert editor.document == document
    editor.jump(1_000)
    assert editor.document == last
