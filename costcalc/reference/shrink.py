"""Smaller twins of a layer: the same op and window on a smaller image, or with fewer channels.

Sides are made unequal, one even and one odd, and channel counts unlike each other: a square hides a swapped height and
width, an odd side hides rounding, and as many channels out as in hide which of the two was counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

from costcalc.errors import Fault
from costcalc.graph.model import Layer, StoredWeight
from costcalc.ops.op import Op, Setting
from costcalc.reference.execute import stated_events
from costcalc.reference.tensor import Shape

ON_LAST_AXIS = frozenset(("linear", "layer_norm", "rms_norm", "softmax", "mixture_of_experts"))
"""Ops whose channels are the last axis, whatever the layout."""
FEWEST_POSITIONS = 6
"""As long as channels can still be left out, an image keeps this many output positions, if it has them."""
NUMBERS_AN_EVENT = 3
"""So many numbers are made in the time of one multiply-add."""


def layer_at(op: Op, arguments: Mapping[str, Any], inputs: tuple[Shape | None, ...], layout: str) -> Layer:
    """An op at these input shapes, with all of its arguments.

    Raises:
        Fault: they do not fit.
    """
    setting = Setting(arguments, inputs, layout)
    output = op.infer(setting)
    symbols = op.symbols(setting, output)
    weights = tuple(
        StoredWeight(weight.name, weight.shape(symbols), weight.trainable)
        for weight in op.weights
        if weight.stored(setting)
    )
    return Layer(op, dict(arguments), inputs, output, layout, "float32", "float32", symbols, weights)


def work(layer: Layer) -> int:
    """What it takes to run a layer on counted numbers, in multiply-adds: its events, and the numbers to be made."""
    numbers: int = sum(prod(shape) for shape in (*layer.inputs, layer.output) if shape is not None)
    numbers += sum(weight.size for weight in layer.weights)
    return sum(stated_events(layer).values()) + numbers // NUMBERS_AN_EVENT


def shrink(layer: Layer, limit: int) -> Layer | None:
    """The largest twin of `layer` that takes no more than `limit`, None if there is none.

    The image is made smaller first, then the channels are divided by 2, 4, 8, ...
    """
    smallest: Layer | None = None
    for arguments, inputs in _fewer_channels(layer):
        for shapes in _smaller_sides(layer, inputs):
            try:
                twin = layer_at(layer.op, arguments, shapes, layer.layout)
            except Fault:
                continue
            if work(twin) > limit:
                continue
            if positions(twin) >= min(FEWEST_POSITIONS, positions(layer)):
                return twin
            smallest = smallest or twin
            break
    return smallest


def channel_axis(layer: Layer, shape: Shape) -> int:
    """Which axis of an input holds what a layer calls channels or features."""
    last = layer.op.name in ON_LAST_AXIS or layer.layout == "channels_last"
    return len(shape) - 1 if last else 0


def channels(layer: Layer) -> tuple[int | None, ...]:
    """The number of channels of every input."""
    return tuple(None if shape is None else shape[channel_axis(layer, shape)] for shape in layer.inputs)


def positions(layer: Layer) -> int:
    """How many positions the output has beside its channels."""
    return prod(layer.output) // layer.output[channel_axis(layer, layer.output)]


# --- smaller images --------------------------------------------------------------------------------------------------


def _smaller_sides(layer: Layer, inputs: tuple[Shape | None, ...]) -> Iterator[tuple[Shape | None, ...]]:
    """The input shapes as they are, then with smaller and smaller sides. All inputs shrink alike."""
    yield inputs
    longest = max((side for shape in inputs if shape is not None for side in _sides(layer, shape)), default=1)
    goals = []
    goal = longest
    while goal > 1:
        goal = min(goal - 1, goal * 7 // 8)
        goals.append(goal)
    for goal in goals:
        yield tuple(None if shape is None else _at(layer, shape, goal, longest) for shape in inputs)


def _sides(layer: Layer, shape: Shape) -> Shape:
    axis = channel_axis(layer, shape)
    return shape[:axis] + shape[axis + 1 :]


def _at(layer: Layer, shape: Shape, goal: int, longest: int) -> Shape:
    """A shape with its longest side at `goal` and the others in proportion, but no two equal and both parities there.

    A side of 1 stays: it is repeated, or was made so on purpose.
    """
    axis = channel_axis(layer, shape)
    sides: list[int] = []
    for side in _sides(layer, shape):
        size = max(1, side * goal // longest) if side > 1 else 1
        if side > 1 and sides and (size == sides[-1] or size % 2 == sides[-1] % 2):
            size = size - 1 if size > 1 else size + 1
        sides.append(min(size, side))
    return (*sides[:axis], shape[axis], *sides[axis:])


# --- fewer channels --------------------------------------------------------------------------------------------------

Twin = tuple[dict[str, Any], tuple[Shape | None, ...]]


def _fewer_channels(layer: Layer) -> Iterator[Twin]:
    """Arguments and input shapes as they are, then with channels divided by 2, 4, 8, ..."""
    yield dict(layer.arguments), layer.inputs
    most = max((count for count in channels(layer) if count is not None), default=1)
    most = max(most, _out(layer) or 1)
    divisor = 2
    while divisor <= most:
        yield _divided(layer, divisor)
        divisor *= 2


def _out(layer: Layer) -> int | None:
    """The argument `out` where it counts channels: where the op has weights."""
    out = layer.arguments.get("out")
    return out if layer.weights and isinstance(out, int) else None


def _divided(layer: Layer, divisor: int) -> Twin:
    arguments = dict(layer.arguments)
    unit: int = layer.arguments.get("factor", 1) ** 2  # channels that become one square of pixels
    groups: int = layer.arguments.get("groups", 1)
    fewer = groups if groups <= 4 else max(3, groups // divisor)
    if "groups" in arguments:
        arguments["groups"] = fewer

    def divide(count: int) -> int:
        if count == 1 or count % (groups * unit):
            return count
        return fewer * unit * max(1, count // (groups * unit) // divisor)

    counts = [None if count is None else divide(count) for count in channels(layer)]
    out = _out(layer)
    if out is not None:
        arguments["out"] = divide(out)
        if arguments["out"] in counts and out > fewer:
            arguments["out"] += fewer
    inputs: list[Shape | None] = []
    for shape, count in zip(layer.inputs, counts, strict=True):
        if shape is None or count is None:
            inputs.append(None)
            continue
        axis = channel_axis(layer, shape)
        inputs.append((*shape[:axis], count, *shape[axis + 1 :]))
    return arguments, tuple(inputs)
