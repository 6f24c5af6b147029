"""The present result without tweaks, put together once for as long as takes and result stay the same."""

from collections.abc import Callable, Mapping

from genmo_studio.conditions.result import ShownMotion, assemble_result
from genmo_studio.document.model import Document
from genmo_studio.document.queries import find_take
from genmo_studio.motion.motion import Motion

MotionReader = Callable[[str], Motion | None]
"""Blob -> its motion, None when it is not there or cannot be read."""


class PresentResult:
    """What a regeneration starts from."""

    def __init__(self, read: MotionReader) -> None:
        self._read = read
        self._of: tuple[object, object] | None = None
        self._shown: ShownMotion | None = None

    def __call__(self, document: Document) -> ShownMotion | None:
        """The result of a document; None when there is none."""
        if self._of is None or self._of[0] is not document.takes or self._of[1] is not document.result:

            def read(take_id: str) -> Motion | None:
                take = find_take(document, take_id)
                return None if take is None else self._read(take.blob)

            self._of = document.takes, document.result
            self._shown = assemble_result(document, read, tweaked=False)
        return self._shown


def reader_of(store: Mapping[str, bytes]) -> MotionReader:
    """Reads motions from their bytes."""

    def read(blob: str) -> Motion | None:
        data = store.get(blob)
        try:
            return None if data is None else Motion.from_bytes(data)
        except ValueError:
            return None

    return read
