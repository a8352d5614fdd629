"""Layer normalisation: every group of `d` elements, from an axis to the end, gets mean 0 and variance 1.

    mean = sum(x) / d                y[i] = (x[i] - mean) / sqrt(var + eps) * weight[i] + bias[i]
    var = sum((x - mean)^2) / d

A group takes d additions each for the mean, the centring and the variance, d squares and d divisions.
"""

from __future__ import annotations

from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import AXIS, FLAG, NUMBER
from costcalc.ops.op import Argument, Op, Setting, Shape, Weight, tally


def infer(setting: Setting) -> Shape:
    setting.axis(setting["axis"])
    return setting.x


def symbols(setting: Setting, output: Shape) -> Symbols:
    axis = setting.axis(setting["axis"])
    affine = int(setting["affine"])
    return {"r": output[:axis], "d": output[axis:], "a": affine, "b": affine * int(setting["bias"])}


OP = Op(
    name="layer_norm",
    about="Normalises the elements from an axis to the end by their own mean and variance.",
    source="PyTorch, torch.nn.functional.layer_norm; Ba et al. 2016",
    also={
        "pytorch": "LayerNorm layer_norm",
        "onnx": "LayerNormalization",
        "keras": "LayerNormalization",
        "other": "ln",
    },
    rule="the shape stays",
    axes="last",
    keeps_axes=True,
    arguments=(
        Argument("axis", AXIS, -1, "first of the axes that are normalised together, up to the last"),
        Argument("eps", NUMBER, "0.00001", "added to the variance"),
        Argument("affine", FLAG, True, "trainable weight per normalised element"),
        Argument("bias", FLAG, True, "trainable bias beside the weight"),
    ),
    infer=infer,
    symbols=symbols,
    weights=(Weight("weight", "d", when="affine"), Weight("bias", "d", when="affine bias")),
    tally=tally(
        mul="r * d + a * r * d",
        add="r * (3 * d + 1)",
        bias_add="b * r * d",
        sqrt="r",
        div="r * (d + 2)",
    ),
    quantities=tally(scale_shift="a * r * d"),
    meanings={
        "r": "groups normalised on their own",
        "d": "elements of a group",
        "a": "1 with a weight, else 0",
        "b": "1 with weight and bias, else 0",
    },
)
