"""Rows of length 1: every row along an axis divided by its length (the root of the sum of its squares).

    y[i] = x[i] / max(sqrt(sum(x^2)), eps)

A row of d elements takes d squares, d additions, a root, a comparison and d divisions.
"""

from __future__ import annotations

from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import AXIS, NUMBER
from costcalc.ops.op import Argument, Op, Setting, Shape, tally


def infer(setting: Setting) -> Shape:
    setting.axis(setting["axis"])
    return setting.x


def symbols(setting: Setting, output: Shape) -> Symbols:
    axis = setting.axis(setting["axis"])
    return {"r": output[:axis] + output[axis + 1 :], "d": output[axis]}


OP = Op(
    name="normalize",
    about="Divides every row along an axis by its length, as cosine attention does.",
    source="PyTorch, torch.nn.functional.normalize with p=2",
    also={"pytorch": "normalize", "onnx": "LpNormalization", "keras": "UnitNormalization"},
    rule="the shape stays",
    axes="last",
    keeps_axes=True,
    arguments=(
        Argument("axis", AXIS, -1, "axis the rows run along"),
        Argument("eps", NUMBER, "0.000000000001", "the least length"),
    ),
    infer=infer,
    symbols=symbols,
    tally=tally(mul="r * d", add="r * d", sqrt="r", compare="r", div="r * d"),
    meanings={"r": "rows", "d": "elements of a row"},
)
