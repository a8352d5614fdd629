"""The same elements under another shape; one size may be -1 and is what remains."""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.formula import Formula
from costcalc.ops.kinds import SHAPE
from costcalc.ops.op import REQUIRED, UNKNOWN, Argument, Op, Setting, Shape, Step
from costcalc.text.values import product

REST = Formula("elements / (known)")


def infer(setting: Setting) -> Shape:
    shape: Shape = setting["shape"]
    if shape.count(-1) > 1:
        raise Fault(f"the shape {list(shape)} has more than one -1")
    elements = product(setting.x)
    known = product(_known(shape))
    if -1 in shape and elements % known == 0:
        return tuple(elements // known if size == -1 else size for size in shape)
    if elements != known:
        raise Fault(
            f"{list(setting.x)} has {_times(setting.x)} elements, {list(shape)} needs "
            f"{'a multiple of ' if -1 in shape else ''}{_times(_known(shape))}"
        )
    return shape


def decoded(setting: Setting, axes: tuple[int | None, ...], context: int) -> Setting:
    """A size that is the number of all tokens, where the tokens are, is one for one token."""
    (axis,), shape = axes, setting["shape"]
    if axis is None or axis == UNKNOWN or axis >= len(shape) or shape[axis] != context:
        return setting
    return Setting({"shape": (*shape[:axis], 1, *shape[axis + 1 :])}, setting.inputs, setting.layout)


def _known(shape: Shape) -> Shape:
    return tuple(size for size in shape if size != -1)


def _times(sizes: Shape) -> str:
    """`3*4 = 12`."""
    return f"{'*'.join(map(str, sizes))} = {product(sizes)}" if len(sizes) > 1 else str(product(sizes))


def steps(setting: Setting, output: Shape) -> list[Step]:
    shape: Shape = setting["shape"]
    if -1 not in shape:
        return []
    axis = shape.index(-1)
    return [Step(f"axis {axis}", REST, {"elements": setting.x, "known": _known(shape)}, output[axis])]


OP = Op(
    name="reshape",
    about="The same elements under another shape.",
    source="PyTorch, torch.reshape",
    also={"pytorch": "reshape view", "onnx": "Reshape", "keras": "Reshape"},
    rule="the shape given; a -1 is the number of elements divided by the other sizes",
    arguments=(Argument("shape", SHAPE, REQUIRED, "sizes without the batch; one may be -1"),),
    infer=infer,
    steps=steps,
    view=True,
    decoded=decoded,
)
