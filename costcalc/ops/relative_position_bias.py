"""A number for every pair of positions of a window and every head, added to the scores of attention.

    y[head, q, k] = table[place(q) - place(k) + window - 1, head]

There are 2 * side - 1 distances along a side, so a table has (2h - 1) * (2w - 1) rows. It is a weight (Swin), or comes
from other layers as the input `table` (Swin V2: a small network over the distances). Rows are looked up; nothing is
computed.
"""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import COUNT, SIZES
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, Weight
from costcalc.text.values import plain, product


class Table(Weight):
    """The table where no layer gives it."""

    __slots__ = ()

    def stored(self, setting: Setting) -> bool:
        """True if the op has this weight under its inputs."""
        return setting.inputs[0] is None


def infer(setting: Setting) -> Shape:
    heads, window, table = setting["heads"], setting["window"], setting.inputs[0]
    sides = tuple(2 * side - 1 for side in window)
    if table is not None and table != (product(sides), heads):
        raise Fault(
            f"the window {plain(window)} and heads={heads} need a table [{product(sides)}, {heads}], got {list(table)}",
            f"a row for every distance: {'*'.join(map(str, sides))} = {product(sides)}",
        )
    return (heads, product(window), product(window))


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"r": product(tuple(2 * side - 1 for side in setting["window"])), "h": setting["heads"]}


OP = Op(
    name="relative_position_bias",
    about="A number for every distance in a window and every head, laid out for all pairs of positions.",
    source="torchvision, swin_transformer.py, _get_relative_position_bias; Liu et al. 2021 (Swin), 2022 (Swin V2)",
    rule="[heads, n, n] for a window of n positions; a table given is [(2h - 1) * (2w - 1), heads]",
    arguments=(
        Argument("window", SIZES, REQUIRED, "sides of the window"),
        Argument("heads", COUNT, REQUIRED, "heads of the attention it is for"),
    ),
    inputs=("table?",),
    sides=("window",),
    infer=infer,
    symbols=symbols,
    weights=(Table("weight", "r, h"),),
    meanings={"r": "distances in the window, 2 * side - 1 along every side", "h": "heads"},
)
