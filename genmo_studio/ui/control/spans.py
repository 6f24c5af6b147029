"""Foot contacts, tweaks and locks: adding them over a range and changing what they say."""

from functools import partial

from genmo_studio.document.model import Document, Foot
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.control.body_parts import BodyPartsControl
from genmo_studio.ui.control.clipboard import NOTHING
from genmo_studio.ui.control.doing import do
from genmo_studio.ui.control.timeline import TimelineControl
from genmo_studio.ui.panels.region_boxes import RegionPopup
from genmo_studio.ui.timeline import span_commands

NO_CONTACT = "No foot contact is selected. Click one on the timeline first."


class SpansControl(Control):
    """Commands of contacts, tweaks and locks."""

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {
            "contact.left_planted": partial(self.add_contact, Foot.LEFT, planted=True),
            "contact.right_planted": partial(self.add_contact, Foot.RIGHT, planted=True),
            "contact.left_free": partial(self.add_contact, Foot.LEFT, planted=False),
            "contact.right_free": partial(self.add_contact, Foot.RIGHT, planted=False),
            "contact.toggle": self.toggle,
            "contact.other_foot": self.other_foot,
            "lock.add": lambda: self.lock(("full",)),
            "lock.regions": self.choose_regions,
            "tweak.add": self.add_tweak,
            "tweak.accept": self.accept_tweaks,
        }

    @property
    def _document(self) -> Document:
        return self.window.editor.document

    @property
    def _chosen(self) -> frozenset[str]:
        return self.window.session.selection

    @property
    def _frame(self) -> int:
        """The playhead, or where was right-clicked."""
        spot = self.window.commands.of(TimelineControl).spot
        return self.window.session.playhead if spot is None else spot[0]

    def add_contact(self, foot: Foot, *, planted: bool) -> None:
        """A contact over the range."""
        frame, document, shown, stood = self._frame, self._document, self.window.stage.result, None
        if shown is not None and shown.motion.contacts is not None:
            there = shown.motion.contacts
            stood = span_commands.contact_stretch(there, foot, frame, start=shown.start, length=document.length)
        chosen = self._chosen
        wanted = span_commands.contact(document, chosen, frame=frame, foot=foot, planted=planted, stood=stood)
        do(self.window, wanted, otherwise=NOTHING)

    def toggle(self) -> None:
        """Planted or free."""
        do(self.window, span_commands.toggle(self._document, self._chosen), otherwise=NO_CONTACT)

    def other_foot(self) -> None:
        """Left or right."""
        do(self.window, span_commands.other_foot(self._document, self._chosen), otherwise=NO_CONTACT)

    def lock(self, regions: tuple[str, ...]) -> None:
        """Lock regions over the range, or let the selected locks hold these."""
        wanted = span_commands.lock(self._document, self._chosen, frame=self._frame, regions=regions)
        do(self.window, wanted, otherwise="Choose at least one region of the body to lock.")

    def choose_regions(self) -> None:
        """Ask which regions, at the playhead."""
        locks = span_commands.chosen_locks(self._document, self._chosen)
        question = "Which parts of the body stay as they are?"
        regions = locks[0].regions if locks else ("upper",)
        verb = "Change Lock" if locks else "Lock"
        popup = RegionPopup(self.window, question=question, verb=verb, regions=regions)
        popup.accepted.connect(self.lock)
        popup.open_at(self.window.timeline.playhead_place())

    def add_tweak(self) -> None:
        """A tweak of the selected joints over the range."""
        joints = self.window.commands.of(BodyPartsControl).joints.joints
        wanted = span_commands.tweak(self._document, self._chosen, frame=self._frame, joints=joints)
        do(self.window, wanted, otherwise=NOTHING)

    def accept_tweaks(self) -> None:
        """They were looked at and are right."""
        wanted = span_commands.accept(self._document, self._chosen)
        do(self.window, wanted, otherwise="No tweak is selected. Click one on the timeline first.")
