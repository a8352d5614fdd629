"""What is built all the same, and is rarely meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from costcalc.errors import Problem
from costcalc.graph.model import Block, Layer
from costcalc.graph.scope import Scope
from costcalc.ops.op import Shape
from costcalc.spec.model import Call, Spec

ON_IMAGES = frozenset(
    ("conv", "conv_transpose", "batch_norm", "max_pool", "avg_pool", "adaptive_avg_pool", "adaptive_max_pool",
     "global_avg_pool", "global_max_pool", "upsample")
)  # fmt: skip
POINTWISE = frozenset(("relu", "relu6", "leaky_relu", "gelu", "silu", "hardswish", "sigmoid", "tanh", "dropout"))


def layout_doubts(spec: Spec, inputs: Mapping[str, Shape]) -> Iterator[Problem]:
    """A warning for every image whose axes look like those of the other layout."""
    for (_, values), shape in zip(spec.inputs, inputs.values(), strict=True):
        if spec.layout == "channels_first" and len(shape) == 3 and shape[0] == shape[1] > shape[2] == 3 and values:
            message = f"the input {list(shape)} is read as {shape[0]} channels of {shape[1]} x {shape[2]}"
            hint = "did you mean 'layout: channels_last'?"
            yield Problem(message, values[0].location(), hint, (), "warning")


def width_doubt(scope: Scope, call: Call, reference: int, shape: Shape) -> Problem | None:
    """A warning where a linear layer stands right behind an op on images, and so works on the width."""
    while reference >= 0 and _maker(scope.edges[reference].child) in POINTWISE:
        following = scope.edges[reference].inputs[0]
        reference = -1 if following is None else following
    if reference < 0 or _maker(scope.edges[reference].child) not in ON_IMAGES:
        return None
    message = f"linear works on the last axis of {list(shape)}, the width of an image"
    return Problem(message, call.node.location(), "put 'flatten' before it?", (), "warning")


def _maker(child: Layer | Block) -> str:
    """The op that made the output of `child`; empty where it is an input passed through."""
    while isinstance(child, Block):
        if child.result < 0:
            return ""
        child = child.edges[child.result].child
    return child.op.name
