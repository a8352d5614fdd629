"""All axes from one on become a single axis. The elements stay where they are."""

from __future__ import annotations

from costcalc.ops.formula import Formula
from costcalc.ops.kinds import AXIS
from costcalc.ops.op import Argument, Op, Setting, Shape, Step
from costcalc.text.values import product


def infer(setting: Setting) -> Shape:
    start = setting.axis(setting["start"])
    return (*setting.x[:start], product(setting.x[start:]))


def steps(setting: Setting, output: Shape) -> list[Step]:
    return [Step("features", Formula("sizes"), {"sizes": setting.x[len(output) - 1 :]}, output[-1])]


OP = Op(
    name="flatten",
    about="Makes one axis of all axes from `start` on.",
    source="PyTorch, torch.flatten",
    also={"pytorch": "Flatten flatten", "onnx": "Flatten", "keras": "Flatten"},
    rule="the last axis is the product of the sizes from start on",
    arguments=(Argument("start", AXIS, 0, "first axis that is taken in; the batch is no axis"),),
    infer=infer,
    steps=steps,
    view=True,
)
