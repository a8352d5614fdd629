"""Numbers on which the plain kernels stay exact, at any size: what packed arithmetic is held against."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from costcalc.reference.tensor import Tensor


class Whole:
    """An integer or a fraction that takes the zeros of a border, which are floats, for what they are."""

    def __init__(self, value: Any) -> None:
        self.value = Fraction(value)

    def __add__(self, other: Any) -> Whole:
        return Whole(self.value + value(other))

    __radd__ = __add__

    def __mul__(self, other: Any) -> Whole:
        return Whole(self.value * value(other))

    __rmul__ = __mul__


def value(number: Any) -> Fraction:
    return number.value if isinstance(number, Whole) else Fraction(number)


def whole(x: Tensor) -> Tensor:
    return Tensor(x.shape, [Whole(number) for number in x.numbers])


def values(x: Tensor) -> list[Fraction]:
    return [value(number) for number in x.numbers]
