"""What crosses between the program and its worker process: tagged messages as MessagePack over two one-way pipes.

Nothing is pickled, so each side reads only the values declared here. A job is one request for work; its number is given
by the client and names it in every message. Exactly one of Done, LiveDone, MusicDone, VideoDone, DeviceDone, Failed
and Cancelled ends a job; Progress and Preview come before it.
"""

from enum import Enum
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.document.model import TempoScale
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import CONTACT_JOINTS, JOINT_COUNT

JobId = int
Report = dict[str, Any]
"""Numbers, words, lists and dictionaries of them: device, model, stage seconds, key errors, foot skate, ..."""

# Work -------------------------------------------------------------------------------------------------------------


class GenerateWork(msgspec.Struct, frozen=True, tag="generate"):
    """Make a motion. Drafts overtake queued takes, and a newer draft replaces older ones.

    ``base``: ``Motion.to_bytes()`` of the motion that ``request.regeneration`` names by hash.
    """

    request: GenerationRequest
    device: str = "auto"
    base: bytes = b""


class LiveWork(msgspec.Struct, frozen=True, tag="live"):
    """Draft a motion for the eye only, while something is dragged: one pass, keys met, feet left as they come.

    It waits for nothing: while another job runs, it is done at that job's next step, in between. Only the newest is of
    use; one that has not begun is replaced by the next. ``base`` as in GenerateWork.
    """

    request: GenerationRequest
    device: str = "auto"
    base: bytes = b""


class MusicWork(msgspec.Struct, frozen=True, tag="music"):
    """Find beats and tempo of a file (and keep its features in the cache, where a generation finds them)."""

    path: str
    tempo: TempoScale = TempoScale.NORMAL


class VideoWork(msgspec.Struct, frozen=True, tag="video"):
    """Find the person and the camera in a video (kept in the cache, as above)."""

    path: str


class DeviceWork(msgspec.Struct, frozen=True, tag="device"):
    """Load torch and say what it computes on. Asked early, it also makes the first generation start sooner."""


Work = GenerateWork | LiveWork | MusicWork | VideoWork | DeviceWork

# To the worker ----------------------------------------------------------------------------------------------------


class Submit(msgspec.Struct, frozen=True, tag="submit"):
    """Queue a job."""

    job: JobId
    work: Work


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """Take a job out of the queue, or stop it at its next yield. Unknown and finished jobs are left alone."""

    job: JobId


Command = Submit | Cancel

# From the worker --------------------------------------------------------------------------------------------------


class ProgressMessage(msgspec.Struct, frozen=True, tag="progress"):
    """The running job's present stage."""

    job: JobId
    stage: str
    fraction: float  # 0..1 of the stage
    detail: str = ""
    eta_seconds: float | None = None  # until the end of the stage; None while it cannot be told


class PreviewMessage(msgspec.Struct, frozen=True, tag="preview"):
    """What the motion looks like so far: ``Motion.from_bytes(motion)``."""

    job: JobId
    motion: bytes
    step: int
    steps: int


class Done(msgspec.Struct, frozen=True, tag="done"):
    """A finished generation: ``Motion.from_bytes(motion)``."""

    job: JobId
    motion: bytes
    report: Report
    notes: tuple[str, ...] = ()  # sentences about conditions that could not be used


class Arrays(msgspec.Struct, frozen=True):
    """A motion as its arrays lie in memory, little-endian float32: it is read in no time, and never kept in a file."""

    rotations: bytes
    translation: bytes
    betas: bytes
    contacts: bytes | None
    fps: float
    body: str

    @staticmethod
    def of(motion: Motion) -> "Arrays":
        """To send."""

        def raw(array: NDArray[np.float32]) -> bytes:
            return np.ascontiguousarray(array, "<f4").tobytes()

        contacts = None if motion.contacts is None else raw(motion.contacts)
        return Arrays(
            raw(motion.rotations), raw(motion.translation), raw(motion.betas), contacts, motion.fps, motion.body
        )

    def motion(self) -> Motion:
        """As it was. Raises ValueError when the arrays do not fit together."""

        def array(data: bytes, *shape: int) -> NDArray[np.float32]:
            return np.frombuffer(data, "<f4").reshape(-1, *shape).astype(np.float32, copy=False)

        return Motion(
            rotations=array(self.rotations, JOINT_COUNT, 3),
            translation=array(self.translation, 3),
            betas=array(self.betas),
            contacts=None if self.contacts is None else array(self.contacts, len(CONTACT_JOINTS)),
            fps=self.fps,
            body=self.body,
        )


class LiveDone(msgspec.Struct, frozen=True, tag="live_done"):
    """A live draft."""

    job: JobId
    motion: Arrays
    seconds: float  # of computing, from the request to the motion
    device: str  # "cpu", "cuda", ...


class MusicDone(msgspec.Struct, frozen=True, tag="music_done"):
    """Beats (project-rate frames of the medium's own time) and tempo of a MusicWork."""

    job: JobId
    beats: tuple[int, ...]
    tempo: float  # beats a minute; 0 when there is nothing to track


class VideoDone(msgspec.Struct, frozen=True, tag="video_done"):
    """What was found in a VideoWork."""

    job: JobId
    frames: int
    person_frames: int  # frames in which a person was found
    camera_moves: bool
    notes: tuple[str, ...] = ()


class DeviceDone(msgspec.Struct, frozen=True, tag="device_done"):
    """What torch computes on."""

    job: JobId
    device: str  # "cuda", "mps" or "cpu"
    name: str  # "NVIDIA H100", "CPU, 8 threads"
    torch: str  # version
    memory: int  # bytes, of the device
    advice: str = ""  # for example how to get a build that uses the GPU


class FailureKind(Enum):
    """Why a job failed, where the window can offer something."""

    REFUSED = "refused"  # the request or its media; the sentence says what
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"  # the worker process died
    INTERNAL = "internal"  # a fault of the program


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The job came to nothing; everything else is as it was."""

    job: JobId
    sentence: str
    detail: str = ""  # traceback, for the details fold-out and for reports
    kind: FailureKind = FailureKind.INTERNAL


class Cancelled(msgspec.Struct, frozen=True, tag="cancelled"):
    """The job was stopped, or replaced by a newer draft."""

    job: JobId


Ending = Done | LiveDone | MusicDone | VideoDone | DeviceDone | Failed | Cancelled
Message = ProgressMessage | PreviewMessage | Done | LiveDone | MusicDone | VideoDone | DeviceDone | Failed | Cancelled


def _plain(value: object) -> object:
    """A numpy or torch scalar in a report as a Python number."""
    if callable(item := getattr(value, "item", None)):
        return item()
    raise TypeError(f"{type(value).__name__} cannot be sent")


_encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
_commands: msgspec.msgpack.Decoder[Command] = msgspec.msgpack.Decoder(Command)
_messages: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


def encode(message: Command | Message) -> bytes:
    """The bytes that cross."""
    return _encoder.encode(message)


def decode_command(data: bytes) -> Command:
    """Read what the client sent. Raises msgspec.DecodeError."""
    return _commands.decode(data)


def decode_message(data: bytes) -> Message:
    """Read what the worker sent. Raises msgspec.DecodeError."""
    return _messages.decode(data)
