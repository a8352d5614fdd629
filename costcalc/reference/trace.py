"""The very products that are added up to one output of an op whose outputs are sums of products of weights.

The layer's own kernel is run once more, on weights that remember what they are multiplied with. So what is shown is
what happens, not what somebody believes to happen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product, takewhile
from math import prod

from costcalc.errors import CostcalcError
from costcalc.graph.model import Layer
from costcalc.ops import catalogue
from costcalc.reference.kernels import kernels
from costcalc.reference.run import RunLayer
from costcalc.reference.shrink import channel_axis
from costcalc.reference.tensor import Shape, Tensor
from costcalc.reference.weights import Weights


@dataclass(frozen=True, slots=True)
class Term:
    """One product of a sum: a weight and where it stands, a number of the input and where it stands.

    `place` is None where the input is padding.
    """

    weight_place: Shape
    weight: float
    place: Shape | None
    number: float

    @property
    def value(self) -> float:
        """The product."""
        return self.weight * self.number


@dataclass(frozen=True, slots=True)
class Trace:
    """One number of an output: the products that were added up, the bias if there is one, and the sum."""

    path: str
    place: Shape
    terms: tuple[Term, ...]
    bias: float | None
    value: float


def places(ran: RunLayer, position: Shape, channel: int | None = None) -> list[Shape]:
    """The places of the output at a position without its channel axis: one for every channel, or for one.

    Raises:
        CostcalcError: the position or the channel lies outside the output.
    """
    shape = ran.output.shape
    axis = channel_axis(ran.layer, shape)
    sizes = shape[:axis] + shape[axis + 1 :]
    if len(position) != len(sizes) or not all(0 <= at < size for at, size in zip(position, sizes, strict=True)):
        rows = ", ".join(f"0 to {size - 1}" for size in sizes) or "none"
        raise CostcalcError(
            f"pixel {list(position)} is outside the output {list(shape)} of '{ran.path}': positions are {rows}"
        )
    if channel is not None and channel >= shape[axis]:
        raise CostcalcError(f"channel {channel} is outside the {shape[axis]} channels of '{ran.path}'")
    channels = range(shape[axis]) if channel is None else [channel]
    return [(*position[:axis], number, *position[axis:]) for number in channels]


def trace(ran: RunLayer, place: Shape) -> Trace:
    """The products behind the number at `place` of a layer's output.

    Raises:
        CostcalcError: the outputs of the layer are no sums of products of weights, or `place` lies outside its output.
    """
    if not ran.layer.op.sums:
        names = ", ".join(op.name for op in catalogue().values() if op.sums)
        raise CostcalcError(f"'{ran.path}' is a {ran.layer.op.name}: products are shown for {names}")
    shape = ran.output.shape
    if len(place) != len(shape) or not all(0 <= index < size for index, size in zip(place, shape, strict=True)):
        raise CostcalcError(f"{list(place)} is outside the output {list(shape)} of '{ran.path}'")
    channel = place[channel_axis(ran.layer, shape)]
    weights = {name: _taps(ran.layer, name, tensor, channel) for name, tensor in ran.weights.items()}
    x = ran.inputs[0]
    assert x is not None
    inputs = [Tensor(x.shape, [_Placed.at(number, at) for number, at in _placed(x)])]
    output = kernels()[ran.layer.op.name](inputs, Weights(weights), ran.layer.arguments, ran.layer.layout)
    number = output.numbers[sum(index * prod(shape[axis + 1 :]) for axis, index in enumerate(place))]
    terms, bias = _read(number)
    return Trace(ran.path, place, terms, bias, float(number))


def _taps(layer: Layer, name: str, weight: Tensor, channel: int) -> Tensor:
    """The weight with memory where it is used for one output channel; elsewhere plain numbers, which are faster."""
    dims = next(stated.dims for stated in layer.op.weights if stated.name == name)
    before = takewhile(lambda dim: layer.op.sums not in dim.letters(), dims)
    factors = [layer.symbols.get(dim.text) for dim in before]
    axis = sum(len(some) if isinstance(some, tuple) else 1 for some in factors)
    wanted = channel % weight.shape[axis]  # with groups, an axis may hold the channels of one of them
    return Tensor(weight.shape, [_Tap(n, at) if at[axis] == wanted else n for n, at in _placed(weight)])


def _placed(x: Tensor) -> Iterator[tuple[float, Shape]]:
    """Every number and where it stands."""
    return zip(x.numbers, product(*map(range, x.shape)), strict=True)


class _Placed(float):
    """A number of the input that knows where it stands."""

    place: Shape

    @classmethod
    def at(cls, number: float, place: Shape) -> _Placed:
        placed = cls(number)
        placed.place = place
        return placed


class _Tap:
    """A weight that makes sums of its products, and of itself when it is added as a bias."""

    __slots__ = ("number", "place")

    def __init__(self, number: float, place: Shape) -> None:
        self.number = number
        self.place = place

    def __radd__(self, other: float) -> _Sum:
        return _Sum(other + self.number, None, self)

    def __mul__(self, other: float) -> _Sum:
        place = getattr(other, "place", None)
        return _Sum(self.number * other, None, Term(self.place, self.number, place, float(other)))

    __rmul__ = __mul__


class _Sum:
    """A running sum: the sum before, and what was added last."""

    __slots__ = ("added", "before", "value")

    def __init__(self, value: float, before: _Sum | None, added: Term | _Tap) -> None:
        self.value = value
        self.before = before
        self.added = added

    def __radd__(self, other: float) -> _Sum:
        return _Sum(other + self.value, None, self.added)

    def __add__(self, other: _Sum | _Tap | float) -> _Sum | float:
        if isinstance(other, _Tap):
            return _Sum(self.value + other.number, self, other)
        if isinstance(other, _Sum):
            return _Sum(self.value + other.value, self, other.added)
        return self.value + other  # the bias of another channel, whose sum nobody asked for

    def __float__(self) -> float:
        return self.value


def _read(number: float | _Sum) -> tuple[tuple[Term, ...], float | None]:
    """The terms of a number in the order they were added, and the bias."""
    terms: list[Term] = []
    bias = None
    at = number if isinstance(number, _Sum) else None
    while at is not None:
        if isinstance(at.added, _Tap):
            bias = at.added.number
        else:
            terms.append(at.added)
        at = at.before
    return tuple(reversed(terms)), bias
