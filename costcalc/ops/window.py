"""Windows that slide over an image: padding, and how many positions there are. Shared by convolutions and pools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcalc.errors import Fault
from costcalc.ops.formula import Formula
from costcalc.ops.op import SPATIAL, Setting, Shape, Step

Pair = tuple[int, int]

POSITIONS = Formula("(size + before + after - dilation * (kernel - 1) - 1) // stride + 1")
POSITIONS_CEIL = Formula("ceil((size + before + after - dilation * (kernel - 1) - 1) / stride) + 1 - clipped")
RULE = "size' = floor((size + before + after - dilation * (kernel - 1) - 1) / stride) + 1 on every spatial axis"


def pairs(padding: Sequence[Any]) -> list[Pair]:
    """A padding of one number or pair per axis, as (before, after) per axis."""
    return [pair if pair.__class__ is tuple else (pair, pair) for pair in padding]


def paddings(setting: Setting, kernel: Shape, stride: Shape, dilation: Shape) -> list[Pair]:
    """The argument `padding` as (before, after) per spatial axis.

    `same` makes size' = ceil(size / stride), the odd one after.
    """
    if setting["padding"] != "same":
        return pairs(setting.per_axis("padding"))
    found = []
    for size, k, s, d in zip(setting.sizes, kernel, stride, dilation, strict=True):
        total = max(0, (-(-size // s) - 1) * s + d * (k - 1) + 1 - size)
        found.append((total // 2, total - total // 2))
    return found


def slide(
    setting: Setting,
    *,
    kernel: Shape,
    stride: Shape,
    dilation: Shape = (),
    padding: Sequence[Pair] = (),
    ceil: bool = False,
) -> list[Step]:
    """Count how often a window fits into the first input, axis by axis, with the arithmetic.

    Without `dilation` its elements are neighbours, without `padding` nothing stands around the input. With `ceil` a
    last window may hang over the end, unless it would start beyond the input and its padding before (PyTorch's rule).

    Raises:
        Fault: the window does not fit even once.
    """
    dilation = dilation or (1,) * len(kernel)
    padding = padding or ((0, 0),) * len(kernel)
    steps = []
    names: Sequence[str] = SPATIAL[len(kernel)]
    for name, size, k, s, d, (before, after) in zip(
        names, setting.sizes, kernel, stride, dilation, padding, strict=True
    ):
        symbols = {"size": size, "before": before, "after": after, "dilation": d, "kernel": k, "stride": s}
        formula = POSITIONS
        room = size + before + after - d * (k - 1) - 1
        count = room // s + 1
        if ceil:
            formula = POSITIONS_CEIL
            count = -(-room // s) + 1
            symbols["clipped"] = int((count - 1) * s >= size + before)
            count -= symbols["clipped"]
        if count < 1:
            hint = ""
            if setting.layout == "channels_first" and len(setting.x) == 3 and setting.x[-1] <= 4 < min(setting.x[:-1]):
                hint = "did you mean 'layout: channels_last'?"
            elif setting.layout == "channels_last" and len(setting.x) == 3 and setting.x[0] <= 4 < min(setting.x[1:]):
                hint = "did you mean 'layout: channels_first'?"
            raise Fault(
                f"the kernel is larger than the padded input: output {name} would be {count} = "
                f"{formula.substitute(symbols)}",
                hint,
            )
        steps.append(Step(name, formula, symbols, count))
    return steps
