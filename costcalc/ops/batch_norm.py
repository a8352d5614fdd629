"""Batch normalisation at inference, with stored statistics.

    scale[c] = weight[c] / sqrt(running_var[c] + eps)        y[c, p] = x[c, p] * scale[c] + shift[c]
    shift[c] = bias[c] - running_mean[c] * scale[c]

Scale and shift are worked out once per channel. Without weight and bias, 1 stands for the weight and a change of
sign, which is free, for the subtraction.
"""

from __future__ import annotations

from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import FLAG, NUMBER
from costcalc.ops.op import Argument, Op, Setting, Shape, Weight, tally


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"c": setting.channels, "p": setting.sizes, "a": int(setting["affine"])}


OP = Op(
    name="batch_norm",
    about="Normalises every channel with stored mean and variance.",
    source="PyTorch, torch.nn.functional.batch_norm with training=False; Ioffe and Szegedy 2015",
    also={
        "pytorch": "BatchNorm1d BatchNorm2d BatchNorm3d batch_norm",
        "onnx": "BatchNormalization",
        "keras": "BatchNormalization",
        "other": "bn",
    },
    rule="the shape stays",
    axes="image",
    arguments=(
        Argument("eps", NUMBER, "0.00001", "added to the variance"),
        Argument("affine", FLAG, True, "trainable weight and bias per channel"),
    ),
    symbols=symbols,
    weights=(
        Weight("weight", "c", when="affine"),
        Weight("bias", "c", when="affine"),
        Weight("running_mean", "c", trainable=False),
        Weight("running_var", "c", trainable=False),
    ),
    tally=tally(mul="c + c * p", add="c + c * p", bias_add="a * c", sqrt="c", div="c"),
    quantities=tally(scale_shift="a * c * p"),
    meanings={"c": "channels", "p": "positions", "a": "1 with weight and bias, else 0"},
)
