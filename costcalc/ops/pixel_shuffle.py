"""Channels turned into resolution: factor * factor channels become a square of pixels. Nothing is computed.

y[c, h * factor + i, w * factor + j] = x[(c * factor + i) * factor + j, h, w]
"""

from __future__ import annotations

from costcalc.errors import Fault
from costcalc.ops.formula import Formula
from costcalc.ops.kinds import COUNT
from costcalc.ops.op import REQUIRED, SPATIAL, Argument, Op, Setting, Shape, Step

CHANNELS = Formula("channels / (factor * factor)")
SIZE = Formula("size * factor")


def infer(setting: Setting) -> Shape:
    if len(setting.x) != 3:
        form = "[C, H, W]" if setting.layout == "channels_first" else "[H, W, C]"
        raise Fault(f"pixel_shuffle needs {form}, got {list(setting.x)}")
    factor, channels = setting["factor"], setting.channels
    if channels % (factor * factor):
        raise Fault(f"factor * factor = {factor} * {factor} = {factor * factor} must divide the {channels} channels")
    channels, *sizes = (step.result for step in steps(setting, ()))
    return setting.image(channels, tuple(sizes))


def steps(setting: Setting, output: Shape) -> list[Step]:
    factor = setting["factor"]
    symbols = {"channels": setting.channels, "factor": factor}
    found = [Step("channels", CHANNELS, symbols, CHANNELS.evaluate(symbols))]
    for name, size in zip(SPATIAL[2], setting.sizes, strict=True):
        symbols = {"size": size, "factor": factor}
        found.append(Step(name, SIZE, symbols, SIZE.evaluate(symbols)))
    return found


OP = Op(
    name="pixel_shuffle",
    about="Turns channels into resolution: [C * f * f, H, W] becomes [C, H * f, W * f].",
    source="PyTorch, torch.nn.functional.pixel_shuffle; Shi et al. 2016",
    also={"pytorch": "PixelShuffle pixel_shuffle", "onnx": "DepthToSpace"},
    rule=f"channels' = {CHANNELS.text}; size' = {SIZE.text}",
    axes="image",
    arguments=(Argument("factor", COUNT, REQUIRED, "factor of height and width"),),
    unit=lambda arguments: int(arguments["factor"] ** 2),
    infer=infer,
    steps=steps,
)
