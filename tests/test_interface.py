"""Every convention of the interface is shown by a test or has a reason, and the page that says so is up to date."""

import runpy
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "interface_table.py"


def test_every_convention_has_a_test_or_a_reason_and_the_page_is_current() -> None:
    module = runpy.run_path(str(SCRIPT))
    assert module["gaps"]() == []
    page = module["TABLE"].read_text(encoding="utf-8")
    assert page == module["table"](), "run scripts/interface_table.py"
