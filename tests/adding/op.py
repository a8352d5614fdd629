"""Pooling with the root of the sum of squares of a sliding window.

y[c, p] = sqrt(sum over k of x[c, p * stride + k] ^ 2)
"""

from __future__ import annotations

from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import COUNTS
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, Step, tally
from costcalc.ops.window import RULE, slide


def infer(setting: Setting) -> Shape:
    setting.need_image("lp_pool")
    return setting.image(setting.channels, tuple(step.result for step in steps(setting, ())))


def steps(setting: Setting, output: Shape) -> list[Step]:
    kernel = setting.per_axis("kernel")
    return slide(setting, kernel=kernel, stride=setting.per_axis("stride", setting["kernel"]))


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"c": setting.channels, "p": setting.sizes_of(output), "k": setting.per_axis("kernel")}


OP = Op(
    name="lp_pool",
    about="The root of the sum of squares of a sliding window.",
    source="PyTorch, torch.nn.functional.lp_pool2d with norm_type=2",
    also={"pytorch": "LPPool1d LPPool2d LPPool3d", "onnx": "LpPool", "other": "power_average_pool"},
    rule=f"channels stay; {RULE}",
    axes="image",
    arguments=(
        Argument("kernel", COUNTS, REQUIRED, "size of the window"),
        Argument("stride", COUNTS, None, "step of the window; the kernel when not given"),
    ),
    infer=infer,
    steps=steps,
    symbols=symbols,
    tally=tally(mul="c * p * k", add="c * p * k", sqrt="c * p"),
    meanings={"c": "channels", "p": "output positions", "k": "elements of the window"},
)
