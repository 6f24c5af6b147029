"""Imports after Qt without PySide's search for its switches.

After PySide6 is there, it reads the source text of every module that is imported later and looks for its own name
in it, for the sake of ``from __feature__ import ...``, which this program does not use. That costs a tenth of the start
(benchmarks/bench_startup.py) and concerns 370 modules, half of them of PyOpenGL.
"""

import contextlib
import importlib


def quick_imports() -> bool:
    """Let PySide take every further module for one without switches; False where this PySide is built otherwise."""
    with contextlib.suppress(ImportError):
        names = vars(importlib.import_module("shibokensupport.feature"))  # comes with PySide6; nothing of it is public
        if callable(names.get("_mod_uses_pyside")):
            names["_mod_uses_pyside"] = lambda _module: False
            return True
    return False
