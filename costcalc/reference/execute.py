"""One layer run on counted numbers, and what happened held against what its op says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from costcalc.graph.model import Layer
from costcalc.reference.kernels import Kernel, kernels
from costcalc.reference.numbers import Tally
from costcalc.reference.tensor import Shape, Tensor
from costcalc.reference.weights import Weights, counted, draw, draw_weight


@dataclass(frozen=True, slots=True)
class Execution:
    """The outcome of running a layer.

    Attributes:
        output: the shape of what came out; None when the kernel could not finish.
        events: event -> how often it happened.
        reads: weight -> the shape it was read with.
        failure: why the kernel could not finish.
    """

    output: Shape | None
    events: Mapping[str, int]
    reads: Mapping[str, Shape]
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which formula and arithmetic disagree: what, both sides, and the difference in words.

    `what` is `shape`, an event, `weight NAME`, or `run` for a kernel that could not finish.
    """

    what: str
    stated: Any
    found: Any
    text: str


def execute(layer: Layer, seed: int = 0, kernel: Kernel | None = None) -> Execution:
    """Run `layer` on counted numbers, random but the same for every seed; with its op's kernel unless one is given."""
    random = Random(f"{seed} {layer.op.name}")  # noqa: S311  # reproducible values, no secrets
    tally = Tally()

    def supply(name: str, shape: Shape) -> Tensor:
        return counted(draw_weight(name, shape, random), tally, name)

    inputs: list[Any] = [None if shape is None else counted(draw(shape, random), tally) for shape in layer.inputs]
    weights = Weights({weight.name: supply(weight.name, weight.shape) for weight in layer.weights}, supply)
    output, failure = None, ""
    try:
        output = (kernel or kernels()[layer.op.name])(inputs, weights, layer.arguments, layer.layout).shape
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        failure = f"{type(error).__name__}: {error}"
    return Execution(output, tally.events(), dict(weights.reads), failure)


def stated_events(layer: Layer) -> dict[str, int]:
    """Event -> how often the op's formulas say that it happens; events that do not happen are left out."""
    return dict(sorted(layer.tally().items()))


def differences(layer: Layer, execution: Execution) -> tuple[Difference, ...]:
    """Everything on which the op and its execution disagree."""
    found = [*_weights(layer, execution)]
    if execution.failure:
        return (*found, Difference("run", None, None, f"the arithmetic stops: {execution.failure}"))
    if execution.output != layer.output:
        text = f"the shape rule says {list(layer.output)}, {list(execution.output or ())} came out"
        found.append(Difference("shape", layer.output, execution.output, text))
    stated = stated_events(layer)
    for event in sorted(stated.keys() | execution.events.keys()):
        says, happened = stated.get(event, 0), execution.events.get(event, 0)
        if says != happened:
            way = "more" if happened > says else "fewer"
            text = f"{event}: the formula says {says:,}, {happened:,} happened: {abs(happened - says):,} {way}"
            found.append(Difference(event, says, happened, text))
    return tuple(found)


def _weights(layer: Layer, execution: Execution) -> list[Difference]:
    stated = {weight.name: weight.shape for weight in layer.weights}
    found = []
    for name in dict.fromkeys((*stated, *execution.reads)):
        says, read = stated.get(name), execution.reads.get(name)
        if says is None:
            text = f"{name} {list(read or ())} is read but not stated"
        elif read is None:
            text = f"{name} {list(says)} is stated but never read"
        elif read != says:
            text = f"{name} is stated as {list(says)} but read as {list(read)}"
        else:
            continue
        found.append(Difference(f"weight {name}", says, read, text))
    return found
