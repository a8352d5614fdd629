"""Local response normalisation: every element is divided by a power of what its neighbouring channels hold.

    y[c] = x[c] / (k + alpha * (sum over the window of x[c']^2) / size) ^ beta

The window is `size` channels wide, size // 2 of them before c and (size - 1) // 2 after it. Beyond the ends it holds
zeros, which count as elements.
"""

from __future__ import annotations

from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import COUNT, NUMBER
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, tally
from costcalc.text.values import product


def infer(setting: Setting) -> Shape:
    setting.need_image("local_response_norm")
    return setting.x


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"n": product(output), "p": setting.sizes, "s": setting["size"]}


OP = Op(
    name="local_response_norm",
    about="Divides every element by a power of the mean square of its neighbouring channels.",
    source="PyTorch, torch.nn.functional.local_response_norm; Krizhevsky et al. 2012",
    also={"pytorch": "LocalResponseNorm local_response_norm", "onnx": "LRN"},
    rule="the shape stays",
    axes="image",
    arguments=(
        Argument("size", COUNT, REQUIRED, "channels of the window"),
        Argument("alpha", NUMBER, "0.0001", "factor of the mean square"),
        Argument("beta", NUMBER, "0.75", "exponent"),
        Argument("k", NUMBER, 1, "added to the mean square"),
    ),
    infer=infer,
    symbols=symbols,
    tally=tally(mul="2 * n", add="(s + 1) * n", pow="n", div="2 * n"),
    quantities=tally(window_element="s * n", padded_element="n + (s - 1) * p"),
    meanings={"n": "elements", "p": "positions", "s": "channels of the window"},
)
