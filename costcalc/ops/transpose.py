"""The axes in another order. Nothing is computed or copied."""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.kinds import ORDER
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape
from costcalc.ops.strided import Order
from costcalc.text.values import plain


def infer(setting: Setting) -> Shape:
    order = [setting.axis(axis) for axis in setting["order"]]
    if sorted(order) != list(range(len(setting.x))):
        raise Fault(f"the order {plain(setting['order'])} must name every axis of the input {list(setting.x)} once")
    return tuple(setting.x[axis] for axis in order)


def changes(setting: Setting) -> tuple[Order, ...]:
    return (Order(tuple(setting.axis(axis) for axis in setting["order"])),)


OP = Op(
    name="transpose",
    about="The axes in another order.",
    source="PyTorch, torch.permute; NumPy, numpy.transpose",
    also={"pytorch": "permute transpose", "onnx": "Transpose", "keras": "Permute"},
    rule="axis i of the output is axis order[i] of the input",
    arguments=(Argument("order", ORDER, REQUIRED, "the axes of the input in the order of the output"),),
    infer=infer,
    view=True,
    changes=changes,
)
