"""Numbers that refuse to be rounded: any kernel can be run on them, and stops where a value would be no fraction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from costcalc.reference.rational import NotExact, Rational, quotient, rational


class Exact:
    """A number for kernels that have no faster way: fractions in, fractions out.

    Functions like `exp` and `sqrt` ask for a float, which it refuses.
    """

    __slots__ = ("value",)

    def __init__(self, value: Rational) -> None:
        self.value = value

    def __add__(self, other: Any) -> Exact:
        return Exact(self.value + _value(other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Exact:
        return Exact(self.value - _value(other))

    def __rsub__(self, other: Any) -> Exact:
        return Exact(_value(other) - self.value)

    def __mul__(self, other: Any) -> Exact:
        return Exact(self.value * _value(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Exact:
        return Exact(quotient(self.value, _value(other)))

    def __rtruediv__(self, other: Any) -> Exact:
        return Exact(quotient(_value(other), self.value))

    def __pow__(self, exponent: Any) -> Exact:
        if not isinstance(exponent, int):
            raise NotExact(f"a power of {exponent} is no fraction")
        return Exact(quotient(self.value**exponent, 1))

    def __neg__(self) -> Exact:
        return Exact(-self.value)

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < _bound(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > _bound(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.value <= _bound(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.value >= _bound(other))

    def __float__(self) -> float:
        raise NotExact("it takes a function, such as a root, whose values are no fractions")

    def __repr__(self) -> str:
        return f"Exact({self.value})"


def _value(number: Any) -> Rational:
    return number.value if isinstance(number, Exact) else rational(number)


def _bound(number: Any) -> Any:
    """The other side of a comparison: an infinite float may stay."""
    return number.value if isinstance(number, Exact) else number


def exact(numbers: Iterable[Any]) -> list[Exact]:
    """The numbers as exact ones."""
    return [Exact(rational(number)) for number in numbers]


def plain(numbers: Iterable[Any]) -> list[Rational]:
    """Exact numbers, and those that a kernel wrote itself, as integers and fractions."""
    return [rational(number.value if isinstance(number, Exact) else number) for number in numbers]
