"""Expressions: values by hand, exact rationals, the order of operators, and from where `i` makes no difference."""

from __future__ import annotations

import ast
import operator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcalc.errors import Fault
from costcalc.graph.model import Tensor
from costcalc.text.expressions import parse
from costcalc.text.trees import index_bound
from costcalc.text.values import plain

X = Tensor((5, 7, 11), "channels_first")
VALUES: dict[str, Any] = {
    "a": 3,
    "b": 4,
    "flag": True,
    "widths": (8, 16, 24),
    "act": "relu",
    "x": X,
    "half": Fraction(1, 2),
}
WORDS = ("relu", "same", "none")


def value(text: str) -> Any:
    return parse(text, WORDS).evaluate(VALUES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # numbers
        ("7", 7), ("0", 0), ("1_000", 1000), ("2.0", 2), ("1e3", 1000), ("1.5e2", 150), ("0.25", Fraction(1, 4)),
        (".5", Fraction(1, 2)), ("1e-5", Fraction(1, 100_000)), ("00", None), ("007", None),
        # names and words
        ("a", 3), ("true", True), ("false", False), ("same", "same"), ("relu", "relu"), ("none", "none"),
        # arithmetic, exact
        ("a + b", 7), ("a - b", -1), ("a * b", 12), ("-a", -3), ("+a", 3), ("- -a", 3), ("a / b", Fraction(3, 4)),
        ("12 / 4", 3), ("7 // 2", 3), ("-7 // 2", -4), ("7 % 3", 1), ("-7 % 3", 2), ("0.1 + 0.2", Fraction(3, 10)),
        ("0.1 * 10", 1), ("1 / 3 * 3", 1), ("7.5 // 2", 3), ("7.5 % 2", Fraction(3, 2)), ("1 / 2 == 0.5", True),
        # order of operators
        ("2 + 3 * 4", 14), ("(2 + 3) * 4", 20), ("2 - 3 - 4", -5), ("24 / 4 / 2", 3), ("-2 + 3", 1), ("2 * -3", -6),
        ("7 // 2 * 2", 6), ("1 + 2 == 3", True), ("not 1 == 2", True), ("not true or true", True),
        ("true or false and false", True), ("not true and false", False), ("1 < 2 and 2 < 3", True),
        # comparisons, chained
        ("a < b", True), ("a >= b", False), ("a <= 3 <= b", True), ("1 < 3 > 2", True), ("1 < 2 < 2", False),
        ("a == 3 != b", True), ("1 == true", False), ("0 == false", False), ("flag == true", True),
        ("act == relu", True), ("act != none", True), ("act == same", False), ("act == 3", False),
        ("widths == [8, 16, 24]", True), ("[a] != [b]", True), ("2 == 2.0", True),
        # choices
        ("1 if flag else 2", 1), ("1 if a > b else 2", 2), ("1 if a > b else 2 if a == b else 3", 3),
        ("2 * 3 if flag else 1", 6), ("[1, 2] if flag else [3]", (1, 2)), ("relu if flag else none", "relu"),
        ("(1 if flag else 2) + 10", 11), ("1 if flag else 2 + 10", 1), ("1 if not flag or a == 3 else 2", 1),
        # only what decides is evaluated
        ("1 if flag else 1 // 0", 1), ("true or 1 // 0 == 1", True), ("false and 1 // 0 == 1", False),
        # functions
        ("min(3, 1, 2)", 1), ("max(a, b)", 4), ("min(widths)", 8), ("max([1, 5])", 5), ("min(7)", 7), ("abs(-3)", 3),
        ("abs(-1 / 2)", Fraction(1, 2)), ("ceil(7 / 2)", 4), ("floor(7 / 2)", 3), ("floor(-7 / 2)", -4), ("ceil(3)", 3),
        ("round(10 / 3)", 3), ("round(11 / 3)", 4), ("round(3.6)", 4), ("round(-3.6)", -4), ("len(widths)", 3),
        ("len([])", 0), ("min(a, half)", Fraction(1, 2)),
        # lists
        ("[]", ()), ("[1]", (1,)), ("[a, [b, 1],]", (3, (4, 1))), ("widths[0]", 8), ("widths[a - 1]", 24),
        ("widths[-1]", 24), ("[[1, 2], [3]][0][1]", 2), ("widths[1] * 2", 32),
        # shapes
        ("x.channels", 5), ("x.height", 7), ("x.width", 11), ("x.rank", 3), ("x.shape", (5, 7, 11)),
        ("x.features", 11), ("x.length", 7), ("x.shape[1] + 1", 8), ("-x.width", -11), ("x.height // 2", 3),
        ("len(x.shape)", 3), ("2 * x.channels", 10),
        # spacing says nothing
        (" 1+2 ", 3), ("( ( 1 ) )", 1), ("not(flag)", False), ("a*b", 12), ("min( 1,2 )", 1), ("x . channels", 5),
        ("1\n + 2", 3),
    ],
)  # fmt: skip
def test_a_value(text: str, expected: Any) -> None:
    """An integer stays one, and a number that is whole becomes one."""
    if expected is None:
        with pytest.raises(Fault):
            value(text)
        return
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # max(m, floor(v / m + 1/2) * m), and m more where that is below 0.9 v
        ("round_to(32, 8)", 32),
        ("round_to(32 * 0.5, 8)", 16),
        ("round_to(16 * 0.35, 8)", 8),  # 5.6 -> 8
        ("round_to(24 * 0.75, 8)", 24),  # 18 / 8 + 1/2 = 2.75 -> 16 is below 16.2 -> 24
        ("round_to(44.8, 8)", 48),  # 32 * 1.4
        ("round_to(22.4, 8)", 24),  # 16 * 1.4
        ("round_to(20, 8)", 24),  # exactly in the middle: up
        ("round_to(12, 8)", 16),
        ("round_to(10, 8)", 16),  # 8 is below 9
        ("round_to(80 / 9, 8)", 8),  # 8 is exactly 0.9 v: not below
        ("round_to(81 / 9, 8)", 16),
        ("round_to(1, 8)", 8),
        ("round_to(3, 1)", 3),
        ("round_to(7, 2.5)", Fraction(15, 2)),  # 2.8 + 1/2 -> 3 times 2.5
        ("round_to(widths[1] * 1.1, 4)", 16),  # 17.6 -> 16, not below 15.84
    ],
)
def test_round_to_is_mobilenets_make_divisible(text: str, expected: Any) -> None:
    assert value(text) == expected


def make_divisible(value: float, divisor: int) -> int:
    """As torchvision and TensorFlow have it, in floats."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


@given(st.integers(1, 4096), st.sampled_from([1, 2, 4, 8, 16]), st.integers(1, 40))
def test_round_to_equals_the_function_of_others(channels: int, divisor: int, twentieths: int) -> None:
    """For every width and multiplier, except where 0.9 v is a tie that floats may lose."""
    exact = channels * Fraction(twentieths, 20)
    rounded = max(divisor, int((exact + Fraction(divisor, 2)) // divisor) * divisor)
    if rounded * 10 != exact * 9:
        found = parse(f"round_to({channels} * {twentieths} / 20, {divisor})").evaluate({})
        assert found == make_divisible(float(exact), divisor)


def test_round_takes_a_tie_to_the_even_number() -> None:
    """As in Python, where most networks are written."""
    assert [value(f"round({n} / 2)") for n in (1, 3, 5, 7)] == [0, 2, 2, 4]


@pytest.mark.parametrize("text", ["9**9", "__import__('os')", "(1).__class__", "[i for i in a]", "lambda: 1", "x.data",
                                  "print(1)", "a = 1", "'a'", "a; b", "a if b", "2 a", "1 +", "", "(1", "widths[3]",
                                  "widths[flag]", "a[0]", "1 / 0", "1 % 0", "1 // 0", "flag + 1", "act + 1", "1 and 2",
                                  "not 1", "1 if 1 else 2", "act < relu", "len(3)", "abs(1, 2)", "round_to(1)",
                                  "round_to(1, 0)", "min()", "unknown", "x + 1", "a.channels", "10 * 10**1",
                                  "1e31 * 1"])  # fmt: skip
def test_what_is_no_expression_or_has_no_value(text: str) -> None:
    with pytest.raises(Fault):
        value(text)


def test_expressions_are_bounded() -> None:
    """In length, depth and operators, and in the size of numbers."""
    assert value("+".join(["a"] * 200)) == 600
    for text in ("+".join(["a"] * 202), "(" * 60 + "1" + ")" * 60, "1" * 41, "a" * 1001, " * ".join(["1e30"] * 7)):
        with pytest.raises(Fault):
            value(text)


# Python reads the same operators in the same order: its own parser says what an expression means.
ATOMS = st.one_of(st.integers(0, 9).map(str), st.sampled_from(["a", "b", "0.5"]))
NUMBERS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner).map(" ".join),
        inner.map("({})".format),
        inner.map("-{}".format),
        st.tuples(inner, inner, inner).map("({0[0]} if {0[1]} > {0[2]} else {0[1]})".format),
    ),
    max_leaves=8,
)
TRUTHS = st.recursive(
    st.tuples(NUMBERS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), NUMBERS).map(" ".join),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
        inner.map("not {}".format),
        inner.map("({})".format),
    ),
    max_leaves=4,
)
OPERATORS: dict[type, Any] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip


def reference(tree: ast.AST) -> Any:
    """The value of Python's tree, in fractions."""
    match tree:
        case ast.Expression(body):
            return reference(body)
        case ast.Constant(number):
            return Fraction(str(number))
        case ast.Name(name):
            return Fraction(VALUES[name])
        case ast.UnaryOp(ast.USub(), operand):
            return -reference(operand)
        case ast.UnaryOp(ast.Not(), operand):
            return not reference(operand)
        case ast.BinOp(left, symbol, right):
            return OPERATORS[type(symbol)](reference(left), reference(right))
        case ast.Compare(left, symbols, rest):
            values = [reference(left), *map(reference, rest)]
            return all(OPERATORS[type(s)](p, q) for s, p, q in zip(symbols, values, values[1:], strict=False))
        case ast.BoolOp(symbol, parts):
            return (all if isinstance(symbol, ast.And) else any)(reference(part) for part in parts)
        case ast.IfExp(test, then, otherwise):
            return reference(then) if reference(test) else reference(otherwise)
    raise AssertionError(ast.dump(tree))


@given(st.one_of(NUMBERS, TRUTHS))
def test_operators_bind_as_in_python(text: str) -> None:
    try:
        expected = reference(ast.parse(text, mode="eval"))
    except ZeroDivisionError:
        with pytest.raises(Fault, match="division by zero"):
            value(text)
        return
    assert value(text) == expected


@given(st.one_of(NUMBERS, TRUTHS, st.sampled_from(["widths", "[a, 0.5]", "act", "x.shape"])))
def test_a_value_written_out_is_the_same_value(text: str) -> None:
    """What a message or a report shows of a value can be written into a spec."""
    try:
        found = value(text)
    except Fault:
        return
    assert value(plain(found)) == found


# --- from where `i` makes no difference ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("2 if i == 0 else 1", 1),
        ("i < 3", 4),
        ("i >= a", 4),
        ("2 < i < 5", 6),
        ("i == 0 or i == 7", 8),
        ("i < a / 2", 2),
        ("(1 if i == 2 else 5) * b", 3),
        ("x.channels", 0),
        ("not i != 4", 5),
        ("i == -3", 0),
        ("[1 if i == 1 else 2, 3 if i > 8 else 4]", 9),
        ("i", None),
        ("widths[i]", None),
        ("i % 2 == 0", None),
        ("i + 1 < 3", None),
        ("2 if i == 0 else i", None),
    ],
)
def test_from_where_an_index_makes_no_difference(text: str, bound: int | None) -> None:
    """Past the largest number that it is compared with; None where it may always make one."""
    assert index_bound(parse(text, WORDS), VALUES) == bound


COMPARISONS = st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.integers(-2, 9))


@given(st.lists(COMPARISONS, min_size=1, max_size=4), st.booleans())
def test_past_the_bound_the_value_stays(comparisons: list[tuple[str, int]], reverse: bool) -> None:
    parts = [f"{number} {symbol} i" if reverse else f"i {symbol} {number}" for symbol, number in comparisons]
    tree = parse(f"[{', '.join(parts)}]")
    bound = index_bound(tree, {})
    assert bound is not None
    assert len({tree.evaluate({"i": index}) for index in range(bound, bound + 20)}) == 1
