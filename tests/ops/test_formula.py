"""Formulas: what is printed is what is computed."""

from __future__ import annotations

import pytest

from costcalc.ops.formula import Formula


def test_a_symbol_of_factors_is_their_product() -> None:
    """2 * 3 * 5 = 30; no factors are 1."""
    formula = Formula("c_out * k")
    assert formula.evaluate({"c_out": 2, "k": (3, 5)}) == 30
    assert formula.evaluate({"c_out": 2, "k": ()}) == 2


def test_numbers_are_put_in_for_whole_names() -> None:
    """`c` does not touch `c_in`, and functions stay."""
    formula = Formula("ceil(c_in / c) * k + c")
    assert formula.substitute({"c_in": 12, "c": 5, "k": (3, 5)}) == "ceil(12 / 5) * 3*5 + 5"
    assert formula.substitute({"c_in": 12, "c": 5, "k": ()}) == "ceil(12 / 5) * 1 + 5"
    assert formula.evaluate({"c_in": 12, "c": 5, "k": (3, 5)}) == 50


def test_counts_are_exact_beyond_any_float() -> None:
    """(10^9 + 1)^2 = 10^18 + 2 * 10^9 + 1, which no float holds."""
    assert Formula("a * a").evaluate({"a": 10**9 + 1}) == 10**18 + 2 * 10**9 + 1


def test_a_count_that_is_not_whole_is_a_bug_and_says_so() -> None:
    with pytest.raises(ArithmeticError) as caught:
        Formula("c / g").evaluate({"c": 7, "g": 2})
    assert str(caught.value) == "c / g is 7/2, not a whole number, for {'c': 7, 'g': 2}"
