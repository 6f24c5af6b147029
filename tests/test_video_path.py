"""The whole video path: what is filmed is what the camera of the window sees, and what is judged lies where it is."""

from pathlib import Path

import numpy as np
import pytest
from bvh_cases import smooth_rotations, smpl_bvh
from tiny_model import write_tiny_model

from genmo_studio.extract.pose2d import _turned
from genmo_studio.model.checkpoint import load_model
from genmo_studio.motion.body import Body, load_body
from genmo_studio.training import measure_video
from genmo_studio.training.allotment import Allotment
from genmo_studio.training.dataset import Augmentation, MotionWindows
from genmo_studio.training.measure_video import whole_path
from genmo_studio.training.options import EvaluationOptions
from genmo_studio.training.prepare import prepare


@pytest.fixture(scope="module")
def body() -> Body:
    return load_body("genmo-free")


@pytest.fixture(scope="module")
def windows(body: Body, tmp_path_factory: pytest.TempPathFactory) -> MotionWindows:
    """Somebody who stands and sways a little, in several clips."""
    source, out = tmp_path_factory.mktemp("bvh"), tmp_path_factory.mktemp("set")
    rng = np.random.default_rng(0)
    for name in ("stand", "sway"):
        places = np.array([3.0, 0.95, -2.0]) * np.ones((60, 1))  # not at the origin, where the windows begin
        turns = smooth_rotations(rng, frames=60, joints=22, size=0.12)
        (source / f"{name}.bvh").write_text(smpl_bvh(body, turns, places, frames=60))
    list(prepare(source, out, body=body, music_seconds=0))
    return MotionWindows(out, body=body, split="train", frames=24, augmentation=Augmentation.none())


def test_the_film_shows_what_the_window_s_camera_sees(
    windows: MotionWindows, body: Body, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure_video, "FRAMES", 24)
    model = load_model(str(write_tiny_model(tmp_path / "model")), device="cpu")
    options = EvaluationOptions(filmed=2)
    *_, found = whole_path(windows, model=model, body=body, options=options, time=Allotment())
    assert "left_out" not in found
    assert found["films"] + found["lost"] >= 2
    # The detector finds the limbs of the mannequin to a few hundredths of its box; a film of another place would not.
    assert found["keypoints_off_by_share_of_box"] < 0.06
    assert 10 < found["blazepose"]["limbs_pa_mpjpe_mm"] < 200
    assert found["ours"].keys() == found["ours_exact"].keys()
    assert found["ours"]["pa_mpjpe_mm"] > 0


def test_world_landmarks_of_a_turned_crop_are_those_of_the_picture() -> None:
    """A crop turned clockwise by a quarter shows what is right in the picture as up; y points down."""
    up_in_crop = np.array([[0.0, -1.0, 0.2]], np.float32)
    np.testing.assert_allclose(_turned(up_in_crop, np.pi / 2), [[1.0, 0.0, 0.2]], atol=1e-6)
    np.testing.assert_allclose(_turned(up_in_crop, 0.0), up_in_crop)
