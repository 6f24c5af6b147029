"""Motion: what the model makes and everything else plays, edits and exports."""

import io
import zipfile
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.skeleton import JOINT_COUNT
from genmo_studio.values import replace

MAX_FRAMES = 1_000_000


@dataclass(frozen=True, eq=False)
class Motion:
    """A clip of SMPL motion; arrays are float32, C-contiguous and treated as immutable.

    World: metres, y up, ground at y = 0; a body at rest faces +z with its left at +x.
    """

    rotations: NDArray[np.float32]
    """(T, 24, 3) local rotation vectors in rad; joint 0 is the root's orientation in the world."""
    translation: NDArray[np.float32]
    """(T, 3) SMPL ``transl`` in m: pelvis position = rest pelvis of the shaped body + translation."""
    betas: NDArray[np.float32] = field(default_factory=lambda: np.zeros(10, np.float32))
    """(10,) shape of the body named by ``body``."""
    contacts: NDArray[np.float32] | None = None
    """(T, 6) probability that each of skeleton.CONTACT_JOINTS is at rest, or None when unknown."""
    fps: float = 30.0
    body: str = "genmo-free"

    def __post_init__(self) -> None:
        frames = len(self.translation)
        if self.rotations.shape != (frames, JOINT_COUNT, 3) or self.translation.shape != (frames, 3):
            raise ValueError(
                f"motion arrays do not fit together: rotations {self.rotations.shape}, translation "
                f"{self.translation.shape}; expected ({frames}, {JOINT_COUNT}, 3) and ({frames}, 3)"
            )
        if self.contacts is not None and self.contacts.shape != (frames, 6):
            raise ValueError(f"contacts have shape {self.contacts.shape}, expected ({frames}, 6)")

    def __len__(self) -> int:
        return len(self.translation)

    @property
    def seconds(self) -> float:
        """Duration: frames / fps."""
        return len(self) / self.fps

    def sliced(self, start: int, stop: int) -> "Motion":
        """Frames [start, stop)."""
        contacts = None if self.contacts is None else self.contacts[start:stop]
        return replace(
            self, rotations=self.rotations[start:stop], translation=self.translation[start:stop], contacts=contacts
        )

    def to_bytes(self) -> bytes:
        """The take blob: an uncompressed npz with fixed time stamps, so equal motions give equal bytes."""
        arrays = {
            "rotations": self.rotations.astype("<f4"),
            "translation": self.translation.astype("<f4"),
            "betas": self.betas.astype("<f4"),
            "fps": np.array(self.fps, "<f8"),
            "body": np.array(self.body),
        }
        if self.contacts is not None:
            arrays["contacts"] = self.contacts.astype("<f4")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            for name, array in arrays.items():
                part = io.BytesIO()
                np.lib.format.write_array(part, np.asarray(array, order="C"), allow_pickle=False)
                archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), part.getvalue())
        return out.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> "Motion":
        """Read a take blob. Raises ValueError with one sentence when the bytes are not such a file."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as file:
                if len(file["translation"]) > MAX_FRAMES:
                    raise ValueError(f"the take has more than {MAX_FRAMES:,} frames")
                return Motion(
                    rotations=np.ascontiguousarray(file["rotations"], np.float32),
                    translation=np.ascontiguousarray(file["translation"], np.float32),
                    betas=np.ascontiguousarray(file["betas"], np.float32),
                    contacts=np.ascontiguousarray(file["contacts"], np.float32) if "contacts" in file.files else None,
                    fps=float(file["fps"]),
                    body=str(file["body"]),
                )
        except (OSError, KeyError, zipfile.BadZipFile, EOFError) as error:
            raise ValueError(f"this take cannot be read: {error}") from error
