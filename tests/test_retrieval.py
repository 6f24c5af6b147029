"""The retrieval evaluator learns which words belong to a motion, from training clips only, and the same each time."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from tiny_model import write_tiny_model

from genmo_studio.conditions.progress import Progress
from genmo_studio.model.checkpoint import load_model
from genmo_studio.motion.body import Body, load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix, yaw_matrix
from genmo_studio.training import measure_mixed, measure_retrieval
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.captions import Caption
from genmo_studio.training.clips import MUSIC_FILE, ClipRecord, ClipStore, Manifest
from genmo_studio.training.measure_mixed import mixed
from genmo_studio.training.measure_retrieval import BATCH, FRAMES, captioned, retrieval
from genmo_studio.training.options import EvaluationOptions
from genmo_studio.training.retrieval import SPACE, Retrieval, frames_of, trained
from genmo_studio.values import replace

WORDS = [f"a person moves in the way of number {k}" for k in range(40)]


class Counted:
    """Token states that tell captions apart and nothing else."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        states = np.zeros((len(texts), 4, 48), np.float32)
        for row, text in enumerate(texts):
            states[row, 0] = np.random.default_rng(int(text.rsplit(" ", 1)[-1])).normal(size=48)
            states[row, 1] = 0.1
        return states

    def too_long(self, texts: Sequence[str]) -> list[bool]:
        return [False] * len(texts)


def motion_of(kind: int, *, seed: int, frames: int = 160) -> Motion:
    """A motion that swings one joint of its own at a pace of its own."""
    rng = np.random.default_rng(seed)
    time = np.arange(frames) / 30
    rotations = rng.normal(0, 0.01, (1, 24, 3)) * np.ones((frames, 1, 1))
    rotations[:, 1 + kind % 20, kind % 3] += np.sin(2 * np.pi * (0.4 + 0.15 * (kind // 20)) * time + rng.uniform(0, 6))
    places = np.zeros((frames, 3))
    places[:, 2] = 0.01 * (kind % 7) * np.arange(frames)
    return Motion(rotations=rotations.astype(np.float32), translation=places.astype(np.float32))


def store_of(split: str, *, clips_of_each: int) -> ClipStore:
    shift = 77 if split == "val" else 0
    motions = [
        (kind, motion_of(kind, seed=1000 * k + kind + shift)) for kind in range(40) for k in range(clips_of_each)
    ]
    clips, start = [], 0
    for number, (kind, motion) in enumerate(motions):
        clips.append(
            ClipRecord(
                id=f"{split}{number}", split=split, start=start, frames=len(motion), source="s", licence="l",
                content=f"c{kind}", style="", captions=(Caption(WORDS[kind], WORDS[kind]),), joint_weight=(1.0,) * 22,
            )
        )  # fmt: skip
        start += len(motion)
    return ClipStore(
        manifest=Manifest(1, "genmo-free", 30.0, {split: start}, len(clips)),
        clips=tuple(clips),
        rotvecs=np.concatenate([m.rotations[:, :22] for _, m in motions]),
        translation=np.concatenate([m.translation for _, m in motions]),
        contacts=np.ones((start, 6), np.uint8),
        vocabulary=tuple(sorted(WORDS)),
    )


@pytest.fixture(scope="module")
def body() -> Body:
    return load_body("genmo-free")


@pytest.fixture(scope="module")
def judged(body: Body, tmp_path_factory: pytest.TempPathFactory) -> tuple[Retrieval, Path]:
    cache = tmp_path_factory.mktemp("cache")
    *_, found = trained(store_of("train", clips_of_each=3), body=body, text=Counted(), cache=cache, steps=120, batch=40)
    assert isinstance(found, Retrieval)
    return found, cache


def test_it_tells_unseen_motions_of_known_kinds_apart(judged: tuple[Retrieval, Path], body: Body) -> None:
    judge, _ = judged
    motions = [motion_of(kind, seed=5000 + kind) for kind in range(40)]
    texts, embedded = judge.embed_captions(WORDS), judge.embed_motions(motions, body=body)
    assert embedded.shape == texts.shape == (40, SPACE)
    np.testing.assert_allclose(np.linalg.norm(embedded, axis=1), 1, atol=1e-5)
    distance = np.linalg.norm(embedded[:, None] - texts[None], axis=-1)
    first_three = (distance < np.diag(distance)[:, None]).sum(1) < 3
    assert first_three.mean() > 0.6  # chance is 3 in 40
    assert judge.embed_motions([], body=body).shape == (0, SPACE)


def test_the_same_clips_give_the_same_evaluator_from_the_cache(judged: tuple[Retrieval, Path], body: Body) -> None:
    judge, cache = judged
    steps = list(
        trained(store_of("train", clips_of_each=3), body=body, text=Counted(), cache=cache, steps=120, batch=40)
    )
    assert not any(isinstance(step, Progress) for step in steps)
    np.testing.assert_array_equal(steps[-1].embed_captions(WORDS[:3]), judge.embed_captions(WORDS[:3]))
    with pytest.raises(ValueError, match="training clips only"):
        list(trained(store_of("val", clips_of_each=1), body=body, text=Counted(), cache=cache))


def test_where_and_whither_do_not_matter(body: Body) -> None:
    motion = motion_of(5, seed=1)
    turn = yaw_matrix(2.1)
    rotations = motion.rotations.copy()
    rotations[:, 0] = rotvec_from_matrix(turn @ matrix_from_rotvec(rotations[:, 0].astype(np.float64)))
    pelvis = body.rest_joints(motion.betas)[0]
    moved = (motion.translation + pelvis) @ turn.T - pelvis + [4, 0, 1]
    other = replace(motion, rotations=rotations, translation=moved.astype(np.float32))
    np.testing.assert_allclose(frames_of(other, body=body), frames_of(motion, body=body), atol=2e-3)


def test_batches_have_captions_of_their_own() -> None:
    pairs = captioned(store_of("val", clips_of_each=2), count=100, seed=0)
    assert len(pairs) == 96
    for start in range(0, 96, BATCH):
        assert len({pair.caption for pair in pairs[start : start + BATCH]}) == BATCH
    assert all(len(pair.motion) == FRAMES for pair in pairs)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, judged: tuple[Retrieval, Path], body: Body) -> Path:
    """A set on disk, with the evaluator already trained."""
    out = tmp_path / "set"
    out.mkdir()
    lines, frames = [], {}
    for split, each in (("train", 1), ("val", 1)):
        store = store_of(split, clips_of_each=each)
        store.rotvecs.astype("<f4").tofile(out / f"{split}.rotations.f32")
        store.translation.astype("<f4").tofile(out / f"{split}.translation.f32")
        store.contacts.tofile(out / f"{split}.contacts.u1")
        frames |= store.manifest.frames
        lines += [msgspec.json.encode(clip) for clip in store.clips]
    (out / "clips.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    (out / "manifest.json").write_bytes(msgspec.json.encode(Manifest(1, "genmo-free", 30.0, frames, len(lines))))
    music = np.zeros((160, 35), np.float16)
    music[::20, 34] = 1
    np.savez(out / MUSIC_FILE, val0=music, val1=music)

    def ready(*_a: object, **_k: object):
        yield Progress("training the retrieval evaluator", 0.5)
        yield judged[0]

    monkeypatch.setattr(measure_retrieval, "trained", ready)
    monkeypatch.setattr(measure_mixed, "trained", ready)
    return out


OPTIONS = EvaluationOptions(retrieved=32, sampled=2, steps=1)


def test_recordings_are_found_and_shuffled_captions_are_not(folder: Path, tmp_path: Path, body: Body) -> None:
    model = load_model(str(write_tiny_model(tmp_path / "model")), device="cpu")
    *_, figures = retrieval(folder, model=model, body=body, options=OPTIONS, time=Allotment())
    assert figures["recorded"]["r_precision_3"] > 0.5
    assert figures["shuffled_captions"]["r_precision_3"] < 0.4
    assert figures["takes"]["r_precision_3"] < 0.5  # an untrained network does not know the words
    assert figures["recorded"]["fid"] == pytest.approx(0, abs=1e-6)
    assert figures["takes"]["fid"] > 0.05
    assert figures["samples"] == 32
    for parts in ("2", "3"):
        assert figures["timelines"][parts]["timelines"] == 2
        assert figures["timelines"][parts]["transition_jerk_m_s3"] > 0


def test_too_few_captions_are_said(folder: Path, tmp_path: Path, body: Body, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model(str(write_tiny_model(tmp_path / "model")), device="cpu")
    *_, figures = retrieval(folder, model=model, body=body, options=replace(OPTIONS, retrieved=31), time=Allotment())
    assert "32 are needed" in figures["left_out"]


def test_each_condition_is_judged_beside_the_others_and_alone(folder: Path, tmp_path: Path, body: Body) -> None:
    model = load_model(str(write_tiny_model(tmp_path / "model")), device="cpu")
    *_, figures = mixed(folder, model=model, body=body, options=OPTIONS, time=Allotment())
    assert figures["timelines"] >= 1
    assert figures["video"]["mpjpe_mm_alone"] > 0
    assert figures["keys"]["root_position_mm_together"] > 0
    assert figures["text"]["distance_of_recording_alone"] == figures["text"]["distance_of_recording_together"]
    assert 0 <= figures["music"]["beats_together"] <= 1
