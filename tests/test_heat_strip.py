"""The heat strip: each measure on motions whose faults are put there, the strip as columns, and the real window."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from window_document import walking, window_document

from genmo_studio import app as program
from genmo_studio.document import edits, storage
from genmo_studio.motion.body import joint_positions, load_body
from genmo_studio.motion.contacts import contact_labels, foot_skate
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.quality import (
    LIMITS,
    KeyTarget,
    Measure,
    joint_jerk,
    key_distance,
    seam_jump,
    skate_speed,
)
from genmo_studio.motion.skeleton import INDEX
from genmo_studio.training.metrics import jitter
from genmo_studio.ui.control.heat import HeatControl
from genmo_studio.ui.timeline.heat import (
    BAD_LEVEL,
    HeatStrip,
    columns,
    heat_tip,
    legend_tip,
    levels,
    picture,
)
from genmo_studio.ui.timeline.timecode import TimeFormat
from genmo_studio.ui.timeline.view import HEAT_HEIGHT, View

BODY = load_body("genmo-free")


def standing(frames: int = 90) -> Motion:
    return Motion(np.zeros((frames, 24, 3), np.float32), np.zeros((frames, 3), np.float32))


def test_skate_is_the_speed_of_a_sliding_foot_and_agrees_with_the_mean_of_the_take() -> None:
    motion = standing()
    motion.translation[30:60, 0] = np.arange(30) / 30 * 0.9  # 0.9 m/s
    motion.translation[60:, 0] = motion.translation[59, 0]
    positions = joint_positions(motion, BODY)
    planted = np.ones((90, 6), np.float32)
    speed = skate_speed(positions, planted)
    assert speed[35:55] == pytest.approx(0.9, abs=0.01)
    assert speed[:25].max() < 1e-4
    assert speed.mean() == pytest.approx(foot_skate(positions, planted), rel=0.02), "both feet slide alike"
    lifted = planted.copy()
    lifted[:, :4] = 0
    assert skate_speed(positions, lifted).max() == 0, "a foot in the air may move"
    assert skate_speed(positions).shape == (90,)


def test_jerk_of_frames_has_the_mean_that_reports_give() -> None:
    rng = np.random.default_rng(3)
    positions = np.cumsum(rng.normal(0, 0.01, (120, 24, 3)), axis=0)
    assert joint_jerk(positions).mean() == pytest.approx(jitter(positions[:, :22]), rel=0.1)
    still = joint_positions(walking(), BODY).astype(np.float64)
    trembling = still.copy()
    trembling[40:50] += rng.normal(0, 0.01, (10, 24, 3))
    told = joint_jerk(trembling)
    assert told[42:48].min() > LIMITS[Measure.JITTER].bad
    assert told[10:30].max() < LIMITS[Measure.JITTER].watch


def test_a_seam_jumps_only_where_the_motion_breaks() -> None:
    walk = joint_positions(walking(), BODY).astype(np.float64)
    calm = seam_jump(walk, [(45, 0)])
    assert np.isnan(calm[:43]).all()
    assert np.isnan(calm[48:]).all(), "it says nothing away from the seam"
    assert np.nanmax(calm) < LIMITS[Measure.SEAMS].watch, "the swing of a walk is no seam"
    popped = walk.copy()
    popped[45:] += (0.06, 0, 0)
    assert np.nanmax(seam_jump(popped, [(45, 0)])) > LIMITS[Measure.SEAMS].bad
    faded = walk.copy()
    share = np.clip((np.arange(len(walk)) - 44) / 20, 0, 1)
    faded[..., 0] += (0.06 * share * share * (3 - 2 * share))[:, None]
    assert np.nanmax(seam_jump(faded, [(45, 20)])) < LIMITS[Measure.SEAMS].watch, "a long blend takes the jump away"
    assert np.isnan(seam_jump(walk, [(0, 0), (900, 5)])).all(), "no seam inside the motion"


def test_a_key_is_as_far_as_the_joint_that_misses_it_most() -> None:
    motion = walking()
    pelvis = joint_positions(motion, BODY)[20, 0]
    met = KeyTarget(
        20, {"left_knee": tuple(map(float, motion.rotations[20, INDEX["left_knee"]]))}, pelvis=tuple(map(float, pelvis))
    )
    beside = KeyTarget(30, pelvis=tuple(map(float, joint_positions(motion, BODY)[30, 0] + (0.03, 0.04, 0))))
    reach = KeyTarget(40, positions={"left_wrist": (5.0, 1.0, 0.0)})
    where = joint_positions(motion, BODY)[50, 0]
    path = KeyTarget(50, ground=(float(where[0]), float(where[2]) + 0.2))
    turned = KeyTarget(60, heading=np.pi)
    found = key_distance(motion, BODY, [met, beside, reach, path, turned, KeyTarget(500), KeyTarget(-1)])
    assert np.flatnonzero(~np.isnan(found)).tolist() == [20, 30, 40, 50, 60]
    assert found[20] < 1e-4
    assert found[30] == pytest.approx(0.05, abs=1e-4)
    assert found[40] == pytest.approx(np.linalg.norm(joint_positions(motion, BODY)[40, 20] - (5, 1, 0)), abs=1e-4)
    assert found[50] == pytest.approx(0.2, abs=1e-4)
    assert found[60] > 0.5, "hands and feet are on the other side"


@given(
    st.lists(st.floats(0, 2) | st.just(float("nan")), min_size=1, max_size=60),
    st.integers(0, 100),
    st.floats(0.02, 60),
    st.floats(0, 120),
    st.sampled_from([1.0, 1.25, 1.5, 2.0]),
)
def test_no_frame_is_lost_between_columns(values: list[float], start: int, scale: float, scroll: float, ratio: float):
    """HD2: the largest value on screen is in some column, at every zoom and scale, and no column invents one."""
    strip = HeatStrip(Measure.SKATE, start, np.array(values))
    view = View(width=700, scale=scale, scroll=scroll)
    shown = columns(strip, view, ratio=ratio)
    assert len(shown) == round(view.content_width * ratio)
    known = shown[~np.isnan(shown)]
    assert set(known) <= set(strip.values[~np.isnan(strip.values)])
    first, last = view.visible()
    inside = [v for n, v in enumerate(values, start) if first <= n and n + 1 <= last and not np.isnan(v)]
    if inside:
        assert known.max() >= max(inside)


def test_hd1_what_is_bad_is_striped_and_tall_and_said_in_words() -> None:
    strip = HeatStrip(Measure.SKATE, 10, np.array([0.0, 0.1, 0.2, 0.45, np.nan]))
    level = levels(Measure.SKATE, strip.values)
    assert level[1] < level[2] < BAD_LEVEL < level[3] <= 1
    image = picture(np.repeat(level, 20), height=20, ratio=1.0)
    assert len(np.unique(image[10:, 65:75, :3].reshape(-1, 3), axis=0)) >= 2, "stripes"
    assert len(np.unique(image[19, 25:35, :3], axis=0)) == 1, "no stripes where it is good"
    assert (image[:, 80:, 3] == 0).all(), "nothing where nothing is known"
    told = heat_tip(strip, 13.4, fps=30, style=TimeFormat.FRAMES)
    assert "45 cm/s" in told
    assert "visibly wrong" in told
    assert "Foot lock" in told
    assert "4.0 cm/s" not in told
    assert "Nothing to say" in heat_tip(strip, 14, fps=30, style=TimeFormat.FRAMES)
    assert "30 cm/s" in legend_tip(strip, fps=30, style=TimeFormat.FRAMES)
    assert strip.worst == 13
    assert strip.bad_starts() == [13]


def test_contacts_from_speed_never_skate_faster_than_their_threshold() -> None:
    positions = joint_positions(walking(), BODY)
    assert skate_speed(positions, contact_labels(positions)).max() <= 0.15


@pytest.fixture
def window(qtbot, tmp_path: Path):
    document, takes = window_document()
    path = tmp_path / "Wärme 熱.genmo"
    storage.save(path, document, takes=takes)
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    made = program.open_window(program.make_application(), path, settings=settings, warm_up=False)
    made.resize(1100, 700)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.editor.mark_saved()
    made.close()
    made.deleteLater()


def test_rows_do_not_move_when_the_first_measure_arrives(window, qtbot) -> None:
    assert window.timeline.looks.heat is None, "not measured yet"
    assert window.session.view.metrics.heat_height == HEAT_HEIGHT
    window.actions_by_id["heat.show"].trigger()
    assert window.session.view.metrics.heat_height == 0
    window.actions_by_id["heat.show"].trigger()
    qtbot.waitUntil(lambda: window.timeline.looks.heat is not None, timeout=10_000)
    assert window.session.view.metrics.heat_height == HEAT_HEIGHT


def test_the_strip_follows_the_result_jumps_on_click_and_changes_its_measure(window, qtbot) -> None:
    area = window.timeline.viewport()
    qtbot.waitUntil(lambda: window.session.view.metrics.heat_height == HEAT_HEIGHT, timeout=10_000)
    view = window.session.view
    y = round(view.metrics.ruler_height + view.metrics.result_height + 12)
    at = QPoint(round(view.x_of(61.5)), y)
    QTest.mouseClick(area, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert window.session.playhead == pytest.approx(61, abs=1)

    def painted():
        area.repaint()
        return window.timeline.picture.image()

    before = painted()
    window.actions_by_id["heat.keys"].trigger()
    qtbot.waitUntil(lambda: painted() != before, timeout=10_000)  # a measure may still be on its way
    assert window.parts.settings.value("heat/measure") == "keys"

    QTest.mouseClick(area, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(60, y))
    menu = next(m for m in window.findChildren(QMenu) if m.isVisible())
    assert window.actions_by_id["heat.keys"].isChecked()
    assert window.actions_by_id["heat.skate"] in menu.actions()
    menu.close()

    key = next(item for track in window.editor.document.tracks for item in track.items if hasattr(item, "rotations"))
    strips = []
    window.commands.of(HeatControl).maker.made.connect(strips.append)
    window.commands.edit("Move", edits.move_items([key.id], by=3))
    qtbot.waitUntil(lambda: len(strips) == 1, timeout=10_000)
    assert strips[0][Measure.KEYS].value(key.frame + 3) > LIMITS[Measure.KEYS].watch, "the walk was elsewhere then"
    window.actions_by_id["heat.show"].trigger()
    assert window.session.view.metrics.heat_height == 0
    assert not window.actions_by_id["heat.show"].isChecked()
