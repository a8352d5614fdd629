"""How layers are called: every form of path, exactly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from costcalc.cost.model import Report
from costcalc.errors import SpecError

Cost = Callable[..., Report]


def paths(report: Report) -> list[str]:
    return [row.path for row in report.rows()]


def test_an_unnamed_layer_is_called_by_its_op_or_block_and_counted_in_its_list(cost: Cost) -> None:
    """The second `relu` of a list is `relu_2`, the third `relu_3`; every list begins anew."""
    report = cost("""
        input: [3]
        blocks:
          block: [relu, sigmoid, relu]
        layers: [relu, block, relu, sigmoid, block, relu]
    """)
    assert paths(report) == [
        "relu",
        "block.relu",
        "block.sigmoid",
        "block.relu_2",
        "relu_2",
        "sigmoid",
        "block_2.relu",
        "block_2.sigmoid",
        "block_2.relu_2",
        "relu_3",
    ]


def test_a_named_layer_takes_no_number(cost: Cost) -> None:
    """And a number that is somebody's name is passed over."""
    report = cost("""
        input: [3]
        layers:
          - relu
          - relu:
            name: act
          - relu
          - sigmoid:
            name: relu_3
          - relu
    """)
    assert paths(report) == ["relu", "act", "relu_2", "relu_3", "relu_4"]


def test_branches_of_an_unnamed_join_stand_in_its_list(cost: Cost) -> None:
    """Under their own names; the join itself is called by its op, and the second one is counted."""
    report = cost("""
        input: [3]
        blocks:
          residual:
            - add:
                body: [relu, relu]
                shortcut: []
            - add:
                main: [relu]
                around: []
        layers:
          - residual:
            repeat: 2
            name: stage1
    """)
    assert paths(report)[:6] == [
        "stage1[0].body.relu",
        "stage1[0].body.relu_2",
        "stage1[0].add",
        "stage1[0].main.relu",
        "stage1[0].add_2",
        "stage1[1].body.relu",
    ]


def test_a_branch_name_used_twice_in_a_list_needs_named_joins(cost: Cost) -> None:
    """A named join stands before its branches, and its op under its own name."""
    text = """
        input: [3]
        layers:
          - add:
              body: [relu]
              shortcut: []
          - add:
              body: [relu]
              shortcut: []
            NAME
    """
    with pytest.raises(SpecError, match="the name 'body' is used twice in one list"):
        cost(text.replace("NAME", ""))
    assert paths(cost(text.replace("NAME", "name: fuse"))) == ["body.relu", "add", "fuse.body.relu", "fuse"]


def test_a_repeated_join_always_stands_before_its_branches(cost: Cost) -> None:
    report = cost("""
        input: [3]
        layers:
          - add:
              body: [relu]
              shortcut: []
            repeat: 2
          - mul:
              body: [relu]
              shortcut: []
            repeat: 1
            name: gate
    """)
    assert paths(report) == [
        "add[0].body.relu",
        "add[0]",
        "add[1].body.relu",
        "add[1]",
        "gate[0].body.relu",
        "gate[0]",
    ]


def test_a_group_is_called_group(cost: Cost) -> None:
    report = cost("""
        input: [3]
        layers:
          - layers: [relu]
          - layers: [relu]
            repeat: 2
          - layers: [relu]
            name: head
    """)
    assert paths(report) == ["group.relu", "group_2[0].relu", "group_2[1].relu", "head.relu"]


def test_what_a_parameter_holds_gives_the_name(cost: Cost) -> None:
    """`stem.relu`; a block's name for a block; nothing for `none`, not even a number."""
    report = cost("""
        args: {first: relu, second: {leaky_relu: {slope: 0.1}}, third: unit, fourth: none}
        input: [3]
        blocks:
          unit: [sigmoid]
          stem(act):
            - act
            - act:
            - relu
        layers:
          - stem: {act: first}
          - first
          - second
          - third
          - fourth
          - first
          - first:
            name: own
          - first:
            repeat: 2
          - stem: {act: fourth}
    """)
    assert paths(report) == [
        "stem.relu",
        "stem.relu_2",
        "stem.relu_3",
        "relu",
        "leaky_relu",
        "unit.sigmoid",
        "relu_2",
        "own",
        "relu_3[0]",
        "relu_3[1]",
        "stem_2.relu",
    ]


def test_a_repeat_is_a_block_of_its_own_above_its_instances(cost: Cost) -> None:
    """Every block, group, branch, named join and repeat, outer before inner, with its parent."""
    report = cost("""
        input: [3]
        blocks:
          unit:
            - add:
                body: [{linear: {out: 3}}]
                shortcut: []
        layers:
          - unit:
            repeat: 2
            name: stage1
          - add:
              body: [relu]
              shortcut: []
            name: fuse
          - layers: [relu]
          - relu:
            repeat: 2
    """)
    assert [(row.path, row.block, row.count, row.parent) for row in report.blocks()] == [
        ("stage1", "unit", 2, ""),
        ("stage1[0]", "unit", 1, "stage1"),
        ("stage1[0].body", "branch", 1, "stage1[0]"),
        ("stage1[1]", "unit", 1, "stage1"),
        ("stage1[1].body", "branch", 1, "stage1[1]"),
        ("fuse", "add", 1, ""),
        ("fuse.body", "branch", 1, "fuse"),
        ("group", "group", 1, ""),
        ("relu", "relu", 2, ""),
    ]


def test_names_of_ops_that_parameters_hold_do_not_hide_branches(cost: Cost) -> None:
    """A branch called like the op that a parameter happens to hold would stand twice at one path."""
    with pytest.raises(SpecError, match="the name 'relu' is used twice in one list"):
        cost("""
            args: {act: relu}
            input: [3]
            layers:
              - act
              - add:
                  relu: [sigmoid]
                  shortcut: []
        """)
