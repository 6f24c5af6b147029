"""What the picture is of: the document, what is shown of it, and a pose in the motion's place. No Qt, no GL."""

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.model import Document, Item, PoseKey, TrackKind
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.render.motion_scene import MotionScene
from genmo_studio.ui.theme import Theme
from genmo_studio.ui.viewport.display import Display
from genmo_studio.ui.viewport.framing import at_rest
from genmo_studio.ui.viewport.guides import Guides, KeyCache, make_guides


class Contacts(msgspec.Struct, frozen=True):
    """Which feet stand at a moment, 0..1."""

    left: float
    right: float


class PosedFrame(msgspec.Struct, frozen=True, eq=False):
    """A pose that stands in the place of the motion's at one frame: what is being posed, or what a key holds."""

    frame: int
    rotations: NDArray[np.float32]
    """(24, 3) rad"""
    translation: NDArray[np.float32]
    """(3,) m"""
    keyed: bool = False
    unkeyed: bool = False
    """changed and not keyed: it looks different"""
    stress: NDArray[np.float32] | None = None
    """(24,) 0..1: how far each joint is beyond what is comfortable"""

    def looks_like(self, other: "PosedFrame | None") -> bool:
        """Whether both are the same picture."""
        if other is None or (self.frame, self.keyed, self.unkeyed) != (other.frame, other.keyed, other.unkeyed):
            return False
        stress = np.zeros(0) if self.stress is None else self.stress
        others = np.zeros(0) if other.stress is None else other.stress
        return (
            np.array_equal(self.rotations, other.rotations)
            and np.array_equal(self.translation, other.translation)
            and np.array_equal(stress, others)
        )


_POSE_TRACKS = frozenset({TrackKind.FULL_KEYS, TrackKind.PARTIAL_KEYS})
_UNSEEN_TRACKS = frozenset({TrackKind.TEXT, TrackKind.MUSIC})


def _drawn(document: Document) -> tuple[int, ...]:
    """Which tracks are to be seen in the picture, by identity: both documents that are compared are alive."""
    return tuple(id(track) for track in document.tracks if track.kind not in _UNSEEN_TRACKS)


class Subject:
    """Follows what is shown; keeps what does not change from frame to frame."""

    def __init__(self, body: Body, theme: Theme) -> None:
        self._body, self._theme = body, theme.over_picture
        self._document: Document | None = None
        self._selection: frozenset[str] = frozenset()
        self._shown: ShownMotion | None = None
        self._preview: ShownMotion | None = None
        self._drafted = False
        self._compared: ShownMotion | None = None
        self._overlay: ShownMotion | None = None
        self._scene: MotionScene | None = None
        self._former: MotionScene | None = None
        self._guides: Guides | None = None
        self._frames_by_items: dict[str, tuple[tuple[Item, ...], tuple[int, ...]]] = {}
        self._targets = KeyCache()
        self._joints: NDArray[np.float32] | None = None
        self._posed: tuple[float, NDArray[np.float64]] | None = None
        self._key_frames: tuple[int, ...] = ()
        self._override: PosedFrame | None = None
        self._floor: tuple[MotionScene, float] | None = None
        self.display = Display()
        self.dragging: Callable[[], bool] = lambda: False
        """Whether something is dragged that drafts answer."""
        self.picked: tuple[int, ...] = ()
        """The joints that are pointed out."""
        self.hurried = False
        """True while playback is late on a machine without graphics card: ghosts are left out until it rests."""

    # -- what is shown -------------------------------------------------------------------------------------------------

    @property
    def shown(self) -> ShownMotion | None:
        """What is compared, else the preview, else the result."""
        return self._compared or self._preview or self._shown

    def pose_at_frame(self, posed: PosedFrame | None) -> bool:
        """Show a pose instead of the motion's at its frame; None shows the motion everywhere. False: as before."""
        before = self._override
        if before is posed or (posed is not None and posed.looks_like(before)):
            return False
        self._override = posed
        self._posed = None
        return True

    def posed(self, frame: float) -> PosedFrame | None:
        """The pose that stands in the place of the motion's at a moment."""
        override = self._override
        return override if override is not None and self._compared is None and override.frame == frame else None

    def made_by_hand(self, frame: float) -> bool:
        """Whether the pose of a moment is keyed or was changed: then nothing has to be said about what to do first."""
        posed = self.posed(frame)
        return posed is not None and (posed.keyed or posed.unkeyed)

    @property
    def rest_joints(self) -> NDArray[np.float32]:
        """(24, 3) joints of the project's body at rest, m; the same array while the body is the same."""
        return self._motion_scene().mesh.rest_joints

    @property
    def rest_floor(self) -> float:
        """Height of the lowest point of the project's body at rest, m."""
        scene = self._motion_scene()
        if self._floor is None or self._floor[0] is not scene:
            self._floor = scene, float(scene.mesh.vertices[:, 1].min())
        return self._floor[1]

    def set_theme(self, theme: Theme) -> None:
        """Draw keys, path and labels in another theme's colours."""
        self._theme = theme.over_picture
        self._guides = None

    @property
    def body(self) -> Body:
        """The body that is drawn."""
        return self._body

    @property
    def previewing(self) -> bool:
        """True while a motion in the making is shown: a denoising preview, no draft of a drag."""
        return self._preview is not None and self._compared is None and not self._drafted

    def show_document(self, document: Document, *, selection: frozenset[str]) -> bool:
        """Follow document and selection; whether that is to be seen. A text that moves on the timeline is not."""
        old, before = self._document, self._selection
        self._document, self._selection = document, selection
        if old is None or old.id != document.id or _drawn(old) != _drawn(document):
            self._key_frames = self._frames_of(document)
        elif before == selection:
            return False
        self._guides = None
        return True

    def _frames_of(self, document: Document) -> tuple[int, ...]:
        """Frames of the pose keys; tracks that are the same as before are not looked through again."""
        tracks = [t for t in document.tracks if not t.hidden and t.kind in _POSE_TRACKS]
        known, self._frames_by_items = self._frames_by_items, {}
        for track in tracks:
            items, frames = known.get(track.id, ((), ()))
            if items is not track.items:
                frames = tuple(item.frame for item in track.items if isinstance(item, PoseKey))
            self._frames_by_items[track.id] = track.items, frames
        if len(tracks) == 1:  # in order already
            return self._frames_by_items[tracks[0].id][1]
        return tuple(sorted({frame for _, frames in self._frames_by_items.values() for frame in frames}))

    def show_motion(self, shown: ShownMotion | None) -> None:
        """Show the result."""
        if shown is not self._shown:
            self._shown = shown
            self._forget()

    def show_preview(self, preview: ShownMotion | None, *, draft: bool = False) -> None:
        """Show a motion in the making instead; None goes back to the result. A draft of a drag looks like a result."""
        self._drafted = draft
        if preview is not self._preview:
            self._preview = preview
            self._forget()

    def show_compared(self, compared: ShownMotion | None) -> None:
        """Show something else than the result, to compare them; None ends it."""
        if compared is not self._compared:
            self._compared = compared
            self._forget()

    def show_overlay(self, overlay: ShownMotion | None) -> None:
        """Show another motion as a see-through body in step with what is shown; None takes it away."""
        self._overlay = overlay

    @property
    def overlay(self) -> ShownMotion | None:
        """The see-through motion."""
        return self._overlay

    def set_body(self, body: Body) -> None:
        """Use another body."""
        self._body = body
        self._forget()

    def _forget(self) -> None:
        self._former = self._scene or self._former
        self._scene = self._guides = self._joints = self._posed = None

    def _all_joints(self, shown: ShownMotion) -> NDArray[np.float32]:
        """(T, 24, 3) joints of all frames; only ghosts of limbs and trajectories need them."""
        if self._joints is None:
            self._joints = joint_positions(shown.motion, self._body)
        return self._joints

    def _keys_within(self, shown: ShownMotion) -> tuple[int, ...]:
        """Frames of the motion at which pose keys stand."""
        return tuple(frame - shown.start for frame in self._key_frames if frame in shown.span)

    def _motion_scene(self) -> MotionScene:
        """Mesh and tints of what is shown; the body at rest when there is nothing."""
        if self._scene is None:
            shown = self.shown
            motion = at_rest(self._document) if shown is None else shown.motion
            self._scene = MotionScene(self._body, motion, like=self._former)
        return self._scene

    def _made_guides(self) -> Guides:
        if self._guides is None:
            if self._document is None:
                self._guides = Guides()
            else:
                self._guides = make_guides(
                    self._document,
                    body=self._body,
                    mesh=self._motion_scene().mesh,
                    shown=self.shown,
                    theme=self._theme,
                    selection=self._selection,
                    cache=self._targets,
                )
        return self._guides
