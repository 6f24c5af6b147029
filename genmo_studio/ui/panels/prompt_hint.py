"""The helper beside a text field: what the model understands, and what in these words will not come out."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from genmo_studio.ui.prompt_hints import ADVICE
from genmo_studio.ui.theme import Theme

WIDTH = 340


class PromptHint(QFrame):
    """Lies over the window below the field; never takes the focus or a click."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("promptHint")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedWidth(WIDTH)
        self._over = parent
        self.warnings = QLabel(wordWrap=True)
        self.advice = QLabel(ADVICE, wordWrap=True)
        for label in (self.warnings, self.advice):
            label.setFixedWidth(WIDTH - 22)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 7, 10, 8)
        layout.setSpacing(4)
        layout.addWidget(self.warnings)
        layout.addWidget(self.advice)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Look like another theme."""
        self.setStyleSheet(
            f"#promptHint {{ background: {theme.raised}; border: 1px solid {theme.line_strong}; border-radius: 4px; }}"
        )
        self.warnings.setStyleSheet(f"color: {theme.warning};")
        self.advice.setStyleSheet(f"color: {theme.text_dim};")

    def show_hints(self, hints: Sequence[str], *, field: QWidget) -> None:
        """Show warnings about what is in ``field``, below it, or above where there is no room."""
        self.warnings.setText("\n".join(f"\N{WARNING SIGN} {hint}" for hint in hints))
        self.warnings.setVisible(bool(hints))
        field.setAccessibleDescription(" ".join([*hints, ADVICE]))
        self.adjustSize()
        corner = field.mapTo(self._over, QPoint(0, field.height() + 6))
        if corner.y() + self.height() > self._over.height():
            corner = field.mapTo(self._over, QPoint(0, -self.height() - 6))
        self.move(min(max(8, corner.x()), self._over.width() - WIDTH - 8), corner.y())
        self.show()
        self.raise_()
