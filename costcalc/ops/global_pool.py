"""Global pooling: one window a channel, as large as the image. The rank stays: [C, H, W] becomes [C, 1, 1].

avg: p additions and one division a channel        max: p - 1 comparisons a channel
"""

from __future__ import annotations

from costcalc.ops.formula import Symbols
from costcalc.ops.op import Op, Setting, Shape, tally


def infer(setting: Setting) -> Shape:
    setting.need_image("a global pool")
    return setting.image(setting.channels, (1,) * len(setting.sizes))


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"c": setting.channels, "p": setting.sizes}


RULE = "channels stay; size' = 1 on every spatial axis"
MEANINGS = {"c": "channels", "p": "input positions"}

GLOBAL_AVG_POOL = Op(
    name="global_avg_pool",
    about="The mean of every channel.",
    source="PyTorch, torch.nn.functional.adaptive_avg_pool2d with output_size=1; Lin et al. 2013",
    also={
        "onnx": "GlobalAveragePool",
        "keras": "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D",
        "other": "gap",
    },
    rule=RULE,
    axes="image",
    infer=infer,
    symbols=symbols,
    tally=tally(add="c * p", div="c"),
    quantities=tally(window_element="c * p"),
    meanings=MEANINGS,
)

GLOBAL_MAX_POOL = Op(
    name="global_max_pool",
    about="The largest element of every channel.",
    source="PyTorch, torch.nn.functional.adaptive_max_pool2d with output_size=1",
    also={"onnx": "GlobalMaxPool", "keras": "GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D", "other": "gmp"},
    rule=RULE,
    axes="image",
    infer=infer,
    symbols=symbols,
    tally=tally(compare="c * (p - 1)"),
    quantities=tally(window_element="c * p"),
    meanings=MEANINGS,
)
