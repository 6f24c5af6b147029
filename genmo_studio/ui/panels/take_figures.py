"""Figures of a take in words and units that an animator reads. Pure."""

from collections.abc import Callable, Mapping

_Row = tuple[str, Callable[[float], str]]

_KNOWN: dict[str, _Row] = {
    "foot_skate": ("Foot skate", lambda v: f"{v * 100:.1f} cm/s"),
    "foot_skate_before": ("Before foot lock", lambda v: f"{v * 100:.1f} cm/s"),
    "jumps": ("Jumps given flight", lambda v: f"{v:.0f}"),
    "let_down_m": ("Let down to the ground", lambda v: f"{v * 100:.0f} cm at most"),
    "steps_put_in": ("Steps put in", lambda v: f"{v:.0f}"),
    "penetration": ("Below the floor", lambda v: f"{v * 1000:.1f} mm"),
    "floating": ("Floating", lambda v: f"{v * 1000:.1f} mm"),
    "jitter": ("Jitter", lambda v: f"{v:.0f} m/s³ (real motion: 50 to 400)"),
    "keys": ("Keys held", lambda v: f"{v:.0f}"),
    "steps": ("Steps", lambda v: f"{v:.0f}"),
    "guidance": ("Guidance", lambda v: f"{v:.1f}"),
}
_TOLD_ELSEWHERE = frozenset({"seed", "frames", "start", "fps"})
_BEFORE, _AFTER = "key_errors_before.", "key_errors_after."
_ERRORS: dict[str, tuple[str, str]] = {
    "rotation_deg": ("Key rotations", "°"),
    "root_position_mm": ("Key places", " mm"),
    "joint_position_mm": ("Limb targets", " mm"),
    "waypoint_mm": ("Waypoints", " mm"),
    "heading_deg": ("Headings", "°"),
}
"""Largest error at the keys: label and unit."""


def figure_rows(metrics: Mapping[str, float]) -> list[tuple[str, str]]:
    """Label and value: what we know first and in its order, then everything else under its own name."""
    rows = [(label, say(metrics[name])) for name, (label, say) in _KNOWN.items() if name in metrics]
    rows += key_error_rows(metrics)
    rest = sorted(name for name in set(metrics) - set(_KNOWN) - _TOLD_ELSEWHERE if "." not in name)
    return rows + [(name.replace("_", " ").capitalize(), f"{metrics[name]:.4g}") for name in rest]


def key_error_rows(metrics: Mapping[str, float]) -> list[tuple[str, str]]:
    """How far the motion is from its keys, and how far the sampler left it before the exact fit."""
    rows = []
    for name, (label, unit) in _ERRORS.items():
        before, after = metrics.get(_BEFORE + name, 0.0), metrics.get(_AFTER + name, 0.0)
        if before or after:
            rows.append((f"{label} missed by", f"{_few(after)}{unit} (before correction {_few(before)}{unit})"))
    return rows


def _few(value: float) -> str:
    """Two digits that matter."""
    return "0" if abs(value) < 0.005 else f"{value:.2f}" if abs(value) < 1 else f"{value:.1f}"


def skate_text(metrics: Mapping[str, float]) -> str | None:
    """The one figure that is worth a place in the list: how much planted feet slide."""
    value = metrics.get("foot_skate")
    return None if value is None else f"skate {value * 100:.1f} cm/s"


def short_figures(metrics: Mapping[str, float]) -> list[str]:
    """The figures for one line of the list: feet, keys, jitter."""
    found = []
    skate = skate_text(metrics)
    if skate is not None:
        found.append(skate)
    if metrics.get("keys"):
        missed = max((metrics.get(f"{_AFTER}{name}", 0.0) for name in _ERRORS if name.endswith("_mm")), default=0.0)
        found.append(f"keys within {missed:.1f} mm" if missed >= 0.05 else "keys met")
    if "jitter" in metrics:
        found.append(f"jitter {metrics['jitter']:.0f} m/s³")
    return found
