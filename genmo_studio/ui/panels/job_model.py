"""The rows of the Jobs panel: records of jobs as a list model, and the words for them."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QWidget

from genmo_studio.engine.job_log import JobRecord, Phase
from genmo_studio.ui.panels.job_strip import time_left

RECORD_ROLE = int(Qt.ItemDataRole.UserRole)
_Index = QModelIndex | QPersistentModelIndex


def state_words(record: JobRecord) -> str:
    """Where it stands, in a word or two: ``Running``, ``3rd in the queue``, ``Done in 12 s``."""
    if record.phase is Phase.WAITING:
        return "Next" if record.place == 1 else f"{ordinal(record.place)} in the queue"
    if record.phase is Phase.DONE and record.seconds is not None:
        return f"Done in {duration(record.seconds)}"
    return str(record.phase.value)


def line_words(record: JobRecord) -> str:
    """The second line: stage, step and time left while it runs, then how it ended; what it will be while it waits."""
    if record.phase is Phase.WAITING:
        return record.how
    if record.phase is not Phase.RUNNING:
        return record.outcome
    parts = [record.stage[:1].upper() + record.stage[1:] if record.stage else "Starting the engine"]
    if record.detail:
        parts.append(record.detail)
    if record.seconds_left is not None:
        parts.append(time_left(record.seconds_left))
    return " · ".join(parts)


def full_words(record: JobRecord, *, device: str) -> str:
    """Everything about a job: the tool tip, and what is copied with ``report``."""
    lines = [
        f"{record.name}: {state_words(record)}",
        line_words(record),
        f"Frames {record.span.start} to {record.span.stop - 1}, {record.how}",
        f"Device: {record.device or device}" if record.device or device else "",
    ]
    return "\n".join(dict.fromkeys(line for line in lines if line))


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def duration(seconds: float) -> str:
    """0.4 s, 12 s, 3 min 20 s."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{round(seconds)} s"
    return f"{int(seconds // 60)} min {round(seconds % 60)} s"


class JobModel(QAbstractListModel):
    """What runs, what waits, what has ended."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._records: tuple[JobRecord, ...] = ()
        self.device = ""
        """What the engine computes on, for jobs that do not know it yet."""

    def show_records(self, records: Sequence[JobRecord]) -> bool:
        """Follow the log. Returns True when rows came, went or moved, so that a selection must be set again."""
        old, self._records = self._records, tuple(records)
        if [record.job for record in old] == [record.job for record in self._records]:
            for row, (before, now) in enumerate(zip(old, self._records, strict=True)):
                if before is not now:
                    self.dataChanged.emit(self.index(row), self.index(row))
            return False
        self._records = old
        self.beginResetModel()
        self._records = tuple(records)
        self.endResetModel()
        return True

    def row_of(self, job: int | None) -> int:
        """The row of a job, -1 when it is not listed."""
        return next((row for row, record in enumerate(self._records) if record.job == job), -1)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008 (Qt's)
        """Number of jobs."""
        return 0 if parent.isValid() else len(self._records)

    def data(self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Name, words and the record itself."""
        if not index.isValid() or index.row() >= len(self._records):
            return None
        record = self._records[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return record.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{record.name}, {state_words(record)}, {line_words(record)}"
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return full_words(record, device=self.device)
        if role == RECORD_ROLE:
            return record
        return None
