"""A trained tensor that stands in the network as it is: a class token, positions, a scale per channel.

It takes no input. Its output is the stored weight itself: no activation, whatever the batch. With `trainable: false`
it is a buffer: stored, but no param.
"""

from __future__ import annotations

from costcalc.ops.formula import Symbols
from costcalc.ops.kinds import FLAG, SIZES
from costcalc.ops.op import REQUIRED, Argument, Op, Setting, Shape, Weight


class Buffer(Weight):
    """The same tensor when it is not trained."""

    __slots__ = ()

    def stored(self, setting: Setting) -> bool:
        """True if the op has this weight under its arguments."""
        return not setting["trainable"]


def infer(setting: Setting) -> Shape:
    shape: Shape = setting["shape"]
    return shape


def symbols(setting: Setting, output: Shape) -> Symbols:
    return {"s": output}


OP = Op(
    name="parameter",
    about="A trained tensor that stands in the network as it is: a class token, positions, a scale per channel.",
    source="PyTorch, torch.nn.Parameter, and register_buffer",
    also={"pytorch": "Parameter"},
    rule="the shape given",
    arguments=(
        Argument("shape", SIZES, REQUIRED, "sizes of the tensor"),
        Argument("trainable", FLAG, True, "false for a buffer: stored, but no param"),
    ),
    inputs=(),
    sides=("shape",),
    infer=infer,
    symbols=symbols,
    is_weight=True,
    weights=(Weight("weight", "s", when="trainable"), Buffer("buffer", "s", trainable=False)),
    meanings={"s": "elements"},
)
