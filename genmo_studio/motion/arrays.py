"""Which array library a function's arguments belong to, so that one body of code serves NumPy and torch."""

from types import ModuleType
from typing import Any

import array_api_compat
import numpy as np
from numpy.typing import NDArray

_NUMPY = (np.ndarray, np.generic)
_known: dict[tuple[type, ...], ModuleType] = {}  # by the types of the arrays, which is all that the answer depends on


def namespace(*arrays: Any) -> ModuleType:
    """NumPy itself for NumPy arrays, otherwise what array-api-compat says.

    NumPy 2 is its own array API; the compatibility copy would load all of NumPy (f2py, testing) at the first call,
    which is a tenth of the window's start. Answers are kept: a live draft asks 130 times, at 20 microseconds each.
    """
    for array in arrays:
        if not isinstance(array, _NUMPY):
            break
    else:
        return np
    types = tuple(map(type, arrays))
    found = _known.get(types)
    if found is None:
        found = _known[types] = array_api_compat.array_namespace(*arrays)
    return found


def evenly(start: int, stop: int, count: int) -> NDArray[np.int64]:
    """Up to ``count`` different whole numbers spread evenly from ``start`` to ``stop``, both included, in order.

    np.unique would load NumPy's masked arrays at its first call: a thirtieth of the window's start.
    """
    spread = np.linspace(start, stop, count).round().astype(np.int64)
    return spread[np.diff(spread, prepend=spread[:1] - 1) > 0]
