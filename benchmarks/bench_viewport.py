"""The default body in the viewport at 1280 x 720: the real window, the renderer alone, and what others take for it.

python benchmarks/bench_viewport.py [--aitviewer PYTHON | --install-aitviewer]

Reported in one run: the window's viewport while it plays (picture to picture, with everything that is painted over it);
the renderer off-screen with a resting camera, with one that follows, and turning about a body at rest; a plain PyOpenGL
program that skins in numpy and uploads the vertices; and aitviewer's renderer drawing the same meshes, with the Python
of an environment that has it, or one made for this run in a temporary folder. Without a screen an Xvfb is started.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import machine
import numpy as np
from screen import screen

from genmo_studio.values import replace

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from genmo_studio.motion.body import Body
    from genmo_studio.motion.motion import Motion
    from genmo_studio.render.camera import Camera
    from genmo_studio.render.offscreen import OffscreenContext

SIZE = (1280, 720)
BUDGET_FPS = 30.0
PLAYED_S = 5.0
"""Seconds that are played; the sample has more."""
FEWEST = 20
"""Pictures below which nothing can be said."""
HERE = Path(__file__).resolve().parent


def walk(frames: int = 90) -> "tuple[Body, Motion]":
    """A body that swings arms and legs and goes forward at 1 m/s."""
    from genmo_studio.motion.body import load_body
    from genmo_studio.motion.motion import Motion
    from genmo_studio.motion.skeleton import INDEX

    body = load_body("genmo-free")
    swing = np.sin(np.arange(frames) * 2 * np.pi / 30)
    rotations = np.zeros((frames, 24, 3), np.float32)
    for name, axis, size in (("left_hip", 0, -0.5), ("right_hip", 0, 0.5), ("left_shoulder", 1, -0.5)):
        rotations[:, INDEX[name], axis] = size * swing
    rotations[:, INDEX["left_shoulder"], 2], rotations[:, INDEX["right_shoulder"], 2] = -1.1, 1.1
    translation = np.zeros((frames, 3), np.float32)
    translation[:, 1] = -float(body.v_template[:, 1].min())
    translation[:, 2] = np.arange(frames) / 30
    contacts = np.zeros((frames, 6), np.float32)
    contacts[:, 0] = swing > 0
    return body, Motion(rotations, translation, contacts=contacts)


def timed(draw: Callable[[int], None], finish: Callable[[], None], *, pictures: int = 60) -> dict[str, float]:
    """Median and best ms a picture, and pictures a second at the median."""
    times = []
    for number in range(pictures + 10):
        finish()
        began = time.perf_counter()
        draw(number)
        finish()
        times.append((time.perf_counter() - began) * 1e3)
    kept = np.array(times[10:])
    median = float(np.median(kept))
    return {"median_ms": round(median, 2), "best_ms": round(float(kept.min()), 2), "median_fps": round(1e3 / median, 1)}


def off_screen() -> dict[str, object]:
    """The renderer alone, into a framebuffer without multisampling, as the window uses it on a processor."""
    from genmo_studio.render.camera import Camera
    from genmo_studio.render.motion_scene import MotionScene
    from genmo_studio.render.offscreen import OffscreenContext

    body, motion = walk()
    with OffscreenContext(samples=0) as context:
        context.render(MotionScene(body, motion).at(0), Camera(), *SIZE)
        renderer, target = context._renderer, context._targets[0].id
        finish = context._gl.GL.glFinish
        scene, camera = MotionScene(body, motion), Camera(target=(0.0, 0.95, 1.5), distance=5.0)

        def draw(seen: Camera, frame: int) -> None:
            renderer.draw(scene.at(frame % len(motion)), seen, size=SIZE, framebuffer=target)

        def follow(number: int) -> None:
            z = float(motion.translation[number % len(motion), 2])
            draw(replace(camera, target=(0.0, 0.95, z)), number)

        found: dict[str, object] = {
            "driver": context.description(),
            "plays_camera_rests": timed(lambda n: draw(camera, n), finish),
            "plays_camera_follows": timed(follow, finish),
            "rests_camera_turns": timed(lambda n: draw(camera.orbit(yaw=0.02 * n, pitch=0.0), 5), finish),
        }
        found["plain_pyopengl"] = plain(context, body, motion, camera)
        return found


def plain(context: "OffscreenContext", body: "Body", motion: "Motion", camera: "Camera") -> dict[str, object]:
    """The reference without any art: numpy skins, vertices and normals are uploaded, one flat light, no floor."""
    from genmo_studio.motion.body import skin
    from genmo_studio.render import gl
    from genmo_studio.render.mesh import vertex_normals

    sources = (
        (gl.GL.GL_VERTEX_SHADER, "#version 330 core\nlayout(location=0) in vec3 p; layout(location=1) in vec3 n;"
         "uniform mat4 m; out vec3 v; void main() { v = n; gl_Position = m * vec4(p, 1.0); }"),
        (gl.GL.GL_FRAGMENT_SHADER, "#version 330 core\nin vec3 v; out vec4 c;"
         "void main() { c = vec4(vec3(0.2 + 0.7 * max(dot(normalize(v), vec3(0.35, 0.84, 0.42)), 0.0)), 1.0); }"),
    )  # fmt: skip
    program = int(gl.GL.glCreateProgram())
    for kind, text in sources:
        shader = int(gl.GL.glCreateShader(kind))
        gl.GL.glShaderSource(shader, text)
        gl.GL.glCompileShader(shader)
        gl.GL.glAttachShader(program, shader)
    gl.GL.glLinkProgram(program)
    array = gl.VertexArray(body.faces)
    matrix = np.asarray(camera.projection_matrix(SIZE) @ camera.view_matrix(), np.float32)

    def draw(number: int) -> None:
        frame = number % len(motion)
        vertices = skin(body, motion.sliced(frame, frame + 1))[0]
        array.attribute(0, vertices)
        array.attribute(1, vertex_normals(vertices, body.faces))
        context._targets[0].bind()
        gl.GL.glViewport(0, 0, *SIZE)
        gl.GL.glClear(gl.GL.GL_COLOR_BUFFER_BIT | gl.GL.GL_DEPTH_BUFFER_BIT)
        gl.GL.glEnable(gl.GL.GL_DEPTH_TEST)
        gl.GL.glUseProgram(program)
        gl.GL.glUniformMatrix4fv(gl.GL.glGetUniformLocation(program, "m"), 1, gl.GL.GL_TRUE, matrix)
        array.draw_triangles()

    found = timed(draw, gl.GL.glFinish, pictures=30)
    array.release()
    gl.GL.glDeleteProgram(program)
    return dict(found)


def in_window() -> dict[str, object]:
    """Pictures that the real window paints in its own viewport, which is SIZE large there: first while the sample plays
    as after a press of Space, then as fast as they come, every picture another moment.

    Playing is bound by its clock, which asks for the project's 30 frames a second and not for more.
    """
    from PySide6.QtCore import QSettings

    from genmo_studio import app as program
    from genmo_studio.ui.viewport.display import Option

    application = program.make_application()
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder) / "s.ini"), QSettings.Format.IniFormat)
        window = program.open_window(application, None, settings=settings, warm_up=False)
        view = window.viewport.viewport
        if view is None:
            return {"not_measured": window.viewport.support.reason}
        view.setFixedSize(*SIZE)  # the docks around it take what the window has besides
        window.show()
        rest(application, 1.0)
        window.transport.pause()
        rest(application, 1.0)
        found: dict[str, object] = {
            "renderer": window.parts.support.renderer,
            "window_size": [window.width(), window.height()],
            "size": [view.width(), view.height()],
        }
        fps, last = window.editor.document.fps, window.editor.document.length - 1
        shown: list[float] = []
        painted: list[float] = []
        view.frameSwapped.connect(lambda: painted.append(time.perf_counter()))
        view.frameSwapped.connect(lambda: shown.append(view.moment))
        window.transport.seek(0)
        window.transport.toggle()
        rest(application, PLAYED_S)
        window.transport.pause()
        found["playing"] = {
            **rates(painted),
            "frames_shown": round(len({int(at) for at in shown}) / (fps * PLAYED_S), 3),
        }
        rest(application, 0.5)
        # The body as it plays: on a processor the see-through pose keys are left out while playing is late.
        view.set_display(view.display.with_option(Option.GHOSTS, on=False))
        rest(application, 0.5)
        painted.clear()

        def go_on() -> None:
            """Another moment than the one just shown; for the same one nothing is drawn."""
            view.set_moment((view.moment + 1.0) % last)

        view.frameSwapped.connect(go_on)
        go_on()
        rest(application, PLAYED_S)
        view.frameSwapped.disconnect(go_on)
        found |= rates(painted)
        rest(application, 0.3)
        window.editor.mark_saved()
        window.close()
    return found


def rates(painted: list[float]) -> dict[str, object]:
    """Times between pictures, from the moments at which they were painted (s), without the first five."""
    times = np.diff(painted)[5:] * 1e3
    if len(times) < FEWEST:
        raise SystemExit(f"only {len(painted)} pictures were painted")
    median = float(np.median(times))
    return {
        "pictures": len(times),
        "median_ms": round(median, 2),
        "p95_ms": round(float(np.percentile(times, 95)), 2),
        "median_fps": round(1e3 / median, 1),
    }


def rest(application: "QApplication", seconds: float) -> None:
    """Let the window live for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        application.processEvents()


def aitviewer(python: str | None, *, install: bool) -> dict[str, object]:
    """aitviewer's renderer on the same meshes, in another environment."""
    from genmo_studio.motion.body import skin

    body, motion = walk(30)
    with tempfile.TemporaryDirectory() as folder:
        if python is None and install:
            made = Path(folder) / "venv"
            subprocess.run([sys.executable, "-m", "venv", str(made)], check=True)
            python = str(made / ("Scripts" if os.name == "nt" else "bin") / "python")
            done = subprocess.run(
                [python, "-m", "pip", "install", "-q", "aitviewer"], capture_output=True, text=True, check=False
            )
            if done.returncode:
                return {"not_measured": f"aitviewer does not install: {done.stderr.strip().splitlines()[-1]}"}
        if python is None:
            return {"not_measured": "give --aitviewer PYTHON or --install-aitviewer"}
        meshes = Path(folder) / "meshes.npz"
        np.savez(meshes, vertices=skin(body, motion), faces=body.faces)
        found: dict[str, object] = {}
        for samples in (0, 4):
            command = [python, str(HERE / "aitviewer_reference.py"), str(meshes), *map(str, (*SIZE, samples))]
            ran = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
            lines = [line for line in ran.stdout.splitlines() if line.startswith("RESULT ")]
            if not lines:
                return {"not_measured": f"aitviewer does not run here: {ran.stderr.strip().splitlines()[-1:]}"}
            found[f"samples_{samples}"] = json.loads(lines[0].removeprefix("RESULT "))
        return found


def part(name: str) -> dict[str, object]:
    """One measurement in a process of its own: Qt and EGL each want PyOpenGL bound in their way."""
    ran = subprocess.run([sys.executable, __file__, "--part", name], capture_output=True, text=True, check=False)
    lines = [line for line in ran.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        return {"not_measured": (ran.stderr.strip().splitlines() or ["no output"])[-1]}
    found: dict[str, object] = json.loads(lines[0].removeprefix("RESULT "))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--aitviewer", metavar="PYTHON", help="a Python that has aitviewer")
    parser.add_argument("--install-aitviewer", action="store_true", help="install it into a temporary environment")
    parser.add_argument("--part", choices=("window", "off_screen"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        found = in_window() if options.part == "window" else off_screen()
        print("RESULT " + json.dumps(found), flush=True)
        return
    with screen("2400x1600x24"):
        window = part("window")
        figures = {
            "machine": machine.machine(),
            "size": list(SIZE),
            "budget_fps": BUDGET_FPS,
            "window": window,
            "within_budget": float(window.get("median_fps", 0.0)) >= BUDGET_FPS,  # type: ignore[arg-type]
            "renderer": part("off_screen"),
            "reference": aitviewer(options.aitviewer, install=options.install_aitviewer),
        }
    machine.report("viewport", figures)


if __name__ == "__main__":
    main()
