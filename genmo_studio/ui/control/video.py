"""Videos to look at: the panel with the picture under the playhead, and the view through the video's camera.

The picture follows the playhead; while it is being decoded the one before stays. Through the camera the body is drawn
at the moment of the picture that is shown, so the two are never apart.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from genmo_studio.document.model import Document, TrackKind
from genmo_studio.media.video import Image
from genmo_studio.render.camera import VideoCamera
from genmo_studio.ui.camera_finder import Answer, CameraFinder, Sought
from genmo_studio.ui.control.base import Control, DockSpec, Slot
from genmo_studio.ui.panels.message_bar import Message, Severity
from genmo_studio.ui.panels.video_panel import VideoCaption, VideoPanel
from genmo_studio.ui.timeline.timecode import format_time
from genmo_studio.ui.video_frames import VideoFrames, VideoMoment, Wanted, video_at
from genmo_studio.ui.viewport.backdrop import CameraView, plain_camera
from genmo_studio.ui.viewport.camera_bar import CameraBar

if TYPE_CHECKING:
    from genmo_studio.ui.main_window import MainWindow

_AHEAD_PLAYING, _AHEAD_RESTING = 10, 2
_LATE = 15
"""Frames by which a decoded picture may be late and is still shown."""
_STEP = 0.1
_DRIFTS = 0.25  # m from which it is said


class VideoControl(Control):
    """Video panel and camera view."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self.frames = VideoFrames(parent=window)
        self.panel = VideoPanel(window.parts.theme)
        self.finder = CameraFinder(window.jobs, parent=window)
        viewport = window.viewport.viewport
        self.bar = None if viewport is None else CameraBar(viewport, window.parts.theme)
        kept = window.parts.settings.value("video/backdrop_opacity", 1.0, type=float)
        self._opacity = max(0.0, min(float(kept), 1.0))  # type: ignore[arg-type]  # Qt's stub says object
        self._now: VideoMoment | None = None
        self._wanted: Wanted | None = None
        self._shown: tuple[Wanted, int, Image] | None = None  # picture, its timeline frame
        self._frame_of: dict[Wanted, int] = {}
        self._looking = False
        self._aimed: Sought | None = None
        self._last_camera: VideoCamera | None = None

    def slots(self) -> dict[str, Slot]:
        """See Control."""
        return {
            "video.camera": lambda: self.set_camera_view(not self._looking),
            "video.fainter": lambda: self.set_opacity(self._opacity - _STEP),
            "video.stronger": lambda: self.set_opacity(self._opacity + _STEP),
        }

    def docks(self) -> tuple[DockSpec, ...]:
        """See Control."""
        return (DockSpec("video", "Video", self.panel, beside="takes"),)

    def connect(self) -> None:
        """See Control."""
        w = self.window
        w.session.playhead_changed.connect(self.follow)
        w.session.time_format_changed.connect(self.follow)
        w.transport.playing_changed.connect(self.follow)
        w.parts.facts.arrived.connect(self.follow)
        w.docks["video"].visibilityChanged.connect(self.follow)
        self.frames.arrived.connect(self._arrived)
        self.frames.failed.connect(self._failed)
        self.finder.found.connect(self._aim)
        viewport = w.viewport.viewport
        if viewport is not None and self.bar is not None:
            viewport.through_changed.connect(self._through_changed)
            viewport.painted.connect(self._painted)
            self.bar.set_opacity(self._opacity)
            self.bar.opacity_changed.connect(self.set_opacity)
            self.bar.left.connect(lambda: self.set_camera_view(False))
        self.follow()

    def document_changed(self, old: Document, new: Document) -> None:
        """See Control."""
        if old is new or old.tracks is not new.tracks or old.media is not new.media or old.id != new.id:
            if old.id != new.id:
                self.set_camera_view(False)
            self.follow()

    def close(self) -> None:
        """See Control."""
        self._looking = False
        self.frames.close()
        self.finder.close()

    # -- the picture ---------------------------------------------------------------------------------------------------

    def follow(self, *_: object) -> None:
        """Show what is under the playhead, now or as soon as it is decoded."""
        if not self._looking and not self.window.docks["video"].isVisible():
            return
        document, frame = self.window.editor.document, self.window.session.playhead
        self._now = video_at(document, frame)
        self._wanted = self._find(document)
        if self._wanted is not None:
            self._frame_of[self._wanted] = frame
            while len(self._frame_of) > 4 * _LATE:  # wishes that were overtaken never arrive
                self._frame_of.pop(next(iter(self._frame_of)))
            transport = self.window.transport
            ahead = _AHEAD_RESTING
            if transport.playing:
                ahead = _AHEAD_PLAYING if transport.speed > 0 else -_AHEAD_PLAYING
            image = self.frames.want(self._wanted, ahead=ahead)
            if image is not None:
                self._show(self._wanted, frame, image)
        if self._wanted is None or self._shown is None:
            self._aim()

    def _find(self, document: Document) -> Wanted | None:
        """The wanted picture; None, and a sentence in the panel, when there is none."""
        now = self._now
        if now is None:
            films = any(track.kind is TrackKind.VIDEO and track.items for track in document.tracks)
            if films:
                self._say("No video here", "The playhead is not on a video clip.")
            else:
                self._say("No video in this project", "Drop a film on the timeline to see it here.")
            return None
        fact = None if now.media is None else self.window.parts.facts.fact(now.clip.media)
        name = now.media.name if now.media is not None else "The video"
        if now.media is not None and fact is None:
            self._say(f"Reading {name}", "")
            return None
        if fact is None or fact.path is None:
            self._say(f"{name} was not found", "Its clip stays as it is; relink the file to see it again.")
            return None
        return Wanted(fact.path, now.frame, document.fps)

    def _say(self, head: str, advice: str) -> None:
        self._shown = None
        self._frame_of.clear()
        self.panel.show_sentence(head, advice)

    def _show(self, wanted: Wanted, frame: int, image: Image) -> None:
        self._shown = (wanted, frame, image)
        self._frame_of.pop(wanted, None)
        document = self.window.editor.document
        now = self._now
        time = format_time(wanted.frame, fps=document.fps, style=self.window.session.time_format)
        name = now.media.name if now is not None and now.media is not None else wanted.path.name
        self.panel.show_image(image, VideoCaption(name, f"frame {wanted.frame}  {time}"))
        self._aim()

    def _arrived(self, wanted: Wanted) -> None:
        image = self.frames.get(wanted)
        if image is None or self._wanted is None or wanted.path != self._wanted.path:
            return
        frame = self._frame_of.get(wanted)
        if wanted == self._wanted:
            self._show(wanted, self.window.session.playhead, image)
        elif frame is not None and abs(frame - self.window.session.playhead) <= _LATE:
            self._show(wanted, frame, image)  # late, but nearer than what is shown

    def _failed(self, wanted: Wanted, sentence: str) -> None:
        if wanted == self._wanted:
            self._say(sentence, "The clip stays as it is.")
            self._aim()

    # -- through the camera --------------------------------------------------------------------------------------------

    @property
    def looking(self) -> bool:
        """True while the viewport looks through a video's camera."""
        return self._looking

    def set_camera_view(self, on: bool) -> None:
        """Look through the camera of the video under the playhead, or with one's own again."""
        viewport = self.window.viewport.viewport
        if viewport is None or self.bar is None:
            self._refuse("There is no 3D view on this machine to look through the video's camera.", "")
            return
        if on and video_at(self.window.editor.document, self.window.session.playhead) is None:
            self._refuse(
                "There is no video at the playhead to look through.", "Move the playhead onto a video clip first."
            )
            return
        self._looking = on
        self.window.actions_by_id["video.camera"].setChecked(on)
        self.bar.setVisible(on)
        if on:
            self.follow()
            self._aim()
        else:
            self._last_camera = None
            viewport.look_back()

    def set_opacity(self, opacity: float) -> None:
        """Of the video behind the body, 0 to 1."""
        self._opacity = max(0.0, min(opacity, 1.0))
        self.window.parts.settings.setValue("video/backdrop_opacity", self._opacity)
        if self.bar is not None:
            self.bar.set_opacity(self._opacity)
        self._aim()

    def _refuse(self, sentence: str, advice: str) -> None:
        self.window.actions_by_id["video.camera"].setChecked(self._looking)
        self.window.post(Message(sentence, advice, severity=Severity.INFO))

    def _through_changed(self, through: bool) -> None:
        if not through and self._looking:  # one's own camera was moved
            self.set_camera_view(False)

    def _painted(self) -> None:
        """The motion may be another one (a take that is compared, another body), and the camera with it."""
        if self._looking and self.bar is not None:
            sought = self._sought()
            if sought is not None and not sought.same(self._aimed):
                self._aimed = sought
                QTimer.singleShot(0, self.bar, self._aim)

    def _sought(self) -> Sought | None:
        now, wanted = self._now, self._wanted
        fact = None if now is None else self.window.parts.facts.fact(now.clip.media)
        if now is None or wanted is None or fact is None:
            return None
        picture = self.window.picture
        shown = self.window.stage.shown if picture.previewing else picture.shown
        return Sought(now.clip, wanted.path, fact.sha256, wanted.fps, shown, picture.body)

    def _aim(self) -> None:
        """Give the viewport what it sees through the camera."""
        viewport = self.window.viewport.viewport
        if not self._looking or viewport is None or self.bar is None:
            return
        self._aimed = self._sought()
        answer = None if self._aimed is None else self.finder.ask(self._aimed)
        image, moment = None, float(self.window.session.playhead)
        if self._shown is not None:
            _, frame, image = self._shown
            moment = float(frame)
        camera = None
        if answer is not None and answer.camera is not None:
            camera = self._last_camera = answer.camera.at(moment)
        body = camera is not None or (self._last_camera is not None and answer is None)
        camera = camera or self._last_camera or plain_camera(image)
        if camera is not None:
            viewport.look_through(CameraView(camera, moment, image, self._opacity, body))
        self.bar.say(self._sentence(answer))
        self.bar.setVisible(True)

    def _sentence(self, answer: Answer | None) -> str:
        name = "the video" if self._now is None or self._now.media is None else self._now.media.name
        if self._wanted is None:
            return self.panel.sentence or "No video here"
        if answer is None:
            return f"{self.finder.progress or 'Finding the camera'} …"
        if answer.camera is None:
            return answer.why
        fitted = answer.camera.fitted
        apart = f", drifts {fitted.drift:.1f} m" if fitted.drift >= _DRIFTS else ""
        return f"{name}: body {fitted.error:.0f} px from the person{apart}"
