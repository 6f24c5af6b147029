"""Reading SMPL body files (.npz, and the official .pkl) without trusting them.

The official files are Python pickles that hold chumpy objects and old SciPy matrices; ``restricted_pickle`` reads them.
"""

import math
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.restricted_pickle import ChumpyStub, RestrictedUnpickler
from genmo_studio.motion.skeleton import JOINT_COUNT, PARENTS

MAX_FILE_BYTES = 512 * 2**20
"""Official files are 40 to 250 MB."""
MAX_VERTICES = 60_000
MAX_NUMBERS = MAX_VERTICES * 3 * 9 * (JOINT_COUNT - 1)
"""An array of more numbers than posedirs of the largest body is refused before it is unfolded."""
SHAPE_COMPONENTS = 10


class SmplArrays(msgspec.Struct, frozen=True, eq=False):
    """The arrays of an SMPL file, checked against each other; V vertices, F triangles, metres."""

    v_template: NDArray[np.float32]
    """(V, 3)"""
    shapedirs: NDArray[np.float32]
    """(V, 3, 10)"""
    posedirs: NDArray[np.float32] | None
    """(V, 3, 207)"""
    joint_regressor: NDArray[np.float32]
    """(24, V)"""
    weights: NDArray[np.float32]
    """(V, 24)"""
    faces: NDArray[np.int32]
    """(F, 3)"""


def read_smpl_file(path: Path, *, leave_out: frozenset[str] = frozenset()) -> SmplArrays:
    """Read an SMPL body; ``leave_out`` names arrays of an .npz that need not be unpacked.

    Raises ValueError with one sentence when it is missing, too large, hostile or not SMPL.
    """
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise ValueError(f"the body file {path.name} is {size / 2**20:.0f} MB, more than any SMPL file has")
        with path.open("rb") as file:
            if path.suffix == ".npz":
                fields = _read_npz(file, names=[name for name in _NAMES if name not in leave_out])
            elif path.suffix == ".pkl":
                fields = _read_pickle(file)
            else:
                raise ValueError(f"the body file {path.name} is neither .npz nor .pkl")
    except FileNotFoundError:
        raise ValueError(f"the body file {path} does not exist") from None
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"the body file {path.name} cannot be read: {error}") from error
    return _checked(fields, name=path.name)


_NAMES = ("v_template", "shapedirs", "posedirs", "J_regressor", "weights", "kintree_table", "f")


def _read_npz(file: IO[bytes], *, names: Iterable[str]) -> dict[str, Any]:
    with zipfile.ZipFile(file) as archive:
        inflated = sum(info.file_size for info in archive.infolist())
    if inflated > 2 * MAX_FILE_BYTES:
        raise ValueError(f"the body file unpacks to {inflated / 2**20:.0f} MB, more than any SMPL file has")
    file.seek(0)
    with np.load(file, allow_pickle=False) as archive:
        return {name: archive[name] for name in names if name in archive.files}


def _read_pickle(file: IO[bytes]) -> dict[str, Any]:
    try:
        content = RestrictedUnpickler(file, what="body file", kind="SMPL").load()
    except ValueError:
        raise
    except Exception as error:  # a broken pickle can raise almost anything while it is being read
        raise ValueError(f"the body file is not a readable SMPL pickle ({type(error).__name__}: {error})") from error
    if not isinstance(content, dict):
        raise ValueError("the body file is not an SMPL file: it holds no dictionary")
    return {name: content[name] for name in _NAMES if name in content}


def _array(value: Any, dtype: Any) -> NDArray[Any]:
    """A plain array from whatever an SMPL file may hold: ndarray, sparse matrix, chumpy object."""
    if isinstance(value, ChumpyStub):
        value = value.state.get("x", value.state.get("a"))
    if not isinstance(value, np.ndarray):
        import scipy.sparse  # noqa: PLC0415 - as above

        if not scipy.sparse.issparse(value):
            raise TypeError(f"an array was expected, not {type(value).__name__}")
    if math.prod(value.shape) > MAX_NUMBERS:
        raise ValueError(f"an array of shape {value.shape}")
    if not isinstance(value, np.ndarray):
        value.check_format(full_check=True)  # its indices come from the file, and toarray() would follow them blindly
        value = value.toarray()
    return np.ascontiguousarray(value, dtype)


def _checked(fields: dict[str, Any], *, name: str) -> SmplArrays:
    missing = [key for key in _NAMES if key not in fields and key != "posedirs"]
    if missing:
        raise ValueError(f"the body file {name} is not an SMPL file: it has no {', '.join(missing)}")
    try:
        arrays = {key: _array(value, np.float32) for key, value in fields.items() if key not in {"kintree_table", "f"}}
        parents = _array(fields["kintree_table"], np.int64)
        faces = _array(fields["f"], np.int64)
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"the body file {name} holds something that is not numbers: {error}") from error
    vertices = len(arrays["v_template"])
    expected: dict[str, tuple[int, ...]] = {
        "v_template": (vertices, 3),
        "J_regressor": (JOINT_COUNT, vertices),
        "weights": (vertices, JOINT_COUNT),
    }
    shapes_fit = all(arrays[key].shape == shape for key, shape in expected.items())
    shapedirs, posedirs = arrays["shapedirs"], arrays.get("posedirs")
    shapes_fit &= shapedirs.ndim == 3 and shapedirs.shape[:2] == (vertices, 3)
    shapes_fit &= shapedirs.shape[-1] >= SHAPE_COMPONENTS
    shapes_fit &= posedirs is None or posedirs.shape == (vertices, 3, 9 * (JOINT_COUNT - 1))
    shapes_fit &= faces.ndim == 2 and faces.shape[1] == 3 and 0 < vertices <= MAX_VERTICES
    if not shapes_fit or parents.shape != (2, JOINT_COUNT) or tuple(parents[0, 1:]) != PARENTS[1:]:
        raise ValueError(f"the body file {name} is not an SMPL body with {JOINT_COUNT} joints")
    if faces.size and (faces.min() < 0 or faces.max() >= vertices):
        raise ValueError(f"the body file {name} has triangles that name vertices it does not have")
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise ValueError(f"the body file {name} holds numbers that are not finite")
    return SmplArrays(
        v_template=arrays["v_template"],
        shapedirs=np.ascontiguousarray(shapedirs[..., :SHAPE_COMPONENTS]),
        posedirs=posedirs,
        joint_regressor=arrays["J_regressor"],
        weights=arrays["weights"],
        faces=faces.astype(np.int32),
    )
