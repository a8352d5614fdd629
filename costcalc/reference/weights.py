"""Weights that remember being read, and seeded values to fill them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from random import Random

from costcalc.reference.numbers import Tally, bias, plain
from costcalc.reference.tensor import Shape, Tensor


class WeightError(Exception):
    """A kernel read a weight that is not stated, or with another shape than the stated one."""


class Weights:
    """The weights of one layer, by name. A kernel says what it reads, name and shape; both are remembered.

    Args:
        tensors: the weights that are stated.
        supply: makes what a kernel reads and nobody stated, so that it can go on; without it that is an error.

    >>> weights = Weights({"weight": Tensor((2,), [1.0, 2.0]), "bias": Tensor((1,), [0.5])})
    >>> weights.read("weight", 2).numbers, weights.reads
    ([1.0, 2.0], {'weight': (2,)})
    """

    def __init__(self, tensors: Mapping[str, Tensor], supply: Callable[[str, Shape], Tensor] | None = None) -> None:
        self.tensors = dict(tensors)
        self.supply = supply
        self.reads: dict[str, Shape] = {}

    def read(self, name: str, *shape: int) -> Tensor:
        """The weight of that name, which must have that shape.

        Raises:
            WeightError: there is none, or it has another shape.
        """
        self.reads[name] = shape
        stated = self.tensors.get(name)
        if stated is not None and stated.shape == shape:
            return stated
        if self.supply is not None:
            return self.supply(name, shape)
        if stated is None:
            raise WeightError(f"{name} {list(shape)} is read but not stated")
        raise WeightError(f"{name} is read as {list(shape)} but stated as {list(stated.shape)}")


def draw(shape: Shape, random: Random, low: float = -1.0, high: float = 1.0) -> Tensor:
    """A tensor of random numbers, uniform from `low` to `high`."""
    width = high - low
    return Tensor(shape, [low + width * random.random() for _ in range(prod(shape))])


def draw_weight(name: str, shape: Shape, random: Random) -> Tensor:
    """Random numbers for a weight, of a size that keeps the numbers of a deep network in bounds.

    A matrix or a window is divided by the root of the numbers it adds up; a variance or a factor is near 1.
    """
    if len(shape) > 1:
        bound = (3 / prod(shape[1:])) ** 0.5
        return draw(shape, random, -bound, bound)
    if name == "bias" or name.endswith("mean"):
        return draw(shape, random, -0.1, 0.1)
    return draw(shape, random, 0.5, 1.5)


def counted(x: Tensor, tally: Tally, name: str = "") -> Tensor:
    """The same numbers, counting themselves. Those of a weight called `bias` know that they are."""
    return Tensor(x.shape, (bias if name == "bias" else plain)(x.numbers, tally))
