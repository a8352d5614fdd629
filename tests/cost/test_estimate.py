"""What the numbers mean: params, buffers, macs, activations, tally, batch; every object is costed once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from costcalc.cost.estimate import cost_of, estimate
from costcalc.cost.model import Cost as Numbers
from costcalc.cost.model import Report
from costcalc.errors import SpecError
from costcalc.graph.build import build
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
            11 if name in ("macs", "activations", "activation_bits") else 1
        )
    assert eleven.tally() == {event: 11 * count for event, count in one.tally().items()}
    assert eleven.peak().bytes == 11 * one.peak().bytes
    assert [row.cost for row in eleven.rows()] == [row.cost.times(stored=1, run=1, batch=11) for row in one.rows()]


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
    memo: dict[object, object] = {}
    costs: dict[object, Numbers] = {}
    for args in ({}, {"classes": 100}, {"width": 5}, {}, {"classes": 7, "width": 5}):
        shared = estimate(build(spec, args, memo=memo), memo=costs)  # type: ignore[arg-type]
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
        params=3, params_active=2, buffers=5, weight_bits=7, macs=11, activations=13, activation_bits=17, layers=1
    )
    assert sum([one, one], Numbers()) == one.times(stored=2, run=2)
    assert one.times(stored=2, run=3, batch=5) == Numbers(6, 4, 10, 14, 165, 195, 255, 3)
    assert one.times(stored=0, run=3).macs == 33
    assert one.times(stored=0, run=3).params == 0
    # not run, but stored: its params are there, and active where it would run
    assert one.times(stored=2, run=0) == Numbers(6, 4, 10, 14, 0, 0, 0, 0)
    assert (Numbers(weight_bits=9).weight_bytes, Numbers(activation_bits=16).activation_bytes) == (2, 2)


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
        assert cost_of(edge.child, dict(report.costs)) == sum(inside, Numbers())
