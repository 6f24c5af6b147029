"""What the timeline shows beside the document: takes that are stale, what failed, what is next, a measure."""

from dataclasses import dataclass

from genmo_studio.document.model import Document
from genmo_studio.document.time import Span
from genmo_studio.ui.timeline.fills import Fills
from genmo_studio.ui.timeline.heat import HeatStrip, heat_tip, legend_tip
from genmo_studio.ui.timeline.hit import Hit, HitKind
from genmo_studio.ui.timeline.index import Silence
from genmo_studio.ui.timeline.paint_rows import Look
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.timeline.timecode import TimeFormat
from genmo_studio.ui.timeline.tips import tip


@dataclass(slots=True)
class Looks:
    """Set by the widget, read when it paints and when it explains itself."""

    silence: Silence
    stale: frozenset[str] = frozenset()
    """Ids of takes whose conditions have changed since they were made."""
    failed: tuple[Span, ...] = ()
    """Spans for which the last attempt to generate failed."""
    anew: Span | None = None
    """Which frames the next regeneration is about."""
    heat: HeatStrip | None = None

    def of(self, document: Document, session: Session) -> Look:
        """Everything that a picture depends on beside document and view."""
        self.silence.follow(document)
        return Look(
            selection=session.selection,
            time_format=session.time_format,
            snapping=session.snapping,
            stale=self.stale,
            silent=self.silence.tracks,
            gaps=self.silence.gaps,
            unchecked=self.silence.unchecked,
            parts=session.parts,
            fills=self._fills(document),
            heat=self.heat,
            anew=self.anew,
            current=session.track,
        )

    def _fills(self, document: Document) -> Fills:
        return Fills.of(document.result, stale=self.stale, failed=self.failed)

    def tip(self, hit: Hit, document: Document, *, style: TimeFormat) -> str:
        """The tool tip of a place, without what its badge says."""
        if self.heat is not None and hit.kind is HitKind.HEAT:
            return heat_tip(self.heat, hit.frame, fps=document.fps, style=style)
        if self.heat is not None and hit.kind is HitKind.HEAT_HEADER:
            return legend_tip(self.heat, fps=document.fps, style=style)
        return tip(hit, document, style=style, stale=self.stale, fills=self._fills(document))
