"""Integers and fractions, and nothing between them: what exact arithmetic calculates with.

A value is an `int` wherever it is whole and a `Fraction` otherwise. Numbers that a kernel writes as floats (a border
of 0.0, a slope of 0.1) stand for the decimal they print as; a float that has been rounded is refused.
"""

from __future__ import annotations

from fractions import Fraction
from math import isfinite, isqrt, lcm
from typing import Any

from costcalc.errors import CostcalcError

Rational = int | Fraction

DIGITS = 15
"""A decimal of so many digits survives as a float. What prints longer is no decimal that somebody wrote."""


class NotExact(CostcalcError):
    """A value that no fraction can have, or one that was rounded before."""


def rational(number: Any) -> Rational:
    """A number as an `int`, or as a `Fraction` where it is not whole.

    >>> rational(3.0), rational(0.1), rational(1e29)
    (3, Fraction(1, 10), 100000000000000000000000000000)

    Raises:
        NotExact: it is a rounded float.
    """
    if isinstance(number, int):
        return number
    if isinstance(number, float):
        number = int(number) if number.is_integer() and abs(number) < 2**53 else _decimal(number)
    found: Rational = number.numerator if number.denominator == 1 else number
    return found


def _decimal(number: float) -> Fraction:
    digits = repr(number).partition("e")[0].lstrip("-0.").replace(".", "")
    if len(digits) > DIGITS or not isfinite(number):
        raise NotExact(f"{number!r} is a rounded number: exact are decimals of up to {DIGITS} digits")
    return Fraction(repr(number))


def rationals(numbers: list[Any]) -> list[Rational]:
    """The numbers, each as `rational` has it."""
    return numbers if set(map(type, numbers)) <= {int} else list(map(rational, numbers))


def whole(numbers: list[Any]) -> tuple[list[int], int]:
    """The numbers as integers over one denominator.

    >>> whole([1, Fraction(2, 3), 0.5])
    ([6, 4, 3], 6)
    """
    if set(map(type, numbers)) <= {int}:
        return numbers, 1
    found = list(map(rational, numbers))
    denominator = lcm(*{number.denominator for number in found})
    return [number.numerator * (denominator // number.denominator) for number in found], denominator


def over(numbers: list[Any], denominator: int) -> list[Rational]:
    """The integers, each divided by the denominator."""
    if denominator == 1:
        return numbers
    return [quotient(number, denominator) for number in numbers]


def quotient(number: Rational, divisor: Rational) -> Rational:
    """One number divided by another."""
    return rational(Fraction(number, divisor))


def root(number: Rational) -> Rational:
    """The square root.

    >>> root(Fraction(9, 4))
    Fraction(3, 2)

    Raises:
        NotExact: it is no fraction.
    """
    parts = number.numerator, number.denominator
    roots = [isqrt(part) for part in parts] if number >= 0 else [0, 1]
    if [part * part for part in roots] != [*parts]:
        raise NotExact(f"the square root of {number} is no fraction")
    return quotient(*roots)
