"""Networks with more layers than anybody can print, from files of a hundred lines: answers are quick and exact."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from costcalc.cli.output import write_whole
from tests.cli.test_commands import ROOT, costcalc

DOUBLING = (
    "input: [8, 6, 5]\nblocks:\n{blocks}  b60: [{{conv: {{out: 8, kernel: 1, bias: false}}}}, relu]\nlayers: [b0]\n"
)
"""A block that calls a block twice that calls a block twice ...: 2^60 convolutions of 8 x 8 weights and 1,920 MACs."""


@pytest.fixture
def doubling(tmp_path: Path) -> str:
    spec = tmp_path / "doubling.yaml"
    blocks = "".join(f"  b{level}: [b{level + 1}, b{level + 1}]\n" for level in range(60))
    spec.write_text(DOUBLING.format(blocks=blocks))
    return str(spec)


@pytest.mark.parametrize(
    "arguments",
    [
        ("show",),
        ("show", "--depth", "50"),
        ("show", "--top", "3"),
        ("show", "--sort", "path"),
        ("show", "--sort", "macs", "--format", "csv"),
        ("show", "--format", "json"),
        ("show", "--format", "markdown"),
        ("compare", "basic"),
        ("compare", "basic", "--top", "3", "--format", "csv"),
        ("compare", "basic", "--format", "json"),
        ("compare", "basic", "--summary"),
    ],
)
def test_doubling_blocks_are_answered(doubling: str, arguments: tuple[str, ...]) -> None:
    """2^60 x 1,920 MACs; rows go down to what can be printed, and what they leave out is said."""
    command, *others = arguments
    done = costcalc(command, doubling, *others)
    assert done.returncode == 0
    macs = 2**60 * 1920
    top, summary = "--top" in arguments, "--summary" in arguments
    if "csv" in arguments:
        rows = list(csv.DictReader(done.stdout.splitlines()))
        assert sum(int(row["macs"]) for row in rows if row.get("network") != "basic") == macs
    elif "json" in arguments:
        found = json.loads(done.stdout)
        report = found if command == "show" else found["reports"][0]
        assert report["rolled_up"] == {"depth": 13, "rows": 2**62 - 1, "deepest": 19}
        assert report["totals"]["macs"] == sum(layer["macs"] for layer in report["layers"]) == macs
    else:
        assert f"{macs:,}" in done.stdout.replace("*", "")
    said = f"would have {2**50 - 1 if '50' in arguments else 2**62 - 1:,} rows, and 1,000,000 can be printed"
    assert (said in done.stdout + done.stderr) is not (top or summary)
    if top:
        assert f"[{2**61 - 3:,} others]" in done.stdout


def test_a_fault_while_rows_are_written_leaves_the_old_file(tmp_path: Path) -> None:
    """An output is a stream now; what breaks off leaves neither a half of it nor a temporary file."""
    target = tmp_path / "rows.csv"
    target.write_text("old\n")

    def pieces() -> Iterator[str]:
        yield "new\n"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(str(target), pieces())
    assert target.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_closed_pipe_is_silent_in_the_middle_of_a_stream(form: str, tmp_path: Path) -> None:
    """Of 60,000 rows the reader takes one line."""
    spec = tmp_path / "many.yaml"
    inner = "      - {relu: , repeat: 60, name: r}\n"
    spec.write_text(f"input: [4]\nlayers:\n  - layers:\n{inner}    repeat: 60\n    name: a\n")
    script = f'"{sys.executable}" -m costcalc show {spec} --format {form} | head -1; echo "${{PIPESTATUS[0]}}"'
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, cwd=ROOT, env=env)  # noqa: S607  any bash
    assert done.stdout.splitlines()[1] == "0"
    assert done.stderr == ""
