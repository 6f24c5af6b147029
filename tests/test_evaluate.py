"""The evaluation of a model: complete and repeatable figures, honest stages of a key's error, and its command line."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from bvh_cases import smooth_rotations, smpl_bvh
from tiny_model import write_tiny_model

from genmo_studio.cli import main
from genmo_studio.conditions.progress import Progress
from genmo_studio.model.checkpoint import LoadedModel, load_model
from genmo_studio.motion.body import Body, joint_positions, load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix, yaw_matrix
from genmo_studio.training import metrics, trials
from genmo_studio.training.clips import ClipRecord, ClipStore, PrepareError
from genmo_studio.training.evaluate import PARTS, evaluate
from genmo_studio.training.measure_motion import motion_features, references
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
    for name, frames in {"walk left": 140, "jump": 130}.items():
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
    return out


@pytest.fixture(scope="module")
def figures(data: Path, model: LoadedModel, body: Body) -> dict:
    *steps, found = evaluate(data, model=model, body=body, options=OPTIONS)
    assert isinstance(found, dict)
    assert all(0 <= step.fraction <= 1 for step in steps if isinstance(step, Progress))
    assert sum(isinstance(step, dict) for step in steps) == len(PARTS) - 1
    return found


def test_every_part_is_measured_and_is_plain_json(figures: dict) -> None:
    assert set(PARTS) <= set(figures)
    assert json.loads(json.dumps(figures, allow_nan=False))["keys"] == figures["keys"]
    for gap in ("5", "15", "30", "45"):
        row = figures["in_betweening"][gap]
        assert row["draft"]["l2p_m"] > 0
        assert row["interpolated"]["windows"] == row["sampled"]["windows"] == 1
    assert figures["estimation"]["clean"]["pa_mpjpe_mm"] <= figures["estimation"]["clean"]["mpjpe_mm"] + 1
    assert {"detector_like", "clean"} == set(figures["estimation"])
    assert set(figures["text"]["prompts"]) == set(OPTIONS.prompts)
    assert figures["text"]["chance"] == 0.5


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
                assert stages["network"]["root_position_mm"] > stages["projected"]["root_position_mm"] > 1


def test_same_options_same_figures(data: Path, model: LoadedModel, body: Body, figures: dict) -> None:
    *_, again = evaluate(data, model=model, body=body, options=OPTIONS, parts=("in_betweening",))
    assert again["in_betweening"] == figures["in_betweening"]
    assert "keys" not in again


def test_command_line(data: Path, tmp_path: Path, model: LoadedModel, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "figures.json"
    words = ["evaluate", str(data), "--model", model.name, "-o", str(out), "--only", "estimation", "--windows", "1"]
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


def test_nearest_centroid() -> None:
    reference = np.array([[0.0, 0], [2, 0], [10, 0], [12, 0]])
    found = metrics.nearest_centroid(np.array([[1.5, 1], [30, 0]]), reference, np.array([4, 4, 9, 9]))
    assert found.tolist() == [4, 9]
