"""Themes: contrast by computation, live change in the real window, size of the text."""

import itertools

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from genmo_studio.document.model import TrackKind
from genmo_studio.ui.appearance import SCALES, stored
from genmo_studio.ui.control.appearance import AppearanceControl
from genmo_studio.ui.icons import icon
from genmo_studio.ui.theme import DARK, LIGHT, RESULT, THEMES, apply_theme, clip_fill, contrast, mix, palette
from tests.studio_window import close_window, open_window, settings_in

SURFACES = ("window", "panel", "raised", "hover", "row", "row_current", "outside")
INKS = ("text", "text_dim", "success", "warning", "error")
BY_NAME = {theme.name: theme for theme in THEMES}


@pytest.mark.parametrize("name", BY_NAME)
def test_hd1_every_text_reaches_four_and_a_half_to_one_on_every_surface(name: str) -> None:
    theme = BY_NAME[name]
    for ink, surface in itertools.product(INKS, SURFACES):
        ratio = contrast(getattr(theme, ink), getattr(theme, surface))
        assert ratio >= 4.5, f"{ink} on {surface}: {ratio:.2f}"
    for surface in SURFACES:
        if surface != "hover":  # nothing disabled is under the pointer, links are not drawn on it
            assert contrast(theme.text_disabled, getattr(theme, surface)) >= 4.4, f"hints on {surface}"
            assert contrast(theme.accent, getattr(theme, surface)) >= 4.4, f"links on {surface}"
    assert contrast(theme.accent_text, theme.accent) >= 4.5
    for kind in [*(kind.value for kind in TrackKind), RESULT]:
        fill = clip_fill(theme, kind)
        assert contrast(theme.text, fill) >= 4.5, f"text on a clip of {kind}"
        for share in (0.22, 0.40, 0.42):  # drafts, takes, the label strip of a clip
            assert contrast(theme.text, mix(theme.kind(kind), theme.row, share)) >= 4.5
        assert contrast(theme.kind(kind), theme.row) >= 3.0, f"keys and edges of {kind} on their row"
        assert contrast(theme.kind(kind), theme.panel) >= 3.0
    assert theme.over_picture in (theme, DARK)
    made = palette(theme)
    roles = QPalette.ColorRole
    pairs = [(roles.WindowText, roles.Window), (roles.Text, roles.Base), (roles.ButtonText, roles.Button)]
    for ink, ground in [*pairs, (roles.HighlightedText, roles.Highlight), (roles.PlaceholderText, roles.Base)]:
        assert contrast(made.color(ink).name(), made.color(ground).name()) >= 4.5, (ink, ground)


@pytest.mark.parametrize("name", BY_NAME)
def test_hd1_track_kinds_stay_apart(name: str) -> None:
    theme = BY_NAME[name]

    def rgb(colour: str) -> tuple[float, float, float]:
        q = QColor(colour)
        return q.redF(), q.greenF(), q.blueF()

    for first, second in itertools.combinations(theme.kinds.values(), 2):
        apart = sum((a - b) ** 2 for a, b in zip(rgb(first), rgb(second), strict=True)) ** 0.5
        assert apart > 0.18, (first, second)


def brightness(image, *, rows: tuple[float, float], columns: tuple[float, float]) -> float:
    """Mean lightness (0..1) of a part of a picture, given in shares of its size."""
    width, height = image.width(), image.height()
    xs = range(round(columns[0] * width), round(columns[1] * width), 7)
    ys = range(round(rows[0] * height), round(rows[1] * height), 7)
    values = [image.pixelColor(x, y).lightnessF() for x in xs for y in ys]
    return sum(values) / len(values)


def test_hd1_hd4_theme_and_text_size_change_live_and_are_remembered(qtbot, tmp_path) -> None:
    """HD1, HD4: no panel is left in the old colours; icons follow."""
    window = open_window(qtbot, tmp_path)
    try:
        control = window.commands.of(AppearanceControl)
        assert window.actions_by_id["view.theme_dark"].isChecked()
        window.actions_by_id["view.theme_light"].trigger()
        qtbot.wait(50)
        assert window.parts.theme is LIGHT
        for name, dock in window.docks.items():
            if dock.isVisible():
                picture = dock.widget().grab().toImage()
                assert brightness(picture, rows=(0.05, 0.95), columns=(0.05, 0.95)) > 0.55, f"{name} stayed dark"
        bars = [window.toolbar, window.menuBar(), window.statusBar(), window.messages]
        window.note("Something to read.")
        for bar in bars:
            assert brightness(bar.grab().toImage(), rows=(0.1, 0.9), columns=(0.02, 0.98)) > 0.55, bar
        ink = icon("open").pixmap(QSize(32, 32), 1.0, QIcon.Mode.Normal, QIcon.State.Off).toImage()
        dark = [ink.pixelColor(x, y) for x in range(32) for y in range(32) if ink.pixelColor(x, y).alpha() > 200]
        assert dark
        assert all(colour.lightnessF() < 0.4 for colour in dark), "icons take the colour of the text"
        window.actions_by_id["view.theme_contrast"].trigger()
        qtbot.wait(20)
        picture = window.timeline.grab().toImage()
        assert brightness(picture, rows=(0.6, 0.98), columns=(0.0, 0.1)) < 0.35

        points = QApplication.font().pointSizeF()
        for _ in SCALES:
            window.actions_by_id["view.text_larger"].trigger()
        assert QApplication.font().pointSizeF() == pytest.approx(1.5 * points)
        assert not window.actions_by_id["view.text_larger"].isEnabled()
        window.actions_by_id["view.text_normal"].trigger()
        window.actions_by_id["view.text_smaller"].trigger()
        assert control.chosen.percent == 90
        window.actions_by_id["view.reduced_motion"].trigger()
        again = stored(settings_in(tmp_path))
        assert (again.theme.name, again.percent, again.reduced_motion) == ("High Contrast", 90, True)
    finally:
        close_window(window)
        apply_theme(QApplication.instance(), DARK)


def test_hd4_settings_that_nobody_understands_are_as_at_the_first_start(tmp_path) -> None:
    settings = settings_in(tmp_path)
    settings.setValue("appearance/theme", "Plaid")
    settings.setValue("appearance/text_percent", "huge")
    settings.setValue("appearance/reduced_motion", "perhaps")
    assert stored(settings).theme is DARK
    assert stored(settings).percent == 100
    assert not stored(settings).reduced_motion
    settings.setValue("appearance/text_percent", 9000)
    assert stored(settings).percent == SCALES[-1]
