"""The first start: who may run it, what counts as set up, and what a failure says."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from genmo_studio import bootstrap

ROOT = Path(__file__).resolve().parent.parent
OLD = next((path for version in range(6, 11) if (path := shutil.which(f"python3.{version}"))), None)


def test_an_old_python_is_told_what_is_needed() -> None:
    if OLD is None or subprocess.run([OLD, "-c", ""], capture_output=True, check=False).returncode != 0:
        pytest.skip("no Python older than 3.11 runs here")
    done = subprocess.run([OLD, ROOT / "main.py", "info"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("requirement", "fits"),
    [
        ("numpy>=2,<3", True),
        ("numpy>=99", False),
        ("numpy>=2,<2.0.1", False),
        ("pytest==0.1", False),
        ("no-such-distribution-here>=1", False),
    ],
)
def test_what_the_running_python_has(requirement: str, fits: bool) -> None:
    assert bootstrap.satisfied(requirement) is fits


def test_everything_that_tests_need_is_asked_for() -> None:
    names = bootstrap.required(("dev", "smpl"))
    assert all(bootstrap.satisfied(name) for name in names), [n for n in names if not bootstrap.satisfied(n)]
    assert set(bootstrap.required(())) < set(names)
    assert bootstrap.fingerprint(()) != bootstrap.fingerprint(("dev",))


def test_constraints_pin_every_direct_requirement() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
    direct = {requirement.split(">")[0].split("=")[0].lower() for requirement in bootstrap.required(("dev", "smpl"))}
    assert direct <= pinned
    assert not [line for line in lines if "://" in line or "@" in line]


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("Temporary failure in name resolution\nERROR: No matching distribution found for x", "check the network"),
        ("ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407'))", "HTTPS_PROXY"),
        ("SSLError(SSLCertVerificationError(1, 'CERTIFICATE_VERIFY_FAILED'))", "PIP_CERT"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: No matching distribution found for torch==2.13.0", "torch==2.13.0 cannot be had"),
        ("ERROR: something else", "pip says: something else"),
    ],
)
def test_a_failure_of_pip_is_one_sentence(log: str, said: str) -> None:
    sentence = bootstrap.explain(log)
    assert said in sentence
    assert "\n" not in sentence


def test_a_first_start_that_cannot_install_says_so_and_can_be_repeated(tmp_path: Path) -> None:
    """The real thing, with pip told to look nowhere; the second start finds the environment of the first."""
    (tmp_path / "genmo_studio").mkdir()
    for name in ("main.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("genmo_studio/__init__.py", "genmo_studio/bootstrap.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    base = Path(sys.base_prefix) / ("python.exe" if os.name == "nt" else "bin/python3")
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    for attempt in (1, 2):
        done = subprocess.run(
            [base, "main.py", "info"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert "torch==2.13.0 cannot be had" in done.stderr
        assert "run the same command again" in done.stderr
        assert "Traceback" not in done.stderr
        assert ("making an environment" in done.stdout) is (attempt == 1)
    assert not (tmp_path / ".venv" / "genmo-setup.json").exists()
