"""Number fields that look and behave alike: room before the number, one change when typing ends."""

from typing import TypeVar

from PySide6.QtWidgets import QAbstractSpinBox

SpinT = TypeVar("SpinT", bound=QAbstractSpinBox)


def number(field: SpinT) -> SpinT:
    """Set up a spin box and return it."""
    field.setKeyboardTracking(False)  # typing is one change, not one a digit
    line = field.lineEdit()
    line.setTextMargins(6, 0, 0, 0)  # a style sheet that styles the arrows cannot pad the text
    return field
