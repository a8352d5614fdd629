"""Names in a spec that try to be something else: commands of GitHub's runner, tags, cells, colours, links."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Scratch

NAMES = [
    "::error::forged",
    "::error file=x,line=1::forged",
    "##[error]forged",
    "%0A::error::forged",
    "a\n::error::forged",
    "a\r\n::set-output name=x::forged",
    "</testcase></testsuite><testsuite name='forged'>",
    '" forged="1',
    "]]><forged/>",
    "a | forged | b",
    "</details><h1>forged",
    "`forged` **forged**",
    "[forged](https://example.org)",
    "\x1b[31mforged\x1b[0m",
    "\x07\x00forged",
    "\u202eforged\u2066",
    "@forged,title=forged:x",
]


@pytest.fixture
def hostile(scratch: Scratch) -> Scratch:
    """A spec for every name, which is the name of the spec, of a layer, of its budget, and in its message."""
    budgets = []
    for number, name in enumerate(NAMES):
        layer = re.sub(r"[.\[\]]", "", name)
        text = {"name": name, "input": [4], "layers": [{"linear": {"out": 8}, "name": layer}], "expect": {"macs": 31}}
        scratch.write(f"net{number}.yaml", json.dumps(text))
        budget = {
            "name": f"{number} {name}",
            "specs": f"net{number}.yaml",
            "limits": {"macs": {"max": 31}},
            "message": name,
        }
        budgets.append(budget)
    scratch.write("costcalc.yaml", json.dumps({"budgets": budgets}))
    return scratch


def printed(hostile: Scratch, *arguments: str, **environment: str) -> str:
    done = hostile("check", *arguments, **environment)
    assert done.returncode == 1, done.stderr
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", done.stdout + done.stderr)
    return done.stdout


def commands(text: str) -> list[str]:
    """What GitHub's runner takes for commands in a log: `::name` first on a trimmed line, `##[name]` anywhere."""
    return [line for line in text.splitlines() if line.strip().startswith("::") or "##[" in line]


def test_text_in_a_log_holds_no_command(hostile: Scratch) -> None:
    """The only commands under GitHub Actions are our own annotations, ten of them."""
    text = printed(hostile, GITHUB_ACTIONS="true")
    found = commands(text)
    assert len(found) == 10
    assert all(re.match(r"::error file=net\d+\.yaml,line=\d+,col=\d+,endColumn=\d+,title=", line) for line in found)


def test_annotations_are_ten_and_say_how_many_there_are(hostile: Scratch) -> None:
    """17 specs fail two judgements each: ten annotations, of which the last names the other 24."""
    lines = printed(hostile, "--format", "github").splitlines()
    assert len(lines) == 10
    assert "(and 24 more, which GitHub would not show: see the summary)" in lines[-1]
    for line in lines:
        command, properties, message = re.fullmatch(r"::(\w+) (.*?)::(.*)", line).groups()
        assert command == "error"
        # after the escaping that the protocol asks for, nothing in a property can end it
        assert [part.partition("=")[0] for part in properties.split(",")] == [
            "file",
            "line",
            "col",
            "endColumn",
            "title",
        ]
        assert not re.search(r"%(?!25|3A|2C|0A|0D)", properties + message)
        assert not re.search(r":(?!//)", properties.partition("title=")[2])


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "markdown"])
def test_other_formats_in_a_log_hold_no_command(hostile: Scratch, form: str) -> None:
    """Also a document that somebody prints in a job is only a document."""
    assert commands(printed(hostile, "--format", form)) == []


def test_json_gives_names_back_as_they_are(hostile: Scratch) -> None:
    """A program reads the very names."""
    verdict = json.loads(printed(hostile, "--format", "json"))
    assert [model["name"] for model in sorted(verdict["models"], key=lambda model: int(model["key"][3:-5]))] == NAMES


def test_junit_has_the_cases_it_should_have(hostile: Scratch) -> None:
    """Every suite is a spec with two cases, whatever its name says; nothing is added, nothing breaks the document."""
    root = ET.fromstring(printed(hostile, "--format", "junit"))  # noqa: S314  written here
    assert [suite.tag for suite in root] == ["testsuite"] * len(NAMES)
    assert all([case.tag for case in suite.findall("testcase")] == ["testcase"] * 2 for suite in root)
    assert all(re.fullmatch(r"net\d+\.yaml", suite.attrib["name"]) for suite in root)
    assert not [element for element in root.iter() if "forged" in element.tag or "forged" in element.attrib]


def test_markdown_has_the_cells_it_should_have(hostile: Scratch) -> None:
    """Each row of a table has the cells of its header, and no tag, link or emphasis comes from a name."""
    lines = printed(hostile, "--format", "markdown").splitlines()
    cells = None
    for line in lines:
        if not line.startswith("|"):
            cells = None
            continue
        count = len(re.findall(r"(?<!\\)\|", line))
        cells = cells or count
        assert count == cells, line
    text = "\n".join(lines)
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)  # code shows what it holds
    outside = re.sub(r"\\.", "", outside)
    assert not re.search(r"<h1|</details><|\[[^\]]*\]\(|\*\*", outside)
    assert outside.count("<details") == outside.count("</details>")


def test_diff_holds_no_command_either(scratch: Scratch) -> None:
    """Layers of such names in a difference."""
    scratch.write("old.yaml", "input: [4]\nlayers: [{linear: {out: 8}, name: '::error::forged'}, relu]\n")
    scratch.write(
        "new.yaml", "input: [4]\nlayers: [{linear: {out: 9}, name: '::error::forged'}, {relu: , name: '::x'}]\n"
    )
    done = scratch("diff", "old.yaml", "new.yaml", "--all", GITHUB_ACTIONS="true")
    assert done.returncode == 0
    assert "::error::forged" in done.stdout
    assert commands(done.stdout + done.stderr) == []


def test_problems_hold_no_command_either(scratch: Scratch) -> None:
    """A file whose name is a command, with a problem in it."""
    scratch.write("::error::forged.yaml", "input: [4]\nlayers: [covn]\n")
    done = scratch("check", "::error::forged.yaml", "--limit", "macs=1", GITHUB_ACTIONS="true")
    assert done.returncode == 3
    assert [line for line in commands(done.stderr) if not line.startswith("::error file=")] == []
