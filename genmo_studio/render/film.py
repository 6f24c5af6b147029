"""A motion as a film: pictures frame by frame, and the encoded video file with its sound.

``film_frames`` draws; ``encode_film`` writes H.264 (and AAC); ``render_motion`` does both and is what exports and the
command line call. Everything runs without a display.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from genmo_studio.conditions.progress import Progress
from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion
from genmo_studio.render.camera import Camera, Size, View
from genmo_studio.render.motion_scene import Display, MotionScene, fitted
from genmo_studio.render.offscreen import GLContext, OffscreenContext

CameraPath = View | Callable[[int], View]
"""One camera for all frames, or a camera for each frame number."""

ENCODERS = ("libx264", "libopenh264", "h264_videotoolbox", "h264_mf", "mpeg4")
"""In order of preference; the last is in every build of FFmpeg."""
SOUND_RATE = 48_000
_STAY = 3.2  # m: a motion that keeps within this is filmed by a camera that stands still
_MAX_SOUND_CHANNELS = 2


class FilmError(RuntimeError):
    """The film cannot be made; the message is one sentence for the user."""


def film_camera(scene: MotionScene, *, aspect: float) -> CameraPath:
    """A camera that stands still for a motion on the spot, and otherwise goes with the body, smoothed over a second."""
    places = scene.motion.translation.astype(np.float64) * [1.0, 0.0, 1.0]
    if float(np.ptp(places, axis=0).max()) <= _STAY:
        return scene.camera(aspect=aspect)
    sigma = 0.5 * scene.motion.fps
    reach = int(3 * sigma)
    kernel = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / sigma))
    kernel /= kernel.sum()
    padded = np.concatenate([np.repeat(places[:1], reach, 0), places, np.repeat(places[-1:], reach, 0)])
    smooth = np.stack([np.convolve(padded[:, axis], kernel, mode="valid") for axis in range(3)], axis=1)
    tall = float(np.ptp(scene.mesh.vertices[:, 1]))
    box = np.array([[x, y, z] for x in (-0.9, 0.9) for y in (0.0, tall * 1.1) for z in (-0.9, 0.9)])
    base = fitted(Camera(), box, aspect=aspect)

    def at(frame: int) -> View:
        return base.looking_at(base.focus_point() + smooth[min(max(frame, 0), len(smooth) - 1)])

    return at


def film_frames(
    motion: Motion,
    body: Body,
    *,
    size: Size,
    camera: CameraPath | None = None,
    display: Display | None = None,
    frames: Iterable[int] | None = None,
    context: OffscreenContext | None = None,
    make_context: Callable[[], GLContext] | None = None,
) -> Generator[NDArray[np.uint8], None, None]:
    """(H, W, 3) pictures of the motion's frames, in order. Raises egl.NoContextError where nothing can be drawn.

    Draws with ``context``, or one made by ``make_context`` or EGL for the time of the film.
    """
    if context is None:
        with OffscreenContext(make_context() if make_context else None) as own:
            yield from film_frames(motion, body, size=size, camera=camera, display=display, frames=frames, context=own)
        return
    scene = MotionScene(body, motion)
    display = display or Display(contacts=False)  # an editing aid, not part of a film
    path = camera if camera is not None else film_camera(scene, aspect=size[0] / size[1])
    for frame in range(len(motion)) if frames is None else frames:
        view = path(frame) if callable(path) else path
        yield context.render(scene.at(frame, display), view, *size)


def even(size: Size) -> Size:
    """The size with odd sides made one pixel longer: video chroma needs even sides."""
    return size[0] + size[0] % 2, size[1] + size[1] % 2


def encode_film(
    pictures: Iterable[NDArray[np.uint8]],
    path: Path,
    *,
    size: Size,
    fps: float,
    frames: int,
    sound: tuple[NDArray[np.float32], int] | None = None,
    title: str = "",
) -> Iterator[Progress]:
    """Write ``frames`` pictures of ``size`` (even sides) to ``path`` (.mp4), with sound (samples (N, C), Hz).

    Raises FilmError with one sentence when the file cannot be encoded.
    """
    rate = Fraction(fps).limit_denominator(1001)
    try:
        with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
            if title:
                container.metadata["title"] = title
            stream = _video_stream(container, rate=rate, size=size)
            track = None if sound is None else _SoundTrack(container, *sound, seconds=frames / fps)
            for number, picture in enumerate(pictures):
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
                frame.pts, frame.time_base = number, 1 / rate
                container.mux(stream.encode(frame))
                if track is not None:
                    track.write(until=(number + 1) / fps)
                yield Progress("rendering the video", (number + 1) / frames, f"frame {number + 1} of {frames}")
            container.mux(stream.encode(None))
            if track is not None:
                track.finish()
    except (av.FFmpegError, OSError) as error:
        raise FilmError(f"The video could not be encoded: {error}.") from error


def _video_stream(container: Any, *, rate: Fraction, size: Size) -> Any:
    for name in ENCODERS:
        if name not in av.codecs_available:
            continue
        try:
            stream = container.add_stream(name, rate=rate)
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            stream.time_base = 1 / rate
            context = stream.codec_context
            context.color_primaries = context.color_trc = context.colorspace = 1  # BT.709
            context.color_range = 1  # 16..235
            if name == "libx264":
                stream.options = {"crf": "18", "preset": "veryfast"}
            else:
                stream.bit_rate = max(2_000_000, int(size[0] * size[1] * float(rate) * 0.15))
            return stream
        except (av.FFmpegError, ValueError):
            continue
    raise FilmError("No video encoder was found in PyAV's FFmpeg; reinstall the package av.")


class _SoundTrack:
    """AAC that is fed in step with the pictures, so that the file is interleaved."""

    def __init__(self, container: Any, samples: NDArray[np.float32], rate: int, *, seconds: float) -> None:
        if samples.ndim != 2 or not 1 <= samples.shape[1] <= _MAX_SOUND_CHANNELS or rate < 1:
            raise FilmError(f"Sound must be (samples, 1 or 2 channels), not {samples.shape} at {rate} Hz.")
        layout = "mono" if samples.shape[1] == 1 else "stereo"
        self._container = container
        self._stream = container.add_stream("aac", rate=SOUND_RATE, layout=layout)
        self._stream.bit_rate = 192_000
        self._rate, self._layout = rate, layout
        length = round(seconds * rate)
        clipped = np.clip(np.nan_to_num(samples[:length]), -1.0, 1.0).astype(np.float32)
        self._samples = np.pad(clipped, ((0, length - len(clipped)), (0, 0)))
        self._written = 0
        self._resampler = av.AudioResampler(format="fltp", layout=layout, rate=SOUND_RATE)

    def write(self, *, until: float) -> None:
        """Encode up to ``until`` seconds."""
        stop = min(round(until * self._rate), len(self._samples))
        if stop <= self._written:
            return
        part = np.ascontiguousarray(self._samples[self._written : stop].T)
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=self._layout)
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._written, Fraction(1, self._rate)
        self._written = stop
        self._encode(frame)

    def _encode(self, frame: Any) -> None:
        for resampled in self._resampler.resample(frame):
            self._container.mux(self._stream.encode(resampled))

    def finish(self) -> None:
        """Encode the rest and flush."""
        self.write(until=len(self._samples) / self._rate + 1.0)
        self._encode(None)
        self._container.mux(self._stream.encode(None))


def render_motion(
    motion: Motion,
    body: Body,
    path: Path,
    *,
    size: Size = (1280, 720),
    camera: CameraPath | None = None,
    display: Display | None = None,
    sound: tuple[NDArray[np.float32], int] | None = None,
    title: str = "",
    make_context: Callable[[], GLContext] | None = None,
) -> Iterator[Progress]:
    """Draw a motion off-screen and write it to ``path`` (.mp4), directly: exports add the atomic replacement.

    Raises FilmError or egl.NoContextError with one sentence.
    """
    if not len(motion):
        raise FilmError("There is nothing to render: the motion has no frames.")
    size = even(size)
    pictures = film_frames(motion, body, size=size, camera=camera, display=display, make_context=make_context)
    with closing(pictures):
        yield from encode_film(pictures, path, size=size, fps=motion.fps, frames=len(motion), sound=sound, title=title)
