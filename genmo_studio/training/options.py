"""How much an evaluation measures."""

from dataclasses import dataclass
from typing import Any

Figures = dict[str, Any]
"""Plain JSON values."""

PROMPTS = (
    "a person walks", "a person walks backwards", "a person walks and turns left", "a person runs", "a person jumps",
    "a person waves both hands", "a person raises the left hand", "a person bows", "a person kicks",
    "a person dances salsa",
)  # fmt: skip


@dataclass(frozen=True)
class EvaluationOptions:
    """How much is measured; the figures are means over these samples."""

    windows: int = 40
    """Windows of the figures that take one pass: in-betweening drafts and estimation."""
    sampled: int = 12
    """Windows of the figures that are sampled in ``steps`` steps: in-betweening, physics, music, timelines, mixed."""
    filmed: int = 10
    """Films of the whole video path."""
    keyed: int = 8
    """Windows of the key error figures."""
    repeats: int = 4
    """Takes a prompt for the text figures."""
    references: int = 12
    """Recordings a prompt that takes are compared with."""
    retrieved: int = 64
    """Validation captions whose takes the retrieval figures judge; a multiple of 32."""
    prompts: tuple[str, ...] = PROMPTS
    prompt_frames: int = 90
    steps: int = 50
    songs: str | None = None
    """Folder of real songs with known tempo (``measure_songs``)."""
    guidance: float | None = None
    """None: what a request asks for when it says nothing."""
    seed: int = 0
