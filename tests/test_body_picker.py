"""The body picker: the figure is complete and symmetric, clicks and boxes select, sets are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QSettings, Qt

from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX, JOINTS, MIRROR
from genmo_studio.ui.body_figure import HEIGHT, PARTS, WIDTH, part_at, parts_in
from genmo_studio.ui.joint_selection import ALL, JointSelection, region
from genmo_studio.ui.panels.body_picker import BodyPicker
from genmo_studio.ui.theme import DARK


def test_se2_the_figure_has_every_joint_once_and_its_sides_mirror() -> None:
    assert sorted(part.joint for part in PARTS) == sorted(JOINTS[:BODY_JOINT_COUNT])
    for part in PARTS:
        x, y = part.middle
        assert part_at(x, y) is part
        other = part_at(WIDTH - x, y)
        assert other is not None
        assert other.joint == JOINTS[MIRROR[INDEX[part.joint]]]
        assert 0 < x < WIDTH
        assert 0 < y < HEIGHT


@given(st.floats(-20, 120), st.floats(-20, 210))
def test_se2_what_is_hit_is_the_nearest_part(x: float, y: float) -> None:
    hit = part_at(x, y)
    nearest = min(part.distance(x, y) for part in PARTS)
    assert (hit is None) == (nearest > 2.0)
    assert hit is None or hit.distance(x, y) == nearest


@pytest.fixture
def picker(qtbot, tmp_path) -> BodyPicker:
    settings = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    made = BodyPicker(JointSelection(settings), DARK)
    qtbot.addWidget(made)
    made.resize(280, 620)
    with qtbot.waitExposed(made):
        made.show()
    return made


def spot(picker: BodyPicker, joint: str) -> QPoint:
    part = next(part for part in PARTS if part.joint == joint)
    return picker.figure._place(*part.middle).toPoint()


def test_se2_se3_clicks_boxes_regions_and_sets(picker, qtbot) -> None:
    figure, chosen = picker.figure, picker._selection
    shift, ctrl = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(figure, Qt.MouseButton.LeftButton, pos=spot(picker, "left_elbow"))
    assert chosen.joints == {"left_elbow"}
    qtbot.mouseClick(figure, Qt.MouseButton.LeftButton, shift, pos=spot(picker, "head"))
    qtbot.mouseClick(figure, Qt.MouseButton.LeftButton, ctrl, pos=spot(picker, "left_elbow"))
    assert chosen.joints == {"head"}
    assert figure.accessibleDescription() == "head"

    start, stop = figure._place(52, 100).toPoint(), figure._place(98, 189).toPoint()
    qtbot.mousePress(figure, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(figure, stop)
    qtbot.mouseRelease(figure, Qt.MouseButton.LeftButton, pos=stop)
    assert chosen.joints == {"left_hip", "left_knee", "left_ankle", "left_foot", "left_wrist"}
    assert chosen.joints == parts_in(52, 100, 98, 189)
    chosen.mirror()
    assert chosen.joints == {"right_hip", "right_knee", "right_ankle", "right_foot", "right_wrist"}
    chosen.invert()
    assert chosen.joints | region("right_leg") | {"right_wrist"} == ALL

    picker._choose("left_arm")
    picker._sets.setCurrentText("Winkearm 手")
    picker._keep()
    chosen.select(())
    again = JointSelection(chosen._settings)
    assert again.sets == {"Winkearm 手": region("left_arm")}
    picker._recall(picker._sets.findText("Winkearm 手"))
    assert chosen.joints == region("left_arm")
    picker._sets.setCurrentText("Winkearm 手")
    picker._forget()
    assert chosen.sets == {}
    chosen._settings.setValue("selection/joint_sets", "{not json")
    assert JointSelection(chosen._settings).sets == {}
