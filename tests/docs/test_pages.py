"""Every page shows what the program prints. With UPDATE_DOCS=1 the outputs are written anew; read the difference."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import costcalc
from costcalc.cli import COMMANDS
from costcalc.conventions.load import load as load_convention
from costcalc.spec.load import load_text

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
CONSOLE = re.compile(r"```console\n\$ (?P<command>[^\n]+)\n(?P<output>.*?)```\n", re.DOTALL)
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
LONGEST_README = 150


@functools.cache
def run(command: str) -> str:
    """What a command prints, with `costcalc` taken from this interpreter."""
    shell = f'costcalc() {{ "{sys.executable}" -m costcalc "$@"; }}; {command}'
    environment = {**os.environ, "COLUMNS": "100", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    environment.pop("FORCE_COLOR", None)
    done = subprocess.run(["bash", "-c", shell], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S607  bash stands in the examples too
    return done.stdout + done.stderr


def examples() -> list[tuple[str, str]]:
    """(page, command) of every console example."""
    return [
        (page.relative_to(ROOT).as_posix(), match["command"])
        for page in PAGES
        for match in CONSOLE.finditer(page.read_text(encoding="utf-8"))
    ]


def fences(language: str) -> list[tuple[str, str]]:
    """(page, text) of every example in a language."""
    return [
        (page.relative_to(ROOT).as_posix(), match["text"])
        for page in PAGES
        for match in FENCE.finditer(page.read_text(encoding="utf-8"))
        if match["language"] == language
    ]


@pytest.mark.parametrize(("page", "command"), examples())
def test_a_page_shows_what_the_program_prints(page: str, command: str) -> None:
    """Every console example of every page, run again, prints the same."""
    file, printed = ROOT / page, run(command)
    if os.environ.get("UPDATE_DOCS"):
        assert not os.environ.get("CI"), "outputs are never written in CI"
        file.write_text(
            CONSOLE.sub(
                lambda match: f"```console\n$ {command}\n{printed}```\n" if match["command"] == command else match[0],
                file.read_text(encoding="utf-8"),
            ),
            encoding="utf-8",
        )
    found = CONSOLE.finditer(file.read_text(encoding="utf-8"))
    assert printed == next(match["output"] for match in found if match["command"] == command)


def test_every_command_has_a_page_with_its_help() -> None:
    shown = {(page, command) for page, command in examples() if command.endswith("--help")}
    assert {(f"docs/reference/commands/{name}.md", f"costcalc {name} --help") for name in COMMANDS} <= shown


@pytest.mark.parametrize(("page", "text"), fences("yaml"))
def test_the_yaml_of_a_page_is_valid(page: str, text: str, tmp_path: Path) -> None:
    """A spec builds, a table of a convention loads, anything else is at least YAML."""
    keys = yaml.safe_load(text)
    if "layers" in keys and "input" in keys:
        costcalc.build(load_text(text))
    elif "ops" in keys:
        (tmp_path / "table.yaml").write_text(text, encoding="utf-8")
        assert load_convention(str(tmp_path / "table.yaml")).rules, page
    else:
        assert isinstance(keys, dict)


@pytest.mark.parametrize(("page", "text"), fences("python"))
def test_the_python_of_a_page_runs(page: str, text: str) -> None:
    """The functions of an example that are tests are called, too."""
    calls = "".join(f"\n{name}()" for name in re.findall(r"^def (test_\w+)\(\)", text, re.MULTILINE))
    done = subprocess.run([sys.executable, "-c", text + calls], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_spec_of_the_language_page_has_the_sizes_it_says() -> None:
    """The stem keeps 32x48, stage2 halves it and has 32 channels; 10 classes are left."""
    page = (ROOT / "docs/reference/language.md").read_text(encoding="utf-8")
    graph = costcalc.build(load_text(re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1]))
    assert [shape for _, shape in graph.outputs.values()] == [(10,)]
    assert graph.root.edges[-4].child.output == (32, 16, 24)


def test_the_python_page_prints_a_known_number() -> None:
    """ResNet-50 with 10 classes: the trunk has 25,557,032 - 2,049,000 = 23,508,032 params, the head 2,048 * 10 + 10."""
    page = (ROOT / "docs/reference/python.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("23528522 ")


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= LONGEST_README


def test_every_page_is_in_the_navigation() -> None:
    """A page that no menu leads to is never found."""
    listed = set(re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    assert listed == {page.relative_to(ROOT / "docs").as_posix() for page in PAGES[1:]}
