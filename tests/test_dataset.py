"""From a folder of BVH or labelled archives to batches: prepare, captions, mirroring, windows, music."""

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from bvh_cases import smooth_rotations, smpl_bvh
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from genmo_studio.motion.body import forward_kinematics, joint_positions, load_body
from genmo_studio.motion.rotations import heading_from_matrix, matrix_from_rotvec
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINTS, MIRROR
from genmo_studio.training.augment import ShapeSpace, continued, mirrored_rotvecs, mirrored_translation
from genmo_studio.training.captions import captions_of, mirrored, sentences
from genmo_studio.training.clips import MUSIC_FILE, ClipStore, PrepareError, read_manifest
from genmo_studio.training.dataset import Augmentation, MotionWindows
from genmo_studio.training.music_render import (
    SAMPLE_RATE,
    BeatGrid,
    clips_for_music,
    fit_grid,
    kinematic_events,
    render_music,
)
from genmo_studio.training.prepare import prepare

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
LENGTHS = {"walk_left": 200, "salsa dance": 90, "wave": 40}


def text_of(body, rng, frames):
    places = np.array([0, 1.0, 0]) + np.cumsum(rng.normal(0, 0.01, (frames, 3)) * (1, 0.2, 1), 0)
    return smpl_bvh(body, smooth_rotations(rng, frames=frames, joints=22, size=0.7), places, frames=frames)


@pytest.fixture(scope="module")
def body():
    return load_body("genmo-free")


@pytest.fixture(scope="module")
def folder(body, tmp_path_factory):
    source, out = tmp_path_factory.mktemp("bvh"), tmp_path_factory.mktemp("set")
    rng = np.random.default_rng(0)
    for name, frames in LENGTHS.items():
        (source / f"{name}.bvh").write_text(text_of(body, rng, frames))
    (source / "broken.bvh").write_text("HIERARCHY nonsense MOTION")
    steps = list(prepare(source, out, body=body, music_seconds=0))
    assert steps[-1].fraction == 1
    return out


def test_a_folder_of_bvh_becomes_a_set(folder, body):
    manifest, clips = read_manifest(folder)
    assert manifest.clips == 3
    assert len(manifest.skipped) == 1
    assert manifest.skipped[0].startswith("broken:")
    assert {clip.id: clip.frames for clip in clips} == LENGTHS
    assert any("walk left" in caption.text for clip in clips for caption in clip.captions)
    store = ClipStore.open(folder, split="train")
    motion = store.motion(store.clips[0])
    assert len(motion) == store.clips[0].frames
    assert set(np.unique(motion.contacts)) <= {0.0, 1.0}


def test_batches_have_the_promised_keys_and_shapes(folder, body):
    windows = MotionWindows(folder, body=body, frames=60, batch=5, seed=1)
    batch = windows.batch_at(0)
    shapes = {
        "rotations": (5, 60, 22, 3, 3), "translation": (5, 60, 3), "betas": (5, 10), "joint_weight": (5, 22),
        "contacts": (5, 60, 6), "valid": (5, 60), "text_index": (5, 2), "text_span": (5, 2, 2), "music": (5, 60, 35),
        "has_music": (5, 60), "world_to_camera": (5, 60, 3, 3), "camera_position": (5, 60, 3),
        "intrinsics": (5, 60, 3, 3), "image_size": (5, 2), "keypoints": (5, 60, 17, 3), "bbox_xys": (5, 60, 3),
        "cliffcam": (5, 60, 3), "cam_angvel": (5, 60, 6), "has_2d": (5, 60),
    }  # fmt: skip
    assert {key: value.shape for key, value in batch.items() if isinstance(value, np.ndarray)} == shapes
    for key, value in batch.items():
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            assert value.dtype == np.float32, key
            assert np.isfinite(value).all(), key
    eye = batch["rotations"] @ np.swapaxes(batch["rotations"], -1, -2)
    np.testing.assert_allclose(eye, np.broadcast_to(np.eye(3), eye.shape), atol=1e-5)
    assert not (batch["has_2d"] & ~batch["valid"]).any()


@given(step=st.integers(0, 1000), seed=st.integers(0, 1000))
def test_a_batch_depends_on_seed_and_step_only(folder, body, step, seed):
    first = MotionWindows(folder, body=body, frames=30, batch=3, seed=seed).batch_at(step)
    windows = MotionWindows(folder, body=body, frames=30, batch=3, seed=seed)
    windows.batch_at(step + 1)
    again, other = windows.batch_at(step), windows.batch_at(step + 7)
    for key, value in first.items():
        np.testing.assert_array_equal(value, again[key])
    assert not np.array_equal(first["keypoints"], other["keypoints"])


def test_prompts_lie_on_the_frames_that_they_describe(folder, body):
    windows = MotionWindows(folder, body=body, frames=100, batch=8, seed=2)
    joined = 0
    for step in range(12):
        batch = windows.batch_at(step)
        for item in range(8):
            (a, b), (c, d) = batch["text_span"][item]
            first, second = batch["text_index"][item]
            assert first >= 0
            assert 0 <= a < b <= 100
            assert batch["caption"][item] == windows.vocabulary[first]
            last = b
            if second >= 0:
                joined += 1
                assert b <= c < d <= 100
                last = d
            assert batch["valid"][item].sum() == last
            name = batch["clip"][item].split("_", maxsplit=1)[0].split()[0]
            assert name in windows.vocabulary[first]
    assert joined > 5


def test_without_augmentation_a_window_is_the_clip(folder, body):
    windows = MotionWindows(folder, body=body, frames=50, augmentation=Augmentation.none())
    at = next(i for i, clip in enumerate(windows.clips) if clip.id == "walk_left")
    batch, motion = windows.window(at, 30, rng=np.random.default_rng(0)), windows.motion(at)
    expected = matrix_from_rotvec(motion.rotations[30:80, :BODY_JOINT_COUNT])
    np.testing.assert_allclose(batch["rotations"][0], expected, atol=1e-6)
    moved = motion.translation[30:80] - motion.translation[30] * (1, 0, 1)
    np.testing.assert_allclose(batch["translation"][0], moved, atol=1e-5)
    assert batch["keypoints"][batch["has_2d"]][..., 2].min() == 1  # exact, nothing hidden


def test_mirroring_mirrors_the_joints(body):
    rng = np.random.default_rng(4)
    rotvecs = np.zeros((6, 24, 3), np.float32)
    rotvecs[:, :22] = smooth_rotations(rng, frames=6, joints=22).as_rotvec().reshape(6, 22, 3)
    path = rng.normal(size=(6, 3)).astype(np.float32)
    rest = body.rest_joints(np.zeros(10, np.float32))
    _, placed = forward_kinematics(matrix_from_rotvec(rotvecs), rest, path)
    other = rotvecs.copy()
    other[:, :22] = mirrored_rotvecs(rotvecs[:, :22])
    _, seen = forward_kinematics(matrix_from_rotvec(other), rest, mirrored_translation(path))
    np.testing.assert_allclose(seen, placed[:, list(MIRROR)] * (-1, 1, 1), atol=2e-3)  # the body is symmetric to 1 mm
    np.testing.assert_array_equal(mirrored_rotvecs(other[:, :22]), rotvecs[:, :22])


def test_other_shapes_keep_their_feet_on_the_ground(body):
    space = ShapeSpace.of(body)
    betas = np.random.default_rng(1).normal(size=(6, 10)).astype(np.float32)
    orientation = np.tile(np.eye(3, dtype=np.float32), (6, 1, 1, 1))
    stand = np.zeros((6, 1, 3), np.float32)
    stand[..., 1] = -body.v_template[:, 1].min()
    moved = space.moved(betas, orientation, stand)
    for item in range(6):
        lowest = body.shaped(betas[item])[:, 1].min() + moved[item, 0, 1]
        assert abs(lowest) < 0.012
    np.testing.assert_allclose(space.moved(np.zeros((6, 10), np.float32), orientation, stand), stand, atol=1e-6)


def test_a_second_clip_goes_on_where_the_first_ended():
    rng = np.random.default_rng(2)
    turns = smooth_rotations(rng, frames=40, joints=22).as_matrix().reshape(40, 22, 3, 3).astype(np.float32)
    path = np.array([3, 1, -2]) + rng.normal(0, 0.02, (40, 3)).cumsum(0)
    last = Rotation.from_rotvec(rng.normal(0, 0.4, (22, 3))).as_matrix().astype(np.float32)
    more, moved = continued(
        turns, path.astype(np.float32), last, np.array([5, 0.9, 5], np.float32), np.zeros(3, np.float32), blend=10
    )
    angle = Rotation.from_matrix(np.swapaxes(last, -1, -2) @ more[0]).magnitude()
    assert np.degrees(angle).max() < 8
    np.testing.assert_allclose(moved[0], (5, 0.9, 5), atol=0.03)
    np.testing.assert_allclose(more[11:, 1:], turns[11:, 1:], atol=1e-6)  # afterwards untouched
    assert np.isfinite(heading_from_matrix(more[:, 0])).all()


def test_broken_sets_are_one_sentence(folder, body, tmp_path):
    with pytest.raises(PrepareError, match="not a training set"):
        MotionWindows(tmp_path, body=body)
    with pytest.raises(PrepareError, match="no usable clips in its val split"):
        MotionWindows(folder, body=body, split="val")
    with pytest.raises(PrepareError, match="neither"):
        list(prepare(tmp_path, tmp_path / "out", body=body))
    for name in folder.iterdir():
        (tmp_path / name.name).write_bytes(name.read_bytes())
    path = tmp_path / "train.translation.f32"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(PrepareError, match="another size"):
        MotionWindows(tmp_path, body=body)
    path.unlink()
    with pytest.raises(PrepareError, match="missing"):
        MotionWindows(tmp_path, body=body)


def archive_of(members: dict[str, bytes], path: Path) -> None:
    with tarfile.open(path, "w:xz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("link.bvh")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)


def test_labelled_archives_and_hostile_members(body, tmp_path):
    source, out = tmp_path / "source", tmp_path / "out"
    (source / "mocap").mkdir(parents=True)
    text = text_of(body, np.random.default_rng(1), 40).encode()
    archive_of({"a/one.bvh": text, "../../evil.bvh": b"x", "two.bvh": text}, source / "mocap" / "m.tar.xz")
    label = {
        "archive": "m.tar.xz", "skeleton": "smpl", "source": "test", "licence": "CC0-1.0", "content": "walk",
        "style": "angry", "texts": [], "subject": None,
    }  # fmt: skip
    rows = [
        label | {"id": "one", "file": "a/one.bvh", "split": "train"},
        label | {"id": "two", "file": "two.bvh", "split": "val"},
        label | {"id": "link", "file": "link.bvh", "split": "val"},
    ]
    (source / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (source / "skeletons.json").write_text(json.dumps({"smpl": {"smpl22": {name: name for name in JOINTS[:22]}}}))
    list(prepare(source, out, body=body, music_seconds=0))
    _, clips = read_manifest(out)
    assert [(clip.id, clip.split) for clip in clips] == [("one", "train"), ("two", "val")]
    assert "a person walks angrily" in {caption.text for caption in clips[0].captions}
    assert not list(tmp_path.rglob("evil*"))
    (source / "mocap" / "m.tar.xz").write_bytes(b"not an archive")
    with pytest.raises(PrepareError, match=r"m\.tar\.xz is broken"):
        list(prepare(source, out, body=body, music_seconds=0))


@given(st.text(max_size=60))
def test_mirroring_words_twice_gives_them_back(text):
    text = text.lower().replace("anti", "").replace("counter-", "")
    assert mirrored(mirrored(text)) == text


def test_captions():
    assert mirrored("Turn Left, then step rightwards clockwise") == "Turn Right, then step leftwards counterclockwise"
    assert captions_of({"texts": [{"text": "Unknown", "from": "CMU index"}], "content": "unknown"}) == ()
    found = captions_of({"texts": [{"text": "A human walks.", "from": "KIT-ML", "start": 1.0, "end": 3.0}]})
    assert [(c.text, c.start, c.stop) for c in found] == [("A human walks", 30, 90)]
    assert captions_of({"texts": [{"text": "JumpTwist", "from": "file name"}]})[0].text == "jump twist"
    assert len(set(sentences("walk", style="elderly"))) >= 4


@given(bpm=st.floats(75, 170), first=st.floats(0, 0.3), seed=st.integers(0, 99))
def test_the_beat_of_steady_events_is_found(bpm, first, seed):
    rng = np.random.default_rng(seed)
    times = first + np.arange(24) * 60 / bpm + rng.normal(0, 0.01, 24)
    grid = fit_grid(times, np.ones(24))
    ratio = 60 / grid.period / bpm
    assert min(abs(ratio - wanted) for wanted in (0.5, 1, 2)) < 0.02
    if abs(ratio - 1) < 0.02:
        late = (times - grid.first + grid.period / 2) % grid.period - grid.period / 2
        assert np.abs(np.median(late)) < 0.05


def test_rendered_music_has_the_clips_length_and_level(folder, body):
    store = ClipStore.open(folder, split="train")
    assert [clip.id for clip in clips_for_music(store.clips, fewest_frames=60)] == ["salsa dance", "walk_left"]
    motion = store.motion(next(clip for clip in store.clips if clip.id == "walk_left"))
    times, strengths = kinematic_events(joint_positions(motion, body))
    assert len(times) == len(strengths) > 0
    sound = render_music(motion, body=body, rng=np.random.default_rng(0))
    assert sound.shape == (len(motion) * SAMPLE_RATE // 30,)
    assert 0.3 < np.abs(sound).max() <= 0.9
    assert BeatGrid(0.5, 1.25).times(2.0).tolist() == [0.25, 0.75, 1.25, 1.75]


def test_music_reaches_the_batch_at_its_frames(folder, body):
    features = np.random.default_rng(0).normal(size=(200, 35)).astype(np.float16)
    np.savez(folder / MUSIC_FILE, walk_left=features)
    try:
        windows = MotionWindows(folder, body=body, frames=50, augmentation=Augmentation.none())
        at = next(i for i, clip in enumerate(windows.clips) if clip.id == "walk_left")
        batch = windows.window(at, 30, rng=np.random.default_rng(0))
        np.testing.assert_array_equal(batch["music"][0], features[30:80].astype(np.float32))
        assert batch["has_music"].all()
        assert not windows.window(1 - min(at, 1), 0, rng=np.random.default_rng(0))["has_music"].any()
    finally:
        (folder / MUSIC_FILE).unlink()


@pytest.mark.skipif(not (SHARED / "data").is_dir(), reason="the mocap archives are not beside the repository")
def test_every_label_of_the_training_data_has_a_caption():
    labels = [json.loads(line) for line in (SHARED / "data" / "labels.jsonl").read_text().splitlines()]
    assert all(captions_of(label) for label in labels)
    every = {caption.text.lower() for label in labels for caption in captions_of(label)}
    assert not any("unknown" in text for text in every)


def test_batches_built_by_workers_are_the_same(folder, body):
    from functools import partial

    from genmo_studio.training.prefetch import batches

    opener = partial(MotionWindows, folder, body=body, frames=30, batch=2, seed=9)
    alone = list(batches(opener, start=3, stop=7, workers=0))
    together = list(batches(opener, start=3, stop=7, workers=1))
    assert len(alone) == len(together) == 4
    for first, second in zip(alone, together, strict=True):
        for key, value in first.items():
            np.testing.assert_array_equal(value, second[key])


def test_advertisements_and_bare_numbers_are_no_captions():
    texts = [
        {"text": "don't miss it: visit <a href=http://tickets.example/>the tour bus</a> today", "from": "KIT-ML"},
        {"text": "180", "from": "CMU index"},
        {"text": "a person walks in a curve of 180 degrees to the left", "from": "KIT-ML"},
    ]
    found = captions_of({"texts": texts, "content": "walk"})
    assert [caption.text for caption in found] == [texts[2]["text"]]
    assert captions_of({"texts": texts[:2], "content": "walk"})[0].text == "a person walks"
