"""Progress of long work: what every generator in the worker yields while it runs."""

import msgspec


class Progress(msgspec.Struct, frozen=True):
    """One step of progress; each yield is also the place where a cancel is heard."""

    stage: str
    """What runs now, in words for the user: "detecting the person", "denoising"."""
    fraction: float
    """0..1 within the stage."""
    detail: str = ""
    """For example "step 12 of 50"."""
