"""Ops of sequences and windows: random layers with all of their arguments, and what must hold between them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import prod
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcalc.graph.model import Layer
from costcalc.ops import catalogue
from costcalc.ops.op import tally
from costcalc.reference.execute import differences, execute
from costcalc.reference.kernels import kernels
from costcalc.reference.shrink import layer_at
from costcalc.reference.tensor import Shape, Tensor
from costcalc.reference.weights import Weights, draw
from tests.reference.layers import layer_of, layers

ATTENTION = "scaled_dot_product_attention"
MANY_ARGUMENTS = (
    ATTENTION, "lstm", "gru", "rotary_embedding", "matmul", "mean", "roll", "relative_position_bias",
    "relative_attention_bias", "shifted_window_mask", "selective_scan",
)  # fmt: skip


def random(seed: int, shape: Shape) -> Tensor:
    return draw(shape, Random(seed))  # noqa: S311


def run(op: str, arguments: dict[str, Any], *inputs: Tensor, **weights: Tensor) -> Tensor:
    """One layer on floats."""
    layer = layer_of(op, arguments, [x.shape for x in inputs])
    return kernels()[op](inputs, Weights(weights), layer.arguments, layer.layout)


def events(op: str, arguments: dict[str, Any], *shapes: Shape) -> dict[str, int]:
    """What really happens."""
    return dict(execute(layer_of(op, arguments, list(shapes))).events)


def together(*counts: dict[str, int]) -> dict[str, int]:
    return {name: sum(count.get(name, 0) for count in counts) for name in set().union(*counts)}


def close(found: Tensor, expected: Tensor) -> None:
    assert found.shape == expected.shape
    assert found.numbers == pytest.approx(expected.numbers, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", MANY_ARGUMENTS)
@settings(max_examples=100)
@given(data=st.data())
def test_arithmetic_and_formulas_agree(name: str, data: st.DataObject) -> None:
    layer: Layer = data.draw(layers((name,)))
    assert differences(layer, execute(layer)) == ()


@given(layers((ATTENTION,)))
def test_masked_mac_is_what_a_mask_leaves(layer: Layer) -> None:
    """With a unit matrix as value the output is the shares of the keys, and those of masked ones are exactly 0."""
    query, key, value, _ = layer.inputs
    heads, kv_heads, keys = layer.arguments["heads"], layer.arguments["kv_heads"] or layer.arguments["heads"], key[-2]
    unit = [float(row == column) for row in range(keys) for column in list(range(keys)) * kv_heads]
    shares = run(
        ATTENTION,
        dict(layer.arguments),
        random(1, query[-2:]),
        random(2, key[-2:]),
        Tensor((keys, kv_heads * keys), unit),
    )
    assert sum(shares.numbers) == pytest.approx(heads * query[-2])
    seen = sum(share > 0 for share in shares.numbers)
    for_a_pair = query[-1] // heads + value[-1] // kv_heads
    assert layer.op.quantities["masked_mac"].evaluate(layer.symbols) == prod(query[:-2]) * seen * for_a_pair


def test_attention_is_two_matrix_products_and_a_softmax() -> None:
    query, key, value = random(1, (5, 4)), random(2, (7, 4)), random(3, (7, 3))
    scores = run("rescale", {"factor": Fraction(1, 2)}, run("matmul", {}, query, key.permute((1, 0))))  # 1 / sqrt(4)
    expected = run("matmul", {}, run("softmax", {}, scores), value)
    close(run(ATTENTION, {}, query, key, value), expected)
    parts = together(
        events("matmul", {}, (5, 4), (4, 7)),
        events("rescale", {"factor": Fraction(1, 2)}, (5, 7)),
        events("softmax", {}, (5, 7)),
        events("matmul", {}, (5, 7), (7, 3)),
    )
    assert events(ATTENTION, {}, (5, 4), (7, 4), (7, 3)) == parts


def test_grouped_queries_are_heads_of_the_key_repeated() -> None:
    """Query heads 0, 1, 2 take the first head of key and value, 3, 4, 5 the second. It saves nothing in products."""

    def repeated(x: Tensor, size: int) -> Tensor:
        heads = [slice(start, start + size) for start in (0, 0, 0, size, size, size)]
        return Tensor((x.shape[0], 6 * size), [n for row in x.lines() for head in heads for n in row[head]])

    query, key, value = random(1, (5, 24)), random(2, (7, 8)), random(3, (7, 6))
    grouped = run(ATTENTION, {"heads": 6, "kv_heads": 2}, query, key, value)
    close(grouped, run(ATTENTION, {"heads": 6}, query, repeated(key, 4), repeated(value, 3)))
    assert events(ATTENTION, {"heads": 6, "kv_heads": 2}, (5, 24), (7, 8), (7, 6)) == events(
        ATTENTION, {"heads": 6}, (5, 24), (7, 24), (7, 18)
    )


def test_rotary_products_depend_on_the_distance_alone() -> None:
    """What rotary positions are for: the query at 5 meets the key at 3 as that at 2 meets the one at 0."""
    same = Tensor((6, 8), list(range(1, 9)) * 6)
    turned = run("rotary_embedding", {"heads": 1}, same).lines()

    def product(query: int, key: int) -> float:
        return sum(a * b for a, b in zip(turned[query], turned[key], strict=True))

    assert product(5, 3) == pytest.approx(product(2, 0))
    assert product(5, 3) != pytest.approx(product(5, 4))
    assert turned[0] == same.lines()[0]


@pytest.mark.parametrize(("name", "gates"), [("lstm", 4), ("gru", 3)])
def test_the_other_direction_is_the_same_from_the_end(name: str, gates: int) -> None:
    x, wide, deep = random(1, (5, 2)), random(2, (1, gates * 3, 2)), random(3, (1, 1, gates * 3, 3))
    both = run(
        name,
        {"out": 3, "bidirectional": True, "bias": False},
        x,
        weight_ih=Tensor((2, gates * 3, 2), wide.numbers * 2),
        weight_hh=Tensor((1, 2, gates * 3, 3), deep.numbers * 2),
    )
    backwards = Tensor(x.shape, [number for row in reversed(x.lines()) for number in row])
    one = {"out": 3, "bias": False}
    close(both.select(1, slice(0, 3)), run(name, one, x, weight_ih=wide, weight_hh=deep))
    turned = run(name, one, backwards, weight_ih=wide, weight_hh=deep)
    close(both.select(1, slice(3, 6)), Tensor((5, 3), [n for row in reversed(turned.lines()) for n in row]))


@pytest.mark.parametrize(("name", "gates"), [("lstm", 4), ("gru", 3)])
def test_two_layers_are_one_after_the_other(name: str, gates: int) -> None:
    x, wide, deep = random(1, (5, 2)), random(2, (1, gates * 3, 2 + 3)), random(3, (2, 1, gates * 3, 3))
    expected = x
    for layer, columns in enumerate((slice(0, 2), slice(2, 5))):
        expected = run(
            name,
            {"out": 3, "bias": False},
            expected,
            weight_ih=wide.select(2, columns),
            weight_hh=deep.select(0, slice(layer, layer + 1)),
        )
    close(run(name, {"out": 3, "layers": 2, "bias": False}, x, weight_ih=wide, weight_hh=deep), expected)
    upper = events(name, {"out": 3, "bias": False}, (5, 3))
    both = events(name, {"out": 3, "layers": 2, "bias": False}, (5, 2))
    assert both == together(events(name, {"out": 3, "bias": False}, (5, 2)), upper)


# what is wrong: op, arguments, shapes, event, the formula planted
PLANTED: dict[str, tuple[str, dict[str, Any], list[Shape | None], str, str]] = {
    "heads of the key for those of the query": (
        ATTENTION, {"heads": 6, "kv_heads": 2}, [(5, 24), (7, 8), (7, 6)], "mac", "n * 2 * t * s * (d + e)",
    ),
    "keys as many as queries": (ATTENTION, {}, [(5, 4), (7, 4), (7, 3)], "mac", "n * h * t * t * (d + e)"),
    "a value as wide as a key": (ATTENTION, {}, [(5, 4), (7, 4), (7, 3)], "mac", "2 * n * h * t * s * d"),
    "half of the products for a causal mask": (
        ATTENTION, {"causal": True}, [(5, 4), (5, 4), (5, 4)], "mac", "n * h * v * (d + e)",
    ),
    "a bias that is not added": (
        ATTENTION, {}, [(5, 4), (7, 4), (7, 3), (5, 7)], "add", "2 * n * h * t * s",
    ),
    "one gate too few": ("lstm", {"out": 3}, [(5, 2)], "mac", "d * t * 3 * h * (c_in + (l - 1) * d * h + l * h)"),
    "one bias a gate": ("gru", {"out": 3}, [(5, 2)], "bias_add", "b * l * d * t * 3 * h"),
    "upper layers as wide as the input": (
        "gru", {"out": 3, "layers": 2}, [(5, 2)], "mac", "d * t * 3 * h * (l * c_in + l * h)",
    ),
    "rows for columns": ("matmul", {}, [(3, 4), (4, 5)], "mac", "n * i * i * k"),
    "all features turned": (
        "rotary_embedding", {"heads": 2, "dims": 2}, [(5, 12)], "mul", "2 * p * h * 6",
    ),
    "one addition too few": ("mean", {"axis": 0}, [(5, 7)], "add", "m * (k - 1)"),
    "A worked out at every step": (
        "selective_scan", {}, [(5, 3), (5, 3), (5, 2), (5, 2)], "exp", "2 * t * c * n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fact", PLANTED)
def test_a_wrong_formula_is_found(fact: str) -> None:
    name, arguments, shapes, event, formula = PLANTED[fact]
    layer = layer_of(name, arguments, shapes)
    op = catalogue()[name]
    wrong = layer_at(replace(op, tally={**op.tally, **tally(**{event: formula})}), layer.arguments, layer.inputs, "")
    assert [difference.what for difference in differences(wrong, execute(wrong))] == [event]
    assert differences(layer, execute(layer)) == ()
