"""The values of expressions: exact numbers, truth values, words and lists, and how they read in a message."""

from __future__ import annotations

import operator
from functools import reduce
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fractions import Fraction

Value = Any
"""An int, Fraction, bool, str (a word), tuple of values, or what a floor above adds (a tensor, a call)."""


def product(values: tuple[int, ...]) -> int:
    """The product of whole numbers; 1 for none."""
    return reduce(operator.mul, values, 1)


def divide(left: int | Fraction, right: int | Fraction) -> int | Fraction:
    """The exact quotient: an integer where it divides, else a rational."""
    if left.__class__ is int and right.__class__ is int and left % right == 0:
        return left // right
    from fractions import Fraction

    return Fraction(left) / Fraction(right)


def whole(value: int | Fraction) -> int | Fraction:
    """`value` as an `int` where it is one."""
    return value if value.__class__ is int or value.denominator != 1 else int(value)


def plain(value: Value) -> str:
    """A value as a user would write it: `[1, 2]`, `3.5`, `7 / 3`, `true`."""
    if value is True or value is False:
        return "true" if value else "false"
    if value.__class__ is tuple:
        return f"[{', '.join(plain(item) for item in value)}]"
    if value.__class__ is int:
        return str(value) if abs(value) < 10**31 else "a huge number"
    if not hasattr(value, "denominator"):
        return str(value)
    places = next((n for n in range(1, 10) if 10**n % value.denominator == 0), 0)
    if not places:
        return str(value).replace("/", " / ")
    digits = f"{abs(value.numerator) * 10**places // value.denominator:0{places + 1}d}"
    return f"{'-' * (value < 0)}{digits[:-places]}.{digits[-places:]}"


def describe(value: Value) -> str:
    """A value with its kind, for a message: `the number 3`, `the word 'same'`."""
    if value is True or value is False:
        return plain(value)
    if value.__class__ is str:
        return f"the word '{value}'"
    if value.__class__ is tuple:
        return f"the list {plain(value)}"
    if value.__class__ is int or hasattr(value, "denominator"):
        return f"the number {plain(value)}"
    return f"{value}"
