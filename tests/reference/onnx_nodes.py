"""ONNX nodes run as ops of the catalogue: which op with which arguments, or why none of them is the same.

Leading axes that an op has no name for (the batch) are taken apart, and the results put together again: the catalogue
knows no batch. Every layer goes through its op's shape rule first, and must come out with the shape it says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil, inf, prod
from typing import Any

from costcalc.errors import Fault
from costcalc.reference.kernels import kernels
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights
from tests.reference.layers import layer_of
from tests.reference.protobuf import Model, Node

Shape = tuple[int, ...]
Inputs = list[Any]
"""Tensors; None for an optional one that is not given."""


class Unsupported(Exception):
    """No op of the catalogue does what a node does."""


def run_model(model: Model, given: Sequence[Any]) -> list[Any]:
    """The outputs of a model. Of a node with several outputs only the first is known."""
    values: dict[str, Any] = {array.name: Tensor(array.shape, array.numbers) for array in model.stored}
    names = [name for name in model.inputs if name not in values]
    values |= dict(zip(names, given, strict=True))
    for node in model.nodes:
        if node.op not in NODES:
            raise Unsupported(f"the catalogue has no op for {node.op}")
        inputs = [values[name] if name else None for name in node.inputs]
        outputs = NODES[node.op](inputs, Attributes(node, model.opset))
        outputs = outputs if isinstance(outputs, list) else [outputs]
        values |= dict(zip(node.outputs, outputs, strict=False))
    return [values.get(name) for name in model.outputs]


class Attributes:
    """The attributes of a node, by name, with a default."""

    def __init__(self, node: Node, opset: int) -> None:
        self.values = node.attributes
        self.opset = opset

    def __call__(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)


# --- running a layer -------------------------------------------------------------------------------------------------


def run(op: str, given: dict[str, Any], *inputs: Tensor, layout: str = "channels_first", **weights: Any) -> Tensor:
    """One layer of the catalogue on floats."""
    try:
        layer = layer_of(op, given, [x.shape for x in inputs], layout)
    except Fault as fault:
        raise Unsupported(f"the catalogue refuses it: {fault.message}") from None
    assert {weight.name: weight.shape for weight in layer.weights} == {name: w.shape for name, w in weights.items()}
    result = kernels()[op](inputs, Weights(weights), layer.arguments, layout)
    assert result.shape == layer.output
    return result


def items(x: Tensor, axes: int = 1) -> list[Tensor]:
    """The tensors that stand along the first axes."""
    return [Tensor(x.shape[axes:], line) for line in x.lines(len(x.shape) - axes)]


def stack(tensors: Sequence[Tensor], shape: Shape) -> Tensor:
    """The tensors along new first axes."""
    return Tensor((*shape, *tensors[0].shape), [number for x in tensors for number in x.numbers])


def batched(op: str, given: dict[str, Any], x: Tensor, **weights: Any) -> Tensor:
    """One layer on every item of a batch."""
    if not all(x.shape):
        raise Unsupported("an empty tensor")
    return stack([run(op, given, item, **weights) for item in items(x)], x.shape[:1])


def same(op: str) -> Callable[[Inputs, Attributes], Tensor]:
    """A function of every element, or a join, on the whole tensors."""

    def node(inputs: Inputs, attributes: Attributes) -> Tensor:
        if not all(isinstance(x, Tensor) for x in inputs):
            raise Unsupported("the input is not a tensor")
        return run(op, {}, *inputs)

    return node


def exact(number: float) -> int | Fraction:
    """A number of single precision as it was written, the way an expression gives it: whole numbers as `int`."""
    value = Fraction(f"{number:.7g}")
    return int(value) if value.denominator == 1 else value


def flag(attributes: Attributes, name: str) -> bool:
    return bool(attributes(name, 0))


def pairs(pads: Sequence[int]) -> tuple[tuple[int, int], ...]:
    half = len(pads) // 2
    return tuple(zip(pads[:half], pads[half:], strict=True))


# --- windows ---------------------------------------------------------------------------------------------------------


def window(x: Tensor, kernel: Sequence[int], attributes: Attributes) -> dict[str, Any]:
    """Kernel, stride, padding and dilation of a convolution or a pool."""
    rank = len(x.shape) - 2
    stride = attributes("strides", [1] * rank)
    dilation = attributes("dilations", [1] * rank)
    auto = attributes("auto_pad", "NOTSET")
    padding: Any = pairs(attributes("pads", [0, 0] * rank))
    if auto == "SAME_UPPER":
        padding = "same"
    elif auto == "SAME_LOWER":
        totals = [
            max(0, (ceil(size / step) - 1) * step + d * (k - 1) + 1 - size)
            for size, k, step, d in zip(x.shape[2:], kernel, stride, dilation, strict=True)
        ]
        padding = tuple((total - total // 2, total // 2) for total in totals)
    return {"kernel": tuple(kernel), "stride": tuple(stride), "padding": padding, "dilation": tuple(dilation)}


def conv(inputs: Inputs, attributes: Attributes) -> Tensor:
    x, weight, *bias = inputs
    given = {**window(x, weight.shape[2:], attributes), "out": weight.shape[0], "groups": attributes("group", 1)}
    return batched("conv", {**given, "bias": bool(bias)}, x, weight=weight, **named(bias=bias))


def conv_transpose(inputs: Inputs, attributes: Attributes) -> Tensor:
    x, weight, *bias = inputs
    kernel, rank, groups = weight.shape[2:], len(x.shape) - 2, attributes("group", 1)
    stride, dilation = attributes("strides", [1] * rank), attributes("dilations", [1] * rank)
    extra = list(attributes("output_padding", [0] * rank))
    padding = list(pairs(attributes("pads", [0, 0] * rank)))
    auto = attributes("auto_pad", "NOTSET")
    shape = attributes("output_shape")
    if auto != "NOTSET":
        shape = [size * step for size, step in zip(x.shape[2:], stride, strict=True)]
    for axis, size in enumerate(shape or ()):
        reach = stride[axis] * (x.shape[2 + axis] - 1) + dilation[axis] * (kernel[axis] - 1) + 1
        total = reach + extra[axis] - size
        if total < 0:
            extra[axis] -= total
            total = 0
        padding[axis] = (total // 2, total - total // 2) if auto == "SAME_UPPER" else (total - total // 2, total // 2)
    given = {
        "out": weight.shape[1] * groups,
        "kernel": kernel,
        "stride": tuple(stride),
        "dilation": tuple(dilation),
        "output_padding": tuple(extra),
        "padding": tuple(padding),
        "groups": groups,
        "bias": bool(bias),
    }
    return batched("conv_transpose", given, x, weight=weight, **named(bias=bias))


def named(**optional: Sequence[Tensor]) -> dict[str, Any]:
    """The optional weights that are given."""
    return {name: found[0] for name, found in optional.items() if found}


def max_pool(inputs: Inputs, attributes: Attributes) -> Tensor:
    (x,) = inputs
    given = window(x, attributes("kernel_shape"), attributes)
    return batched("max_pool", {**given, "ceil": flag(attributes, "ceil_mode")}, x)


def avg_pool(inputs: Inputs, attributes: Attributes) -> Tensor:
    (x,) = inputs
    given = window(x, attributes("kernel_shape"), attributes)
    if set(given.pop("dilation")) != {1}:
        raise Unsupported("avg_pool has no dilation, as in PyTorch")
    include = flag(attributes, "count_include_pad")
    return batched("avg_pool", {**given, "ceil": flag(attributes, "ceil_mode"), "count_include_pad": include}, x)


def global_avg_pool(inputs: Inputs, attributes: Attributes) -> Tensor:
    return batched("global_avg_pool", {}, inputs[0])


def global_max_pool(inputs: Inputs, attributes: Attributes) -> Tensor:
    return batched("global_max_pool", {}, inputs[0])


# --- normalisations --------------------------------------------------------------------------------------------------


def batch_norm(inputs: Inputs, attributes: Attributes) -> Tensor:
    x, weight, bias, mean, variance = inputs
    if flag(attributes, "training_mode"):
        raise Unsupported("batch_norm normalises with stored statistics; this is training")
    given = {"eps": exact(attributes("epsilon", 1e-5))}
    weights = {"weight": weight, "bias": bias, "running_mean": mean, "running_var": variance}
    return batched("batch_norm", given, x, **weights)


def instance_norm(inputs: Inputs, attributes: Attributes) -> Tensor:
    x, weight, bias = inputs
    given = {"eps": exact(attributes("epsilon", 1e-5)), "affine": True}
    return batched("instance_norm", given, x, weight=weight, bias=bias)


def group_norm(inputs: Inputs, attributes: Attributes) -> Tensor:
    x, weight, bias = inputs
    given = {"eps": exact(attributes("epsilon", 1e-5)), "groups": attributes("num_groups")}
    return batched("group_norm", given, x, weight=weight, bias=bias)


def layer_norm(inputs: Inputs, attributes: Attributes) -> Tensor:
    x, weight, *bias = inputs
    given = {"axis": attributes("axis", -1), "eps": exact(attributes("epsilon", 1e-5)), "bias": bool(bias)}
    return run("layer_norm", given, x, weight=weight, **named(bias=bias))


def rms_norm(inputs: Inputs, attributes: Attributes) -> Tensor:
    x, weight = inputs
    given = {"axis": attributes("axis", -1), "eps": exact(attributes("epsilon", 1e-5))}
    return run("rms_norm", given, x, weight=weight)


def local_response_norm(inputs: Inputs, attributes: Attributes) -> Tensor:
    given = {
        "size": attributes("size"),
        "alpha": exact(attributes("alpha", 0.0001)),
        "beta": exact(attributes("beta", 0.75)),
        "k": exact(attributes("bias", 1.0)),
    }
    return batched("local_response_norm", given, inputs[0])


def softmax(inputs: Inputs, attributes: Attributes) -> Tensor:
    (x,) = inputs
    axis = attributes("axis", -1 if attributes.opset >= 13 else 1)
    if attributes.opset < 13 and axis % len(x.shape) != len(x.shape) - 1:
        raise Unsupported("before opset 13, softmax runs over all axes from one on")
    return run("softmax", {"axis": axis}, x)


# --- matrix products -------------------------------------------------------------------------------------------------


def transposed(x: Tensor) -> Tensor:
    return run("transpose", {"order": (1, 0)}, x)


def gemm(inputs: Inputs, attributes: Attributes) -> Tensor:
    a, b, *c = inputs
    if attributes("alpha", 1.0) != 1 or (c and attributes("beta", 1.0) != 1):
        raise Unsupported("linear has no factors alpha and beta")
    a = transposed(a) if flag(attributes, "transA") else a
    weight = b if flag(attributes, "transB") else transposed(b)
    out = weight.shape[0]
    if not c:
        return run("linear", {"out": out, "bias": False}, a, weight=weight)
    if prod(c[0].shape[:-1]) != 1:
        raise Unsupported("the bias of linear is one number an output feature, not a matrix")
    row = c[0].numbers * out if len(c[0].numbers) == 1 else c[0].numbers
    return run("linear", {"out": out}, a, weight=weight, bias=Tensor((out,), row))


def matmul(inputs: Inputs, attributes: Attributes) -> Tensor:
    """A vector is a matrix of one row on the left, of one column on the right; the axis goes again afterwards."""
    a, b = inputs
    left = Tensor((1, *a.shape), a.numbers) if len(a.shape) == 1 else a
    right = Tensor((*b.shape, 1), b.numbers) if len(b.shape) == 1 else b
    result = run("matmul", {}, left, right)
    rows = () if len(a.shape) == 1 else result.shape[-2:-1]
    columns = () if len(b.shape) == 1 else result.shape[-1:]
    return Tensor((*result.shape[:-2], *rows, *columns), result.numbers)


# --- attention and sequences -----------------------------------------------------------------------------------------


def attention(inputs: Inputs, attributes: Attributes) -> list[Any]:
    """Item by item, as [tokens, heads * features]. Keys and values of the past are put in front."""
    query, key, value, mask, past_key, past_value, lengths = [*inputs, *[None] * 7][:7]
    if attributes("softcap", 0.0):
        raise Unsupported("attention does not cap its scores")
    heads, kv_heads = attributes("q_num_heads"), attributes("kv_num_heads")
    if len(query.shape) == 4:
        heads, kv_heads = query.shape[1], key.shape[1]
    before = past_key.shape[2] if past_key is not None else 0
    results, keys, values = [], [], []
    for number in range(query.shape[0]):
        q, k, v = (flat(items(x)[number]) for x in (query, key, value))
        if before:
            k = run("concat", {"axis": 0}, flat(items(past_key)[number]), k)
            v = run("concat", {"axis": 0}, flat(items(past_value)[number]), v)
        keys.append(apart(k, kv_heads))
        values.append(apart(v, kv_heads))
        given = {"heads": heads, "kv_heads": kv_heads, "causal": flag(attributes, "is_causal")}
        if attributes("scale") is not None:
            given["scale"] = exact(attributes("scale"))
        bias = [] if mask is None else [as_bias(mask if len(mask.shape) == 2 else items(mask)[number])]
        # ONNX puts the first query at the place of the first new key: keys after the last query are never seen.
        seen = before + q.shape[0] if given["causal"] else k.shape[0]
        seen = min(seen, lengths.numbers[number] if lengths is not None else seen)
        k, v = (run("slice", {"axis": 0, "end": seen}, x) for x in (k, v))
        bias = [run("slice", {"axis": -1, "end": seen}, x) for x in bias]
        results.append(run("scaled_dot_product_attention", given, q, k, v, *bias))
    if len(query.shape) == 4:
        results = [apart(result, heads) for result in results]
    return [stack(tensors, query.shape[:1]) for tensors in (results, keys, values)]


def flat(x: Tensor) -> Tensor:
    """[heads, tokens, features] as [tokens, heads * features]; that stays what it is."""
    if len(x.shape) == 2:
        return x
    return run("flatten", {"start": 1}, run("transpose", {"order": (1, 0, 2)}, x))


def apart(x: Tensor, heads: int) -> Tensor:
    """[tokens, heads * features] as [heads, tokens, features]."""
    tokens, features = x.shape
    return run("transpose", {"order": (1, 0, 2)}, run("reshape", {"shape": (tokens, heads, features // heads)}, x))


def as_bias(mask: Tensor) -> Tensor:
    """A mask as numbers to be added: what may not be seen gets minus infinity."""
    if not isinstance(mask.numbers[0], bool):
        return mask
    return mask.map(lambda see: 0.0 if see else -inf)


def rotary_embedding(inputs: Inputs, attributes: Attributes) -> Tensor:
    raise Unsupported("rotary_embedding makes its angles from theta; these cases bring tables of their own")


def recurrent(op: str, order: Sequence[int]) -> Callable[[Inputs, Attributes], list[Tensor]]:
    """A recurrent layer; `order` is where ONNX has the gates of PyTorch."""

    def node(inputs: Inputs, attributes: Attributes) -> list[Tensor]:
        x, wide, deep, bias, *more = [*inputs, None][: max(4, len(inputs))]
        if any(tensor is not None for tensor in more):
            raise Unsupported("recurrent layers have no peepholes, and start from 0")
        hidden, batch_first = attributes("hidden_size"), flag(attributes, "layout")
        x = x if batch_first else run("transpose", {"order": (1, 0, 2)}, x)
        if op == "gru" and not flag(attributes, "linear_before_reset"):
            late = bias is not None and any(bias.numbers[3 * hidden :])
            if x.shape[1] > 1 or late:  # from a state of 0, and without a bias there, the two are the same
                raise Unsupported("gru resets after the product, as PyTorch does, not before")
        weights: dict[str, Any] = {"weight_ih": gates(wide, order), "weight_hh": stack([gates(deep, order)], (1,))}
        if bias is not None:
            halves = Tensor((2, len(order) * hidden), bias.numbers)
            weights["bias"] = stack(
                [gates(Tensor((*half.shape, 1), half.numbers), order) for half in items(halves)], (2,)
            )
            weights["bias"] = Tensor((1, 1, 2, len(order) * hidden), weights["bias"].numbers)
        rows = [run(op, {"out": hidden, "bias": bias is not None}, item, **weights) for item in items(x)]
        steps = stack(rows, x.shape[:1])  # [batch, steps, hidden]
        last = steps.select(1, slice(-1, None))
        if batch_first:
            return [Tensor((*steps.shape[:2], 1, hidden), steps.numbers), last]
        steps = run("transpose", {"order": (1, 0, 2)}, steps)
        return [Tensor((steps.shape[0], 1, *steps.shape[1:]), steps.numbers), last.permute([1, 0, 2])]

    return node


def gates(x: Tensor, order: Sequence[int]) -> Tensor:
    """The rows of the gates, which lie along the axis before the last, in another order."""
    rows = x.shape[-2] // len(order)
    parts = [x.select(len(x.shape) - 2, slice(gate * rows, (gate + 1) * rows)) for gate in order]
    return run("concat", {"axis": -2}, *parts)


def gather(inputs: Inputs, attributes: Attributes) -> Tensor:
    """Along the first axis: the rows of a table, whatever their shape."""
    table, tokens = inputs
    if attributes("axis", 0):
        raise Unsupported("embedding takes rows along the first axis of a table")
    if min(tokens.numbers) < 0:
        raise Unsupported("the tokens of an embedding are whole numbers from 0")
    count, row = table.shape[0], table.shape[1:]
    weight = Tensor((count, prod(row)), table.numbers)
    found = run("embedding", {"count": count, "out": prod(row)}, tokens, weight=weight)
    return Tensor((*tokens.shape, *row), found.numbers)


def mean(inputs: Inputs, attributes: Attributes) -> Tensor:
    x, axes = inputs
    taken = tuple(axes.numbers) or tuple(range(len(x.shape)))
    return run("mean", {"axis": taken, "keep": bool(attributes("keepdims", 1))}, x)


def normalize(inputs: Inputs, attributes: Attributes) -> Tensor:
    if attributes("p", 2) != 2:
        raise Unsupported("normalize divides by the length, the root of the sum of squares")
    return run("normalize", {"axis": attributes("axis", -1)}, inputs[0])


def negative(inputs: Inputs, attributes: Attributes) -> Tensor:
    return run("rescale", {"factor": -1}, inputs[0])


# --- functions of one element ----------------------------------------------------------------------------------------


def leaky_relu(inputs: Inputs, attributes: Attributes) -> Tensor:
    return run("leaky_relu", {"slope": exact(attributes("alpha", 0.01))}, inputs[0])


def elu(inputs: Inputs, attributes: Attributes) -> Tensor:
    return run("elu", {"alpha": exact(attributes("alpha", 1.0))}, inputs[0])


def gelu(inputs: Inputs, attributes: Attributes) -> Tensor:
    return run("gelu", {"approximate": attributes("approximate", "none")}, inputs[0])


def swish(inputs: Inputs, attributes: Attributes) -> Tensor:
    if attributes("alpha", 1.0) != 1:
        raise Unsupported("silu has no factor alpha")
    return run("silu", {}, inputs[0])


def hard_sigmoid(inputs: Inputs, attributes: Attributes) -> Tensor:
    alpha, beta = attributes("alpha", 0.2), attributes("beta", 0.5)
    if (round(alpha, 6), beta) != (round(1 / 6, 6), 0.5):
        raise Unsupported("hardsigmoid is PyTorch's: alpha = 1/6 and beta = 1/2")
    return run("hardsigmoid", {}, inputs[0])


def clip(inputs: Inputs, attributes: Attributes) -> Tensor:
    x, *bounds = inputs
    names = [name for name, bound in zip(("min", "max"), bounds, strict=False) if bound is not None]
    if not names:
        return run("identity", {}, x)
    limits = {name: exact(bound.numbers[0]) for name, bound in zip(names, filter(None, bounds), strict=True)}
    return run("clamp", limits, x)


def prelu(inputs: Inputs, attributes: Attributes) -> Tensor:
    x, slope = inputs
    size = len(slope.numbers)
    weight = Tensor((size,), slope.numbers)
    if size == 1:
        return run("prelu", {}, x, weight=weight)
    if attributes.opset < 7 or (slope.shape[0] == size == x.shape[1] and len(slope.shape) == len(x.shape) - 1):
        return batched("prelu", {"per_channel": True}, x, weight=weight)
    if slope.shape[-1] == size:
        return run("prelu", {"per_channel": True}, x, layout="channels_last", weight=weight)
    raise Unsupported("the weight of prelu is one number, or one a channel, not one an element")


# --- rearranging -----------------------------------------------------------------------------------------------------


def concat(inputs: Inputs, attributes: Attributes) -> Tensor:
    return run("concat", {"axis": attributes("axis")}, *inputs)


def cut(inputs: Inputs, attributes: Attributes) -> Tensor:
    x: Tensor = inputs[0]
    bounds = inputs[1:]
    starts, ends, axes, steps = [*(bound.numbers for bound in bounds), None, None][:4]
    for at, (start, end) in enumerate(zip(starts, ends, strict=True)):
        step = steps[at] if steps else 1
        if step < 1:
            raise Unsupported("slice walks forwards only")
        axis = axes[at] if axes else at
        x = run("slice", {"axis": axis, "start": start, "end": end, "step": step}, x)
    return x


def split(inputs: Inputs, attributes: Attributes) -> list[Tensor]:
    (x,) = inputs
    axis = attributes("axis", 0)
    sizes = attributes("split") or [x.shape[axis] // 2] * 2
    starts = [sum(sizes[:number]) for number in range(len(sizes))]
    return [
        run("slice", {"axis": axis, "start": start, "end": start + size}, x)
        for start, size in zip(starts, sizes, strict=True)
    ]


def pad(inputs: Inputs, attributes: Attributes) -> Tensor:
    x, *more = inputs
    if attributes("mode", "constant") != "constant":
        raise Unsupported("pad has one value, no mode")
    pads = pairs(more[0].numbers if more else attributes("pads"))
    value = attributes("value", 0.0)
    if len(more) > 1 and more[1] is not None:
        value = more[1].numbers[0]
    axes = more[2].numbers if len(more) > 2 else range(len(x.shape))
    every = [(0, 0)] * len(x.shape)
    for axis, pair in zip(axes, pads, strict=True):
        every[axis] = pair
    return run("pad", {"padding": tuple(every), "value": exact(value)}, x)


def reshape(inputs: Inputs, attributes: Attributes) -> Tensor:
    x, shape = inputs
    if not all(x.shape):
        raise Unsupported("an empty tensor")
    sizes = tuple(x.shape[axis] if size == 0 else size for axis, size in enumerate(shape.numbers))
    return run("reshape", {"shape": sizes}, x)


def squeeze(inputs: Inputs, attributes: Attributes) -> Tensor:
    (x,) = inputs
    sizes = tuple(size for axis, size in enumerate(x.shape) if axis not in attributes("axes"))
    return run("reshape", {"shape": sizes}, x)


def unsqueeze(inputs: Inputs, attributes: Attributes) -> Tensor:
    (x,) = inputs
    sizes = list(x.shape)
    for axis in sorted(attributes("axes")):
        sizes.insert(axis, 1)
    return run("reshape", {"shape": tuple(sizes)}, x)


def transpose(inputs: Inputs, attributes: Attributes) -> Tensor:
    (x,) = inputs
    return run("transpose", {"order": tuple(attributes("perm", list(reversed(range(len(x.shape))))))}, x)


def flatten(inputs: Inputs, attributes: Attributes) -> Tensor:
    """The axes before `axis` are a batch here."""
    (x,) = inputs
    axis = attributes("axis", 1) % len(x.shape)
    return stack([run("flatten", {}, item) for item in items(x, axis)], (prod(x.shape[:axis]),))


def constant(inputs: Inputs, attributes: Attributes) -> Tensor:
    array = attributes("value")
    return Tensor(array.shape, array.numbers)


def dropout(inputs: Inputs, attributes: Attributes) -> Tensor:
    x, *more = inputs
    if len(more) > 1 and more[1].numbers[0]:
        raise Unsupported("dropout hands its input on, as at inference; this is training")
    return run("dropout", {}, x)


def depth_to_space(inputs: Inputs, attributes: Attributes) -> Tensor:
    if attributes("mode", "DCR") != "CRD":
        raise Unsupported("pixel_shuffle takes the channels in PyTorch's order (CRD)")
    return batched("pixel_shuffle", {"factor": attributes("blocksize")}, inputs[0])


def center_crop_pad(inputs: Inputs, attributes: Attributes) -> Tensor:
    """All axes are spatial axes of one channel, so that those left alone can be any."""
    x, shape = inputs
    axes = [axis % len(x.shape) for axis in attributes("axes", range(len(x.shape)))]
    wanted = list(x.shape)
    for axis, size in zip(axes, shape.numbers, strict=True):
        wanted[axis] = size
    image = Tensor((1, *x.shape), x.numbers)
    image = run("crop", {"size": tuple(map(min, x.shape, wanted))}, image)
    missing = [after - before for before, after in zip(image.shape[1:], wanted, strict=True)]
    image = run("pad", {"padding": tuple((more // 2, more - more // 2) for more in missing)}, image)
    return Tensor(image.shape[1:], image.numbers)


def resize(inputs: Inputs, attributes: Attributes) -> Tensor:
    x, *more = inputs
    if len(more) == 1:  # Upsample: only scales, and elements are found as PyTorch finds them
        scales, sizes, place, rounding = more[0].numbers, None, "asymmetric", "floor"
    else:
        scales = more[1].numbers if len(more) > 1 and more[1] is not None and more[1].numbers else None
        sizes = more[2].numbers if len(more) > 2 else None
        place = attributes("coordinate_transformation_mode", "half_pixel")
        rounding = attributes("nearest_mode", "round_prefer_floor")
    mode = attributes("mode", "nearest")
    axes = [axis % len(x.shape) for axis in attributes("axes", range(len(x.shape)))]
    if mode not in ("nearest", "linear"):
        raise Unsupported(f"upsample has no mode {mode}")
    if flag(attributes, "antialias"):
        raise Unsupported("upsample has no anti-aliasing")
    if attributes("keep_aspect_ratio_policy", "stretch") != "stretch":
        raise Unsupported("upsample keeps no aspect ratio: every axis has its own size")
    factors = {axis: exact(scale) for axis, scale in zip(axes, scales, strict=True)} if scales else {}
    whole = all(factor.denominator == 1 for factor in factors.values())
    targets = dict(zip(axes, sizes, strict=True)) if sizes else {}
    if mode == "nearest":
        ratios = [factors.get(axis, Fraction(targets.get(axis, x.shape[axis]), x.shape[axis])) for axis in axes]
        whole = all(ratio.denominator == 1 for ratio in ratios)
        if (place, rounding) != ("asymmetric", "floor") and not (
            whole and (place, rounding) == ("half_pixel", "round_prefer_floor")
        ):
            raise Unsupported(f"nearest takes PyTorch's elements (asymmetric, floor), not {place}, {rounding}")
    elif place == "align_corners" and not whole:
        raise Unsupported("align_corners takes the size of the output as it is; ONNX takes scale * size, a fraction")
    elif place not in ("half_pixel", "align_corners"):
        raise Unsupported(f"bilinear places elements by half_pixel or align_corners, not {place}")
    given: dict[str, Any] = {"mode": "nearest" if mode == "nearest" else "bilinear"}
    if mode == "linear":
        given["align_corners"] = place == "align_corners"
    if factors:
        given["scale"] = tuple(factors.get(axis, 1) for axis in (2, 3))
    else:
        given["size"] = tuple(targets.get(axis, x.shape[axis]) for axis in (2, 3))
    return batched("upsample", given, x)


NODES: dict[str, Callable[[Inputs, Attributes], Any]] = {
    "Add": same("add"),
    "Attention": attention,
    "AveragePool": avg_pool,
    "BatchNormalization": batch_norm,
    "CenterCropPad": center_crop_pad,
    "Clip": clip,
    "Concat": concat,
    "Constant": constant,
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "DepthToSpace": depth_to_space,
    "Dropout": dropout,
    "Elu": elu,
    "Exp": same("exp"),
    "Flatten": flatten,
    "GRU": recurrent("gru", (1, 0, 2)),
    "Gather": gather,
    "Gelu": gelu,
    "Gemm": gemm,
    "GlobalAveragePool": global_avg_pool,
    "GlobalMaxPool": global_max_pool,
    "GroupNormalization": group_norm,
    "HardSigmoid": hard_sigmoid,
    "HardSwish": same("hardswish"),
    "Identity": same("identity"),
    "InstanceNormalization": instance_norm,
    "LRN": local_response_norm,
    "LSTM": recurrent("lstm", (0, 2, 3, 1)),
    "LayerNormalization": layer_norm,
    "LpNormalization": normalize,
    "LeakyRelu": leaky_relu,
    "MatMul": matmul,
    "MaxPool": max_pool,
    "Mul": same("mul"),
    "Neg": negative,
    "PRelu": prelu,
    "Pad": pad,
    "RMSNormalization": rms_norm,
    "ReduceMean": mean,
    "Relu": same("relu"),
    "Reshape": reshape,
    "Resize": resize,
    "RotaryEmbedding": rotary_embedding,
    "Sigmoid": same("sigmoid"),
    "Slice": cut,
    "Softmax": softmax,
    "Softplus": same("softplus"),
    "Split": split,
    "Squeeze": squeeze,
    "Sub": same("sub"),
    "Sum": same("add"),
    "Swish": swish,
    "Tanh": same("tanh"),
    "Transpose": transpose,
    "Unsqueeze": unsqueeze,
    "Upsample": resize,
}
