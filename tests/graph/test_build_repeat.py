"""`repeat`: how often, in which order things are evaluated, what `i` is, and how instances are chained and named."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from costcalc.cost.model import Report
from costcalc.errors import SpecError
from costcalc.graph.model import Block

Cost = Callable[..., Report]
Limit = Callable[[int], AbstractContextManager[None]]


def outputs(report: Report) -> dict[str, list[int]]:
    """Path -> output shape of every layer."""
    return {row.path: list(row.output) for row in report.rows()}


def test_instances_are_chained_and_named_by_their_index(cost: Cost) -> None:
    """3 -> 4 -> 4 -> 4 features, of an op and of a block; unnamed they are called by their op or block."""
    report = cost("""
        input: [3]
        blocks:
          layer(out):
            - linear: {out: out}
            - relu
        layers:
          - layer: {out: 4}
            repeat: 2
            name: stage1
          - linear: {out: 5}
            repeat: 2
          - layer: {out: 4}
            repeat: 1
    """)
    assert {row.path: (list(row.input[0]), list(row.output)) for row in report.rows()} == {
        "stage1[0].linear": ([3], [4]),
        "stage1[0].relu": ([4], [4]),
        "stage1[1].linear": ([4], [4]),
        "stage1[1].relu": ([4], [4]),
        "linear[0]": ([4], [5]),
        "linear[1]": ([5], [5]),
        "layer[0].linear": ([5], [4]),
        "layer[0].relu": ([4], [4]),
    }


@pytest.mark.parametrize("count", ["0", "2 - 2", "depths[0]"])
def test_no_instance_passes_the_first_input_through(cost: Cost, count: str) -> None:
    report = cost(f"""
        args: {{depths: [0]}}
        input: [3]
        layers:
          - linear: {{out: 4}}
          - linear: {{out: 5}}
            repeat: {count}
            name: stage
          - linear: {{out: 7}}
          - linear: {{out: 2}}
            from: stage
    """)
    assert list(report.find("linear_2").input[0]) == [4]
    assert list(report.find("linear_3").input[0]) == [4]


def test_the_name_of_a_repeat_is_its_last_instance(cost: Cost) -> None:
    report = cost("""
        input: [3]
        layers:
          - linear: {out: 10 + i}
            repeat: 3
            name: stage
          - relu
          - sigmoid:
            from: stage
    """)
    assert list(report.find("sigmoid").input[0]) == [12]


def test_a_single_instance_cannot_be_named(cost: Cost) -> None:
    with pytest.raises(SpecError, match="no earlier layer is called"):
        cost("""
            input: [3]
            layers:
              - relu:
                repeat: 3
                name: stage
              - relu:
                from: "stage[1]"
        """)


# --- order of evaluation ---------------------------------------------------------------------------------------------


def test_repeat_is_evaluated_once_outside_with_the_enclosing_index(cost: Cost) -> None:
    """An `i` in `repeat` is the enclosing repeat's: 1, 2 and 3 instances; inside, each has its own from 0."""
    report = cost("""
        input: [3]
        layers:
          - layers:
              - linear: {out: 10 * i + 1}
                repeat: i + 1
            repeat: 3
            name: outer
    """)
    assert outputs(report) == {
        "outer[0].linear[0]": [1],
        "outer[1].linear[0]": [1],
        "outer[1].linear[1]": [11],
        "outer[2].linear[0]": [1],
        "outer[2].linear[1]": [11],
        "outer[2].linear[2]": [21],
    }


def test_when_and_arguments_are_evaluated_for_every_instance(cost: Cost) -> None:
    """With its own `i`: instances 1 and 3 exist, keep their index, and are chained past the others."""
    report = cost("""
        input: [3]
        layers:
          - linear: {out: 10 + i}
            repeat: 5
            when: i % 2 == 1
            name: odd
    """)
    assert {row.path: (list(row.input[0]), list(row.output)) for row in report.rows()} == {
        "odd[1]": ([3], [11]),
        "odd[3]": ([11], [13]),
    }


def test_arguments_see_the_shape_at_the_input_of_the_block_and_not_of_the_instance(cost: Cost) -> None:
    """`x` is the same for every instance in one list; only a block has an `x` of its own."""
    report = cost("""
        input: [3]
        blocks:
          grow:
            - linear: {out: 2 * x.features}
        layers:
          - linear: {out: 2 * x.features}
            repeat: 2
          - grow:
            repeat: 2
    """)
    assert outputs(report) == {"linear[0]": [6], "linear[1]": [6], "grow[0].linear": [12], "grow[1].linear": [24]}


def test_the_index_is_not_seen_by_the_block_that_is_called(cost: Cost) -> None:
    with pytest.raises(SpecError, match="unknown name 'i'"):
        cost("""
            input: [3]
            blocks:
              block:
                - linear: {out: i + 1}
            layers:
              - block:
                repeat: 2
        """)


def test_the_index_reaches_groups_and_branches_but_not_an_inner_repeat(cost: Cost) -> None:
    report = cost("""
        input: [3]
        layers:
          - layers:
              - concat:
                  axis: 0
                  a:
                    - linear: {out: i + 1}
                  b: {when: i == 1, layers: []}
              - linear: {out: 20 + i}
                repeat: 2
            repeat: 2
    """)
    assert outputs(report) == {
        "group[0].a.linear": [1],
        "group[0].linear[0]": [20],
        "group[0].linear[1]": [21],
        "group[1].a.linear": [2],
        "group[1].concat": [2 + 21],
        "group[1].linear[0]": [20],
        "group[1].linear[1]": [21],
    }


def test_a_list_indexed_by_the_instance(cost: Cost) -> None:
    report = cost("""
        args: {widths: [4, 7, 5]}
        input: [3]
        layers:
          - linear: {out: "widths[i]"}
            repeat: len(widths)
    """)
    assert list(outputs(report).values()) == [[4], [7], [5]]


# --- several inputs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inputs", ["[up, enc]", "{x: up, skip: enc}", "{skip: enc, x: up}", "{skip: enc}"])
def test_instances_chain_on_the_first_input_and_share_the_others(cost: Cost, inputs: str) -> None:
    """However `from` is written. Each concat sees 5 features (7 at first) and the same 4: 5 + 4 = 9."""
    report = cost(f"""
        input: [3]
        blocks:
          fuse from x, skip:
            - concat: {{axis: 0}}
              from: [x, skip]
            - linear: {{out: 5}}
        layers:
          - linear: {{out: 4}}
            name: enc
          - linear: {{out: 7}}
            name: up
          - fuse:
            from: {inputs}
            repeat: 3
    """)
    seen = [[list(shape) for shape in report.find(f"fuse[{k}].concat").input] for k in range(3)]
    assert seen == [[[7], [4]], [[5], [4]], [[5], [4]]]


def test_an_op_with_a_list_of_inputs_repeats_too(cost: Cost) -> None:
    """3 + 4 = 7, 7 + 4 = 11, 11 + 4 = 15 features."""
    report = cost("""
        input: [3]
        layers:
          - linear: {out: 4}
            name: a
          - concat: {axis: 0}
            from: [input, a]
            repeat: 3
    """)
    assert outputs(report) == {"a": [4], "concat[0]": [7], "concat[1]": [11], "concat[2]": [15]}


def test_a_repeated_join_chains_its_branches(cost: Cost) -> None:
    """Each instance doubles the features; a branch that says `from` starts at the same tensor every time."""
    report = cost("""
        input: [3]
        layers:
          - linear: {out: 1}
            name: one
          - concat:
              axis: features
              a: []
              b: []
              c: {from: one}
            repeat: 3
    """)
    assert outputs(report) == {"one": [1], "concat[0]": [3], "concat[1]": [7], "concat[2]": [15]}


@pytest.mark.parametrize("call", ["block:", "layers: [{linear: {out: 3}, from: x}]", "parameter: {shape: [3]}"])
def test_instances_that_take_nothing_from_one_another_are_an_error(cost: Cost, call: str) -> None:
    """All but the last would be made for nothing; one alone is a layer like any other."""
    text = f"""
        input: [3]
        blocks:
          block: [{{parameter: {{shape: [3]}}}}]
        layers:
          - linear: {{out: 3}}
            name: a
          - {call}
            repeat: COUNT
            name: b
          - add:
            from: [a, b]
    """
    assert cost(text.replace("COUNT", "1")).output == {"add": (3,)}
    for count in ("2", "1000000"):
        with pytest.raises(SpecError, match="the instances of 'b' do not take what the one before made"):
            cost(text.replace("COUNT", count))


# --- equal instances -------------------------------------------------------------------------------------------------


def edges(report: Report) -> list[tuple[str, int | None, int]]:
    return [(edge.name, edge.start, edge.count) for edge in report.graph.root.edges]


RESNET = """
    input: [4, 8, 10]
    blocks:
      unit(out, stride=1):
        - add:
            body:
              - conv: {out: out, kernel: 3, stride: stride, padding: 1}
            shortcut:
              - conv: {out: out, kernel: 1, stride: stride}
                when: stride != 1 or x.channels != out
    layers:
      - unit: {out: 6, stride: 2 if i == 0 else 1}
        repeat: COUNT
        name: stage
      - unit: {out: 6}
"""


def test_equal_instances_are_one_object(cost: Cost) -> None:
    """The first has a stride and a projection; the others are one edge, and the same object as a call like them."""
    report = cost(RESNET.replace("COUNT", "4"))
    assert edges(report) == [("stage", 0, 1), ("stage", 1, 3), ("unit", None, 1)]
    first, others, alone = (edge.child for edge in report.graph.root.edges)
    assert others is alone
    assert others is not first


def test_a_million_instances_cost_one(cost: Cost, at_most: Limit) -> None:
    """Also with `2 if i == 0 else 1`. By hand, on 4 x 5 positions: each of the others has 6 x 6 x 9 weights.

    The first has 4 x 6 x 9 and 4 x 6 weights; every convolution has 6 biases.
    """
    with at_most(20_000):
        report = cost(RESNET.replace("COUNT", "1000000"))
    assert report.totals.params == (4 * 6 * 9 + 6) + (4 * 6 + 6) + 1_000_000 * (6 * 6 * 9 + 6)
    assert report.totals.macs == 4 * 5 * (4 * 6 * 9 + 4 * 6 + 1_000_000 * 6 * 6 * 9)
    assert report.totals.layers == 3 + 2 * 1_000_000
    assert report.peak().bytes == 4 * (4 * 80 + 2 * 6 * 20)
    assert edges(report) == [("stage", 0, 1), ("stage", 1, 999_999), ("unit", None, 1)]


def test_a_million_instances_whose_conditions_differ_early(cost: Cost, at_most: Limit) -> None:
    """Comparisons with `<`, chains and a condition that leaves some out: past the largest constant all are equal."""
    with at_most(20_000):
        report = cost("""
            input: [4]
            layers:
              - linear: {out: 4, bias: 0 < i <= 2 or i == 5}
                repeat: 1000000
                when: not i < 1
                name: a
              - relu:
                when: i < 3
                repeat: 1000000
        """)
    assert report.totals.params == 999_999 * 16 + 3 * 4
    assert report.totals.layers == 999_999 + 3
    assert edges(report) == [("a", 1, 2), ("a", 3, 2), ("a", 5, 1), ("a", 6, 999_994), ("relu", 0, 3)]


def test_a_bound_may_be_computed(cost: Cost) -> None:
    """What `i` is compared with is a value of its own: half the depth, here 500,000."""
    report = cost("""
        args: {depth: 1000000}
        input: [4]
        layers:
          - linear: {out: 4, bias: i < 3 or i == 1 + 2}
            repeat: depth
    """)
    assert edges(report) == [("linear", 0, 4), ("linear", 4, 999_996)]


@pytest.mark.parametrize(
    ("bias", "runs"),
    [
        ("i % 2 == 0", [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1)]),
        ("2 * i < 6", [(0, 3), (3, 3)]),
        ("flags[i]", [(0, 2), (2, 4)]),
        ("i == i", [(0, 6)]),
        ("1 < i and i < 4", [(0, 2), (2, 2), (4, 2)]),
        ("(i if i > 2 else 0) == 5", [(0, 5), (5, 1)]),
    ],
)
def test_instances_that_may_differ_at_any_index_are_looked_at_one_by_one(
    cost: Cost, bias: str, runs: list[tuple[int, int]]
) -> None:
    """Equal neighbours are still one edge."""
    report = cost(f"""
        args: {{flags: [true, true, false, false, false, false]}}
        input: [4]
        layers:
          - linear: {{out: 4, bias: "{bias}"}}
            repeat: 6
    """)
    assert [(start, count) for _, start, count in edges(report)] == runs


def test_a_repeat_inside_a_repeat_is_one_edge_of_one_edge(cost: Cost) -> None:
    report = cost("""
        input: [4]
        layers:
          - layers:
              - linear: {out: 4}
                repeat: 1000
            repeat: 1000
    """)
    (outer,) = report.graph.root.edges
    assert isinstance(outer.child, Block)
    (inner,) = outer.child.edges
    assert (outer.count, inner.count) == (1000, 1000)
    assert report.totals.params == 1000 * 1000 * 20


def test_instances_whose_shape_changes_are_different_objects(cost: Cost) -> None:
    """Each valid 3-wide convolution takes two off the width: 11, 9, 7."""
    report = cost("""
        input: [2, 11]
        layers:
          - conv: {out: 2, kernel: 3}
            repeat: 4
    """)
    assert list(outputs(report).values()) == [[2, 9], [2, 7], [2, 5], [2, 3]]
    assert len({edge.child for edge in report.graph.root.edges}) == 4


def test_equal_calls_are_the_same_object_wherever_they_stand(cost: Cost) -> None:
    """In another block, a branch or a group, and with a default that is written out."""
    report = cost("""
        input: [4]
        blocks:
          unit(out, bias=true):
            - linear: {out: out, bias: bias}
          other:
            - unit: {out: 4}
        layers:
          - unit: {out: 4}
          - other
          - layers: [{unit: {out: 4, bias: true}}]
          - add:
              a: [{unit: {out: 2 + 2}}]
              b: []
          - unit: {out: 4, bias: false}
    """)
    one, other, group, branch, _, unlike = (edge.child for edge in report.graph.root.edges)
    assert isinstance(one, Block)
    inner = [block.edges[0].child for block in (other, group, branch) if isinstance(block, Block)]
    assert inner == [one] * 3
    assert unlike is not one
