"""The kernels on numbers worked out by hand, and the two folders held against each other.

The numbers stand in the test of every op, `VALUES` in `tests/ops/test_NAME.py`, as YAML: a list of cases an op. The
channels come first unless `layout` says otherwise; the batch is no axis. `why` is the arithmetic. Weights are powers of
ten or two where it helps: every misplaced tap has its own digit.
"""

from __future__ import annotations

import ast
import sys
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

import costcalc.reference
from costcalc.ops import catalogue, op_files
from costcalc.ops.op import REQUIRED
from costcalc.reference.kernels import kernel_files, kernels
from costcalc.reference.numbers import Tally
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights, counted


def value_lists() -> list[dict[str, list[dict[str, Any]]]]:
    """Op -> cases, from every file of `tests/ops`."""
    found = []
    for path in sorted((Path(__file__).parents[1] / "ops").glob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "VALUES":
                found.append(yaml.safe_load(ast.literal_eval(node.value)))
    return found


CASES = {op: cases for values in value_lists() for op, cases in values.items()}
EACH = pytest.mark.parametrize(
    ("op", "case"),
    [pytest.param(op, case, id=f"{op}-{number}") for op, cases in CASES.items() for number, case in enumerate(cases)],
)


def tensor(rows: Any) -> Tensor:
    """Nested lists, as a tensor of floats."""
    rank, inner = 0, rows
    while isinstance(inner, list):
        rank, inner = rank + 1, inner[0]
    whole = Tensor.of(rows, rank)
    return Tensor(whole.shape, [float(number) for number in whole.numbers])


def value(given: Any) -> Any:
    """A value of YAML as an argument: lists are tuples, decimals exact."""
    if isinstance(given, list):
        return tuple(value(item) for item in given)
    return Fraction(str(given)) if isinstance(given, float) else given


def calculate(op: str, case: dict[str, Any], tally: Tally | None = None) -> Tensor:
    given = {name: value(argument) for name, argument in case.get("arguments", {}).items()}
    arguments = {argument.name: given.get(argument.name, argument.default) for argument in catalogue()[op].arguments}
    assert given.keys() <= arguments.keys()
    assert REQUIRED not in arguments.values()
    inputs = [tensor(rows) for rows in case["inputs"]]
    weights = {name: tensor(rows) for name, rows in case.get("weights", {}).items()}
    if tally is not None:
        inputs = [counted(x, tally) for x in inputs]
        weights = {name: counted(x, tally, name) for name, x in weights.items()}
    return kernels()[op](inputs, Weights(weights), arguments, case.get("layout", "channels_first"))


@EACH
def test_values_worked_out_by_hand(op: str, case: dict[str, Any]) -> None:
    expected = tensor(case["output"])
    found = calculate(op, case)
    assert found.shape == expected.shape
    assert found.numbers == pytest.approx(expected.numbers, rel=1e-9, abs=1e-9)


@EACH
def test_counted_numbers_have_the_same_values(op: str, case: dict[str, Any]) -> None:
    numbers = [float(number) for number in calculate(op, case, Tally()).numbers]
    assert numbers == pytest.approx(tensor(case["output"]).numbers, rel=1e-9, abs=1e-9)


def test_every_op_has_a_kernel_in_the_file_of_its_name() -> None:
    assert kernel_files() == op_files()
    assert kernels().keys() == catalogue().keys()
    for file in op_files():
        ops = {name for name, op in catalogue().items() if op in vars(import_module(f"costcalc.ops.{file}")).values()}
        assert vars(import_module(f"costcalc.reference.kernels.{file}"))["KERNELS"].keys() == ops


def test_every_op_has_cases() -> None:
    assert CASES.keys() == catalogue().keys()


def test_no_op_has_its_cases_in_two_places() -> None:
    """The second list would take the place of the first without a word."""
    names = [op for values in value_lists() for op in values]
    assert sorted(names) == sorted(set(names))


PACKAGE = Path(costcalc.reference.__file__).parent
ARITHMETIC = {
    "costcalc.reference.image",
    "costcalc.reference.kernels",
    "costcalc.reference.numbers",
    "costcalc.reference.tensor",
    "costcalc.reference.weights",
    "costcalc.reference.windows",
}


def imports(path: Path) -> set[str]:
    """The modules of costcalc that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.partition(".")[0] == "costcalc"}


def test_the_arithmetic_knows_no_formula() -> None:
    """Kernels and what they are made of import nothing but each other."""
    files = [*(PACKAGE / "kernels").glob("*.py")]
    files += [PACKAGE / f"{name.rpartition('.')[2]}.py" for name in ARITHMETIC if name != "costcalc.reference.kernels"]
    assert len(files) > 30
    for path in files:
        for name in imports(path):
            assert name in ARITHMETIC or name.startswith("costcalc.reference.kernels."), (path.name, name)


def test_nothing_but_the_standard_library_is_used() -> None:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names | {"costcalc"}
