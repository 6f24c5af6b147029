"""One export in a process of its own: drawing pictures needs a GL context that the window's process may not have.

The window asks with an ExportTask and polls; the child exports, reads every file back, and says what it found. Closing
the pipe cancels: exporters leave no half-written file behind.
"""

import contextlib
import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from genmo_studio.document.time import Span
from genmo_studio.render.camera import Camera

if TYPE_CHECKING:
    from genmo_studio.export import Sound

_PATIENCE = 3.0
_CANCEL = "cancel"


@dataclass(frozen=True)
class ExportTask:
    """Everything that crosses to the child; plain values."""

    motion: bytes
    """``Motion.to_bytes``"""
    body: str
    path: Path
    name: str
    replace: bool = False
    up_z: bool = True
    size: tuple[int, int] = (1280, 720)
    camera: Camera | None = None
    """None lets the film's own camera follow the body."""
    single_frame: int | None = None
    """of .png: one picture of this frame instead of all"""
    document: bytes = b""
    """The document as JSON, for the sound of .mp4; empty = silent"""
    media: dict[str, str] = field(default_factory=dict)
    """media id -> path"""
    span: Span = Span(0, 0)  # noqa: RUF009  # frozen
    """Timeline span of the motion"""
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ExportProgress:
    """How far it is."""

    stage: str
    fraction: float
    detail: str = ""


@dataclass(frozen=True)
class ExportDone:
    """What was written and read back."""

    paths: tuple[Path, ...]
    report: str


@dataclass(frozen=True)
class ExportFailed:
    """Why nothing was written."""

    sentence: str
    details: str = ""


ExportMessage = ExportProgress | ExportDone | ExportFailed


class ExportProcess:
    """Owns the child; poll it from a timer."""

    def __init__(self, task: ExportTask) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_run, args=(theirs, task), name="genmo-export", daemon=True)
        self._process.start()
        theirs.close()
        self._over = False
        """True once its outcome was told: the end of the pipe is no news then."""

    def poll(self) -> list[ExportMessage]:
        """Everything new; the outcome is the last. A child that died without one counts as failed."""
        found: list[ExportMessage] = []
        try:
            while not self._over and self._pipe.poll(0):
                found.append(self._pipe.recv())
                self._over = isinstance(found[-1], ExportDone | ExportFailed)
        except (EOFError, OSError):
            found.append(ExportFailed("The export stopped unexpectedly; no file was left half written."))
            self._over = True
        return found

    def close(self) -> None:
        """Cancel if it still runs, and wait for its end."""
        with contextlib.suppress(OSError):
            self._pipe.send(_CANCEL)
        self._process.join(_PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._pipe.close()
        self._process.close()


def _run(pipe: Connection, task: ExportTask) -> None:
    """The child's whole life."""
    from genmo_studio.engine.outcome import failure  # noqa: PLC0415

    try:
        done = export(task, tell=pipe.send, cancelled=lambda: pipe.poll(0))
        if done is not None:
            pipe.send(done)
    except (BrokenPipeError, EOFError):
        return
    except Exception as error:
        failed = failure(0, error)
        with contextlib.suppress(OSError):
            pipe.send(ExportFailed(failed.sentence, failed.detail))


def export(
    task: ExportTask, *, tell: Callable[[ExportProgress], None], cancelled: Callable[[], bool]
) -> ExportDone | None:
    """Export and read back; None when it was cancelled. Raises ExportError and what the formats' libraries raise."""
    from genmo_studio.export import Existing, ExportOptions, Frames, UpAxis, export_motion  # noqa: PLC0415
    from genmo_studio.export.report import verify_export  # noqa: PLC0415
    from genmo_studio.motion.body import load_body  # noqa: PLC0415
    from genmo_studio.motion.motion import Motion  # noqa: PLC0415

    motion, body = Motion.from_bytes(task.motion), load_body(task.body)
    options = ExportOptions(
        name=task.name,
        existing=Existing.REPLACE if task.replace else Existing.REFUSE,
        up=UpAxis.Z if task.up_z else UpAxis.Y,
        size=task.size,
        camera=task.camera,
        frames=Frames.SEQUENCE if task.single_frame is None else Frames.SINGLE,
        frame=task.single_frame or 0,
        sound=_sound(task) if task.path.suffix.lower() == ".mp4" else None,
        notes=task.notes,
    )
    written: list[Path] = []
    with contextlib.closing(export_motion(motion, body, task.path, options)) as steps:  # type: ignore[type-var]
        for step in steps:
            if isinstance(step, Path):
                written.append(step)
            else:
                if cancelled():
                    return None
                tell(ExportProgress(step.stage, step.fraction, step.detail))
    tell(ExportProgress("reading the file back", 1.0))
    main = written[0]
    report = verify_export(main, motion, body).sentence()
    if len(written) > 1:
        rest = len(written) - 1
        report += f"; {written[1].name} beside it" if rest == 1 else f" (and {rest} more files)"
    return ExportDone(tuple(written), report)


def _sound(task: ExportTask) -> "Sound | None":
    """The music of the document over the task's span, None when there is none."""
    if not task.document:
        return None
    import msgspec  # noqa: PLC0415

    from genmo_studio.document.model import Document  # noqa: PLC0415
    from genmo_studio.export import Sound  # noqa: PLC0415
    from genmo_studio.media.audio import read_audio  # noqa: PLC0415
    from genmo_studio.ui.mix import mix_music  # noqa: PLC0415

    document = msgspec.json.decode(task.document, type=Document)
    mix = mix_music(document, lambda media: read_audio(Path(task.media[media])) if media in task.media else None)
    if mix is None:
        return None
    start, stop = (round(frame * mix.rate / document.fps) for frame in (task.span.start, task.span.stop))
    samples = mix.samples[start:stop]
    return Sound(samples, mix.rate) if len(samples) else None
