"""A layer or block in a few words: its op with what differs from the defaults, and a remark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costcalc.cost.model import Row
from costcalc.graph.model import Block, Layer
from costcalc.ops.op import Op
from costcalc.report.numbers import decimal, exact
from costcalc.text.values import plain


def in_short(op: Op, arguments: Mapping[str, Any]) -> str:
    """The op with the arguments that differ from their defaults: `conv out=64 kernel=7 stride=2`."""
    given = (
        f"{argument.name}={brief(arguments[argument.name])}"
        for argument in op.arguments
        if arguments[argument.name] != argument.default
        or (arguments[argument.name].__class__ is bool) is not (argument.default.__class__ is bool)
    )
    return " ".join((op.name, *given))


def brief(value: Any) -> str:
    """An argument without blanks; a rational that is no short decimal is rounded to one."""
    if hasattr(value, "denominator") and value.__class__ not in (int, bool) and value.denominator > 1:
        return decimal(float(value))
    return plain(value).replace(" ", "")


def describe(row: Row) -> str:
    """Describe a row: an op with its arguments, or a block that is rolled up."""
    text = in_short(row.child.op, row.arguments) if isinstance(row.child, Layer) else row.op
    return f"{text} x{exact(row.count)}" if row.count > 1 else text


def remark(row: Row) -> str:
    """A remark on a row: shared weights, not run."""
    return remark_on(row.child, stored=row.stored > 0, run=row.run > 0)


def remark_on(child: Layer | Block, *, stored: bool, run: bool) -> str:
    """A remark on a layer or block that is stored and run so."""
    if not run:
        return "not run"
    return "" if stored or (isinstance(child, Layer) and not child.weights) else "shared weights"
