"""The mask of attention in shifted windows: after a shift, a window may hold parts of an image that do not touch.

    y[window, 0, q, k] = 0 where q and k lie in the same part, else -100

It depends on the sizes alone, so nothing is computed.
"""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.formula import Formula
from costcalc.ops.kinds import NATURALS, SIZES
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, Step
from costcalc.text.values import plain, product

COUNT = Formula("size / window")


def infer(setting: Setting) -> Shape:
    sizes, window, shift = setting["size"], setting["window"], shifts(setting)
    if not len(sizes) == len(window) == len(shift):
        raise Fault(f"the window {plain(window)} and the shift {plain(shift)} must fit the size {plain(sizes)}")
    for size, side, distance in zip(sizes, window, shift, strict=True):
        if size % side:
            raise Fault(f"the window {plain(window)} must divide the size {plain(sizes)}: {size} / {side} is not whole")
        if distance >= side:
            raise Fault(f"the shift {plain(shift)} must be smaller than the window {plain(window)}")
    places = product(window)
    return (product(tuple(step.result for step in steps(setting, ()))), 1, places, places)


def shifts(setting: Setting) -> Shape:
    """The shift along every side."""
    shift = setting["shift"]
    return shift if shift.__class__ is tuple else (shift,) * len(setting["size"])


def steps(setting: Setting, output: Shape) -> list[Step]:
    rows = zip(setting["size"], setting["window"], strict=True)
    symbols = [{"size": size, "window": side} for size, side in rows]
    return [Step(f"windows along axis {axis}", COUNT, row, COUNT.evaluate(row)) for axis, row in enumerate(symbols)]


OP = Op(
    name="shifted_window_mask",
    about="Keeps apart, in the attention of shifted windows, parts of the image that do not touch.",
    source="torchvision, swin_transformer.py, shifted_window_attention; Liu et al. 2021 (Swin)",
    rule="[windows, 1, n, n] for windows of n positions",
    arguments=(
        Argument("size", SIZES, REQUIRED, "sides of the image"),
        Argument("window", SIZES, REQUIRED, "sides of a window"),
        Argument("shift", NATURALS, REQUIRED, "how far the image was rolled"),
    ),
    inputs=(),
    sides=("size", "window"),
    infer=infer,
    steps=steps,
)
