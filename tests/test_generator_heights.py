"""Keeping a roll-out on the floor leaves alone the heights that keys have promised."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from genmo_studio.model.generator import _unpromised


def inputs(frames: int, promised: dict[int, float]) -> SimpleNamespace:
    position, mask = torch.zeros(1, frames, 3), torch.zeros(1, frames, 3)
    for frame, height in promised.items():
        position[0, frame, 1], mask[0, frame, 1] = height, 1
    return SimpleNamespace(root=SimpleNamespace(position=position, mask=mask))


def test_without_promises_all_of_the_drift_goes() -> None:
    drift = np.linspace(0.0, 0.3, 90)
    np.testing.assert_array_equal(_unpromised(drift, np.zeros(90), inputs(90, {})), drift)


def test_promised_heights_are_met_up_to_what_the_path_missed() -> None:
    """A dip of the floor between two keys (a foot that sinks there) does not lift the keys."""
    drift = -0.15 * np.exp(-((np.arange(90) - 45.0) ** 2) / 800)
    heights = 5.0 + 0.02 * np.sin(np.arange(90) / 9)  # at any level: the roll-out does not know where the floor is
    promised = {0: 0.9, 89: 0.9 + heights[89] - heights[0]}
    grounded = heights - _unpromised(drift, heights, inputs(90, promised))
    assert [grounded[frame] for frame in promised] == pytest.approx(list(promised.values()), abs=1e-5)
    assert grounded[45] - heights[45] + 4.1 == pytest.approx(0.15 - 0.012, abs=0.01)  # the dip itself is lifted
    assert np.abs(np.diff(grounded, n=2)).max() < 0.001


def test_after_a_single_promise_the_floor_is_kept() -> None:
    drift = np.linspace(0.0, 0.3, 90)  # a roll-out that climbs
    grounded = 1 + drift - _unpromised(drift, 1 + drift, inputs(90, {10: 0.8}))
    np.testing.assert_allclose(grounded, 0.8, atol=1e-6)
