"""``genmo-studio schema``."""

import argparse
import json

from genmo_studio.document.schema import json_schema


def configure(_: argparse.ArgumentParser) -> None:
    """The command has no options."""


def run(_: argparse.Namespace) -> int:
    """Print the JSON Schema of project.json."""
    print(json.dumps(json_schema(), indent=1, ensure_ascii=False))
    return 0
