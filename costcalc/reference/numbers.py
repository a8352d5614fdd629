"""Numbers that count themselves: arithmetic that really happens, and a tally of it.

A kernel is plain arithmetic over rows of numbers. On floats it is fast; on `Counted` numbers every operator adds one
to a shared `Tally`. What an operation is called follows from the operands alone:

    a * b           a `mul`, until the fresh product is added to a sum from the right: then it is a `mac`
    acc + a * b     that `mac`; so sum(map(mul, a, b)) over k pairs is k macs
    x + bias        a `bias_add`: an addition or subtraction with a number read from a weight called `bias`
    x + y, x - y    an `add` otherwise
    x ** 2          a `mul`, never part of a mac
    -x              nothing: a change of sign is free
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from operator import mul
from typing import Any

Number = Any
"""A float, an int, or a `Counted`: a kernel does not look."""


class Tally:
    """The count of each event. Products that became part of a mac are counted in both `product` and `mac`."""

    __slots__ = ("add", "bias_add", "compare", "div", "erf", "exp", "log", "mac", "pow", "product", "sqrt", "tanh")

    def __init__(self) -> None:
        for name in self.__slots__:
            setattr(self, name, 0)

    add: int
    bias_add: int
    compare: int
    div: int
    erf: int
    exp: int
    log: int
    mac: int
    pow: int
    product: int
    sqrt: int
    tanh: int

    def events(self) -> dict[str, int]:
        """Event -> count, for the events that happened."""
        counts = {name: getattr(self, name) for name in self.__slots__ if name != "product"}
        counts["mul"] = self.product - self.mac
        return {name: counts[name] for name in sorted(counts) if counts[name]}


_new = object.__new__


class Counted:
    """A number and the tally it adds to.

    The three kinds of number are siblings, not parent and child: Python tries the right operand's method first when
    its class is derived from the left's, and that search costs a fifth of the speed.

    >>> tally = Tally()
    >>> a, b = (plain(values, tally) for values in ([1.0, 2.0], [3.0, 4.0]))
    >>> float(sum(map(mul, a, b)) + a[0]), tally.events()
    (12.0, {'add': 1, 'mac': 2})
    """

    __slots__ = ("tally", "value")
    tally: Tally
    value: float

    def __mul__(self, other: Number) -> Counted:
        product = _new(Product)
        product.tally = tally = self.tally
        product.fresh = True
        tally.product += 1
        product.value = self.value * (other.value if other.__class__ is Plain else _value(other))
        return product

    __rmul__ = __mul__

    def __add__(self, other: Number) -> Counted:
        result = _new(Plain)
        result.tally = tally = self.tally
        if other.__class__ is Product and other.fresh:
            other.fresh = False
            tally.mac += 1
            result.value = self.value + other.value
        elif other.__class__ is Bias:
            tally.bias_add += 1
            result.value = self.value + other.value
        else:
            tally.add += 1
            result.value = self.value + _value(other)
        return result

    def __radd__(self, other: Number) -> Counted:
        self.tally.add += 1
        return self._result(other + self.value)

    def __sub__(self, other: Number) -> Counted:
        if other.__class__ is Bias:
            self.tally.bias_add += 1
        else:
            self.tally.add += 1
        return self._result(self.value - _value(other))

    def __rsub__(self, other: Number) -> Counted:
        self.tally.add += 1
        return self._result(other - self.value)

    def __truediv__(self, other: Number) -> Counted:
        self.tally.div += 1
        return self._result(self.value / _value(other))

    def __rtruediv__(self, other: Number) -> Counted:
        self.tally.div += 1
        return self._result(other / self.value)

    def __pow__(self, exponent: int) -> Counted:
        if exponent != 2:
            raise TypeError("only squares are written with **; other powers with power()")
        self.tally.product += 1
        return self._result(self.value * self.value)

    def __neg__(self) -> Counted:
        return self._result(-self.value)

    def __lt__(self, other: Number) -> bool:
        self.tally.compare += 1
        return bool(self.value < _value(other))

    def __gt__(self, other: Number) -> bool:
        self.tally.compare += 1
        return bool(self.value > _value(other))

    def __le__(self, other: Number) -> bool:
        self.tally.compare += 1
        return bool(self.value <= _value(other))

    def __ge__(self, other: Number) -> bool:
        self.tally.compare += 1
        return bool(self.value >= _value(other))

    def __float__(self) -> float:
        return float(self.value)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.value!r})"

    def _result(self, value: float) -> Plain:
        result = _new(Plain)
        result.tally = self.tally
        result.value = value
        return result


class Plain(Counted):
    """A number with no history."""

    __slots__ = ()


class Product(Counted):
    """The product of a multiplication; `fresh` until it has been added to a sum."""

    __slots__ = ("fresh",)
    fresh: bool

    def __radd__(self, other: Number) -> Counted:
        if self.fresh:
            self.fresh = False
            self.tally.mac += 1
        else:
            self.tally.add += 1
        return self._result(other + self.value)


class Bias(Counted):
    """A number read from a weight called `bias`: adding it, or adding to it, is a `bias_add`."""

    __slots__ = ()

    def __add__(self, other: Number) -> Counted:
        self.tally.bias_add += 1
        return self._result(self.value + _value(other))

    def __radd__(self, other: Number) -> Counted:
        self.tally.bias_add += 1
        return self._result(other + self.value)

    def __sub__(self, other: Number) -> Counted:
        self.tally.bias_add += 1
        return self._result(self.value - _value(other))

    def __rsub__(self, other: Number) -> Counted:
        self.tally.bias_add += 1
        return self._result(other - self.value)


def _value(number: Number) -> Any:
    return number.value if isinstance(number, Counted) else number


def _count(kind: type[Counted], values: Iterable[float], tally: Tally) -> list[Counted]:
    numbers = []
    for value in values:
        number = _new(kind)
        number.tally, number.value = tally, value
        numbers.append(number)
    return numbers


def plain(values: Iterable[float], tally: Tally) -> list[Counted]:
    """The values as numbers that add to `tally`."""
    return _count(Plain, values, tally)


def bias(values: Iterable[float], tally: Tally) -> list[Counted]:
    """The values of a weight called `bias`, as numbers that add to `tally`."""
    return _count(Bias, values, tally)


def like(number: Number, value: float) -> Number:
    """The value as a number of the same kind: it counts if `number` does."""
    return plain([value], number.tally)[0] if isinstance(number, Counted) else value


# --- functions of one number -----------------------------------------------------------------------------------------


def exp(x: Number) -> Number:
    """e to the power x; infinite where that is too large for a float."""
    if isinstance(x, Counted):
        x.tally.exp += 1
        return x._result(exp(x.value))
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def log(x: Number) -> Number:
    """The natural logarithm."""
    if isinstance(x, Counted):
        x.tally.log += 1
        return x._result(math.log(x.value))
    return math.log(x)


def sqrt(x: Number) -> Number:
    """The square root."""
    if isinstance(x, Counted):
        x.tally.sqrt += 1
        return x._result(math.sqrt(x.value))
    return math.sqrt(x)


def erf(x: Number) -> Number:
    """The error function."""
    if isinstance(x, Counted):
        x.tally.erf += 1
        return x._result(math.erf(x.value))
    return math.erf(x)


def tanh(x: Number) -> Number:
    """The hyperbolic tangent."""
    if isinstance(x, Counted):
        x.tally.tanh += 1
        return x._result(math.tanh(x.value))
    return math.tanh(x)


def power(x: Number, exponent: float) -> Number:
    """x to the power of a number that need not be whole."""
    if isinstance(x, Counted):
        x.tally.pow += 1
        return x._result(x.value**exponent)
    return x**exponent


# --- rows of numbers -------------------------------------------------------------------------------------------------


def _sum_of_products(a: Sequence[Number], b: Sequence[Number]) -> Number:
    if len(a) != len(b):
        raise ValueError(f"rows of {len(a)} and {len(b)} numbers")
    return sum(map(mul, a, b))


dot: Callable[[Sequence[Number], Sequence[Number]], Number] = getattr(math, "sumprod", _sum_of_products)
"""The sum of the products of two rows, which must be equally long.

`math.sumprod` (Python 3.12) does the same: on counted numbers term by term.
"""
