"""Files whose names are not UTF-8: every command and every format has them, and what comes out is UTF-8."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Scratch

NET = b"specs/n\xff.yaml"
SHOWN = "specs/n\\udcff.yaml"  # how Python writes the byte 0xff of a name


@pytest.fixture
def names(scratch: Scratch) -> Scratch:
    """A repository in which the spec, the configuration, a convention and the values have such names."""
    folder = os.fsencode(scratch.folder)
    files = {
        NET: b"args: {w: 3}\nvariants: {wide: {args: {w: 4}}}\ninput: [4]\nlayers: [{linear: {out: w, bias: false}}]\n",
        b"bad\xff.yaml": b"input: [4]\nlayers: [{linear: {ot: 3}}]\n",
        b"house\xff.yaml": b"name: house\ndescribes: ours\nunit: mac\nops: {linear: {mac: 1}}\n",
        b"values\xff.yaml": b"input: 1\n",
        b"budget\xff.yaml": b"specs: specs/*.yaml\nbudgets: [{name: b, limits: {macs: {max: 11}}}]\n",
    }
    os.mkdir(folder + b"/specs")
    for name, text in files.items():
        try:
            Path(os.fsdecode(folder + b"/" + name)).write_bytes(text)
        except OSError:
            pytest.skip("this file system has no such names")
    scratch.commit()
    return scratch


def run(scratch: Scratch, *arguments: str | bytes) -> tuple[int, str, str]:
    """The exit code and both outputs, which must be UTF-8."""
    command: list[Any] = [sys.executable, "-m", "costcalc", *arguments]
    environment = {**scratch.environment, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, cwd=scratch.folder, env=environment, capture_output=True, check=False, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def whole(value: Any) -> None:
    """JSON without half characters: it can be written as UTF-8, which other languages insist on."""
    json.dumps(value, ensure_ascii=False).encode()


REPORTS: list[tuple[str | bytes, ...]] = [
    ("show", NET),
    ("show", NET + b"@wide"),
    ("show", NET, "--convention", b"house\xff.yaml"),
    ("compare", NET, NET + b"@wide"),
    ("reconcile", NET),
    ("run", NET, "--values", b"values\xff.yaml"),
    ("verify", NET),
    ("diff", NET, NET + b"@wide"),
    ("diff", b"HEAD:" + NET, NET),
    ("diff", NET),
]


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
@pytest.mark.parametrize("arguments", REPORTS, ids=lambda arguments: arguments[0])
def test_a_report(arguments: tuple[str | bytes, ...], form: str, names: Scratch) -> None:
    command = [*arguments, "--format", form]
    code, out, said = run(names, *command)
    assert (code, said) == (0, "")
    assert out
    if form == "json":
        whole(json.loads(out))


def test_json_names_the_file(names: Scratch) -> None:
    _, out, _ = run(names, "show", NET, "--format", "json")
    assert json.loads(out)["spec"] == SHOWN
    code, _, said = run(names, "show", NET, "--format", "json", "-o", b"out\xff.json")
    assert (code, said) == (0, "")
    assert (
        json.loads(Path(os.fsdecode(os.fsencode(names.folder) + b"/out\xff.json")).read_text("utf-8"))["spec"] == SHOWN
    )


@pytest.mark.parametrize("form", ["text", "json", "github", "markdown", "junit", "sarif"])
def test_a_verdict(form: str, names: Scratch) -> None:
    """The network has 12 multiply-adds, and the budget 11."""
    for arguments in ((NET, "--limit", "macs=11"), ("--config", b"budget\xff.yaml")):
        code, out, said = run(names, "check", *arguments, "--format", form)
        assert (code, said) == (1, "")
        assert "n%FF.yaml" in out if form == "sarif" else "n\\udcff" in out.replace("\\\\", "\\")
        if form in ("json", "sarif"):
            whole(json.loads(out))
        elif form == "junit":
            ET.fromstring(out)  # noqa: S314  our own
        code, out, said = run(names, "check", *arguments, "-o", f"{form}=to.out".encode().replace(b"to", b"to\xff"))
        assert (code, said) == (1, "")


def test_problems_name_the_file(names: Scratch) -> None:
    code, _, said = run(names, "validate", b"bad\xff.yaml", b"gone\xff.yaml")
    assert code == 3
    assert said.startswith("bad\\udcff.yaml:2:20: error: linear has no argument 'ot'\n")
    assert "gone\\udcff.yaml: error: no such file\n" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", b"\xff"),
        ("show", NET + b"@\xff"),
        ("show", NET, "--set", b"\xff=1"),
        ("show", NET, "--set", b"w=\xff"),
        ("show", NET, "--input", b"\xff=3"),
        ("show", NET, "--convention", b"\xff"),
        ("explain", NET, b"\xff"),
        ("run", NET, "--layer", b"\xff"),
        ("check", NET, "--limit", b"\xff=3"),
        ("check", NET, "--limit", "macs.grow=3", "--base", b"\xff"),
        ("diff", b"\xff:x", NET),
        ("diff", b"HEAD:\xff", NET),
        ("reconcile", NET, "--claim", b"\xff"),
        ("ops", b"\xff"),
        (b"\xff",),
    ],
    ids=str,
)
def test_words_that_are_no_text(arguments: tuple[str | bytes, ...], names: Scratch) -> None:
    code, _, said = run(names, *arguments)
    assert code in (2, 3)
    assert "\\udcff" in said
    assert "bug in costcalc" not in said
