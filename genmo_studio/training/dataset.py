"""Batches of training windows from a prepared training set."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import Body, forward_kinematics
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, yaw_matrix
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT
from genmo_studio.training.augment import (
    BODY_MIRROR,
    CONTACT_MIRROR,
    ShapeSpace,
    continued,
    mirrored_rotvecs,
    mirrored_translation,
)
from genmo_studio.training.cameras import Faults, coco_keypoints, view_motion
from genmo_studio.training.clips import ClipRecord, ClipStore, PrepareError, read_music

Array = NDArray[np.float32]
Batch = dict[str, Any]

MUSIC_CHANNELS = 35
_BALANCE = 0.35
"""A (source, content) group is drawn in proportion to its frames to this power: 1 = as recorded, 0 = all alike."""
_JOIN_SHARE = 0.1
_JOIN_SHORT_SHARE = 0.7
_SHORTEST_PART = 20
_BLEND = 18
_SHAPED_SHARE = 0.5


@dataclass(frozen=True)
class Augmentation:
    """What is varied at random; everything off gives the clips as prepared (for evaluation)."""

    mirror: bool = True
    yaw: bool = True
    shape: bool = True
    join: bool = True
    """Continue some windows with a second clip and its own prompt."""
    faults: Faults = Faults.DETECTOR

    @staticmethod
    def none() -> "Augmentation":
        """Nothing varies but which window is drawn."""
        return Augmentation(mirror=False, yaw=False, shape=False, join=False, faults=Faults.NONE)


class MotionWindows:
    """Random windows of a prepared training set, with every condition that can be made from motion.

    ``MotionWindows(folder, split="train", frames=120, batch=16, seed=0, body=body)``; ``windows.batch_at(step)``
    depends on (seed, step) only, so that training resumes exactly. A batch is a dict; B items, L frames:

    ===================  =======================  =================================================================
    ``rotations``        (B, L, 22, 3, 3) float32  local rotation matrices in SMPL order; joint 0 is the world
                                                   orientation (y up); random yaw, mirrored half of the time
    ``translation``      (B, L, 3) float32         SMPL ``transl``, m; x = z = 0 at frame 0
    ``betas``            (B, 10) float32           small random shape (half of the items: zeros)
    ``joint_weight``     (B, 22) float32           1 told by the source, 0.5 spread between neighbours, 0 unknown
    ``contacts``         (B, L, 6) float32         1 where skeleton.CONTACT_JOINTS rest (speed < 0.15 m/s)
    ``valid``            (B, L) bool               frames that are real; padding repeats the last real frame
    ``caption``          list[str]                 B captions, "" where there is none
    ``text_index``       (B, 2) int64              rows of ``windows.vocabulary`` (list[str]); -1 = no prompt
    ``text_span``        (B, 2, 2) int64           frames [start, stop) of each prompt
    ``music``            (B, L, 35) float32        features as extract.music makes them; 0 where there is none
    ``has_music``        (B, L) bool
    ``world_to_camera``  (B, L, 3, 3) float32      camera axes x right, y down, z forward
    ``camera_position``  (B, L, 3) float32         m, world; x_cam = world_to_camera @ (x_world - camera_position)
    ``intrinsics``       (B, L, 3, 3) float32      pixels
    ``image_size``       (B, 2) float32            width, height, pixels
    ``keypoints``        (B, L, 17, 3) float32     COCO-17, noisy: x, y in pixels, confidence 0..1 (0 = unseen)
    ``bbox_xys``         (B, L, 3) float32         person box: centre x, y and side, pixels
    ``cliffcam``         (B, L, 3) float32         (cx - W/2, cy - H/2, side) / focal, from ``bbox_xys``
    ``cam_angvel``       (B, L, 6) float32         6D of R(t+1) R(t)^T
    ``has_2d``           (B, L) bool
    ``clip``             list[str]                 clip ids, for looking at
    ===================  =======================  =================================================================
    """

    def __init__(
        self,
        folder: Path,
        *,
        body: Body,
        split: str = "train",
        frames: int = 120,
        batch: int = 16,
        seed: int = 0,
        augmentation: Augmentation | None = None,
    ) -> None:
        """Open a training set (memory-mapped). Raises PrepareError when it is not one, or not for ``body``."""
        store = ClipStore.open(folder, split=split)
        if store.manifest.body != body.name:
            raise PrepareError(
                f"{folder} was prepared for the body {store.manifest.body}, not {body.name}; prepare it again"
            )
        self.store = store
        self.clips: tuple[ClipRecord, ...] = store.clips
        self.frames, self.batch, self.seed = frames, batch, seed
        self.vocabulary: list[str] = list(store.vocabulary)
        """Every caption of the set (both splits, mirrored wordings too), sorted: encode it once."""
        self._augmentation = Augmentation() if augmentation is None else augmentation
        self._starts = np.array([clip.start for clip in self.clips])
        self._lengths = np.array([clip.frames for clip in self.clips])
        self._weights = np.array([clip.joint_weight for clip in self.clips], np.float32)
        self._chance = np.cumsum(_sampling_weights(self.clips))
        self._word = {text: index for index, text in enumerate(self.vocabulary)}
        self._shape = ShapeSpace.of(body)
        self._music = read_music(folder, self.clips)

    def __iter__(self) -> Iterator[Batch]:
        """Batches from step 0 on, without end."""
        step = 0
        while True:
            yield self.batch_at(step)
            step += 1

    def motion(self, clip: int) -> Motion:
        """A whole clip (by its place in ``clips``) as prepared, with contacts."""
        return self.store.motion(self.clips[clip])

    def batch_at(self, step: int) -> Batch:
        """The batch of a step; see the class for its keys."""
        rng = np.random.default_rng((self.seed, step))
        return self._build(self._draw(self.batch, rng=rng), rng=rng)

    def window(self, clip: int, begin: int, *, rng: np.random.Generator) -> Batch:
        """A batch of one: the window of ``clip`` that starts at frame ``begin``, without a second clip."""
        length = min(int(self._lengths[clip]) - begin, self.frames)
        parts = _Parts(np.array([clip]), np.array([begin]), np.array([length]))
        return self._build(_Plan(parts, None, mirror=np.zeros(1, bool)), rng=rng)

    def _draw(self, count: int, *, rng: np.random.Generator) -> "_Plan":
        """Choose windows, where they are cut, what follows them and which are mirrored."""
        first = self._draw_parts(np.full(count, self.frames), rng=rng)
        mirror = (rng.random(count) < 0.5) & self._augmentation.mirror
        full = first.length == self.frames
        joins = rng.random(count) < np.where(full, _JOIN_SHARE, _JOIN_SHORT_SHARE)
        joins &= self._augmentation.join & (self.frames >= 3 * _SHORTEST_PART)
        cut = rng.integers(_SHORTEST_PART, max(self.frames - _SHORTEST_PART, _SHORTEST_PART + 1), count)
        length = np.where(joins & full, cut, first.length)
        joins &= length <= self.frames - _SHORTEST_PART
        second = self._draw_parts(self.frames - length, rng=rng)
        second.length[~joins] = 0
        return _Plan(_Parts(first.clip, first.begin, length), second, mirror=mirror)

    def _draw_parts(self, wanted: NDArray[np.int64], *, rng: np.random.Generator) -> "_Parts":
        clip = np.searchsorted(self._chance, rng.random(len(wanted)) * self._chance[-1], side="right")
        clip = np.minimum(clip, len(self.clips) - 1)
        room = np.maximum(self._lengths[clip] - wanted, 0)
        begin = (rng.random(len(wanted)) * (room + 1)).astype(np.int64)
        return _Parts(clip, begin, np.minimum(self._lengths[clip], wanted))

    def _build(self, plan: "_Plan", *, rng: np.random.Generator) -> Batch:
        count = len(plan.first.clip)
        rotations, translation, contacts, weight = self._motion_of(plan)
        valid = np.arange(self.frames) < plan.total[:, None]
        betas = np.zeros((count, 10), np.float32)
        if self._augmentation.shape:
            shaped = rng.random((count, 1)) < _SHAPED_SHARE
            betas = np.where(shaped, np.clip(rng.normal(0, 0.7, (count, 10)), -2, 2), 0.0).astype(np.float32)
            translation = self._shape.moved(betas, rotations[:, :, 0], translation)
        rest = self._shape.rest(betas)
        yaw = rng.uniform(-np.pi, np.pi, count) * self._augmentation.yaw
        turn = yaw_matrix(yaw).astype(np.float32)[:, None]
        rotations[:, :, 0] = turn @ rotations[:, :, 0]
        translation = (turn @ (translation + rest[:, None, 0])[..., None])[..., 0] - rest[:, None, 0]
        translation[..., [0, 2]] -= translation[:, :1, [0, 2]]
        world, positions = forward_kinematics(rotations, rest[:, None, :BODY_JOINT_COUNT], translation)
        views = view_motion(
            coco_keypoints(world, positions), positions[..., 0, :], rng=rng, faults=self._augmentation.faults
        )
        text_index, text_span = self._prompts(plan, rng=rng)
        music, has_music = self._music_of(plan)
        return {
            "rotations": rotations, "translation": translation, "betas": betas, "joint_weight": weight,
            "contacts": contacts, "valid": valid, "text_index": text_index, "text_span": text_span,
            "caption": [self.vocabulary[i] if i >= 0 else "" for i in text_index[:, 0]],
            "music": music, "has_music": has_music, "world_to_camera": views.world_to_camera,
            "camera_position": views.camera_position, "intrinsics": views.intrinsics, "image_size": views.image_size,
            "keypoints": views.keypoints, "bbox_xys": views.bbox_xys, "cliffcam": views.cliffcam,
            "cam_angvel": views.cam_angvel, "has_2d": views.has_2d & valid,
            "clip": [self.clips[clip].id for clip in plan.first.clip],
        }  # fmt: skip

    def _motion_of(self, plan: "_Plan") -> tuple[Array, Array, Array, Array]:
        """Rotations, translation, contacts and joint weights of the planned windows, second clips blended in."""
        rotations, translation, contacts = self._gather(plan.first, plan.mirror)
        weight = self._weights[plan.first.clip]
        for item in plan.joined:
            part = plan.second_of(item)
            more, path, rests = (array[0] for array in self._gather(part, plan.mirror[[item]]))
            keep = int(plan.first.length[item])
            stop = keep + int(part.length[0])
            step = translation[item, keep - 1] - translation[item, keep - 2]
            more, path = continued(
                more[: stop - keep], path[: stop - keep], rotations[item, keep - 1], translation[item, keep - 1],
                step, blend=_BLEND,
            )  # fmt: skip
            rotations[item, keep:stop], translation[item, keep:stop] = more, path
            contacts[item, keep:stop] = rests[: stop - keep]
            contacts[item, keep - 1 : keep + _BLEND] = 0
            rotations[item, stop:], translation[item, stop:] = rotations[item, stop - 1], translation[item, stop - 1]
            weight[item] = np.minimum(weight[item], self._weights[part.clip[0]])
        weight = np.where(plan.mirror[:, None], weight[:, BODY_MIRROR], weight)
        return rotations, translation, contacts.astype(np.float32), weight

    def _gather(self, parts: "_Parts", mirror: NDArray[np.bool_]) -> tuple[Array, Array, NDArray[np.uint8]]:
        """Rotation matrices (n, L, 22, 3, 3), translation and contacts; short parts repeat their last frame."""
        at = np.minimum(np.arange(self.frames), parts.length[:, None] - 1)
        at = at + (self._starts[parts.clip] + parts.begin)[:, None]
        rotvecs, translation, contacts = self.store.rotvecs[at], self.store.translation[at], self.store.contacts[at]
        if mirror.any():
            rotvecs[mirror] = mirrored_rotvecs(rotvecs[mirror])
            translation[mirror] = mirrored_translation(translation[mirror])
            contacts[mirror] = contacts[mirror][..., CONTACT_MIRROR]
        return np.asarray(matrix_from_rotvec(rotvecs), np.float32), translation, contacts

    def _prompts(self, plan: "_Plan", *, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Vocabulary rows (n, 2) and frame spans (n, 2, 2) of up to two prompts a window."""
        count = len(plan.first.clip)
        index, span = np.full((count, 2), -1), np.zeros((count, 2, 2), np.int64)
        for item in range(count):
            slot = 0
            for part, offset in plan.parts_of(item):
                found = self._prompt(part, mirror=bool(plan.mirror[item]), rng=rng)
                if found is not None:
                    index[item, slot] = found[0]
                    span[item, slot] = found[1] + offset, found[2] + offset
                    slot += 1
        return index, span

    def _prompt(self, part: "_Parts", *, mirror: bool, rng: np.random.Generator) -> tuple[int, int, int] | None:
        """One caption of a part at random: its row and its frames within the part."""
        begin, length = int(part.begin[0]), int(part.length[0])
        choices = []
        for caption in self.clips[part.clip[0]].captions:
            stop = self._lengths[part.clip[0]] if caption.stop < 0 else caption.stop
            low, high = max(caption.start - begin, 0), min(int(stop) - begin, length)
            if high - low >= min(_SHORTEST_PART, length):
                choices.append((self._word[caption.mirrored if mirror else caption.text], low, high))
        return choices[int(rng.integers(len(choices)))] if choices else None

    def _music_of(self, plan: "_Plan") -> tuple[Array, NDArray[np.bool_]]:
        """Music (n, L, 35) of the first parts that have some, and where."""
        count = len(plan.first.clip)
        music, has = np.zeros((count, self.frames, MUSIC_CHANNELS), np.float32), np.zeros((count, self.frames), bool)
        for item, (clip, begin, length) in enumerate(zip(*plan.first.rows(), strict=True)):
            features = self._music.get(self.clips[clip].id)
            if features is not None:
                stop = min(length, len(features) - begin)
                music[item, :stop] = features[begin : begin + stop]
                has[item, :stop] = True
        return music, has


@dataclass(frozen=True, eq=False)
class _Parts:
    """One stretch of a clip for each item."""

    clip: NDArray[np.int64]
    begin: NDArray[np.int64]
    length: NDArray[np.int64]

    def rows(self) -> tuple[list[int], list[int], list[int]]:
        return self.clip.tolist(), self.begin.tolist(), self.length.tolist()

    def one(self, item: int) -> "_Parts":
        return _Parts(self.clip[[item]], self.begin[[item]], self.length[[item]])


@dataclass(frozen=True, eq=False)
class _Plan:
    """Which frames make up each item of a batch."""

    first: _Parts
    second: _Parts | None
    mirror: NDArray[np.bool_]

    @property
    def total(self) -> NDArray[np.int64]:
        return self.first.length if self.second is None else self.first.length + self.second.length

    @property
    def joined(self) -> list[int]:
        return [] if self.second is None else np.flatnonzero(self.second.length).tolist()

    def second_of(self, item: int) -> _Parts:
        assert self.second is not None
        return self.second.one(item)

    def parts_of(self, item: int) -> list[tuple[_Parts, int]]:
        """The item's parts with the frame of the window where each begins."""
        parts = [(self.first.one(item), 0)]
        if self.second is not None and self.second.length[item]:
            parts.append((self.second.one(item), int(self.first.length[item])))
        return parts


def _sampling_weights(clips: Sequence[ClipRecord]) -> NDArray[np.float64]:
    """Chance of each clip: groups of (source, content) by frames to the power _BALANCE, within a group by frames."""
    totals: dict[tuple[str, str], int] = {}
    for clip in clips:
        totals[clip.source, clip.content] = totals.get((clip.source, clip.content), 0) + clip.frames
    weights = np.array([clip.frames * totals[clip.source, clip.content] ** (_BALANCE - 1) for clip in clips])
    return np.asarray(weights / weights.sum())
