"""Where the hold of a key is drawn, and where its end is taken. Pure."""

from genmo_studio.document.model import PoseKey
from genmo_studio.ui.timeline.layout import PlacedKey
from genmo_studio.ui.timeline.view import Rect, View


def hold_rect(placed: PlacedKey, view: View) -> Rect | None:
    """The bar of a key's hold, from its diamond to the last frame that it holds; None for one that holds nothing."""
    if placed.until <= placed.item.frame + 1:
        return None
    middle, start = placed.rect.y + placed.rect.height / 2, placed.rect.x + placed.rect.width / 2
    return Rect(start, middle - 4.0, view.x_of(placed.until - 1) - start, 8.0)


def hold_handle(placed: PlacedKey, view: View) -> Rect | None:
    """Where the end of a hold is taken; of a key that holds nothing yet, beside its diamond. None for waypoints."""
    if not isinstance(placed.item, PoseKey):
        return None
    bar, side = hold_rect(placed, view), placed.rect
    x = side.right + 1.0 if bar is None else max(bar.right - 2.0, side.right + 1.0)
    return Rect(x, side.y, 8.0, side.height)
