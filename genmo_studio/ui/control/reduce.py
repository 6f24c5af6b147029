"""Dense motion to keys, and keys to a motion by interpolation alone."""

import datetime
import hashlib

import numpy as np

from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.edits import EditError, add_take, new_id
from genmo_studio.document.model import Document, Take, TakeMode
from genmo_studio.document.time import Span
from genmo_studio.motion.interpolate import Tangent
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.reduce import Reduction
from genmo_studio.motion.skeleton import JOINTS
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.control.body_parts import BodyPartsControl
from genmo_studio.ui.panels.message_bar import refusal
from genmo_studio.ui.panels.reduce_keys import blocked, full_keys, keyed_frames, keys_edit, reduce_span, reduction_of

MODEL = "interpolation"
"""What such a take names as its model."""
WAYS: dict[str, tuple[Tangent | None, str]] = {
    "block.keys": (None, "As Keys Say"),
    "block.smooth": (Tangent.AUTO, "Smooth"),
    "block.flat": (Tangent.FLAT, "Ease In and Out"),
    "block.linear": (Tangent.LINEAR, "Linear"),
    "block.step": (Tangent.STEP, "Stepped"),
}


class ReduceControl(Control):
    """Commands between motion and keys."""

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        ways: dict[str, Slot] = {
            action: (lambda tangent=tangent, words=words: self.block(tangent, words))  # type: ignore[misc]
            for action, (tangent, words) in WAYS.items()
        }
        return {"reduce.keys": self.ask, **ways}

    def connect(self) -> None:
        """See Control."""
        self._enable(self.window.editor.document)

    def document_changed(self, old: Document, new: Document) -> None:
        """See Control."""
        if old is new or old.result is not new.result or old.tracks is not new.tracks:
            self._enable(new)

    def _enable(self, document: Document) -> None:
        self.window.actions_by_id["reduce.keys"].setEnabled(bool(document.result))

    # -- motion to keys ------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask how close the keys are to be; they are made of the result without tweaks, which stay on top."""
        from genmo_studio.ui.panels.reduce_dialog import ReduceDialog, Wish  # noqa: PLC0415

        w = self.window
        document, bare = w.editor.document, w.stage.shown_bare
        span = reduce_span(document, bare)
        if bare is None or span is None:
            w.note("There is no motion to reduce between in and out; generate it first, or mark another range.")
            return
        chosen = w.commands.of(BodyPartsControl).joints.joints
        joints = tuple(name for name in JOINTS if name in chosen)

        def count(wish: Wish) -> Reduction:
            return reduction_of(
                bare,
                span,
                joints=wish.joints,
                tolerance=wish.tolerance,
                root=wish.root,
                fixed=keyed_frames(document, wish.joints, span),
            )

        marked = "" if document.in_out is not None else ", all of the result"
        dialog = ReduceDialog(
            frames=f"{span.start} to {span.stop - 1}{marked}", length=span.length, joints=joints, count=count, parent=w
        )
        dialog.chosen.connect(lambda wish, found: self.create(bare, span, wish.joints, root=wish.root, found=found))
        w.commands.open_dialog(dialog)

    def create(self, bare: ShownMotion, span: Span, joints: tuple[str, ...], *, root: bool, found: Reduction) -> None:
        """Put the keys on the timeline, as one step."""
        w = self.window
        rest = w.picture.body.rest_joints(bare.motion.betas)[0]
        edit, ids = keys_edit(w.editor.document, bare, span, found, joints=joints, root=root, rest_pelvis=rest)
        if w.commands.edit("Reduce to Keys", edit, select=ids):
            kept = len(found.frames) - len(ids)
            more = f"; {kept} that were there stay" if kept else ""
            w.note(f"{len(ids)} keys were made{more}. The next generation goes through them.")

    # -- keys to motion ------------------------------------------------------------------------------------------------

    def block(self, tangent: Tangent | None, words: str) -> None:
        """A take that goes from key to key without the model."""
        w = self.window
        document = w.editor.document
        like = self._like(document)
        try:
            rest = w.picture.body.rest_joints(like.betas)[0]
            span, motion = blocked(full_keys(document, document.in_out), tangent=tangent, rest_pelvis=rest, like=like)
        except EditError as error:
            w.post(refusal(str(error)))
            return
        data = motion.to_bytes()
        take = Take(
            id=new_id(),
            name=f"Blocking {1 + sum(take.model == MODEL for take in document.takes)}, {words.lower()}",
            span=span,
            blob=hashlib.sha256(data).hexdigest(),
            request_hash="",
            seed=0,
            model=MODEL,
            mode=TakeMode.DRAFT,
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        )
        w.project.store[take.blob] = data
        w.commands.edit("Interpolate Between Keys", add_take(take))

    def _like(self, document: Document) -> Motion:
        """Body, shape and rate of the project."""
        betas = np.asarray(document.body.betas, np.float32)
        empty = np.zeros((1, 24, 3), np.float32), np.zeros((1, 3), np.float32)
        return Motion(*empty, betas=betas, fps=float(document.fps), body=self.window.picture.body.name)
