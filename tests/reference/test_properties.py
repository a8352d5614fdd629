"""What must hold between kernels, whatever the numbers: each says something that no formula was asked about."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcalc.graph.model import Layer
from costcalc.reference.execute import execute
from costcalc.reference.kernels import kernels
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights, draw, draw_weight
from tests.reference.layers import layer_of, layers


def calculate(layer: Layer, inputs: list[Any], weights: dict[str, Tensor]) -> Tensor:
    return kernels()[layer.op.name](inputs, Weights(weights), layer.arguments, layer.layout)


def values(layer: Layer, seed: int = 1) -> tuple[list[Any], dict[str, Tensor]]:
    """Random inputs and weights."""
    random = Random(seed)  # noqa: S311
    inputs = [None if shape is None else draw(shape, random) for shape in layer.inputs]
    return inputs, {weight.name: draw_weight(weight.name, weight.shape, random) for weight in layer.weights}


def close(found: Tensor, expected: Tensor) -> None:
    assert found.shape == expected.shape
    assert found.numbers == pytest.approx(expected.numbers, rel=1e-9, abs=1e-12)


def first_to_last(x: Tensor) -> Tensor:
    """The same image with the channels last."""
    return x.permute([*range(1, len(x.shape)), 0])


IMAGES = (
    "conv", "conv_transpose", "max_pool", "avg_pool", "adaptive_avg_pool", "adaptive_max_pool", "global_avg_pool",
    "global_max_pool", "batch_norm", "group_norm", "instance_norm", "local_response_norm", "prelu", "relu", "upsample",
    "pixel_shuffle", "channel_shuffle", "pad",
)  # fmt: skip


@given(layers(IMAGES))
def test_the_layout_changes_no_value(layer: Layer) -> None:
    (shape,) = layer.inputs
    if layer.op.name == "pad" and len(written(layer.arguments["padding"], len(shape))) == len(shape):
        return  # a pair for every axis in its own order, the channels wherever they are
    shape = shape if layer.layout == "channels_first" else (shape[-1], *shape[:-1])
    first = layer_of(layer.op.name, layer.arguments, [shape])
    last = layer_of(layer.op.name, layer.arguments, [(*shape[1:], shape[0])], "channels_last")
    assert [weight.shape for weight in last.weights] == [weight.shape for weight in first.weights]
    (x,), weights = values(first)
    close(calculate(last, [first_to_last(x)], weights), first_to_last(calculate(first, [x], weights)))


def written(value: Any, rank: int) -> tuple[Any, ...]:
    """An argument as one value per axis."""
    return value if isinstance(value, tuple) else (value,) * (rank - 1)


@given(layers(("conv",)))
def test_groups_are_convolutions_of_their_own(layer: Layer) -> None:
    """A grouped convolution is one on each part of the channels, side by side. With one group nothing changes."""
    if layer.layout == "channels_last":
        return
    inputs, weights = values(layer)
    groups, out = layer.arguments["groups"], layer.arguments["out"] // layer.arguments["groups"]
    taken = layer.inputs[0][0] // groups
    parts = []
    for group in range(groups):
        part = layer_of("conv", {**layer.arguments, "groups": 1, "out": out}, [(taken, *layer.inputs[0][1:])])
        mine = {name: weight.select(0, slice(group * out, (group + 1) * out)) for name, weight in weights.items()}
        parts.append(calculate(part, [inputs[0].select(0, slice(group * taken, (group + 1) * taken))], mine))
    numbers = [number for part in parts for number in part.numbers]
    close(calculate(layer, inputs, weights), Tensor(layer.output, numbers))


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 6), st.integers(1, 6), st.booleans())
def test_a_1x1_convolution_is_a_linear_layer_at_every_pixel(
    taken: int, out: int, height: int, width: int, bias: bool
) -> None:
    conv = layer_of("conv", {"out": out, "kernel": 1, "bias": bias}, [(height, width, taken)], "channels_last")
    linear = layer_of("linear", {"out": out, "bias": bias}, [(height, width, taken)])
    (x,), weights = values(conv)
    matrix = {**weights, "weight": Tensor((out, taken), weights["weight"].numbers)}
    close(calculate(conv, [x], weights), calculate(linear, [x], matrix))
    assert execute(conv).events == execute(linear).events


@given(layers(("conv_transpose",)))
def test_a_transposed_convolution_is_the_transpose_of_one(layer: Layer) -> None:
    """<conv_transpose(x), y> = <x, conv(y)> for every x and y, where conv goes the other way with the same weights."""
    if layer.layout == "channels_last":
        return
    layer = layer_of("conv_transpose", {**layer.arguments, "bias": False}, list(layer.inputs))
    (x,), weights = values(layer)
    arguments = layer.arguments
    rank = len(layer.output)
    extra = written(arguments["output_padding"], rank)
    pairs = [p if isinstance(p, tuple) else (p, p) for p in written(arguments["padding"], rank)]
    if any(more > after for more, (_, after) in zip(extra, pairs, strict=True)):
        return  # elements beyond the last tap, which no convolution ever sees
    back = {name: arguments[name] for name in ("kernel", "stride", "dilation", "groups")}
    conv = layer_of(
        "conv",
        {
            **back,
            "out": layer.inputs[0][0],
            "bias": False,
            "padding": tuple((b, a - more) for (b, a), more in zip(pairs, extra, strict=True)),
        },
        [layer.output],
    )
    assert conv.output == layer.inputs[0]
    y = draw(layer.output, Random(2))  # noqa: S311
    left = sum(a * b for a, b in zip(calculate(layer, [x], weights).numbers, y.numbers, strict=True))
    right = sum(a * b for a, b in zip(x.numbers, calculate(conv, [y], weights).numbers, strict=True))
    assert left == pytest.approx(right, rel=1e-9, abs=1e-9)


def naive(x: list[Any], weight: list[Any], step: tuple[int, int], border: int, apart: int, groups: int) -> list[float]:
    """A convolution of an image as seven nested loops, one for every letter of its definition."""
    result = []
    taken, given_ = len(weight[0]), len(weight) // groups
    height, width = len(x[0]), len(x[0][0])
    for o, window in enumerate(weight):
        kh, kw = len(window[0]), len(window[0][0])
        for i in range((height + 2 * border - apart * (kh - 1) - 1) // step[0] + 1):
            for j in range((width + 2 * border - apart * (kw - 1) - 1) // step[1] + 1):
                total = 0.0
                for c, ki, kj in product(range(taken), range(kh), range(kw)):
                    row, column = i * step[0] + ki * apart - border, j * step[1] + kj * apart - border
                    if 0 <= row < height and 0 <= column < width:
                        total += window[c][ki][kj] * x[o // given_ * taken + c][row][column]
                result.append(total)
    return result


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("step", [(1, 1), (2, 1), (1, 3)])
@pytest.mark.parametrize(("border", "apart"), [(0, 1), (1, 1), (2, 2), (3, 1)])
def test_a_convolution_is_its_definition(groups: int, step: tuple[int, int], border: int, apart: int) -> None:
    given_ = {"out": 6, "kernel": (3, 2), "stride": step, "padding": border, "dilation": apart, "groups": groups}
    layer = layer_of("conv", {**given_, "bias": False}, [(4, 7, 10)])
    (x,), weights = values(layer)
    expected = naive(x.rows(), weights["weight"].rows(), step, border, apart, groups)
    close(calculate(layer, [x], weights), Tensor(layer.output, expected))


def test_fast_rows_and_plain_sums_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever way the interpreter adds up products: the values agree, and so does what is counted."""
    from costcalc.reference import numbers
    from costcalc.reference.kernels import conv as module

    def one_by_one(a: Any, b: Any) -> Any:
        total = 0
        for left, right in zip(a, b, strict=True):
            total = total + left * right
        return total

    layer = layer_of("conv", {"out": 3, "kernel": 3, "padding": 1}, [(4, 7, 10)])
    inputs, weights = values(layer)
    expected, events = calculate(layer, inputs, weights), execute(layer).events
    ways: list[Callable[[Any, Any], Any]] = [one_by_one, numbers._sum_of_products]
    for way in ways:
        monkeypatch.setattr(module, "dot", way)
        close(calculate(layer, inputs, weights), expected)
        assert execute(layer).events == events
