"""Run by bench_viewport.py with a Python that has aitviewer: its own renderer drawing a sequence of meshes, no window.

python aitviewer_reference.py MESHES.npz WIDTH HEIGHT SAMPLES
"""

import json
import sys
import time

import numpy as np


def main() -> None:
    data = np.load(sys.argv[1])
    width, height, samples = (int(word) for word in sys.argv[2:5])
    import aitviewer
    from aitviewer.configuration import CONFIG
    from aitviewer.headless import HeadlessRenderer
    from aitviewer.renderables.meshes import Meshes

    CONFIG.update_conf({"window_width": width, "window_height": height, "auto_set_floor": False})
    HeadlessRenderer.samples = samples
    viewer = HeadlessRenderer()
    viewer.scene.add(Meshes(data["vertices"], data["faces"], name="body"))
    viewer._init_scene()
    times = []
    for number in range(28):
        viewer.scene.current_frame_id = number % len(data["vertices"])
        began = time.perf_counter()
        viewer.on_render(number / 30, 1 / 30, export=True)
        viewer.ctx.finish()
        times.append((time.perf_counter() - began) * 1e3)
    picture = np.asarray(viewer.get_current_frame_as_image().convert("L"), np.float32)
    said = {
        "aitviewer": getattr(aitviewer, "__version__", "?"),
        "driver": viewer.ctx.info["GL_RENDERER"],
        "samples": samples,
        "milliseconds_a_frame": {"median": round(float(np.median(times[6:])), 2), "best": round(min(times[6:]), 2)},
        "picture_spread": round(float(picture.std()), 1),
    }
    print("RESULT " + json.dumps(said))


if __name__ == "__main__":
    main()
