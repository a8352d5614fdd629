"""`benchmarks/same_output.py` runs the code of each side, wherever the specs are."""

from __future__ import annotations

import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "same_output.py"


def planted(folder: Path, said: str) -> Path:
    """A checkout whose every command says this."""
    package = folder / "costcalc" / "cli"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").write_text("")
    (package / "__init__.py").write_text(f"def main():\n    print({said!r})\n    return 0\n")
    return folder


def test_each_side_runs_its_own_code(tmp_path: Path) -> None:
    """Both work in the folder of the first, which has a `costcalc` of its own: the second must not take that."""
    spec = importlib.util.spec_from_file_location("same_output", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    old, new = planted(tmp_path / "before", "old"), planted(tmp_path / "after", "new")
    answers = []
    for side in (script.Side(old, old), script.Side(new, old)):
        side.send(["show", "net"])
        answers.append(side.answer())
        side.process.communicate(timeout=60)
    assert answers == [[0, "old\n", ""], [0, "new\n", ""]]
