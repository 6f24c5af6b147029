"""Public data sets: small files of their form are read right, broken and hostile ones are refused with a sentence."""

import json
import os
import pickle
from pathlib import Path

import numpy as np
import public_sets as sets
import pytest
from tiny_model import write_tiny_model

from genmo_studio.cli import main
from genmo_studio.model.checkpoint import load_model
from genmo_studio.motion.body import Body, joint_positions, load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.training import evaluate_public
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.clips import ClipStore
from genmo_studio.training.evaluate_public import bodies_in, public_training_set
from genmo_studio.training.measure_public import Bodies, _projected, _truth, as_video, estimation_on
from genmo_studio.training.options import EvaluationOptions
from genmo_studio.training.public import sequences
from genmo_studio.training.public.clips import humanml3d, humanml_captions, motionx
from genmo_studio.training.public.files import PublicDataError, numbers, read_npy, read_pickle
from genmo_studio.training.public.joints import humanml_joints, posed_by_joints


@pytest.fixture(scope="module")
def body() -> Body:
    return load_body("genmo-free")


def test_emdb(tmp_path: Path) -> None:
    sets.write_emdb(tmp_path)
    (found,) = sequences.emdb(tmp_path, "emdb1")
    rotations, places = sets.walk(60)
    np.testing.assert_allclose(found.rotations, rotations)
    np.testing.assert_allclose(found.translation, places)
    assert (found.name, found.gender, found.valid.sum()) == ("P1_14_outdoor_climb", "female", 55)
    np.testing.assert_allclose(found.world_to_camera, sets.cameras(60))
    assert list(sequences.emdb(tmp_path, "emdb2")) == []
    assert len(list(sequences.emdb(tmp_path, "all"))) == 1
    with pytest.raises(PublicDataError, match="name the folder into which"):
        list(sequences.emdb(tmp_path / "P1", "all"))


def test_3dpw_of_python_2_with_two_people(tmp_path: Path) -> None:
    sets.write_threedpw(tmp_path)
    one, two = sequences.threedpw(tmp_path, "test")
    assert (one.gender, two.gender) == ("male", "female")
    assert (one.valid.sum(), two.valid.sum()) == (40, 50)
    np.testing.assert_allclose(two.rotations, sets.walk(50, seed=1)[0])
    assert one.betas.shape == two.betas.shape == (10,)


def test_rich(tmp_path: Path) -> None:
    sets.write_rich(tmp_path)
    (found,) = sequences.rich(tmp_path, "test")
    assert found.name == "Gym_013_burpee4_cam06"
    np.testing.assert_allclose(found.rotations[:, :22], sets.walk(40)[0][:, :22])
    np.testing.assert_allclose(found.world_to_camera[7], sets.cameras(1)[0], atol=1e-12)
    np.testing.assert_allclose(found.intrinsics, sets.INTRINSICS)
    xml = tmp_path / "scan_calibration" / "Gym" / "calibration" / "006.xml"
    xml.write_text('<!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>')
    with pytest.raises(PublicDataError, match="defines entities"):
        list(sequences.rich(tmp_path, "test"))


def test_aist_views_are_in_metres_and_every_second_frame(tmp_path: Path) -> None:
    sets.write_aist(tmp_path)
    (found,) = sequences.aist_views(tmp_path, "test")
    rotations, places = sets.walk(120, fps=60.0)
    np.testing.assert_allclose(found.rotations, rotations[::2])
    np.testing.assert_allclose(found.translation, places[::2], atol=1e-9)
    np.testing.assert_allclose(found.world_to_camera[0, :3, 3], np.array([0, 100, 500]) / 93.0)
    assert found.keypoints is not None
    assert found.keypoints.shape == (60, 17, 3)
    points = sequences.aist_keypoints(tmp_path / "keypoints3d" / f"{sets.AIST_NAME}.pkl", scale=93.0)
    np.testing.assert_allclose(points, 1.0)


def test_pictures_count_only_when_there_is_one_a_frame(tmp_path: Path) -> None:
    path = sets.write_emdb(tmp_path, frames=31)
    pictures = path.parent / "images"
    pictures.mkdir()
    for frame in range(30):
        (pictures / f"{frame:05d}.jpg").write_bytes(b"")
    assert next(sequences.emdb(tmp_path, "all")).pictures == ()
    (pictures / "00030.jpg").write_bytes(b"")
    assert [p.name for p in next(sequences.emdb(tmp_path, "all")).pictures][-1] == "00030.jpg"


class Harmful:
    def __reduce__(self) -> tuple:
        return os.system, ("touch /tmp/genmo-was-run",)


def test_hostile_and_broken_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.pkl"
    path.write_bytes(pickle.dumps({"poses": Harmful()}))
    with pytest.raises(PublicDataError, match=r"asks to run posix.system.*nothing was run"):
        read_pickle(path, kind="3DPW")
    assert not Path("/tmp/genmo-was-run").exists()
    for content in (b"", b"\x80\x04garbage", pickle.dumps([1, 2])):
        path.write_bytes(content)
        with pytest.raises(PublicDataError, match=r"x\.pkl"):
            read_pickle(path, kind="3DPW")
    objects = tmp_path / "o.npy"
    np.save(objects, np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(PublicDataError, match="not a readable array"):
        read_npy(objects, columns=3)
    with pytest.raises(PublicDataError, match="is not there"):
        read_npy(tmp_path / "none.npy", columns=3)


def test_shapes_are_told(tmp_path: Path) -> None:
    path = sets.write_emdb(tmp_path)
    data = pickle.loads(path.read_bytes())
    for change, words in (
        ({"smpl": data["smpl"] | {"trans": np.zeros((60, 2))}}, r"trans in .* has the shape \(60, 2\); any x 3 was"),
        ({"smpl": data["smpl"] | {"trans": np.zeros((59, 3))}}, "do not fit together"),
        ({"smpl": data["smpl"] | {"trans": np.full((60, 3), np.nan)}}, "not finite"),
        ({"smpl": None}, "has no smpl"),
        ({"camera": {"extrinsics": sets.cameras(60)}}, "has no intrinsics"),
    ):
        path.write_bytes(pickle.dumps(data | change))
        with pytest.raises(PublicDataError, match=words):
            list(sequences.emdb(tmp_path, "all"))
    with pytest.raises(PublicDataError, match="more than can be right"):
        numbers({"a": np.broadcast_to(0.0, (10**6, 10**6))}, "a", (None, None), path=path)


def test_humanml_vectors_give_their_joints_back(tmp_path: Path, body: Body) -> None:
    joints = sets.write_humanml(tmp_path, body)
    vectors = read_npy(tmp_path / "new_joint_vecs" / "000001.npy", columns=263)
    np.testing.assert_allclose(humanml_joints(vectors), joints, atol=1e-9)
    posed = joint_positions(posed_by_joints(joints, body), body)[:, :22]
    assert np.linalg.norm(posed - joints, axis=-1).max() < 0.01  # the same bones: only twists are free


def test_humanml_clips(tmp_path: Path, body: Body) -> None:
    joints = sets.write_humanml(tmp_path, body)
    judged, train, missing = humanml3d(tmp_path, "test", body)
    assert isinstance(missing, PublicDataError)
    assert (judged.split, train.split) == ("val", "train")
    assert len(judged.motion) == 119  # 79 steps of 1/20 s and the first frame
    whole, part = judged.captions
    assert (whole.text, whole.start, whole.stop) == ("a person sways", 0, -1)
    assert (part.start, part.stop) == (30, 75)
    ours = joint_positions(judged.motion, body)[::3, :22]
    theirs = joints[::2]
    off = (ours - ours[:, :1]) - (theirs - theirs[:, :1])
    assert np.linalg.norm(off, axis=-1).max() < 0.02
    bad = tmp_path / "texts" / "bad.txt"
    bad.write_text("a person#x#zero#one\n")
    with pytest.raises(PublicDataError, match="line without times"):
        humanml_captions(bad, frames=10)


def test_motionx_stands_up_whatever_its_axis(tmp_path: Path, body: Body) -> None:
    sets.write_motionx(tmp_path)
    z_up, y_up = motionx(tmp_path, "test", body)
    assert z_up.captions[0].text == "a person dances with the left arm"
    assert z_up.captions[0].mirrored == "a person dances with the right arm"
    a, b = (joint_positions(clip.motion, body)[:, :22] for clip in (z_up, y_up))
    np.testing.assert_allclose(a - a[:1, :1], b - b[:1, :1], atol=2e-3)
    assert 0.7 < a[:, 0, 1].mean() < 1.2
    (tmp_path / "test.txt").write_text("../../etc/passwd\n")
    with pytest.raises(PublicDataError, match="lead out of it"):
        list(motionx(tmp_path, "test", body))


def test_clip_sets_become_training_sets_in_the_cache(
    tmp_path: Path, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate_public.paths, "cache", lambda: tmp_path / "cache")
    source = tmp_path / "aist"
    sets.write_aist(source)
    *_, folder = public_training_set("aist", source, split=None, body=body)
    assert isinstance(folder, Path)
    (judged,) = ClipStore.open(folder, split="val").clips
    assert (judged.id, judged.frames, judged.captions[0].text) == (sets.AIST_NAME, 60, "a person dances break")
    assert [clip.content for clip in ClipStore.open(folder, split="train").clips] == ["pop"]
    assert list(public_training_set("aist", source, split="test", body=body)) == [folder]
    with pytest.raises(PublicDataError, match="has no split spare; it has test, val, train"):
        list(public_training_set("aist", source, split="spare", body=body))
    with pytest.raises(PublicDataError, match="is not a folder"):
        list(public_training_set("aist", tmp_path / "nowhere", split=None, body=body))


def test_a_perfect_estimate_has_no_error(tmp_path: Path, body: Body, monkeypatch: pytest.MonkeyPatch) -> None:
    """The truth itself, in another world, scores zero everywhere: alignments and camera are undone rightly."""
    sets.write_emdb(tmp_path)
    from genmo_studio.training import measure_public

    def perfect(_resolved: object, *, model: object, body: Body) -> object:
        rotations, places = sets.walk(60)
        motion = Motion(
            rotations=rotations.astype(np.float32), translation=(places + np.array([2, 0, 1])).astype(np.float32)
        )
        return type("Result", (), {"motion": motion})

    monkeypatch.setattr(measure_public, "take", perfect)
    model = load_model(str(write_tiny_model(tmp_path / "model")), device="cpu")
    *_, found = estimation_on(
        sequences.emdb(tmp_path, "all"), model=model, bodies=Bodies(body), options=EvaluationOptions(windows=3),
        time=Allotment(),
    )  # fmt: skip
    assert found["keypoints"] == ["projected from the truth"]
    assert found["in_world"]["wa_mpjpe100_mm"] < 0.1
    assert found["in_world"]["w_mpjpe100_mm"] < 1
    assert found["in_world"]["rte_percent"] < 0.1
    assert found["in_camera"]["pa_mpjpe_mm"] < 0.1
    assert found["in_camera"]["mpjpe_mm"] < 5  # the camera is fitted to keypoints of pixels


def test_projected_keypoints_lie_before_the_camera(tmp_path: Path, body: Body) -> None:
    sets.write_emdb(tmp_path)
    (sequence,) = sequences.emdb(tmp_path, "all")
    points = _projected(sequence, _truth(sequence, body), body)
    assert (points[:55, :, 2] == 1).all()
    assert (points[55:, :, 2] == 0).all()  # frames that do not count
    assert (points[:55, 5, 1] < points[:55, 15, 1]).all()  # a shoulder is above an ankle
    video = as_video(sequence, points)
    assert video.exists.sum() == 55
    assert (video.bbox_xys[:55, 2] > 100).all()


def test_bodies_of_people(tmp_path: Path) -> None:
    with pytest.raises(PublicDataError, match="holds no SMPL_MALE"):
        bodies_in(tmp_path)
    (tmp_path / "SMPL_MALE.npz").write_bytes(b"no archive")
    with pytest.raises(PublicDataError):
        bodies_in(tmp_path)


def test_command_line_reads_filmed_sets_and_clips(
    tmp_path: Path, body: Body, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(evaluate_public.paths, "cache", lambda: tmp_path / "cache")
    model = str(write_tiny_model(tmp_path / "model"))
    emdb, hml, out = tmp_path / "emdb", tmp_path / "hml", tmp_path / "report.json"
    sets.write_emdb(emdb)
    words = ["evaluate", "--model", model, "-o", str(out), "--windows", "1"]
    assert main([*words, "--set", "emdb", "--data", str(emdb)]) == 0
    report = json.loads(out.read_text())
    assert (report["set"], report["split"]) == ("emdb", "emdb1")
    assert report["estimation"]["in_camera"]["pa_mpjpe_mm"] > 1  # an untrained network
    assert list(report["estimation"]["sequences"]) == ["P1_14_outdoor_climb"]
    assert main([*words, "--set", "emdb", "--data", str(emdb), "--split", "emdb2"]) == 1
    assert "no sequence has" in capsys.readouterr().err
    sets.write_humanml(hml, body)
    more = ["--tasks", "physics", "--sampled", "1", "--steps", "1"]
    assert main([*words, "--set", "humanml3d", "--data", str(hml), *more]) == 0
    report = json.loads(out.read_text())
    assert report["set"] == "humanml3d"
    assert report["physics"]["windows"] in (0, 1)
