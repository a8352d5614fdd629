"""Rows: every depth adds up to the totals, a block's row is the sum of its parts, equal neighbours are one row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

import costcalc
from costcalc.cost.metrics import Cost as Numbers
from costcalc.cost.model import Report
from costcalc.cost.walk import FOLD, level
from costcalc.errors import CostcalcError, UnknownChoice
from costcalc.graph.model import Layer
from costcalc.spec.find import bundled, bundled_variants

Cost = Callable[..., Report]
Limit = Callable[[int], AbstractContextManager[None]]

NAMES = sorted((*bundled(), *bundled_variants()))


def enclosing(path: str) -> set[str]:
    """`a[0].b` -> `a`, `a[0]` and itself, which is the block of a named join."""
    return {path, *(path[:place] for place, character in enumerate(path) if character in ".[")}


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_every_depth_add_up_on_every_bundled_spec(name: str) -> None:
    """Every number of every row: params, buffers, bytes, macs, activations, layers; and below every block."""
    report = costcalc.estimate(costcalc.build(costcalc.load(name)), 3)
    layers = list(report.rows(fold=10**9))
    deepest = max(level(row.path) for row in layers)
    for depth in (None, *range(1, deepest + 1)):
        assert sum((row.cost for row in report.rows(depth)), Numbers()) == report.totals
        assert all(level(row.path) <= depth for row in report.rows(depth) if depth)
    below: dict[str, Numbers] = defaultdict(Numbers)
    for row in layers:
        for path in enclosing(row.path):
            below[path] += row.cost
    inside: dict[str, Numbers] = defaultdict(Numbers)
    for row in (*(row for row in report.rows() if isinstance(row.child, Layer)), *report.blocks()):
        inside[row.parent] += row.cost
    for block in report.blocks():
        assert inside[block.path] == block.cost
        if ".." not in block.path:
            assert below[block.path] == block.cost
    assert inside[""] == report.totals
    # written out, nothing is folded
    assert all(row.count == 1 for row in layers)
    assert sum(row.run for row in layers) == report.totals.layers


NESTED = """
    input: [4]
    blocks:
      unit:
        - add:
            body: [{linear: {out: 4}}, relu]
            shortcut: []
    layers:
      - linear: {out: 4}
        name: stem
      - unit:
        repeat: 2
        name: stage
      - add:
          body: [{layers: [relu]}]
          shortcut: []
        name: fuse
      - relu:
        repeat: 2
"""


@pytest.mark.parametrize(
    ("depth", "paths"),
    [
        (1, ["stem", "stage", "fuse", "relu"]),
        (2, ["stem", "stage[0]", "stage[1]", "fuse.body", "fuse", "relu[0]", "relu[1]"]),
        (3, ["stem", "stage[0].body", "stage[0].add", "stage[1].body", "stage[1].add", "fuse.body.group", "fuse",
             "relu[0]", "relu[1]"]),
    ],
)  # fmt: skip
def test_what_lies_deeper_is_rolled_up(cost: Cost, depth: int, paths: list[str]) -> None:
    """Every name is a level and every index is one; what is less deep stays as it is."""
    assert [row.path for row in cost(NESTED).rows(depth)] == paths


def test_a_depth_beyond_the_deepest_changes_nothing(cost: Cost) -> None:
    report = cost(NESTED)
    assert [row.path for row in report.rows(9)] == [row.path for row in report.rows()]


@pytest.mark.parametrize(
    ("path", "expected"),
    [("stem", 1), ("stage1", 1), ("stage1[0]", 2), ("stage1[1..999]", 2), ("stage1[0].conv", 3), ("a[0].b[1].c", 5)],
)
def test_the_level_of_a_path(path: str, expected: int) -> None:
    assert level(path) == expected


def test_a_rolled_up_row_says_what_it_stands_for(cost: Cost) -> None:
    report = cost(NESTED, batch=5)
    stage = report.find("stage")
    assert (stage.op, stage.count, stage.stored, stage.run, stage.parent) == ("unit", 2, 2, 2, "")
    assert (stage.input, stage.output) == (((4,),), (4,))
    assert (stage.params, stage.macs) == (2 * 20, 5 * 2 * 16)
    one = report.find("stage[1]")
    assert (one.op, one.count, one.parent, one.params, one.macs) == ("unit", 1, "stage", 20, 5 * 16)
    assert report.find("stage[1].body").parent == "stage[1]"
    assert report.find("stage[1].body.linear").parent == "stage[1].body"


def test_parts_are_what_stands_directly_inside(cost: Cost) -> None:
    report = cost(NESTED)
    inside = {block.path: [row.path for row in report.parts(block.path)] for block in report.blocks()}
    assert inside == {
        "stage": ["stage[0]", "stage[1]"],
        "stage[0]": ["stage[0].body", "stage[0].add"],
        "stage[0].body": ["stage[0].body.linear", "stage[0].body.relu"],
        "stage[1]": ["stage[1].body", "stage[1].add"],
        "stage[1].body": ["stage[1].body.linear", "stage[1].body.relu"],
        "fuse": ["fuse.body", "fuse"],
        "fuse.body": ["fuse.body.group"],
        "fuse.body.group": ["fuse.body.group.relu"],
        "relu": ["relu[0]", "relu[1]"],
    }
    assert [row.path for row in report.parts("")] == ["stem", "stage", "fuse", "relu"]


# --- many equal instances --------------------------------------------------------------------------------------------

MANY = """
    input: [3]
    blocks:
      unit(out):
        - linear: {out: out}
    layers:
      - unit: {out: 4}
        repeat: COUNT
        name: stage
"""


def test_more_than_64_equal_instances_are_one_row(cost: Cost) -> None:
    """The first differs: it stands alone. 64 are written out."""
    paths = [row.path for row in cost(MANY.replace("COUNT", str(FOLD + 1))).rows()]
    assert paths == [f"stage[{k}].linear" for k in range(65)]
    report = cost(MANY.replace("COUNT", str(FOLD + 2)))
    rows = {row.path: row for row in report.rows()}
    assert list(rows) == ["stage[0].linear", "stage[1..65].linear"]
    row = rows["stage[1..65].linear"]
    assert (row.count, row.stored, row.run, row.params, row.macs) == (65, 65, 65, 65 * 20, 65 * 16)
    assert (row.input, row.output) == (((4,),), (4,))
    assert [(block.path, block.count) for block in report.blocks()] == [
        ("stage", 66),
        ("stage[0]", 1),
        ("stage[1..65]", 65),
    ]


def test_any_index_of_such_a_row_finds_it(cost: Cost) -> None:
    report = cost(MANY.replace("COUNT", "1000"))
    for path in ("stage[1].linear", "stage[500].linear", "stage[999].linear", "stage[1..999].linear"):
        assert report.find(path).path == "stage[1..999].linear"
    assert report.find("stage[7]").path == "stage[1..999]"
    assert report.find("stage").count == 1000
    for path in ("stage[1000].linear", "stage[0..999]", "stage[7].relu", "stage[x]", ""):
        with pytest.raises(UnknownChoice):
            report.find(path)


def test_rows_of_nested_repeats_multiply(cost: Cost) -> None:
    report = cost("""
        input: [4]
        layers:
          - layers:
              - linear: {out: 4}
                repeat: 100
            repeat: 100
    """)
    (row,) = report.rows()
    assert (row.path, row.count, row.params) == ("group[0..99].linear[0..99]", 10_000, 200_000)
    assert report.find("group[5].linear[77]").path == row.path
    assert len(list(report.rows(fold=10_000))) == 10_000


def test_a_million_instances_are_rolled_up_at_once(cost: Cost, at_most: Limit) -> None:
    with at_most(20_000):
        report = cost(MANY.replace("COUNT", "1000000"))
        (row,) = report.rows(1)
        assert (row.params, row.count) == (16 + 999_999 * 20, 1_000_000)
        assert len(list(report.rows())) == 2


def test_more_than_a_million_rows_are_refused(cost: Cost, at_most: Limit) -> None:
    """With what to do about it, and before any is made: 60 x 60 x 60 x 60 of them."""
    report = cost("""
        input: [3]
        blocks:
          a: [{b: , repeat: 60}]
          b: [{c: , repeat: 60}]
          c: [{d: , repeat: 60}]
          d: [{relu: , repeat: 60}]
        layers: [a]
    """)
    assert report.totals.layers == 60**4
    with at_most(2_000_000):
        for rows in (report.rows, report.blocks):
            with pytest.raises(CostcalcError, match="more than 1,000,000 rows: use --depth"):
                list(rows())
        assert report.find("a.b[59].c[7].d[0].relu[33]").path == "a.b[59].c[7].d[0].relu[33]"
        assert [row.path for row in report.parts("a.b[59].c[7].d[0]")] == ["a.b[59].c[7].d[0].relu"]
        with pytest.raises(UnknownChoice, match=r"no layer or block 'a.b\[60\]'"):
            report.find("a.b[60]")
    assert len(list(report.rows(3))) == 60
    assert len(list(report.rows(4))) == 60
    assert len(list(report.rows(5))) == 60 * 60


def test_rows_of_what_is_not_run_count_params_alone(cost: Cost) -> None:
    report = cost("""
        input: [4]
        layers:
          - linear: {out: 4}
            name: head
          - layers: [{linear: {out: 4}}, relu]
            repeat: 100
            name: aux
        output: head
    """)
    rows = {row.path: (row.params, row.macs, row.cost.activations, row.cost.layers, row.run) for row in report.rows()}
    assert rows == {
        "head": (20, 16, 4, 1, 1),
        "aux[0..99].linear": (2000, 0, 0, 0, 0),
        "aux[0..99].relu": (0, 0, 0, 0, 0),
    }
    assert report.find("aux").params == 2000
    assert report.find("aux").macs == 0
    assert report.totals.layers == 1
