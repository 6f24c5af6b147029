"""How people move: accelerations and speeds that 99 in 100 frames of recordings stay below.

Measured on the validation split of the training data (210 clips, 35,074 frames at 30 frames a second) by
``scripts/measure_usual.py``: second differences of what one joint does. Corrections keep below them, so that nothing
that the studio adds can be told from movement by its suddenness.
"""

from genmo_studio.motion.skeleton import INDEX

USUAL_TURN: tuple[float, ...] = (
    54, 103, 110, 36, 164, 153, 25, 235, 230, 23, 263, 226, 50, 22, 21, 57, 104, 107, 104, 127, 48, 128, 48, 128,
)  # fmt: skip
"""rad/s^2 of each joint's local rotation (the root's in the world); hands, which never turn, as their wrists."""

USUAL_ACCELERATION: tuple[float, ...] = (
    13.4, 15.0, 14.8, 13.7, 36.9, 35.4, 14.4, 47.1, 46.4, 14.7, 59.5, 58.3, 15.9, 15.6, 15.9, 16.2, 16.7, 17.1, 29.1,
    27.3, 38.3, 41.9,
)  # fmt: skip
"""m/s^2 of each of the 22 body joints in the world."""

USUAL_KNEE_SPEED = 474.0
"""Degrees a second at which a knee's bend changes (left and right together)."""

USUAL_ROOT = USUAL_ACCELERATION[INDEX["pelvis"]]
"""m/s^2 of the pelvis."""
