"""Camera rotation from the background of synthetic films whose camera is known."""

import functools

import numpy as np
import pytest
from scipy import ndimage

from genmo_studio.extract.camera import CameraTracker, guess_intrinsics
from genmo_studio.extract.flow import corners, global_shift, pyramid, track

WIDTH, HEIGHT = 480, 270


@functools.cache
def texture(seed: int = 0) -> np.ndarray:
    """A picture with detail at many scales."""
    rng = np.random.default_rng(seed)
    layers = [ndimage.gaussian_filter(rng.standard_normal((700, 1400)), s) * s for s in (1.5, 3, 8, 20)]
    total = sum(layers)
    return (total - total.min()) / np.ptp(total) * 255


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """World to camera, degrees; x right, y down, z forward."""
    a, b, c = np.radians([yaw, pitch, roll])
    turn_y = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    turn_x = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    turn_z = np.array([[np.cos(c), np.sin(c), 0], [-np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return turn_z @ turn_x @ turn_y


def view(world: np.ndarray, world_to_camera: np.ndarray) -> np.ndarray:
    """What a camera sees of a picture painted on the plane z = 1 (a pure rotation is a homography of it)."""
    intrinsics = guess_intrinsics(WIDTH, HEIGHT).astype(float)
    x, y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    rays = np.stack([x, y, np.ones_like(x)], -1) @ np.linalg.inv(intrinsics).T @ world_to_camera
    at = rays[..., :2] / rays[..., 2:] * intrinsics[0, 0] + np.array(world.shape[::-1]) / 2 - 0.5
    grey = ndimage.map_coordinates(world, [at[..., 1], at[..., 0]], order=1, mode="mirror")
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=-1)


def angle(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.degrees(np.arccos(np.clip((np.trace(a @ b.T) - 1) / 2, -1, 1))))


def with_walker(image: np.ndarray, frame: int, pattern: np.ndarray) -> tuple[np.ndarray, tuple[float, float, float]]:
    """A textured figure that walks through, and its box."""
    image = image.copy()
    left = 60 + 8 * frame
    image[60:230, left : left + 70] = pattern[60:230, 100:170, None]
    return image, (left + 35.0, 145.0, 190.0)


def film(kind: str, frames: int = 16) -> list[np.ndarray]:
    t = np.arange(frames)
    rng = np.random.default_rng(5)
    if kind == "pan":
        return [rotation(0.8 * k, 0.1 * k, 0) for k in t]
    if kind == "fast pan":
        return [rotation(2.5 * k if k < 10 else 25, 0, 0) for k in t]
    if kind == "shake":
        shake = np.cumsum(rng.normal(0, 0.25, (frames, 3)), axis=0)
        return [rotation(*(shake[k] - shake[0])) for k in t]
    if kind == "there and back":
        return [rotation(9 * np.sin(np.pi * k / (frames - 1)), 0, 4 * np.sin(np.pi * k / (frames - 1))) for k in t]
    return [np.eye(3) for _ in t]


@pytest.mark.parametrize("kind", ["pan", "fast pan", "shake", "there and back"])
def test_turns_are_found_behind_a_person_who_walks(kind):
    world, pattern, tracker = texture(), texture(1), CameraTracker(guess_intrinsics(WIDTH, HEIGHT))
    truth = film(kind)
    noise = np.random.default_rng(2)
    for number, turn in enumerate(truth):
        image, box = with_walker(view(world, turn), number, pattern)
        noisy = np.clip(image + noise.normal(0, 2, image.shape), 0, 255).astype(np.uint8)
        tracker.add(noisy, person=box)
    found = tracker.result()
    assert found.moves
    assert found.uncertain == 0
    assert np.array_equal(found.world_to_camera[0], np.eye(3, dtype=np.float32))
    steps = [
        angle(found.world_to_camera[k] @ found.world_to_camera[k - 1].T, truth[k] @ truth[k - 1].T)
        for k in range(1, len(truth))
    ]
    assert max(steps) < 0.1  # degrees a frame
    assert angle(found.world_to_camera[-1], truth[-1]) < 0.4


def test_a_camera_on_a_tripod_is_static_whatever_the_person_does():
    world, pattern, tracker = texture(), texture(1), CameraTracker(guess_intrinsics(WIDTH, HEIGHT))
    noise = np.random.default_rng(2)
    for number in range(12):
        image, box = with_walker(view(world, np.eye(3)), number, pattern)
        light = 0.8 + 0.03 * number  # the exposure drifts
        tracker.add(np.clip(image * light + noise.normal(0, 3, image.shape), 0, 255).astype(np.uint8), person=box)
    found = tracker.result()
    assert not found.moves
    assert np.array_equal(found.world_to_camera, np.broadcast_to(np.eye(3, dtype=np.float32), (12, 3, 3)))


def test_a_plain_wall_gives_no_answer_rather_than_a_wrong_one():
    tracker = CameraTracker(guess_intrinsics(WIDTH, HEIGHT))
    rng = np.random.default_rng(0)
    for _ in range(4):
        tracker.add(np.clip(rng.normal(120, 1, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8))
    found = tracker.result()
    assert (found.moves, found.uncertain) == (False, 3)
    assert CameraTracker(guess_intrinsics(8, 8)).result().world_to_camera.shape == (0, 3, 3)


def test_points_are_tracked_to_a_tenth_of_a_pixel():
    world = texture(3)
    first = np.asarray(world[100:370, 200:680], np.float32)
    for dx, dy in ((0.4, -0.3), (7.25, 3.5), (-21.0, 9.0)):
        second = ndimage.shift(world, (dy, dx), order=3)[100:370, 200:680].astype(np.float32)
        a, b = pyramid(first), pyramid(second)
        points = corners(a[0], allowed=np.ones(first.shape, bool))
        found, certain = track(a, b, points)
        assert certain.mean() > 0.65
        assert np.abs(found - points - [dx, dy])[certain].max() < 0.1
    assert global_shift(first, ndimage.shift(world, (9, -21))[100:370, 200:680].astype(np.float32)) == (-21, 9)
