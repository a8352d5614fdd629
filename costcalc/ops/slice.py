"""A part of a tensor along one axis. The axis stays, also with one element.

Nothing is computed or copied: the whole input stays in memory as long as the part is used.
"""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.formula import Formula
from costcalc.ops.kinds import AXIS, COUNT, WHOLE
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, Step
from costcalc.ops.strided import Cut

SIZE = Formula("(end - start - 1) // step + 1")


def infer(setting: Setting) -> Shape:
    axis, (step,) = setting.axis(setting["axis"]), steps(setting, ())
    return (*setting.x[:axis], step.result, *setting.x[axis + 1 :])


def steps(setting: Setting, output: Shape) -> list[Step]:
    axis = setting.axis(setting["axis"])
    size = setting.x[axis]
    start = _position(setting, "start", size, axis)
    end = size if setting["end"] is None else _position(setting, "end", size, axis)
    if start >= end:
        raise Fault(f"nothing is left: start {start} is not before end {end} (axis {axis} of {list(setting.x)})")
    symbols = {"start": start, "end": end, "step": setting["step"]}
    return [Step(f"axis {axis}", SIZE, symbols, SIZE.evaluate(symbols))]


def changes(setting: Setting) -> tuple[Cut, ...]:
    (step,) = steps(setting, ())
    start, every = (int(step.symbols[name]) for name in ("start", "step"))  # type: ignore[arg-type]
    return (Cut(setting.axis(setting["axis"]), start, every, step.result),)


def _position(setting: Setting, name: str, size: int, axis: int) -> int:
    """`start` or `end`, counted from 0."""
    value: int = setting[name]
    if not -size <= value <= size:
        raise Fault(f"{name} {value} is outside axis {axis} of {list(setting.x)}", f"from -{size} to {size}")
    return value + size if value < 0 else value


OP = Op(
    name="slice",
    about="A part of a tensor along one axis.",
    source="NumPy and PyTorch, x[start:end:step], but never beyond the ends",
    also={"pytorch": "narrow", "onnx": "Slice"},
    rule=f"along the axis size' = {SIZE.text}",
    keeps_axes=True,
    arguments=(
        Argument("axis", AXIS, REQUIRED, "axis that is cut"),
        Argument("start", WHOLE, 0, "first element; negative from the end"),
        Argument("end", WHOLE, None, "element after the last; negative from the end; the size when not given"),
        Argument("step", COUNT, 1, "take every step-th element"),
    ),
    sides=("start", "end"),
    infer=infer,
    view=True,
    changes=changes,
    steps=steps,
)
