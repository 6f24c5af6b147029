"""Picking and gizmo where a logical pixel is more than one of the screen: the window in its own process (HD2)."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("factor", ["1.25", "1.5"])
def test_hd2_gz1_gz3_joints_and_gizmo_are_where_they_are_painted_at_every_scale(factor: str, tmp_path: Path) -> None:
    """A click at a joint picks it, an axis is painted where it is taken, and a drag along it follows the pointer."""
    script = ROOT / "tests" / "scaled_posing.py"
    environment = dict(os.environ, QT_SCALE_FACTOR=factor, PYTHONPATH=str(ROOT))
    command = [sys.executable, str(script), str(tmp_path)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    facts = dict(line.split("=") for line in run.stdout.splitlines() if "=" in line)
    assert float(facts["ratio"]) == float(factor)
    assert facts["picked"] == "ok"
    assert (facts["painted"], facts["elsewhere"]) == ("True", "False")
    for number, name in enumerate("xyz"):
        *step, missing = map(float, facts[name].split())
        np.testing.assert_allclose(step, 0.15 * np.eye(3)[number], atol=5e-4, err_msg=f"asked for 0.15 m along {name}")
        assert missing < 5e-3, "also while the button is held"
    assert float(facts["turned"]) > 0.2
    assert facts["strip"] == "True", "no tool is cut off"
