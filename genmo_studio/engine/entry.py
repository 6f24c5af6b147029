"""Where the worker process begins: a module of its own, so that the window need not load what the worker is made of."""

from multiprocessing.connection import Connection


def main(commands: Connection, messages: Connection, crash_log: str) -> None:
    """See ``worker.main``."""
    from genmo_studio.engine import worker  # noqa: PLC0415

    worker.main(commands, messages, crash_log)
