"""Takes as rows: sorting, filtering, and what each row says. The texts are pure; the model is Qt's."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from genmo_studio.conditions.affected import Work, part_of
from genmo_studio.document.model import Document, Take, TakeMode
from genmo_studio.motion.regions import region_words
from genmo_studio.ui.panels.take_figures import figure_rows, short_figures

TAKE_ROLE = int(Qt.ItemDataRole.UserRole)
SHOWN_ROLE = TAKE_ROLE + 1
STALE_ROLE = TAKE_ROLE + 2
SIDE_ROLE = TAKE_ROLE + 3
"""(letter, active) while the take is one of the two that are compared."""
GHOST_ROLE = TAKE_ROLE + 4
Index = QModelIndex | QPersistentModelIndex


class Order(Enum):
    """How takes are sorted."""

    NEWEST = "Newest first"
    FAVOURITES = "Favourites first"
    FEET = "Steadiest feet first"


def ordered(takes: Iterable[Take], order: Order, *, favourites_only: bool = False) -> tuple[Take, ...]:
    """The takes in order; equal ones with the newest first. ``takes`` is oldest first, as in the document."""
    newest = [take for take in reversed(tuple(takes)) if take.favourite or not favourites_only]
    if order is Order.FAVOURITES:
        newest.sort(key=lambda take: not take.favourite)
    elif order is Order.FEET:
        newest.sort(key=lambda take: take.metrics.get("foot_skate", float("inf")))
    return tuple(newest)


def age_text(created: str, now: datetime) -> str:
    """How long ago an ISO time was: "just now", "5 min ago", a date; empty for what is no time."""
    try:
        made = datetime.fromisoformat(created)
    except ValueError:
        return ""
    if made.tzinfo is None:
        made = made.replace(tzinfo=UTC)
    seconds = (now - made).total_seconds()
    if seconds < 45:  # clocks of two machines may differ a little
        return "just now"
    if seconds < 3600:
        return f"{max(1, round(seconds / 60))} min ago"
    if seconds < 86400:
        return f"{round(seconds / 3600)} h ago"
    if seconds < 7 * 86400:
        days = round(seconds / 86400)
        return "yesterday" if days == 1 else f"{days} days ago"
    return made.date().isoformat()


def summary(take: Take, now: datetime | None = None) -> tuple[str, str]:
    """Two short lines: what was measured, or else how it was made; then span, seed, age, model and device."""
    figures = short_figures(take.metrics)
    made = "one pass" if take.mode is TakeMode.DRAFT else "full sampler"
    part = part_of(take)
    span = take.span if part is None else part.span
    parts = [] if part is None else [part_words(take, part)]
    parts += [f"f {span.start}–{span.stop - 1}", f"seed {take.seed}"]  # an en dash in a range
    age = age_text(take.created, now or datetime.now(UTC))
    parts += [age] if age else []
    parts.append(take.model.rsplit("/", 1)[-1] + (f" on {take.device}" if take.device else ""))
    return " · ".join(figures) or made, " · ".join(parts)


def part_words(take: Take, part: Work) -> str:
    """What of the body was made anew, and how: "left arm", "loop", "refined spine"."""
    what = "loop" if part.loop else region_words(part.regions)
    return f"refined {what}" if take.refines else what


def describe(take: Take) -> str:
    """Everything about a take, for the tooltip."""
    lines = [
        take.name,
        f"{'Draft (one pass)' if take.mode is TakeMode.DRAFT else 'Full'} · seed {take.seed}",
        f"Model {take.model} on {take.device}",
        f"Frames {take.span.start} to {take.span.stop - 1}",
    ]
    part = part_of(take)
    if part is not None:
        frames = f"frames {part.span.start} to {part.span.stop - 1}"
        lines.insert(1, f"Made anew: {part_words(take, part)}, {frames}; all else is as it was before")
    if take.created:
        lines.append(take.created.replace("T", " ")[:19] + " UTC")
    lines += [f"{label}: {value}" for label, value in figure_rows(take.metrics)]
    return "\n".join(lines)


class TakeModel(QAbstractListModel):
    """Takes of a document as rows."""

    renamed = Signal(str, str)
    """take id, new name"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[Take, ...] = ()
        self._takes: tuple[Take, ...] = ()
        self._shown: frozenset[str] = frozenset()
        self._stale: frozenset[str] = frozenset()
        self._sides: dict[str, tuple[str, bool]] = {}
        self._ghost = ""
        self.order = Order.NEWEST
        self.favourites_only = False

    def show_document(self, document: Document) -> None:
        """Follow the document."""
        shown = frozenset(piece.take for piece in document.result)
        if document.takes is not self._all or shown != self._shown:
            self._all, self._shown = document.takes, shown
            self.arrange()

    def arrange(self) -> None:
        """Sort and filter anew; rows that stay in place keep their selection."""
        takes = ordered(self._all, self.order, favourites_only=self.favourites_only)
        if [take.id for take in takes] != [take.id for take in self._takes]:
            self.beginResetModel()
            self._takes = takes
            self.endResetModel()
        else:
            self._takes = takes
            self._touch()

    def set_stale(self, stale: frozenset[str]) -> None:
        """Takes that no longer answer what the timeline asks for."""
        if stale != self._stale:
            self._stale = stale
            self._touch()

    def set_sides(self, sides: dict[str, tuple[str, bool]]) -> None:
        """The takes that are compared: id -> (letter, whether it is on show)."""
        if sides != self._sides:
            self._sides = sides
            self._touch()

    def set_ghost(self, take_id: str) -> None:
        """The take that is overlaid; empty for none."""
        if take_id != self._ghost:
            self._ghost = take_id
            self._touch()

    def _touch(self) -> None:
        if self._takes:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._takes) - 1, 0))

    def row_of(self, take_id: str) -> int:
        """The row of a take, -1 when there is none."""
        return next((row for row, take in enumerate(self._takes) if take.id == take_id), -1)

    @property
    def shown(self) -> frozenset[str]:
        """Takes that the result uses."""
        return self._shown

    @property
    def stale(self) -> frozenset[str]:
        """Takes with the stale badge."""
        return self._stale

    @property
    def hidden(self) -> int:
        """How many takes the filter leaves out."""
        return len(self._all) - len(self._takes)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 (Qt's)
        """Number of takes."""
        return 0 if parent.isValid() else len(self._takes)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The name can be edited in place."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def setData(self, index: Index, value: object, role: int = int(Qt.ItemDataRole.EditRole)) -> bool:  # noqa: N802
        """Take in a new name."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        take, name = self._takes[index.row()], str(value).strip()
        if name and name != take.name:
            self.renamed.emit(take.id, name)
        return True

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Name, tooltip, and the take itself."""
        if not index.isValid() or index.row() >= len(self._takes):
            return None
        take = self._takes[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return take.name
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return describe(take)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(take)
        own: dict[int, object] = {
            TAKE_ROLE: take,
            SHOWN_ROLE: take.id in self._shown,
            STALE_ROLE: take.id in self._stale,
            SIDE_ROLE: self._sides.get(take.id),
            GHOST_ROLE: take.id == self._ghost,
        }
        return own.get(role)

    def _spoken(self, take: Take) -> str:
        words = [take.name, "draft" if take.mode is TakeMode.DRAFT else "full"]
        part = part_of(take)
        words += [] if part is None else [f"{part_words(take, part)}, frames {part.span.start} to {part.span.stop - 1}"]
        words += ["in the result"] if take.id in self._shown else []
        words += ["favourite"] if take.favourite else []
        words += ["stale"] if take.id in self._stale else []
        return ", ".join(words)
