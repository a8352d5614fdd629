"""Transposed convolution over one, two or three axes: every input element is spread over a window of the output.

    y[o, p * stride + k * dilation - before] = bias[o] + sum over c, p, k of weight[c, o, k] * x[c, p]

Every input element meets (c_out / g) * k weights. `padding` cuts the border of the result off; the products that fell
there count, as those with padding do in a convolution.
"""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.formula import Formula, Symbols
from costcalc.ops.kinds import BORDER, COUNT, COUNTS, FLAG, NATURALS
from costcalc.ops.op import REQUIRED, SPATIAL, Argument, Op, Setting, Shape, Step, Weight, tally
from costcalc.ops.window import pairs
from costcalc.text.values import Value

SIZE = Formula("(size - 1) * stride - before - after + dilation * (kernel - 1) + output_padding + 1")


def infer(setting: Setting) -> Shape:
    setting.need_image("conv_transpose")
    setting.need_groups(setting.channels, "input channels")
    setting.need_groups(setting["out"], "output channels")
    for extra, stride, dilation in zip(*map(setting.per_axis, ("output_padding", "stride", "dilation")), strict=True):
        if extra >= max(stride, dilation):
            raise Fault(f"output_padding {extra} must be below the stride {stride} or the dilation {dilation}")
    sizes = steps(setting, ())
    for step in sizes:
        if step.result < 1:
            raise Fault(
                f"the padding cuts the whole output off: output {step.name} would be {step.result} = "
                f"{SIZE.substitute(step.symbols)}"
            )
    return setting.image(setting["out"], tuple(step.result for step in sizes))


def steps(setting: Setting, output: Shape) -> list[Step]:
    names = ("kernel", "stride", "dilation", "output_padding")
    rows = zip(*map(setting.per_axis, names), strict=True)
    borders = pairs(setting.per_axis("padding"))
    found = []
    for axis, size, (before, after), row in zip(SPATIAL[len(borders)], setting.sizes, borders, rows, strict=True):
        symbols = {"size": size, "before": before, "after": after, **dict(zip(names, row, strict=True))}
        found.append(Step(axis, SIZE, symbols, SIZE.evaluate(symbols)))
    return found


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {
        "c_in": setting.channels,
        "c_out": setting["out"],
        "g": setting["groups"],
        "k": setting.per_axis("kernel"),
        "q": setting.sizes,
        "p": setting.sizes_of(output),
        "s": setting.per_axis("stride"),
        "f": tuple(
            (size + before + after - dilation * (kernel - 1) - 1) // stride + 1
            for size, (before, after), kernel, stride, dilation in zip(
                setting.sizes,
                pairs(setting.per_axis("padding")),
                *map(setting.per_axis, ("kernel", "stride", "dilation")),
                strict=True,
            )
        ),
        "b": int(setting["bias"]),
    }


def _cut(value: Value) -> Value:
    """A padding; `same` has more than one meaning here, and is answered with pairs that are one of them."""
    if value == "same":
        hint = "pairs that add up to kernel - stride make the output stride times the input"
        raise Fault("expected a padding, got the word 'same'", hint)
    return BORDER.check(value)


CUT = BORDER._replace(check=_cut)

OP = Op(
    name="conv_transpose",
    about="Transposed convolution over [C, L], [C, H, W] or [C, D, H, W].",
    source="PyTorch, torch.nn.functional.conv_transpose1d, conv_transpose2d, conv_transpose3d",
    also={
        "pytorch": "ConvTranspose1d ConvTranspose2d ConvTranspose3d conv_transpose1d conv_transpose2d conv_transpose3d",
        "onnx": "ConvTranspose",
        "keras": "Conv1DTranspose Conv2DTranspose Conv3DTranspose",
        "other": "deconv deconvolution transposed_conv upconv",
    },
    rule=f"channels' = out; size' = {SIZE.text} on every spatial axis",
    axes="image",
    arguments=(
        Argument("out", COUNT, REQUIRED, "output channels"),
        Argument("kernel", COUNTS, REQUIRED, "size of the window"),
        Argument("stride", COUNTS, 1, "distance between the windows of two neighbours"),
        Argument("padding", CUT, 0, "elements cut off around the output"),
        Argument("output_padding", NATURALS, 0, "elements added at the end of every axis"),
        Argument("groups", COUNT, 1, "groups of channels that do not see each other"),
        Argument("dilation", COUNTS, 1, "distance between taps of the window"),
        Argument("bias", FLAG, True, "add one number per output channel"),
    ),
    infer=infer,
    steps=steps,
    symbols=symbols,
    weights=(Weight("weight", "c_in, c_out / g, k"), Weight("bias", "c_out", when="bias")),
    sums="c_out",
    tally=tally(mac="c_in * q * (c_out / g) * k", bias_add="b * c_out * p"),
    # what tools take for its products or its bias
    quantities=tally(
        output_mac="c_out * p * (c_in / g) * k",
        swapped_mac="c_out * p * (c_out / g) * k",
        regrouped_mac="c_in * q * (c_out / g // g) * k",
        strided_mac="c_in * c_out * p * k // s",
        forward_bias_add="b * (c_out / g) * f",
    ),
    meanings={
        "c_in": "input channels",
        "c_out": "output channels",
        "g": "groups",
        "k": "taps of the window",
        "q": "input positions",
        "p": "output positions",
        "s": "strides",
        "f": "positions that a convolution, not transposed, would have",
        "b": "1 with a bias, else 0",
    },
)
