"""The shape of the code: imports go down only, start-up stays light, nothing heavy is loaded unasked."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import costcalc
from costcalc.ops import catalogue
from costcalc.text.trees import FUNCTIONS

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


# --- what is decided by the name of an op ----------------------------------------------------------------------------

OPS = frozenset(catalogue())
EVENTS = frozenset(event for op in catalogue().values() for event in op.tally)
KINDS_OF_CALLS = frozenset(("op", "block", "parameter", "group"))
TWICE = OPS & (EVENTS | frozenset(FUNCTIONS) | KINDS_OF_CALLS)
"""Names of ops that are words of another kind as well: events of tallies, functions of expressions, kinds of calls."""
HOMES = ("ops", "reference/kernels")


def decisions(source: str) -> list[str]:
    """The places where Python source decides by the name of an op.

    1. No name of an op may be compared with, matched, looked up, or stand in a table: in a literal set, list or tuple of
       texts, a key of a literal dict, or a text that is split into words. Names that are also words of another kind
       (`add` is an event, `parameter` a kind of call) are let through here.
    2. Whatever it is called, `op.name` may not be compared with a literal or a constant, nor looked up in a constant.

    What says so of its op stands in the op's file. What calculates an op (a kernel, an exact kernel, a call of PyTorch)
    is found by its own name. Names in other tools are data.
    """
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        named, operands = _compared(node)
        names = set(named) & (OPS - TWICE)
        if names:
            found.append(f"line {node.lineno}: {', '.join(sorted(names))}")  # type: ignore[attr-defined]
        if any(map(_is_name_of_op, operands)) and any(map(_is_constant, operands)):
            found.append(f"line {node.lineno}: {ast.unparse(node)}")  # type: ignore[attr-defined]
    return found


def _compared(node: ast.AST) -> tuple[list[str], list[ast.expr]]:
    """The texts that something is compared with at a node, and the sides of the comparison."""
    if isinstance(node, ast.Compare):
        operands = [node.left, *node.comparators]
        return _texts(operands), operands
    if isinstance(node, ast.Dict):
        return _texts(node.keys), []
    if isinstance(node, ast.Set | ast.List | ast.Tuple):
        return _texts(node.elts), []
    if isinstance(node, ast.MatchValue):
        return _texts([node.value]), []
    if isinstance(node, ast.Subscript):
        return _texts([node.slice]), [node.value, node.slice]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        owner, method = node.func.value, node.func.attr
        if method == "split":
            return [word for text in _texts([owner]) for word in text.split()], []
        if method in ("get", "startswith", "endswith", "pop", "index", "count"):
            return _texts(node.args[:1] if method == "get" else []), [owner, *node.args]
    return [], []


def _texts(nodes: Iterable[ast.expr | None]) -> list[str]:
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def _is_name_of_op(node: ast.expr) -> bool:
    """True of `op.name`, `layer.op.name`, `self.op.name`."""
    if not isinstance(node, ast.Attribute) or node.attr != "name":
        return False
    return getattr(node.value, "id", getattr(node.value, "attr", "")) == "op"


def _is_constant(node: ast.expr) -> bool:
    """True of a text, a literal collection, and a name in capitals."""
    if isinstance(node, ast.Constant | ast.Set | ast.List | ast.Tuple | ast.Dict):
        return True
    return getattr(node, "id", getattr(node, "attr", "")).isupper()


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_outside_an_ops_file_decides_by_an_ops_name(path: Path) -> None:
    """What an op is stands in its file, so that adding one touches no list elsewhere."""
    if path.relative_to(PACKAGE).as_posix().startswith(HOMES):
        return
    assert decisions(path.read_text(encoding="utf-8")) == []


def test_words_of_two_kinds_are_few() -> None:
    """A new event or function may let a name through: see that nothing else is meant by it."""
    assert sorted(TWICE) == ["add", "exp", "mul", "parameter", "tanh"]


@pytest.mark.parametrize("source", [
    "if layer.op.name == 'conv': pass",
    "if op.name != 'add': pass",
    "same = name in ('relu', 'gelu')",
    "MOVES = frozenset(('pad', 'roll'))",
    "CALLS = {'linear': call}",
    "SIDES = {**other, 'crop': ('size',)}",
    "names = 'max_pool avg_pool'.split()",
    "kernel = kernels()['batch_norm']",
    "sides = SIDES.get(layer.op.name, ())",
    "call = CALLS[op.name]",
    "known = layer.op.name in TRACED",
    "pool = op.name.endswith('_pool')",
    "match name:\n    case 'embedding': pass",
])  # fmt: skip
def test_a_decision_by_name_is_found(source: str) -> None:
    assert decisions(source)


@pytest.mark.parametrize("source", [
    "kernel = kernels()[layer.op.name]",
    "rule = self.rule(layer.op.name, place)",
    "if call.kind == 'parameter': pass",
    "EVENTS = ('add', 'mul', 'exp')",
    "if layer.op.axes == 'image': pass",
    "if first.op.name == second.op.name: pass",
    "function = getattr(functional, f'conv{rank}d')",
])  # fmt: skip
def test_a_use_of_a_name_is_no_decision(source: str) -> None:
    assert not decisions(source)
