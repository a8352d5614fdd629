"""Layers are matched by path, then by alignment, never by index."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import pairwise

import pytest

from costcalc.cost.model import Report
from costcalc.versions.difference import ModelDifference, difference
from costcalc.versions.match_layers import common, match
from costcalc.versions.piece import Piece
from costcalc.versions.snapshot import Measured

Cost = Callable[..., Report]
Limit = Callable[[int], AbstractContextManager[None]]


def compare(cost: Cost, before: str, after: str) -> ModelDifference:
    """The difference of two lists of layers on a small image."""
    old, new = (Measured(cost(f"input: [3, 9, 10]\nlayers:\n{layers}")) for layers in (before, after))
    (model,) = difference("old", "new", {"old": old}, {"new": new}).models
    return model


def told(model: ModelDifference) -> list[tuple[str, str | None, str]]:
    """Status, path before and path now of what is not the same."""
    return [
        (change.status, change.before.path if change.before else None, change.path)
        for change in model.changes
        if change.status != "same"
    ]


def test_a_layer_put_first_does_not_shift_the_others(cost: Cost) -> None:
    """The automatic names conv, conv_2 become conv_2, conv_3: one layer was added, and two have moved."""
    before = "  - conv: {out: 4, kernel: 1}\n  - conv: {out: 5, kernel: 3}\n"
    after = "  - conv: {out: 3, kernel: 1}\n" + before
    assert told(compare(cost, before, after)) == [
        ("added", None, "conv"),
        ("moved", "conv", "conv_2"),
        ("moved", "conv_2", "conv_3"),
    ]


def test_a_layer_taken_out_of_the_middle(cost: Cost) -> None:
    """Two equal neighbours stay what they were; only the one between them is gone."""
    first, last = "  - conv: {out: 4, kernel: 1}\n  - relu\n", "  - relu\n  - conv: {out: 7, kernel: 1}\n"
    before, after = f"{first}  - conv: {{out: 4, kernel: 3, padding: 1}}\n{last}", first + last
    assert told(compare(cost, before, after)) == [("removed", "conv_2", "conv_2"), ("moved", "conv_3", "conv_2")]


def test_a_changed_layer_keeps_its_path(cost: Cost) -> None:
    """Another width: the same layer, changed, and so are those that depend on it."""
    before = "  - {conv: {out: 4, kernel: 3}, name: first}\n  - batch_norm\n  - {conv: {out: 5}, name: last}\n"
    before = before.replace("{out: 5}", "{out: 5, kernel: 1}")
    after = before.replace("out: 4", "out: 6")
    model = compare(cost, before, after)
    assert told(model) == [
        ("changed", "first", "first"),
        ("changed", "batch_norm", "batch_norm"),
        ("changed", "last", "last"),
    ]
    # 3x3 over 7 x 8 positions, 3 channels: 27 weights an output channel, two more of them
    assert model.changes[0].numbers("macs") == (4 * 27 * 56, 6 * 27 * 56)


def test_a_renamed_stage_is_the_same_stage(cost: Cost) -> None:
    """Every layer of `old` is found again in `new`, also where its width has changed."""
    inside = "      - conv: {{out: {}, kernel: 1}}\n      - relu\n      - conv: {{out: 5, kernel: 3}}\n"
    stage = f"  - layers:\n{inside}    name: {{}}\n"
    model = compare(cost, stage.format(4, "one"), stage.format(4, "two"))
    assert told(model) == [
        ("moved", "one.conv", "two.conv"),
        ("moved", "one.relu", "two.relu"),
        ("moved", "one.conv_2", "two.conv_2"),
    ]
    model = compare(cost, stage.format(4, "one"), stage.format(6, "two"))
    assert [(before, now) for _, before, now in told(model)] == [
        ("one.conv", "two.conv"),
        ("one.relu", "two.relu"),
        ("one.conv_2", "two.conv_2"),
    ]


def test_one_more_instance_of_a_repeat(cost: Cost) -> None:
    """The first three stay, the fourth is added."""
    text = "  - {{conv: {{out: 3, kernel: 1}}, repeat: {}, name: stage}}\n"
    assert told(compare(cost, text.format(3), text.format(4))) == [("added", None, "stage[3]")]


def test_an_op_that_became_another(cost: Cost) -> None:
    """Under the same name, a layer that is now another op has changed."""
    model = compare(cost, "  - {relu: , name: act}\n", "  - {gelu: , name: act}\n")
    assert told(model) == [("changed", "act", "act")]


def test_equal_networks_do_not_differ(cost: Cost) -> None:
    assert compare(cost, "  - relu\n  - gelu\n", "  - relu\n  - gelu\n").status == "same"


def test_every_layer_is_told_once_and_gone_ones_where_they_stood() -> None:
    """Whatever the two lists are: nothing is lost, nothing is doubled, and the order is that of the new list."""
    names = "abcdefgh"
    before = [Piece(name, "op" + name, {}) for name in names]
    after = [Piece(name, "op" + name, {}) for name in "cxaybhz"]
    pairs = match(before, after)
    assert sorted(old.path for old, _ in pairs if old) == sorted(names)
    assert [new.path for _, new in pairs if new] == list("cxaybhz")
    assert [(old and old.path, new and new.path) for old, new in match(before[:3], [before[0], before[2]])] == [
        ("a", "a"),
        ("b", None),
        ("c", "c"),
    ]


def test_a_difference_adds_up(cost: Cost) -> None:
    """The changes of layers sum to the change of the totals, whatever was added, removed and moved."""
    before = "  - conv: {out: 4, kernel: 1}\n  - relu\n  - conv: {out: 5, kernel: 3}\n  - conv: {out: 6, kernel: 1}\n"
    after = "  - conv: {out: 2, kernel: 3}\n  - conv: {out: 4, kernel: 1}\n  - conv: {out: 6, kernel: 1}\n  - gelu\n"
    model = compare(cost, before, after)
    for metric, (was, now) in model.totals.items():
        if metric != "peak_activation_bytes":
            pairs = [change.numbers(metric) for change in model.changes]
            assert sum(old for old, _ in pairs) == was
            assert sum(new for _, new in pairs) == now


@pytest.mark.parametrize(
    ("before", "after", "pairs"),
    [
        ([*range(3000)], [*range(1000), -1, *range(1000, 2500), *range(2600, 3000)], 2900),  # 1 new, 100 gone
        ([7] * 3000, [7] * 2990, 2990),
        ([1, 2] * 1500, [2, 3] * 1500, 1500),
        ([*range(3000)], [*range(1500, 3000), *range(1500)], 1500),  # halves changed places: one of them moved
        ([1] * 3000, [2] * 3000, 0),
    ],
)
def test_long_lists_are_aligned_in_pieces(before: list[int], after: list[int], pairs: int, at_most: Limit) -> None:
    """Where every pair would be looked at, 9 million of them: in order, equal with equal, as many as a hand count."""
    with at_most(200_000):
        found = sorted(common(before, after))
    assert len(found) == pairs
    assert all(before[was] == after[now] for was, now in found)
    assert all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(found))
