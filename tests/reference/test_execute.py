"""One layer on counted numbers: what happened, and in words where it is not what was said."""

from __future__ import annotations

from dataclasses import replace

from costcalc.graph.model import Layer, StoredWeight
from costcalc.ops.op import tally
from costcalc.reference.execute import differences, execute, stated_events
from costcalc.reference.kernels import Kernel, kernels
from costcalc.reference.tensor import Tensor
from tests.reference.layers import layer_of

CONV = layer_of("conv", {"out": 4, "kernel": 3}, [(2, 5, 4)])


def texts(layer: Layer, kernel: Kernel | None = None) -> list[str]:
    return [difference.text for difference in differences(layer, execute(layer, kernel=kernel))]


def test_a_convolution_is_counted() -> None:
    """By hand: 4 x 3 x 2 outputs of 2 x 3 x 3 products, and a bias for each."""
    execution = execute(CONV)
    assert execution.output == (4, 3, 2)
    assert execution.events == stated_events(CONV) == {"mac": 432, "bias_add": 24}
    assert execution.reads == {"weight": (4, 2, 3, 3), "bias": (4,)}
    assert differences(CONV, execution) == ()


def test_a_transposed_convolution_counts_input_positions() -> None:
    """Stride 2, 4 groups, output_padding 1, by hand: 8 channels of 5 x 4 numbers meet 12 / 4 x 3 x 2 weights each."""
    given = {"out": 12, "kernel": (3, 2), "stride": 2, "groups": 4, "output_padding": 1, "padding": (1, 0)}
    layer = layer_of("conv_transpose", given, [(8, 5, 4)])
    execution = execute(layer)
    assert execution.output == layer.output == (12, 10, 9)
    assert execution.events == {"mac": 8 * 5 * 4 * 3 * 3 * 2, "bias_add": 12 * 10 * 9}
    assert differences(layer, execution) == ()


def test_a_seed_gives_the_same_run() -> None:
    """Only the values differ; nothing that happens depends on them."""
    assert execute(CONV, seed=1) == execute(CONV, seed=2)


def test_a_difference_names_both_numbers_and_the_way() -> None:
    layer = replace(CONV, op=replace(CONV.op, tally=tally(mac="c_out * p * c_in", add="p")))
    assert texts(layer) == [
        "add: the formula says 6, 0 happened: 6 fewer",
        "bias_add: the formula says 0, 24 happened: 24 more",
        "mac: the formula says 48, 432 happened: 384 more",
    ]


def test_weights_are_held_against_what_was_read() -> None:
    """Whatever is missing is made up, so that the rest of the comparison goes on."""
    weights = (StoredWeight("weight", (4, 2, 3, 2), True), StoredWeight("scale", (4,), True))
    assert texts(replace(CONV, weights=weights)) == [
        "weight is stated as [4, 2, 3, 2] but read as [4, 2, 3, 3]",
        "scale [4] is stated but never read",
        "bias [4] is read but not stated",
    ]


def test_another_shape_came_out() -> None:
    assert texts(replace(CONV, output=(4, 3, 3)))[0] == "the shape rule says [4, 3, 3], [4, 3, 2] came out"


def test_arithmetic_that_cannot_go_on_is_a_difference() -> None:
    def broken(inputs: object, weights: object, arguments: object, layout: object) -> Tensor:
        return Tensor((2,), [1.0])

    relu = layer_of("relu", {}, [(3,)])
    assert texts(relu, broken) == ["the arithmetic stops: ValueError: 1 numbers do not fill the shape [2]"]
    assert texts(relu, kernels()["relu"]) == []
