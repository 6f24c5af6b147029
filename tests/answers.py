"""Answers to the window's questions, as a test says: no dialog ever waits for a person."""

from pathlib import Path

from genmo_studio.ui.files import Answer, PoseAnswer


class Answers:
    """Nothing is kept and no file is chosen, unless a test says otherwise; remembers what was asked."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        """Of every file dialog; None cancels it."""
        self.changes = Answer.DISCARD
        """To unsaved changes."""
        self.poses = PoseAnswer.DISCARD
        """To poses that are not keyed."""
        self.asked: list[object] = []
        """Names of projects with unsaved changes, frames of unkeyed poses."""

    def unsaved(self, name: str) -> Answer:
        self.asked.append(name)
        return self.changes

    def unkeyed(self, frames: tuple[int, ...]) -> PoseAnswer:
        self.asked.append(frames)
        return self.poses

    def open_path(self, folder: Path) -> Path | None:
        return self.path

    def save_path(self, suggestion: Path) -> Path | None:
        return self.path
