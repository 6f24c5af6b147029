"""The editor: the one place where the current document changes.

Labelled edits make undo steps; a gesture (a drag, a slider, typing) shows many previews and makes one step. Observers
hear ``changed(old, new)`` after every change of the current document, also during a gesture and on undo, and
``committed(step)`` once an undo step is made, undone or redone. Observers may edit; what they cause is announced
afterwards, so that everybody hears all changes in the order in which they happened. Not thread-safe: use it from the
thread that owns the window.

The selection belongs to the session, not to the document; it is kept here so that undo brings back the selection that
a step acted on (UN4).
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from enum import Enum

import msgspec

from genmo_studio.document.difference import Fields, applied, difference, elements, reverted
from genmo_studio.document.edits.core import Edit, EditError
from genmo_studio.document.gesture import Gesture
from genmo_studio.document.model import Document, Take
from genmo_studio.values import replace


class StepKind(Enum):
    """What happened to an undo step."""

    DONE = "done"
    UNDONE = "undone"
    REDONE = "redone"
    JUMPED = "jumped"


class Step(msgspec.Struct, frozen=True):
    """A committed change: what it is called and the document before and after it."""

    label: str
    kind: StepKind
    old: Document
    new: Document


Changed = Callable[[Document, Document], None]
Committed = Callable[[Step], None]
Selected = Callable[[frozenset[str]], None]


class _Entry(msgspec.Struct, frozen=True):
    """One undo step: its label, the difference it made and the selection before and after it."""

    label: str
    fields: Fields
    before: frozenset[str]
    after: frozenset[str]
    number: int
    merge: str | None = None


class _Observer(msgspec.Struct, frozen=True, eq=False):
    changed: Changed | None
    committed: Committed | None
    selected: Selected | None


class Editor:
    """The current document with its undo history."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._selection: frozenset[str] = frozenset()
        self._entries: list[_Entry] = []
        self._position = 0
        self._saved: int | None = 0  # number of the newest step in the saved document; 0 = none, None = unknown
        self._edits = 0
        self._gesture: Gesture | None = None
        self._observers: list[_Observer] = []
        self._messages: deque[Callable[[_Observer], object]] = deque()
        self._telling = False

    # -- state ---------------------------------------------------------------------------------------------------------

    @property
    def document(self) -> Document:
        """The current document; during a gesture, its preview."""
        return self._document

    @property
    def settled(self) -> Document:
        """The document without the preview of a running gesture: what autosave and generation should read."""
        return self._gesture.base if self._gesture else self._document

    @property
    def edit_count(self) -> int:
        """Number of changes committed since the project was opened, undo and redo included. Never goes down."""
        return self._edits

    @property
    def in_gesture(self) -> bool:
        """True between the start and the end of a gesture."""
        return self._gesture is not None

    @property
    def selection(self) -> frozenset[str]:
        """Ids of the selected items."""
        return self._selection

    def select(self, ids: Iterable[str]) -> None:
        """Select items. Not an undo step."""
        self._select(ids)
        self._deliver()

    def _select(self, ids: Iterable[str]) -> None:
        selection = frozenset(ids)
        if selection != self._selection:
            self._selection = selection
            self._messages.append(lambda observer: observer.selected and observer.selected(selection))

    # -- editing -------------------------------------------------------------------------------------------------------

    def edit(
        self,
        label: str,
        edit: Edit,
        *,
        select: Iterable[str] | None = None,
        merge: str | None = None,
        later: Edit | None = None,
    ) -> Document:
        """Apply an edit as one undo step and return the new document; an edit without effect makes no step.

        ``select`` names the items that are selected afterwards. Edits that name the same ``merge`` one after another
        (the ticks of a slider) are one step. During a gesture (a generation that lands while the
        user drags) the step goes below the gesture, which is then shown again on top of it. EditError passes through
        and leaves everything as it was.

        With ``later`` steps that were undone can still be redone: what the user undid while a generation ran is not
        lost when it lands. It says what the edit does to the documents of those steps that touch the same fields.
        """
        gesture = self._gesture
        old = self.settled
        new = edit(old)
        if gesture is None:
            self._show(new)
        else:
            gesture.rebase(new)
            self._show(gesture.shown)
        self._push(label, old, new, before=self._selection, select=select, merge=merge, later=later)
        self._deliver()
        return new

    def gesture(self, label: str) -> Gesture:
        """Begin a gesture; a gesture that still runs is cancelled. Use as context manager, or commit or cancel it."""
        self._end_gesture()
        self._gesture = Gesture(self, label, self._document, self._selection)
        return self._gesture

    def open(self, document: Document) -> None:
        """Put another project in place; the history starts anew and the document counts as saved."""
        self._end_gesture()
        self._entries, self._position, self._saved, self._edits = [], 0, 0, 0
        self._show(document)
        self._select(())
        self._deliver()

    # -- history -------------------------------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        """True when there is a step to undo."""
        return self._position > 0

    @property
    def can_redo(self) -> bool:
        """True when there is a step to redo."""
        return self._position < len(self._entries)

    @property
    def undo_label(self) -> str | None:
        """Label of the step that undo takes back."""
        return self._entries[self._position - 1].label if self.can_undo else None

    @property
    def redo_label(self) -> str | None:
        """Label of the step that redo brings back."""
        return self._entries[self._position].label if self.can_redo else None

    @property
    def history(self) -> tuple[str, ...]:
        """Labels of all steps, oldest first, undone ones included."""
        return tuple(entry.label for entry in self._entries)

    @property
    def position(self) -> int:
        """How many steps of the history are in the document: 0 = as opened."""
        return self._position

    @property
    def saved_position(self) -> int | None:
        """The place in the history that equals the saved project; None when no step leads there."""
        numbers = [0, *(entry.number for entry in self._entries)]
        return numbers.index(self._saved) if self._saved in numbers else None

    @property
    def reachable_takes(self) -> Iterator[Take]:
        """Takes of the document and of every state that undo or redo leads to; some come more than once."""
        yield from self.settled.takes
        for entry in self._entries:
            for name, change in entry.fields:
                if name == "takes":
                    yield from elements(change)

    def undo(self) -> str | None:
        """Take back one step and return its label; a running gesture is cancelled first, and that is all."""
        if self._gesture:
            self._end_gesture()
            return None
        if not self.can_undo:
            return None
        self._go(self._position - 1, StepKind.UNDONE)
        return self._entries[self._position].label

    def redo(self) -> str | None:
        """Bring back one undone step and return its label."""
        self._end_gesture()
        if not self.can_redo:
            return None
        self._go(self._position + 1, StepKind.REDONE)
        return self._entries[self._position - 1].label

    def jump(self, position: int) -> None:
        """Undo or redo to a place in the history. IndexError outside 0..len(history)."""
        if not 0 <= position <= len(self._entries):
            raise IndexError(f"history has {len(self._entries)} steps, not {position}")
        self._end_gesture()
        if position != self._position:
            self._go(position, StepKind.JUMPED)

    def _go(self, position: int, kind: StepKind) -> None:
        old = document = self._document
        selection = self._selection
        label = self._entries[
            min(position, self._position) if kind is not StepKind.JUMPED else max(position - 1, 0)
        ].label
        while self._position > position:
            self._position -= 1
            entry = self._entries[self._position]
            document, selection = reverted(document, entry.fields), entry.before
        while self._position < position:
            entry = self._entries[self._position]
            document, selection = applied(document, entry.fields), entry.after
            self._position += 1
        self._edits += 1
        self._show(document)
        self._select(selection)
        self._announce(Step(label, kind, old, document))
        self._deliver()

    @property
    def save_point(self) -> int:
        """Names the present state of the history, for ``mark_saved`` when a file has been written on another thread."""
        return self._number()

    def mark_saved(self, point: int | None = None) -> None:
        """Remember that the project is saved as it is now, or as it was at ``point``.

        After an edit the project is unsaved again, until undo leads back to that state.
        """
        self._saved = self._number() if point is None else point

    def mark_unsaved(self) -> None:
        """No state of the history is what the file holds."""
        self._saved = None

    @property
    def is_saved(self) -> bool:
        """True when the document equals what was saved or opened: also after undo back to it."""
        return self._saved == self._number()

    def _number(self) -> int:
        return self._entries[self._position - 1].number if self._position else 0

    # -- observers -----------------------------------------------------------------------------------------------------

    def subscribe(
        self, *, changed: Changed | None = None, committed: Committed | None = None, selected: Selected | None = None
    ) -> Callable[[], None]:
        """Hear of changes; the returned function ends the subscription."""
        observer = _Observer(changed, committed, selected)
        self._observers.append(observer)

        def unsubscribe() -> None:
            if observer in self._observers:
                self._observers.remove(observer)

        return unsubscribe

    def _deliver(self) -> None:
        """Give the waiting messages to all observers. Only called when the editor's own state is complete.

        Called by an observer, it leaves that to the delivery under way. The first error is raised at the end.
        """
        if self._telling:
            return
        self._telling, errors = True, []
        try:
            while self._messages:
                current = self._messages.popleft()
                for observer in tuple(self._observers):
                    try:
                        current(observer)
                    except Exception as error:
                        errors.append(error)
        finally:
            self._telling = False
        if errors:
            raise errors[0]

    def _announce(self, step: Step) -> None:
        self._messages.append(lambda observer: observer.committed and observer.committed(step))

    def _show(self, new: Document) -> None:
        """Make ``new`` the current document; observers hear of it with the next delivery."""
        old, self._document = self._document, new
        if new is not old:
            self._messages.append(lambda observer: observer.changed and observer.changed(old, new))

    # -- steps ---------------------------------------------------------------------------------------------------------

    def _push(
        self,
        label: str,
        old: Document,
        new: Document,
        *,
        before: frozenset[str],
        select: Iterable[str] | None,
        merge: str | None = None,
        later: Edit | None = None,
    ) -> None:
        if new is old or not difference(old, new):
            return
        step = Step(label, StepKind.DONE, old, new)
        self._edits += 1
        undone = [] if later is None else _moved_over(self._entries[self._position :], old, new, later)
        del self._entries[self._position :]
        if merge is not None and self._position and self._number() != self._saved and self._entries[-1].merge == merge:
            top = self._entries.pop()
            self._position -= 1
            old, before = reverted(old, top.fields), top.before
        after = self._selection if select is None else frozenset(select)
        fields = difference(old, new)
        if fields:  # merged changes may have cancelled each other
            self._entries.append(_Entry(label, fields, before, after, self._edits, merge))
            self._position += 1
        self._entries += undone
        if self._saved in {entry.number for entry in undone}:
            self._saved = None  # those steps stand on another document now than the one in the file
        self._select(after)
        self._announce(step)

    def _end_gesture(self) -> None:
        if self._gesture:
            self._gesture.cancel()

    def _preview(self, new: Document) -> None:
        """Called by the running gesture."""
        self._show(new)
        self._deliver()

    def _finish(self, gesture: Gesture, new: Document, *, select: Iterable[str] | None) -> None:
        """Called by a gesture that ends; ``new`` is its base when it was cancelled or changed nothing."""
        self._gesture = None
        self._show(new)
        self._push(gesture.label, gesture.base, new, before=gesture.selection, select=select)
        self._deliver()


def _moved_over(undone: list[_Entry], old: Document, new: Document, later: Edit) -> list[_Entry]:
    """The undone steps after ``old`` as steps after ``new``; those from the first that cannot be so on are lost."""
    touched = {name for name, _ in difference(old, new)}
    moved = []
    for entry in undone:
        old, fields = applied(old, entry.fields), entry.fields
        if touched.isdisjoint(name for name, _ in fields):
            new = applied(new, fields)
        else:
            try:
                target = later(old)
            except EditError:
                break
            new, fields = target, difference(new, target)
        moved.append(replace(entry, fields=fields))
    return moved
