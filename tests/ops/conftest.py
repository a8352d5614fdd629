"""One op put to work as a spec would use it: `work` returns what it does, `refuse` what it says no with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from costcalc.errors import Fault
from costcalc.ops import catalogue
from costcalc.ops.op import REQUIRED, Op, Setting, Shape


@dataclass(frozen=True)
class Work:
    """What an op does in one place. Counts of 0 are left out; steps are lines of text."""

    shape: Shape
    weights: dict[str, Shape]
    buffers: dict[str, Shape]
    tally: dict[str, int]
    quantities: dict[str, int]
    steps: list[str]


def _work(name: str, arguments: Mapping[str, Any], *shapes: Shape) -> Work:
    """The work of an op on inputs of these shapes; `layout` among the arguments is the layout of the file."""
    op = catalogue()[name]
    setting = _setting(op, dict(arguments), shapes)
    shape = op.infer(setting)
    symbols = op.symbols(setting, shape)
    stored = {weight.name: weight for weight in op.weights if weight.stored(setting)}
    return Work(
        shape=shape,
        weights={name: weight.shape(symbols) for name, weight in stored.items() if weight.trainable},
        buffers={name: weight.shape(symbols) for name, weight in stored.items() if not weight.trainable},
        tally={event: count for event, formula in op.tally.items() if (count := formula.evaluate(symbols))},
        quantities={name: count for name, formula in op.quantities.items() if (count := formula.evaluate(symbols))},
        steps=[
            f"{step.name} = {step.formula.substitute(step.symbols)} = {step.formula.evaluate(step.symbols)}"
            for step in (op.steps(setting, shape) if op.steps else [])
        ],
    )


def _setting(op: Op, given: dict[str, Any], shapes: tuple[Shape, ...]) -> Setting:
    layout = given.pop("layout", "channels_first")
    arguments = {
        argument.name: argument.kind.check(given.pop(argument.name)) if argument.name in given else argument.default
        for argument in op.arguments
    }
    assert not given, f"{op.name} has no argument {sorted(given)}"
    assert REQUIRED not in arguments.values()
    inputs = (
        shapes if op.inputs == ("*",) else (*shapes, *(None for name in op.inputs[len(shapes) :] if name[-1] == "?"))
    )
    assert op.inputs == ("*",) or len(inputs) == len(op.inputs)
    return Setting(arguments, inputs, layout)


@pytest.fixture
def work() -> Callable[..., Work]:
    """The function `work(op, arguments, *shapes)`."""
    return _work


@pytest.fixture
def refuse() -> Callable[..., tuple[str, str]]:
    """The function `refuse(op, arguments, *shapes)`: message and hint of the `Fault` that must be raised."""

    def refused(name: str, arguments: Mapping[str, Any], *shapes: Shape) -> tuple[str, str]:
        with pytest.raises(Fault) as caught:
            _work(name, arguments, *shapes)
        return caught.value.message, caught.value.hint

    return refused
