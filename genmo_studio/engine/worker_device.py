"""Which device torch computes on, and what to tell the user about it. Imported in the worker and the CLI only."""

import os
import shutil
import sys
from dataclasses import dataclass

import torch

DEVICES = ("auto", "cpu", "cuda")

NO_CUDA_BUILD = (
    'This computer has an NVIDIA GPU, but the installed PyTorch cannot use it. README.md, "NVIDIA GPU", says how to '
    "install PyTorch's CUDA build."
)


class DeviceError(Exception):
    """The chosen device is not there; the text is a sentence for the user."""


@dataclass(frozen=True)
class Device:
    """What torch computes on."""

    kind: str
    """torch's name: "cpu", "cuda" or "mps" """
    name: str
    memory: int
    """bytes"""
    advice: str = ""


def choose(wanted: str) -> str:
    """The torch device for "auto", "cpu" or "cuda". Raises DeviceError when it is not there."""
    if wanted not in DEVICES:
        raise DeviceError(f'"{wanted}" is no device; choose one of {", ".join(DEVICES)}.')
    if wanted == "cuda" and not torch.cuda.is_available():
        raise DeviceError(f"No CUDA device can be used; choose auto or cpu. {_advice()}".strip())
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return wanted


def describe(kind: str) -> Device:
    """Name and memory of a device that ``choose`` returned."""
    if kind == "cuda":
        properties = torch.cuda.get_device_properties(0)
        return Device(kind, properties.name, properties.total_memory)
    threads = torch.get_num_threads()
    name = f"CPU, {threads} thread{'' if threads == 1 else 's'}"
    return Device(kind, name, _machine_memory(), _advice())


def _advice() -> str:
    return NO_CUDA_BUILD if shutil.which("nvidia-smi") and not torch.cuda.is_available() else ""


def _machine_memory() -> int:
    """Bytes of main memory; 0 where the system has no simple way to say it."""
    if sys.platform == "win32":
        return 0
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
