"""Posing and drawing the free body: numpy skinning, the sums written out plainly, and the renderer's vertex shader.

python benchmarks/bench_skinning.py [--frames 60] [--size 1280x720]
"""

import argparse

import machine
import numpy as np


def plain_skin(body, motion):
    """Linear blend skinning as the textbook writes it: every vertex, every joint. The reference."""
    from genmo_studio.motion.body import forward_kinematics
    from genmo_studio.motion.rotations import matrix_from_rotvec

    rest = body.rest_joints(motion.betas)
    turns, places = forward_kinematics(matrix_from_rotvec(motion.rotations), rest, motion.translation)
    moved = body.shaped(motion.betas)[None, :, None] - rest[None, None]  # (1, V, 24, 3)
    return np.stack(
        [
            np.einsum("vj,jab,vjb->va", body.weights, turn, moved[0]) + body.weights @ place
            for turn, place in zip(turns, places, strict=True)
        ]
    )


def drawn(body, motion, size) -> dict[str, object]:
    """The same body skinned on the GPU (or llvmpipe) and read back, frame after frame."""
    from genmo_studio.render.egl import NoContextError
    from genmo_studio.render.motion_scene import MotionScene
    from genmo_studio.render.offscreen import OffscreenContext

    try:
        context = OffscreenContext()
    except NoContextError as error:
        return {"not_measured": str(error)}
    with context:
        scene = MotionScene(body, motion)
        camera = scene.camera(aspect=size[0] / size[1])
        frames = iter(range(10**9))

        def work() -> None:
            context.render(scene.at(next(frames) % len(motion)), camera, *size)

        time = machine.seconds(work, repeats=20, warm_up=3)
        return {
            "driver": context.description(),
            "size": list(size),
            "milliseconds_a_frame": {name: round(value * 1e3, 2) for name, value in time.items()},
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--size", default="1280x720")
    options = parser.parse_args()
    from genmo_studio.motion.body import load_body, skin
    from genmo_studio.motion.motion import Motion

    body = load_body("genmo-free")
    rng = np.random.default_rng(0)
    rotations = rng.normal(0.0, 0.3, (options.frames, 24, 3)).astype(np.float32)
    motion = Motion(rotations=rotations, translation=np.zeros((options.frames, 3), np.float32))
    difference = float(np.abs(skin(body, motion) - plain_skin(body, motion)).max())
    assert difference < 1e-4, f"skinning disagrees with the plain sums by {difference} m"
    ours = machine.seconds(lambda: skin(body, motion), repeats=5, warm_up=1)
    plain = machine.seconds(lambda: plain_skin(body, motion), repeats=3, warm_up=1)
    width, height = map(int, options.size.split("x"))
    machine.report(
        "skinning",
        {
            "machine": machine.machine(),
            "vertices": len(body.v_template),
            "frames": options.frames,
            "numpy_milliseconds_a_frame": round(ours["best"] * 1e3 / options.frames, 3),
            "plain_milliseconds_a_frame": round(plain["best"] * 1e3 / options.frames, 3),
            "largest_difference_m": difference,
            "drawn": drawn(body, motion, (width, height)),
        },
    )


if __name__ == "__main__":
    main()
