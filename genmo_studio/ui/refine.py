"""What is let go is refined: what an edit is about is made anew with the full sampler, between the keys around it.

Which part of the body and which frames these are says ``conditions.affected``: what the user had made by itself (a
loop, a new arm) is left alone, and a message offers to go into it. Keys and waypoints that contradict each other are
not refined either: they are told, and the user may want it all the same.

Edits wait a moment for each other, so that a run of taps is one refinement. The next drag ends the one that runs: it
answers what was there before. What was edited elsewhere meanwhile is not forgotten: it is refined after it. Undo asks
for nothing: it brings back the former result. Words are not refined: another prompt is another motion, which the user
asks for with Generate.
"""

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from genmo_studio.conditions.affected import Affected, RestPelvis, affected, together
from genmo_studio.conditions.checks import contradictions
from genmo_studio.conditions.edited import POSED, Edited, edited
from genmo_studio.conditions.regenerating import Anew
from genmo_studio.document.editor import Editor, Step, StepKind
from genmo_studio.document.model import Document
from genmo_studio.document.queries import find_take
from genmo_studio.document.time import Span
from genmo_studio.engine import service
from genmo_studio.engine.service import GenerationService
from genmo_studio.ui.jobs import JobController
from genmo_studio.ui.panels.message_bar import Lasts, Message, Severity
from genmo_studio.ui.stage import Stage
from genmo_studio.values import replace

DEBOUNCE_MS = 250


TOPIC = "refinement"


class Refine(QObject):
    """Asks for a refinement after an edit, where there is a result to refine."""

    message = Signal(object)
    """Message for the message bar."""
    solved = Signal(str)
    """Topic of messages whose cause is gone."""

    def __init__(
        self,
        editor: Editor,
        generation: GenerationService,
        *,
        jobs: JobController,
        stage: Stage,
        pelvis: RestPelvis,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._editor, self._service, self._jobs, self._stage = editor, generation, jobs, stage
        self._pelvis = pelvis
        self._pending: list[Edited] = []
        self._answering: tuple[Edited, ...] = ()
        self.enabled = True
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._timer.timeout.connect(self._begin)
        self._unsubscribe = editor.subscribe(changed=self._changed, committed=self._committed)
        self._unhear = generation.subscribe(self._heard)

    @property
    def waits(self) -> bool:
        """True while something was edited that has not been refined yet."""
        return bool(self._pending)

    def set_enabled(self, on: bool) -> None:
        """Refine, or leave it to the user; what runs is stopped."""
        self.enabled = on
        if not on:
            self._forget()

    def close(self) -> None:
        """Nothing is asked for after this."""
        self._timer.stop()
        self._unsubscribe()
        self._unhear()

    # -- hearing -------------------------------------------------------------------------------------------------------

    def _changed(self, old: Document, new: Document) -> None:
        if old.id != new.id:
            self._forget()
        elif self._editor.in_gesture and self._pending and edited(self._editor.settled, new, kinds=POSED) is not None:
            self._timer.stop()
            self._stop()  # outdated; it is asked for again when the drag is over
        elif not self._editor.in_gesture:
            self._go_on()  # a drag that was given up commits nothing

    def _committed(self, step: Step) -> None:
        if step.kind is not StepKind.DONE:
            self._forget()
            self.solved.emit(TOPIC)
            return
        what = edited(step.old, step.new, kinds=POSED) if self.enabled else None
        if what is not None:
            self._stop()
            self.solved.emit(TOPIC)
            self._pending.append(what)
        self._go_on()

    def _go_on(self) -> None:
        """What still waits is asked for in a moment."""
        if self._pending and not self._answering:
            self._timer.start()

    def _heard(self, event: service.Event) -> None:
        running = getattr(event, "running", None)
        if running is None or not running.refines:
            return
        if isinstance(event, service.Finished):
            done, self._answering = self._answering, ()
            if event.shown:
                self._pending = [what for what in self._pending if what not in done]
            if self._pending:
                self._timer.start()
        elif isinstance(event, service.Broken):
            self._answering, self._pending = (), []  # the same would happen again; the next edit tries anew
        elif isinstance(event, service.Stopped):
            self._answering = ()

    # -- asking --------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._editor.in_gesture:
            self._timer.start()  # it may end without another word
        else:
            self._ask()

    def _ask(self, *, spare: bool = True, anyway: bool = False) -> None:
        """Refine the newest of what waits, and what overlaps it.

        ``spare``: not into what the user made by itself. ``anyway``: also what contradicts itself.
        """
        found = [(what, part) for what in self._pending if (part := self._affected(what, spare=spare)) is not None]
        self._pending = [what for what, _ in found]
        if not found:
            return
        newest, whole = found[-1]
        answering = [newest]
        for what, part in found[-2::-1]:  # what overlaps is one refinement
            both = together(whole, part) if part.span.overlaps(whole.span) else None
            if both is not None:  # else it waits for its turn
                whole = both
                answering.append(what)
        # What a key wants elsewhere is met afterwards; who asks again still means it.
        asked = tuple(replace(what, joints=part.joints) for what, part in found if what in answering)
        anew = Anew(whole.span, whole.regions)
        if self._service.why_not(anew):  # locked
            self._drop(answering)
            self._go_on()
            return
        problem = None if anyway else self._contradiction(answering)
        if problem is not None:
            self._drop(answering)
            again = partial(self._again, asked, anyway=True)
            told = f"This was not refined. {problem}"
            self._tell(told, "Change it, or have it as it is.", "Refine Anyway", again, severity=Severity.WARNING)
            self._go_on()
            return
        if whole.spared:
            names = " and ".join(work.words for work in whole.spared)
            again = partial(self._again, asked, spare=False)
            self._tell(f"The refinement stops at {names}.", "That stays as you made it.", "Refine It Too", again)
        self._answering = tuple(answering)
        self._jobs.regenerate(anew, seed=self._seed_shown(whole.span), refines=True)

    def _drop(self, answering: list[Edited]) -> None:
        self._pending = [what for what in self._pending if what not in answering]

    def _again(self, answering: tuple[Edited, ...], *, spare: bool = True, anyway: bool = False) -> None:
        """The user wants it all the same."""
        self._stop()
        again = {(what.span, what.tracks) for what in answering}
        self._pending = [*(what for what in self._pending if (what.span, what.tracks) not in again), *answering]
        self._ask(spare=spare, anyway=anyway)

    def _tell(
        self, what: str, advice: str, button: str, action: partial[None], *, severity: Severity = Severity.INFO
    ) -> None:
        said = Message(what, advice, severity=severity, action=(button, action), topic=TOPIC, lasts=Lasts.STEP)
        self.message.emit(said)

    def _affected(self, what: Edited, *, spare: bool) -> Affected | None:
        return affected(self._editor.settled, what, self._stage.bare, pelvis=self._pelvis, spare=spare)

    def _contradiction(self, answering: list[Edited]) -> str | None:
        document = self._editor.settled
        return next((problem for what in answering for problem in contradictions(document, what.span)), None)

    def _seed_shown(self, span: Span) -> int | None:
        """The seed of the take that is shown there: a refinement is the same motion, not another one."""
        document = self._editor.settled
        shown = (find_take(document, piece.take) for piece in document.result if piece.span.overlaps(span))
        return next((take.seed for take in shown if take is not None), None)

    def _stop(self) -> None:
        self._service.cancel_refining()
        self._answering = ()

    def _forget(self) -> None:
        self._timer.stop()
        self._pending = []
        self._stop()
