"""How many rows there are is known before any is made, and the first in any order are found without the others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import islice

import pytest

import costcalc
from costcalc.cost.extent import Extent
from costcalc.cost.metrics import SORTS
from costcalc.cost.model import Report

Cost = Callable[..., Report]
Limit = Callable[[int], AbstractContextManager[None]]


def doubling(levels: int, leaf: str = "[{conv: {out: 8, kernel: 1, bias: false}}, relu]") -> str:
    """A block that calls a block twice that calls a block twice ...: `leaf` is there 2^levels times."""
    blocks = "".join(f"\n      b{level}: [b{level + 1}, b{level + 1}]" for level in range(levels))
    return f"""
    input: [8, 6, 5]
    blocks:{blocks}
      b{levels}: {leaf}
    layers: [b0]
    """


SHARED = """
    input: [3, 33, 32]
    blocks:
      unit(width):
        - {conv: {out: width, kernel: 3, padding: 1}}
        - batch_norm
        - add:
            body: [{conv: {out: width, kernel: 1}}, relu]
            skip: []
          name: join
    layers:
      - {conv: {out: 8, kernel: 3}, name: join-er}
      - {unit: {width: 8}, name: first, repeat: 3}
      - {unit: {width: 8}, name: second, share: first, repeat: 3}
      - {unit: {width: 8}, name: many, repeat: 100}
      - {unit: {width: 8 + i}, name: grows, repeat: 20}
      - {conv: {out: 4, kernel: 1}, name: aux}
      - layers: [relu, {conv: {out: 5, kernel: 1}}]
        name: group
        from: grows
      - add:
          body: [{conv: {out: 5, kernel: 1}}, relu]
          skip: []
        name: join
    output: join
    """


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("name", ["shared", "resnet18", "googlenet_aux", "mixtral_8x7b", "densenet121"])
def test_every_order_is_that_of_a_sorted_list(cost: Cost, name: str, sort: str) -> None:
    """Python's own stable sort of all rows says the same, at every depth."""
    report = cost(SHARED) if name == "shared" else costcalc.estimate(costcalc.build(costcalc.load(name)), 2)
    for depth in (None, 1, 2, 3, 4):
        rows = list(report.rows(depth))
        if sort == "path":
            rows.sort(key=lambda row: row.path)
        elif sort != "position":
            rows.sort(key=lambda row: -getattr(row.cost, sort))
        found = list(report.ordered(sort, depth))
        assert [(row.path, row.cost) for row in found] == [(row.path, row.cost) for row in rows]


def test_rows_are_counted_as_they_are_made(cost: Cost) -> None:
    """On every level, with equal neighbours in one row or each in its own."""
    report = cost(SHARED)
    for depth in (None, 1, 2, 3, 4, 5, 9):
        assert report.extent.printed(depth) == len(list(report.rows(depth)))
        assert sum(blocks for _, blocks in report.extent.levels[:depth]) == len(list(report.blocks(depth)))
    assert report.extent.rows() == len(list(report.rows())) + len(list(report.blocks()))
    assert Extent(report, 10**9).printed() == len(list(report.rows(fold=10**9)))


def test_the_first_of_two_to_the_sixtieth_layers(cost: Cost, at_most: Limit) -> None:
    """60 levels: 2^60 convolutions and as many relus; the costliest are convolutions of 8 x 8 x 6 x 5 = 1,920."""
    with at_most(250_000):
        report = cost(doubling(60))
        assert report.totals.layers == report.extent.printed() == 2**61
        assert report.extent.rows() == 2**61 + 2**61 - 1  # and 1 + 2 + 4 + ... + 2^60 blocks
        first = ".".join(f"b{level}" for level in range(61))
        for sort in ("position", "path", "macs", "params"):
            row = next(report.ordered(sort))
            assert (row.path, row.macs, row.params) == (f"{first}.conv", 1920, 64)
        three = [row.path for row in islice(report.ordered("macs"), 3)]
        assert three == [f"{first}.conv", f"{first}_2.conv", f"{first[:-4]}_2.b60.conv"]
        assert [row.macs for row in islice(report.ordered("macs", 2), 2)] == [1920 * 2**59] * 2


def test_what_cannot_be_printed_is_cut_where_it_can(cost: Cost) -> None:
    """Of doubling blocks a million rows are levels 1 to 19: 2^19 - 1 = 524,287; ten thousand are 1 to 13: 8,191."""
    cut = cost(doubling(60)).extent.cut(None)
    assert cut is not None
    assert (cut.depth, cut.rows, cut.deepest) == (13, 2**62 - 1, 19)
    assert cost(doubling(60)).extent.cut(19) is None
    assert cost(doubling(17)).extent.cut(None) is None


def test_many_instances_that_do_not_run_are_named_together(cost: Cost, at_most: Limit) -> None:
    """A thousand million auxiliary layers are one name in `not_run`."""
    with at_most(20_000):
        report = cost("""
            input: [4]
            layers:
              - {relu: , name: out}
              - {linear: {out: 4}, name: aux, repeat: 1000000000}
              - {linear: {out: 4}, name: few, repeat: 2}
            output: out
        """)
        assert report.graph.not_run == ("aux[0..999999999]", "few[0]", "few[1]")
