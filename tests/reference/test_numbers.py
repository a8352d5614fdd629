"""Numbers that count themselves: what every operator counts, told from its operands alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import mul
from typing import Any

import pytest

from costcalc.reference.numbers import Number, Tally, bias, dot, erf, exp, like, log, plain, power, sqrt, tanh

Sum = Callable[[Number, Number, Number], Any]


def count(calculate: Callable[..., Any]) -> tuple[float, dict[str, int]]:
    """The value of a function of a = 2, b = 3, c = 5 and a bias d = 7, and what happened."""
    tally = Tally()
    a, b, c = plain([2.0, 3.0, 5.0], tally)
    (d,) = bias([7.0], tally)
    return float(calculate(a, b, c, d)), tally.events()


@pytest.mark.parametrize(
    ("calculate", "value", "events"),
    [
        (lambda a, b, c, d: a * b, 6, {"mul": 1}),
        (lambda a, b, c, d: 4 * a, 8, {"mul": 1}),
        (lambda a, b, c, d: c + a * b, 11, {"mac": 1}),
        (lambda a, b, c, d: 0 + a * b, 6, {"mac": 1}),
        (lambda a, b, c, d: a * b + c, 11, {"mul": 1, "add": 1}),
        (lambda a, b, c, d: a * b + a * c, 16, {"mul": 1, "mac": 1}),
        (lambda a, b, c, d: a + b, 5, {"add": 1}),
        (lambda a, b, c, d: 1 + a, 3, {"add": 1}),
        (lambda a, b, c, d: a - b, -1, {"add": 1}),
        (lambda a, b, c, d: 1 - a, -1, {"add": 1}),
        (lambda a, b, c, d: c - a * b, -1, {"mul": 1, "add": 1}),
        (lambda a, b, c, d: a + d, 9, {"bias_add": 1}),
        (lambda a, b, c, d: d + a, 9, {"bias_add": 1}),
        (lambda a, b, c, d: a - d, -5, {"bias_add": 1}),
        (lambda a, b, c, d: d - a, 5, {"bias_add": 1}),
        (lambda a, b, c, d: 1 + d, 8, {"bias_add": 1}),
        (lambda a, b, c, d: 1 - d, -6, {"bias_add": 1}),
        (lambda a, b, c, d: a * b + d, 13, {"mul": 1, "bias_add": 1}),
        (lambda a, b, c, d: d + a * b, 13, {"mul": 1, "bias_add": 1}),
        (lambda a, b, c, d: d - a * b, 1, {"mul": 1, "bias_add": 1}),
        (lambda a, b, c, d: d * a, 14, {"mul": 1}),
        (lambda a, b, c, d: c + d * a, 19, {"mac": 1}),
        (lambda a, b, c, d: (a + d) + b, 12, {"bias_add": 1, "add": 1}),
        (lambda a, b, c, d: -a, -2, {}),
        (lambda a, b, c, d: c + -(a * b), -1, {"mul": 1, "add": 1}),
        (lambda a, b, c, d: a**2, 4, {"mul": 1}),
        (lambda a, b, c, d: c + a**2, 9, {"mul": 1, "add": 1}),
        (lambda a, b, c, d: a / b, 2 / 3, {"div": 1}),
        (lambda a, b, c, d: 1 / a, 0.5, {"div": 1}),
        (lambda a, b, c, d: max(a, b, c), 5, {"compare": 2}),
        (lambda a, b, c, d: min(a, b, c), 2, {"compare": 2}),
        (lambda a, b, c, d: max(a, 0.0), 2, {"compare": 1}),
        (lambda a, b, c, d: (a <= b) + (a >= b), 1, {"compare": 2}),
        (lambda a, b, c, d: sum([a, b, c]), 10, {"add": 3}),
        (lambda a, b, c, d: sum(map(mul, [a, b], [c, a])), 16, {"mac": 2}),
        (lambda a, b, c, d: dot([a, b, c], [c, a, b]), 31, {"mac": 3}),
        (lambda a, b, c, d: dot([a, b], [0.0, 1.0]), 3, {"mac": 2}),
        (lambda a, b, c, d: exp(a), math.exp(2), {"exp": 1}),
        (lambda a, b, c, d: log(a), math.log(2), {"log": 1}),
        (lambda a, b, c, d: sqrt(a), math.sqrt(2), {"sqrt": 1}),
        (lambda a, b, c, d: erf(a), math.erf(2), {"erf": 1}),
        (lambda a, b, c, d: tanh(a), math.tanh(2), {"tanh": 1}),
        (lambda a, b, c, d: power(a, 0.75), 2**0.75, {"pow": 1}),
        (lambda a, b, c, d: power(a, 2), 4, {"pow": 1}),
        (lambda a, b, c, d: like(a, 4.0) + 1, 5, {"add": 1}),
    ],
)
def test_an_operation_is_called_by_its_operands(
    calculate: Callable[..., Any], value: float, events: dict[str, int]
) -> None:
    found, happened = count(calculate)
    assert found == pytest.approx(value)
    assert happened == events


def test_a_product_is_part_of_one_mac_only() -> None:
    """Added a second time it is a number like any other."""

    def twice(a: Number, b: Number, c: Number, d: Number) -> Number:
        product = a * b
        return (c + product) + product

    assert count(twice) == (17, {"mac": 1, "add": 1})


def test_functions_of_floats_are_those_of_math() -> None:
    assert [exp(1.0), log(2.0), sqrt(2.0), erf(0.5), tanh(0.5), power(2.0, 0.5)] == [
        math.e, math.log(2), math.sqrt(2), math.erf(0.5), math.tanh(0.5), math.sqrt(2),
    ]  # fmt: skip
    assert like(1.0, 4.0) == 4.0


def test_an_exponential_too_large_for_a_float_is_infinite() -> None:
    assert exp(1000.0) == math.inf
    assert count(lambda a, b, c, d: exp(a * 1000)) == (math.inf, {"mul": 1, "exp": 1})


def test_only_squares_are_written_as_powers() -> None:
    with pytest.raises(TypeError, match="only squares"):
        count(lambda a, b, c, d: a**3)


def test_numbers_of_two_tallies_count_apart() -> None:
    one, other = Tally(), Tally()
    float(plain([1.0], one)[0] + 1)
    assert (one.events(), other.events()) == ({"add": 1}, {})
