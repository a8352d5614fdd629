"""Elements of one value around the spatial axes, or, with a pair for every axis, around the channels too.

Nothing is computed.
"""

from __future__ import annotations

from costcalc.ops.formula import Formula
from costcalc.ops.kinds import BORDER, NUMBER
from costcalc.ops.op import REQUIRED, SPATIAL, Argument, Op, Setting, Shape, Step
from costcalc.ops.window import pairs

SIZE = Formula("size + before + after")


def infer(setting: Setting) -> Shape:
    if _every_axis(setting):
        return tuple(step.result for step in steps(setting, ()))
    setting.need_image("pad")
    return setting.image(setting.channels, tuple(step.result for step in steps(setting, ())))


def _every_axis(setting: Setting) -> bool:
    """True if `padding` is a pair for every axis and not for the spatial ones alone."""
    padding = setting["padding"]
    return padding.__class__ is tuple and padding[0].__class__ is tuple and len(padding) == len(setting.x)


def steps(setting: Setting, output: Shape) -> list[Step]:
    if _every_axis(setting):
        sizes, borders = setting.x, setting["padding"]
        names: tuple[str, ...] = tuple(f"axis {axis}" for axis in range(len(sizes)))
    else:
        sizes, borders = setting.sizes, pairs(setting.per_axis("padding"))
        names = SPATIAL[len(sizes)]
    found = []
    for name, size, (before, after) in zip(names, sizes, borders, strict=True):
        symbols = {"size": size, "before": before, "after": after}
        found.append(Step(name, SIZE, symbols, SIZE.evaluate(symbols)))
    return found


OP = Op(
    name="pad",
    about="Elements of one value around the image.",
    source="PyTorch, torch.nn.functional.pad with mode='constant'; the pairs in the order of the axes",
    also={"pytorch": "pad", "onnx": "Pad"},
    rule=f"size' = {SIZE.text} on every spatial axis, or on every axis when there is a pair for each",
    keeps_axes=True,
    arguments=(
        Argument("padding", BORDER, REQUIRED, "elements added before and after"),
        Argument("value", NUMBER, 0, "what they hold"),
    ),
    infer=infer,
    steps=steps,
)
