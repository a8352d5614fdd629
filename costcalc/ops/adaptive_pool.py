"""Adaptive pooling: as many windows as the output should have, spread evenly over the input.

    window i of an axis = elements floor(i * size / out) up to, without, ceil((i + 1) * size / out)

Neighbouring windows overlap where `out` does not divide the size; their lengths add up to size + out - gcd(size, out).
"""

from __future__ import annotations

from math import gcd

from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import COUNTS
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, tally


def infer(setting: Setting) -> Shape:
    setting.need_image("an adaptive pool")
    return setting.image(setting.channels, setting.per_axis("out"))


def symbols(setting: Setting, output: Shape) -> Symbols:
    counts = setting.per_axis("out")
    lengths = tuple(size + out - gcd(size, out) for size, out in zip(setting.sizes, counts, strict=True))
    return {"c": setting.channels, "p": counts, "w": lengths}


OUT = (Argument("out", COUNTS, REQUIRED, "size of the output"),)
RULE = "channels stay; size' = out on every spatial axis"
MEANINGS = {
    "c": "channels",
    "p": "output positions",
    "w": "lengths of all windows of an axis together",
}

ADAPTIVE_AVG_POOL = Op(
    name="adaptive_avg_pool",
    about="The means of windows that spread evenly over the input.",
    source="PyTorch, torch.nn.functional.adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d",
    also={
        "pytorch": "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d "
        "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d",
        "keras": "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D",
        "other": "adaptive_average_pool",
    },
    rule=RULE,
    axes="image",
    arguments=OUT,
    infer=infer,
    symbols=symbols,
    tally=tally(add="c * w", div="c * p"),
    quantities=tally(window_element="c * w"),
    meanings=MEANINGS,
)

ADAPTIVE_MAX_POOL = Op(
    name="adaptive_max_pool",
    about="The largest elements of windows that spread evenly over the input.",
    source="PyTorch, torch.nn.functional.adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d",
    also={
        "pytorch": "AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d "
        "adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d",
        "keras": "AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D",
    },
    rule=RULE,
    axes="image",
    arguments=OUT,
    infer=infer,
    symbols=symbols,
    tally=tally(compare="c * w - c * p"),
    quantities=tally(window_element="c * w"),
    meanings=MEANINGS,
)
