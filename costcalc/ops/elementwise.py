"""Sum, product and difference of tensors, element by element.

Shapes are aligned at their last axes; an axis of size 1, or one that is missing, is repeated (broadcasting). Joining j
tensors takes j - 1 operations an output element.
"""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.formula import Symbols
from costcalc.ops.op import Op, Setting, Shape, tally
from costcalc.text.values import product


def infer(setting: Setting) -> Shape:
    rank = max(len(shape) for shape in setting.inputs)
    return tuple(_size(setting.inputs, axis, rank) for axis in range(rank))


def _size(shapes: tuple[Shape, ...], axis: int, rank: int) -> int:
    """The size of one axis of the result, which has `rank` axes."""
    found, size = shapes[0], 1
    for shape in shapes:
        own = shape[axis - rank] if rank - axis <= len(shape) else 1
        if 1 != size != own != 1:
            hint = "" if len(found) == len(shape) else "shapes of unlike length are aligned at their last axes"
            raise Fault(
                f"the branches do not fit together: {list(found)} and {list(shape)} differ on axis {axis} "
                f"({size} and {own})",
                hint,
            )
        if size == 1 != own:
            found, size = shape, own
    return size


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"j": len(setting.inputs), "m": product(output)}


RULE = "aligned at the last axes; on every axis equal sizes, or 1"
MEANINGS = {"j": "tensors", "m": "output elements"}

ADD = Op(
    name="add",
    about="The sum of tensors, element by element.",
    source="PyTorch, torch.add, with its broadcasting",
    also={"pytorch": "add", "onnx": "Add", "keras": "Add", "other": "plus eltwise AddN"},
    rule=RULE,
    axes="every",
    inputs=("*",),
    infer=infer,
    aligned=True,
    symbols=symbols,
    tally=tally(add="(j - 1) * m"),
    meanings=MEANINGS,
)

MUL = Op(
    name="mul",
    about="The product of tensors, element by element.",
    source="PyTorch, torch.mul, with its broadcasting",
    also={"pytorch": "mul multiply", "onnx": "Mul", "keras": "Multiply", "other": "product times hadamard"},
    rule=RULE,
    axes="every",
    inputs=("*",),
    infer=infer,
    aligned=True,
    symbols=symbols,
    tally=tally(mul="(j - 1) * m"),
    meanings=MEANINGS,
)

SUB = Op(
    name="sub",
    about="The difference left - right, element by element.",
    source="PyTorch, torch.sub, with its broadcasting",
    also={"pytorch": "sub subtract", "onnx": "Sub", "keras": "Subtract", "other": "minus"},
    rule=RULE,
    axes="every",
    inputs=("left", "right"),
    infer=infer,
    aligned=True,
    symbols=symbols,
    tally=tally(add="m"),
    meanings={"m": "output elements"},
)
