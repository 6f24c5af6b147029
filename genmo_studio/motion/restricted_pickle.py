"""Reading pickles that nobody vouches for: arrays and plain containers, and nothing that runs.

Unpickling can call anything by name, so only an explicit list of harmless constructors is let through; chumpy's arrays,
which the official SMPL bodies hold, become a stub that keeps their numbers. How much a file may hold is the caller's to
check: the size of the file before, the shape of every array after.
"""

import pickle
from typing import IO, Any, NoReturn

import numpy as np


class ChumpyStub:
    """Stands for any chumpy class: keeps the state it is given, from which the numbers are taken."""

    def __init__(self, *_: object) -> None:
        self.state: dict[str, Any] = {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.state = state


_BUILTINS = {"set": set, "frozenset": frozenset, "slice": slice, "complex": complex, "object": object}
_NUMPY: dict[str, Any] = {
    "ndarray": np.ndarray,
    "dtype": np.dtype,
    "_reconstruct": np._core.multiarray._reconstruct,  # type: ignore[attr-defined]
    "_frombuffer": np._core.numeric._frombuffer,  # type: ignore[attr-defined]
    "scalar": np._core.multiarray.scalar,  # type: ignore[attr-defined]
}
_NUMPY_MODULES = {
    "numpy",
    *(f"numpy.{core}.{part}" for core in ("core", "_core") for part in ("multiarray", "numeric")),
}
_SPARSE_CLASSES = {"csc_matrix", "csr_matrix"}


class RestrictedUnpickler(pickle.Unpickler):
    """Builds NumPy arrays, SciPy sparse matrices and plain containers; everything else is refused with ValueError."""

    def __init__(self, file: IO[bytes], *, what: str = "file", kind: str = "such") -> None:
        """``what`` is refused in the messages ("body file"), which no ``kind`` file ("SMPL") needs."""
        super().__init__(file, encoding="latin1")  # strings of Python 2, which most of these files come from
        self._what, self._kind = what, kind

    def find_class(self, module: str, name: str) -> Any:
        """The harmless constructors by name."""
        if module.split(".", maxsplit=1)[0] == "chumpy" and "." not in name:
            return ChumpyStub
        if module.startswith("scipy.sparse") and name in _SPARSE_CLASSES:
            import scipy.sparse  # noqa: PLC0415 - a fifth of the window's start, and only pickles hold such matrices

            return getattr(scipy.sparse, name)
        if module in _NUMPY_MODULES and name in _NUMPY:
            return _NUMPY[name]
        if module == "_codecs" and name == "encode":
            return self._encode_latin1
        if module in {"builtins", "__builtin__"} and name in _BUILTINS:
            return _BUILTINS[name]
        return self._refuse(module, name)

    def persistent_load(self, pid: Any) -> NoReturn:
        """Never."""
        self._refuse("persistent id", str(pid))

    def _refuse(self, module: str, name: str) -> NoReturn:
        raise ValueError(
            f"the {self._what} was refused: it asks to run {module}.{name}, which no {self._kind} file needs; "
            "nothing was run"
        )

    def _encode_latin1(self, text: str, encoding: str = "latin1") -> bytes:
        """Python 2 byte strings in newer pickles; the codec is checked so that no other one can be reached."""
        if encoding not in {"latin1", "latin-1"}:
            raise ValueError(f"the {self._what} was refused because it uses the text codec {encoding!r}")
        return text.encode("latin1")
