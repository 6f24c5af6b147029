"""The strip of posing tools in low windows."""

import pytest

from genmo_studio.ui.actions.posing import STRIP
from genmo_studio.ui.viewport.pose_strip import SIDE, columns_of
from tests.studio_window import close_window, open_window


def test_the_strip_takes_more_columns_where_it_is_low() -> None:
    groups = [4, 3, 2, 3, 2]
    assert columns_of(groups, 700, side=SIDE) == [[0, 1, 2, 3, 4]]
    assert columns_of(groups, 250, side=SIDE) == [[0, 1], [2, 3, 4]], "as tall as each other, no group cut"
    assert columns_of(groups, 160, side=SIDE) == [[0], [1, 2], [3, 4]]
    assert columns_of(groups, 40, side=SIDE) == [[0], [1], [2], [3], [4]], "nothing is left out"
    wide = [len(columns_of(groups, height, side=SIDE)) for height in range(100, 700, 20)]
    assert wide == sorted(wide, reverse=True)


@pytest.mark.parametrize("height", [640, 800, 1000])
def test_every_posing_tool_is_seen_in_a_low_window(qtbot, tmp_path, height: int) -> None:
    window = open_window(qtbot, tmp_path)
    try:
        window.resize(1280, height)
        qtbot.wait(200)
        strip = window.viewport.strip
        assert len(strip.buttons) == len([entry for entry in STRIP if entry != "-"])
        for button in strip.buttons:
            assert button.isVisible()
            assert strip.rect().contains(button.geometry()), button.text()
            assert button.toolTip()
        taken = [button.geometry() for button in strip.buttons]
        assert not any(a.intersects(b) for i, a in enumerate(taken) for b in taken[:i])
        assert strip.geometry().right() < window.viewport.viewport.geometry().left()
    finally:
        close_window(window)
