"""Joining a new part into a known motion: the quick way is the plain one, and nothing is touched beyond the blends."""

import numpy as np
import pytest

from genmo_studio.document.time import Span
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import angle_between, matrix_from_rotvec
from genmo_studio.motion.seams import joined, seam_offsets, turn_offsets

FRAMES, BLEND = 40, 6


def wandering(seed: int) -> Motion:
    rng = np.random.default_rng(seed)
    steps = rng.normal(scale=0.05, size=(FRAMES, 24, 3)).cumsum(axis=0) + rng.normal(scale=0.4, size=(24, 3))
    return Motion(steps.astype(np.float32), rng.normal(size=(FRAMES, 3)).astype(np.float32))


def plainly(known: Motion, new: Motion, run: Span, *, blend: int) -> np.ndarray:
    """Rotation matrices of the run with the offset put on every one of its frames."""
    ours, theirs = (matrix_from_rotvec(m.rotations.astype(np.float64)) for m in (known, new))
    offsets = np.zeros((FRAMES, 24, 3))
    before, after = slice(0, run.start), slice(run.stop, FRAMES)
    offsets[before] = turn_offsets(ours[before][::-1], theirs[before][::-1])[::-1]
    offsets[after] = turn_offsets(ours[after], theirs[after])
    return matrix_from_rotvec(seam_offsets(offsets, run, blend=blend)) @ theirs[run.start : run.stop]


@pytest.mark.parametrize(
    "run", [Span(10, 30), Span(0, 25), Span(15, FRAMES), Span(1, 39), Span(18, 21), Span(20, 21), Span(0, FRAMES)]
)
@pytest.mark.parametrize("blend", [0, 1, BLEND, 50])
def test_a_part_is_joined_as_if_every_frame_of_it_were_turned(run: Span, blend: int) -> None:
    known, new = wandering(1), wandering(2)
    fresh = np.zeros((FRAMES, 24), bool)
    fresh[run.start : run.stop] = True
    made = joined(known, new, fresh, blend=blend)
    turns = matrix_from_rotvec(made.rotations[run.start : run.stop].astype(np.float64))
    assert angle_between(turns, plainly(known, new, run, blend=blend)).max() < 1e-5
    np.testing.assert_array_equal(made.rotations[: run.start], known.rotations[: run.start])
    np.testing.assert_array_equal(made.rotations[run.stop :], known.rotations[run.stop :])


def test_between_the_blends_the_new_part_is_as_it_came() -> None:
    known, new = wandering(1), wandering(2)
    fresh = np.zeros((FRAMES, 24), bool)
    fresh[10:30, 1:] = True
    made = joined(known, new, fresh, blend=BLEND)
    np.testing.assert_array_equal(made.rotations[16:24, 1:], new.rotations[16:24, 1:])
    assert (made.rotations[15, 1:] != new.rotations[15, 1:]).any(), "the last frame of a blend is still turned"
    np.testing.assert_array_equal(made.rotations[:, 0], known.rotations[:, 0])
