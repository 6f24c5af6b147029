"""A training set as small files, for machines that only a few megabytes reach, and back.

Rotations are kept to 0.0005 rad (0.03 degrees) and places to 0.1 mm, as second differences over time, so that what is
left compresses well; contacts are exact; music is kept to a 24th of each feature's deviation. The token states of all
captions travel too (to a 127th of each token's largest number), since the text encoder itself is 90 MB.
"""

import io
import json
import lzma
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from genmo_studio.conditions.progress import Progress
from genmo_studio.training.clips import (
    CAPTIONS_FILE,
    MUSIC_FILE,
    ClipRecord,
    ClipStore,
    PrepareError,
    read_manifest,
    read_music,
)

ROTATION_STEP, PLACE_STEP, MUSIC_STEPS = 0.0005, 0.0001, 24.0
PACKED = "packed.json"
_PRESET = 6
_PART_BYTES = 15 * 1024 * 1024


def differences(values: NDArray[np.int64]) -> bytes:
    """Second differences along the first axis of (N, C) whole numbers, channel by channel, low bytes before high ones.

    Raises ValueError where one does not fit 32 bits.
    """
    change = np.diff(values, n=2, axis=0, prepend=np.zeros((2, values.shape[1]), np.int64))
    folded = np.where(change < 0, -2 * change - 1, 2 * change)
    if folded.size and folded.max() >= 2**32:
        raise ValueError("these numbers change too fast to be packed")
    planes = np.ascontiguousarray(folded.T.astype("<u4")).view(np.uint8).reshape(-1, 4)
    return np.ascontiguousarray(planes.T).tobytes()


def summed(data: bytes, channels: int) -> NDArray[np.int64]:
    """The inverse of ``differences``: (N, channels)."""
    planes = np.frombuffer(data, np.uint8).reshape(4, -1)
    folded = np.ascontiguousarray(planes.T).view("<u4").reshape(channels, -1).T.astype(np.int64)
    change = np.where(folded % 2 == 1, -(folded + 1) // 2, folded // 2)
    return np.asarray(change.cumsum(axis=0).cumsum(axis=0))


def chosen(clips: Sequence[ClipRecord], *, most_minutes: float | None, fps: float) -> list[ClipRecord]:
    """The clips that travel: all that are judged, and of the training clips as many as fit into ``most_minutes``.

    Contents take turns, so that the rare ones come along whole before the common ones fill what is left.
    """
    if most_minutes is None:
        return list(clips)
    left = most_minutes * 60 * fps
    groups: dict[tuple[str, str], list[ClipRecord]] = {}
    for clip in clips:
        if clip.split == "train":
            groups.setdefault((clip.source, clip.content), []).append(clip)
    taken: set[str] = set()
    for turn in range(max(map(len, groups.values()), default=0)):
        for group in groups.values():
            if turn < len(group) and group[turn].frames <= left:
                taken.add(group[turn].id)
                left -= group[turn].frames
    return [clip for clip in clips if clip.split != "train" or clip.id in taken]


def pack(folder: Path, out: Path, *, captions: dict[str, Any], most_minutes: float | None = None) -> Iterator[Progress]:
    """Write the set in ``folder`` to ``out``. ``captions``: what ``loop.encode_vocabulary`` keeps in captions.pt.

    With ``most_minutes`` only so much of the training motion travels (``chosen``). Files are cut into parts of 15 MiB.
    Raises PrepareError when the folder is not a training set.
    """
    manifest, every = read_manifest(folder)
    clips = chosen(every, most_minutes=most_minutes, fps=manifest.fps)
    if not any(clip.split == "train" for clip in clips):
        raise PrepareError(f"no training clip of {folder} fits into {most_minutes} minutes; allow more")
    moved: list[ClipRecord] = []
    out.mkdir(parents=True, exist_ok=True)
    for stale in out.glob("*.xz*"):
        stale.unlink()
    frames = dict.fromkeys(manifest.frames, 0)
    for split in (name for name, count in manifest.frames.items() if count):
        store = ClipStore.open(folder, split=split)
        own = [clip for clip in clips if clip.split == split]
        rows = np.concatenate([np.arange(clip.start, clip.start + clip.frames) for clip in own])
        for name, array, step in (
            ("rotations", store.rotvecs.reshape(len(store.rotvecs), -1), ROTATION_STEP),
            ("translation", store.translation, PLACE_STEP),
        ):
            yield Progress("packing", 0.0, f"{split} {name}")
            _write(out / f"{split}.{name}.xz", differences(np.rint(array[rows] / step).astype(np.int64)))
        _write(out / f"{split}.contacts.xz", np.packbits(np.asarray(store.contacts)[rows]).tobytes())
        for clip in own:
            moved.append(msgspec.structs.replace(clip, start=frames[split]))
            frames[split] += clip.frames
    _write(out / "clips.xz", b"\n".join(map(msgspec.json.encode, moved)) + b"\n")
    heard = read_music(folder, clips)
    yield Progress("packing", 0.8, "music and captions")
    music = _packed_music(out, heard)
    _write(out / "captions.xz", _packed_captions(captions))
    small = msgspec.structs.replace(manifest, frames=frames, clips=len(moved))
    described = {"manifest": msgspec.to_builtins(small), "music": music, "captions": captions["captions"]}
    (out / PACKED).write_text(json.dumps(described), encoding="utf-8")
    yield Progress("packing", 1.0, f"{sum(p.stat().st_size for p in out.iterdir()) / 2**20:.1f} MiB")


def pack_with_captions(folder: Path, out: Path, *, most_minutes: float | None = None) -> Iterator[Progress]:
    """``pack``, with the captions' token states made or found beside the set."""
    from genmo_studio.training.loop import encode_vocabulary  # noqa: PLC0415 - unpacking needs no training

    yield Progress("packing", 0.0, "captions")
    manifest, every = read_manifest(folder)
    clips = chosen(every, most_minutes=most_minutes, fps=manifest.fps)
    words = sorted({text for clip in clips for caption in clip.captions for text in (caption.text, caption.mirrored)})
    states = encode_vocabulary(words, folder)
    yield from pack(folder, out, captions={"captions": words, "states": states}, most_minutes=most_minutes)


def unpack(packed: Path, out: Path) -> Iterator[Progress]:
    """Make a training set from what ``pack`` wrote, with ``captions.pt`` beside it. Raises PrepareError."""
    try:
        described = json.loads((packed / PACKED).read_text("utf-8"))
        frames: dict[str, int] = described["manifest"]["frames"]
        out.mkdir(parents=True, exist_ok=True)
        for split, count in ((name, count) for name, count in frames.items() if count):
            yield Progress("unpacking", 0.0, split)
            for name, channels, step in (("rotations", 66, ROTATION_STEP), ("translation", 3, PLACE_STEP)):
                values = summed(_read(packed / f"{split}.{name}.xz"), channels) * step
                (out / f"{split}.{name}.f32").write_bytes(values.astype("<f4").tobytes())
            bits = np.frombuffer(_read(packed / f"{split}.contacts.xz"), np.uint8)
            (out / f"{split}.contacts.u1").write_bytes(np.unpackbits(bits, count=6 * count).tobytes())
        (out / "clips.jsonl").write_bytes(_read(packed / "clips.xz"))
        _unpack_music(packed, out, described["music"])
        torch.save(
            {"captions": described["captions"], "states": _unpacked_captions(_read(packed / "captions.xz"))},
            out / CAPTIONS_FILE,
        )
        # Written last, so that an interrupted run leaves no set that looks whole.
        (out / "manifest.json").write_text(json.dumps(described["manifest"]), encoding="utf-8")
    except (OSError, KeyError, ValueError, lzma.LZMAError) as error:
        raise PrepareError(f"{packed} is not a packed training set or is damaged: {error}") from error
    yield Progress("unpacking", 1.0, f"{sum(frames.values())} frames")


def _write(path: Path, data: bytes) -> None:
    whole = lzma.compress(data, preset=_PRESET)
    for number, start in enumerate(range(0, max(len(whole), 1), _PART_BYTES)):
        path.with_name(f"{path.name}.{number:02d}").write_bytes(whole[start : start + _PART_BYTES])


def _read(path: Path) -> bytes:
    parts = sorted(path.parent.glob(f"{path.name}.*"))
    if not parts:
        raise FileNotFoundError(f"{path.name} is missing")
    return lzma.decompress(b"".join(part.read_bytes() for part in parts))


def _packed_music(out: Path, heard: dict[str, NDArray[np.float32]]) -> dict[str, Any]:
    if not heard:
        return {}
    every = np.concatenate(list(heard.values()))
    mean, spread = every.mean(0), every.std(0) + 1e-6
    # Onset peaks and beats are ones among zeros: they are kept as they are.
    mean[33:], spread[33:] = 0.0, MUSIC_STEPS
    small = np.clip(np.rint((every - mean) / spread * MUSIC_STEPS), -127, 127).astype(np.int8)
    _write(out / "music.xz", np.ascontiguousarray(small.T).tobytes())
    lengths = {name: len(value) for name, value in heard.items()}
    return {"lengths": lengths, "mean": mean.tolist(), "spread": spread.tolist()}


def _unpack_music(packed: Path, out: Path, described: dict[str, Any]) -> None:
    if not described:
        return
    mean, spread = np.array(described["mean"]), np.array(described["spread"])
    small = np.frombuffer(_read(packed / "music.xz"), np.int8).reshape(len(mean), -1).T
    every = (small / MUSIC_STEPS * spread + mean).astype(np.float16)
    ends = np.cumsum(list(described["lengths"].values()))[:-1]
    pieces = dict(zip(described["lengths"], np.split(every, ends), strict=True))
    np.savez(out / MUSIC_FILE, **pieces)


def _packed_captions(captions: dict[str, Any]) -> bytes:
    """Tokens of all captions that are not padding: how many each has, a scale and int8 numbers for each."""
    states = captions["states"].float().numpy()
    real = np.abs(states).sum(-1) > 0
    tokens = states[real]
    scale = np.maximum(np.abs(tokens).max(-1, keepdims=True), 1e-9) / 127
    buffer = io.BytesIO()
    np.savez(
        buffer, counts=real.sum(1).astype(np.uint8), shape=np.array(states.shape), scale=scale.astype(np.float16),
        tokens=np.rint(tokens / scale).astype(np.int8),
    )  # fmt: skip
    return buffer.getvalue()


def _unpacked_captions(data: bytes) -> torch.Tensor:
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        counts, shape = file["counts"].astype(int), file["shape"]
        tokens = file["tokens"].astype(np.float32) * file["scale"].astype(np.float32)
    states = np.zeros(tuple(int(n) for n in shape), np.float32)
    states[np.arange(states.shape[1]) < counts[:, None]] = tokens
    return torch.from_numpy(states).half()
