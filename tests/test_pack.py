"""A training set packed small and unpacked again: the same clips within the promised steps; damage is said."""

from pathlib import Path

import numpy as np
import pytest
import torch
from bvh_cases import smooth_rotations, smpl_bvh
from hypothesis import given
from hypothesis import strategies as st

from genmo_studio.conditions.progress import Progress
from genmo_studio.motion.body import load_body
from genmo_studio.training.clips import CAPTIONS_FILE, MUSIC_FILE, ClipStore, PrepareError, read_music
from genmo_studio.training.loop import encode_vocabulary
from genmo_studio.training.pack import (
    MUSIC_STEPS,
    PLACE_STEP,
    ROTATION_STEP,
    chosen,
    differences,
    pack,
    summed,
    unpack,
)
from genmo_studio.training.prepare import prepare


@given(seed=st.integers(0, 2**31), rows=st.integers(1, 60), channels=st.integers(1, 8))
def test_whole_numbers_come_back(seed: int, rows: int, channels: int) -> None:
    values = np.random.default_rng(seed).integers(-(2**20), 2**20, (rows, channels))
    np.testing.assert_array_equal(summed(differences(values), channels), values)


def test_what_cannot_be_packed_is_said() -> None:
    with pytest.raises(ValueError, match="too fast"):
        differences(np.array([[0], [2**40]]))


def test_a_set_comes_back_within_its_steps(tmp_path: Path) -> None:
    body, rng = load_body("genmo-free"), np.random.default_rng(0)
    source, folder, packed, back = (tmp_path / name for name in ("bvh", "set", "packed", "back"))
    source.mkdir()
    for name in ("walk", "jump"):
        places = np.array([0, 1.0, 0]) + np.cumsum(rng.normal(0, 0.02, (70, 3)), 0)
        turns = smooth_rotations(rng, frames=70, joints=22, size=0.7)
        (source / f"{name}.bvh").write_text(smpl_bvh(body, turns, places, frames=70))
    list(prepare(source, folder, body=body, music_seconds=0))
    music = rng.normal(0, 3, (70, 35)).astype(np.float16)
    music[:, 33:] = rng.random((70, 2)) < 0.2
    np.savez(folder / MUSIC_FILE, walk=music)
    store = ClipStore.open(folder, split="train")
    words = list(store.vocabulary)
    states = torch.randn(len(words), 32, 384).half()
    states[:, 9:] = 0
    steps = list(pack(folder, packed, captions={"captions": words, "states": states}))
    assert steps[-1].fraction == 1
    *_, last = unpack(packed, back)
    assert isinstance(last, Progress)
    again = ClipStore.open(back, split="train")
    assert again.clips == store.clips
    assert np.abs(again.rotvecs - store.rotvecs).max() <= ROTATION_STEP / 2 + 1e-6
    assert np.abs(again.translation - store.translation).max() <= PLACE_STEP / 2 + 1e-6
    np.testing.assert_array_equal(again.contacts, store.contacts)
    heard = read_music(back, again.clips)["walk"]
    np.testing.assert_array_equal(heard[:, 33:], music[:, 33:])
    spread = music[:, :33].astype(np.float32).std(0)
    assert (np.abs(heard[:, :33] - music[:, :33]) <= spread / MUSIC_STEPS * 0.51 + 0.01).all()
    # Captions are known without the text encoder, whether the run folder has them or not.
    known = encode_vocabulary(words, tmp_path / "run", back)
    assert known.shape == states.shape
    assert float((known.float() - states.float()).abs().max()) < 0.03
    assert not known[:, 9:].any()
    assert (back / CAPTIONS_FILE).is_file()
    next(packed.glob("train.rotations.xz.*")).write_bytes(b"damaged")
    with pytest.raises(PrepareError, match="is damaged"):
        list(unpack(packed, tmp_path / "other"))
    assert not (tmp_path / "other" / "manifest.json").exists()


def test_fewer_minutes_take_contents_in_turns_and_leave_what_is_judged(tmp_path: Path) -> None:
    body, rng = load_body("genmo-free"), np.random.default_rng(1)
    source, folder, packed, back = (tmp_path / name for name in ("bvh", "set", "packed", "back"))
    source.mkdir()
    for number in range(20):  # the last of twenty is for validation
        turns = smooth_rotations(rng, frames=30, joints=22, size=0.5)
        places = np.tile([0, 1.0, 0], (30, 1))
        (source / f"walk {number:02d}.bvh").write_text(smpl_bvh(body, turns, places, frames=30))
    list(prepare(source, folder, body=body, music_seconds=0))
    store = ClipStore.open(folder, split="train")
    few = chosen([*store.clips, *ClipStore.open(folder, split="val").clips], most_minutes=3 / 60, fps=30)
    assert [clip.split for clip in few] == ["train"] * 3 + ["val"]
    words = list(store.vocabulary)
    states = torch.zeros(len(words), 32, 384).half()
    list(pack(folder, packed, captions={"captions": words, "states": states}, most_minutes=3 / 60))
    list(unpack(packed, back))
    again = ClipStore.open(back, split="train")
    assert [clip.id for clip in again.clips] == [clip.id for clip in few[:3]]
    for clip, old in zip(again.clips, few, strict=False):
        ours, theirs = again.motion(clip), store.motion(old)
        assert np.abs(ours.rotations - theirs.rotations).max() <= ROTATION_STEP / 2 + 1e-6
    assert len(ClipStore.open(back, split="val").clips) == 1
    with pytest.raises(PrepareError, match=r"fits into 0\.001 minutes"):
        list(pack(folder, packed, captions={"captions": words, "states": states}, most_minutes=0.001))
