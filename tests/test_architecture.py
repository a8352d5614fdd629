"""The shape of the code: imports go down only, start-up stays light, nothing heavy is loaded unasked."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import costcalc

PACKAGE = Path(costcalc.__file__).parent

# The design's floors: a file may import from a lower floor, or from its own package; `ops` may import
# `text`, and `budget` (limits and verdicts) `versions` (what is judged against what it was), never the reverse.
FLOORS = {
    "errors": 0,
    "text": 1,
    "ops": 1,
    "spec": 2,
    "conventions": 2,
    "graph": 3,
    "cost": 4,
    "reference": 4,
    "comparison": 5,
    "reconcile": 5,
    "versions": 5,
    "budget": 5,
    "sweep": 5,
    "importers": 5,
    "report": 6,
    "cli": 7,
}
SAME_FLOOR = {("ops", "text"), ("budget", "versions")}
FORBIDDEN = {("reference", "cost")}
RUNTIME = {"click", "rich", "yaml"}


def imports(path: Path, *, module_level: bool = False) -> set[str]:
    """The full names of the modules that a file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if module_level else list(ast.walk(tree))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def files() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


def room(path: Path) -> str:
    """The package or file directly below `costcalc` that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_only(path: Path) -> None:
    """A file imports its own package and lower floors, never a higher one."""
    own = room(path)
    if own in ("__init__", "__main__"):
        return  # the entrances
    assert own in FLOORS, f"{own} has no floor in the design"
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "costcalc" or len(parts) == 1 or parts[1] == own:
            continue
        other = parts[1]
        assert (own, other) not in FORBIDDEN, f"{path.name} imports {name}"
        assert FLOORS[other] < FLOORS[own] or (own, other) in SAME_FLOOR, f"{path.name} imports {name}"


def test_runtime_dependencies_are_three() -> None:
    """Beside the standard library only click, rich and pyyaml are imported."""
    foreign = {
        name.split(".")[0]
        for path in files()
        for name in imports(path)
        if name.split(".")[0] not in {*sys.stdlib_module_names, "costcalc", ""}
    }
    assert foreign <= RUNTIME


def test_only_the_command_line_prints_and_exits() -> None:
    """`print`, `sys.exit` and standard output belong to `cli/`."""
    for path in files():
        if room(path) in ("cli", "__main__"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func) not in ("print", "sys.exit", "sys.stdout.write"), path


def test_nothing_evaluates_text() -> None:
    """No `eval`, no `exec`, no YAML loader that constructs objects."""
    for path in files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                assert name not in ("eval", "exec", "compile", "yaml.load", "yaml.unsafe_load"), path


def loaded_by(*arguments: str) -> set[str]:
    """The modules that a command loads, as `-X importtime` lists them."""
    command = [sys.executable, "-X", "importtime", "-m", "costcalc", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    return {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_load_little(option: str) -> None:
    """`costcalc --version` and `--help` load neither yaml nor rich, nor any floor below the command line."""
    loaded = loaded_by(option)
    assert not {"yaml", "rich", "costcalc.ops", "costcalc.spec"} & loaded
    assert not any(name.startswith(("rich.", "importlib.metadata")) for name in loaded)


@pytest.mark.parametrize("form", ["json", "csv", "table"])
def test_output_to_a_pipe_loads_no_rich(form: str) -> None:
    """Away from a terminal no format needs rich, and none needs asyncio, multiprocessing or pathlib."""
    loaded = loaded_by("show", "resnet18", "--format", form)
    assert "costcalc.report.layers" in loaded or form == "json"
    assert not {"rich", "asyncio", "multiprocessing", "difflib", "pathlib", "torch", "onnx", "numpy"} & loaded


def test_importing_costcalc_is_light() -> None:
    """`import costcalc` alone loads no dependency."""
    code = "import sys, costcalc; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert not {"yaml", "rich", "click", "torch", "onnx", "numpy"} & set(done.stdout.split())
    assert {"load", "build", "estimate", "compare", "check", "diff", "verify"} <= set(costcalc.__all__)
    for name in costcalc.__all__:
        assert callable(getattr(costcalc, name))


def test_package_data_is_typed() -> None:
    """The package says that it has types."""
    assert (PACKAGE / "py.typed").is_file()
