"""Ops that join tensors: their branches, the forms a branch may have, and which of them exist."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from costcalc.cost.model import Report
from costcalc.errors import SpecError

Cost = Callable[..., Report]


def outputs(report: Report) -> dict[str, list[int]]:
    """Path -> output shape of every layer."""
    return {row.path: list(row.output) for row in report.rows()}


def inputs(report: Report, path: str) -> list[list[int]]:
    (row,) = (row for row in report.rows() if row.path == path)
    return [list(shape) for shape in row.input]


def test_every_branch_starts_from_the_incoming_tensor(cost: Cost) -> None:
    """`[]` is the tensor itself: 3 -> 4 and 3 -> 5 -> 7 beside 3 make 14 features in written order."""
    report = cost("""
        input: [2]
        layers:
          - linear: {out: 3}
          - concat:
              one:
                - linear: {out: 4}
              two:
                - linear: {out: 5}
                - linear: {out: 7}
              three: []
    """)
    assert outputs(report) == {"linear": [3], "one.linear": [4], "two.linear": [5], "two.linear_2": [7], "concat": [14]}
    assert inputs(report, "one.linear") == inputs(report, "two.linear") == [[3]]
    assert inputs(report, "concat") == [[4], [7], [3]]


def test_the_incoming_tensor_is_what_from_says(cost: Cost) -> None:
    report = cost("""
        input: [2]
        layers:
          - linear: {out: 3}
            name: a
          - linear: {out: 5}
          - concat:
              one: [{linear: {out: 4}}]
              two: []
            from: a
    """)
    assert inputs(report, "concat") == [[4], [3]]


@pytest.mark.parametrize("op", ["add", "mul", "concat"])
def test_joins_of_any_number_take_any_names(cost: Cost, op: str) -> None:
    report = cost(f"""
        input: [2]
        layers:
          - {op}:
              "1x1": [relu]
              left and right: [relu]
              ünïcode: []
              x: [sigmoid]
    """)
    assert list(outputs(report)) == ["1x1.relu", "left and right.relu", "x.sigmoid", op]
    assert len(report.find(op).input) == 4


def test_an_argument_of_the_op_is_never_a_branch(cost: Cost) -> None:
    """`axis` of `concat` stands among the branches, in any place."""
    report = cost("""
        input: [2, 5]
        layers:
          - concat:
              a: []
              axis: features
              b: [{linear: {out: 7}}]
    """)
    assert outputs(report)["concat"] == [2, 12]


def test_ops_whose_inputs_differ_name_their_branches(cost: Cost) -> None:
    """`sub` is left - right and `matmul` left @ right, in whatever order they are written."""
    report = cost("""
        input: [2, 5]
        layers:
          - sub:
              right: [{slice: {axis: 0, end: 1}}]
              left: []
          - matmul:
              right:
                - transpose: {order: [1, 0]}
              left: []
            name: product
    """)
    assert inputs(report, "sub") == [[2, 5], [1, 5]]
    assert inputs(report, "product") == [[2, 5], [5, 2]]
    assert outputs(report)["product"] == [2, 2]


@pytest.mark.parametrize(
    ("bias", "shapes"), [("true", [[4, 6], [7, 6], [7, 6], [4, 7]]), ("false", [[4, 6], [7, 6], [7, 6], None])]
)
def test_attention_takes_query_key_value_and_an_optional_bias(cost: Cost, bias: str, shapes: list[list[int]]) -> None:
    """Attention of 4 places to 7 others; a parameter stands in the branch of the bias and ignores the chain."""
    report = cost(f"""
        input: {{words: [4, 6], memory: [7, 6]}}
        layers:
          - scaled_dot_product_attention:
              heads: 2
              value: {{from: memory}}
              bias: {{when: {bias}, layers: [{{parameter: {{shape: [4, 7]}}}}]}}
              key: {{from: memory, layers: [{{linear: {{out: 6}}}}]}}
              query: [{{linear: {{out: 6}}}}]
    """)
    assert [shape and list(shape) for shape in report.find("scaled_dot_product_attention").input] == shapes
    assert report.totals.params == 2 * (36 + 6) + (28 if bias == "true" else 0)


def test_a_branch_may_start_elsewhere(cost: Cost) -> None:
    """`{from: NAME, layers: [...]}` starts there, `{from: NAME}` is that tensor."""
    report = cost("""
        input: [2]
        layers:
          - linear: {out: 3}
            name: skip
          - linear: {out: 5}
          - concat:
              here: []
              there: {from: skip}
              beyond: {from: skip, layers: [{linear: {out: 7}}]}
              start: {from: x, layers: []}
    """)
    assert inputs(report, "concat") == [[5], [3], [7], [2]]
    assert inputs(report, "beyond.linear") == [[3]]


@pytest.mark.parametrize("keys", ["", "name: fuse, ", "repeat: 1, ", "name: fuse, repeat: 1, "])
def test_a_branch_may_start_elsewhere_in_any_join(cost: Cost, keys: str) -> None:
    """Also where the join has a name or repeats, and then sees what is around it as further inputs."""
    report = cost(f"""
        input: [2]
        layers:
          - linear: {{out: 3}}
            name: skip
          - linear: {{out: 5}}
          - {{{keys}concat: {{here: [], there: {{from: skip}}, inside: [{{linear: {{out: 7}}, from: skip}}]}}}}
    """)
    assert report.output.popitem()[1] == (5 + 3 + 7,)


@pytest.mark.parametrize(
    ("flags", "kept"), [((True, True), [2, 3, 4]), ((False, True), [2, 4]), ((True, False), [2, 3])]
)
def test_a_branch_whose_condition_is_false_does_not_exist(
    cost: Cost, flags: tuple[bool, bool], kept: list[int]
) -> None:
    report = cost(
        """
        args: {one: true, two: true}
        input: [2]
        layers:
          - concat:
              always: []
              one: {when: one, layers: [{linear: {out: 3}}]}
              two: {from: x, when: two, layers: [{linear: {out: 4}}]}
        """,
        dict(zip(("one", "two"), flags, strict=True)),
    )
    assert inputs(report, "concat") == [[size] for size in kept]


def test_a_branch_may_have_a_condition_alone(cost: Cost) -> None:
    """`{when: COND}` is the incoming tensor, where it is wanted."""
    text = "{args: {n: 2}, input: [3], layers: [{concat: {a: [], b: {when: n > 1}, c: {when: n > 2, from: x}}}]}"
    assert cost(text).output == {"concat": (6,)}
    assert cost(text, {"n": 3}).output == {"concat": (9,)}


def test_a_branch_whose_layer_is_left_out_is_the_identity(cost: Cost) -> None:
    """`when` on the only layer of a shortcut leaves the shortcut: not the same as a branch that does not exist."""
    report = cost("""
        input: [2]
        layers:
          - add:
              body: [{linear: {out: 2}}]
              shortcut:
                - linear: {out: 2}
                  when: false
    """)
    assert list(outputs(report)) == ["body.linear", "add"]
    assert inputs(report, "add") == [[2], [2]]


@pytest.mark.parametrize("op", ["add", "mul", "concat"])
@pytest.mark.parametrize("name", ["", "name: fuse"])
def test_one_surviving_branch_needs_no_join(cost: Cost, op: str, name: str) -> None:
    """The layer is then that branch: it still has its name, for `from` and as an output."""
    report = cost(f"""
        input: [2]
        layers:
          - {op}:
              body: [{{linear: {{out: 3}}}}]
              shortcut: {{when: 1 == 2, layers: []}}
            {name}
          - relu
          - concat:
            name: both
            from: [relu, {"fuse" if name else op}]
    """)
    assert list(outputs(report)) == ["fuse.body.linear" if name else "body.linear", "relu", "both"]
    assert inputs(report, "both") == [[3], [3]]


def test_one_surviving_identity_is_the_incoming_tensor(cost: Cost) -> None:
    report = cost("""
        input: [2]
        layers:
          - linear: {out: 3}
          - add:
              body: {when: false, layers: [relu]}
              shortcut: []
          - relu
    """)
    assert list(outputs(report)) == ["linear", "relu"]


def test_no_surviving_branch_is_an_error(cost: Cost) -> None:
    with pytest.raises(SpecError, match="no branch of add exists"):
        cost("""
            input: [2]
            layers:
              - add:
                  a: {when: false, layers: []}
                  b: {when: 1 > 2, layers: [relu]}
        """)


def test_joins_broadcast_as_pytorch_does(cost: Cost) -> None:
    """Aligned at the last axis; sizes of 1 are repeated: [3, 1, 5] with [4, 1] and [5] is [3, 4, 5]."""
    report = cost("""
        input: {a: [3, 1, 5], b: [4, 1], c: [5]}
        layers:
          - mul:
            from: [a, b, c]
    """)
    assert report.output == {"mul": (3, 4, 5)}


def test_branches_nest(cost: Cost) -> None:
    """A join in a branch starts its branches where that branch is."""
    report = cost("""
        input: [2]
        layers:
          - concat:
              a:
                - linear: {out: 3}
                - concat:
                    a: [{linear: {out: 4}}]
                    b: []
              b: []
    """)
    assert outputs(report) == {"a.linear": [3], "a.a.linear": [4], "a.concat": [7], "concat": [9]}


def test_a_mixture_of_experts_stores_all_and_runs_the_active(cost: Cost) -> None:
    """By hand: 8 experts of 6 x 5 weights and a router of 8 x 6; a token uses 2 experts, and there are 3 tokens."""
    report = cost("""
        input: [3, 6]
        layers:
          - mixture_of_experts:
              experts: 8
              active: 2
              expert:
                - linear: {out: 5, bias: false}
    """)
    assert report.totals.params == 8 * 30 + 48
    assert report.totals.params_active == 2 * 30 + 48
    assert report.totals.macs == 3 * (2 * 30 + 48)
    assert report.output == {"mixture_of_experts": (3, 5)}


def test_an_op_without_inputs_lets_the_chain_pass_under_its_name(cost: Cost) -> None:
    """A class token stands under a name; the layer after it takes the tokens, and `from` the class token."""
    report = cost("""
        input: [4, 6]
        layers:
          - linear: {out: 5}
            name: tokens
          - parameter: {shape: [1, 5]}
            name: class_token
          - relu
          - concat: {axis: 0}
            from: [class_token, relu]
    """)
    assert inputs(report, "relu") == [[4, 5]]
    assert report.output == {"concat": (5, 5)}
