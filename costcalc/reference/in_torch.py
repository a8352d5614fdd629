"""Layers of a network as calls of PyTorch, to be timed beside the kernels. PyTorch is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from costcalc.errors import CostcalcError
from costcalc.graph.model import Layer
from costcalc.reference.bench import Backend, Values, in_python
from costcalc.reference.torch_calls import Call, NoCall, call_of


def in_torch() -> Backend:
    """PyTorch as it is installed here, on one core of the CPU as the kernels are.

    Raises:
        CostcalcError: it is not installed.
    """
    try:
        torch: Any = import_module("torch")
    except ImportError:
        raise CostcalcError("--backend torch needs PyTorch, which is not installed here: pip install torch") from None
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    clock = in_python()
    version = f"PyTorch {torch.__version__} on one core, float32"
    return Backend("torch", version, lambda layer, values: prepare(torch, layer, values), clock.cpu)


def prepare(torch: Any, layer: Layer, values: Values) -> Call | None:
    """The call that calculates a layer; None where there is none, or its output has another shape."""
    tensors, weights = values
    while tensors and tensors[-1] is None:  # an input that may be left out, such as the bias of attention
        tensors = tensors[:-1]
    last = layer.layout == "channels_last" and layer.op.axes == "image"
    make = call_of(layer.op)
    if make is None or None in tensors:
        return None
    inputs = [torch.tensor(x.numbers).reshape(1, *x.shape) for x in tensors if x is not None]
    if last:
        inputs = [x.movedim(-1, 1).contiguous() for x in inputs]
    found = {name: torch.tensor(weight.numbers).reshape(weight.shape) for name, weight in weights.items()}
    try:
        call: Call = make(torch, inputs, found, layer.arguments, layer)
        y = call()
    except (NoCall, RuntimeError, TypeError, ValueError):
        return None
    y = y.movedim(1, -1) if last else y
    return call if tuple(y.shape[1:]) == layer.output else None
