"""The camera of a video in the world of a motion: synthetic cameras, and the sample whose truth is known."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genmo_studio import paths
from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document import storage
from genmo_studio.document.model import VideoClip
from genmo_studio.document.time import Span
from genmo_studio.extract.known_video import KeypointTrack, keep_video, known_video
from genmo_studio.media.files import sha256_of
from genmo_studio.motion.body import joint_positions, load_body
from genmo_studio.motion.camera_fit import LIMB_JOINTS, FittedCamera, fit_camera
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.render.camera import Camera, project
from genmo_studio.ui.camera_finder import Sought, fitted_clip, source_frames
from genmo_studio.ui.viewport.backdrop import orbiting, plain_camera
from tests.window_document import walking

WIDTH, HEIGHT = 1280, 720
BODY = load_body("genmo-free")


def projected(camera: FittedCamera, joints: np.ndarray) -> np.ndarray:
    """(frames, 12, 2) pixels of the limbs."""
    poses = camera.world_to_camera
    local = np.einsum("tij,tkj->tki", poses[:, :3, :3], joints[:, list(LIMB_JOINTS)]) + poses[:, None, :3, 3]
    return local[..., :2] / local[..., 2:] * camera.intrinsics[0, 0] + camera.intrinsics[:2, 2]


def guessed(width: int, height: int) -> np.ndarray:
    focal = np.hypot(width, height)
    return np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])


@settings(max_examples=15)
@given(
    heading=st.floats(-np.pi, np.pi),
    pitch=st.floats(-0.35, 0.25),
    roll=st.floats(-0.1, 0.1),
    distance=st.floats(3.5, 8.0),
    zoom=st.floats(0.8, 1.25),
    pan=st.floats(-0.3, 0.3),
    seed=st.integers(0, 999),
)
def test_pb11_the_camera_of_known_keypoints_is_found(
    heading: float, pitch: float, roll: float, distance: float, zoom: float, pan: float, seed: int
) -> None:
    """From any side, with a wrong guess of the focal length, noise, and keypoints that are on something else."""
    rng = np.random.default_rng(seed)
    joints = joint_positions(walking(60), BODY).astype(np.float64)
    middle = joints.reshape(-1, 3).mean(axis=0)
    turn = matrix_from_rotvec(np.array([0, 0, roll])) @ matrix_from_rotvec(np.array([pitch, 0, 0]))
    rotation = turn @ np.diag([1.0, -1.0, -1.0]) @ matrix_from_rotvec(np.array([0, heading, 0]))
    translation = np.array([0.3, 0.1, distance]) - rotation @ middle
    angles = np.zeros((60, 3))
    angles[:, 1] = pan * np.linspace(0, 1, 60)
    turned = matrix_from_rotvec(angles)
    local = np.einsum("tij,tkj->tki", turned @ rotation, joints[:, list(LIMB_JOINTS)])
    local += (turned @ translation)[:, None]
    focal = zoom * np.hypot(WIDTH, HEIGHT)
    exact = local[..., :2] / local[..., 2:] * focal + [WIDTH / 2, HEIGHT / 2]
    keypoints = np.zeros((60, 17, 3))
    keypoints[:, 5:, :2] = exact + rng.normal(0, 2.0, exact.shape)
    keypoints[:, 5:, 2] = rng.uniform(0.4, 1.0, exact.shape[:2])
    wrong = rng.random(exact.shape[:2]) < 0.08
    keypoints[:, 5:][wrong, :2] += rng.normal(0, 150.0, (int(wrong.sum()), 2))
    keypoints[:, 5:, 2] *= rng.random(exact.shape[:2]) > 0.1  # some are not seen

    found = fit_camera(joints, keypoints, intrinsics=guessed(WIDTH, HEIGHT), turned=turned)
    assert found is not None
    off = np.linalg.norm(projected(found, joints) - exact, axis=-1)
    assert np.median(off) < 3.0
    assert np.percentile(off, 95) < 8.0
    centres = -np.einsum("tji,tj->ti", found.world_to_camera[:, :3, :3], found.world_to_camera[:, :3, 3])
    assert np.median(np.linalg.norm(centres + rotation.T @ translation, axis=1)) < 0.25 * distance


def test_pb11_a_motion_that_drifts_is_followed_and_the_drift_is_told() -> None:
    joints = joint_positions(walking(90), BODY).astype(np.float64)
    rotation = np.diag([1.0, -1.0, -1.0])
    local = joints[:, list(LIMB_JOINTS)] @ rotation + [0, 1.0, 7.0]
    keypoints = np.ones((90, 17, 3))
    keypoints[:, 5:, :2] = local[..., :2] / local[..., 2:] * np.hypot(WIDTH, HEIGHT) + [WIDTH / 2, HEIGHT / 2]
    still = fit_camera(joints, keypoints, intrinsics=guessed(WIDTH, HEIGHT), turned=np.tile(np.eye(3), (90, 1, 1)))
    drifting = joints.copy()
    drifting[..., 0] += np.linspace(0, 0.6, 90)[:, None]  # the motion slides to its left, the film does not
    moved = fit_camera(drifting, keypoints, intrinsics=guessed(WIDTH, HEIGHT), turned=np.tile(np.eye(3), (90, 1, 1)))
    assert still is not None
    assert moved is not None
    assert still.error < 1.0
    assert still.drift < 0.05
    assert moved.error < 6.0
    assert 0.1 < moved.drift < 0.6
    few = np.zeros((90, 17, 3))
    assert fit_camera(joints, few, intrinsics=guessed(WIDTH, HEIGHT), turned=np.tile(np.eye(3), (90, 1, 1))) is None


@pytest.fixture(scope="module")
def walk() -> tuple[Path, KeypointTrack, Motion]:
    """The sample's film, what was found in it, and the motion that it was drawn from."""
    film = paths.assets() / "sample" / "walk.mp4"
    track = known_video(sha256_of(film), cache=Path("nowhere"))
    assert track is not None
    return film, track, Motion.from_bytes((film.parent / "walk.truth.npz").read_bytes())


def test_pb11_the_samples_camera_is_the_one_it_was_drawn_with(walk: tuple[Path, KeypointTrack, Motion]) -> None:
    """Drawn with pitch 6 degrees, yaw 0, 34 degrees field of view: within a few pixels of 1280, by detected points."""
    film, track, truth = walk
    span = Span(0, len(truth))
    clip = VideoClip("c", span, "m", span)
    answer = fitted_clip(Sought(clip, film, "", 30, ShownMotion(truth, 0), BODY), track)
    assert answer.camera is not None
    fitted = answer.camera.fitted
    scale = 1280 / track.size[0]
    assert fitted.error * scale < 5.0
    assert fitted.drift < 0.15
    forward = np.median(fitted.world_to_camera[:, 2, :3], axis=0)
    assert np.degrees(np.arcsin(-forward[1])) == pytest.approx(6.0, abs=1.5)
    assert np.degrees(np.arctan2(-forward[0], -forward[2])) == pytest.approx(0.0, abs=2.0)
    assert fitted.intrinsics[0, 0] == pytest.approx(180 / np.tan(np.radians(17)), rel=0.08)
    middle = len(truth) // 2
    joints = joint_positions(truth, BODY)[middle, list(LIMB_JOINTS)]
    pixels = project(joints, answer.camera.at(middle), (1280, 720))[:, :2]
    off = np.linalg.norm(pixels - track.keypoints[middle, 5:, :2] * scale, axis=1)
    assert np.median(off) < 8.0, "what the viewport draws lies on the person"


def test_pb11_the_samples_take_lies_over_the_person_and_a_moved_clip_too(
    walk: tuple[Path, KeypointTrack, Motion],
) -> None:
    film, track, truth = walk
    loaded = storage.load(paths.assets() / "sample" / "sample.genmo")
    take = Motion.from_bytes(loaded.takes[loaded.document.takes[0].blob])
    length = len(truth)
    clip = VideoClip("c", Span(0, length), "m", Span(0, length))
    answer = fitted_clip(Sought(clip, film, "", 30, ShownMotion(take, 0), BODY), track)
    assert answer.camera is not None
    assert answer.camera.fitted.error * 1280 / track.size[0] < 14.0
    later = VideoClip("c", Span(100, 150), "m", Span(40, 90))
    placed = fitted_clip(Sought(later, film, "", 30, ShownMotion(truth.sliced(40, 90), 100), BODY), track)
    assert placed.camera is not None
    assert placed.camera.fitted.error * 1280 / track.size[0] < 8.0
    apart = fitted_clip(Sought(later, film, "", 30, ShownMotion(truth, 400), BODY), track)
    assert apart.camera is None
    assert "no motion" in apart.why


def test_what_was_found_in_a_video_is_kept_by_content(tmp_path: Path) -> None:
    assert known_video("ab" * 32, cache=tmp_path) is None
    track = KeypointTrack(
        np.ones((3, 17, 3), np.float32), np.ones((3, 3), np.float32), np.eye(3, dtype=np.float32),
        np.tile(np.eye(3, dtype=np.float32), (3, 1, 1)), (64, 48), False, ("a note",),
    )  # fmt: skip
    keep_video(track, "ab" * 32, cache=tmp_path)
    again = known_video("ab" * 32, cache=tmp_path)
    assert again is not None
    assert (again.size, again.notes, again.camera_moves) == ((64, 48), ("a note",), False)
    np.testing.assert_array_equal(again.keypoints, track.keypoints)
    next((tmp_path / "keypoints").iterdir()).write_bytes(b"damaged")
    assert known_video("ab" * 32, cache=tmp_path) is None


@given(st.integers(1, 120), st.integers(1, 120), st.integers(0, 40), st.sampled_from([24, 30, 60]))
def test_source_frames_lie_inside_the_track_and_ascend(length: int, source: int, start: int, fps: int) -> None:
    clip = VideoClip("c", Span(start, start + length), "m", Span(5, 5 + source))
    frames = source_frames(clip, clip.span, fps=fps, length=90)
    assert len(frames) == length
    assert frames.min() >= 0
    assert frames.max() <= 89
    assert (np.diff(frames) >= 0).all()
    if length == source and fps == 30:
        np.testing.assert_array_equal(frames, np.clip(np.arange(5, 5 + source), 0, 89))


def test_leaving_the_videos_camera_goes_on_from_its_place() -> None:
    view = plain_camera(np.zeros((360, 640, 3), np.uint8))
    assert view is not None
    pose = np.eye(4)
    pose[:3, :3] = np.diag([1.0, -1.0, -1.0]) @ matrix_from_rotvec(np.array([0.0, 0.5, 0.0]))
    pose[:3, 3] = [0.2, 1.0, 5.0]
    object.__setattr__(view, "world_to_camera", pose)
    target = np.array([0.0, 0.9, 0.0])
    own = orbiting(view, target=target, like=Camera())
    axes = own.view_matrix()[:3, :3]
    np.testing.assert_allclose(axes, view.view_matrix()[:3, :3], atol=1e-9)
    size = (640, 360)
    ends = np.array([target, target + np.array([0, 0.1, 0])])
    theirs, ours = project(ends, view, size), project(ends, own, size)
    assert np.linalg.norm(ours[1, :2] - ours[0, :2]) == pytest.approx(
        np.linalg.norm(theirs[1, :2] - theirs[0, :2]), rel=0.05
    )
