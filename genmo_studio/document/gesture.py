"""A gesture of the editor: a drag, a slider or typing that shows many previews and becomes one undo step."""

from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING

from genmo_studio.document.edits.core import Edit, EditError
from genmo_studio.document.model import Document

if TYPE_CHECKING:
    from genmo_studio.document.editor import Editor


class Gesture:
    """A change in the making. Each preview is computed from the document at the start, never from the last preview."""

    def __init__(self, editor: "Editor", label: str, base: Document, selection: frozenset[str]) -> None:
        self.label = label
        self.base = base
        self.shown = base
        self.selection = selection
        self._editor = editor
        self._last: Edit | None = None
        self._active = True

    @property
    def active(self) -> bool:
        """False once the gesture was committed or cancelled, also from elsewhere (undo, another gesture)."""
        return self._active

    def preview(self, edit: Edit) -> bool:
        """Show the document at the start with ``edit`` applied. False when the gesture is over and nothing was done.

        EditError passes through; the last preview stays.
        """
        if not self._active:
            return False
        new = edit(self.base)
        self._last = edit
        self.shown = new
        self._editor._preview(new)
        return True

    def commit(self, *, select: Iterable[str] | None = None) -> None:
        """End the gesture; what is shown becomes one undo step. No step when nothing changed."""
        if self._active:
            self._active = False
            unchanged = self.shown is self.base or self.shown == self.base
            self._editor._finish(self, self.base if unchanged else self.shown, select=select)

    def cancel(self) -> None:
        """End the gesture and bring the document back to where it began."""
        if self._active:
            self._active = False
            self._editor._finish(self, self.base, select=None)

    def rebase(self, base: Document) -> None:
        """Stand on another document (changed below the gesture) and show the last preview on top of it if possible."""
        self.base = self.shown = base
        if self._last:
            try:
                self.shown = self._last(base)
            except EditError:
                self._last = None

    def __enter__(self) -> "Gesture":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self.cancel()
