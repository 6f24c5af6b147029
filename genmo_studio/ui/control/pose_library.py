"""The pose library and its panel."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, QStandardPaths

from genmo_studio.ui.control.base import Control, DockSpec, Slot
from genmo_studio.ui.control.poses import PosesControl
from genmo_studio.ui.panels.message_bar import Message, Severity
from genmo_studio.ui.panels.pose_library import PosesPanel
from genmo_studio.ui.pose_library import LibraryError, PoseLibrary

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow


class PoseLibraryControl(Control):
    """Keeps poses and puts them on the body."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self.library = PoseLibrary(library_path(window.parts.settings))
        self.panel = PosesPanel(lambda: window.picture.body, window.parts.theme)

    def docks(self) -> tuple[DockSpec, ...]:
        """See Control."""
        return (DockSpec("poses", "Poses", self.panel, beside="takes", shown=False),)

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {"pose.library": self.show, "pose.keep": self.keep}

    def connect(self) -> None:
        """See Control."""
        panel = self.panel
        panel.add_wanted.connect(self.keep)
        panel.apply_wanted.connect(self._apply)
        panel.rename_wanted.connect(lambda pose, name: self._do(lambda: self.library.rename(pose, name)))
        panel.remove_wanted.connect(lambda pose: self._do(lambda: self.library.remove(pose)))
        self._do(self.library.read)

    def show(self) -> None:
        """Bring the panel to the front."""
        dock = self.window.docks["poses"]
        dock.show()
        dock.raise_()
        self.panel.list.setFocus()

    def keep(self) -> None:
        """Keep the pose at the playhead: of the result, of a take that is compared, of the key or the change there."""
        posing = self.window.commands.of(PosesControl).posing
        pose = posing.generated(posing.frame) if self.window.stage.comparing else posing.pose()
        name = f"{self.window.editor.document.name or 'Pose'} {posing.frame}"
        self.show()
        self._do(lambda: self.library.add(name, pose))
        self.panel.choose_last()

    def _apply(self, pose_id: str, flipped: bool) -> None:
        kept = self.library.find(pose_id)
        if kept is not None:
            poses = self.window.commands.of(PosesControl)
            poses.apply(kept.pose, f"Pose “{kept.name}”", joints=poses.chosen, flipped=flipped)

    def _do(self, what: "Slot") -> None:
        try:
            what()
        except LibraryError as error:
            advice = "The poses that are shown are as before."
            self.window.post(Message(str(error), advice, severity=Severity.WARNING))
        self.panel.show_poses(self.library.kept)


def library_path(settings: QSettings) -> Path:
    """Beside the user's settings where those are a file, else in the program's own folder."""
    if settings.format() == QSettings.Format.IniFormat or Path(settings.fileName()).is_file():
        return Path(settings.fileName()).with_name("poses.json")
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)
    return Path(place) / "poses.json"
