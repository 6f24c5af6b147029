"""The bar above the takes while two are compared: A, B, keep this one, leave."""

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QSizePolicy, QToolButton, QWidget

from genmo_studio.ui.theme import Theme, mix


class CompareBar(QWidget):
    """Hidden unless two takes are compared."""

    side_chosen = Signal(int)
    """0 for A, 1 for B."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compareBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(6, 5, 6, 5)
        self._grid.setSpacing(4)
        self._group = QButtonGroup(self)
        self.sides = (QToolButton(), QToolButton())
        for number, button in enumerate(self.sides):
            button.setCheckable(True)
            button.setAccessibleName(f"Show take {'AB'[number]}")
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            self._group.addButton(button, number)
            self._grid.addWidget(button, 0, number)
        self._group.idClicked.connect(self.side_chosen)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Its ground is of the accent colour, so that one sees why the picture is not the result."""
        self.setStyleSheet(f"#compareBar {{ background: {mix(theme.accent, theme.panel, 0.18)}; }}")

    def set_actions(self, actions: Mapping[str, QAction]) -> None:
        """Keep and leave follow the actions of the table."""
        row = (
            ("takes.keep", Qt.ToolButtonStyle.ToolButtonTextOnly),
            ("takes.leave", Qt.ToolButtonStyle.ToolButtonIconOnly),
        )
        for column, (action_id, style) in enumerate(row):
            button = QToolButton()
            button.setDefaultAction(actions[action_id])
            button.setToolButtonStyle(style)
            button.setIconSize(QSize(16, 16))
            self._grid.addWidget(button, 0, 2 + column)

    def show_sides(self, names: tuple[str, str] | None, *, active: int = 0) -> None:
        """The names of A and B and which is on show; None hides the bar."""
        self.setVisible(names is not None)
        if names is None:
            return
        for letter, name, button in zip("AB", names, self.sides, strict=True):
            button.setText(f"{letter}  {name}")
            button.setToolTip(f"Look at {name}")
        blocker = QSignalBlocker(self._group)
        self.sides[active].setChecked(True)
        del blocker
