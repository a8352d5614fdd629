"""The router of a mixture of experts, by hand; the experts themselves are ordinary layers."""

from __future__ import annotations

from typing import Any

import pytest

import costcalc
from costcalc.spec.load import load_text

# fmt: off
# fact: (op, arguments, input shapes, output shape, weights, tally), all by hand
CASES: dict[str, tuple[Any, ...]] = {
    "2 of 4 experts for 5 tokens of 8 features, 6 features out": (
        # logits: 5 * 4 * 8 = 160 products
        # the largest of 4 takes 3 comparisons, of the 3 left 2: 5; the softmax over 2 needs 1 for its largest: 5 * 6 = 30
        # softmax: 2 subtractions, 2 exponentials, 2 additions, 2 divisions a token
        # adding up: 6 features of 2 weighed values: 12 products and 12 additions a token
        "mixture_of_experts", {"experts": 4, "active": 2}, [(5, 8), (5, 6)],
        (5, 6), {"router": (4, 8)},
        {"mac": 160, "compare": 30, "add": 5 * (4 + 12), "exp": 10, "div": 10, "mul": 60},
    ),
    "1 of 3: no choice is left to the softmax": (
        # largest of 3: 2 comparisons; softmax over 1: none
        "mixture_of_experts", {"experts": 3, "active": 1}, [(7, 4), (7, 4)],
        (7, 4), {"router": (3, 4)},
        {"mac": 84, "compare": 14, "add": 7 * (2 + 4), "exp": 7, "div": 7, "mul": 28},
    ),
}
# fmt: on


@pytest.mark.parametrize("fact", CASES)
def test_work(work: Any, fact: str) -> None:
    op, arguments, inputs, *expected = CASES[fact]
    done = work(op, arguments, *inputs)
    assert [done.shape, done.weights, done.tally] == expected


def test_more_active_than_experts_is_refused(refuse: Any) -> None:
    message, _ = refuse("mixture_of_experts", {"experts": 2, "active": 3}, (5, 8), (5, 8))
    assert message == "active=3 is more than the 2 experts"


SPEC = """
input: [5, 8]
layers:
  - mixture_of_experts:
      experts: 4
      active: 2
      expert:
        - linear: {out: 16, bias: false}
        - silu
        - linear: {out: 8, bias: false}
    name: moe
  - linear: {out: 3, bias: false}
"""


@pytest.mark.parametrize("batch", [1, 3])
def test_experts_are_stored_all_and_run_where_they_are_active(batch: int) -> None:
    """An expert has 8*16 + 16*8 = 256 params and takes 5 * 256 = 1,280 multiply-adds for the 5 tokens."""
    report = costcalc.estimate(costcalc.build(load_text(SPEC)), batch)
    router, head = 4 * 8, 8 * 3
    assert report.totals.params == 4 * 256 + router + head
    assert report.totals.params_active == 2 * 256 + router + head
    assert report.totals.macs == batch * (2 * 1280 + 5 * router + 5 * head)
    rows = {row.path: row for row in report.rows()}
    assert rows["moe.expert.linear"].params == 4 * 128
    assert rows["moe.expert.linear"].macs == batch * 2 * 5 * 128
    assert sum(row.cost.params_active for row in rows.values()) == report.totals.params_active


# what comes out, by hand; tests/reference/test_kernels.py runs it
VALUES = """
mixture_of_experts:
  - why: the logits are 0, ln 3 and -5, the first two are chosen; 0.75 * 8 + 0.25 * 4
    arguments: {experts: 3, active: 2}
    inputs: [[[1]], [[4]], [[8]], [[100]]]
    weights: {router: [[0], [1.0986122886681098], [-5]]}
    output: [[7]]
  - why: one expert speaks for all, and the gates add up to 1
    arguments: {experts: 3, active: 2}
    inputs: [[[1], [2]], [[4, 5], [8, 9]]]
    weights: {router: [[0], [1], [2]]}
    output: [[4, 5], [8, 9]]
"""
