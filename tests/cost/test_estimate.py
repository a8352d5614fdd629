"""What the numbers mean: params, buffers, macs, activations, tally, batch; every object is costed once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from costcalc.cost.estimate import cost_of, estimate
from costcalc.cost.metrics import Cost as Numbers
from costcalc.cost.model import Report
from costcalc.errors import SpecError
from costcalc.graph.build import build
from costcalc.graph.memo import Memo
from costcalc.spec.load import load_text

Cost = Callable[..., Report]

NET = """
    input: [3, 5, 8]
    layers:
      - conv: {out: 4, kernel: 3, stride: 2, padding: 1}
      - batch_norm
      - relu
      - flatten
      - dropout
      - linear: {out: 7}
      - reshape: {shape: [7, 1]}
      - identity
"""


def test_every_number_of_a_small_network_by_hand(cost: Cost) -> None:
    """The convolution gives [4, 3, 4]: 3 = (5 + 2 - 3) // 2 + 1 and 4 = (8 + 2 - 3) // 2 + 1.

    params: 4 x 3 x 9 + 4 = 112; 4 + 4 = 8 of the norm; 48 x 7 + 7 = 343. Buffers: mean and variance, 4 + 4.
    macs: 12 positions x 4 x 27 = 1,296, padding included, no bias; and 48 x 7 = 336.
    activations: 48 three times, 7 once; flatten, dropout, reshape and identity are views.
    """
    report = cost(NET)
    total = report.totals
    assert (total.params, total.params_active, total.buffers) == (112 + 8 + 343, 112 + 8 + 343, 8)
    assert (total.macs, total.flops) == (1296 + 336, 2 * (1296 + 336))
    assert total.activations == 3 * 48 + 7
    assert total.activation_bytes == 4 * (3 * 48 + 7)
    assert total.weight_bytes == 4 * (112 + 8 + 343 + 8)
    assert total.layers == 8
    assert [row.cost.activations for row in report.rows()] == [48, 48, 48, 0, 0, 7, 0, 0]
    assert [row.cost.buffers for row in report.rows()] == [0, 8, 0, 0, 0, 0, 0, 0]


def test_the_batch_multiplies_work_and_no_weights(cost: Cost) -> None:
    """Macs, activations, tally and peak are for the whole batch; layers, params and buffers do not depend on it."""
    one, eleven = cost(NET), cost(NET, batch=11)
    for name, number in one.totals._asdict().items():
        assert getattr(eleven.totals, name) == number * (
            11 if name in ("macs", "activations", "activation_bytes") else 1
        )
    assert eleven.tally() == {event: 11 * count for event, count in one.tally().items()}
    assert eleven.peak().bytes == 11 * one.peak().bytes
    for row, single in zip(eleven.rows(), one.rows(), strict=True):
        assert (row.macs, row.cost.activations) == (11 * single.macs, 11 * single.cost.activations)
        assert (row.params, row.cost.buffers, row.cost.layers) == (single.params, single.cost.buffers, 1)


@pytest.mark.parametrize("batch", [0, -1, True, 2.0, "2"])
def test_a_batch_is_a_whole_number_of_at_least_one(cost: Cost, batch: object) -> None:
    with pytest.raises(SpecError, match="the batch must be"):
        cost(NET, batch=batch)


def test_the_tally_is_that_of_every_layer_that_runs(cost: Cost) -> None:
    """Instances and batch multiply it; what is not run is not in it. By hand, linear 3 -> 3 with bias, relu of 3."""
    report = cost(
        """
        input: [3]
        layers:
          - layers: [{linear: {out: 3}}, relu]
            repeat: 5
          - sigmoid
        output: group
        """,
        batch=2,
    )
    assert report.tally() == {"mac": 9 * 10, "bias_add": 3 * 10, "compare": 3 * 10}


def test_numbers_are_integers_and_exact_beyond_any_float(cost: Cost) -> None:
    """A million million instances of 999,999,999,999 x 999,999,999,999 weights, to the unit."""
    report = cost("""
        input: [999999999999]
        layers:
          - linear: {out: 999999999999, bias: false}
            repeat: 1000000000000
    """)
    assert report.totals.macs == 999_999_999_999**2 * 10**12
    assert all(type(number) is int for number in report.totals)


def test_equal_objects_are_costed_once(cost: Cost) -> None:
    """Three objects for a million layers: the block, its linear and its relu; costs are asked for by identity."""
    report = cost("""
        input: [3]
        blocks:
          block: [{linear: {out: 3}}, relu]
        layers:
          - block:
            repeat: 1000
          - layers: [{block: , repeat: 1000}]
    """)
    linear = report.find("block[0].linear").child
    assert report.find("group.block[999].linear").child is linear
    assert len({row.child for row in report.rows()}) == 2


def test_costs_remembered_between_builds_are_the_same() -> None:
    """The memo of the builds and of the costs belong together: equal blocks of both builds are one object."""
    spec = load_text("""
args: {classes: 10, width: 4}
input: [3]
blocks:
  block: [{linear: {out: width}}, relu]
layers: [block, {block: }, {linear: {out: classes}}]
""")
    memo = Memo()
    for args in ({}, {"classes": 100}, {"width": 5}, {}, {"classes": 7, "width": 5}):
        for batch in (1, 3):
            shared = estimate(build(spec, args, memo=memo), batch, memo=memo)
            alone = estimate(build(spec, args), batch)
            assert shared.totals == alone.totals
        shared = estimate(build(spec, args, memo=memo), memo=memo)
        alone = estimate(build(spec, args))
        assert shared.totals == alone.totals
        assert [(row.path, row.cost) for row in shared.rows()] == [(row.path, row.cost) for row in alone.rows()]
    first = build(spec, {"classes": 10}, memo=memo).root.edges
    second = build(spec, {"classes": 11}, memo=memo).root.edges
    assert first[0].child is second[0].child
    assert first[1].child is second[1].child
    assert first[2].child is not second[2].child


def test_costs_add_up_and_multiply() -> None:
    one = Numbers(
        params=3, params_active=2, buffers=5, weight_bytes=7, macs=11, activations=13, activation_bytes=17, layers=1
    )
    assert sum([one, one], Numbers()) == one.times(stored=2, run=2)
    assert one.times(stored=2, run=3) == Numbers(6, 4, 10, 14, 33, 39, 51, 3)
    assert one.times(stored=8, run=2) == Numbers(24, 4, 40, 56, 22, 26, 34, 2)  # a mixture of 8 experts, 2 active
    assert one.times(stored=0, run=3).macs == 33
    assert one.times(stored=0, run=3).params == 0
    # not run, but stored: its params are there, and active where it would run
    assert one.times(stored=3, run=0, active=2) == Numbers(9, 4, 15, 21, 0, 0, 0, 0)


def test_every_tensor_is_a_whole_number_of_bytes(cost: Cost) -> None:
    """4 bits a number. By hand: 5 numbers are 3 bytes, 10 are 5, 15 are 8; weights [5, 5] 13 bytes and [5] 3 bytes."""
    text = "{dtype: int4, input: [5], layers: [{linear: {out: 5}}, relu]}"
    for batch, size in ((1, 3), (2, 5), (3, 8)):
        report = cost(text, batch=batch)
        assert [row.cost.activation_bytes for row in report.rows()] == [size, size]
        assert report.totals.activation_bytes == 2 * size
        assert report.totals.weight_bytes == 13 + 3


NOT_RUN = """
    input: [1, 1]
    layers:
      - conv: {out: 1, kernel: 1}
        name: n38
      - LAYER
    output: [n38]
"""
MIXTURE = "mixture_of_experts: {experts: 2, active: 1, expert: [{linear: {out: 1}}]}"


@pytest.mark.parametrize(
    ("layer", "params", "active"),
    [
        (f"{{{MIXTURE}}}", 8, 6),
        (f"{{{MIXTURE}, name: moe}}", 8, 6),
        (f"{{layers: [{{{MIXTURE}}}]}}", 8, 6),
        (f"{{layers: [{{{MIXTURE}}}], name: aside, repeat: 3}}", 2 + 3 * 6, 2 + 3 * 4),
        (f"{{{MIXTURE}, name: aside, repeat: 100}}", 2 + 100 * 6, 2 + 100 * 4),
        (f"{{add: {{one: [{{{MIXTURE}}}], two: [{{linear: {{out: 1}}}}]}}}}", 8 + 2, 6 + 2),
    ],
)
def test_what_is_not_run_counts_as_if_one_item_used_it(cost: Cost, layer: str, params: int, active: int) -> None:
    """Whatever it is called, and rows add up.

    By hand: the convolution 1 + 1, the router 2, two experts of 1 + 1: 8 params, 6 of them used by one item.
    """
    report = cost(NOT_RUN.replace("LAYER", layer))
    assert (report.totals.params, report.totals.params_active) == (params, active)
    assert (report.totals.layers, report.totals.macs) == (1, 1)
    for depth in (None, 1, 2, 3):
        rows = list(report.rows(depth))
        assert sum(row.cost.params_active for row in rows) == active
        assert sum(row.cost.params for row in rows) == params


def test_a_parameter_and_views_are_no_activations(cost: Cost) -> None:
    """Only the convolution makes a tensor: [4, 2, 3]."""
    report = cost("""
        input: [4, 2, 3]
        layers:
          - conv: {out: 4, kernel: 1}
          - slice: {axis: 0, end: 3}
          - crop: {size: [1, 2]}
          - transpose: {order: [2, 0, 1]}
          - reshape: {shape: [-1]}
          - dropout
          - identity
          - flatten
          - parameter: {shape: [7]}
        output: [flatten, parameter]
    """)
    assert report.totals.activations == 24
    assert [row.cost.activations for row in report.rows()] == [24, *[0] * 8]


def test_the_cost_of_a_block_is_that_of_its_layers(cost: Cost) -> None:
    report = cost("""
        input: [3]
        blocks:
          block(n):
            - linear: {out: 4}
              repeat: n
            - add: {a: [prelu], b: [{linear: {out: 4, bias: false}}]}
        layers: [{block: {n: 2}}, {block: {n: 3}}]
    """)
    for edge in report.graph.root.edges:
        inside = [row.cost for row in report.rows() if row.path.startswith(f"{edge.name}.")]
        assert cost_of(edge.child, dict(report.costs), 1) == sum(inside, Numbers())
