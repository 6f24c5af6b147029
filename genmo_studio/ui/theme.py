"""How the studio looks: colours, fonts and spacing as one value, and the one place that hands them to Qt.

Widgets that paint themselves read the ``Theme`` they are given; standard widgets follow the palette and a short style
sheet. Track kinds use a palette that stays apart for the common kinds of colour blindness, and every kind also has an
icon, so colour is never the only carrier.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

RESULT = "result"
"""Name of the result row's colour in ``Theme.kinds``; the other names are the values of TrackKind."""

_DARK_KINDS = MappingProxyType(
    {
        "video": "#5b9bd8",
        "text": "#d9b44a",
        "music": "#4db8a0",
        "full_keys": "#e8875b",
        "partial_keys": "#e29ac0",
        "path": "#8fd0f0",
        "contacts": "#5f8a28",
        "tweaks": "#f885fa",
        "locks": "#707070",
        "result": "#a58fe0",
    }
)


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as ``#rrggbb``. Text colours reach a contrast of 4.5:1 on every surface they are drawn on."""

    name: str = "Dark"
    window: str = "#17191c"  # behind everything, gaps between panels
    panel: str = "#1f2226"  # panels, track headers
    raised: str = "#2a2e34"  # buttons, fields, tool tips
    hover: str = "#353a42"
    row: str = "#1b1d21"  # a track's empty time
    row_current: str = "#22262c"
    outside: str = "#101214"  # time after the end of the project
    line: str = "#2d3138"
    line_strong: str = "#454b55"
    text: str = "#e7e9ec"
    text_dim: str = "#b0b7c1"
    text_disabled: str = "#8f96a1"
    accent: str = "#5aa0f0"  # focus, default button, links
    accent_text: str = "#0d1218"
    selection: str = "#ffffff"  # outline of what is selected
    playhead: str = "#ff5d5d"
    marker: str = "#e0b040"
    success: str = "#69c08a"
    warning: str = "#e8b04c"
    error: str = "#ff7b72"
    kinds: Mapping[str, str] = field(default_factory=lambda: _DARK_KINDS)
    signs: str = "style"
    """Folder of the arrows and ticks of fields, under assets/icons."""

    @property
    def over_picture(self) -> "Theme":
        """The theme of what is written over the 3D picture and over films, which are dark in every theme."""
        return self if contrast(self.text, "#000000") > contrast(self.text, "#ffffff") else DARK

    def kind(self, name: str) -> str:
        """Colour of a track kind (value of TrackKind) or of the result row."""
        return self.kinds[name]


DARK = Theme()

LIGHT = Theme(
    name="Light",
    window="#d5d9de",
    panel="#eceef1",
    raised="#fbfcfd",
    hover="#dde2e8",
    row="#f5f6f8",
    row_current="#e6eaef",
    outside="#cfd4da",
    line="#cdd2d9",
    line_strong="#a4acb7",
    text="#15181c",
    text_dim="#454c56",
    text_disabled="#555d68",
    accent="#175bab",
    accent_text="#ffffff",
    selection="#000000",
    playhead="#c8141a",
    marker="#8f5f00",
    success="#17642f",
    warning="#7a4a00",
    error="#ab2118",
    kinds=MappingProxyType(
        {
            "video": "#2458a8",
            "text": "#a98110",
            "music": "#12826a",
            "full_keys": "#c4531f",
            "partial_keys": "#b2488a",
            "path": "#1b8abb",
            "contacts": "#4e6a29",
            "tweaks": "#4b244c",
            "locks": "#696969",
            "result": "#6a4fc2",
        }
    ),
    signs="style/light",
)

CONTRAST = Theme(
    name="High Contrast",
    window="#000000",
    panel="#000000",
    raised="#161616",
    hover="#303030",
    row="#000000",
    row_current="#1c1c1c",
    outside="#000000",
    line="#707070",
    line_strong="#c8c8c8",
    text="#ffffff",
    text_dim="#e6e6e6",
    text_disabled="#b8b8b8",
    accent="#ffd83d",
    accent_text="#000000",
    selection="#ffffff",
    playhead="#ff5c5c",
    marker="#ffd83d",
    success="#62f08f",
    warning="#ffc94d",
    error="#ff9a91",
    kinds=MappingProxyType(
        {
            "video": "#5fb0ff",
            "text": "#ffd23d",
            "music": "#3fe0bf",
            "full_keys": "#ff8f52",
            "partial_keys": "#ff9fd6",
            "path": "#a6e6ff",
            "contacts": "#5f9f0e",
            "tweaks": "#d56ed8",
            "locks": "#bcbcbc",
            "result": "#c3a8ff",
        }
    ),
)

THEMES = (DARK, LIGHT, CONTRAST)
UI_POINTS = 9.0
"""Size of the interface's font at 100 %."""
_SCALE = "uiScale"
"""Property of the application: how much larger than UI_POINTS its font is."""

SPACING = 4  # logical pixels; margins and gaps are multiples of it
RADIUS = 4
_UI_FAMILIES = ["Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "Cantarell", "DejaVu Sans"]
_MONO_FAMILIES = ["JetBrains Mono", "Cascadia Mono", "SF Mono", "Menlo", "Consolas", "DejaVu Sans Mono"]


def channels(colour: str) -> tuple[float, float, float]:
    """Red, green, blue in 0..1 of a ``#rrggbb`` colour."""
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


@lru_cache(maxsize=1024)
def mix(front: str, back: str, share: float) -> str:
    """``share`` (0..1) of the front colour over the back colour, as ``#rrggbb``."""
    pairs = zip(channels(front), channels(back), strict=True)
    return "#" + "".join(f"{round(255 * (share * a + (1 - share) * b)):02x}" for a, b in pairs)


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1..21 (WCAG 2.1, definition of relative luminance)."""

    def luminance(colour: str) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    brighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def clip_fill(theme: Theme, kind: str, colour: str | None = None) -> str:
    """Body colour of a clip: the kind's colour, mixed with the row so that ``theme.text`` stays readable on it."""
    return mix(colour or theme.kind(kind), theme.row, 0.34)


def ui_font(*, points: float = 9.0, bold: bool = False) -> QFont:
    """The interface font at a size in points."""
    return _font(_UI_FAMILIES, points=points, bold=bold)


def mono_font(*, points: float = 9.0, bold: bool = False) -> QFont:
    """A font with digits of one width, for times and numbers."""
    font = _font(_MONO_FAMILIES, points=points, bold=bold)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


def _font(families: list[str], *, points: float, bold: bool) -> QFont:
    installed = set(QFontDatabase.families())
    font = QFont([name for name in families if name in installed] or families[-1:])
    app = QApplication.instance()
    scale = app.property(_SCALE) if app is not None else None
    font.setPointSizeF(points * (scale or 1.0))
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def palette(theme: Theme) -> QPalette:
    """The Qt palette of a theme."""
    made = QPalette()
    role = QPalette.ColorRole
    for where, colour in {
        role.Window: theme.panel,
        role.WindowText: theme.text,
        role.Base: theme.row,
        role.AlternateBase: theme.row_current,
        role.Text: theme.text,
        role.PlaceholderText: theme.text_dim,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.error,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.accent_text,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: theme.hover,
        role.Midlight: theme.raised,
        role.Mid: theme.line_strong,
        role.Dark: theme.window,
        role.Shadow: theme.outside,
    }.items():
        made.setColor(where, QColor(colour))
    for where in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, where, QColor(theme.text_disabled))
    return made


def style_sheet(theme: Theme) -> str:
    """The few rules that the palette cannot say."""
    return f"""
QToolTip {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.line_strong}; padding: 4px; }}
QMainWindow::separator {{ background: {theme.window}; width: 4px; height: 4px; }}
QMainWindow::separator:hover {{ background: {theme.accent}; }}
QDockWidget::title {{ background: {theme.window}; padding: 5px 8px; }}
QToolBar {{ background: {theme.panel}; border: none; spacing: 4px; padding: 3px; }}
QToolButton {{ border: 1px solid transparent; border-radius: {RADIUS}px; padding: 4px; }}
QToolButton:hover {{ background: {theme.hover}; }}
QToolButton:checked {{ background: {mix(theme.accent, theme.panel, 0.3)}; border-color: {theme.accent}; }}
QToolButton:focus {{ border-color: {theme.accent}; }}
QAbstractScrollArea::corner {{ background: {theme.window}; border: none; }}
QPushButton {{ background: {theme.raised}; border: 1px solid {theme.line_strong}; border-radius: {RADIUS}px;
  padding: 5px 12px; }}
QPushButton:hover {{ background: {theme.hover}; }}
QPushButton:focus {{ border-color: {theme.accent}; }}
QPushButton:default {{ background: {theme.accent}; color: {theme.accent_text}; border-color: {theme.accent}; }}
QPushButton:disabled {{ color: {theme.text_disabled}; background: {theme.panel}; border-color: {theme.line}; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit {{ background: {theme.row}; color: {theme.text};
  border: 1px solid {theme.line_strong}; border-radius: {RADIUS}px; padding: 3px 6px;
  selection-background-color: {theme.accent}; selection-color: {theme.accent_text};
  placeholder-text-color: {theme.text_dim}; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus
  {{ border-color: {theme.accent}; }}
QMenuBar {{ background: {theme.window}; }}
QMenuBar::item:selected, QMenu::item:selected {{ background: {theme.accent}; color: {theme.accent_text}; }}
QMenu {{ background: {theme.raised}; border: 1px solid {theme.line_strong}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: {RADIUS}px; }}
QMenu::item:disabled {{ color: {theme.text_disabled}; }}
QMenu::separator {{ background: {theme.line_strong}; height: 1px; margin: 4px 8px; }}
QStatusBar {{ background: {theme.window}; }}
QProgressBar {{ background: {theme.row}; border: 1px solid {theme.line_strong}; border-radius: {RADIUS}px;
  text-align: center; }}
QProgressBar::chunk {{ background: {mix(theme.accent, theme.row, 0.6)}; border-radius: {RADIUS - 1}px; }}
QScrollBar:horizontal {{ background: {theme.window}; height: 12px; margin: 0; }}
QScrollBar:vertical {{ background: {theme.window}; width: 12px; margin: 0; }}
QScrollBar::handle {{ background: {theme.line_strong}; border-radius: 4px; margin: 2px; min-width: 28px;
  min-height: 28px; }}
QScrollBar::handle:hover {{ background: {theme.text_disabled}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
* {{ dialogbuttonbox-buttons-have-icons: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def apply_theme(app: QApplication, theme: Theme, *, scale: float = 1.0) -> None:
    """Give the whole application the theme, with fonts ``scale`` times as large; may be called again while running."""
    app.setProperty(_SCALE, scale)
    if app.style().objectName() != "fusion":
        app.setStyle("Fusion")
    app.setPalette(palette(theme))
    app.setFont(ui_font(points=UI_POINTS))
    app.setStyleSheet(style_sheet(theme))
