"""Beats for the timeline: asks the engine once for each piece of music that nobody has listened to yet."""

from PySide6.QtCore import QObject, Signal

from genmo_studio.document.queries import find_media
from genmo_studio.engine import protocol
from genmo_studio.ui.jobs import JobController
from genmo_studio.ui.media_facts import MediaFacts, music_media
from genmo_studio.ui.panels.message_bar import Message, Severity
from genmo_studio.ui.project import Project
from genmo_studio.ui.timeline.art import MediaArt


class Listening(QObject):
    """Brings beats to the timeline, from the cache at once and otherwise from the engine, in the background."""

    status_changed = Signal(str)
    """What is being listened to; empty when nothing is."""
    message = Signal(object)
    """Message for the message bar."""

    def __init__(
        self, project: Project, *, facts: MediaFacts, jobs: JobController, art: MediaArt, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._project, self._facts, self._jobs, self._art = project, facts, jobs, art
        self._allowed = False
        self._asked: dict[int, str] = {}  # job -> hash
        self._beats: dict[str, tuple[float, ...]] = {}  # hash -> beats
        self._refused: set[str] = set()
        self._told: dict[str, str] = {}  # medium -> hash of the beats that the timeline has
        facts.arrived.connect(self.follow)
        jobs.other.connect(self._heard)

    def begin(self) -> None:
        """From now on the engine may be asked."""
        self._allowed = True
        self.follow()

    def beats(self, media: str) -> tuple[float, ...] | None:
        """Beats of a medium in source frames; None while nobody has listened to it."""
        fact = self._facts.fact(media)
        return None if fact is None else self._beats.get(fact.sha256)

    def follow(self) -> None:
        """Look at the music of the document."""
        for media in sorted(music_media(self._project.editor.document)):
            fact = self._facts.fact(media)
            if fact is None or fact.path is None:
                continue
            if fact.beats is not None:
                self._beats.setdefault(fact.sha256, fact.beats)
            if fact.sha256 in self._beats:
                self._tell(media, fact.sha256)
            elif self._allowed and fact.sha256 not in (*self._asked.values(), *self._refused):
                self._asked[self._jobs.submit(protocol.MusicWork(str(fact.path)))] = fact.sha256
                self.status_changed.emit(f"Listening to {self._name(media)}")

    def _tell(self, media: str, sha256: str) -> None:
        if self._told.get(media) != sha256:
            self._told[media] = sha256
            self._art.set_beats(media, self._beats[sha256])

    def _heard(self, message: object) -> None:
        job = getattr(message, "job", None)
        if job not in self._asked:
            return
        if isinstance(message, protocol.ProgressMessage):
            self.status_changed.emit(f"Listening to the music: {message.detail}")
            return
        if isinstance(message, protocol.PreviewMessage):
            return
        sha256 = self._asked.pop(job)
        if isinstance(message, protocol.MusicDone):
            self._beats[sha256] = tuple(float(beat) for beat in message.beats)
        else:
            self._refused.add(sha256)
        if isinstance(message, protocol.Failed):
            sentence = message.sentence[:1].upper() + message.sentence[1:]
            advice = "The timeline shows no beats for it; everything else works."
            self.message.emit(Message(sentence, advice, message.detail, Severity.WARNING))
        if not self._asked:
            self.status_changed.emit("")
        self.follow()

    def _name(self, media: str) -> str:
        found = find_media(self._project.editor.document, media)
        return found.name if found is not None else "the music"
