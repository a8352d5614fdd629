"""Linear layer: a matrix product with the last axis; every other axis is a position of its own.

    y[p, o] = bias[o] + sum over c of weight[o, c] * x[p, c]

Every output element is a sum of c_in products.
"""

from __future__ import annotations

from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import COUNT, FLAG
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, Weight, tally


def infer(setting: Setting) -> Shape:
    return (*setting.x[:-1], setting["out"])


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"c_in": setting.x[-1], "c_out": setting["out"], "p": setting.x[:-1], "b": int(setting["bias"])}


OP = Op(
    name="linear",
    about="Matrix product with the last axis.",
    source="PyTorch, torch.nn.functional.linear",
    also={"pytorch": "Linear linear", "onnx": "Gemm", "keras": "Dense", "other": "fc fully_connected InnerProduct"},
    rule="the last axis becomes out",
    axes="last",
    on_image="put 'flatten' before it?",
    arguments=(
        Argument("out", COUNT, REQUIRED, "output features"),
        Argument("bias", FLAG, True, "add one number per output feature"),
    ),
    infer=infer,
    symbols=symbols,
    weights=(Weight("weight", "c_out, c_in"), Weight("bias", "c_out", when="bias")),
    sums="c_out",
    tally=tally(mac="p * c_out * c_in", bias_add="b * p * c_out"),
    meanings={
        "c_in": "input features",
        "c_out": "output features",
        "p": "positions",
        "b": "1 with a bias, else 0",
    },
)
