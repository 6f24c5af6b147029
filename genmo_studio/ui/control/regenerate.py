"""Making a part of the result anew: the section of the Generate panel, its commands, and what follows a drag."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer

from genmo_studio.conditions.edited import Edited, between_keys
from genmo_studio.conditions.locks import kept_regions
from genmo_studio.conditions.regenerating import BLEND, Anew, NotRegenerableError, stretch_around
from genmo_studio.conditions.request import Loop
from genmo_studio.document.model import Document, TakeMode
from genmo_studio.document.queries import find_item, find_take, item_span
from genmo_studio.document.time import Span
from genmo_studio.motion.regions import region_of, region_words
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.control.body_parts import BodyPartsControl
from genmo_studio.ui.joint_selection import region
from genmo_studio.ui.made_in_place import made_in_place, shown_in_place
from genmo_studio.ui.panels.inspector import SOON_MS
from genmo_studio.ui.panels.message_bar import refusal
from genmo_studio.ui.panels.regenerate import Frames
from genmo_studio.ui.refine import Refine

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

_OPEN, _BLEND, _DRAFTS, _REFINE = "regenerate/open", "regenerate/blend", "live/drafts", "live/refine"
_KEPT = "Nothing was changed."
_RUNS = ("regenerate.run", "regenerate.draft", "regenerate.loop_in_place", "regenerate.loop_along")


class RegenerateControl(Control):
    """Which frames of which part of the body are made anew, and the commands that do it."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self.panel = window.generation.regenerate
        self._frames, self._typed = Frames.KEYS, Span(0, 1)
        self._region, self._blend = "full", BLEND
        self._refine: Refine | None = None
        self._soon = QTimer(window, interval=SOON_MS, singleShot=True)
        self._soon.timeout.connect(self._follow)

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {
            "regenerate.run": lambda: self._run(TakeMode.FULL),
            "regenerate.draft": lambda: self._run(TakeMode.DRAFT),
            "regenerate.choose": self.choose,
            "regenerate.loop_in_place": lambda: self._run(TakeMode.FULL, loop=Loop.IN_PLACE),
            "regenerate.loop_along": lambda: self._run(TakeMode.FULL, loop=Loop.ALONG_PATH),
            "regenerate.in_place": self._make_in_place,
        }

    def connect(self) -> None:
        """See Control."""
        w, panel, settings = self.window, self.panel, self.window.parts.settings
        actions = w.actions_by_id
        panel.set_actions(
            actions["regenerate.run"],
            actions["regenerate.draft"],
            loops=(actions["regenerate.loop_in_place"], actions["regenerate.loop_along"]),
            more=(actions["regenerate.in_place"],),
        )
        self._refine = Refine(w.editor, w.parts.service, jobs=w.jobs, stage=w.stage, pelvis=self._rest_pelvis, parent=w)
        self._refine.message.connect(w.post)
        self._refine.solved.connect(w.messages.withdraw)
        w.parts.service.live.rest_pelvis = self._rest_pelvis
        self._switch("live.drafts", _DRAFTS, w.live.set_enabled)
        self._switch("live.refine", _REFINE, self._refine.set_enabled)
        panel.set_live_actions(actions["live.drafts"], actions["live.refine"])
        self._blend = int(str(settings.value(_BLEND, BLEND)))
        panel.show_blend(self._blend)
        panel.frames_chosen.connect(self._choose_frames)
        panel.span_typed.connect(self._type)
        panel.region_chosen.connect(self._choose_region)
        panel.blend_changed.connect(self._choose_blend)
        panel.opened.connect(self._opened)
        panel.set_open(settings.value(_OPEN, "false") in (True, "true"))
        w.session.playhead_changed.connect(self._playhead_moved)
        w.transport.playing_changed.connect(self._playhead_moved)
        w.commands.of(BodyPartsControl).joints.changed.connect(self._joints_changed)
        self._follow()

    def _switch(self, action_id: str, key: str, turn: Callable[[bool], None]) -> None:
        settings, action = self.window.parts.settings, self.window.actions_by_id[action_id]
        on = settings.value(key, "true") in (True, "true")
        action.setChecked(on)
        turn(on)

        def toggled(now: bool) -> None:
            settings.setValue(key, now)
            turn(now)

        action.toggled.connect(toggled)

    def document_changed(self, old: Document, new: Document) -> None:
        """See Control."""
        watched = ("tracks", "length", "takes", "result", "in_out")
        if old is new or any(getattr(old, name) is not getattr(new, name) for name in watched):
            if not self.window.editor.in_gesture:
                self._follow()
            elif not self._soon.isActive():  # a draft of the drag is wanted more than these words
                self._soon.start()

    def selection_changed(self, _selection: frozenset[str]) -> None:
        """See Control."""
        if self._frames is Frames.SELECTION:
            self._follow()

    def close(self) -> None:
        """See Control."""
        if self._refine is not None:
            self._refine.close()

    # -- what is chosen ------------------------------------------------------------------------------------------------

    @property
    def anew(self) -> Anew | None:
        """What would be made anew; None while no frames are chosen."""
        span = self._span()
        return None if span is None else Anew(span, (self._region,), self._blend)

    def choose(self) -> None:
        """Open the section on the frames from in to out; without marks, between the keys around the playhead."""
        w = self.window
        w.docks["generation"].setVisible(True)
        w.docks["generation"].raise_()
        self.panel.set_open(True)
        self._choose_frames(Frames.KEYS if w.editor.document.in_out is None else Frames.MARKS)
        w.generation.look_at(self.panel)

    def _span(self) -> Span | None:
        document, here = self.window.editor.document, self.window.session.playhead
        whole = Span(0, max(document.length, 1))
        match self._frames:
            case Frames.KEYS:
                return _keys_around(document, min(here, whole.stop - 1))
            case Frames.MARKS:
                return None if document.in_out is None else document.in_out.intersection(whole)
            case Frames.SELECTION:
                found = [find_item(document, name) for name in self.window.session.selection]
                spans = [item_span(item) for item in found if item is not None]
                spans += [
                    take.span
                    for name in self.window.session.selection
                    if (take := find_take(document, name)) is not None
                ]
                if not spans:
                    return None
                return Span(min(s.start for s in spans), max(s.stop for s in spans)).intersection(whole)
            case Frames.TYPED:
                return self._typed.intersection(whole)

    def _playhead_moved(self, *_: object) -> None:
        """The keys around the playhead are others; not while it plays, where nobody could follow."""
        if self._frames is Frames.KEYS and not self.window.transport.playing:
            self._follow()

    def _choose_frames(self, frames: object) -> None:
        if isinstance(frames, Frames):
            if frames is Frames.TYPED:
                self._typed = self._span() or self._typed  # what is in the fields
            self._frames = frames
            self._follow()

    def _type(self, span: object) -> None:
        if isinstance(span, Span):
            self._frames, self._typed = Frames.TYPED, span
            self._follow()

    def _choose_region(self, name: str) -> None:
        """Select the joints of the region, so that figure and body show it."""
        self._region = name
        joints = self.window.commands.of(BodyPartsControl).joints
        joints.select(() if name == "full" else region(name))
        self._follow()

    def _joints_changed(self, names: object) -> None:
        if isinstance(names, frozenset):
            self._region = region_of(INDEX[name] for name in names)
            self._follow()

    def _choose_blend(self, frames: int) -> None:
        self._blend = frames
        self.window.parts.settings.setValue(_BLEND, frames)
        self._follow()

    def _opened(self, on: bool) -> None:
        self.window.parts.settings.setValue(_OPEN, on)
        self._follow()

    def _follow(self) -> None:
        """Show the choice, what stands against it, and where it lies on the timeline."""
        w, panel, anew = self.window, self.panel, self.anew
        panel.set_length(w.editor.document.length)
        panel.show_span(self._frames, None if anew is None else anew.span)
        panel.show_region(self._region)
        why = self._why_not(anew)
        for action_id in _RUNS:
            w.actions_by_id[action_id].setEnabled(not why)
        w.actions_by_id["regenerate.in_place"].setEnabled(not self._why_not_in_place(anew))
        panel.enable_loop(not why)
        panel.say(why or self._words(anew))
        w.timeline.set_anew(anew.span if anew is not None and panel.is_open else None)

    def _why_not(self, anew: Anew | None) -> str:
        if anew is None:
            return {
                Frames.MARKS: "There are no marks: set them with I and O, or choose another range.",
                Frames.SELECTION: "No clip or key is selected: select some, or choose another range.",
            }.get(self._frames, "There are no frames in this range.")
        if self._stage_result() is None:
            return "There is no motion yet: press Generate first."
        return self.window.parts.service.why_not(anew)

    def _words(self, anew: Anew | None) -> str:
        if anew is None:
            return ""
        document, span = self.window.editor.document, anew.span
        frames = "1 frame" if span.length == 1 else f"{span.length} frames ({span.length / document.fps:.1f} s)"
        text = f"Makes {frames} of the {region_words(anew.regions)} anew."
        kept = kept_regions(document, span, start=0)
        names = list(dict.fromkeys(name for lock in kept for name in lock.regions))
        return f"{text} Locks keep the {region_words(names)} where they lie." if names else text

    # -- doing ---------------------------------------------------------------------------------------------------------

    def _run(self, mode: TakeMode, *, loop: Loop | None = None) -> None:
        w, anew = self.window, self.anew
        if anew is None or (why := self._why_not(anew)):
            w.post(refusal(self._why_not(anew) if anew is None else why, _KEPT))
            return
        seed = w.generation.next_seeds()[0] if mode is TakeMode.FULL else None
        regions = anew.regions if loop is None else ("full",)  # a body of which a part repeats is no loop
        w.jobs.regenerate(Anew(anew.span, regions, anew.blend, loop), mode=mode, seed=seed)

    def _rest_pelvis(self, document: Document) -> NDArray[np.float32]:
        betas = np.asarray((*document.body.betas, *(0.0,) * 10)[:10], np.float32)
        return np.asarray(self.window.picture.body.rest_joints(betas)[0], np.float32)

    def _stage_result(self) -> object:
        return self.window.stage.bare

    def _why_not_in_place(self, anew: Anew | None) -> str:
        if anew is None:
            return "There are no frames in this range."
        try:
            stretch_around(self.window.stage.bare, anew.span, length=self.window.editor.document.length)
        except NotRegenerableError as error:
            return str(error)
        return ""

    def _make_in_place(self) -> None:
        """A take without travel in the span; what follows goes on from there."""
        w, anew = self.window, self.anew
        shown, document = w.stage.bare, w.editor.document
        if anew is None or shown is None or self._why_not_in_place(anew):
            w.post(refusal(self._why_not_in_place(anew), _KEPT))
            return
        take, data = made_in_place(document, shown, anew.span)
        w.project.store[take.blob] = data
        w.commands.edit(f"Make in Place {anew.span.start}–{anew.span.stop - 1}", shown_in_place(take))


def _keys_around(document: Document, frame: int) -> Span:
    """The frames between the keys on both sides of a frame; a key at the frame itself is among them."""
    return between_keys(document, Edited(Span(frame, frame + 1), frozenset()))


def _selected(document: Document, names: frozenset[str]) -> list[Span]:
    """Spans of the selected clips, keys and takes, inside of the project."""
    items = [item for item in (find_item(document, name) for name in names) if item is not None]
    takes = [take for take in (find_take(document, name) for name in names) if take is not None]
    spans = [item_span(item) for item in items] + [take.span for take in takes]
    whole = Span(0, max(document.length, 1))
    return [part for part in (span.intersection(whole) for span in spans) if part is not None]
