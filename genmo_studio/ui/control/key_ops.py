"""What is done to keys on the timeline: holds, scaling, reversing, mirroring, freeing joints, unfolding rows."""

from functools import partial

import numpy as np

from genmo_studio.document.model import Document, KeyTangent, PoseKey
from genmo_studio.document.queries import find_track
from genmo_studio.motion.rotations import heading_from_matrix, matrix_from_rotvec
from genmo_studio.ui.control.base import Control, Slot
from genmo_studio.ui.control.body_parts import BodyPartsControl
from genmo_studio.ui.control.doing import do
from genmo_studio.ui.panels.value_popup import ValuePopup
from genmo_studio.ui.timeline import key_commands
from genmo_studio.ui.timeline.fills import failed_spans
from genmo_studio.ui.timeline.subrows import folds, unfolded_further
from genmo_studio.values import replace

NO_KEY = "No key is selected. Click a key on the timeline first."
NO_POSE = "No pose key is selected. Click one on the timeline first."
NO_JOINT = "The selected keys hold none of the selected joints. Choose joints in the viewport or in Body Parts first."
NO_ROWS = "Only rows of pose keys can be unfolded. Click the header of one first."


class KeyOpsControl(Control):
    """Commands of keys."""

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {
            "key.hold": self.hold,
            "key.longer": lambda: self.lengthen(1),
            "key.shorter": lambda: self.lengthen(-1),
            "key.scale": self.scale,
            "key.reverse": self.reverse,
            "key.mirror": lambda: self.mirror(world=False),
            "key.mirror_world": lambda: self.mirror(world=True),
            "key.breakdown": self.breakdown,
            "key.free_joints": self.free,
            **{f"key.tangent_{way.value}": partial(self.set_tangent, way) for way in KeyTangent},
            "key.select_all": lambda: self.window.session.select(key_commands.all_keys(self._document)),
            "track.unfold": self.unfold,
        }

    def connect(self) -> None:
        """See Control."""
        self.window.session.parts_changed.connect(self._parts_changed)
        self.window.jobs.listed.connect(self._jobs_changed)

    @property
    def _document(self) -> Document:
        return self.window.editor.document

    @property
    def _chosen(self) -> frozenset[str]:
        return self.window.session.selection

    def _parts_changed(self, parts: frozenset[str] | None) -> None:
        """The joints of a row that was clicked are selected everywhere (SE1)."""
        joints = self.window.commands.of(BodyPartsControl).joints
        if parts and joints.linked:
            joints.select(parts)

    def _jobs_changed(self) -> None:
        """Where the last attempt to generate failed is seen between the keys (KF9)."""
        self.window.timeline.set_failed(failed_spans(self.window.jobs.log.records))

    def hold(self) -> None:
        """Ask for how many frames, at the playhead."""
        keys = [k for k in key_commands.chosen_keys(self._document, self._chosen) if isinstance(k, PoseKey)]
        if not keys:
            self.window.note(NO_POSE)
            return
        popup = ValuePopup(
            self.window,
            question="Hold the pose for",
            hint="Frames after the key; 0 holds it at the key alone. Enter keeps it, Esc closes.",
            value=float(keys[0].hold or self._document.fps // 2),
            bounds=(0.0, 100_000.0),
            suffix=" f",
        )
        popup.accepted.connect(self._hold)
        popup.open_at(self.window.timeline.playhead_place())

    def _hold(self, frames: float) -> None:
        do(self.window, key_commands.hold(self._document, self._chosen, round(frames)), otherwise=NO_POSE)

    def lengthen(self, by: int) -> None:
        """One frame more or less; a run of them is one undo step."""
        wanted = key_commands.lengthen(self._document, self._chosen, by=by)
        if wanted is None:
            self.window.note(NO_POSE)
            return
        merge = "hold " + " ".join(sorted(self._chosen))
        self.window.commands.edit(wanted.label, wanted.edit, merge=merge)

    def scale(self) -> None:
        """Ask by how much, at the playhead."""
        if len(key_commands.chosen_keys(self._document, self._chosen)) < 2:
            self.window.note("Select two or more keys to scale them in time.")
            return
        popup = ValuePopup(
            self.window,
            question="Scale the selected keys to",
            hint="More than 100 % spreads them, less gathers them. Enter scales, Esc closes.",
            value=100.0,
            bounds=(1.0, 10_000.0),
            suffix=" %",
            decimals=1,
        )
        popup.accepted.connect(self._scale)
        popup.open_at(self.window.timeline.playhead_place())

    def _scale(self, percent: float) -> None:
        frame = self.window.session.playhead
        wanted = key_commands.scale(self._document, self._chosen, percent=percent, frame=frame)
        do(self.window, wanted, otherwise=NO_KEY)

    def reverse(self) -> None:
        """The other way round in time."""
        wanted = key_commands.reverse(self._document, self._chosen)
        do(self.window, wanted, otherwise="Select two or more items to reverse them in time.")

    def mirror(self, *, world: bool) -> None:
        """Left and right exchanged."""
        wanted = key_commands.mirror(self._document, self._chosen, stand=self._stand, world=world)
        do(self.window, wanted, otherwise=NO_KEY)

    def _stand(self, frame: int) -> tuple[tuple[float, float], float] | None:
        """Where and which way the result stands at a frame."""
        shown = self.window.stage.result
        if shown is None or frame not in shown.span:
            return None
        local = frame - shown.start
        x, _, z = map(float, shown.motion.translation[local])
        turned = matrix_from_rotvec(shown.motion.rotations[local, 0].astype(np.float64))
        return (x, z), float(heading_from_matrix(turned))

    def breakdown(self) -> None:
        """Suggested or met."""
        do(self.window, key_commands.breakdown(self._document, self._chosen), otherwise=NO_KEY)

    def set_tangent(self, way: KeyTangent) -> None:
        """How interpolation passes the keys."""
        do(self.window, key_commands.tangent(self._document, self._chosen, way), otherwise=NO_POSE)

    def free(self) -> None:
        """Free the joints of the row that was clicked, else those that are selected."""
        parts = self.window.session.parts or self.window.commands.of(BodyPartsControl).joints.joints
        do(self.window, key_commands.free(self._document, self._chosen, parts), otherwise=NO_JOINT)

    def unfold(self) -> None:
        """Regions, then joints, then neither."""
        session = self.window.session
        track = find_track(self._document, session.track or "")
        if track is None or not folds(track):
            self.window.note(NO_ROWS)
            return
        session.set_view(replace(session.view, unfolded=unfolded_further(track, session.view.unfolded)))
