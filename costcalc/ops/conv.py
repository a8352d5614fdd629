"""Convolution over one, two or three axes.

    y[o, p] = bias[o] + sum over c, k of weight[o, c, k] * x[group(o) + c, p * stride + k * dilation - before]

Every output element is a sum of (c_in / g) * k products; products with padding count, as every tool counts them.
"""

from __future__ import annotations

from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import COUNT, COUNTS, FLAG, PADDING
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, Step, Weight, tally
from costcalc.ops.window import RULE, paddings, slide
from costcalc.text.values import product


def infer(setting: Setting) -> Shape:
    setting.need_image("conv")
    setting.need_groups(setting.channels, "input channels")
    setting.need_groups(setting["out"], "output channels")
    return setting.image(setting["out"], tuple(step.result for step in steps(setting, ())))


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
    kernel, stride, dilation = map(setting.per_axis, ("kernel", "stride", "dilation"))
    padding = paddings(setting, kernel, stride, dilation)
    return slide(setting, kernel=kernel, stride=stride, dilation=dilation, padding=padding)


def in_words(symbols: Symbols) -> tuple[str, ...]:
    """Of a 1x1 convolution: what it says about pixels and channels."""
    kernel, positions = symbols["k"], symbols["p"]
    inputs, outputs, groups = symbols["c_in"], symbols["c_out"], symbols["g"]
    assert isinstance(kernel, tuple)
    assert isinstance(positions, tuple)
    assert isinstance(inputs, int)
    assert isinstance(outputs, int)
    assert isinstance(groups, int)
    if product(kernel) != 1:
        return ()
    seen = inputs // groups
    index = "h, w" if len(positions) == 2 else "p"
    of = f"the {inputs:,} input maps" if groups == 1 else f"the {seen:,} input maps of its group"
    return (
        "Read as a linear combination",
        f"  Every output map is a linear combination of {of}: pixel by pixel,",
        f"  y[o, {index}] = sum over c of w[o, c] * x[c, {index}]" + (" + b[o]" if symbols["b"] else ""),
        f"  There are {outputs:,} filters of {seen:,} weights, one output map each:",
        f"  {outputs:,} maps, not {outputs:,} x {inputs:,}.",
        f"  At each of {product(positions):,} positions every filter takes {seen:,} products; "
        "the positions do not see each other,",
        "  so it is a linear layer applied to every pixel.",
    )


OP = Op(
    name="conv",
    about="Convolution over [C, L], [C, H, W] or [C, D, H, W].",
    source="PyTorch, torch.nn.functional.conv1d, conv2d, conv3d (a cross-correlation)",
    also={
        "pytorch": "Conv1d Conv2d Conv3d conv1d conv2d conv3d",
        "onnx": "Conv",
        "keras": "Conv1D Conv2D Conv3D",
        "other": "convolution",
    },
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
    in_words=in_words,
    weights=(Weight("weight", "c_out, c_in / g, k"), Weight("bias", "c_out", when="bias")),
    sums="c_out",
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
