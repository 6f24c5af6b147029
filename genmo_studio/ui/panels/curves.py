"""Curves: the graph editor of the selected joints, or a measure of feet and root.

Both are made on the first paint, because pyqtgraph takes 0.4 s to load that the window's first picture does not wait
for.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QPaintEvent, QPalette
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from genmo_studio.ui.panels.curve_data import FEET_HEIGHT, FEET_SPEED, ROOT_PATH, ROOT_SPEED, MotionCurves
from genmo_studio.ui.panels.fields import ElidedLabel
from genmo_studio.ui.theme import Theme

if TYPE_CHECKING:
    from genmo_studio.ui.panels.curve_editor import CurveEditor
    from genmo_studio.ui.panels.curve_measures import MeasurePlot

CHANNELS = "Channels"
TOOLS = ("curves.fit", "curves.fit_selected", "curves.equal", "-", "curves.time", "curves.link")
_HINT = "Drag a key, or the curve itself to tweak it."
_EMPTY = "No motion and no keys yet: press Generate, or set a pose key. Their curves appear here."
_NO_MEASURE = "No motion yet: generate one to see its curves."


class CurvePanel(QWidget):
    """A row of tools, and what is chosen from a list."""

    seek_requested = Signal(int)
    made = Signal(object)
    """CurveEditor, once."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)  # leaves nothing of the tab bar that was here before
        self._theme = theme
        self._make: Callable[[Theme], CurveEditor] | None = None
        self.editor: CurveEditor | None = None
        self.measures: MeasurePlot | None = None
        self._measured: tuple[MotionCurves | None, int, float] = (None, 0, 30.0)
        self._frame, self._hint, self._said = 0.0, "", ""
        self.kind = QComboBox()
        self.kind.setAccessibleName("Curve")
        self.kind.addItems([CHANNELS, FEET_SPEED, FEET_HEIGHT, ROOT_SPEED, ROOT_PATH])
        self.kind.currentTextChanged.connect(self._choose)
        self._note = ElidedLabel()
        self._note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.falloff = QToolButton()
        self.falloff.setAccessibleName("Falloff")
        self.falloff.setAutoRaise(True)
        self.falloff.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.falloff.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head = QHBoxLayout()
        self._head.setContentsMargins(8, 6, 8, 4)
        self._head.setSpacing(4)
        self._head.addWidget(self.kind)
        self._head.addSpacing(8)
        self._buttons: list[QWidget] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addLayout(self._head)

    def set_actions(self, actions: Mapping[str, QAction], *, more: tuple[str, ...] = ()) -> None:
        """The buttons of the graph editor."""
        for name in (*TOOLS, *(("-", *more) if more else ())):
            if name == "-":
                self._head.addSpacing(8)
                continue
            button = QToolButton()
            button.setDefaultAction(actions[name])
            button.setAutoRaise(True)
            button.setIconSize(QSize(18, 18))
            self._head.addWidget(button)
            self._buttons.append(button)
        self._head.addWidget(self.falloff)
        self._buttons.append(self.falloff)
        self._head.addSpacing(10)
        self._head.addWidget(self._note, 1)

    def set_maker(self, make: "Callable[[Theme], CurveEditor]") -> None:
        """What makes the graph editor once somebody looks."""
        self._make = make

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme; what is inside hears it by itself."""
        self._theme = theme

    def show_curves(self, curves: MotionCurves | None, *, start: int, fps: float) -> None:
        """Measures of a motion whose first frame is timeline frame ``start``; None when there is none."""
        self._measured = curves, start, fps
        if self.measures is not None:
            self.measures.show_curves(curves, start=start, fps=fps)
        self._say_idle()

    def set_frame(self, frame: float) -> None:
        """Move the playhead (timeline frame)."""
        self._frame = frame
        if self.measures is not None:
            self.measures.set_frame(frame)
        if self.editor is not None:
            self.editor.set_frame(frame)

    def say(self, text: str) -> None:
        """What lies under the pointer; empty for the usual hint."""
        self._said = text
        self._say_idle()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Build the plots once somebody looks: docks are shown, but not painted, before they go behind a tab."""
        super().paintEvent(event)
        if self.editor is None and self._make is not None:
            QTimer.singleShot(0, self, self._seen)

    def _seen(self) -> None:
        if self.editor is not None or self._make is None or not self.isVisible():
            return
        import pyqtgraph  # noqa: PLC0415

        from genmo_studio.ui.panels.curve_measures import MeasurePlot  # noqa: PLC0415

        pyqtgraph.setConfigOptions(antialias=True, foreground=self._theme.text_dim)
        self.editor, self.measures = self._make(self._theme), MeasurePlot(self._theme)
        self.editor.said.connect(self.say)
        self.editor.seek_requested.connect(self.seek_requested)
        self.measures.told.connect(self._told)
        self.measures.seek_requested.connect(self.seek_requested)
        self._layout.addWidget(self.editor, 1)
        self._layout.addWidget(self.measures, 1)
        self.measures.show_curves(self._measured[0], start=self._measured[1], fps=self._measured[2])
        self.made.emit(self.editor)
        self.set_frame(self._frame)
        self._choose(self.kind.currentText())

    def _choose(self, kind: str) -> None:
        if self.editor is None or self.measures is None:
            return
        channels = kind == CHANNELS
        self.measures.setVisible(not channels)
        self.editor.setVisible(channels)
        for button in self._buttons:
            button.setVisible(channels)
        if not channels:
            self.measures.show_kind(kind)
        self._say_idle()

    def _told(self, text: str) -> None:
        self._hint = text
        self._say_idle()

    def _say_idle(self) -> None:
        if self.kind.currentText() != CHANNELS:
            self._note.setText(self._hint if self._measured[0] is not None else _NO_MEASURE)
            return
        if self._said:
            self._note.setText(self._said)
            return
        curves = None if self.editor is None else self.editor.shown.curves
        empty = curves is not None and not curves.frames and not any(len(curve.dots) for curve in curves.curves)
        note = _EMPTY if empty else _HINT
        if curves is not None and curves.left_out:
            note = f"The first {len({c.channel.joint for c in curves.curves})} of the selected joints are drawn. {note}"
        self._note.setText(note)
