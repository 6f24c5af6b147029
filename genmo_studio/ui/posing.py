"""Posing: the pose at the playhead, what is changed about it, and where the change goes.

The pose of a frame is what its keys say on top of the shown motion; without motion, of the body at rest. An edit goes
straight into the keys of the frame, or with auto-key into a new one: one gesture of the editor a drag. Anything else is
an *unkeyed* pose: kept with its frame and shown as such until it is keyed or discarded (KF3), never lost by moving on.
Unkeyed poses belong to the session: they are not saved, and undoing walks through them before the document.
"""

from collections.abc import Iterable, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import Edit, EditError, new_id
from genmo_studio.document.model import Document, PoseKey, TrackKind, Vec3
from genmo_studio.motion import joint_limits
from genmo_studio.motion.pose import Pose
from genmo_studio.ui import posing_keys as keys
from genmo_studio.ui import posing_pose as poses
from genmo_studio.ui.joint_selection import ALL, JointSelection
from genmo_studio.ui.posing_edit import PoseEdit, Unkeyed
from genmo_studio.ui.posing_hold import HeldPose
from genmo_studio.ui.posing_rig import Rig
from genmo_studio.ui.posing_solver import limb_names
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.viewport.picture import Picture
from genmo_studio.ui.viewport.subject import PosedFrame

Floats = NDArray[np.float64]


class _Tag(msgspec.Struct, frozen=True, eq=False):
    """What the pose of a frame depends on."""

    frame: int
    tracks: object
    shown: object
    rest: object

    def same_as(self, other: "_Tag") -> bool:
        """Whether nothing changed."""
        mine, its = (self.tracks, self.shown, self.rest), (other.tracks, other.shown, other.rest)
        return self.frame == other.frame and all(a is b for a, b in zip(mine, its, strict=True))


class Posing(QObject):
    """What the viewport poses. It needs no viewport: tests and commands call it directly."""

    changed = Signal()
    """The pose at the playhead, or whether it is keyed, is another one."""
    unkeyed_changed = Signal()
    auto_key_changed = Signal()
    keyed = Signal(int)
    """A key was set at a frame."""
    told = Signal(object)
    """Document as it would be if the pose that is being dragged were keyed; None when the drag is over."""

    def __init__(
        self,
        editor: Editor,
        *,
        session: Session,
        joints: JointSelection,
        picture: Picture,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._editor, self._session, self._joints, self._picture = editor, session, joints, picture
        self.rig = Rig(joints, parent=self)
        self._unkeyed: dict[int, Unkeyed] = {}
        self._auto_key = False
        self._holding: HeldPose | None = None
        self._known: tuple[_Tag, Pose] | None = None
        self._edit: PoseEdit | None = None
        self._taken_back: dict[int, list[Unkeyed]] = {}
        session.playhead_changed.connect(self._moved)

    # -- the pose ------------------------------------------------------------------------------------------------------

    @property
    def editor(self) -> Editor:
        """The editor of the project."""
        return self._editor

    @property
    def document(self) -> Document:
        """The current document."""
        return self._editor.document

    @property
    def frame(self) -> int:
        """The playhead."""
        return self._session.playhead

    def rest_joints(self) -> Floats:
        """(24, 3) joints of the project's body at rest, m."""
        return self._picture.rest_joints.astype(np.float64)

    @property
    def floor(self) -> float:
        """The lowest point of the project's body at rest, m."""
        return self._picture.rest_floor

    def generated(self, frame: int) -> Pose:
        """What the shown motion has at a frame; without motion the nearest key before, or the body on the floor."""
        rest, shown = self.rest_joints(), self._picture.shown
        if shown is not None:
            return poses.of_motion(shown, frame)
        standing = poses.at_rest(floor=self.floor)
        before, after = keys.neighbours(self.document, frame)
        near = before or after
        return standing if near is None else poses.with_keys(standing, (near,), rest)

    def settled(self, frame: int) -> Pose:
        """What a frame holds: its keys on top of the motion, without unkeyed changes."""
        tag = _Tag(frame, self.document.tracks, self._picture.shown, self._picture.rest_joints)
        if self._known is None or not self._known[0].same_as(tag):
            found = tuple(key for _, key in keys.keys_at(self.document, frame))
            pose = poses.with_keys(self.generated(frame), found, self.rest_joints())
            self._known = tag, self.rig.meeting(pose, found, self.rest_joints())
        return self._known[1]

    def pose(self, frame: int | None = None) -> Pose:
        """The pose at a frame (the playhead) as it is shown."""
        at = self.frame if frame is None else frame
        unkeyed = self._unkeyed.get(at)
        return self.settled(at) if unkeyed is None else unkeyed.pose

    @property
    def unkeyed(self) -> Mapping[int, Unkeyed]:
        """Poses that were changed but not keyed, by frame."""
        return self._unkeyed

    @property
    def keyed_here(self) -> bool:
        """Whether an edit at the playhead goes into a key."""
        return bool(keys.open_keys_at(self.document, self.frame))

    @property
    def has_something(self) -> bool:
        """Whether the pose of the playhead is worth showing over the motion: there are keys, or it was changed."""
        return self.frame in self._unkeyed or bool(keys.keys_at(self.document, self.frame))

    # -- auto-key ------------------------------------------------------------------------------------------------------

    @property
    def auto_key_wanted(self) -> bool:
        """What the switch says."""
        return self._auto_key

    @property
    def auto_key(self) -> bool:
        """Whether changes are keyed by themselves: once a first key exists (KF2)."""
        return self._auto_key and keys.any_keys(self.document)

    def set_auto_key(self, on: bool) -> None:
        """Switch it."""
        if on != self._auto_key:
            self._auto_key = on
            self.auto_key_changed.emit()

    # -- editing -------------------------------------------------------------------------------------------------------

    def begin(self, label: str) -> PoseEdit:
        """Begin a change of the pose at the playhead; one that runs already is cancelled."""
        if self._edit is not None:
            self._edit.cancel()
        self._edit = PoseEdit(self, label)
        return self._edit

    @property
    def editing(self) -> bool:
        """True during a drag."""
        return self._edit is not None

    def change(self, label: str, pose: Pose, *, touched: frozenset[str] | None = None) -> bool:
        """Change the pose in one step; False when nothing changes."""
        before = self.pose()
        names = poses.changed_joints(before, pose) if touched is None else touched
        if not names or poses.same(pose, before):
            return False
        edit = self.begin(label)
        edit.show(pose, touched=names)
        edit.commit()
        return True

    def end_edit(self) -> None:
        """Keep a change in the making as far as it has come."""
        if self._edit is not None:
            self._edit.commit()

    def edit_ended(self, edit: PoseEdit) -> None:
        """A change of the pose is over."""
        if self._edit is edit:
            self._edit = None

    def put_unkeyed(self, unkeyed: Unkeyed | None, *, frame: int) -> None:
        """Keep an unkeyed pose at a frame, or none; what was taken back before is over."""
        self._taken_back.pop(frame, None)
        self._set_unkeyed(unkeyed, frame=frame)

    def _set_unkeyed(self, unkeyed: Unkeyed | None, *, frame: int) -> None:
        if unkeyed is None:
            self._unkeyed.pop(frame, None)
        else:
            self._unkeyed[frame] = unkeyed
        self.unkeyed_changed.emit()
        self.refresh()

    def write_edit(
        self, pose: Pose, *, touched: frozenset[str], targets: Mapping[str, Vec3], frame: int | None = None
    ) -> Edit:
        """The edit that writes a pose into the keys of a frame (the playhead)."""
        rest, frame = self.rest_joints(), self.frame if frame is None else frame

        def apply(document: Document) -> Document:
            write = keys.write_pose(document, frame, pose, rest_joints=rest, touched=touched, targets=targets)
            return write(document)

        return apply

    def new_key_edit(self, pose: Pose, *, touched: frozenset[str], ids: tuple[str, str]) -> Edit:
        """The edit that keys a pose where no key is: a full key, or a partial one when only one part was touched."""
        names = self.part_of(touched)
        key, kind = self.new_key(pose, self.frame, names, key_id=ids[0])
        return lambda document: keys.put_key(document, key, kind, track_id=ids[1])(document)

    def tell_of(self, pose: Pose, *, touched: frozenset[str], ids: tuple[str, str]) -> None:
        """Say what the document would be if the pose were keyed, for drafts of the motion around it."""
        try:
            self.told.emit(self.new_key_edit(pose, touched=touched, ids=ids)(self._editor.settled))
        except EditError:  # a full project: there is nothing to draft
            self.told.emit(None)

    def part_of(self, touched: frozenset[str]) -> frozenset[str] | None:
        """The joints that a key of a change holds; None for the whole body.

        A partial key needs a selection, and nothing outside of the selected joints and their limbs may have changed.
        """
        selected = self._joints.joints
        if not selected or selected >= ALL:
            return None
        reach = selected.union(*(limb_names(name) for name in selected))
        return selected | touched if touched <= reach else None

    def new_key(
        self, pose: Pose, frame: int, names: frozenset[str] | None, *, key_id: str
    ) -> tuple[PoseKey, TrackKind]:
        """A key of the named joints, or of the whole body, and the kind of track that it belongs to."""
        rest = self.rest_joints()
        if names is None:
            return keys.full_key(pose, frame, rest_joints=rest, key_id=key_id), TrackKind.FULL_KEYS
        moved = self.rig.moved if frame == self.frame else frozenset[str]()
        places = (names & moved) | (names & {"pelvis"})
        key = keys.partial_key(pose, frame, turns=names, places=places, rest_joints=rest, key_id=key_id)
        return key, TrackKind.PARTIAL_KEYS

    # -- keys ----------------------------------------------------------------------------------------------------------

    def set_key(self, *, rotations: bool = True, places: bool = True) -> str:
        """Key the pose at the playhead and return what was done, or EditError.

        All of it, or what is selected (KF1). Without ``rotations`` only places are keyed, without ``places`` only
        rotations. What was changed and not keyed is always in the key.
        """
        frame, pose = self.frame, self.pose()
        unkeyed = self._unkeyed.get(frame)
        names = self.part_of(frozenset() if unkeyed is None else unkeyed.touched)
        if rotations and places:
            key, kind = self.new_key(pose, frame, names, key_id=new_id())
        else:
            key, kind = self._half_key(pose, frame, names, rotations=rotations)
        said = "pose key" if names is None else "limb key"
        label = {(True, True): "Set Key", (True, False): "Key Rotation", (False, True): "Key Position"}
        document = self._editor.settled
        self._editor.edit(label[rotations, places], keys.put_key(document, key, kind), select=None)
        if unkeyed is not None and (rotations and places):
            self.forget_unkeyed((frame,))
        self.refresh()
        self.keyed.emit(frame)
        return f"Set a {said} at frame {frame}"

    def _half_key(
        self, pose: Pose, frame: int, names: frozenset[str] | None, *, rotations: bool
    ) -> tuple[PoseKey, TrackKind]:
        rest = self.rest_joints()
        if rotations and names is None:
            return keys.full_key(pose, frame, rest_joints=rest, root=False), TrackKind.FULL_KEYS
        if rotations:
            return keys.partial_key(pose, frame, turns=names or (), rest_joints=rest), TrackKind.PARTIAL_KEYS
        held = self._joints.joints or frozenset({"pelvis"})
        return keys.partial_key(pose, frame, places=held, rest_joints=rest), TrackKind.PARTIAL_KEYS

    def forget_unkeyed(self, frames: Iterable[int]) -> None:
        """Unkeyed poses that are keyed now, or are to go, and what was taken back of them."""
        for frame in tuple(frames):
            self._unkeyed.pop(frame, None)
            self._taken_back.pop(frame, None)
        self.unkeyed_changed.emit()

    def discard(self, frame: int | None = None) -> bool:
        """Let an unkeyed pose go; False when there is none at the frame (the playhead)."""
        at = self.frame if frame is None else frame
        if at not in self._unkeyed:
            return False
        self.put_unkeyed(None, frame=at)
        return True

    def step_back(self) -> bool:
        """Take the newest change of the unkeyed pose at the playhead back; False when there is none."""
        now = self._unkeyed.get(self.frame)
        if now is None or self.editing:
            return False
        self._taken_back.setdefault(self.frame, []).append(now)
        former = now.before[-1] if now.before else None
        self._set_unkeyed(former, frame=self.frame)
        return True

    def step_forward(self) -> bool:
        """Make the change that was taken back last again; False when there is none."""
        again = self._taken_back.get(self.frame)
        if not again or self.editing:
            return False
        self._set_unkeyed(again.pop(), frame=self.frame)
        return True

    @property
    def can_step_back(self) -> bool:
        """Whether the pose at the playhead was changed and not keyed."""
        return self.frame in self._unkeyed

    @property
    def can_step_forward(self) -> bool:
        """Whether a change of the pose at the playhead was taken back."""
        return bool(self._taken_back.get(self.frame))

    # -- holding a pose while time moves (KF7) -------------------------------------------------------------------------

    @property
    def holding(self) -> bool:
        """Whether the pose goes along with the playhead."""
        return self._holding is not None

    def hold(self, on: bool) -> None:
        """Carry the pose that is shown now to other frames, to key it there; or stop."""
        self._holding = HeldPose(self.pose(), self.frame, self._unkeyed.get(self.frame)) if on else None
        self.changed.emit()

    def _moved(self, frame: int) -> None:
        if self._holding is not None:
            self._holding.go(frame, self._unkeyed, self.settled(frame))
            self.unkeyed_changed.emit()
        elif self.unkeyed:
            self.unkeyed_changed.emit()
        self.rig.forget_touched()
        self.refresh()

    # -- showing -------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the pose of the playhead."""
        self.changed.emit()

    def posed_frame(self) -> PosedFrame:
        """What the picture shows at the playhead."""
        pose = self.pose()
        return PosedFrame(
            frame=self.frame,
            rotations=pose.rotations.astype(np.float32),
            translation=pose.translation.astype(np.float32),
            stress=joint_limits.stress(pose.rotations).astype(np.float32),
            unkeyed=self.frame in self._unkeyed,
            keyed=bool(keys.keys_at(self.document, self.frame)),
        )

    def document_changed(self, old: Document, new: Document) -> None:
        """Another project: its poses are its own."""
        if old.id != new.id:
            self._unkeyed.clear()
            self._taken_back.clear()
            self._holding = None
            self.rig.forget_touched()
            self.unkeyed_changed.emit()
