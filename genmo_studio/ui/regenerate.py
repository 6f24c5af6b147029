"""Making a take again from the record that it keeps, and telling whether it is the same.

The request goes to the worker as it was; nothing of the present timeline enters. Equal bytes are said to be identical.
Otherwise what differs is named: weights, device, or else the machine and its libraries, with the size of the
difference, and the new motion is kept as another take.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import numpy as np

from genmo_studio.conditions.record import is_whole, read_record
from genmo_studio.conditions.request import GenerationRequest, MediaCondition
from genmo_studio.document.edits import new_id
from genmo_studio.document.model import Document, Take
from genmo_studio.engine import protocol
from genmo_studio.motion.body import Body, joint_positions
from genmo_studio.motion.motion import Motion

LocateHash = Callable[[str], str | None]
"""SHA-256 of a medium -> its path, None when it is not at hand."""


class NotRepeatableError(ValueError):
    """Why a take cannot be made again exactly: one sentence."""


class Repeated(msgspec.Struct, frozen=True):
    """How making a take again came out."""

    identical: bool
    sentence: str
    take: Take | None = None
    """The new take, when it is another one"""


def request_again(take: Take, locate: LocateHash, *, base: bytes = b"") -> GenerationRequest:
    """The request of a take, with the folders of its media as they are now. NotRepeatableError with one sentence.

    ``base`` is the motion that a regeneration started from.
    """
    request = read_record(take.request)
    if request is None:
        raise NotRepeatableError(
            f"“{take.name}” was made by a version that did not keep what it was made from, so it cannot be made again."
        )
    if not is_whole(request, request_hash=take.request_hash):
        raise NotRepeatableError(
            f"“{take.name}” was made from more keys than its record can hold, so it cannot be made again exactly."
        )
    if request.regeneration is not None and hashlib.sha256(base).hexdigest() != request.regeneration.base:
        raise NotRepeatableError(
            f"“{take.name}” was made anew from a motion that the project no longer holds, so it cannot be made again."
        )
    return msgspec.structs.replace(
        request,
        videos=tuple(_found(medium, take, locate) for medium in request.videos),
        music=tuple(_found(medium, take, locate) for medium in request.music),
    )


def _found(medium: MediaCondition, take: Take, locate: LocateHash) -> MediaCondition:
    path = locate(medium.sha256)
    if path is None:
        raise NotRepeatableError(
            f"“{take.name}” was made from “{medium.path}”, which is not in the project as it was then; "
            "add the same file again to make the take again."
        )
    return msgspec.structs.replace(medium, path=path)


def compare_again(take: Take, old: Motion | None, done: protocol.Done, body: Body) -> Repeated:
    """Whether the worker made the same motion, and if not, what differs."""
    blob = hashlib.sha256(done.motion).hexdigest()
    if blob == take.blob:
        return Repeated(identical=True, sentence=f"{take.name} was made again: identical, bit for bit.")
    model_hash, device = str(done.report.get("model_hash", "")), str(done.report.get("device", ""))
    reasons = []
    if take.model_hash and model_hash and model_hash != take.model_hash:
        reasons.append("the model has other weights now")
    if device and device != take.device:
        reasons.append(f"it was made on {take.device} and now on {device}")
    if not reasons:
        reasons.append("another machine or other versions of its libraries compute slightly different numbers")
    size = _difference(old, Motion.from_bytes(done.motion), body)
    again = msgspec.structs.replace(
        take,
        id=new_id(),
        name=f"{take.name} again",
        blob=blob,
        device=device or take.device,
        model_hash=model_hash,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        favourite=False,
    )
    sentence = f"{take.name} was made again and is not identical: {', and '.join(reasons)}{size}."
    return Repeated(identical=False, sentence=sentence, take=again)


def _difference(old: Motion | None, new: Motion, body: Body) -> str:
    if old is None or len(old) != len(new):
        return ""
    distance = np.linalg.norm(joint_positions(old, body) - joint_positions(new, body), axis=-1)
    return f" (joints are up to {1000 * float(distance.max()):.2g} mm apart)"


def media_by_hash(document: Document, locate: Callable[[str], tuple[str, str]]) -> LocateHash:
    """Finds media of the document by content. ``locate``: media id -> (path, SHA-256), LookupError when missing."""
    found: dict[str, str] = {}
    for media in document.media:
        try:
            path, sha256 = locate(media.id)
        except (LookupError, OSError):
            continue
        found[sha256] = path
    return found.get
