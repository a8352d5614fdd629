"""`bench`: which layers are timed, at which size, and what is made of the seconds. No time is judged."""

from __future__ import annotations

import math
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

import pytest

from costcalc.errors import CostcalcError
from costcalc.graph.build import build
from costcalc.graph.model import Graph
from costcalc.ops import catalogue
from costcalc.reference.bench import Backend, Benchmark, TimedLayer, bench, draw_values, in_python, limit_of, row_length
from costcalc.reference.in_torch import in_torch
from costcalc.reference.kernels import kernels
from costcalc.reference.torch_calls import own_calls
from costcalc.reference.weights import Weights
from costcalc.spec.load import load, load_text
from tests.reference.layers import layer_of


def graph(*layers: str, input: str = "[3, 9, 8]") -> Graph:
    lines = "\n".join(f"  {line}" for layer in layers for line in layer.split("\n"))
    return build(load_text(f"name: test\ninput: {input}\nlayers:\n{lines}\n"))


NETWORK = graph(
    "- conv: {out: 6, kernel: 3, padding: 1}",
    "- conv: {out: 6, kernel: 3, padding: 1}\n  repeat: 3\n  name: stage",
    "- relu",
    "- flatten",
    "- linear: {out: 5}",
)


def test_every_distinct_layer_is_timed() -> None:
    """Alike are the three of the stage. Multiply-adds: 6*72*27 = 11,664, 6*72*54 = 23,328 and 5*432 = 2,160."""
    found = bench(NETWORK, repeats=3)
    assert [(row.path, row.layers, row.macs, row.length) for row in found.rows] == [
        ("conv", 1, 11_664, 27),
        ("stage[0]", 3, 23_328, 54),
        ("relu", 1, 0, 0),
        ("flatten", 1, 0, 0),
        ("linear", 1, 2_160, 432),
    ]
    assert found.macs == 37_152
    for row in found.rows:
        assert len(row.seconds) == 3
        assert len(row.limit) == (3 if row.macs else 0)
        assert min(row.seconds) <= row.median <= max(row.seconds)
        assert (row.ns_per_mac is None) is (row.share is None) is (row.macs == 0)
        assert not row.shrunk


def row(macs: int, seconds: tuple[float, ...], limit: tuple[float, ...]) -> TimedLayer:
    layer = layer_of("relu", {}, [(2,)])
    return TimedLayer("here", 1, layer, layer, macs, 2 if macs else 0, seconds, limit)


def test_figures_by_hand() -> None:
    """1,000 multiply-adds in 2 ms are 2,000 ns each; at a limit of 1,000 ns that is half as fast as can be."""
    first = row(1_000, (1e-3, 2e-3, 9e-3), (1e-6, 1e-6, 1e-6))
    assert first.median == 2e-3
    assert first.ns_per_mac == pytest.approx(2_000)
    assert first.share == pytest.approx(0.5)
    second = row(3_000, (3e-3,) * 3, (1e-6,) * 3)
    third = row(0, (7e-3,) * 3, ())
    whole = Benchmark(NETWORK, in_python(), "3", "sum", 3, 1, (first, second, third))
    assert (whole.macs, whole.seconds) == (4_000, pytest.approx(12e-3))
    assert whole.ns_per_mac == pytest.approx(5e-3 / 4_000 * 1e9)
    assert whole.share == pytest.approx(4_000 * 1e-6 / 5e-3)
    assert third.share is None
    assert Benchmark(NETWORK, in_python(), "3", "sum", 3, 1, (third,)).share is None


def test_a_slow_moment_slows_both_sides() -> None:
    """The share is that of the repeats one by one: all three are half the limit."""
    assert row(1_000, (2e-3, 4e-3, 8e-3), (1e-6, 2e-6, 4e-6)).share == pytest.approx(0.5)


def test_large_layers_are_timed_smaller() -> None:
    found = bench(build(load("resnet18")), repeats=1, budget=200_000)
    assert found.macs < 200_000
    first = found.rows[0]
    assert first.shrunk
    assert first.layer.inputs == ((3, 224, 224),)
    assert first.run is not None
    assert first.run.inputs[0] != (3, 224, 224)


def test_what_cannot_be_timed_says_why() -> None:
    """A flatten has no smaller twin than one number; another backend may not have an op."""
    nothing = Backend("abacus", "abacus 1", lambda layer, values: None)
    found = bench(NETWORK, repeats=1, backend=nothing)
    assert [row.reason for row in found.rows][:2] == ["abacus has no conv like it"] * 2
    assert found.share is found.ns_per_mac is None
    assert found.seconds == found.macs == 0
    small = bench(NETWORK, repeats=1, budget=5)
    assert any(row.run is None and "its share of the budget is" in row.reason for row in small.rows)


def test_progress_ends_where_it_said() -> None:
    calls: list[tuple[int, int, str]] = []
    bench(NETWORK, repeats=1, progress=lambda done, total, path: calls.append((done, total, path)))
    assert [path for _, _, path in calls] == ["conv", "stage[0]", "relu", "flatten", "linear", ""]
    assert calls[0][0] == 0
    assert calls[-1][0] == calls[-1][1]


@pytest.mark.parametrize("given", [{"repeats": 0}, {"budget": 0}])
def test_repeats_and_budget_are_counts(given: dict[str, Any]) -> None:
    with pytest.raises(CostcalcError, match="must be at least 1"):
        bench(NETWORK, **given)


def test_limit_is_as_much_work_as_it_says() -> None:
    """Rows of 27, and as many of them as make about 1,000 products."""
    run, work = limit_of(27, 1_000)
    sums: Any = run()
    assert (len(sums), work) == (37, 999)
    assert all(math.isfinite(number) for number in sums)


@pytest.mark.parametrize("spec", ["vit_b_16", "unet", "gpt2"])
def test_networks_of_every_kind_are_timed(spec: str) -> None:
    """Tokens, attention, joins: every layer has values that its kernel takes."""
    found = bench(build(load(spec)), repeats=1, budget=100_000)
    assert [row.path for row in found.rows if row.run is not None and not row.seconds] == []
    assert found.multiplying


def test_sums_of_a_layer() -> None:
    assert row_length(layer_of("conv", {"out": 6, "kernel": (3, 2), "groups": 2}, [(4, 9, 8)])) == 12
    assert row_length(layer_of("relu", {}, [(4, 9)])) == 0


# --- PyTorch ---------------------------------------------------------------------------------------------------------


def test_calls_are_of_ops_that_exist() -> None:
    assert catalogue().keys() >= own_calls().keys()


@pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is installed")
def test_without_pytorch_it_is_said() -> None:
    with pytest.raises(CostcalcError, match="--backend torch needs PyTorch, which is not installed here"):
        in_torch()


CASES: list[tuple[str, dict[str, Any], list[tuple[int, ...]], str]] = [
    ("conv", {"out": 6, "kernel": 3, "padding": 1, "stride": 2, "groups": 2}, [(4, 9, 8)], "channels_first"),
    ("conv", {"out": 6, "kernel": 3, "padding": "same", "stride": 2}, [(9, 8, 4)], "channels_last"),
    ("conv", {"out": 2, "kernel": (3, 1), "padding": ((1, 0), (2, 1)), "dilation": 2}, [(4, 9, 8)], "channels_first"),
    ("conv_transpose", {"out": 6, "kernel": 3, "stride": 2, "padding": 1}, [(4, 9, 8)], "channels_first"),
    ("linear", {"out": 6}, [(4, 9)], "channels_first"),
    ("batch_norm", {}, [(4, 9, 8)], "channels_first"),
    ("group_norm", {"groups": 2}, [(4, 9, 8)], "channels_first"),
    ("layer_norm", {}, [(4, 9)], "channels_first"),
    ("max_pool", {"kernel": 3, "stride": 2, "padding": 1, "ceil": True}, [(4, 9, 8)], "channels_first"),
    ("avg_pool", {"kernel": 2}, [(4, 9, 8)], "channels_first"),
    ("global_avg_pool", {}, [(9, 8, 4)], "channels_last"),
    ("adaptive_avg_pool", {"out": 3}, [(4, 9, 8)], "channels_first"),
    ("gelu", {"approximate": "tanh"}, [(4, 9)], "channels_first"),
    ("leaky_relu", {"slope": Fraction(1, 10)}, [(4, 9)], "channels_first"),
    ("hardswish", {}, [(4, 9)], "channels_first"),
    ("tanh", {}, [(4, 9)], "channels_first"),
    ("mul", {}, [(4, 9), (4, 9)], "channels_first"),
    ("concat", {}, [(4, 9), (2, 9)], "channels_first"),
    ("matmul", {}, [(4, 9), (9, 2)], "channels_first"),
    ("transpose", {"order": (1, 0)}, [(4, 9)], "channels_first"),
    ("scaled_dot_product_attention", {"heads": 2}, [(5, 6), (7, 6), (7, 6)], "channels_first"),
]


@pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed")
@pytest.mark.parametrize(("name", "given", "shapes", "layout"), CASES, ids=[case[0] for case in CASES])
def test_pytorch_calculates_the_same(name: str, given: dict[str, Any], shapes: list[Any], layout: str) -> None:
    """The same values from the same numbers, up to float32."""
    layer = layer_of(name, given, shapes, layout)
    values = draw_values(layer, seed=1)
    call: Any = in_torch().prepare(layer, values)
    y = call()[0]
    if layout == "channels_last":
        y = y.movedim(0, -1)
    inputs: Any = values[0]
    expected = kernels()[name](inputs, Weights(values[1]), layer.arguments, layer.layout)
    assert y.flatten().tolist() == pytest.approx(expected.numbers, rel=1e-4, abs=1e-5)
