"""Reading BVH: channel orders, units, end sites, other rates, and files that are broken or hostile."""

import numpy as np
import pytest
from bvh_cases import bvh_text
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from genmo_studio.importers import bvh
from genmo_studio.importers.bvh import BvhError, read_bvh

NAMES, PARENTS = ["Hips", "Spine", "LeftUpLeg"], [-1, 0, 0]
OFFSETS = np.array([[0, 0, 0], [0, 12.5, 1], [9, -4, 0]])
ORDERS = ["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"]


def small(angles, *, orders=("ZXY", "ZXY", "ZXY"), frame_time=1 / 30, tips=None):
    positions = np.arange(len(angles))[:, None] * np.array([[1.0, 90.0, 2.0]])
    return bvh_text(NAMES, PARENTS, OFFSETS, angles, positions, orders=orders, tips=tips, frame_time=frame_time)


@given(
    orders=st.lists(st.sampled_from(ORDERS), min_size=3, max_size=3),
    angles=st.lists(st.floats(-720, 720), min_size=18, max_size=18),
)
def test_every_channel_order_is_the_product_of_its_axes(orders, angles):
    degrees = np.array(angles).reshape(2, 3, 3)
    clip = read_bvh(small(degrees, orders=orders))
    for joint, order in enumerate(orders):
        expected = Rotation.from_euler(order, degrees[:, joint], degrees=True).as_matrix()
        np.testing.assert_allclose(clip.rotations[:, joint], expected, atol=1e-7)


def test_lengths_are_metres_and_the_tree_is_kept():
    clip = read_bvh(small(np.zeros((2, 3, 3)), tips={"Spine": (0, 20, 0)}))
    assert clip.joints == ("Hips", "Spine", "LeftUpLeg")
    assert clip.parents == (-1, 0, 0)
    np.testing.assert_allclose(clip.offsets, OFFSETS / 100)
    np.testing.assert_allclose(clip.positions[1], (0.01, 0.9, 0.02))
    np.testing.assert_allclose(clip.end_sites["Spine"], (0, 0.2, 0))
    assert clip.fps == pytest.approx(30, rel=1e-6)
    _, placed = clip.global_pose()
    np.testing.assert_allclose(placed[1, 1], (0.01, 1.025, 0.03))
    inches = read_bvh(small(np.zeros((2, 3, 3))), metres_per_unit=0.0254)
    np.testing.assert_allclose(inches.offsets, OFFSETS * 0.0254)


def test_position_channels_below_the_root_become_the_offset():
    text = (
        "HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\nCHANNELS 3 Xposition Yposition Zposition\nJOINT b\n{\nOFFSET 9 9 9\n"
        "CHANNELS 6 Xposition Yposition Zposition Yrotation Xrotation Zrotation\nEnd Site\n{\nOFFSET 0 1 0\n}\n}\n}\n"
        "MOTION\nFrames: 2\nFrame Time: 0.0333333\n0 0 0 1 2 3 0 0 90\n0 0 0 1 2 3 0 0 0\n"
    )
    clip = read_bvh(text)
    np.testing.assert_allclose(clip.offsets[1], (0.01, 0.02, 0.03))
    np.testing.assert_allclose(clip.rotations[0, 1], Rotation.from_euler("Z", 90, degrees=True).as_matrix(), atol=1e-9)


def test_other_rates_are_resampled_in_time():
    turn = np.zeros((121, 3, 3))
    turn[:, :, 0] = np.arange(121)[:, None] * 1.5
    clip = read_bvh(small(turn, frame_time=1 / 120)).resampled(30)
    assert len(clip) == 31
    np.testing.assert_allclose(clip.positions[:, 0], np.arange(31) * 0.04, atol=1e-6)
    angle = Rotation.from_matrix(clip.rotations[10, 0]).magnitude()
    assert angle == pytest.approx(np.radians(60), abs=1e-5)
    assert len(clip.resampled(60)) == 61


GOOD = small(np.zeros((2, 3, 3)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "HIERARCHY",
        GOOD.replace("MOTION", "MOTIO"),
        GOOD.replace("Frames: 2", "Frames: 3"),
        GOOD.replace("Frames: 2", "Frames: -1"),
        GOOD.replace("Frames: 2", "Frames: 999999999999"),
        GOOD.replace("Frames: 2", "Frames: two"),
        GOOD.replace("Frame Time: 0.033333333", "Frame Time: 0"),
        GOOD.replace("Frame Time: 0.033333333", "Frame Time: nan"),
        GOOD.replace("CHANNELS 3", "CHANNELS 999999999"),
        GOOD.replace("CHANNELS 3", "CHANNELS x"),
        GOOD.replace("Zrotation", "Wrotation"),
        GOOD.replace("JOINT Spine", "ROOT Spine"),
        GOOD.replace("JOINT Spine", "JOINT LeftUpLeg"),
        GOOD.replace("}", "", 1),
        GOOD.replace("OFFSET", "OFSET", 1),
        GOOD.replace("12.500000", "inf"),
        GOOD[:-30],
        GOOD + " 1.0",
        GOOD.replace("90.00000000", "nan", 1),
        GOOD.replace("90.00000000", "ninety", 1),
        "HIERARCHY " + "ROOT a { OFFSET 0 0 0 " + "JOINT b { " * 5000 + " MOTION\nFrames: 1\nFrame Time: 1\n0",
    ],
)
def test_broken_text_is_one_sentence(text):
    with pytest.raises(BvhError) as caught:
        read_bvh(text)
    assert "\n" not in str(caught.value)


def test_huge_files_are_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(bvh, "MAX_BYTES", 100)
    path = tmp_path / "clip.bvh"
    path.write_text(GOOD)
    with pytest.raises(BvhError, match=r"clip\.bvh is larger"):
        read_bvh(path)
