"""The generated pages are what `docs/generate.py` makes today."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = runpy.run_path(str(DOCS / "generate.py"))["PAGES"]


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_up_to_date(name: str) -> None:
    made = "\n".join(PAGES[name]()) + "\n"
    if os.environ.get("UPDATE_DOCS"):
        assert not os.environ.get("CI"), "pages are never written in CI"
        (DOCS / name).write_text(made, encoding="utf-8")
    assert (DOCS / name).read_text(encoding="utf-8") == made
