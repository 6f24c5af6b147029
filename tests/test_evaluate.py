"""The evaluation of a model: complete and repeatable figures, honest stages of a key's error, and its command line."""

import io
import json
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from bvh_cases import smooth_rotations, smpl_bvh
from tiny_model import write_tiny_model

from genmo_studio.cli import main
from genmo_studio.conditions.progress import Progress
from genmo_studio.extract.music import BEAT
from genmo_studio.model.checkpoint import LoadedModel, load_model
from genmo_studio.motion.body import Body, joint_positions, load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix, yaw_matrix
from genmo_studio.motion.skeleton import JOINTS
from genmo_studio.training import evaluation_set, metrics, trials
from genmo_studio.training.clips import MUSIC_FILE, ClipRecord, ClipStore, PrepareError
from genmo_studio.training.evaluate import PARTS, evaluate
from genmo_studio.training.evaluation_set import training_set
from genmo_studio.training.measure_motion import motion_features, references
from genmo_studio.training.measure_physics import floor_figures
from genmo_studio.training.options import EvaluationOptions
from genmo_studio.training.prepare import prepare

OPTIONS = EvaluationOptions(
    windows=1,
    sampled=1,
    keyed=1,
    repeats=1,
    references=2,
    prompts=("walk left", "a person jumps"),
    prompt_frames=20,
    steps=2,
)

HERE = tuple(name for name in PARTS if name not in {"retrieval", "mixed", "video_path"})
"""The others want more clips than this set has, or films; they are tested in test_retrieval and test_video_path."""


@pytest.fixture(scope="module")
def body() -> Body:
    return load_body("genmo-free")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    return load_model(str(write_tiny_model(tmp_path_factory.mktemp("model"))), device="cpu")


@pytest.fixture(scope="module")
def data(body: Body, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two invented clips, each in both splits (a stand-in for the archives, which say themselves what is for what)."""
    source, out = tmp_path_factory.mktemp("bvh"), tmp_path_factory.mktemp("set")
    rng = np.random.default_rng(0)
    for name, frames in {"walk left": 160, "jump": 155}.items():
        places = np.array([0, 1.0, 0]) + np.cumsum(rng.normal(0, 0.01, (frames, 3)) * (1, 0.2, 1), 0)
        turns = smooth_rotations(rng, frames=frames, joints=22, size=0.7)
        (source / f"{name}.bvh").write_text(smpl_bvh(body, turns, places, frames=frames))
    list(prepare(source, out, body=body, music_seconds=0))
    for part in ("rotations.f32", "translation.f32", "contacts.u1"):
        (out / f"val.{part}").write_bytes((out / f"train.{part}").read_bytes())
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["frames"]["val"] = manifest["frames"]["train"]
    (out / "manifest.json").write_text(json.dumps(manifest))
    lines = (out / "clips.jsonl").read_bytes().splitlines()
    twins = [msgspec.structs.replace(msgspec.json.decode(line, type=ClipRecord), split="val") for line in lines]
    (out / "clips.jsonl").write_bytes(b"\n".join([*lines, *map(msgspec.json.encode, twins)]) + b"\n")
    music = np.random.default_rng(1).normal(size=(155, 35)).astype(np.float16)
    music[:, BEAT] = np.arange(155) % 20 == 10
    np.savez(out / MUSIC_FILE, **{twins[0].id: music})
    return out


@pytest.fixture(scope="module")
def figures(data: Path, model: LoadedModel, body: Body) -> dict:
    *steps, found = evaluate(data, model=model, body=body, options=OPTIONS, parts=HERE)
    assert isinstance(found, dict)
    assert all(0 <= step.fraction <= 1 for step in steps if isinstance(step, Progress))
    assert sum(isinstance(step, dict) for step in steps) == len(HERE) - 1
    return found


def test_seams_are_measured_beside_recordings_and_the_rest_is_bit_identical(figures):
    found = figures["regeneration"]
    assert found["windows"] == 1
    for region in ("full", "upper", "lower", "left_arm", "right_leg", "root"):
        for mode in ("draft", "sampled"):
            row = found[region][mode]
            assert row["bit_identical_outside"] == "1 of 1"
            assert row["seams"] == 2
            assert set(row["mean"]) == set(found["recordings"]["p99"])
    assert found["loop"]["draft"]["seams"] == 3


def test_every_part_is_measured_and_is_plain_json(figures: dict) -> None:
    assert set(HERE) <= set(figures)
    assert json.loads(json.dumps(figures, allow_nan=False))["keys"] == figures["keys"]
    for gap in ("5", "15", "30", "45", "60"):
        row = figures["in_betweening"][gap]
        assert row["draft"]["l2p_m"] > 0
        assert row["draft"]["npss"] > 0
        assert row["interpolated"]["to_interpolated"] == 1
        assert row["draft"]["to_interpolated"] == pytest.approx(
            row["draft"]["l2p_m"] / row["interpolated"]["l2p_m"], rel=0.01
        )
        assert row["interpolated"]["windows"] == row["sampled"]["windows"] == 1
    assert figures["estimation"]["clean"]["pa_mpjpe_mm"] <= figures["estimation"]["clean"]["mpjpe_mm"] + 1
    assert {"detector_like", "clean"} == set(figures["estimation"])
    assert set(figures["text"]["prompts"]) == set(OPTIONS.prompts)
    assert figures["text"]["chance"] == 0.5
    protocol = figures["estimation"]["clean"]["emdb_protocol"]
    assert protocol["wa_mpjpe100_mm"] <= protocol["w_mpjpe100_mm"]
    assert protocol["pa_mpjpe_mm"] > 1
    assert protocol["foot_sliding_mm"] >= 0
    assert protocol["jitter_10_m_s3"] > 0


def test_key_errors_are_measured_before_anything_forces_them(figures: dict) -> None:
    """An untrained network misses its keys by far; projection holds rotations; the correction meets everything."""
    for name in ("full_body", "arm_rotations", "hand_positions", "waypoints"):
        for mode in ("draft", "sampled"):
            stages = figures["keys"][name][mode]
            corrected = stages["corrected"]
            assert set(stages["network"]) == set(stages["projected"]) == set(corrected)
            assert all(value <= (0.1 if kind == "rotation_deg" else 1.0) for kind, value in corrected.items())
            if name == "waypoints":
                assert stages["network"]["waypoint_mm"] > 5
            else:
                assert stages["network"]["root_position_mm"] > max(1, stages["projected"]["root_position_mm"])


def test_gz4_keys_are_measured_in_centimetres_and_for_pops(figures: dict) -> None:
    keys = figures["keys"]
    assert keys["kimodo_published_raw_cm"] == {"full_body": 2.93, "end_effector": 3.03, "waypoint": 4.58, "p95": 7.77}
    for mode in ("draft", "sampled"):
        for name, kind in (("full_body", "full_body"), ("hand_positions", "end_effector"), ("waypoints", "waypoint")):
            stages = keys["distances"][name][mode]
            assert stages["network"][kind]["mean_cm"] > 1
            assert stages["corrected"][kind]["p95_cm"] < 0.1
            assert stages["corrected"][kind]["keys"] == stages["network"][kind]["keys"] > 0
            around = keys["around_keys"][name][mode]
            assert 0 <= around["sudden_places"] <= 1
            assert around["knee_p99_deg_s"] >= 0
        whole = keys["distances"]["full_body"][mode]["corrected"]["full_body"]["keys"]
        assert keys["distances"]["hand_positions"][mode]["corrected"]["full_body"]["keys"] == 2 < whole


def test_same_options_same_figures(data: Path, model: LoadedModel, body: Body, figures: dict) -> None:
    *_, again = evaluate(data, model=model, body=body, options=OPTIONS, parts=("in_betweening",))
    assert again["in_betweening"] == figures["in_betweening"]
    assert "keys" not in again


def test_a_report_goes_on_where_it_stopped_and_only_of_the_same_model(
    data: Path, model: LoadedModel, body: Body, figures: dict
) -> None:
    begun = json.loads(json.dumps({**figures, "physics": {"windows": 99}, "seconds": {"physics": 5.0}}))
    *_, found = evaluate(data, model=model, body=body, options=OPTIONS, parts=("physics", "music"), known=begun)
    assert found["physics"] == {"windows": 99}
    assert found["music"] == figures["music"]
    assert set(found["seconds"]) == {"physics", "music"}
    (whole,) = evaluate(data, model=model, body=body, options=OPTIONS, parts=("physics",), known=begun)
    assert whole["physics"] == {"windows": 99}
    for other in ({"model_hash": "of another"}, {"data_hash": "of others"}, {"cut_short": ["physics"]}):
        *_, found = evaluate(data, model=model, body=body, options=OPTIONS, parts=("physics",), known=begun | other)
        assert found["physics"] == figures["physics"], other


def test_parts_without_samples_say_so(data: Path, model: LoadedModel, body: Body) -> None:
    options = replace(OPTIONS, keyed=0)
    *_, found = evaluate(data, model=model, body=body, options=options, parts=("keys",))
    assert found["keys"]["windows"] == 0


def test_a_limit_leaves_at_least_one_sample_of_each_part(data: Path, model: LoadedModel, body: Body) -> None:
    options = replace(OPTIONS, windows=6)
    *_, found = evaluate(
        data, model=model, body=body, options=options, parts=("in_betweening", "estimation"), limit_minutes=1e-6
    )
    assert found["in_betweening"]["15"]["draft"]["windows"] == 1
    assert found["estimation"]["clean"]["windows"] == 1
    assert set(found["cut_short"]) == {"in_betweening", "estimation"}


def test_takes_are_judged_beside_the_recordings(figures: dict) -> None:
    physics, music = figures["physics"], figures["music"]
    assert physics["windows"] == 1
    assert physics["recorded"].keys() == physics["raw"].keys()
    assert physics["cleaned_to_recorded"].keys() == physics["raw"].keys() - {"resting_share"}
    assert physics["raw"] != physics["cleaned"]
    for key in ("jitter_m_s3", "skate_height_m_s"):
        share = physics["cleaned"][key] / physics["recorded"][key]
        assert physics["cleaned_to_recorded"][key] == pytest.approx(share, rel=0.01)
    assert music["tracks"] == 1
    assert music["margin_spread"] is None  # one track tells no spread
    for name in ("recorded", "conditioned", "unconditioned"):
        assert 0 <= music[name]["beat_alignment"] <= 1
    gain = music["conditioned"]["beat_alignment"] - music["unconditioned"]["beat_alignment"]
    assert music["margin"] == pytest.approx(gain, abs=2e-4)


def archives(body: Body, folder: Path) -> Path:
    """Two clips of labelled archives, in the splits train and held."""
    rng = np.random.default_rng(3)
    (folder / "mocap").mkdir(parents=True)
    rows = []
    with tarfile.open(folder / "mocap" / "m.tar.xz", "w:xz") as archive:
        for name, split in (("one", "train"), ("two", "held"), ("three", "spare")):
            turns = smooth_rotations(rng, frames=130, joints=22, size=0.4)
            text = smpl_bvh(body, turns, np.tile([0, 1.0, 0], (130, 1)), frames=130).encode()
            member = tarfile.TarInfo(f"{name}.bvh")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
            rows.append({
                "id": name, "file": f"{name}.bvh", "split": split, "archive": "m.tar.xz", "skeleton": "smpl",
                "source": "test", "licence": "CC0-1.0", "content": "walk", "style": "", "texts": [], "subject": None,
            })  # fmt: skip
    (folder / "skeletons.json").write_text(json.dumps({"smpl": {"smpl22": {name: name for name in JOINTS[:22]}}}))
    (folder / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


def test_archives_are_prepared_once_and_any_split_is_judged(
    body: Body, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_set.paths, "cache", lambda: tmp_path / "cache")
    source = archives(body, tmp_path / "source")
    *steps, folder = training_set(source, split="held", body=body)
    assert isinstance(folder, Path)
    assert steps
    assert [clip.id for clip in ClipStore.open(folder, split="val").clips] == ["two"]
    assert [clip.id for clip in ClipStore.open(folder, split="train").clips] == ["one"]
    assert list(training_set(source, split="held", body=body)) == [folder]
    assert list(training_set(folder, body=body)) == [folder]
    labels = tmp_path / "others.jsonl"
    labels.write_text((source / "labels.jsonl").read_text().replace('"held"', '"val"'))
    (source / "labels.jsonl").unlink()
    *_, other = training_set(source, labels=labels, body=body)
    assert other == folder  # the same clips to judge, by another name of their split
    with pytest.raises(PrepareError, match="no clip in the split test"):
        list(training_set(source, labels=labels, split="test", body=body))
    with pytest.raises(PrepareError, match="its validation split is fixed"):
        list(training_set(folder, split="train", body=body))
    with pytest.raises(PrepareError, match="name the labels"):
        list(training_set(source, body=body))
    with pytest.raises(PrepareError, match="is not a training set"):
        list(training_set(tmp_path / "nowhere", body=body))


def test_parts_that_compare_with_training_clips_are_left_out_without_them(
    data: Path, tmp_path: Path, model: LoadedModel, body: Body
) -> None:
    folder = tmp_path / "alone"
    shutil.copytree(data, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["frames"]["train"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    *_, found = evaluate(folder, model=model, body=body, options=OPTIONS, parts=("text", "estimation"))
    assert "no training clips" in found["text"]["left_out"]
    assert found["estimation"]["clean"]["windows"] == 1


def test_command_line(data: Path, tmp_path: Path, model: LoadedModel, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "figures.json"
    words = ["evaluate", str(data), "--model", model.name, "-o", str(out), "--tasks", "estimation", "--windows", "1",
             "--filmed", "0"]  # fmt: skip
    folder = write_tiny_model(tmp_path / "model")
    words[3] = str(folder)
    assert main(words) == 0
    assert json.loads(out.read_text())["estimation"]["clean"]["windows"] == 1
    assert main([*words[:1], str(tmp_path / "nothing"), *words[2:]]) == 1
    assert "is not a training set" in capsys.readouterr().err


def test_references_are_captioned_in_the_same_words(data: Path) -> None:
    store = ClipStore.open(data, split="train")
    found = references(store, store.clips[0].captions[0].text, options=OPTIONS)
    assert 1 <= len(found) <= 2
    assert all(len(motion) == OPTIONS.prompt_frames for motion in found)
    assert references(store, "a person plays chess", options=OPTIONS) == []
    with pytest.raises(PrepareError):
        ClipStore.open(data / "nothing", split="val")


def test_features_forget_where_and_whither(body: Body) -> None:
    rng = np.random.default_rng(2)
    rotations = np.cumsum(rng.normal(0, 0.02, (40, 24, 3)), 0).astype(np.float32)
    motion = Motion(rotations=rotations, translation=np.cumsum(rng.normal(0, 0.01, (40, 3)), 0).astype(np.float32))
    turn = yaw_matrix(1.2)
    turned = rotations.copy()
    turned[:, 0] = rotvec_from_matrix(turn @ matrix_from_rotvec(rotations[:, 0].astype(np.float64)))
    pelvis = body.rest_joints(motion.betas)[0]
    moved = (motion.translation + pelvis) @ turn.T - pelvis + [3, 0, -2]
    other = Motion(rotations=turned, translation=moved.astype(np.float32))
    np.testing.assert_allclose(motion_features(other, body=body), motion_features(motion, body=body), atol=1e-4)
    assert trials.root_speed(other) == pytest.approx(trials.root_speed(motion), rel=0.2)
    reach = trials.reach_key(joint_positions(motion, body)[7], 7, names=("left_wrist",))
    np.testing.assert_allclose(reach.positions["left_wrist"], joint_positions(motion, body)[7, 20], atol=1e-6)


def test_feet_skate_while_a_body_is_pushed_over_the_floor(body: Body) -> None:
    places = np.zeros((60, 3), np.float32)
    stands = Motion(rotations=np.zeros((60, 24, 3), np.float32), translation=places)
    found = floor_figures(stands, body=body)
    assert (found["skate_planted_m_s"], found["resting_share"]) == (0, 1)
    for speed, skate in ((0.3, 0.15), (1.2, 0.0)):  # m/s in the second half; the faster counts as swinging
        pushed = places.copy()
        pushed[30:, 2] = speed / 30 * np.arange(1, 31)
        slides = floor_figures(Motion(rotations=stands.rotations, translation=pushed), body=body)
        assert slides["skate_planted_m_s"] == pytest.approx(skate, abs=0.01)
        assert slides["resting_share"] == pytest.approx(0.5, abs=0.02)


def test_nearest_centroid() -> None:
    reference = np.array([[0.0, 0], [2, 0], [10, 0], [12, 0]])
    found = metrics.nearest_centroid(np.array([[1.5, 1], [30, 0]]), reference, np.array([4, 4, 9, 9]))
    assert found.tolist() == [4, 9]
