"""Where a take comes from: how it was made, from what, what was measured, and what has changed since."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFormLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from genmo_studio.conditions.changes import changes, conditions_told
from genmo_studio.conditions.record import is_whole, read_record
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.document.model import Document, Take, TakeMode
from genmo_studio.ui.panels.item_forms import dim, seconds_text
from genmo_studio.ui.panels.take_figures import figure_rows

RequestNow = Callable[[Take], GenerationRequest | None]
"""What the timeline asks for now where a take lies; None when that cannot be told."""

_OLD = "This take is of a version that did not keep what takes were made from."
_SAME = "Nothing: the timeline still asks for the same."
_MANY = "The keys are too many to keep; only their frames are."
MAX_TOLD = 12
"""Conditions and changes that are listed; the rest is counted."""


class TakeReport(QWidget):
    """The provenance of one take, as headed groups of rows that can be selected and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._take: Take | None = None
        self._document: Document | None = None
        self._told: tuple[object, ...] = ()
        self.request_now: RequestNow = lambda _: None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 4, 12, 8)
        self._column.setSpacing(6)
        self._page = QWidget()
        self._column.addWidget(self._page)
        self._column.addStretch(1)

    def show_take(self, take: Take, document: Document) -> None:
        """Fill the rows."""
        self._take, self._document, self._told = take, document, ()
        self.refresh()

    def refresh(self) -> None:
        """The timeline is another one now: say again what has changed since the take was made."""
        take, document = self._take, self._document
        if take is None or document is None:
            return
        made, since = read_record(take.request), self.changed()
        if self._told == (take, since):
            return
        self._told = (take, since)
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(5)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        if since:
            _heading(form, "Changed since it was made")
            for _, sentence in _told([("", sentence) for sentence in since]):
                form.addRow(dim(sentence))
        _heading(form, "How it was made")
        for label, value in made_rows(take, made, document):
            form.addRow(label, _hash(value) if label.endswith("hash") else dim(value))
        _heading(form, "Made from")
        if made is None:
            form.addRow(dim(_OLD))
        else:
            for label, value in _told(conditions_told(made)) or [("", "Nothing but the model and the seed.")]:
                form.addRow(label, dim(value))
            if not is_whole(made, request_hash=take.request_hash):
                form.addRow(dim(_MANY))
        figures = [row for row in figure_rows(take.metrics) if row[0] not in ("Steps", "Guidance")]
        if figures:
            _heading(form, "Measured")
            for label, value in figures:
                form.addRow(label, dim(value))
        self._column.replaceWidget(self._page, page)
        self._page.deleteLater()
        self._page = page

    def changed(self) -> tuple[str, ...]:
        """What has changed since the take was made, one sentence each; empty when that cannot be told."""
        if self._take is None:
            return ()
        made, now = read_record(self._take.request), self.request_now(self._take)
        if made is None or now is None or not is_whole(made, request_hash=self._take.request_hash):
            return ()
        return changes(made, now) or (_SAME,)

    def text(self) -> str:
        """All that is said, for tests and for copying."""
        return "\n".join(label.text() for label in self._page.findChildren(QLabel))


def made_rows(take: Take, made: GenerationRequest | None, document: Document) -> list[tuple[str, str]]:
    """Label and value of how a take was made; what is not known is left out."""
    full = take.mode is TakeMode.FULL
    length = seconds_text(take.span.length, document.fps)
    rows = [
        ("Made", "full sampler" if full else "draft, one pass"),
        ("Span", f"frames {take.span.start} to {take.span.stop - 1} ({length})"),
        ("Seed", str(take.seed)),
    ]
    if made is not None:
        rows += [("Steps", str(made.steps)), ("Guidance", f"{made.guidance:g} ×")] if full else []
        rows.append(("Foot lock", f"{100 * made.foot_lock:.0f} %"))
    rows += [
        ("Model", take.model),
        ("Device", take.device),
        ("When", take.created.replace("T", " ")[:19] + " UTC" if take.created else ""),
        ("Request hash", take.request_hash),
        ("Model hash", take.model_hash),
        ("Motion hash", take.blob),
    ]
    return [(label, value) for label, value in rows if value]


def _told(values: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The first MAX_TOLD, and how many more there are."""
    listed = list(values[:MAX_TOLD])
    return listed if len(values) <= MAX_TOLD else [*listed, ("", f"and {len(values) - MAX_TOLD} more.")]


def _heading(form: QFormLayout, text: str) -> None:
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    label.setContentsMargins(0, 6 if form.rowCount() else 0, 0, 0)
    form.addRow(label)


def _hash(value: str) -> QLabel:
    """A hash, shortened; whole in its tip."""
    label = dim(value[:12] + "…" if len(value) > 13 else value)
    label.setToolTip(value)
    label.setMinimumWidth(QFontMetrics(label.font()).horizontalAdvance(label.text()))
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    label.setAlignment(Qt.AlignmentFlag.AlignLeft)
    return label
