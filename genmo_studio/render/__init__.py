"""Drawing of motion: scenes as plain values, a GL 3.3 renderer for a context that is handed in, off-screen pictures.

``camera``, ``scene``, ``motion_scene`` and ``picking`` are plain maths and import no OpenGL; ``gl``, ``passes``,
``renderer``, ``egl`` and ``offscreen`` do, and are imported only where something is drawn.
"""
