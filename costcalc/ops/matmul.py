"""Matrix product of two tensors; every axis before the last two is a batch of matrices.

    y[i, j] = sum over k of left[i, k] * right[k, j]

Every output element is a sum of k products.
"""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.elementwise import infer as broadcast
from costcalc.ops.formula import Symbols
from costcalc.ops.op import Op, Setting, Shape, tally


def infer(setting: Setting) -> Shape:
    left, right = setting.inputs
    for name, shape in (("left", left), ("right", right)):
        if len(shape) < 2:
            raise Fault(f"matmul needs two axes on either side, got {name} {list(shape)}")
    if left[-1] != right[-2]:
        raise Fault(
            f"the columns of left {list(left)} must be the rows of right {list(right)}: {left[-1]} and {right[-2]}",
            "did you mean to transpose right?" if left[-1] == right[-1] else "",
        )
    try:
        leading = broadcast(Setting({}, (left[:-2], right[:-2]), setting.layout))
    except Fault:
        raise Fault(
            f"left {list(left)} and right {list(right)} do not fit together before their last two axes"
        ) from None
    return (*leading, left[-2], right[-1])


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"n": output[:-2], "i": output[-2], "j": output[-1], "k": setting.x[-1]}


OP = Op(
    name="matmul",
    about="Matrix product of two tensors.",
    source="PyTorch, torch.matmul, of tensors with two axes or more",
    also={"pytorch": "matmul bmm mm", "onnx": "MatMul", "keras": "Dot", "other": "BatchMatMul"},
    rule="left [..., i, k] and right [..., k, j] give [..., i, j]; the axes before them as in add",
    inputs=("left", "right"),
    infer=infer,
    symbols=symbols,
    tally=tally(mac="n * i * j * k"),
    meanings={"n": "products of two matrices", "i": "rows of left", "j": "columns of right", "k": "columns of left"},
)
