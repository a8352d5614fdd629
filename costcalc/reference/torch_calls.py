"""The calls of PyTorch that calculate an op: its own, a function of the op's name, or one for all ops of its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from costcalc.graph.model import Layer
from costcalc.ops.op import Op
from costcalc.reference.image import per_axis, sizes
from costcalc.reference.windows import paddings

Call = Callable[[], Any]
Make = Callable[[Any, list[Any], dict[str, Any], Mapping[str, Any], Layer], Call]
"""(torch, inputs, weights, arguments, layer) -> what is to be timed."""
_own: dict[str, Make] = {}


class NoCall(Exception):
    """PyTorch has no call that calculates this layer."""


def named(make: Make) -> Make:
    """Make a function the maker of the calls of the op of its name."""
    _own[make.__name__] = make
    return make


def own_calls() -> Mapping[str, Make]:
    """Name of an op -> the maker of its own calls."""
    return _own


# --- ops whose call follows from what they are ------------------------------------------------------------------------


def call_of(op: Op) -> Make | None:
    """The maker of the call of an op: its own, or one for all of its kind."""
    own = own_calls().get(op.name)
    if own is not None:
        return own
    if op.view and op.changes is None:
        return as_it_lies
    if op.axes != "every" or op.arguments or op.weights:
        return None
    return joined if op.aligned else pointwise


def as_it_lies(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    """The same memory under another shape."""
    return lambda: inputs[0].reshape(1, *layer.output)


def pointwise(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    """A function of every element without arguments."""
    function = _function(torch, layer.op)
    return lambda: function(inputs[0])


def joined(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    """Two tensors, element by element."""
    if len(inputs) != 2:
        raise NoCall("two tensors only")
    function = _function(torch, layer.op)
    return lambda: function(*inputs)


def _function(torch: Any, op: Op) -> Any:
    """The function that is the op there, under any of the names that the op knows."""
    for name in op.also.get("pytorch", "").split():
        for place in (torch.nn.functional, torch):
            if name.islower() and hasattr(place, name):
                return getattr(place, name)
    raise NoCall(f"it has no function for {op.name}")


# --- ops with a call of their own ------------------------------------------------------------------------------------


@named
def conv(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
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


@named
def conv_transpose(
    torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer
) -> Call:
    (x,), rank = inputs, len(layer.output) - 1
    function = getattr(torch.nn.functional, f"conv_transpose{rank}d")
    names = ("stride", "padding", "output_padding", "dilation")
    stride, padding, extra, dilation = (per_axis(given[name], rank) for name in names)
    rest = (stride, padding, extra, given["groups"], dilation)
    return lambda: function(x, weights["weight"], weights.get("bias"), *rest)


@named
def linear(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    return lambda: torch.nn.functional.linear(inputs[0], weights["weight"], weights.get("bias"))


@named
def batch_norm(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    names = ("running_mean", "running_var", "weight", "bias")
    mean, variance, factor, bias = (weights.get(name) for name in names)
    eps = float(given["eps"])
    return lambda: torch.nn.functional.batch_norm(inputs[0], mean, variance, factor, bias, eps=eps)


@named
def group_norm(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    rest = (given["groups"], weights.get("weight"), weights.get("bias"), float(given["eps"]))
    return lambda: torch.nn.functional.group_norm(inputs[0], *rest)


@named
def layer_norm(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    if "weight" not in weights:
        raise NoCall("the normalised axes are read off the weight")
    rest = (weights["weight"].shape, weights["weight"], weights.get("bias"), float(given["eps"]))
    return lambda: torch.nn.functional.layer_norm(inputs[0], *rest)


@named
def gelu(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    way = str(getattr(given["approximate"], "word", given["approximate"]))
    return lambda: torch.nn.functional.gelu(inputs[0], approximate=way)


@named
def leaky_relu(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    return lambda: torch.nn.functional.leaky_relu(inputs[0], float(given["slope"]))


@named
def transpose(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    order = (0, *(axis + 1 for axis in given["order"]))
    return lambda: inputs[0].permute(order).contiguous()


@named
def max_pool(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    return _pool(torch, inputs, given, layer, dilation=per_axis(given["dilation"], len(layer.output) - 1))


@named
def avg_pool(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    return _pool(torch, inputs, given, layer, count_include_pad=given["count_include_pad"])


def _pool(torch: Any, inputs: list[Any], given: Mapping[str, Any], layer: Layer, **rest: Any) -> Call:
    rank = len(layer.output) - 1
    function = getattr(torch.nn.functional, f"{layer.op.name}{rank}d")
    kernel = per_axis(given["kernel"], rank)
    stride = kernel if given["stride"] is None else per_axis(given["stride"], rank)
    rest |= {"padding": per_axis(given["padding"], rank), "ceil_mode": given["ceil"]}
    return lambda: function(inputs[0], kernel, stride, **rest)


@named
def adaptive_avg_pool(
    torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer
) -> Call:
    return _adaptive("adaptive_avg_pool", torch, inputs[0], given["out"], layer)


@named
def global_avg_pool(
    torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer
) -> Call:
    return _adaptive("adaptive_avg_pool", torch, inputs[0], 1, layer)


@named
def global_max_pool(
    torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer
) -> Call:
    return _adaptive("adaptive_max_pool", torch, inputs[0], 1, layer)


def _adaptive(name: str, torch: Any, x: Any, out: Any, layer: Layer) -> Call:
    rank = len(layer.output) - 1
    return lambda: getattr(torch.nn.functional, f"{name}{rank}d")(x, per_axis(out, rank))


@named
def concat(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    if layer.layout == "channels_last":
        raise NoCall("the axis is one of channels that come last")
    return lambda: torch.cat(inputs, 1)  # another axis gives another shape, and is left out


@named
def matmul(torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer) -> Call:
    return lambda: torch.matmul(*inputs)


@named
def scaled_dot_product_attention(
    torch: Any, inputs: list[Any], weights: dict[str, Any], given: Mapping[str, Any], layer: Layer
) -> Call:
    heads = given["heads"]
    special = [name for name in ("causal", "window", "scale") if given[name]]
    if special or len(inputs) != 3 or given["kv_heads"] not in (None, heads):
        raise NoCall("heads of their own, and nothing else")
    query, key, value = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in inputs)
    attend = torch.nn.functional.scaled_dot_product_attention
    return lambda: attend(query, key, value).transpose(1, 2).flatten(2)
