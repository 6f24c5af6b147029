"""Write docs/interface.md: which convention of the interface is met, named by the tests that show it.

python scripts/interface_table.py [--check]

A test meets a convention when the convention's id stands in its name (``test_tl5_...``) or in its docstring ("TL5").
What is not met has a reason in docs/interface.toml.
"""

import argparse
import ast
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "docs" / "interface.toml"
TABLE = ROOT / "docs" / "interface.md"
IDS = re.compile(r"(?<![A-Za-z])(TL|PB|VP|GZ|KF|SE|UN|DD|PG|KB|HD|ON)(\d{1,2})(?![0-9A-Za-z])")
IN_NAMES = re.compile(r"(?<![a-z])(tl|pb|vp|gz|kf|se|un|dd|pg|kb|hd|on)(\d{1,2})(?![0-9a-z])")


def met() -> dict[str, list[str]]:
    """Convention id -> tests that name it, as ``file::test``."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test"):
                continue
            names = {a.upper() + n for a, n in IN_NAMES.findall(node.name)}
            names |= {a + n for a, n in IDS.findall(ast.get_docstring(node) or "")}
            for name in names:
                found.setdefault(name, set()).add(f"{path.stem}::{node.name}")
    return {name: sorted(tests) for name, tests in found.items()}


def table() -> str:
    """The page."""
    conventions = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    tests = met()
    lines = [
        "# Conventions of the interface, and where they are shown to hold",
        "",
        "Made by `scripts/interface_table.py` from the names and docstrings of the tests and from `interface.toml`.",
        "",
    ]
    for section in conventions["section"]:
        lines += [
            f"## {section['title']}",
            "",
            "| id | what holds | shown by | not, or not yet |",
            "| --- | --- | --- | --- |",
        ]
        for name, what in section["ids"].items():
            shown = "<br>".join(f"`{test}`" for test in tests.get(name, []))
            lines.append(f"| {name} | {what} | {shown} | {section.get('not', {}).get(name, '')} |")
        lines.append("")
    return "\n".join(lines)


def gaps() -> list[str]:
    """Ids that have neither a test nor a reason, and ids in tests that are no convention."""
    conventions = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    tests = met()
    known = {name for section in conventions["section"] for name in section["ids"]}
    reasons = {name for section in conventions["section"] for name in section.get("not", {})}
    return [
        *(f"{name} has neither a test nor a reason" for name in sorted(known - tests.keys() - reasons)),
        *(f"{name} has a reason but is no convention" for name in sorted(reasons - known)),
        *(f"{name} is named by {tests[name][0]} but is no convention" for name in sorted(tests.keys() - known)),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is not up to date")
    options = parser.parse_args()
    for gap in gaps():
        print(gap, file=sys.stderr)
    if options.check:
        return int(bool(gaps()) or TABLE.read_text(encoding="utf-8") != table())
    TABLE.write_text(table(), encoding="utf-8")
    return int(bool(gaps()))


if __name__ == "__main__":
    raise SystemExit(main())
