"""Exact arithmetic: kernels for integers and fractions, and seeded integers to run them on.

`exact_kernels()` stands beside `kernels()`: the same names, the same signature, the same sums. What costs the time,
convolutions and matrix products, is done on packed integers; a few others have their own lines here; the rest are the
plain kernels on numbers that refuse to be rounded. So an op that takes `exp` is refused, and not approximated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from math import prod
from operator import add
from random import Random
from types import MappingProxyType
from typing import Any

from costcalc.graph.model import Block, Graph, Layer, join_path
from costcalc.reference import packed, packed_transpose
from costcalc.reference.exact_number import exact, plain
from costcalc.reference.execute import stated_events
from costcalc.reference.image import from_planes, planes, sizes
from costcalc.reference.kernels import Kernel, kernels
from costcalc.reference.rational import NotExact, Rational, quotient, rational, rationals, root
from costcalc.reference.tensor import Shape, Tensor
from costcalc.reference.weights import Weights

MOVES = frozenset(
    (
        "adaptive_max_pool",
        "add",
        "channel_shuffle",
        "clamp",
        "concat",
        "crop",
        "dropout",
        "embedding",
        "flatten",
        "global_max_pool",
        "identity",
        "matmul",
        "max_pool",
        "mul",
        "pad",
        "parameter",
        "pixel_shuffle",
        "relu6",
        "reshape",
        "roll",
        "slice",
        "sub",
        "transpose",
    )
)
"""Ops whose plain kernels move, compare, add or multiply numbers, and write no float that they calculate with.
They are run on plain integers, which is faster; leaving one out costs nothing else."""

INEXACT = ("erf", "exp", "log", "pow", "sqrt", "tanh")
"""Events whose results are no fractions."""


@cache
def exact_kernels() -> MappingProxyType[str, Kernel]:
    """Name of an op -> its kernel for integers and fractions. It raises `NotExact` where it would have to round."""
    found = {name: (on_integers if name in MOVES else on_exact)(kernel) for name, kernel in kernels().items()}
    found |= {**packed.KERNELS, **packed_transpose.KERNELS, "batch_norm": batch_norm, "relu": relu}
    found["add"] = summed(found["add"])
    return MappingProxyType({name: named(name, kernel) for name, kernel in found.items()})


def inexact(layer: Layer) -> str:
    """Why a layer has no exact values; empty if it may have.

    Batch normalisation takes a square root as well, but of its statistics only: they decide.
    """
    if layer.op.name == "batch_norm":
        return ""
    events = [event for event in INEXACT if event in stated_events(layer)]
    return f"{layer.op.name} takes {' and '.join(events)}, whose values are no fractions" if events else ""


def check_exact(graph: Graph) -> None:
    """See that every layer that is run may have exact values.

    Raises:
        NotExact: some have none. The first layer of every such op is named.
    """
    found: dict[str, str] = {}
    for path, layer in _layers(graph.root, "", set()):
        reason = inexact(layer)
        if reason:
            found.setdefault(reason, f"'{path}': {reason}")
    if found:
        raise NotExact(f"{graph.name} has no exact values: {'; '.join(found.values())}")


def _layers(block: Block, path: str, known: set[int]) -> Iterator[tuple[str, Layer]]:
    """The layers that are run, each with its path; what stands in several places is looked at once."""
    for edge in block.edges:
        if not edge.run or id(edge.child) in known:
            continue
        known.add(id(edge.child))
        here = join_path(path, next(edge.instances()))
        if isinstance(edge.child, Layer):
            yield here, edge.child
        else:
            yield from _layers(edge.child, here, known)


# --- values ----------------------------------------------------------------------------------------------------------

SMALL = bytes(range(-8 % 256, 256)) + bytes(range(8))
FACTORS = bytes((254, 255, 1, 2))


def draw_integers(shape: Shape, random: Random) -> Tensor:
    """A tensor of random integers from -8 to 7."""
    return _drawn(shape, random, SMALL)


def draw_exact_weight(name: str, shape: Shape, random: Random, arguments: Mapping[str, Any]) -> Tensor:
    """Random numbers for a weight of a layer with these arguments, on which its arithmetic stays exact.

    -2, -1, 1 or 2 for a matrix or a window, never 0, with which there would be nothing to multiply; -1 or 1 for a
    factor; a variance that is 1 with `eps` added to it.
    """
    if name == "running_var":
        return Tensor(shape, [1 - Fraction(arguments["eps"])] * prod(shape))
    if len(shape) > 1:
        return _drawn(shape, random, FACTORS)
    if name == "bias" or name.endswith("mean"):
        return draw_integers(shape, random)
    return _drawn(shape, random, FACTORS[1:3])


def _drawn(shape: Shape, random: Random, choices: bytes) -> Tensor:
    """One of the choices, signed bytes, for every element. Their number is a power of 2."""
    table = bytes(choices[byte % len(choices)] for byte in range(256))
    return Tensor(shape, memoryview(random.randbytes(prod(shape)).translate(table)).cast("b").tolist())


# --- kernels ---------------------------------------------------------------------------------------------------------


def named(name: str, kernel: Kernel) -> Kernel:
    """The kernel, which says its name where it refuses."""

    def run(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
        try:
            return kernel(inputs, weights, arguments, layout)
        except NotExact as error:
            raise NotExact(f"{name}: {error}") from None

    return run


def on_integers(kernel: Kernel) -> Kernel:
    """A kernel run on plain integers and fractions. The floats that it writes itself become integers again."""

    def run(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
        given: list[Any] = [x if x is None else _clean(x) for x in inputs]
        return _clean(kernel(given, weights, arguments, layout))

    return run


def _clean(x: Tensor) -> Tensor:
    """The tensor as integers and fractions."""
    return Tensor(x.shape, rationals(x.numbers))


def on_exact(kernel: Kernel) -> Kernel:
    """A kernel run on numbers that refuse to be rounded."""

    def run(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
        guarded: list[Any] = [x if x is None else Tensor(x.shape, exact(x.numbers)) for x in inputs]
        result = kernel(guarded, _ExactWeights(weights), arguments, layout)
        return Tensor(result.shape, plain(result.numbers))

    return run


class _ExactWeights(Weights):
    """Weights that are read as exact numbers."""

    def __init__(self, weights: Weights) -> None:
        super().__init__({})
        self.weights = weights

    def read(self, name: str, *shape: int) -> Tensor:
        found = self.weights.read(name, *shape)
        return Tensor(found.shape, exact(found.numbers))


def summed(kernel: Kernel) -> Kernel:
    """The sum of tensors; of equal shapes number by number, of others as the kernel does it."""

    def run(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
        if len(inputs) != 2 or inputs[0].shape != inputs[1].shape:
            return kernel(inputs, weights, arguments, layout)
        left, right = (rationals(x.numbers) for x in inputs)
        return Tensor(inputs[0].shape, rationals(list(map(add, left, right))))

    return run


def relu(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    """The larger of 0 and the number."""
    x = inputs[0]
    return Tensor(x.shape, [number if number > 0 else 0 for number in rationals(x.numbers)])


def batch_norm(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    """A scale and a shift for every channel, from stored statistics whose deviation is a fraction."""
    x = inputs[0]
    rows = planes(Tensor(x.shape, rationals(x.numbers)), layout)

    def read(name: str) -> list[Rational]:
        return rationals(weights.read(name, len(rows)).numbers)

    means, variances = read("running_mean"), read("running_var")
    eps = rational(arguments["eps"])
    factors, biases = (read("weight"), read("bias")) if arguments["affine"] else ([1] * len(rows), [0] * len(rows))
    scales = [quotient(factor, root(rational(v + eps))) for factor, v in zip(factors, variances, strict=True)]
    shifts = [bias - mean * scale for bias, mean, scale in zip(biases, means, scales, strict=True)]
    found = [[n * scale + shift for n in row] for row, scale, shift in zip(rows, scales, shifts, strict=True)]
    return from_planes([rationals(row) for row in found], sizes(x.shape, layout), layout)
