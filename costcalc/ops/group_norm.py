"""Group normalisation, and instance normalisation, where every channel is a group of its own.

    mean, var of the d = c / g * p elements of a group        y = (x - mean) / sqrt(var + eps) * weight[c] + bias[c]

A group takes d additions each for the mean, the centring and the variance, d squares and d divisions.
"""

from __future__ import annotations

from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import COUNT, FLAG, NUMBER
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, Weight, tally


def infer_groups(setting: Setting) -> Shape:
    setting.need_groups(setting.channels, "channels")
    return setting.x


def infer_instance(setting: Setting) -> Shape:
    setting.need_image("instance_norm")
    return setting.x


def symbols(setting: Setting, output: Shape) -> Symbols:
    groups = setting["groups"] if "groups" in setting.arguments else setting.channels
    return {"c": setting.channels, "g": groups, "p": setting.sizes, "a": int(setting["affine"])}


EPS = Argument("eps", NUMBER, "0.00001", "added to the variance")
WEIGHTS = (Weight("weight", "c", when="affine"), Weight("bias", "c", when="affine"))
TALLY = tally(
    mul="c * p + a * c * p",
    add="3 * c * p + g",
    bias_add="a * c * p",
    sqrt="g",
    div="c * p + 2 * g",
)
QUANTITIES = tally(scale_shift="a * c * p")
MEANINGS = {"c": "channels", "g": "groups", "p": "positions", "a": "1 with weight and bias, else 0"}

GROUP_NORM = Op(
    name="group_norm",
    about="Normalises every group of channels by its own mean and variance.",
    source="PyTorch, torch.nn.functional.group_norm; Wu and He 2018",
    also={
        "pytorch": "GroupNorm group_norm",
        "onnx": "GroupNormalization",
        "keras": "GroupNormalization",
        "other": "gn",
    },
    rule="the shape stays",
    axes="image",
    arguments=(
        Argument("groups", COUNT, REQUIRED, "groups of channels"),
        EPS,
        Argument("affine", FLAG, True, "trainable weight and bias per channel"),
    ),
    infer=infer_groups,
    symbols=symbols,
    weights=WEIGHTS,
    tally=TALLY,
    quantities=QUANTITIES,
    meanings=MEANINGS,
)

INSTANCE_NORM = Op(
    name="instance_norm",
    about="Normalises every channel by its own mean and variance.",
    source="PyTorch, torch.nn.functional.instance_norm; Ulyanov et al. 2016",
    also={
        "pytorch": "InstanceNorm1d InstanceNorm2d InstanceNorm3d instance_norm",
        "onnx": "InstanceNormalization",
        "other": "in",
    },
    rule="the shape stays",
    axes="image",
    arguments=(EPS, Argument("affine", FLAG, False, "trainable weight and bias per channel")),
    infer=infer_instance,
    symbols=symbols,
    weights=WEIGHTS,
    tally=TALLY,
    quantities=QUANTITIES,
    meanings=MEANINGS | {"g": "groups, as many as channels"},
)
