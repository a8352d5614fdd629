"""Kernels for integers and fractions, of ops that are not worth packing, and the plain kernels made exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import add
from typing import Any

from costcalc.reference.exact_number import exact, plain
from costcalc.reference.image import from_planes, planes, sizes
from costcalc.reference.kernels import Kernel
from costcalc.reference.rational import NotExact, Rational, quotient, rational, rationals, root
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


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


def relu6(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    """The number, but no less than 0 and no more than 6."""
    x = inputs[0]
    return Tensor(x.shape, [0 if number < 0 else 6 if number > 6 else number for number in rationals(x.numbers)])


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


KERNELS = {"batch_norm": batch_norm, "relu": relu, "relu6": relu6}
