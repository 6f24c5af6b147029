"""PyAV, loaded when a file is opened: its import is a twentieth of the window's start."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import av
    from av.error import FFmpegError

    __all__ = ["FFmpegError", "av"]


def __getattr__(name: str) -> object:
    """``av`` and ``FFmpegError`` of this module, imported on first use (PEP 562)."""
    if name == "av":
        import av  # noqa: PLC0415

        return av
    if name == "FFmpegError":
        from av.error import FFmpegError  # noqa: PLC0415

        return FFmpegError
    raise AttributeError(name)
