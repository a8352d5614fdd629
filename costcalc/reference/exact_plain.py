"""The plain kernels made exact: run on plain integers, or on numbers that refuse to be rounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.exact_number import exact, plain
from costcalc.reference.kernels import Kernel
from costcalc.reference.rational import NotExact, rationals
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
