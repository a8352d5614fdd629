"""The kinds of arguments: one check a kind, and its JSON Schema. A check returns the value or raises a `Fault`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from costcalc.errors import Fault, Hint
from costcalc.text.suggest import did_you_mean
from costcalc.text.values import Value, describe, plain

LARGEST_DIMENSION = 10**15


class Kind(NamedTuple):
    """A kind of argument: how it is called in messages, its check, its JSON Schema, its words if it is a choice."""

    about: str
    check: Callable[[Value], Value]
    schema: dict[str, Any]
    words: tuple[str, ...] = ()


def whole(value: Value, low: int | None = None, what: str = "a whole number") -> int:
    """`value` as an `int` not below `low`."""
    if value.__class__ is not int:
        hint = "a number is wanted here" if value.__class__ is bool else ""
        if hasattr(value, "denominator") and value.__class__ is not bool:
            hint = "it must divide exactly; use // or round_to(...)"
        if value.__class__ is tuple and len(value) == 1 and value[0].__class__ is int:
            hint = Hint(f"write {plain(value[0])}", plain(value[0]))
        raise Fault(f"expected {what}, got {describe(value)}", hint)
    if low is not None and value < low:
        raise Fault(f"expected {what}, got {plain(value)}", "" if f"at least {low}" in what else f"at least {low}")
    if abs(value) > LARGEST_DIMENSION:
        raise Fault(f"expected {what}, got {plain(value)}", "at most 10^15")
    return int(value)


def _count(value: Value) -> Value:
    return whole(value, 1, "a whole number of at least 1")


def _natural(value: Value) -> Value:
    return whole(value, 0, "a whole number of at least 0")


def _flag(value: Value) -> Value:
    if value is True or value is False:
        return value
    hint = "write true or false" if value.__class__ is str else ""
    if hasattr(value, "denominator"):
        hint = "compare it, as in 'n > 0', or write true or false"
    raise Fault(f"expected true or false, got {describe(value)}", hint)


def _number(value: Value) -> Value:
    if value.__class__ is int or (value.__class__ is not bool and hasattr(value, "denominator")):
        return value
    raise Fault(f"expected a number, got {describe(value)}")


def _share(value: Value) -> Value:
    if not 0 <= _number(value) <= 1:
        raise Fault(f"expected a number from 0 to 1, got {plain(value)}")
    return value


def _each(check: Callable[[Value], Value]) -> Callable[[Value], Value]:
    def one_or_list(value: Value) -> Value:
        if value.__class__ is tuple:
            if not value:
                raise Fault("expected a number or a list of numbers, got an empty list")
            return _items(check, value)
        return check(value)

    return one_or_list


def _items(check: Callable[[Value], Value], values: tuple[Value, ...]) -> Value:
    """Every item checked; a `Fault` says which item it is about."""
    checked = []
    for position, value in enumerate(values):
        try:
            checked.append(check(value))
        except Fault as fault:
            fault.item = position
            raise
    return tuple(checked)


def _list(check: Callable[[Value], Value], what: str) -> Callable[[Value], Value]:
    def checked(value: Value) -> Value:
        if value.__class__ is not tuple or not value:
            hint = Hint(f"write [{plain(value)}]", f"[{plain(value)}]") if value.__class__ is int else ""
            raise Fault(f"expected {what}, got {describe(value)}", hint)
        return _items(check, value)

    return checked


def _padding(value: Value) -> Value:
    return value if value == "same" else _border(value, "a number, one per axis, pairs, or same")


def _border(value: Value, forms: str = "a number, one per axis, or pairs") -> Value:
    if value.__class__ is str:
        raise Fault(f"expected a padding, got {describe(value)}", forms)
    if value.__class__ is tuple and value and value[0].__class__ is tuple:
        for pair in value:
            if pair.__class__ is not tuple or len(pair) != 2:
                raise Fault(f"expected pairs [before, after], got {plain(value)}", "as in [[0, 1], [0, 1]]")
        return _items(lambda pair: tuple(_natural(item) for item in pair), value)
    return _each(_natural)(value)


def _axis(value: Value) -> Value:
    if value.__class__ is str:
        if value in AXES:
            return value
        raise Fault(f"there is no axis '{value}'", did_you_mean(value, AXES))
    return whole(value, None, "an axis: a whole number, or one of " + ", ".join(AXES))


def _dimension(value: Value) -> Value:
    return value if value == -1 else whole(value, 1, "a size of at least 1, or -1 for the rest")


AXES = ("channels", "height", "width", "features")
_EXPRESSION: dict[str, Any] = {"type": "string", "description": "an expression"}


def _or_expression(*schemas: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [*schemas, _EXPRESSION]}


def _integer(low: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": low}


def _integers(low: int) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": _or_expression(_integer(low))}


COUNT = Kind("whole number, 1 or more", _count, _or_expression(_integer(1)))
NATURAL = Kind("whole number, 0 or more", _natural, _or_expression(_integer(0)))
WHOLE = Kind("whole number", whole, _or_expression({"type": "integer"}))
NUMBER = Kind("number", _number, _or_expression({"type": "number"}))
SHARE = Kind("number from 0 to 1", _share, _or_expression({"type": "number", "minimum": 0, "maximum": 1}))
FLAG = Kind("true or false", _flag, _or_expression({"type": "boolean"}))
COUNTS = Kind("whole number, or one per axis", _each(_count), _or_expression(_integer(1), _integers(1)))
NATURALS = Kind("whole number, or one per axis", _each(_natural), _or_expression(_integer(0), _integers(0)))
WHOLES = Kind("whole number, or one per axis", _each(whole), _or_expression({"type": "integer"}, {"type": "array"}))
NUMBERS = Kind("number, or one per axis", _each(_number), _or_expression({"type": "number"}, {"type": "array"}))
PADDING = Kind(
    "number, one per axis, pairs [before, after], or same",
    _padding,
    _or_expression(_integer(0), {"type": "array", "minItems": 1}),
    ("same",),
)
BORDER = Kind(
    "number, one per axis, or pairs [before, after]",
    _border,
    _or_expression(_integer(0), {"type": "array", "minItems": 1}),
)
AXIS = Kind(
    "axis: 0 is the first after the batch, or " + " ".join(AXES),
    _axis,
    _or_expression({"type": "integer"}),
    AXES,
)
SIZES = Kind("list of sizes", _list(_count, "a list of sizes"), _or_expression(_integers(1)))
SHAPE = Kind(
    "list of sizes, one of them may be -1",
    _list(_dimension, "a list of sizes"),
    _or_expression(_integers(-1)),
)
ORDER = Kind("list of axes", _list(_axis, "a list of axes"), _or_expression({"type": "array", "minItems": 1}), AXES)


def choice(*words: str) -> Kind:
    """One of a few words."""

    def check(value: Value) -> Value:
        if value in words:
            return value
        raise Fault(f"expected {' or '.join(words)}, got {describe(value)}", did_you_mean(str(value), words))

    return Kind(" or ".join(words), check, {"anyOf": [{"enum": list(words)}, _EXPRESSION]}, words)
