"""Figures of a take in words and units that an animator reads. Pure."""

from collections.abc import Callable, Mapping

_Row = tuple[str, Callable[[float], str]]

_KNOWN: dict[str, _Row] = {
    "foot_skate": ("Foot skate", lambda v: f"{v * 100:.1f} cm/s"),
    "foot_skate_before": ("Before foot lock", lambda v: f"{v * 100:.1f} cm/s"),
    "penetration": ("Below the floor", lambda v: f"{v * 1000:.1f} mm"),
    "floating": ("Floating", lambda v: f"{v * 1000:.1f} mm"),
    "jitter": ("Jitter", lambda v: f"{v:.0f} m/s³ (real motion: 50 to 400)"),
    "keys": ("Keys held", lambda v: f"{v:.0f}"),
    "steps": ("Steps", lambda v: f"{v:.0f}"),
    "guidance": ("Guidance", lambda v: f"{v:.1f}"),
}
_TOLD_ELSEWHERE = frozenset({"seed", "frames", "start", "fps"})


def figure_rows(metrics: Mapping[str, float]) -> list[tuple[str, str]]:
    """Label and value: what we know first and in its order, then everything else under its own name."""
    rows = [(label, say(metrics[name])) for name, (label, say) in _KNOWN.items() if name in metrics]
    rest = sorted(set(metrics) - set(_KNOWN) - _TOLD_ELSEWHERE)
    return rows + [(name.replace("_", " ").capitalize(), f"{metrics[name]:.4g}") for name in rest]


def skate_text(metrics: Mapping[str, float]) -> str | None:
    """The one figure that is worth a place in the list: how much planted feet slide."""
    value = metrics.get("foot_skate")
    return None if value is None else f"skate {value * 100:.1f} cm/s"
