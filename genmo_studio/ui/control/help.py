"""Help: the About box."""

from genmo_studio.ui.control.base import Control, Slot


class HelpControl(Control):
    """Sheets about the program."""

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {"help.about": self.about}

    def about(self) -> None:
        """The About box."""
        from genmo_studio.ui.panels.about import AboutBox  # noqa: PLC0415

        w = self.window
        support = w.parts.support
        graphics = support.renderer or support.reason
        w.commands.open_dialog(AboutBox(w.parts.theme, device=w.device_text, graphics=graphics, parent=w))
