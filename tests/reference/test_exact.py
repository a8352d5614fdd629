"""Exact arithmetic: packed kernels give what the plain ones give, to the last integer, or say why they cannot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import prod
from random import Random
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costcalc.graph.build import build
from costcalc.graph.model import Layer
from costcalc.ops import catalogue
from costcalc.reference.exact import check_exact, exact_kernels, inexact
from costcalc.reference.exact_kernels import own_kernels
from costcalc.reference.exact_values import draw_exact_weight, draw_integers
from costcalc.reference.kernels import integral, kernels
from costcalc.reference.rational import NotExact, rational, root
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights
from costcalc.spec.load import load, load_text
from tests.reference.layers import layer_of, layers
from tests.reference.whole import values, whole

PACKED = ("conv", "conv_transpose", "linear")
Numbers = Callable[[tuple[int, ...], Random], Tensor]


def up_to(bound: int) -> Numbers:
    """Integers from -bound to bound."""
    return lambda shape, random: Tensor(shape, [random.randint(-bound, bound) for _ in range(prod(shape))])


def extremes(bound: int) -> Numbers:
    """-bound and bound only."""
    return lambda shape, random: Tensor(shape, [random.choice((-bound, bound)) for _ in range(prod(shape))])


def fractions(shape: tuple[int, ...], random: Random) -> Tensor:
    """Fractions of unlike denominators, some of them whole."""
    numbers = [rational(Fraction(random.randint(-9, 9), random.randint(1, 6))) for _ in range(prod(shape))]
    return Tensor(shape, numbers)


KINDS: dict[str, tuple[Numbers, Numbers]] = {
    "bits": (up_to(1), up_to(1)),
    "bytes": (up_to(127), up_to(3)),
    "bytes at their ends": (extremes(127), extremes(1)),
    "zeros": (up_to(0), up_to(5)),
    "zero weights": (up_to(2**40), up_to(0)),
    "32 bits": (up_to(2**28), up_to(5)),
    "64 bits": (up_to(2**55), up_to(5)),
    "ends of 64 bits": (extremes(2**63 - 1), extremes(1)),
    "wide": (up_to(2**90), up_to(2**40)),
    "fractions": (fractions, up_to(4)),
    "fractions of fractions": (fractions, fractions),
}


def drawn(layer: Layer, numbers: Numbers, factors: Numbers, seed: int) -> tuple[list[Tensor], dict[str, Tensor]]:
    random = Random(seed)  # noqa: S311
    inputs = [numbers(shape, random) for shape in layer.inputs]
    return inputs, {weight.name: factors(weight.shape, random) for weight in layer.weights}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(layers(PACKED), st.integers(0, 2**32))
def test_packed_kernels_equal_the_plain_ones(kind: str, layer: Layer, seed: int) -> None:
    """1,100 random layers: strides, groups, dilation, asymmetric padding, 1 to 3 axes, both layouts."""
    inputs, weights = drawn(layer, *KINDS[kind], seed)
    name, arguments = layer.op.name, layer.arguments
    found = exact_kernels()[name](inputs, Weights(weights), arguments, layer.layout)
    plain_weights = Weights({name: whole(tensor) for name, tensor in weights.items()})
    expected = kernels()[name]([whole(x) for x in inputs], plain_weights, arguments, layer.layout)
    assert found.shape == expected.shape == layer.output
    assert found.numbers == values(expected)
    assert all(type(number) in (int, Fraction) for number in found.numbers)


@pytest.mark.parametrize(
    ("given", "shape"),
    [
        ({"out": 65, "kernel": 3, "padding": 1}, (67, 14, 15)),
        ({"out": 66, "kernel": 3, "padding": 1, "stride": 2}, (64, 13, 16)),
        ({"out": 48, "kernel": 1, "stride": 2}, (96, 9, 14)),
        ({"out": 8, "kernel": 7, "padding": 3, "stride": 2}, (3, 32, 33)),
        ({"out": 24, "kernel": 3, "padding": 1, "groups": 24}, (24, 15, 18)),
        ({"out": 24, "kernel": 3, "padding": 2, "dilation": 2, "groups": 4}, (48, 7, 9)),
        ({"out": 30, "kernel": (5, 1), "padding": ((2, 2), (0, 0))}, (31, 12, 11)),
    ],
)
@pytest.mark.parametrize("bound", [8, 2**31 - 1, 2**80])
def test_layers_of_a_usual_size(given: dict[str, Any], shape: tuple[int, ...], bound: int) -> None:
    """On integers alone the plain kernel is exact as well, if the zeros of the border are integers."""
    layer = layer_of("conv", given, [shape])
    inputs, weights = drawn(layer, up_to(bound), up_to(2), seed=bound)

    class Integers(Tensor):
        def constant(self, value: float) -> int:
            return int(value)

    found = exact_kernels()["conv"](inputs, Weights(weights), layer.arguments, layer.layout)
    x = Integers(shape, inputs[0].numbers)
    expected = kernels()["conv"]([x], Weights(weights), layer.arguments, layer.layout)
    assert set(map(type, expected.numbers)) == {int}
    assert (found.shape, found.numbers) == (expected.shape, expected.numbers)


@pytest.mark.parametrize("bits", [7, 8, 15, 16, 23, 31, 32, 39, 47, 55, 63, 64, 71, 95, 96, 128])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_sum_that_is_the_bound_itself(bits: int, sign: int) -> None:
    """Every number is as large as it can be and has the sign of its weight, so lanes are filled to the last bit."""
    signs = [1, -1, -1, 1, -1, 1, 1]
    for largest in (2**bits - 1, 2**bits):
        x = Tensor((7, 5), [sign * one * largest for one in signs for _ in range(5)])
        weights = {"weight": Tensor((2, 7, 1), signs + [-one for one in signs])}
        found = exact_kernels()["conv"]([x], Weights(weights), layer_of("conv", CONV, [(7, 5)]).arguments, FIRST)
        assert found.numbers == [sign * 7 * largest] * 5 + [-sign * 7 * largest] * 5


FIRST = "channels_first"
CONV = {"out": 2, "kernel": 1, "bias": False}


def test_groups_of_one_channel_do_not_touch() -> None:
    """Powers of a thousand: every misplaced tap or channel has its own digits."""
    layer = layer_of("conv", {"out": 2, "kernel": 3, "padding": ((1, 0),), "groups": 2, "bias": False}, [(2, 4)])
    x = Tensor((2, 4), [1, 2, 3, 4, -5, -6, -7, -8])
    weight = Tensor((2, 1, 3), [1, 10**3, 10**6, 1, 10**3, 10**6])
    found = exact_kernels()["conv"]([x], Weights({"weight": weight}), layer.arguments, FIRST)
    assert found.numbers == [2_001_000, 3_002_001, 4_003_002, -6_005_000, -7_006_005, -8_007_006]


def test_what_is_read_is_remembered() -> None:
    """The same weights are read as by the plain kernels."""
    for name, args in (("conv", {"out": 4, "kernel": 3}), ("linear", {"out": 3}), ("batch_norm", {}), ("prelu", {})):
        layer = layer_of(name, args, [(2, 5, 6)])
        drawn_weights = {
            w.name: draw_exact_weight(w.name, w.shape, Random(1), layer.arguments)  # noqa: S311
            for w in layer.weights
        }
        weights = Weights(drawn_weights)
        exact_kernels()[name]([draw_integers((2, 5, 6), Random(2))], weights, layer.arguments, FIRST)  # noqa: S311
        assert weights.reads == {weight.name: weight.shape for weight in layer.weights}


# --- the other ops ---------------------------------------------------------------------------------------------------


def test_there_is_an_exact_kernel_for_every_op() -> None:
    assert exact_kernels().keys() == kernels().keys() == catalogue().keys()
    assert catalogue().keys() >= integral() | own_kernels().keys()


@settings(max_examples=1000, suppress_health_check=list(HealthCheck))
@given(layers(tuple(sorted(catalogue().keys() - set(PACKED)))), st.integers(0, 2**32))
def test_other_ops_are_exact_or_refuse(layer: Layer, seed: int) -> None:
    """Any op: the values of floats up to rounding, all of them integers or fractions; or it says that it cannot."""
    name, arguments, random = layer.op.name, layer.arguments, Random(seed)  # noqa: S311
    inputs: list[Any] = [shape if shape is None else draw_integers(shape, random) for shape in layer.inputs]
    if name == "embedding":
        inputs = [Tensor(x.shape, [n % arguments["count"] for n in x.numbers]) for x in inputs]
    weights = {w.name: draw_exact_weight(w.name, w.shape, random, arguments) for w in layer.weights}
    try:
        found = exact_kernels()[name](inputs, Weights(weights), arguments, layer.layout)
    except NotExact as error:
        assert str(error).startswith(f"{name}: ")  # noqa: PT017
        assert inexact(layer) or name in MAY_REFUSE, error  # noqa: PT017
        return
    expected = kernels()[name](inputs, Weights(weights), arguments, layer.layout)
    assert found.shape == expected.shape == layer.output
    assert all(type(number) in (int, Fraction) for number in found.numbers)
    assert list(map(float, found.numbers)) == pytest.approx(list(map(float, expected.numbers)), rel=1e-9, abs=1e-9)


MAY_REFUSE = {
    "rotary_embedding",  # sines and cosines
    "shifted_window_mask",  # minus infinity
    "upsample",  # thirds, as floats
}


TENTH, SIXTH = Fraction(-1, 10), Fraction(1, 6)


@pytest.mark.parametrize(
    ("op", "given", "numbers", "expected"),
    [
        ("global_avg_pool", {}, [1, 2, 3, 5, 4, 4, 4, 4], [Fraction(11, 4), 4]),
        ("avg_pool", {"kernel": 2}, [1, 2, 3, 4, -1, -1, -1, -1], [Fraction(5, 2), -1]),
        ("leaky_relu", {"slope": Fraction(1, 10)}, [-1, 2, -10, 3, 0, 0, 0, 0], [TENTH, 2, -1, 3, 0, 0, 0, 0]),
        ("hardsigmoid", {}, [-4, -3, -1, 0, 1, 2, 3, 4], [0, 0, 2 * SIXTH, 3 * SIXTH, 4 * SIXTH, 5 * SIXTH, 1, 1]),
        ("relu6", {}, [-4, -3, -1, 0, 1, 2, 6, 7], [0, 0, 0, 0, 1, 2, 6, 6]),
    ],
)  # fmt: skip
def test_divisions_give_fractions(op: str, given: dict[str, Any], numbers: list[int], expected: list[Any]) -> None:
    """Not a float among them, and an integer wherever the division comes out even."""
    layer = layer_of(op, given, [(2, 2, 2)])
    found = exact_kernels()[op]([Tensor((2, 2, 2), [*numbers])], Weights({}), layer.arguments, FIRST)
    assert found.numbers == expected
    assert list(map(type, found.numbers)) == list(map(type, expected))


def test_batch_norm_with_a_whole_deviation() -> None:
    """Variance 4 with eps 0 and 9/4 - 1/4 with eps 1/4: deviations 2 and 3/2. 6/2 (x - 1) + 5, and -3 / (3/2) x + 1."""
    x = Tensor((2, 2), [10**30, -1, 7, 0])
    weights = {
        "weight": Tensor((2,), [6, -3]),
        "bias": Tensor((2,), [5, 1]),
        "running_mean": Tensor((2,), [1, 0]),
        "running_var": Tensor((2,), [4, 2]),
    }
    kernel = exact_kernels()["batch_norm"]
    found = kernel(
        [Tensor((1, 2), [10**30, -1])], Weights(only(weights, 0)), {"eps": Fraction(0), "affine": True}, FIRST
    )
    assert found.numbers == [3 * (10**30 - 1) + 5, -1]
    found = kernel([Tensor((1, 2), [7, 0])], Weights(only(weights, 1)), {"eps": Fraction(1, 4), "affine": True}, FIRST)
    assert found.numbers == [-13, 1]
    with pytest.raises(NotExact, match=r"^batch_norm: the square root of 17/4 is no fraction$"):
        kernel([x], Weights(weights), {"eps": Fraction(1, 4), "affine": True}, FIRST)


def only(weights: dict[str, Tensor], channel: int) -> dict[str, Tensor]:
    return {name: Tensor((1,), [tensor.numbers[channel]]) for name, tensor in weights.items()}


@pytest.mark.parametrize("number", [2, Fraction(1, 2), -4, Fraction(9, 2), 2**101])
def test_roots_that_are_no_fractions_are_refused(number: Any) -> None:
    with pytest.raises(NotExact, match="is no fraction"):
        root(number)


@pytest.mark.parametrize("number", [1 / 3, float("inf"), float("nan"), 2**0.5, 0.1 + 0.2])
def test_rounded_floats_are_refused(number: float) -> None:
    with pytest.raises(NotExact, match="is a rounded number"):
        rational(9007199254740993.0)  # 2**53 + 1, which no float is
    assert rational(1e29) == 10**29
    with pytest.raises(NotExact, match="is a rounded number"):
        rational(number)


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0.1, -TENTH), (-2.0, -2), (1e-5, Fraction(1, 10**5)), (1e22, 10**22), (0.0, 0), (-12.75, Fraction(-51, 4))],
)
def test_floats_stand_for_the_decimal_they_print_as(number: float, expected: Any) -> None:
    assert rational(number) == expected
    assert type(rational(number)) is type(expected)


# --- whole networks --------------------------------------------------------------------------------------------------


def test_a_chain_of_layers_has_the_integers_of_the_plain_kernels() -> None:
    """Nothing is rounded on the way, though the numbers grow beyond what a float holds."""
    chain: Sequence[tuple[str, dict[str, Any]]] = (
        ("conv", {"out": 8, "kernel": 5, "stride": 2, "padding": 2, "bias": False}),
        ("batch_norm", {}),
        ("relu", {}),
        ("max_pool", {"kernel": 3, "stride": 2, "padding": 1}),
        *([("conv", {"out": 8, "kernel": 3, "padding": 1}), ("relu", {})] * 16),
        ("conv_transpose", {"out": 6, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1}),
        ("global_avg_pool", {}),
        ("flatten", {}),
        ("linear", {"out": 5}),
    )
    x = draw_integers((3, 17, 14), Random(0))  # noqa: S311
    y = whole(x)
    for number, (name, args) in enumerate(chain):
        layer = layer_of(name, args, [x.shape])
        random = Random(number)  # noqa: S311
        weights = {w.name: draw_exact_weight(w.name, w.shape, random, layer.arguments) for w in layer.weights}
        x = exact_kernels()[name]([x], Weights(weights), layer.arguments, FIRST)
        if name in PACKED:
            plain_weights = Weights({name: whole(tensor) for name, tensor in weights.items()})
            y = kernels()[name]([y], plain_weights, layer.arguments, FIRST)
        else:
            y = whole(by_hand(name, Tensor(y.shape, values(y)), weights))
        assert (x.shape, x.numbers) == (y.shape, values(y)), name
    assert max(map(abs, x.numbers)) > 2**53
    assert any(isinstance(number, Fraction) for number in x.numbers)


def by_hand(name: str, x: Tensor, weights: dict[str, Tensor]) -> Tensor:
    """What the ops between convolutions do to images of which the channels come first."""
    if name == "relu":
        return Tensor(x.shape, [max(number, 0) for number in x.numbers])
    if name == "flatten":
        return Tensor((len(x.numbers),), x.numbers)
    channels = x.rows()
    if name == "global_avg_pool":
        return Tensor((len(channels), 1, 1), [sum(map(sum, rows)) / Fraction(prod(x.shape[1:])) for rows in channels])
    if name == "batch_norm":
        scale, shift, mean = (weights[key].numbers for key in ("weight", "bias", "running_mean"))
        assert {v + Fraction(1, 100_000) for v in weights["running_var"].numbers} == {1}
        each = enumerate(channels)
        return Tensor.of([[[(n - mean[c]) * scale[c] + shift[c] for n in row] for row in rows] for c, rows in each], 3)
    height, width = x.shape[1:]
    return Tensor.of(
        [
            [
                [
                    max(
                        rows[i][j]
                        for i in range(max(0, 2 * top - 1), min(height, 2 * top + 2))
                        for j in range(max(0, 2 * left - 1), min(width, 2 * left + 2))
                    )
                    for left in range((width + 1) // 2)
                ]
                for top in range((height + 1) // 2)
            ]
            for rows in channels
        ],
        3,
    )


def test_residual_networks_are_exact() -> None:
    check_exact(build(load("specs/resnet/resnet18.yaml")))


def test_layers_without_exact_values_are_named() -> None:
    """One of each kind, before anything is calculated."""
    text = """
        name: mixed
        input: [6, 8, 9]
        blocks:
          tail: [{conv: {out: 4, kernel: 3}}, gelu, gelu]
        layers:
          - relu
          - tail
            name: one
          - tail
            name: two
          - softmax
    """
    text = dedent(text).replace("- tail\n    name", "- tail:\n    name")
    with pytest.raises(NotExact) as caught:
        check_exact(build(load_text(text)))
    assert str(caught.value) == (
        "mixed has no exact values: 'one.gelu': gelu takes erf, whose values are no fractions; "
        "'softmax': softmax takes exp, whose values are no fractions"
    )


def test_layers_that_are_not_run_are_not_in_the_way() -> None:
    text = """
        input: [6]
        output: kept
        layers:
          - linear: {out: 3}
            name: kept
          - softmax
    """
    check_exact(build(load_text(dedent(text))))


# --- seeded values ---------------------------------------------------------------------------------------------------


def test_drawn_integers_are_small_and_the_same_for_every_seed() -> None:
    one, again, other = (draw_integers((3, 50, 7), Random(seed)).numbers for seed in ("a", "a", "b"))  # noqa: S311
    assert one == again != other
    assert set(one) == set(range(-8, 8))


def test_drawn_weights_keep_the_arithmetic_exact() -> None:
    """Factors of products are never 0: Python would skip the work."""
    arguments = {"eps": Fraction(1, 1000)}

    def drawn(name: str, *shape: int) -> set[Any]:
        return set(draw_exact_weight(name, shape, Random(3), arguments).numbers)  # noqa: S311

    assert drawn("weight", 40, 5, 3, 3) == {-2, -1, 1, 2}
    assert drawn("weight", 400) == {-1, 1}
    assert drawn("bias", 4000) == drawn("running_mean", 4000) == set(range(-8, 8))
    assert drawn("running_var", 4) == {Fraction(999, 1000)}
