"""Softmax along an axis: every row becomes positive numbers that add up to 1.

    y[i] = exp(x[i] - max(x)) / sum over j of exp(x[j] - max(x))

A row of d elements takes d - 1 comparisons for its largest, d subtractions, d exponentials, d additions, d divisions.
"""

from __future__ import annotations

from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import AXIS
from costcalc.ops.op import Argument, Op, Setting, Shape, tally


def infer(setting: Setting) -> Shape:
    setting.axis(setting["axis"])
    return setting.x


def symbols(setting: Setting, output: Shape) -> Symbols:
    axis = setting.axis(setting["axis"])
    return {"r": output[:axis] + output[axis + 1 :], "d": output[axis]}


OP = Op(
    name="softmax",
    about="Turns every row along an axis into positive numbers that add up to 1.",
    source="PyTorch, torch.nn.functional.softmax",
    also={"pytorch": "Softmax softmax", "onnx": "Softmax", "keras": "Softmax softmax"},
    rule="the shape stays",
    axes="last",
    keeps_axes=True,
    arguments=(Argument("axis", AXIS, -1, "axis the rows run along"),),
    infer=infer,
    symbols=symbols,
    tally=tally(compare="r * (d - 1)", add="2 * r * d", exp="r * d", div="r * d"),
    meanings={"r": "rows", "d": "elements of a row"},
)
