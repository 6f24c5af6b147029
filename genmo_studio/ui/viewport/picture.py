"""The picture of a moment: shown motion, preview, guides and options put together into a Scene. No Qt, no GL."""

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.result import ShownMotion, pose_at
from genmo_studio.document.model import Document, Item, PoseKey, TrackKind
from genmo_studio.motion.arrays import evenly
from genmo_studio.motion.body import Body, joint_positions, skinning_transforms
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import CONTACT_JOINTS
from genmo_studio.render.camera import Camera
from genmo_studio.render.motion_scene import CONTACT_COLOUR, MotionScene, pose_offsets, skeleton_strokes
from genmo_studio.render.scene import Depth, Floats, Ground, Lines, Material, Points, Scene, SkinnedBody, Surface
from genmo_studio.ui.theme import Theme, channels
from genmo_studio.ui.viewport import overlays
from genmo_studio.ui.viewport.display import PICKED, TRAIL_JOINTS, Display, GhostRule, Mode, Option
from genmo_studio.ui.viewport.framing import aside, at_rest, framed
from genmo_studio.ui.viewport.guides import Guides, KeyCache, make_guides
from genmo_studio.values import replace

XRAY_OPACITY = 0.5
SILHOUETTE_INK = (0.91, 0.91, 0.89)
OVERLAY_OPACITY = 0.6
FRAMED_POSES = 48


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


class Picture:
    """Makes scenes; keeps what does not change from frame to frame."""

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

    # -- scenes --------------------------------------------------------------------------------------------------------

    def scene(self, frame: float) -> Scene:
        """Everything at a timeline moment (fractional frame)."""
        guides, options = self._made_guides(), self.display.options
        bodies: list[SkinnedBody] = []
        lines: list[Lines] = []
        points: list[Points] = []
        shown = self.shown
        if shown is not None or self.posed(frame) is not None:
            body = self._character(frame)
            if self.display.mode is not Mode.SKELETON:
                bodies.append(body)
            self._posed = frame, body.joint_positions()
            self._add_skeleton(body, frame, lines, points)
        if shown is not None:
            if not self.hurried:
                self._add_ghosts(shown, frame, bodies, lines, points)
            more_lines, more_points = self._ways(shown, frame)
            lines += more_lines
            points += more_points
        if self._overlay is not None:
            bodies.append(self._overlaid(self._overlay, frame))
        judging = self.display.mode is Mode.SILHOUETTE  # nothing distracts from the shape
        if Option.GHOSTS in options and not self.hurried and not judging:
            here = None if self.posed(frame) is None else frame  # the body itself stands there
            bodies += [ghost for ghost, key in zip(guides.ghosts, guides.keys, strict=True) if key.frame != here]
            points += guides.target_points
        if Option.PATH in options and not judging:
            lines += guides.path_lines
            points += guides.path_points
        ground = Ground(grid=1.0 if Option.GRID in options else 0.0)
        return Scene(bodies=tuple(bodies), lines=tuple(lines), points=tuple(points), ground=ground)

    def _ways(self, shown: ShownMotion, frame: float) -> tuple[list[Lines], list[Points]]:
        """The trajectories that are drawn at a moment."""
        chosen, display, now = self._trailed(), self.display, shown.local(frame)
        if not chosen:
            return [], []
        keys, first = self._keys_within(shown), 0
        if display.trails:
            joints = self._all_joints(shown)
        else:  # of a drag: the motion is another one in a moment, so only what is seen of it is worked out
            first = max(round(now) - display.trail_before, 0)
            frames, motion = slice(first, round(now) + display.trail_after + 1), shown.motion
            near = Motion(motion.rotations[frames], motion.translation[frames], motion.betas, None, motion.fps)
            joints = joint_positions(near, self._body)
        seen = [key - first for key in keys]
        return overlays.trails(joints, chosen=chosen, display=display, now=now - first, keys=seen)

    def key_dots(self, frame: float) -> tuple[tuple[int, int, NDArray[np.float64]], ...]:
        """Joint, timeline frame and place (3,) m of the keys on the trajectories that are drawn at a moment."""
        shown, display = self.shown, self.display
        if shown is None or not display.trails:
            return ()
        here, joints = round(shown.local(frame)), self._all_joints(shown)
        near = [key for key in self._keys_within(shown) if -display.trail_before <= key - here <= display.trail_after]
        return tuple((j, key + shown.start, joints[key, j].astype(np.float64)) for j in self._trailed() for key in near)

    def key_of(self, body: SkinnedBody) -> str | None:
        """Id of the pose key whose ghost a body of the scene is; None for the character and its ghosts."""
        guides = self._made_guides()
        return next((key.item for ghost, key in zip(guides.ghosts, guides.keys, strict=True) if ghost is body), None)

    def _trailed(self) -> list[int]:
        """Joints whose way is drawn."""
        chosen = [joint for name in sorted(self.display.trails) for joint in TRAIL_JOINTS.get(name, ())]
        if PICKED in self.display.trails or (self._drafted and self.dragging()):
            chosen += self.picked  # whoever drags a joint wants to see how the drafts change its way
        return list(dict.fromkeys(chosen))

    def _add_skeleton(self, body: SkinnedBody, frame: float, lines: list[Lines], points: list[Points]) -> None:
        joints = body.joint_positions()
        if self.display.mode in (Mode.SKELETON, Mode.XRAY):
            bones, dots = skeleton_strokes(joints)
            lines.append(bones)
            points.append(dots)
            points += self._contact_dots(joints, frame)
        if self.picked:
            colours = np.tile(np.array([*channels(self._theme.accent), 1.0], np.float32), (len(self.picked), 1))
            places = joints[list(self.picked)].astype(np.float32)
            points.append(Points(places, colours, size=11.0, depth=Depth.ON_TOP))

    def _contact_dots(self, joints: NDArray[np.float64], frame: float) -> list[Points]:
        """Where the skeleton stands on the ground: the tint of the feet, for a character without skin."""
        shown = self.shown
        if shown is None or shown.motion.contacts is None or Option.CONTACTS not in self.display.options:
            return []
        row = shown.motion.contacts[round(shown.local(frame))]
        standing = [joint for label, joint in enumerate(CONTACT_JOINTS) if row[label] > 0.5]
        if not standing:
            return []
        colours = np.tile(np.array([*CONTACT_COLOUR, 1.0], np.float32), (len(standing), 1))
        return [Points(joints[standing].astype(np.float32), colours, size=12.0, depth=Depth.ON_TOP)]

    def _add_ghosts(
        self, shown: ShownMotion, frame: float, bodies: list[SkinnedBody], lines: list[Lines], points: list[Points]
    ) -> None:
        """Ghosts of the motion around the playhead."""
        chosen = overlays.ghost_frames(
            self.display, now=shown.local(frame), frames=len(shown.motion), keys=self._keys_within(shown)
        )
        if self.display.ghost_limb and self.picked:
            more_lines, more_points = overlays.limb_ghosts(chosen, self._all_joints(shown), picked=self.picked)
            lines += more_lines
            points += more_points
        elif chosen:
            scene = self._motion_scene()
            bodies += overlays.ghost_bodies(chosen, mesh=scene.mesh, transforms=scene.transforms)

    def stress(self, frame: float) -> NDArray[np.float32] | None:
        """(24,) how far joints of the posed body are beyond what is comfortable; None where nothing is posed."""
        posed = self.posed(frame)
        return None if posed is None else posed.stress

    @property
    def two_sided(self) -> bool:
        """Whether the colours of before and after are in the picture."""
        return self.shown is not None and bool(self.display.ghosts is not GhostRule.OFF or self._trailed())

    def joints(self, frame: float) -> NDArray[np.float64] | None:
        """(24, 3) joints of the character at a timeline moment, m; None when there is none."""
        if self.shown is None and self.posed(frame) is None:
            return None
        if self._posed is None or self._posed[0] != frame:
            self._posed = frame, self._character(frame).joint_positions()
        return self._posed[1]

    def notes(self) -> tuple[str, ...]:
        """What the picture leaves out, or cannot show, and why: sentences for the writing over it."""
        found: list[str] = []
        ghosts = self.display.ghosts
        if self.hurried and (ghosts is not GhostRule.OFF or Option.GHOSTS in self.display.options):
            found.append("No graphics card: ghosts are left out while playing")
        if ghosts is GhostRule.KEYS and self.shown is not None and not self._keys_within(self.shown):
            found.append("No pose keys in this motion to place ghosts at")
        if PICKED in self.display.trails and not self.picked:
            found.append("Click a joint to see its way")
        return tuple(found)

    def _pose_of(self, frame: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Rotation vectors (24, 3) and translation (3,) of the character at a timeline moment."""
        posed, shown = self.posed(frame), self.shown
        if posed is not None:
            return posed.rotations, posed.translation
        if shown is None:
            raise ValueError("there is nothing to show")
        return pose_at(shown.motion, shown.local(frame))

    def _character(self, frame: float) -> SkinnedBody:
        scene, posed, shown = self._motion_scene(), self.posed(frame), self.shown
        local = 0.0 if shown is None else shown.local(frame)
        rotations, translation = self._pose_of(frame)
        transforms = skinning_transforms(rotations, scene.mesh.rest_joints, translation)
        mode = self.display.mode
        tint = scene.contact_tint(round(local)) if Option.CONTACTS in self.display.options else None
        if posed is not None and posed.stress is not None:
            tint = overlays.stressed(tint, posed.stress)
        if self.picked:
            tint = overlays.highlight(tint, self.picked, colour=channels(self._theme.accent))
        material = Material(primary=SILHOUETTE_INK) if mode is Mode.SILHOUETTE else Material()
        if posed is not None and posed.unkeyed:  # changed, and nobody has said that it stays
            colour = channels(self._theme.warning)
            material = replace(material, primary=_mixed(material.primary, colour, 0.35), rim=colour)
        elif self.previewing and posed is None:  # a motion in the making looks like one
            colour = channels(self._theme.accent)
            material = replace(material, primary=_mixed(material.primary, colour, 0.45), rim=colour)
        return SkinnedBody(
            mesh=scene.mesh,
            transforms=np.asarray(transforms, np.float32),
            material=material,
            surface=Surface.SILHOUETTE if mode is Mode.SILHOUETTE else Surface.SUIT,
            opacity=XRAY_OPACITY if mode is Mode.XRAY else 1.0,
            tint=tint,
            offsets=self._pose_offsets(rotations),
        )

    def _overlaid(self, overlay: ShownMotion, frame: float) -> SkinnedBody:
        mesh = self._motion_scene().mesh
        rotations, translation = pose_at(overlay.motion, overlay.local(frame))
        colour = channels(self._theme.kind("result"))
        return SkinnedBody(
            mesh=mesh,
            transforms=np.asarray(skinning_transforms(rotations, mesh.rest_joints, translation), np.float32),
            material=Material(primary=colour, secondary=colour, rim=colour),
            surface=Surface.GHOST,
            opacity=OVERLAY_OPACITY,
        )

    def _pose_offsets(self, rotations: NDArray[np.float32]) -> Floats | None:
        """Pose-dependent offsets of bodies that have them."""
        return None if self._body.posedirs is None else pose_offsets(self._body.posedirs, rotations)

    def contacts(self, frame: float) -> Contacts | None:
        """Which feet stand at a moment; None when it is not known."""
        shown = self.shown
        if shown is None or shown.motion.contacts is None:
            return None
        row = shown.motion.contacts[round(shown.local(frame))]
        return Contacts(left=float(row[:2].max()), right=float(row[2:4].max()))

    # -- framing -------------------------------------------------------------------------------------------------------

    def pelvis(self, frame: float) -> NDArray[np.float64] | None:
        """(3,) where the character is, smoothed in nothing: the pelvis of the moment, m."""
        if self.shown is None and self.posed(frame) is None:
            return None
        _, translation = self._pose_of(frame)
        place: NDArray[np.float64] = self._motion_scene().mesh.rest_joints[0].astype(np.float64) + translation
        return place

    def frame_all(self, camera: Camera, *, aspect: float) -> Camera:
        """The whole motion (and the path) in the picture."""
        clouds = []
        shown = self.shown
        if shown is not None:
            scene = self._motion_scene()
            picked = evenly(0, len(shown.motion) - 1, FRAMED_POSES)
            clouds += [scene.joints(int(frame)) for frame in picked]
        if Option.GHOSTS in self.display.options:
            clouds += [ghost.joint_positions() for ghost in self._made_guides().ghosts]
        if Option.PATH in self.display.options:
            clouds += [points.positions.astype(np.float64) for points in self._made_guides().path_points]
        if not clouds:
            return camera.framing((0.0, 0.9, 0.0), 1.1, aspect=aspect)
        return framed(camera, np.concatenate(clouds), aspect=aspect)

    def opening(self, camera: Camera, *, aspect: float) -> Camera:
        """The whole motion from where it crosses the picture from left to right and comes nearer."""
        shown = self.shown
        return self.frame_all(camera if shown is None else aside(camera, shown.motion), aspect=aspect)

    def frame_selected(self, camera: Camera, *, frame: float, aspect: float) -> Camera:
        """The selected keys when there are some, otherwise the character as it stands now."""
        keys = [key for key in self._made_guides().keys if key.item in self._selection]
        if keys:
            roots = np.array([key.root for key in keys], np.float64)
            reach = np.array([0.6, 1.0, 0.6])
            cloud = np.concatenate([roots - reach, roots + reach])
        elif self.shown is not None or self.posed(frame) is not None:
            cloud = self._character(frame).joint_positions()
        else:
            return self.frame_all(camera, aspect=aspect)
        return framed(camera, cloud, aspect=aspect)


def _mixed(a: tuple[float, float, float], b: tuple[float, float, float], share: float) -> tuple[float, float, float]:
    return (
        a[0] + (b[0] - a[0]) * share,
        a[1] + (b[1] - a[1]) * share,
        a[2] + (b[2] - a[2]) * share,
    )
