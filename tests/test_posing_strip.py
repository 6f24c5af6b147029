"""The strip of posing tools in low windows."""

import pytest

from genmo_studio.ui.actions.posing import STRIP
from genmo_studio.ui.viewport.pose_strip import SIDE, columns_for
from tests.studio_window import close_window, open_window


def test_the_strip_takes_more_columns_where_it_is_low() -> None:
    groups = [4, 3, 2, 3, 2]
    assert columns_for(groups, 700, side=SIDE) == 1
    assert columns_for(groups, 350, side=SIDE) == 2
    assert [columns_for(groups, height, side=SIDE) for height in range(160, 700, 20)] == sorted(
        (columns_for(groups, height, side=SIDE) for height in range(160, 700, 20)), reverse=True
    )


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
