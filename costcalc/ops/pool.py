"""Pooling with a sliding window: the largest of the window, or its mean.

    max: k - 1 comparisons an output element        avg: k additions and one division
Padding counts as an element of the window (minus infinity for the largest, zero for the mean).
"""

from __future__ import annotations

from typing import Any

from costcalc.errors import Fault
from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import COUNTS, FLAG, PADDING
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, Step, tally
from costcalc.ops.window import RULE, paddings, pairs, slide


def infer(setting: Setting) -> Shape:
    setting.need_image("a pool")
    if setting["padding"] != "same":
        for k, pair in zip(setting.per_axis("kernel"), pairs(setting.per_axis("padding")), strict=True):
            if 2 * max(pair) > k:
                message = f"padding {max(pair)} is more than half of the kernel {k}"
                raise Fault(message, "a window would see padding only")
    return setting.image(setting.channels, tuple(step.result for step in steps(setting, ())))


def steps(setting: Setting, output: Shape) -> list[Step]:
    kernel, stride = setting.per_axis("kernel"), setting.per_axis("stride", setting["kernel"])
    dilation = setting.per_axis("dilation") if "dilation" in setting.arguments else (1,) * len(kernel)
    padding = paddings(setting, kernel, stride, dilation)
    return slide(setting, kernel=kernel, stride=stride, dilation=dilation, padding=padding, ceil=setting["ceil"])


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"c": setting.channels, "p": setting.sizes_of(output), "k": setting.per_axis("kernel")}


def avg_symbols(setting: Setting, output: Shape) -> Symbols:
    rows: list[dict[str, Any]] = [{"count": step.result, **step.symbols} for step in steps(setting, output)]
    padded = setting["count_include_pad"]
    return {**symbols(setting, output), "w": tuple(_pooled(padded=padded, **row) for row in rows)}


def _pooled(count: int, size: int, before: int, after: int, kernel: int, stride: int, *, padded: bool, **_: Any) -> int:
    """The lengths of `count` windows together, without what hangs over the end, or, not `padded`, over the image."""
    last = (count - 1) * stride - before + kernel  # where the last window ends
    if padded:
        return count * kernel - max(0, last - size - after)
    return count * kernel - _falling(before, stride) - _falling(last - size, stride)


def _falling(first: int, step: int) -> int:
    """first + (first - step) + (first - 2 step) + ... as long as it is above 0, without the loop."""
    count = -(-max(0, first) // step)
    return count * first - step * count * (count - 1) // 2


MEANINGS = {"c": "channels", "p": "output positions", "k": "elements of the window"}
WINDOW = (
    Argument("kernel", COUNTS, REQUIRED, "size of the window"),
    Argument("stride", COUNTS, None, "step of the window; the kernel when not given"),
    Argument("padding", PADDING, 0, "elements around the input"),
)
CEIL = Argument("ceil", FLAG, False, "let a last window hang over the end")

MAX_POOL = Op(
    name="max_pool",
    about="The largest element of a sliding window.",
    source="PyTorch, torch.nn.functional.max_pool1d, max_pool2d, max_pool3d",
    also={
        "pytorch": "MaxPool1d MaxPool2d MaxPool3d max_pool1d max_pool2d max_pool3d",
        "onnx": "MaxPool",
        "keras": "MaxPooling1D MaxPooling2D MaxPooling3D",
    },
    rule=f"channels stay; {RULE} (with ceil: rounded up)",
    axes="image",
    arguments=(*WINDOW, Argument("dilation", COUNTS, 1, "distance between elements of the window"), CEIL),
    infer=infer,
    steps=steps,
    symbols=symbols,
    tally=tally(compare="c * p * (k - 1)"),
    quantities=tally(window_element="c * p * k"),
    meanings=MEANINGS,
)

AVG_POOL = Op(
    name="avg_pool",
    about="The mean of a sliding window.",
    source="PyTorch, torch.nn.functional.avg_pool1d, avg_pool2d, avg_pool3d",
    also={
        "pytorch": "AvgPool1d AvgPool2d AvgPool3d avg_pool1d avg_pool2d avg_pool3d",
        "onnx": "AveragePool",
        "keras": "AveragePooling1D AveragePooling2D AveragePooling3D",
        "other": "mean_pool",
    },
    rule=f"channels stay; {RULE} (with ceil: rounded up)",
    axes="image",
    arguments=(*WINDOW, CEIL, Argument("count_include_pad", FLAG, True, "divide by the window with its padding")),
    infer=infer,
    steps=steps,
    symbols=avg_symbols,
    tally=tally(add="c * p * k", div="c * p"),
    quantities=tally(window_element="c * p * k", pooled_element="c * w"),
    meanings=MEANINGS | {"w": "elements of all windows of an axis together, without what hangs over the end"},
)
