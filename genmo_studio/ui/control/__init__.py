"""The controls of the window: every area connects its own commands and brings its own panels."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import QDialog

from genmo_studio.document.edits import Edit, EditError
from genmo_studio.document.model import Document
from genmo_studio.ui.control.appearance import AppearanceControl
from genmo_studio.ui.control.base import Control, DockSpec
from genmo_studio.ui.control.body import BodyControl
from genmo_studio.ui.control.body_parts import BodyPartsControl
from genmo_studio.ui.control.clipboard import ClipboardControl
from genmo_studio.ui.control.curves import CurvesControl
from genmo_studio.ui.control.edit import EditControl
from genmo_studio.ui.control.generate import GenerateControl
from genmo_studio.ui.control.heat import HeatControl
from genmo_studio.ui.control.help import HelpControl
from genmo_studio.ui.control.history import HistoryControl
from genmo_studio.ui.control.inspector import InspectorControl
from genmo_studio.ui.control.jobs import JobsControl
from genmo_studio.ui.control.key_ops import KeyOpsControl
from genmo_studio.ui.control.keys import KeysControl
from genmo_studio.ui.control.markers import MarkersControl
from genmo_studio.ui.control.media import MediaControl
from genmo_studio.ui.control.playback import PlaybackControl
from genmo_studio.ui.control.pose_library import PoseLibraryControl
from genmo_studio.ui.control.poses import PosesControl
from genmo_studio.ui.control.posing import PosingControl
from genmo_studio.ui.control.project import ProjectControl
from genmo_studio.ui.control.prompt import PromptControl
from genmo_studio.ui.control.reduce import ReduceControl
from genmo_studio.ui.control.regenerate import RegenerateControl
from genmo_studio.ui.control.spans import SpansControl
from genmo_studio.ui.control.takes import TakesControl
from genmo_studio.ui.control.timeline import TimelineControl
from genmo_studio.ui.control.tracks import TrackControl
from genmo_studio.ui.control.video import VideoControl
from genmo_studio.ui.control.viewport import ViewportControl
from genmo_studio.ui.control.walk import WalkControl
from genmo_studio.ui.control.welcome import WelcomeControl
from genmo_studio.ui.control.window import WindowControl
from genmo_studio.ui.panels.message_bar import refusal

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

C = TypeVar("C", bound=Control)

CONTROLS: tuple[Callable[["MainWindow"], Control], ...] = (
    ProjectControl,
    EditControl,
    TimelineControl,
    MediaControl,
    ClipboardControl,
    MarkersControl,
    TrackControl,
    SpansControl,
    KeyOpsControl,
    WalkControl,
    HeatControl,
    PlaybackControl,
    VideoControl,
    GenerateControl,
    RegenerateControl,
    JobsControl,
    TakesControl,
    InspectorControl,
    BodyPartsControl,
    CurvesControl,
    ReduceControl,
    BodyControl,
    ViewportControl,
    PosingControl,
    PosesControl,
    PoseLibraryControl,
    WindowControl,
    HelpControl,
    KeysControl,
    AppearanceControl,
    HistoryControl,
    WelcomeControl,
    PromptControl,
)


class Controls:
    """All controls of a window."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self._dialogs: set[QDialog] = set()
        self._all = tuple(make(window) for make in CONTROLS)

    def of(self, kind: type[C]) -> C:
        """The control of a kind; LookupError when there is none."""
        for control in self._all:
            if isinstance(control, kind):
                return control
        raise LookupError(kind.__name__)

    def docks(self) -> tuple[DockSpec, ...]:
        """Panels of all controls."""
        return tuple(dock for control in self._all for dock in control.docks())

    def connect(self) -> None:
        """Everything exists now."""
        for control in self._all:
            for action_id, slot in control.slots().items():
                self._window.actions_by_id[action_id].triggered.connect(lambda _=False, slot=slot: slot())
        for control in self._all:
            control.connect()

    # -- for all areas -------------------------------------------------------------------------------------------------

    def edit(self, label: str, edit: Edit, *, merge: str | None = None, select: Iterable[str] | None = None) -> bool:
        """One undo step; what cannot be done is said in the message bar.

        Edits that name the same ``merge`` in a row share one step; ``select`` names what is selected afterwards.
        """
        try:
            self._window.editor.edit(label, edit, merge=merge, select=select)
        except EditError as error:
            self._window.post(refusal(str(error)))
            self._window.inspector.show_document(self._window.editor.document, again=True)
            return False
        return True

    def open_dialog(self, dialog: QDialog) -> None:
        """Show a dialog beside the window; it is closed with the window."""
        self._dialogs.add(dialog)
        dialog.finished.connect(lambda _: self._forget(dialog))
        dialog.show()

    def _forget(self, dialog: QDialog) -> None:
        self._dialogs.discard(dialog)
        dialog.deleteLater()

    # -- what happens --------------------------------------------------------------------------------------------------

    def document_changed(self, old: Document, new: Document) -> None:
        """See Control."""
        for control in self._all:
            control.document_changed(old, new)

    def selection_changed(self, selection: frozenset[str]) -> None:
        """See Control."""
        for control in self._all:
            control.selection_changed(selection)

    def history_changed(self) -> None:
        """See Control."""
        for control in self._all:
            control.history_changed()

    def job_changed(self, *, running: bool) -> None:
        """See Control."""
        for control in self._all:
            control.job_changed(running=running)

    def close(self) -> None:
        """See Control."""
        for control in self._all:
            control.close()
        for dialog in tuple(self._dialogs):
            dialog.close()
