"""Why totals differ: macs + differences = total, for every network and convention."""

from __future__ import annotations

from functools import cache

import pytest

import costcalc
from costcalc.conventions.load import load, names
from costcalc.cost.account import account
from costcalc.cost.model import Report
from costcalc.reconcile.lines import Line, Reconciliation, reconcile
from costcalc.spec.find import bundled

CONVENTIONS = [load(name) for name in names()]


@cache
def report(address: str) -> Report:
    return costcalc.estimate(costcalc.build(costcalc.load(address)))


def line(found: Reconciliation, name: str) -> Line:
    return next(one for one in found.lines if name in one.names)


@pytest.mark.parametrize("address", bundled())
def test_differences_add_up_to_the_total(address: str) -> None:
    found = reconcile(report(address), CONVENTIONS)
    assert sorted(name for one in found.lines for name in one.names) == names()
    for one in found.lines:
        if one.account.convention.unit == "activation":
            continue
        assert one.total == report(address).totals.macs + one.difference
        assert one.total == account(report(address), one.account.convention).total
        assert all(row.difference == row.count * (row.weights[1] - row.weights[0]) for row in one.differences)
        assert all(row.difference for row in one.differences)


def test_the_terms_of_fvcore() -> None:
    """22,227,968 = 2 x 11,113,984 elements of batch norms, and 100,352 = 2,048 x 7 x 7 into the last pool."""
    one = line(reconcile(report("resnet50"), CONVENTIONS), "fvcore")
    assert [(row.op, row.quantity, row.weights, row.difference) for row in one.differences] == [
        ("batch_norm", "input_element", (0, 2), 22_227_968),
        ("global_avg_pool", "input_element", (0, 1), 100_352),
    ]
    assert one.no_bias
    assert one.names == ("fvcore", "fvcore-no-grad")


def test_ops_that_count_twice_and_not_at_all() -> None:
    """Without gradients torch's counter sees no attention module: ViT-B/16 loses 6,292,703,232 of its multiply-adds."""
    one = line(reconcile(report("vit_b_16"), CONVENTIONS), "torch-no-grad")
    lost = {(row.op, row.blocks): row.difference for row in one.differences if row.weights == (1, 0)}
    # 12 layers of 4 x 768 x 768 weights at 197 tokens, and 2 x 197 x 197 x 768 products of tokens
    assert lost == {
        ("linear", ("multi_head_attention",)): -12 * 4 * 768 * 768 * 197,
        ("scaled_dot_product_attention", ()): -12 * 2 * 197 * 197 * 768,
    }
    assert one.names == ("torch-no-grad",)


def test_contexts_share_a_line_where_they_say_the_same() -> None:
    shared = {one.names for one in reconcile(report("resnet50"), CONVENTIONS).lines}
    assert ("torch", "torch-2.13", "torch-no-grad") in shared
    apart = {one.names for one in reconcile(report("vit_b_16"), CONVENTIONS).lines}
    assert {("torch",), ("torch-2.13",), ("torch-no-grad",)} <= apart


def test_lines_are_sorted_by_total() -> None:
    totals = [one.total for one in reconcile(report("resnet50"), CONVENTIONS).lines]
    assert totals == sorted(totals)


def test_no_bias_where_there_are_biases_and_none_is_counted() -> None:
    found = reconcile(report("resnet50"), CONVENTIONS)
    without = {name for one in found.lines if one.no_bias for name in one.names}
    assert {"fvcore", "thop", "torch", "paper", "costcalc"} <= without
    assert not {"ptflops", "pycls", "torchinfo", "onnx-tool", "onnx-tool-folded", "keras"} & without
    assert not any(one.no_bias for one in reconcile(report("basic"), CONVENTIONS).lines)
