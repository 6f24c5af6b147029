"""What bodies do and what the model was trained on: the numbers that conditions are compared with.

``SEEN``: scripts/measure_limits.py over the training split of the data set of the default model (2,910 clips, 439,840
frames of captured motion, 4.1 hours). Above them nothing was ever shown to the model. The impossible ones lie outside
what people can do.
"""

import numpy as np

FASTEST_ROOT = 12.0
"""m/s over the ground that nobody exceeds; the fastest sprint ever measured reached 12.4 m/s."""
SEEN_ROOT = 6.4
"""m/s, the fastest pelvis of the data over any gap from one frame to three seconds (99.9 %: 4.6)."""
FASTEST_FALL = 6.2
"""m/s up or down: what falls freely over the whole height of the data (1.95 m) ends with it, sqrt(2 g h)."""
SEEN_HEIGHT = (-0.05, 1.95)
"""m, lowest and highest pelvis of the data (lying down; hanging from a bar)."""
SEEN_HAND = ((1, 11.5), (2, 10.9), (5, 9.7), (10, 8.2), (15, 6.7), (30, 6.2), (60, 5.8))
"""Frames at 30 fps and m/s: hands and feet over such a gap, 99.99 % of the data."""
IMPOSSIBLE_HAND = 30.0
"""m/s; more than twice the fastest hand or foot of the data over two frames (12.3)."""
SEEN_TURN = ((1, 66.0), (2, 98.0), (5, 152.0), (10, 171.0))
"""Frames at 30 fps and degrees: the joint that turns most over such a gap, 99.99 % of the data."""
SEEN_HEADING = ((1, 45.0), (2, 102.0), (5, 186.0))
"""Frames at 30 fps and degrees: the heading over such a gap, 99.99 % of the data."""

ACTION_SECONDS = 1.0
"""Room that one action of a prompt needs; the shortest labelled stretch of the data lasts 1.05 s (5 %: 1.3 s)."""
MOST_ACTIONS = 2
"""Actions in one prompt; captions of the data name one or two."""
PROMPT_TOKENS = 30
"""Words and signs that the default model's text encoder reads (32 tokens, two of them its own)."""
MOST_PROMPTS = 2
"""Prompts that the training showed at one frame: one, and a second where two are cross-faded."""

LONG_SECONDS = 60.0
"""Spans from which on trying settings on a part is worth it."""
MAX_FRAMES = 108_000
"""Frames of one generation: an hour at 30 frames a second; memory grows by about 12 kB a frame."""


def seen(table: tuple[tuple[int, float], ...], seconds: float) -> float:
    """The value of a table at a gap, linear between its rows and held outside."""
    frames = [row[0] for row in table]
    return float(np.interp(seconds * 30, frames, [row[1] for row in table]))
