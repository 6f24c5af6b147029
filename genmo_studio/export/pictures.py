"""Pictures of a motion: .mp4 with sound and .png, drawn off-screen by the studio's renderer."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from genmo_studio.conditions.progress import Progress
from genmo_studio.export.files import require_writable, whole_file
from genmo_studio.export.options import ExportError, ExportOptions, Frames, require_exportable
from genmo_studio.motion.body import Body
from genmo_studio.motion.motion import Motion
from genmo_studio.render.egl import NoContextError
from genmo_studio.render.film import FilmError, film_frames, render_motion
from genmo_studio.render.offscreen import MAX_SIDE
from genmo_studio.render.png import png_bytes

MIN_SIDE = 16


def export_mp4(motion: Motion, body: Body, path: Path, options: ExportOptions) -> Iterator[Progress | Path]:
    """Write an H.264 video, with the sound if one is given."""
    require_exportable(motion, format_name=".mp4")
    _require_size(options)
    sound = None if options.sound is None else (options.sound.samples, options.sound.rate)
    try:
        with whole_file(path, existing=options.existing) as temporary:
            yield from render_motion(
                motion,
                body,
                temporary,
                size=options.size,
                camera=options.camera,
                sound=sound,
                title=options.name,
                make_context=options.make_context,
            )
    except (FilmError, NoContextError) as error:
        raise ExportError(str(error)) from error
    yield path


def export_png(motion: Motion, body: Body, path: Path, options: ExportOptions) -> Iterator[Progress | Path]:
    """Write one picture, or one for each frame with the frame's number before the suffix."""
    require_exportable(motion, format_name=".png")
    _require_size(options)
    if options.frames is Frames.SINGLE:
        if not 0 <= options.frame < len(motion):
            raise ExportError(
                f"Frame {options.frame} is outside the motion's {len(motion)} frames; no picture written."
            )
        targets = {options.frame: path}
    else:
        digits = max(5, len(str(len(motion) - 1)))
        targets = {
            frame: path.with_name(f"{path.stem}_{frame:0{digits}d}{path.suffix}") for frame in range(len(motion))
        }
    for target in targets.values():
        require_writable(target, existing=options.existing)
    yield Progress("rendering pictures", 0.0)
    try:
        drawn = film_frames(
            motion,
            body,
            size=options.size,
            camera=options.camera,
            frames=list(targets),
            make_context=options.make_context,
        )
        with closing(drawn) as pictures:
            for number, (target, picture) in enumerate(zip(targets.values(), pictures, strict=True)):
                with whole_file(target, existing=options.existing) as temporary:
                    temporary.write_bytes(png_bytes(picture))
                yield Progress("rendering pictures", (number + 1) / len(targets), f"{number + 1} of {len(targets)}")
    except NoContextError as error:
        raise ExportError(str(error)) from error
    yield from targets.values()


def _require_size(options: ExportOptions) -> None:
    width, height = options.size
    if not (MIN_SIDE <= width <= MAX_SIDE and MIN_SIDE <= height <= MAX_SIDE):
        raise ExportError(
            f"A picture of {width} x {height} pixels cannot be made; sides go from {MIN_SIDE} to {MAX_SIDE}."
        )
