"""Convolution over one, two or three axes.

    y[o, p] = bias[o] + sum over c, k of weight[o, c, k] * x[group(o) + c, p * stride + k * dilation - before]

Every output element is a sum of (c_in / g) * k products; products with padding count, as every tool counts them.
"""

from __future__ import annotations

from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import COUNT, COUNTS, FLAG, PADDING
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, Step, Weight, tally
from costcalc.ops.window import RULE, slide


def infer(setting: Setting) -> Shape:
    setting.need_image("conv")
    setting.need_groups(setting.channels, "input channels")
    setting.need_groups(setting["out"], "output channels")
    return setting.image(setting["out"], tuple(step.result for step in slide(setting)))


def carries(setting: Setting, axis: int) -> bool:
    spatial = [place for place in range(len(setting.x)) if place != setting.channel_axis]
    return axis in spatial and setting.per_axis("kernel")[spatial.index(axis)] > 1


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {
        "c_in": setting.channels,
        "c_out": setting["out"],
        "g": setting["groups"],
        "k": setting.per_axis("kernel"),
        "p": setting.sizes_of(output),
        "b": int(setting["bias"]),
    }


def steps(setting: Setting, output: Shape) -> list[Step]:
    return slide(setting)


OP = Op(
    name="conv",
    about="Convolution over [C, L], [C, H, W] or [C, D, H, W].",
    source="PyTorch, torch.nn.functional.conv1d, conv2d, conv3d (a cross-correlation)",
    rule=f"channels' = out; {RULE}",
    axes="image",
    arguments=(
        Argument("out", COUNT, REQUIRED, "output channels"),
        Argument("kernel", COUNTS, REQUIRED, "size of the window"),
        Argument("stride", COUNTS, 1, "step of the window"),
        Argument("padding", PADDING, 0, "zeros around the input"),
        Argument("dilation", COUNTS, 1, "distance between taps of the window"),
        Argument("groups", COUNT, 1, "groups of channels that do not see each other"),
        Argument("bias", FLAG, True, "add one number per output channel"),
    ),
    infer=infer,
    carries=carries,
    steps=steps,
    symbols=symbols,
    weights=(Weight("weight", "c_out, c_in / g, k"), Weight("bias", "c_out", when="bias")),
    tally=tally(mac="c_out * p * (c_in / g) * k", bias_add="b * c_out * p"),
    meanings={
        "c_in": "input channels",
        "c_out": "output channels",
        "g": "groups",
        "k": "taps of the window",
        "p": "output positions",
        "b": "1 with a bias, else 0",
    },
)
