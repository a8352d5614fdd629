"""Concatenation: tensors side by side along one axis. Nothing is computed."""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.formula import Formula
from costcalc.ops.kinds import AXIS
from costcalc.ops.op import Argument, Op, Setting, Shape, Step


def infer(setting: Setting) -> Shape:
    axis = setting.axis(setting["axis"])
    first = setting.x
    for shape in setting.inputs:
        if len(shape) != len(first):
            raise Fault(
                f"the branches do not fit together: {list(first)} and {list(shape)} differ in their number of axes "
                f"({len(first)} and {len(shape)})"
            )
        for other, (size, own) in enumerate(zip(first, shape, strict=True)):
            if size != own and other != axis:
                raise Fault(
                    f"the branches do not fit together: {list(first)} and {list(shape)} differ on axis {other} "
                    f"({size} and {own})",
                    f"only axis {axis}, along which they are joined, may differ",
                )
    return (*first[:axis], sum(shape[axis] for shape in setting.inputs), *first[axis + 1 :])


def steps(setting: Setting, output: Shape) -> list[Step]:
    axis = setting.axis(setting["axis"])
    sizes = {f"size_{number}": shape[axis] for number, shape in enumerate(setting.inputs, 1)}
    name = "channels" if axis == setting.channel_axis else f"axis {axis}"
    return [Step(name, Formula(" + ".join(sizes)), sizes, output[axis])]


def beside(setting: Setting) -> int:
    return setting.axis(setting["axis"])


OP = Op(
    name="concat",
    about="Tensors side by side along one axis.",
    source="PyTorch, torch.cat",
    also={
        "pytorch": "cat concat concatenate",
        "onnx": "Concat",
        "keras": "Concatenate",
        "other": "route hstack vstack",
    },
    rule="sizes along the axis add up; every other axis must be equal",
    keeps_axes=True,
    arguments=(Argument("axis", AXIS, "channels", "axis they are joined along"),),
    inputs=("*",),
    infer=infer,
    aligned=True,
    beside=beside,
    steps=steps,
)
