"""The mean along one or several axes: an addition for every element, a division for every mean."""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import AXES, AXIS, FLAG, ORDER, Kind
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, tally
from costcalc.text.values import Value, plain, product


def _check(value: Value) -> Value:
    return (ORDER if value.__class__ is tuple else AXIS).check(value)


ONE_OR_MORE_AXES = Kind(
    f"{AXIS.about}; or a list of axes",
    _check,
    {"anyOf": [{"type": "array", "minItems": 1}, *AXIS.schema["anyOf"]]},
    AXES,
)


def axes(setting: Setting) -> Shape:
    """The argument `axis` as numbers from 0.

    Raises:
        Fault: the input has no such axis, or one is named twice.
    """
    value = setting["axis"]
    found = tuple(setting.axis(axis) for axis in (value if value.__class__ is tuple else (value,)))
    if len(set(found)) < len(found):
        raise Fault(f"the axes {plain(value)} name an axis of {list(setting.x)} twice")
    return found


def infer(setting: Setting) -> Shape:
    taken = axes(setting)
    if setting["keep"]:
        return tuple(1 if axis in taken else size for axis, size in enumerate(setting.x))
    shape = tuple(size for axis, size in enumerate(setting.x) if axis not in taken)
    if not shape:
        raise Fault(f"the mean over every axis of {list(setting.x)} leaves no axis", "keep them with 'keep: true'")
    return shape


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"m": output, "k": product(setting.x) // product(output)}


OP = Op(
    name="mean",
    about="The mean along one or several axes.",
    source="PyTorch, torch.mean",
    also={"pytorch": "mean", "onnx": "ReduceMean", "other": "average"},
    rule="the axes go; with keep they stay, of size 1",
    arguments=(
        Argument("axis", ONE_OR_MORE_AXES, REQUIRED, "axis, or axes, the mean is taken along"),
        Argument("keep", FLAG, False, "keep these axes, of size 1"),
    ),
    infer=infer,
    symbols=symbols,
    tally=tally(add="m * k", div="m"),
    meanings={"m": "output elements", "k": "elements of a mean"},
)
