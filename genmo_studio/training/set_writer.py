"""Writing a training set clip by clip; ``training.clips`` says what one is."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.contacts import contact_labels
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT
from genmo_studio.training.captions import Caption, captions_of
from genmo_studio.training.clips import MUSIC_FILE, PARTS, SPLITS, VERSION, ClipRecord, Manifest

FPS = 30.0


class SetWriter:
    """Appends clips to the files of a set in ``out``; the manifest comes last, so what is interrupted is no set."""

    def __init__(self, out: Path, *, body: Body) -> None:
        self._out, self._body = out, body
        self._frames = dict.fromkeys(SPLITS, 0)
        self.clips = 0
        """How many were added."""
        out.mkdir(parents=True, exist_ok=True)
        for stale in ("manifest.json", MUSIC_FILE):
            (out / stale).unlink(missing_ok=True)
        self._stack = ExitStack()
        self._streams = {split: [self._open(f"{split}.{part}") for part in PARTS] for split in SPLITS}
        self._records = self._open("clips.jsonl")

    def _open(self, name: str) -> BinaryIO:
        return self._stack.enter_context((self._out / name).open("wb"))

    def add(
        self,
        motion: Motion,
        label: Mapping[str, Any],
        *,
        weight: NDArray[np.float32] | None = None,
        captions: Sequence[Caption] | None = None,
    ) -> None:
        """Append a clip at 30 frames a second. ``captions`` None: made from the label's texts, content and style.

        ``weight`` is how much is known of each joint (None: everything).
        """
        split = str(label.get("split")) if label.get("split") in SPLITS else "train"
        known = np.ones(BODY_JOINT_COUNT, np.float32) if weight is None else weight[:BODY_JOINT_COUNT]
        record = ClipRecord(
            id=str(label.get("id", "")), split=split, start=self._frames[split], frames=len(motion),
            source=str(label.get("source", "")), licence=str(label.get("licence", "")),
            content=str(label.get("content") or ""), style=str(label.get("style") or ""),
            captions=captions_of(label) if captions is None else tuple(captions), joint_weight=tuple(known.tolist()),
        )  # fmt: skip
        for stream, array in zip(self._streams[split], _arrays(motion, body=self._body), strict=True):
            stream.write(array.tobytes())
        self._records.write(msgspec.json.encode(record) + b"\n")
        self._frames[split] += record.frames
        self.clips += 1

    def finish(self, skipped: Sequence[str] = ()) -> None:
        """Close the files and write the manifest, with a sentence for each clip that was left out (the first 100)."""
        self._stack.close()
        manifest = Manifest(VERSION, self._body.name, FPS, self._frames, self.clips, tuple(skipped[:100]))
        (self._out / "manifest.json").write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))

    def __enter__(self) -> "SetWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


def _arrays(motion: Motion, *, body: Body) -> tuple[NDArray[Any], ...]:
    contacts = contact_labels(joint_positions(motion, body), FPS)
    return (
        motion.rotations[:, :BODY_JOINT_COUNT].astype("<f4"),
        motion.translation.astype("<f4"),
        (np.asarray(contacts) > 0.5).astype(np.uint8),
    )
