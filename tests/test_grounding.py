"""Drift of a rolled-out motion's height: taken out where it is, and nothing else is touched."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genmo_studio.motion.body import load_body, skin
from genmo_studio.motion.grounding import floor_drift, lowest_points
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.values import replace

BODY = load_body("genmo-free")
CENTIMETRE = 0.01


def on_the_floor(seed, *, frames, hops=False):
    """A body that sways and bends its knees with its lowest point on the floor; with ``hops`` it leaves it at times."""
    rng = np.random.default_rng(seed)
    time = np.arange(frames)[:, None] / 30
    turns = np.zeros((frames, 24, 3), np.float32)
    bend = 0.4 * (1 + np.sin(time[:, 0] * rng.uniform(1, 4) + rng.uniform(0, 6)))
    for side in ("left", "right"):
        turns[:, INDEX[f"{side}_hip"], 0] = -bend / 2
        turns[:, INDEX[f"{side}_knee"], 0] = bend
        turns[:, INDEX[f"{side}_ankle"], 0] = -bend / 2
    turns[:, 12:20] = 0.3 * np.sin(time[..., None] * rng.uniform(1, 5) + rng.uniform(0, 6, (1, 8, 3)))
    place = np.cumsum(rng.normal(scale=0.02, size=(frames, 3)), axis=0) * (1, 0, 1)
    motion = Motion(rotations=turns, translation=place.astype(np.float32))
    place[:, 1] -= lowest_points(motion, BODY)
    if hops:  # 0.4 s in the air, 0.8 s on the ground
        place[:, 1] += 0.25 * np.maximum(np.sin(2 * np.pi * (time[:, 0] / 1.2)), 0) ** 2 * (time[:, 0] % 1.2 < 0.6)
    return replace(motion, translation=place.astype(np.float32))


def grounded(motion):
    lowest = lowest_points(motion, BODY)
    placed = motion.translation.copy()
    placed[:, 1] -= floor_drift(lowest, motion.fps)
    return replace(motion, translation=placed)


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), frames=st.integers(1, 200), slope=st.floats(-0.3, 0.3), sway=st.floats(0, 0.2))
def test_a_drifting_motion_is_brought_back_to_the_floor(seed, frames, slope, sway):
    motion = on_the_floor(seed, frames=frames)
    seconds = np.arange(frames) / 30
    drift = 0.3 + slope * seconds + sway * np.sin(seconds * 0.5)
    lifted = replace(motion, translation=(motion.translation + drift[:, None] * (0, 1, 0)).astype(np.float32))
    back = grounded(lifted)
    # The lowest of 0.9 s differs from now by at most 0.45 s of drift, and smoothing takes in a little more.
    off = np.abs(lowest_points(back, BODY))
    assert off.max() <= (abs(slope) + 0.5 * sway) * 0.6 + 1e-3
    np.testing.assert_array_equal(back.rotations, motion.rotations)
    np.testing.assert_array_equal(back.translation[:, [0, 2]], lifted.translation[:, [0, 2]])


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), frames=st.integers(1, 200), hops=st.booleans())
def test_a_motion_on_the_floor_stays_as_it_is(seed, frames, hops):
    motion = on_the_floor(seed, frames=frames, hops=hops)
    np.testing.assert_allclose(grounded(motion).translation, motion.translation, atol=CENTIMETRE)


@given(offset=st.floats(-100, 100), count=st.integers(1, 60), fps=st.sampled_from([15.0, 30.0, 60.0]))
def test_a_constant_height_is_the_drift(offset, count, fps):
    np.testing.assert_allclose(floor_drift(np.full(count, offset), fps), offset, atol=1e-9)


@pytest.mark.parametrize("betas", [0.0, 1.5, -1.5])
def test_the_lowest_point_of_a_standing_body_is_its_skin(betas):
    shape = np.zeros(10, np.float32)
    shape[0] = betas
    motion = replace(on_the_floor(0, frames=8), betas=shape)
    assert lowest_points(motion, BODY) == pytest.approx(skin(BODY, motion)[..., 1].min(axis=1), abs=0.03)
