"""Takes: showing, comparing, overlaying, splicing, naming, making again and deleting them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from genmo_studio.conditions.compile import compile_request
from genmo_studio.conditions.record import read_record
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.conditions.result import ShownMotion, assemble_result, heard_tweaks
from genmo_studio.document import edits
from genmo_studio.document.edits import EditError
from genmo_studio.document.model import Document, Take
from genmo_studio.document.queries import find_take
from genmo_studio.motion.motion import Motion
from genmo_studio.ui import comparing
from genmo_studio.ui.comparing import Pair
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.control.takes_again import TakeAgain
from genmo_studio.ui.panels.message_bar import Message, Severity, refusal
from genmo_studio.ui.panels.take_pictures import TakePictures
from genmo_studio.ui.splice import Splice, nearest_seam, slides, span_now, splice_edit, splice_span, take_offset
from genmo_studio.ui.timeline.timecode import format_time

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

_KEPT = "Nothing was changed."
_NEEDS_ONE = ("takes.show", "takes.rename", "takes.favourite", "takes.settings", "takes.inspect", "takes.regenerate")


class TakesControl(Control):
    """The Takes panel and the commands about takes."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self.pair: Pair | None = None
        """What is compared, None while nothing is."""
        self._sides: dict[str, ShownMotion | None] = {}
        self._ghost = ""
        self.again = TakeAgain(window)
        self.pictures = TakePictures(
            read=window.project.store.get, body=window.parts.body, theme=window.parts.theme, parent=window
        )

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {
            "takes.show": lambda: self._with_take(lambda take: self.show_take(take.id)),
            "takes.compare": self.toggle_compare,
            "takes.switch": self.switch,
            "takes.keep": self.keep,
            "takes.leave": self.leave,
            "takes.ghost": self.toggle_ghost,
            "takes.splice": self.splice,
            "takes.fade": self.fade,
            "takes.rename": lambda: self._with_take(lambda take: self.window.takes.rename(take.id)),
            "takes.favourite": lambda: self._with_take(lambda take: self.favourite(take.id)),
            "takes.settings": lambda: self._with_take(self.use_settings),
            "takes.regenerate": lambda: self._with_take(self.again.begin),
            "takes.inspect": lambda: self._with_take(lambda take: self.inspect(take.id)),
            "takes.delete": self.delete,
            "takes.delete_unused": lambda: self.window.commands.edit(
                "Delete Unused Takes", edits.delete_unused_takes()
            ),
        }

    def connect(self) -> None:
        """See Control."""
        w, panel = self.window, self.window.takes
        panel.set_actions(w.actions_by_id)
        panel.set_pictures(self.pictures)
        panel.show_requested.connect(self.show_take)
        panel.favourite_requested.connect(self.favourite)
        panel.rename_requested.connect(lambda take, name: w.commands.edit("Rename Take", edits.rename_take(take, name)))
        panel.chosen_changed.connect(self._chosen)
        panel.compare.side_chosen.connect(lambda side: self.switch(on_b=bool(side)))
        w.jobs.show_wanted.connect(self.show_take)
        w.jobs.report_wanted.connect(self.inspect)
        w.jobs.other.connect(self.again.hear)
        w.inspector.take_report.request_now = self.request_now
        w.actions_by_id["generate.cancel"].triggered.connect(lambda _=False: self.again.cancel())
        self._enable()

    def document_changed(self, old: Document, new: Document) -> None:
        """What is compared or overlaid follows the document."""
        if old.id != new.id:
            self.leave()
            self._set_ghost("")
        elif old.takes is not new.takes or old.result is not new.result:
            if self.pair is not None:
                self._compare(self.pair)
            if self._ghost:
                self._set_ghost(self._ghost)
        elif self.pair is not None and old.tracks is not new.tracks and heard_tweaks(old) != heard_tweaks(new):
            self._compare(self.pair)
        self._enable()

    def selection_changed(self, selection: frozenset[str]) -> None:  # noqa: ARG002  (Control's)
        """A selected piece of the result is a range to splice."""
        self._enable()

    def job_changed(self, *, running: bool) -> None:
        """Say that a first take is on its way; cancel also stops what is made again."""
        self.window.takes.set_making(running)
        if self.again.running:
            self.window.actions_by_id["generate.cancel"].setEnabled(True)

    def close(self) -> None:
        """See Control."""
        self.pictures.close()
        self.window.takes.stop()

    # -- the result ----------------------------------------------------------------------------------------------------

    def show_take(self, take_id: str) -> None:
        """Make a take the result over its span; where it is only a part, it is faded in and out."""
        w = self.window
        document = w.editor.document
        take = find_take(document, take_id)
        if take is None:
            w.post(refusal("This take is no longer in the project.", _KEPT))
            return
        self.leave()
        offset = take_offset(document, take_id)
        edit = edits.splice_take(take_id, span_now(document, take), blend=w.takes.blend.value(), offset=offset)
        w.commands.edit(f"Show {take.name}", edit)

    def splice(self) -> None:
        """Put the marked range of the chosen take into the result."""
        w = self.window
        document, take = w.editor.document, self.target()
        if take is None:
            self._say("Choose a take in the list first.", "Then mark the range with I and O.")
            return
        span = splice_span(document, take, selected=w.session.selection, playhead=w.session.playhead)
        if span is None:
            marked = document.in_out is not None
            self._say(
                f"{take.name} has no frame in the marked range." if marked else "There is no range to splice.",
                f"It lies on frames {take.span.start} to {take.span.stop - 1}."
                if marked
                else "Mark one with I and O, or select a piece of the result on the timeline.",
            )
            return
        wanted = Splice(take.id, span, blend=w.takes.blend.value(), align=w.takes.alignment)
        try:
            edit = splice_edit(document, wanted, w.project.take_motion)
        except EditError as error:
            self._say(str(error), _KEPT)
            return
        self.leave()
        w.commands.edit(f"Splice {take.name}", edit)
        self._tell_slides(wanted, take, before=document)

    def _tell_slides(self, splice: Splice, take: Take, *, before: Document) -> None:
        """Say where the blend of a splice makes a foot slide, and what helps."""
        w = self.window
        read, document = w.project.take_motion, w.editor.document
        motion, shown = read(take.id), assemble_result(document, read, tweaked=False)
        if motion is None or shown is None or document is before:
            return
        was = assemble_result(before, read, tweaked=False)
        start = take.span.start + take_offset(document, take.id)
        found = slides(was, shown, motion, splice, start=start, body=w.picture.body)
        if not found:
            return
        worst = max(found, key=lambda slide: slide.speed)
        fps, style = document.fps, w.session.time_format
        times = " and ".join(format_time(slide.frame, fps=fps, style=style) for slide in found)
        w.post(
            Message(
                f"A foot slides where {take.name} was spliced in, at {times} ({100 * worst.speed:.0f} cm/s).",
                "A longer blend slides less, and so does a seam where both stand on the same foot.",
                severity=Severity.INFO,
                action=("Go There", lambda: w.transport.seek(worst.frame)),
            )
        )

    def fade(self) -> None:
        """Cross-fade the seam at the playhead."""
        w = self.window
        seam = nearest_seam(w.editor.document, w.session.playhead)
        if seam is None:
            self._say("The result has no seam to fade.", "Splice a range of another take into it first.")
            return
        w.commands.edit("Fade Seam", edits.set_blend(seam, w.takes.blend.value()))

    # -- comparing -----------------------------------------------------------------------------------------------------

    def toggle_compare(self) -> None:
        """Begin to compare, or stop."""
        if self.pair is not None:
            self.leave()
        else:
            self.begin_compare()

    def begin_compare(self) -> bool:
        """Compare what is chosen. False when there are no two things to compare."""
        w = self.window
        pair = comparing.pair_of(w.editor.document, tuple(take.id for take in w.takes.chosen))
        if pair is None:
            self._say("There is nothing to compare yet.", "Generate at least two takes.")
            self._enable()
            return False
        self._compare(pair)
        return True

    def switch(self, *, on_b: bool | None = None) -> None:
        """See the other side at the same frame."""
        if self.pair is None:
            self.begin_compare()
        else:
            self.pair = self.pair.switched(on_b=on_b)
            self._show_side()

    def keep(self) -> None:
        """Make the side on show the result, in one step, and stop comparing."""
        if self.pair is None:
            return
        showing = self.pair.showing
        self.leave()
        if showing != comparing.RESULT:
            self.show_take(showing)

    def leave(self) -> None:
        """Stop comparing; the result is as it was."""
        if self.pair is not None:
            self.pair, self._sides = None, {}
            self.window.stage.compare(None)
            self._show_badges()
            self._enable()

    def _compare(self, pair: Pair) -> None:
        """Look at both sides now, so that switching is instant."""
        w = self.window
        document = w.editor.document
        self.pair = pair
        self._sides = {side: comparing.seen(document, side, w.project.take_motion) for side in (pair.a, pair.b)}
        if any(shown is None for shown in self._sides.values()):
            self.leave()
            return
        self._show_side()
        self._enable()

    def _show_side(self) -> None:
        w, pair = self.window, self.pair
        if pair is None:
            return
        keys = w.actions_by_id["takes.switch"].shortcut().toString()
        w.stage.compare(self._sides[pair.showing], comparing.title(w.editor.document, pair, key=keys))
        self._show_badges()

    def _show_badges(self) -> None:
        w, pair = self.window, self.pair
        document = w.editor.document
        if pair is None:
            w.takes.compare.show_sides(None)
            w.takes.model.set_sides({})
            return
        names = comparing.side_name(document, pair.a), comparing.side_name(document, pair.b)
        w.takes.compare.show_sides(names, active=int(pair.on_b))
        a = pair.a or comparing.only_take(document)
        w.takes.model.set_sides({a: ("A", not pair.on_b), pair.b: ("B", pair.on_b)})

    # -- overlay -------------------------------------------------------------------------------------------------------

    def toggle_ghost(self) -> None:
        """Lay the chosen take over the result, or take it away."""
        if self._ghost:
            self._set_ghost("")
            return
        document = self.window.editor.document
        used = {piece.take for piece in document.result}
        chosen = self.window.takes.current
        rivals = [take.id for take in reversed(document.takes) if take.id not in used]
        if chosen is None and not rivals:
            self._say("There is no other take to lay over the result.", "Generate another one.")
        self._set_ghost(chosen.id if chosen is not None else rivals[0] if rivals else "")

    def _set_ghost(self, take_id: str) -> None:
        w = self.window
        take, motion = find_take(w.editor.document, take_id), self._motion(take_id)
        shown = None
        if take is not None and motion is not None:
            shown = ShownMotion(motion, span_now(w.editor.document, take).start)
        self._ghost = take_id if shown is not None else ""
        w.stage.overlay(shown)
        w.takes.model.set_ghost(self._ghost)
        w.actions_by_id["takes.ghost"].setChecked(bool(self._ghost))

    def _motion(self, take_id: str) -> Motion | None:
        return self.window.project.take_motion(take_id) if take_id else None

    # -- one take ------------------------------------------------------------------------------------------------------

    def target(self) -> Take | None:
        """The take that is chosen in the panel, else the one of the result at the playhead."""
        w = self.window
        if w.takes.current is not None:
            return w.takes.current
        document, frame = w.editor.document, w.session.playhead
        here = next((piece.take for piece in document.result if frame in piece.span), "")
        return find_take(document, here)

    def favourite(self, take_id: str) -> None:
        """Give a star or take it away."""
        take = find_take(self.window.editor.document, take_id)
        if take is not None:
            label = "Remove Star" if take.favourite else "Star Take"
            self.window.commands.edit(label, edits.set_favourite(take_id, favourite=not take.favourite))

    def use_settings(self, take: Take) -> None:
        """The next take is made as this one was."""
        request = read_record(take.request)
        settings: dict[str, object] = {"seed": take.seed}
        if request is not None:
            settings |= {name: getattr(request, name) for name in ("model", "steps", "guidance", "foot_lock")}
        self.window.commands.edit(f"Use Settings of {take.name}", edits.change_generation(**settings))  # type: ignore[arg-type]

    def inspect(self, take_id: str) -> None:
        """Select a take, which shows where it comes from in the Inspector."""
        w = self.window
        w.session.select({take_id})
        dock = w.docks["inspector"]
        dock.show()
        dock.raise_()

    def delete(self) -> None:
        """Remove the chosen takes."""
        chosen = self.window.takes.chosen
        if chosen:
            label = f"Delete {chosen[0].name}" if len(chosen) == 1 else f"Delete {len(chosen)} Takes"
            self.window.commands.edit(label, edits.compose(*(edits.delete_take(take.id) for take in chosen)))

    def request_now(self, take: Take) -> GenerationRequest | None:
        """What the timeline asks for now where a take lies; None while its media are being read."""
        w = self.window
        document, facts = w.editor.document, w.parts.facts
        span = span_now(document, take)
        if not facts.ready or span.start < 0 or span.stop > document.length:
            return None
        return compile_request(document, locate=facts.as_authored, span=span, mode=take.mode, seed=take.seed).request

    # -- inside --------------------------------------------------------------------------------------------------------

    def _with_take(self, do: Callable[[Take], object]) -> None:
        take = self.target()
        if take is not None:
            do(take)

    def _say(self, what: str, advice: str) -> None:
        self.window.post(Message(what, advice, severity=Severity.INFO))

    def _chosen(self) -> None:
        """Another take is chosen: the ghost follows, and so does what is compared with the result."""
        w, chosen = self.window, self.window.takes.current
        if chosen is not None and self._ghost and chosen.id != self._ghost:
            self._set_ghost(chosen.id)
        if self.pair is not None and chosen is not None and len(w.takes.chosen) == 1:
            a = self.pair.a or comparing.only_take(w.editor.document)
            if chosen.id not in (a, self.pair.b):
                self._compare(Pair(self.pair.a, chosen.id, on_b=True))
        self._enable()

    def _say_range(self, document: Document, target: Take | None) -> None:
        """The splice button tells what it would do."""
        w = self.window
        span = None
        if target is not None:
            span = splice_span(document, target, selected=w.session.selection, playhead=w.session.playhead)
        if span is None or target is None:
            tip = "Mark a range with I and O, choose a take, and put that part of it into the result"
        else:
            tip = f"Put frames {span.start} to {span.stop - 1} of {target.name} into the result"
        w.takes.say_splice(tip)

    def _enable(self) -> None:
        w, actions = self.window, self.window.actions_by_id
        document, target, comparing_now = w.editor.document, self.target(), self.pair is not None
        for action_id in _NEEDS_ONE:
            actions[action_id].setEnabled(target is not None)
        actions["takes.delete"].setEnabled(bool(w.takes.chosen))
        actions["takes.delete_unused"].setEnabled(len(document.takes) > len({p.take for p in document.result}))
        actions["takes.splice"].setEnabled(bool(document.takes))
        actions["takes.fade"].setEnabled(len(document.result) > 1)
        self._say_range(document, target)
        for action_id in ("takes.compare", "takes.switch"):
            actions[action_id].setEnabled(comparing_now or len(document.takes) > 1)
        for action_id in ("takes.keep", "takes.leave"):
            actions[action_id].setEnabled(comparing_now)
        actions["takes.compare"].setChecked(comparing_now)
        actions["takes.ghost"].setEnabled(bool(document.takes))
