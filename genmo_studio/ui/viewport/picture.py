"""The picture of a moment: shown motion, preview, guides and options put together into a Scene. No Qt, no GL."""

import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.result import ShownMotion, pose_at
from genmo_studio.motion.arrays import evenly
from genmo_studio.motion.body import joint_positions, skinning_transforms
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import CONTACT_JOINTS
from genmo_studio.render.camera import Camera
from genmo_studio.render.motion_scene import CONTACT_COLOUR, pose_offsets, skeleton_strokes
from genmo_studio.render.scene import Depth, Floats, Ground, Lines, Material, Points, Scene, SkinnedBody, Surface
from genmo_studio.ui.theme import channels
from genmo_studio.ui.viewport import overlays
from genmo_studio.ui.viewport.display import PICKED, TRAIL_JOINTS, GhostRule, Mode, Option
from genmo_studio.ui.viewport.framing import aside, framed
from genmo_studio.ui.viewport.subject import Contacts, Subject
from genmo_studio.values import replace

XRAY_OPACITY = 0.5
SILHOUETTE_INK = (0.91, 0.91, 0.89)
OVERLAY_OPACITY = 0.6
FRAMED_POSES = 48


class Picture(Subject):
    """Makes scenes of the subject, and looks at them."""

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
