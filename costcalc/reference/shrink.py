"""Smaller twins of a layer: the same op and window on a smaller image, or with fewer channels.

The sides of an image keep their proportions as long as that fits. Where it does not, as in a volume of few slices,
each is made smaller for itself. Sides are made unequal, one even and one odd, and channel counts unlike each other: a
square hides a swapped height and width, an odd side hides rounding, and as many channels out as in hide which of the
two was counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod
from typing import Any

from costcalc.errors import Fault
from costcalc.graph.model import Layer, StoredWeight
from costcalc.ops.op import Op, Setting
from costcalc.reference.execute import stated_events
from costcalc.reference.tensor import Shape

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
    """The effort of running a layer on counted numbers, in multiply-adds: its events, and the numbers to be made."""
    return sum(stated_events(layer).values()) + numbers(layer) // NUMBERS_AN_EVENT


def numbers(layer: Layer) -> int:
    """The number of numbers that a run of a layer makes: those of its inputs, its weights and its output."""
    shapes = [shape for shape in (*layer.inputs, layer.output) if shape is not None]
    return sum(map(prod, shapes)) + sum(weight.size for weight in layer.weights)


def shrink(layer: Layer, limit: int) -> Layer | None:
    """The largest twin of `layer` that takes no more than `limit`, None if there is none.

    The image is made smaller first, then the channels are divided by 2, 4, 8, ...
    """
    smallest: Layer | None = None
    for arguments, counts in _fewer_channels(layer):
        for given, shapes in _smaller_sides(layer, arguments, counts):
            try:
                twin = layer_at(layer.op, given, shapes, layer.layout)
            except Fault:
                continue
            if work(twin) > limit:
                continue
            if positions(twin) >= min(FEWEST_POSITIONS, positions(layer)):
                return twin
            smallest = smallest or twin
            break
    return smallest or _axis_by_axis(layer, limit)


def _axis_by_axis(layer: Layer, limit: int) -> Layer | None:
    """A twin of which every side is made smaller until the layer no longer fits; only for a layer with one input.

    It is the last resort, for windows that need all of one side.
    """
    if len(layer.inputs) != 1 or layer.inputs[0] is None:
        return None
    for arguments, (count,) in _fewer_channels(layer):
        axis = channel_axis(layer, layer.inputs[0])
        shape = [*layer.inputs[0]]
        shape[axis] = shape[axis] if count is None else count
        fits = _twin(layer, arguments, shape)
        open_axes = [at for at in range(len(shape)) if at != axis]
        while fits is not None and open_axes and work(fits) > limit:
            longest = max(open_axes, key=lambda at: shape[at])
            side = shape[longest]
            shape[longest] = max(1, min(side - 1, side * 7 // 8))
            smaller = _twin(layer, arguments, shape) if side > 1 else None
            if smaller is None:
                shape[longest] = side
                open_axes.remove(longest)
            fits = smaller or fits
        if fits is not None and work(fits) <= limit:
            return fits
    return None


def _twin(layer: Layer, arguments: Mapping[str, Any], shape: Sequence[int]) -> Layer | None:
    try:
        return layer_at(layer.op, arguments, (tuple(shape),), layer.layout)
    except Fault:
        return None


def channel_axis(layer: Layer, shape: Shape) -> int:
    """The axis of an input that a layer takes for channels or features."""
    last = layer.op.axes == "last" or layer.layout == "channels_last"
    return len(shape) - 1 if last else 0


def channels(layer: Layer) -> tuple[int | None, ...]:
    """The number of channels of every input."""
    return tuple(None if shape is None else shape[channel_axis(layer, shape)] for shape in layer.inputs)


def positions(layer: Layer) -> int:
    """The number of positions of the output beside its channels."""
    return prod(layer.output) // layer.output[channel_axis(layer, layer.output)]


# --- smaller images --------------------------------------------------------------------------------------------------

Counts = tuple[int | None, ...]
"""The number of channels of every input."""
Twin = tuple[dict[str, Any], tuple[Shape | None, ...]]
"""Arguments and input shapes."""


def _smaller_sides(layer: Layer, arguments: dict[str, Any], counts: Counts) -> Iterator[Twin]:
    """The sides as they are, then smaller and smaller; for each step several ways that may or may not fit."""
    names = [name for name in layer.op.sides if _numbers(arguments[name])]
    given = [side for name in names for side in _numbers(arguments[name])]
    inner = [side for shape in layer.inputs if shape is not None for side in _sides(layer, shape)]
    longest = max((1, *given, *inner))
    goal = longest
    while True:
        for smaller in (_in_proportion(goal, longest), _no_longer_than(goal)):
            ways = [tuple(_at(layer, smaller, *pair) for pair in zip(layer.inputs, counts, strict=True))]
            if len(layer.inputs) > 1:
                ways.append(_alike(layer, smaller, arguments, counts))
            for way in ways:
                yield arguments, way
            if given and goal < longest:
                fewer = {name: _scaled(arguments[name], smaller) for name in names}
                for way in ways:
                    yield {**arguments, **fewer}, way
            if "shape" in arguments and layer.inputs:
                yield _regrouped(layer, arguments, smaller)
        if goal == 1:
            return
        goal = min(goal - 1, goal * 7 // 8)


Smaller = Callable[[int], int]
"""A side -> the side of the twin."""


def _in_proportion(goal: int, longest: int) -> Smaller:
    return lambda side: max(1, side * goal // longest)


def _no_longer_than(goal: int) -> Smaller:
    return lambda side: min(side, goal)


def _regrouped(layer: Layer, arguments: dict[str, Any], smaller: Smaller) -> Twin:
    """The twin of a layer that is given its output shape: axes that become one, or are made of one, go together.

    Axes of which it cannot be told keep their size.
    """
    before, after = [*layer.inputs[0]], [*layer.output]
    parity = 0
    for ours, theirs in _groups(layer.inputs[0], layer.output):
        if len(ours) > 1 and len(theirs) > 1:
            continue
        many, sizes = (after, theirs) if len(ours) == 1 else (before, ours)
        for at in sizes:
            if many[at] > 1:  # even and odd in turn
                size = smaller(many[at])
                many[at] = max(1, size - (size + parity) % 2)
                parity += 1
        one, (place,) = (before, ours) if len(ours) == 1 else (after, theirs)
        one[place] = prod(many[at] for at in sizes)
    shape = tuple(-1 if size == -1 else after[at] for at, size in enumerate(arguments["shape"]))
    return {**arguments, "shape": shape}, (tuple(before),)


def _groups(before: Shape, after: Shape) -> Iterator[tuple[list[int], list[int]]]:
    """The fewest neighbouring axes on both sides that hold as many elements."""
    ours: list[int] = []
    theirs: list[int] = []
    i = j = 0
    while i < len(before) and j < len(after):
        ours, theirs = [i], [j]
        left, right = before[i], after[j]
        i, j = i + 1, j + 1
        while left != right:
            if left < right and i < len(before):
                ours.append(i)
                left *= before[i]
                i += 1
            elif right < left and j < len(after):
                theirs.append(j)
                right *= after[j]
                j += 1
            else:
                return
        yield ours, theirs


def _numbers(value: Any) -> tuple[int, ...]:
    """The whole numbers above 0 of an argument."""
    items = value if isinstance(value, tuple) else (value,)
    return tuple(item for item in items if isinstance(item, int) and item > 0)


def _scaled(value: Any, smaller: Smaller) -> Any:
    if isinstance(value, tuple):
        return tuple(_scaled(item, smaller) for item in value)
    return smaller(value) if value is not None and value > 1 else value


def _sides(layer: Layer, shape: Shape) -> Shape:
    axis = channel_axis(layer, shape)
    return shape[:axis] + shape[axis + 1 :]


def _at(layer: Layer, smaller: Smaller, shape: Shape | None, count: int | None) -> Shape | None:
    """A shape with other channels and smaller sides, no two of them equal and both parities there.

    A side of 1 stays: it is repeated, or was made so on purpose.
    """
    if shape is None or count is None:
        return None
    axis = channel_axis(layer, shape)
    sides: list[int] = []
    for side in _sides(layer, shape):
        size = smaller(side) if side > 1 else 1
        if size < side and sides and size % 2 == sides[-1] % 2:
            size = size - 1 if size > 1 else size + 1
        sides.append(min(size, side))
    return (*sides[:axis], count, *sides[axis:])


def _alike(layer: Layer, smaller: Smaller, arguments: Mapping[str, Any], counts: Counts) -> tuple[Shape | None, ...]:
    """Shapes in which equal sizes stay equal, wherever they stand: columns of one matrix and rows of another."""
    sizes: dict[int, int] = {1: 1}
    if layer.arguments.get("heads"):
        sizes[layer.arguments["heads"]] = arguments["heads"]
    for shape, count in zip(layer.inputs[:3], counts, strict=False):  # a fourth, the bias of attention, has none
        if shape is not None and count is not None:
            sizes.setdefault(shape[channel_axis(layer, shape)], count)
    for shape in layer.inputs:
        for side in shape or ():
            sizes.setdefault(side, smaller(side))
    return tuple(None if shape is None else tuple(sizes[size] for size in shape) for shape in layer.inputs)


# --- fewer channels --------------------------------------------------------------------------------------------------


def _fewer_channels(layer: Layer) -> Iterator[tuple[dict[str, Any], Counts]]:
    """Arguments and channels as they are, then with channels divided by 2, 4, 8, ..."""
    yield dict(layer.arguments), channels(layer)
    given = (_out(layer), layer.arguments.get("count"))
    most = max((1, *_numbers(channels(layer)), *_numbers(given)))
    divisor = 2
    while divisor <= most:
        yield _divided(layer, divisor)
        divisor *= 2


def _out(layer: Layer) -> int | None:
    """The argument `out` where it counts channels: where the op has weights."""
    out = layer.arguments.get("out")
    return out if layer.weights and isinstance(out, int) else None


def _divided(layer: Layer, divisor: int) -> tuple[dict[str, Any], Counts]:
    arguments = dict(layer.arguments)
    parts = arguments.get("groups") or arguments.get("heads") or 1
    shared = arguments.get("kv_heads") or parts  # of these there are fewer where heads share keys and values
    fewer = shared if shared <= 4 else max(3, shared // divisor)
    if "groups" in arguments:
        arguments["groups"] = fewer
    if "heads" in arguments:
        arguments["heads"] = fewer * (parts // shared)
    if arguments.get("kv_heads"):
        arguments["kv_heads"] = fewer
    if "count" in arguments:
        arguments["count"] = max(2, arguments["count"] // divisor)
    unit = 1 if layer.op.unit is None else layer.op.unit(arguments)

    def divide(count: int, own: int) -> int:
        """`own` parts of the channels, as many as there will be."""
        if count == 1 or count % (own * unit):
            return count
        return own // shared * fewer * unit * max(1, count // (own * unit) // divisor)

    counts: list[int | None] = []
    for number, count in enumerate(channels(layer)):
        own = shared if layer.op.attends and number in (1, 2) else parts  # keys and values
        counts.append(None if count is None else divide(count, own))
    out = _out(layer)
    if out is not None:
        arguments["out"] = divide(out, parts)
        if arguments["out"] in counts and out > fewer:
            arguments["out"] += fewer
    return arguments, tuple(counts)
