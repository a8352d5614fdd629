"""The README shows what the program prints. With UPDATE_README=1 the outputs are written anew instead."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import costcalc
from costcalc.cli import COMMANDS
from costcalc.spec.load import load_text

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
FENCE = re.compile(r"```console\n\$ (?P<command>[^\n]+)\n(?P<output>.*?)```\n", re.DOTALL)


def run(command: str) -> str:
    """What a command prints, with `costcalc` taken from this interpreter."""
    shell = f'costcalc() {{ "{sys.executable}" -m costcalc "$@"; }}; {command}'
    environment = {**os.environ, "COLUMNS": "100", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    environment.pop("FORCE_COLOR", None)
    done = subprocess.run(["bash", "-c", shell], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S607  bash stands in the README's examples too
    return done.stdout + done.stderr


def fences() -> list[re.Match[str]]:
    return list(FENCE.finditer(README.read_text(encoding="utf-8")))


@pytest.mark.parametrize("command", [fence.group("command") for fence in fences()])
def test_readme_shows_what_the_program_prints(command: str) -> None:
    """Every console example of the README, run again, prints the same."""
    printed = run(command)
    if os.environ.get("UPDATE_README"):
        text = README.read_text(encoding="utf-8")
        README.write_text(
            FENCE.sub(
                lambda fence: f"```console\n$ {command}\n{printed}```\n" if fence["command"] == command else fence[0],
                text,
            ),
            encoding="utf-8",
        )
    shown = next(fence.group("output") for fence in fences() if fence.group("command") == command)
    assert printed == shown


def test_readme_has_the_help_of_every_command() -> None:
    """The command reference leaves no command out."""
    shown = {fence.group("command") for fence in fences()}
    assert {f"costcalc {name} --help" for name in COMMANDS} <= shown


def test_the_spec_of_the_readme_is_valid() -> None:
    """The screenful of spec language builds, and the arithmetic of its sizes is right."""
    text = README.read_text(encoding="utf-8")
    spec = load_text(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1])
    graph = costcalc.build(spec)
    # the stem keeps 32x48, stage2 halves it; 32 channels are left, then 10 classes
    assert [shape for _, shape in graph.outputs.values()] == [(10,)]
    assert graph.root.edges[-4].child.output == (32, 16, 24)


def test_the_python_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """The library example prints ResNet-50 with 10 classes: 23,508,032 + 2,048 * 10 + 10 params."""
    code = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    # the trunk of ResNet-50 is 25,557,032 - 2,049,000 = 23,508,032
    assert done.stdout.startswith("23528522 ")
