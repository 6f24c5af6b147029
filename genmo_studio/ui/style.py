"""Rules for the window's own controls, on top of the theme's: small parts that a palette cannot reach."""

from genmo_studio import paths
from genmo_studio.ui.theme import RADIUS, Theme, mix


def window_style(theme: Theme) -> str:
    """Style sheet of the main window and its dialogs."""
    folder = (paths.assets() / "icons" / theme.signs).as_posix()
    return f"""
QSpinBox, QDoubleSpinBox {{ padding: 3px 20px 3px 6px; min-height: 18px; }}
QSpinBox::up-button, QDoubleSpinBox::up-button {{ subcontrol-origin: border; subcontrol-position: top right;
  width: 18px; border: none; margin: 1px 1px 0 0; border-top-right-radius: {RADIUS}px; }}
QSpinBox::down-button, QDoubleSpinBox::down-button {{ subcontrol-origin: border; subcontrol-position: bottom right;
  width: 18px; border: none; margin: 0 1px 1px 0; border-bottom-right-radius: {RADIUS}px; }}
QSpinBox::up-button:hover, QDoubleSpinBox::up-button:hover, QSpinBox::down-button:hover,
  QDoubleSpinBox::down-button:hover {{ background: {theme.hover}; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url("{folder}/up.svg"); width: 9px; height: 9px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{ image: url("{folder}/down.svg"); width: 9px; height: 9px; }}
QComboBox {{ padding: 3px 24px 3px 8px; min-height: 18px; }}
QComboBox::drop-down {{ subcontrol-origin: border; subcontrol-position: center right; width: 22px; border: none; }}
QComboBox::down-arrow {{ image: url("{folder}/down.svg"); width: 11px; height: 11px; }}
QComboBox QAbstractItemView {{ background: {theme.raised}; border: 1px solid {theme.line_strong};
  selection-background-color: {theme.accent}; selection-color: {theme.accent_text}; }}
QToolButton::menu-indicator {{ image: url("{folder}/down.svg"); width: 9px; height: 9px;
  subcontrol-origin: border; subcontrol-position: center right; right: 4px; }}
VolumeButton {{ padding-right: 18px; }}
QCheckBox {{ spacing: 8px; }}
QCheckBox::indicator {{ width: 14px; height: 14px; border: 1px solid {theme.text_disabled}; border-radius: 3px;
  background: {theme.row}; }}
QCheckBox::indicator:hover {{ border-color: {theme.text_dim}; }}
QCheckBox::indicator:checked {{ background: {theme.accent}; border-color: {theme.accent};
  image: url("{folder}/check.svg"); }}
QCheckBox::indicator:disabled {{ border-color: {theme.line_strong}; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {theme.line_strong}; }}
QSlider::sub-page:horizontal {{ background: {theme.accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{ width: 12px; height: 12px; margin: -5px 0; border-radius: 7px;
  border: 1px solid {theme.text}; background: {theme.text}; }}
QSlider::handle:horizontal:hover {{ background: {theme.selection}; }}
QSlider::handle:horizontal:focus {{ background: {theme.accent}; }}
#qt_spinbox_lineedit {{ border: none; padding: 0 6px; background: transparent; }}
QTabBar {{ qproperty-drawBase: 0; }}
QTabBar::tab {{ background: {theme.window}; color: {theme.text_dim}; padding: 6px 14px; border: none;
  border-bottom: 2px solid transparent; }}
QTabBar::tab:hover {{ color: {theme.text}; }}
QTabBar::tab:selected {{ background: {theme.panel}; color: {theme.text}; border-bottom-color: {theme.accent}; }}
QTabBar::tab:focus {{ color: {theme.accent}; }}
QTabWidget::pane {{ border: 1px solid {theme.line}; }}
QHeaderView::section {{ background: {theme.raised}; border: none; padding: 5px 8px; }}
QTreeView, QListView {{ border: 1px solid {theme.line}; border-radius: {RADIUS}px; }}
QListView::item {{ border-radius: {RADIUS}px; }}
QListView::item:selected, QTreeView::item:selected {{ background: {mix(theme.accent, theme.panel, 0.35)};
  color: {theme.text}; }}
QDialog {{ border: 1px solid {theme.line_strong}; }}
#unit {{ color: {theme.text_dim}; padding: 4px 2px; }}
#breakdown {{ background: {theme.raised}; border: 1px solid {theme.line_strong}; border-radius: {RADIUS}px; }}
#viewportBar {{ background: {theme.panel}; }}
#viewportStrip {{ background: {theme.panel}; }}
#viewportStrip QToolButton {{ padding: 0; margin: 0; }}
#stripLine {{ background: {theme.line_strong}; border: none; }}
"""
