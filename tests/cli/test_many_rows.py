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


def test_a_check_of_doubling_blocks_is_judged(doubling: str, tmp_path: Path) -> None:
    """2^60 x 1,920 MACs and 2^60 x 64 params; a block of level 3 has 2^57 of them, one of level 40 has 2^20."""
    deep = ".".join(f"b{level}" for level in range(41))
    config = tmp_path / "costcalc.yaml"
    config.write_text(
        "specs: doubling.yaml\nlock: costs.lock.json\nbudgets:\n"
        "  - {name: whole, specs: doubling.yaml, limits: {macs: 1G, params: 80_000_000T, peak_activation_bytes: 2 KiB}}\n"
        "  - name: deep\n    specs: doubling.yaml\n    limits: {macs: {max: 1, grow: 0%}}\n"
        f'    blocks: ["b0.b1_2.*.b3", "{deep}_2"]\n'
    )
    assert costcalc("check", "--update", cwd=tmp_path).returncode == 1
    done = costcalc("check", "--format", "json", cwd=tmp_path)
    assert done.returncode == 1
    found = json.loads(done.stdout)
    values = {
        (item["metric"], item["kind"], item["path"]): (item["value"], item["status"]) for item in found["judgements"]
    }
    assert values == {
        ("macs", "max", ""): (2**60 * 1920, "fail"),
        ("params", "max", ""): (2**60 * 64, "pass"),
        ("peak_activation_bytes", "max", ""): (2 * 240 * 4, "pass"),
        ("macs", "max", "b0.b1_2.b2.b3"): (2**57 * 1920, "fail"),
        ("macs", "max", "b0.b1_2.b2_2.b3"): (2**57 * 1920, "fail"),
        ("macs", "max", f"{deep}_2"): (2**20 * 1920, "fail"),
        ("macs", "grow", "b0.b1_2.b2.b3"): (2**57 * 1920, "pass"),
        ("macs", "grow", "b0.b1_2.b2_2.b3"): (2**57 * 1920, "pass"),
        ("macs", "grow", f"{deep}_2"): (2**20 * 1920, "pass"),
    }
    assert found["models"][0]["rolled_up"] == {"depth": 13, "rows": 2**62 - 1}
    causes = found["judgements"][0]["causes"]
    assert all(cause["kind"] == "block" and cause["after"] == 2**48 * 1920 for cause in causes)  # b12, on level 13
    assert "too many to look at each" in costcalc("check", cwd=tmp_path).stdout
    config.write_text(config.read_text().replace("b0.b1_2.*.b3", "**.b3"))
    done = costcalc("check", cwd=tmp_path)
    assert done.returncode == 3
    assert "error: the budget 'deep' speaks of too many blocks: doubling.yaml has more than 50,000" in done.stderr


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_a_difference_of_doubling_blocks_is_told(doubling: str, tmp_path: Path, form: str) -> None:
    """A kernel of 3 x 3: nine times the params. A gelu for a relu: no number shows it, and it is said all the same."""
    text = Path(doubling).read_text()
    wider, gelu = tmp_path / "wider.yaml", tmp_path / "gelu.yaml"
    wider.write_text(text.replace("kernel: 1", "kernel: 3, padding: 1"))
    gelu.write_text(text.replace("relu", "gelu"))
    for other, grown in ((wider, 2**60 * 64 * 8), (gelu, 0)):
        done = costcalc("diff", doubling, str(other), "--format", form, "--exit-code")
        assert done.returncode == 1
        assert f"{2**62 - 1:,} layers and blocks are too many to compare" in done.stdout + done.stderr
        if form == "json":
            (model,) = json.loads(done.stdout)["models"]
            assert model["rolled_up"] == {"depth": 13, "rows": 2**62 - 1}
            assert model["counts"]["changed"] == len(model["changes"]) == 2**12
            assert sum(change["change"]["params"] for change in model["changes"]) == grown
        elif form == "csv":
            rows = list(csv.DictReader(done.stdout.splitlines()))
            assert sum(int(row["params_change"]) for row in rows) == grown
        else:
            assert ("b12, changed inside" in done.stdout) is not grown
    assert costcalc("diff", doubling, doubling, "--exit-code").returncode == 0
