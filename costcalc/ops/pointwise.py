"""Functions of every element that are no activations: exponential, bounds, a constant factor.

exp: e^x        clamp: min(max(x, low), high), a comparison for each bound        rescale: x * factor
"""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import NUMBER
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, tally
from costcalc.text.values import plain, product


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"n": product(output)}


RULE = "the shape stays"

EXP = Op(
    name="exp",
    about="e^x, element by element.",
    source="PyTorch, torch.exp",
    also={"pytorch": "exp", "onnx": "Exp"},
    rule=RULE,
    axes="every",
    symbols=symbols,
    tally=tally(exp="n"),
    meanings={"n": "elements"},
)

RESCALE = Op(
    name="rescale",
    about="Every element times a number that is known beforehand.",
    source="PyTorch, torch.mul with a number",
    rule=RULE,
    axes="every",
    arguments=(Argument("factor", NUMBER, REQUIRED, "the number"),),
    symbols=symbols,
    tally=tally(mul="n"),
    meanings={"n": "elements"},
)


def infer_clamp(setting: Setting) -> Shape:
    low, high = setting["min"], setting["max"]
    if low is None and high is None:
        raise Fault("clamp needs a min, a max, or both")
    if low is not None and high is not None and low > high:
        raise Fault(f"min {plain(low)} is above max {plain(high)}")
    return setting.x


def clamp_symbols(setting: Setting, output: Shape) -> Symbols:
    return {"n": product(output), "b": sum(setting[name] is not None for name in ("min", "max"))}


CLAMP = Op(
    name="clamp",
    about="Every element, but not below a lower and not above an upper bound.",
    source="PyTorch, torch.clamp",
    also={"pytorch": "clamp clip Hardtanh hardtanh", "onnx": "Clip", "other": "relu_n"},
    rule=RULE,
    axes="every",
    arguments=(
        Argument("min", NUMBER, None, "lower bound; none when not given"),
        Argument("max", NUMBER, None, "upper bound; none when not given"),
    ),
    infer=infer_clamp,
    symbols=clamp_symbols,
    tally=tally(compare="b * n"),
    meanings={"n": "elements", "b": "bounds"},
)
