"""Layers of a network as calls of PyTorch, to be timed beside the kernels. PyTorch is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from costcalc.errors import CostcalcError
from costcalc.graph.model import Layer
from costcalc.reference.bench import Backend, Values, in_python
from costcalc.reference.image import per_axis, sizes
from costcalc.reference.windows import paddings

Call = Callable[[], Any]


class NoCall(Exception):
    """PyTorch has no call that calculates this layer."""


PLAIN = ("relu", "relu6", "silu", "softplus", "tanh", "sigmoid", "hardsigmoid", "hardswish")
"""Functions without arguments that have the same name there."""
ON_CHANNELS = frozenset((
    "adaptive_avg_pool", "avg_pool", "batch_norm", "concat", "conv", "conv_transpose", "global_avg_pool",
    "global_max_pool", "group_norm", "max_pool",
))  # fmt: skip
"""Ops that know channels; of those that have them last, the axes are moved before anything is timed."""


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
    last = layer.layout == "channels_last" and layer.op.name in ON_CHANNELS
    if layer.op.name not in CALLS or None in tensors or (last and layer.op.name == "concat"):
        return None
    inputs = [torch.tensor(x.numbers).reshape(1, *x.shape) for x in tensors if x is not None]
    if last:
        inputs = [x.movedim(-1, 1).contiguous() for x in inputs]
    found = {name: torch.tensor(weight.numbers).reshape(weight.shape) for name, weight in weights.items()}
    try:
        call: Call = CALLS[layer.op.name](torch, inputs, found, layer.arguments, layer)
        y = call()
    except (NoCall, RuntimeError, TypeError, ValueError):
        return None
    y = y.movedim(1, -1) if last else y
    return call if tuple(y.shape[1:]) == layer.output else None


def _conv(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    (x,), functional = inputs, torch.nn.functional
    image = sizes(layer.inputs[0] or (), layer.layout)
    kernel, stride, dilation = (per_axis(given[name], len(image)) for name in ("kernel", "stride", "dilation"))
    border = paddings(given["padding"], image, kernel, stride, dilation)
    function = getattr(functional, f"conv{len(image)}d")
    rest = (weights["weight"], weights.get("bias"), stride)
    if all(before == after for before, after in border):
        same = tuple(before for before, _ in border)
        return lambda: function(x, *rest, same, dilation, given["groups"])
    around = [side for pair in reversed(border) for side in pair]
    return lambda: function(functional.pad(x, around), *rest, 0, dilation, given["groups"])


def _conv_transpose(
    torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer
) -> Call:
    (x,), rank = inputs, len(layer.output) - 1
    function = getattr(torch.nn.functional, f"conv_transpose{rank}d")
    names = ("stride", "padding", "output_padding", "dilation")
    stride, padding, extra, dilation = (per_axis(given[name], rank) for name in names)
    rest = (stride, padding, extra, given["groups"], dilation)
    return lambda: function(x, weights["weight"], weights.get("bias"), *rest)


def _linear(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    return lambda: torch.nn.functional.linear(inputs[0], weights["weight"], weights.get("bias"))


def _batch_norm(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    names = ("running_mean", "running_var", "weight", "bias")
    mean, variance, factor, bias = (weights.get(name) for name in names)
    eps = float(given["eps"])
    return lambda: torch.nn.functional.batch_norm(inputs[0], mean, variance, factor, bias, eps=eps)


def _group_norm(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    rest = (given["groups"], weights.get("weight"), weights.get("bias"), float(given["eps"]))
    return lambda: torch.nn.functional.group_norm(inputs[0], *rest)


def _layer_norm(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    if "weight" not in weights:
        raise NoCall("the normalised axes are read off the weight")
    rest = (weights["weight"].shape, weights["weight"], weights.get("bias"), float(given["eps"]))
    return lambda: torch.nn.functional.layer_norm(inputs[0], *rest)


def _pool(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    rank = len(layer.output) - 1
    function = getattr(torch.nn.functional, f"{layer.op.name}{rank}d")
    kernel = per_axis(given["kernel"], rank)
    stride = kernel if given["stride"] is None else per_axis(given["stride"], rank)
    rest: dict[str, Any] = {"padding": per_axis(given["padding"], rank), "ceil_mode": given["ceil"]}
    if layer.op.name == "max_pool":
        rest["dilation"] = per_axis(given["dilation"], rank)
    else:
        rest["count_include_pad"] = given["count_include_pad"]
    return lambda: function(inputs[0], kernel, stride, **rest)


def _adaptive(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    rank = len(layer.output) - 1
    name, out = layer.op.name.replace("global_", "adaptive_"), given.get("out", 1)
    return lambda: getattr(torch.nn.functional, f"{name}{rank}d")(inputs[0], per_axis(out, rank))


def _plain(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    function = getattr(torch.nn.functional, layer.op.name, None) or getattr(torch, layer.op.name)
    return lambda: function(inputs[0])


def _gelu(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    way = str(getattr(given["approximate"], "word", given["approximate"]))
    return lambda: torch.nn.functional.gelu(inputs[0], approximate=way)


def _leaky_relu(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    return lambda: torch.nn.functional.leaky_relu(inputs[0], float(given["slope"]))


def _joined(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    if len(inputs) != 2:
        raise NoCall("two tensors only")
    return lambda: getattr(torch, layer.op.name)(*inputs)


def _concat(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    return lambda: torch.cat(inputs, 1)  # another axis gives another shape, and is left out


def _attention(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    heads = given["heads"]
    special = [name for name in ("causal", "window", "scale") if given[name]]
    if special or len(inputs) != 3 or given["kv_heads"] not in (None, heads):
        raise NoCall("heads of their own, and nothing else")
    query, key, value = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in inputs)
    attend = torch.nn.functional.scaled_dot_product_attention
    return lambda: attend(query, key, value).transpose(1, 2).flatten(2)


def _transpose(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    order = (0, *(axis + 1 for axis in given["order"]))
    return lambda: inputs[0].permute(order).contiguous()


def _flatten(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    return lambda: inputs[0].reshape(1, *layer.output)


CALLS = dict.fromkeys(PLAIN, _plain) | {
    "adaptive_avg_pool": _adaptive,
    "add": _joined,
    "avg_pool": _pool,
    "batch_norm": _batch_norm,
    "concat": _concat,
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "dropout": _flatten,
    "flatten": _flatten,
    "gelu": _gelu,
    "global_avg_pool": _adaptive,
    "global_max_pool": _adaptive,
    "group_norm": _group_norm,
    "identity": _flatten,
    "layer_norm": _layer_norm,
    "leaky_relu": _leaky_relu,
    "linear": _linear,
    "matmul": _joined,
    "max_pool": _pool,
    "mul": _joined,
    "reshape": _flatten,
    "scaled_dot_product_attention": _attention,
    "sub": _joined,
    "transpose": _transpose,
}
"""Name of an op -> its call in PyTorch. Ops that are not here are listed as not timed."""
