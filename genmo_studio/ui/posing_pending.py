"""All unkeyed poses together: what leaving a project asks about (KF3)."""

from genmo_studio.document.edits import new_id
from genmo_studio.document.model import Document, TrackKind
from genmo_studio.ui import posing_keys as keys
from genmo_studio.ui.posing import Posing


class PendingPoses:
    """The unkeyed poses of a session as one thing."""

    def __init__(self, posing: Posing) -> None:
        self._posing = posing

    @property
    def pending(self) -> tuple[int, ...]:
        """Frames of the poses, in order; a drag that goes on is ended where it is."""
        self._posing.end_edit()
        return tuple(sorted(self._posing.unkeyed))

    def key_all(self) -> None:
        """Key all of them in one step. EditError when it cannot be done; all are kept then.

        Each becomes what Set Pose Key would make of it: a limb key when only selected limbs were changed, else a key of
        the whole body.
        """
        posing, frames = self._posing, self.pending
        if not frames:
            return
        poses = [posing.unkeyed[frame] for frame in frames]
        made = [posing.new_key(u.pose, u.frame, posing.part_of(u.touched), key_id=new_id()) for u in poses]
        tracks = {kind: new_id() for kind in TrackKind}

        def apply(document: Document) -> Document:
            for key, kind in made:
                document = keys.put_key(document, key, kind, track_id=tracks[kind])(document)
            return document

        posing.editor.edit("Set Key" if len(made) == 1 else f"Set {len(made)} Keys", apply, select=None)
        posing.forget_unkeyed(frames)
        posing.refresh()

    def discard_all(self) -> None:
        """Let all of them go."""
        if self._posing.unkeyed:
            self._posing.forget_unkeyed(self.pending)
            self._posing.refresh()
