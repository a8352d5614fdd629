"""Rotary positions: the features of every head are turned, two by two, by angles that grow with the position.

    y[p, j]       = x[p, j] * cos(a) - x[p, j + d/2] * sin(a)          a = p / theta^(2j / d)
    y[p, j + d/2] = x[p, j + d/2] * cos(a) + x[p, j] * sin(a)

Two products and an addition for every turned element. Sines and cosines depend on the sizes alone and are not counted.
"""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import COUNT, NUMBER
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, tally


def infer(setting: Setting) -> Shape:
    heads, dims = setting["heads"], setting["dims"]
    if len(setting.x) < 2:
        raise Fault(f"rotary_embedding needs [..., tokens, features], got {list(setting.x)}")
    if setting.x[-1] % heads:
        raise Fault(f"heads={heads} must divide the {setting.x[-1]} features")
    size = setting.x[-1] // heads
    if dims is not None and dims > size:
        raise Fault(f"dims={dims} is more than the {size} features of a head")
    if (dims or size) % 2:
        raise Fault(f"the {dims or size} features that are turned must be an even number: they are turned two by two")
    return setting.x


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"p": output[:-1], "h": setting["heads"], "d": setting["dims"] or output[-1] // setting["heads"]}


OP = Op(
    name="rotary_embedding",
    about="Turns the features of every head, two by two, by angles that grow with the position.",
    source="Su et al. 2021 (RoFormer); the halves of a head are pairs, as in GPT-NeoX and transformers' Llama",
    also={"onnx": "RotaryEmbedding", "other": "rope rotary"},
    rule="the shape stays",
    axes="last",
    keeps_axes=True,
    arguments=(
        Argument("heads", COUNT, REQUIRED, "heads the features are made of"),
        Argument("theta", NUMBER, 10_000, "base of the angles"),
        Argument("dims", COUNT, None, "features of a head that are turned, its first ones; all when not given"),
    ),
    unit=lambda arguments: arguments["dims"] or 2,
    infer=infer,
    symbols=symbols,
    tally=tally(mul="2 * p * h * d", add="p * h * d"),
    meanings={"p": "positions", "h": "heads", "d": "features of a head that are turned"},
)
