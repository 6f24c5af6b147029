"""A strip of poses side by side in one picture, for judging a motion at a glance.

``python -m genmo_studio.render.strip motion.npz out.png`` draws a take blob (``Motion.to_bytes``).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genmo_studio.motion.arrays import evenly
from genmo_studio.motion.body import Body, load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.render.camera import Camera
from genmo_studio.render.motion_scene import Display, MotionScene, fitted
from genmo_studio.render.offscreen import OffscreenContext
from genmo_studio.render.png import png_bytes

_PAD = (-0.1, 0.1)  # m of flesh around a joint


def spread_frames(length: int, count: int) -> list[int]:
    """``count`` frames spread evenly from the first to the last."""
    return [int(frame) for frame in evenly(0, max(length - 1, 0), count)]


def render_strip(
    motion: Motion,
    body: Body,
    *,
    frames: Sequence[int],
    width_each: int = 200,
    height: int = 360,
    camera: Camera | None = None,
    context: OffscreenContext | None = None,
    display: Display | None = None,
) -> NDArray[np.uint8]:
    """(height, width_each * frames, 3): one panel a frame, each framed on its own pose from the same direction.

    ``camera`` gives direction and field of view. ``context`` is used if given; otherwise one is made and closed.
    Raises egl.NoContextError where nothing can be drawn.
    """
    if not frames:
        raise ValueError("a strip needs at least one frame")
    if context is None:
        with OffscreenContext() as own:
            return render_strip(
                motion, body, frames=frames, width_each=width_each, height=height, camera=camera, context=own,
                display=display,
            )  # fmt: skip
    scene = MotionScene(body, motion)
    poses = np.stack([scene.joints(frame) for frame in frames])
    # All panels share one framing, so that sizes compare; it goes along with the body over the floor.
    middles = poses.mean(axis=1) * [1.0, 0.0, 1.0]
    clouds = [poses - middles[:, None] + [x, y, z] for x in _PAD for y in (-0.04, 0.2) for z in _PAD]
    cloud = np.concatenate([np.concatenate(clouds).reshape(-1, 3), np.zeros((1, 3))])
    shared = fitted(camera or Camera(), cloud, aspect=width_each / height, margin=1.04)
    panels = []
    for frame, middle in zip(frames, middles, strict=True):
        view = shared.looking_at(shared.focus_point() + middle)
        panels.append(context.render(scene.at(frame, display), view, width_each, height))
    return np.ascontiguousarray(np.concatenate(panels, axis=1))


def main(argv: Sequence[str] | None = None) -> int:
    """Command line of this module."""
    parser = argparse.ArgumentParser(prog="python -m genmo_studio.render.strip", description=__doc__.split("\n")[0])
    parser.add_argument("motion", type=Path, help="take blob (.npz)")
    parser.add_argument("picture", type=Path, help="PNG to write; an existing file is replaced")
    parser.add_argument("--poses", type=int, default=10, help="how many poses (default 10)")
    parser.add_argument("--width", type=int, default=200, help="pixels a pose (default 200)")
    parser.add_argument("--height", type=int, default=360, help="pixels (default 360)")
    parser.add_argument("--body", default="", help="SMPL body file; default: the one the motion names")
    options = parser.parse_args(argv)
    motion = Motion.from_bytes(options.motion.read_bytes())
    frames = spread_frames(len(motion), options.poses)
    picture = render_strip(
        motion, load_body(options.body or motion.body), frames=frames, width_each=options.width, height=options.height
    )
    options.picture.write_bytes(png_bytes(picture))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
