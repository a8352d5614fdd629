"""Root mean square normalisation: layer normalisation without the mean and without a bias.

    y[i] = x[i] / sqrt(sum(x^2) / d + eps) * weight[i]

A group takes d squares, d additions and d divisions.
"""

from __future__ import annotations

from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import AXIS, FLAG, NUMBER
from costcalc.ops.layer_norm import infer
from costcalc.ops.op import Argument, Op, Setting, Shape, Weight, tally


def symbols(setting: Setting, output: Shape) -> Symbols:
    axis = setting.axis(setting["axis"])
    return {"r": output[:axis], "d": output[axis:], "a": int(setting["affine"])}


OP = Op(
    name="rms_norm",
    about="Divides the elements from an axis to the end by their root mean square.",
    source="PyTorch, torch.nn.functional.rms_norm; Zhang and Sennrich 2019",
    also={"pytorch": "RMSNorm rms_norm", "onnx": "RMSNormalization", "keras": "RMSNormalization"},
    rule="the shape stays",
    axes="last",
    keeps_axes=True,
    arguments=(
        Argument("axis", AXIS, -1, "first of the axes that are normalised together, up to the last"),
        Argument("eps", NUMBER, "0.000001", "added to the mean square; LLaMA's value, PyTorch has one per dtype"),
        Argument("affine", FLAG, True, "trainable weight per normalised element"),
    ),
    infer=infer,
    symbols=symbols,
    weights=(Weight("weight", "d", when="affine"),),
    tally=tally(mul="r * d + a * r * d", add="r * (d + 1)", sqrt="r", div="r * (d + 1)"),
    quantities=tally(scale_shift="a * r * d"),
    meanings={
        "r": "groups normalised on their own",
        "d": "elements of a group",
        "a": "1 with a weight, else 0",
    },
)
