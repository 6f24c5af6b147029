"""Keeps the viewport and the curves in step with document, transport and jobs."""

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, QTimer

from genmo_studio.conditions.laid import laid_over
from genmo_studio.conditions.result import ShownMotion, assemble_result, heard_tweaks, tweaked_result
from genmo_studio.document.model import Document, PoseKey, TakeMode, Tweak
from genmo_studio.document.queries import find_take
from genmo_studio.document.time import Span
from genmo_studio.motion.body import joint_positions
from genmo_studio.ui.panels.curve_data import motion_curves
from genmo_studio.ui.panels.curves import CurvePanel
from genmo_studio.ui.panels.job_strip import JobState
from genmo_studio.ui.playback import Transport
from genmo_studio.ui.project import Project
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.timeline.timecode import format_time
from genmo_studio.ui.viewport.hud import HudState
from genmo_studio.ui.viewport.panel import ViewportPanel
from genmo_studio.ui.viewport.picture import Picture
from genmo_studio.ui.viewport.worn import Wardrobe

LATE = 0.8
"""Share of the project's rate below which a machine without graphics card leaves the ghosts out while it plays."""

WITH_THE_DRAFT_MS = 250
"""How long a picture of what is dragged waits for the draft that answers it, on a machine without graphics card."""

_EMPTY = (
    "No motion yet\nDescribe it on the timeline, then press Generate (or Draft for a quick look). "
    "Or pose the figure: W and E move and turn joints, S sets a key."
)
_UNSHOWN = "Nothing in the result\nDouble-click a take in the Takes panel to show it, or press Generate for a new one."
_WORKING = "Making the motion\nThe first pictures appear here while it is being made."


class _Given(msgspec.Struct):
    """What there is to show, as it was made."""

    bare: ShownMotion | None = None
    """The result without tweaks."""
    result: ShownMotion | None = None
    preview: ShownMotion | None = None
    draft: ShownMotion | None = None
    compared: ShownMotion | None = None
    overlay: ShownMotion | None = None


class Stage(QObject):
    """What is on show."""

    def __init__(
        self,
        project: Project,
        *,
        session: Session,
        transport: Transport,
        panel: ViewportPanel,
        picture: Picture,
        curves: CurvePanel,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._project, self._session, self._transport = project, session, transport
        self._panel, self._picture, self._curves = panel, picture, curves
        self._job: JobState | None = None
        self._shown: ShownMotion | None = None
        self._wardrobe = Wardrobe(picture.body)
        self._given = _Given()
        self._tweaks: tuple[Tweak, ...] = ()
        self._made_of: ShownMotion | None = None  # the bare result that ``_tweaks`` were put on
        self._compared = ""
        self._draft_title = self._draft_note = ""
        self._drafting: Callable[[], bool] = lambda: False
        self._curves_of: ShownMotion | None = None
        self._curves_later = QTimer(self)
        self._curves_later.setSingleShot(True)
        self._curves_later.setInterval(120)
        self._curves_later.timeout.connect(self._make_curves)
        session.playhead_changed.connect(self._moved)
        session.time_format_changed.connect(self._write)
        transport.playing_changed.connect(self._playing)
        viewport = panel.viewport
        if viewport is not None:
            viewport.painted.connect(self._painted)
            if not panel.support.software:  # in step with the screen, between frames; the CPU has no time for that
                viewport.frameSwapped.connect(self._between_frames)

    def follow_drags(self, *, dragging: Callable[[], bool], drafting: Callable[[], bool]) -> None:
        """Know when something is dragged, and when a draft is on its way that answers the present document."""
        self._drafting, self._picture.dragging = drafting, dragging
        if self._panel.viewport is not None:
            self._panel.viewport.restless = dragging

    @property
    def shown(self) -> ShownMotion | None:
        """The result that is shown, None when there is none."""
        return self._shown

    def document_changed(self, old: Document, new: Document) -> None:
        """Show the new document's result and guides."""
        seen = self._picture.show_document(new, selection=self._session.selection)
        dressed = True
        if old is new or old.id != new.id or old.takes is not new.takes or old.result is not new.result:
            self._given.bare = assemble_result(new, self._project.take_motion, tweaked=False)
            self._tweak(new)
            self._wardrobe.set_body(self._picture.body, new.body)
            self._dress()
        elif old.tracks is not new.tracks and self._tweak(new):
            self._wardrobe.set_body(self._picture.body, new.body)
            self._dress()
        elif self._wardrobe.set_body(self._picture.body, new.body):
            self._dress()
        else:
            dressed = False
        if seen or dressed or old.length != new.length:
            self._panel.refresh(within=WITH_THE_DRAFT_MS if self._drafting() else 0)
        self._write()

    def _tweak(self, document: Document) -> bool:
        """Put the document's tweaks on the result; False when that gives what was there."""
        tweaks, before = heard_tweaks(document), self._given.result
        bare = self._given.bare
        if bare is None:
            self._given.result = None
        elif before is None or tweaks != self._tweaks or self._made_of is not bare:
            self._given.result = tweaked_result(document, bare)
        self._tweaks, self._made_of = tweaks, bare
        return self._given.result is not before

    def _dress(self) -> None:
        """Put everything that is shown on the project's body."""
        self._shown = self._wardrobe.worn(self._given.result)
        self._picture.show_motion(self._shown)
        self._show_preview()
        self._picture.show_compared(self._wardrobe.worn(self._given.compared))
        self._picture.show_overlay(self._wardrobe.worn(self._given.overlay))
        self._curves_later.start()

    @property
    def result(self) -> ShownMotion | None:
        """The result as its takes were made and tweaked, before it was put on the project's body."""
        return self._given.result

    @property
    def bare(self) -> ShownMotion | None:
        """The result without tweaks, as its takes were made: what a regeneration starts from."""
        return self._given.bare

    @property
    def shown_bare(self) -> ShownMotion | None:
        """The result without tweaks on the project's body."""
        return self._wardrobe.worn(self._given.bare)

    @property
    def size(self) -> float:
        """How much longer the shown way is than that of the result as it was made: 1 on its own body."""
        return self._wardrobe.share(self._given.bare) or 1.0

    def _notes(self) -> tuple[str, ...]:
        given = self._given
        share = self._wardrobe.share(given.compared or given.draft or given.preview or given.result)
        if share is None:
            return self._picture.notes()
        size = "" if abs(share - 1.0) < 0.005 else f", at {share:.0%} of its size"
        return (f"Made for another body: shown on the project's{size}", *self._picture.notes())

    def selection_changed(self, selection: frozenset[str]) -> None:
        """Show what is selected."""
        if self._picture.show_document(self._project.editor.document, selection=selection):
            self._panel.refresh()

    def show_preview(self, preview: object) -> None:
        """Show a motion in the making; None ends it."""
        given = preview if isinstance(preview, ShownMotion) else None
        bare = self._given.bare
        if given is not None and bare is not None and not _covers(given.span, bare.span):
            given = laid_over(bare, given.motion, given.start)
        self._given.preview = given
        self._show_preview()
        self._panel.refresh()
        self._write()

    def show_draft(self, draft: ShownMotion | None, *, title: str = "") -> None:
        """Show what answers a drag, under its own title and before any preview; None ends it."""
        self._given.draft, self._draft_title, self._draft_note = draft, title, ""
        self._show_preview()
        self._panel.refresh()
        self._write()

    def say_of_draft(self, note: str) -> None:
        """Say why the draft of a drag takes time; empty: it does not any more."""
        self._draft_note = note
        self._write()

    def _show_preview(self) -> None:
        given = self._given
        self._picture.show_preview(self._wardrobe.worn(given.draft or given.preview), draft=given.draft is not None)

    @property
    def comparing(self) -> bool:
        """Whether something else than the result is shown, to compare."""
        return self._given.compared is not None

    def compare(self, compared: ShownMotion | None, title: str = "") -> None:
        """Show another motion than the result, under its own title; None goes back to the result."""
        self._compared = "" if compared is None else title
        self._given.compared = compared
        self._picture.show_compared(self._wardrobe.worn(compared))
        self._panel.refresh()
        self._write()

    def overlay(self, overlay: ShownMotion | None) -> None:
        """Show another motion as a see-through body in step; None takes it away."""
        self._given.overlay = overlay
        self._picture.show_overlay(self._wardrobe.worn(overlay))
        self._panel.refresh()

    def refresh(self) -> None:
        """Other things are shown: draw and write again."""
        self._panel.refresh()
        self._write()

    def show_job(self, job: JobState | None) -> None:
        """Say in the picture what the worker does."""
        self._job = job
        self._write()

    # -- time ----------------------------------------------------------------------------------------------------------

    def _moved(self, frame: int) -> None:
        self._panel.set_moment(self._transport.time if self._transport.playing else float(frame))
        self._curves.set_frame(frame)
        self._write()

    def _between_frames(self) -> None:
        if self._transport.playing:
            self._panel.set_moment(self._transport.time)

    def _playing(self, _playing: bool) -> None:
        self._picture.hurried = False
        self._panel.set_moment(float(self._transport.frame))
        self._write()
        self._panel.refresh()

    def _painted(self) -> None:
        if not self._transport.playing:
            return
        self._transport.note_painted()
        target = self._project.editor.document.fps * min(abs(self._transport.speed), 1.0)
        if self._panel.support.software and 0 < self._transport.actual_fps < LATE * target:
            self._picture.hurried = True

    # -- writing over the picture --------------------------------------------------------------------------------------

    def _write(self, *_: object) -> None:
        document = self._project.editor.document
        frame = self._session.playhead
        time = format_time(frame, fps=document.fps, style=self._session.time_format)
        playing = self._transport.playing
        rate = self._transport.actual_fps if playing else None
        self._panel.set_hud(
            HudState(
                title=self._title(document, frame),
                time=f"frame {frame}   {time}",
                running=self._running(),
                fps=None if not rate else round(rate, 0),
                target_fps=document.fps * min(abs(self._transport.speed), 1.0),
                contacts=self._picture.contacts(frame),
                notes=self._notes(),
                empty=self._empty(),
            )
        )

    def _title(self, document: Document, frame: int) -> str:
        if self._compared:
            return self._compared
        if self._given.draft is not None:
            return self._draft_title
        if self._picture.previewing:
            step = "" if self._job is None or not self._job.detail else f": {self._job.detail}"
            return f"Preview, in the making{step}"
        piece = next((p for p in document.result if frame in p.span), None)
        take = None if piece is None else find_take(document, piece.take)
        if take is None:
            return ""
        mode = "draft" if take.mode is TakeMode.DRAFT else "full"
        named = take.name if take.name.casefold().startswith(mode) else f"{take.name}  ·  {mode}"
        return f"{named}  ·  {take.model}  ·  seed {take.seed}"

    def _running(self) -> str:
        """What the worker does; short beside a preview, whose title has the step, so that it covers no heads."""
        if self._job is None or self._draft_note:
            return self._draft_note
        return self._job.shorter[1] if self._picture.previewing else self._job.sentence

    def _empty(self) -> str:
        if self._picture.shown is not None:
            return ""
        if self._job is not None:
            return _WORKING
        document = self._project.editor.document
        if document.takes:
            return _UNSHOWN
        # A figure that is being posed needs its feet seen.
        posed = any(isinstance(item, PoseKey) for track in document.tracks for item in track.items[:1])
        return "" if posed else _EMPTY

    def _make_curves(self) -> None:
        shown = self._shown
        if shown is self._curves_of and shown is not None:
            return
        self._curves_of = shown
        if shown is None:
            self._curves.show_curves(None, start=0, fps=self._project.editor.document.fps)
            return
        motion = shown.motion
        positions = joint_positions(motion, self._picture.body)
        curves = motion_curves(positions, fps=motion.fps, contacts=motion.contacts)
        self._curves.show_curves(curves, start=shown.start, fps=motion.fps)
        self._curves.set_frame(self._session.playhead)

    def close(self) -> None:
        """Stop what is pending."""
        self._curves_later.stop()


def _covers(span: Span, other: Span) -> bool:
    return span.start <= other.start and other.stop <= span.stop
