"""Activations: one function of every element. Written without branches, so that the work does not depend on the data.

Every entry of `FUNCTIONS` is a definition and what it takes for one element. A change of sign is free.
"""

from __future__ import annotations

from collections.abc import Mapping

from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import FLAG, NUMBER, choice
from costcalc.ops.op import Argument, Op, Setting, Shape, Weight, tally
from costcalc.text.values import product


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"n": product(output)}


def _pointwise(name: str, definition: str, also: Mapping[str, str], *arguments: Argument, **events: int) -> Op:
    per_element = {event: f"{count} * n" if count > 1 else "n" for event, count in events.items()}
    return Op(
        name=name,
        about=definition,
        source=f"PyTorch, torch.nn.functional.{name}",
        also=also,
        rule="the shape stays",
        axes="every",
        arguments=arguments,
        symbols=symbols,
        tally=tally(**per_element),
        meanings={"n": "elements"},
    )


RELU = _pointwise("relu", "max(x, 0)", {"pytorch": "ReLU relu", "onnx": "Relu", "keras": "ReLU relu"}, compare=1)
RELU6 = _pointwise("relu6", "min(max(x, 0), 6)", {"pytorch": "ReLU6 relu6", "keras": "relu6"}, compare=2)
LEAKY_RELU = _pointwise(
    "leaky_relu",
    "max(x, 0) + slope * min(x, 0)",
    {"pytorch": "LeakyReLU leaky_relu", "onnx": "LeakyRelu", "keras": "LeakyReLU leaky_relu"},
    Argument("slope", NUMBER, "0.01", "factor below 0"),
    compare=2, mul=1, add=1,
)  # fmt: skip
ELU = _pointwise(
    "elu",
    "max(x, 0) + alpha * (exp(min(x, 0)) - 1)",
    {"pytorch": "ELU elu", "onnx": "Elu", "keras": "ELU elu"},
    Argument("alpha", NUMBER, 1, "factor below 0"),
    compare=2, exp=1, add=2, mul=1,
)  # fmt: skip
SIGMOID = _pointwise(
    "sigmoid",
    "1 / (1 + exp(-x))",
    {"pytorch": "Sigmoid sigmoid", "onnx": "Sigmoid", "keras": "sigmoid", "other": "logistic"},
    exp=1,
    add=1,
    div=1,
)
SILU = _pointwise(
    "silu", "x / (1 + exp(-x))", {"pytorch": "SiLU silu", "onnx": "Swish", "keras": "silu swish"}, exp=1, add=1, div=1
)
SOFTPLUS = _pointwise(
    "softplus",
    "log(1 + exp(x))",
    {"pytorch": "Softplus softplus", "onnx": "Softplus", "keras": "softplus"},
    exp=1,
    add=1,
    log=1,
)
TANH = _pointwise("tanh", "tanh(x)", {"pytorch": "Tanh tanh", "onnx": "Tanh", "keras": "tanh"}, tanh=1)
HARDSIGMOID = _pointwise(
    "hardsigmoid",
    "min(max(x + 3, 0), 6) / 6",
    {"pytorch": "Hardsigmoid hardsigmoid", "onnx": "HardSigmoid", "keras": "hard_sigmoid"},
    add=1,
    compare=2,
    div=1,
)
HARDSWISH = _pointwise(
    "hardswish",
    "x * min(max(x + 3, 0), 6) / 6",
    {"pytorch": "Hardswish hardswish", "onnx": "HardSwish", "keras": "hard_swish hard_silu", "other": "hswish"},
    add=1,
    compare=2,
    mul=1,
    div=1,
)


def gelu_symbols(setting: Setting, output: Shape) -> Symbols:
    exact = setting["approximate"] == "none"
    return {"n": product(output), "e": int(exact), "t": int(not exact)}


GELU = Op(
    name="gelu",
    about="x * (1 + erf(x / sqrt(2))) / 2, or with tanh: x * (1 + tanh(c1 * (x + c2 * x^3))) / 2",
    source="PyTorch, torch.nn.functional.gelu; Hendrycks and Gimpel 2016",
    also={"pytorch": "GELU gelu", "onnx": "Gelu", "keras": "gelu"},
    rule="the shape stays",
    axes="every",
    arguments=(Argument("approximate", choice("none", "tanh"), "none", "use the tanh approximation"),),
    symbols=gelu_symbols,
    tally=tally(erf="e * n", tanh="t * n", mul="e * n + t * 5 * n", div="e * 2 * n + t * n", add="e * n + t * 2 * n"),
    meanings={"n": "elements", "e": "1 when exact", "t": "1 with tanh"},
)


def prelu_symbols(setting: Setting, output: Shape) -> Symbols:
    return {"n": product(output), "s": setting.channels if setting["per_channel"] else 1}


PRELU = Op(
    name="prelu",
    about="max(x, 0) + weight * min(x, 0), with a trained weight",
    source="PyTorch, torch.nn.functional.prelu; He et al. 2015",
    also={"pytorch": "PReLU prelu", "onnx": "PRelu", "keras": "PReLU", "other": "parametric_relu"},
    rule="the shape stays",
    axes="every",
    arguments=(Argument("per_channel", FLAG, False, "one weight per channel instead of one"),),
    symbols=prelu_symbols,
    weights=(Weight("weight", "s"),),
    tally=tally(compare="2 * n", mul="n", add="n"),
    meanings={"n": "elements", "s": "slopes"},
)
