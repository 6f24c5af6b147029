"""The record of a request that a take keeps: enough to say what it was made from, and to make it again exactly.

The record is text: the request as JSON, compressed, in base 64. Media keep their file name and hash
but not their folder. A request with so many keys that its record would be too long keeps their frames only; then its
hash no longer fits, and ``is_whole`` says so. Records come from project files: reading one is bounded and never raises.
"""

import base64
import binascii
import zlib
from pathlib import PurePath

import msgspec

from genmo_studio.conditions.request import (
    GenerationRequest,
    MediaCondition,
    PoseCondition,
    WaypointCondition,
)
from genmo_studio.document.validation import MAX_REQUEST

MAX_JSON = 32 * 2**20
"""Bytes that a record may unpack to."""


def record_of(request: GenerationRequest) -> str:
    """The record, at most MAX_REQUEST characters; empty when even the shortened request is longer."""
    bare = msgspec.structs.replace(
        request,
        videos=tuple(_without_folder(medium) for medium in request.videos),
        music=tuple(_without_folder(medium) for medium in request.music),
    )
    frames_only = msgspec.structs.replace(
        bare,
        poses=tuple(PoseCondition(pose.frame) for pose in bare.poses),
        waypoints=tuple(WaypointCondition(point.frame) for point in bare.waypoints),
    )
    for candidate in (bare, frames_only):
        data = zlib.compress(msgspec.json.encode(candidate, order="deterministic"), 9)
        text = base64.b64encode(data).decode("ascii")
        if len(text) <= MAX_REQUEST:
            return text
    return ""


def read_record(text: str) -> GenerationRequest | None:
    """The request of a record; None when there is none or it cannot be read."""
    if not text or len(text) > MAX_REQUEST:
        return None
    try:
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.b64decode(text, validate=True), MAX_JSON)
        return None if unpacker.unconsumed_tail else msgspec.json.decode(data, type=GenerationRequest)
    except (binascii.Error, zlib.error, msgspec.MsgspecError, ValueError, RecursionError):
        return None


def is_whole(request: GenerationRequest, *, request_hash: str) -> bool:
    """True when the record holds everything that the take was made from."""
    return request.hash == request_hash


def _without_folder(medium: MediaCondition) -> MediaCondition:
    return msgspec.structs.replace(medium, path=PurePath(medium.path).name)
