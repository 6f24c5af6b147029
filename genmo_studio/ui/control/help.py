"""Help: the shortcut sheet and the About box."""

from genmo_studio.ui.control.base import Control, Slot


class HelpControl(Control):
    """Sheets about the program."""

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {"help.shortcuts": self.shortcuts, "help.about": self.about}

    def shortcuts(self) -> None:
        """The shortcut sheet."""
        from genmo_studio.ui.panels.shortcuts import ShortcutSheet  # noqa: PLC0415

        self.window.commands.open_dialog(ShortcutSheet(self.window))

    def about(self) -> None:
        """The About box."""
        from genmo_studio.ui.panels.about import AboutBox  # noqa: PLC0415

        w = self.window
        support = w.parts.support
        graphics = support.renderer or support.reason
        w.commands.open_dialog(AboutBox(w.parts.theme, device=w.device_text, graphics=graphics, parent=w))
