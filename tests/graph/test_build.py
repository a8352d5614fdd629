"""Lists of layers: what an entry may be, its keys, the chain, `from`, `when`, groups, and what is not run."""

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
    return [list(shape) for shape in report.find(path).input]


# --- what an entry may be --------------------------------------------------------------------------------------------


def test_a_bare_name_an_empty_mapping_and_no_arguments_are_the_same_layer(cost: Cost) -> None:
    """`- relu`, `- relu:` and `- relu: {}` say the same; so do three calls of a block."""
    report = cost("""
        input: [3, 4]
        blocks:
          twice:
            - relu
            - relu
        layers: [relu, {relu: }, {relu: {}}, twice, {twice: }, {twice: {}}]
    """)
    children = [edge.child for edge in report.graph.root.edges]
    assert children[0] is children[1] is children[2]
    assert children[3] is children[4] is children[5]


def test_the_keys_of_a_layer_stand_beside_its_op_in_any_order(cost: Cost) -> None:
    report = cost("""
        input: [3, 4, 5]
        layers:
          - name: first
            note: seven filters
            conv: {out: 7, kernel: 1}
          - conv: {kernel: 1, out: 2}
            name: second
    """)
    assert outputs(report) == {"first": [7, 4, 5], "second": [2, 4, 5]}
    assert report.find("first").note == "seven filters"


def test_layers_are_chained_in_written_order(cost: Cost) -> None:
    report = cost("""
        input: [3, 4, 5]
        layers:
          - conv: {out: 7, kernel: 3}
          - flatten
          - linear: {out: 11}
    """)
    assert outputs(report) == {"conv": [7, 2, 3], "flatten": [42], "linear": [11]}
    assert report.output == {"linear": (11,)}


@pytest.mark.parametrize("name", ["1x1", "a b", "größe", "-", "head/2", "i", "x2"])
def test_a_name_is_any_text_without_dots_and_brackets(cost: Cost, name: str) -> None:
    report = cost(f"""
        input: [3]
        layers:
          - linear: {{out: 4}}
            name: "{name}"
          - relu
          - add:
            from: [relu, "{name}"]
    """)
    assert list(outputs(report)) == [name, "relu", "add"]


def test_a_name_is_not_an_expression(cost: Cost) -> None:
    """`name`, `from` and `note` hold text, also where it looks like a value."""
    report = cost("""
        args: {width: 5}
        input: [3]
        layers:
          - linear: {out: width}
            name: width + 1
            note: width
          - relu
          - add:
            from: [relu, width + 1]
    """)
    assert outputs(report) == {"width + 1": [5], "relu": [5], "add": [5]}
    assert report.find("width + 1").note == "width"


def test_a_quotient_is_exact_or_refused_where_an_integer_is_needed(cost: Cost) -> None:
    """Rationals live as long as they may: 7 / 2 * 4 is 14, and 7 / 2 features there are not."""
    assert cost("{input: [7], layers: [{linear: {out: x.features / 2 * 4}}]}").output == {"linear": (14,)}
    assert cost("{input: [7], layers: [{linear: {out: 0.5 * 8}}]}").output == {"linear": (4,)}
    with pytest.raises(SpecError, match=r"expected a whole number of at least 1, got the number 3\.5"):
        cost("{input: [7], layers: [{linear: {out: x.features / 2}}]}")


# --- from ------------------------------------------------------------------------------------------------------------


def test_from_names_one_earlier_layer(cost: Cost) -> None:
    """The layer takes that one's output and not the one before; without `from` the next takes this one's."""
    report = cost("""
        input: [3, 4, 5]
        layers:
          - conv: {out: 7, kernel: 1}
            name: a
          - conv: {out: 2, kernel: 1}
          - conv: {out: 11, kernel: 1}
            from: a
          - relu
    """)
    assert inputs(report, "conv_2") == [[7, 4, 5]]
    assert outputs(report)["relu"] == [11, 4, 5]


def test_from_may_be_a_list_in_order(cost: Cost) -> None:
    """A long skip: `concat` of two tensors, in the order of the list."""
    report = cost("""
        input: [3, 4, 5]
        layers:
          - conv: {out: 7, kernel: 1}
            name: enc4
          - conv: {out: 2, kernel: 1}
            name: up4
          - concat:
            from: [up4, enc4]
          - concat:
            from: [enc4, up4, enc4]
    """)
    assert inputs(report, "concat") == [[2, 4, 5], [7, 4, 5]]
    assert inputs(report, "concat_2") == [[7, 4, 5], [2, 4, 5], [7, 4, 5]]
    assert outputs(report)["concat_2"] == [16, 4, 5]


def test_from_may_be_a_mapping_of_inputs(cost: Cost) -> None:
    """`sub` takes left - right whatever is written first; only broadcasting shows which is which."""
    report = cost("""
        input: {one: [1, 4], two: [3, 1]}
        layers:
          - sub:
            from: {right: one, left: two}
          - sub:
            from: {right: two}
    """)
    assert inputs(report, "sub") == [[3, 1], [1, 4]]
    assert outputs(report) == {"sub": [3, 4], "sub_2": [3, 4]}
    assert inputs(report, "sub_2") == [[3, 4], [3, 1]]  # left, unmentioned, is the layer before


def test_an_unnamed_layer_is_called_by_its_op_in_from(cost: Cost) -> None:
    """Also the second one, and the op that a parameter holds."""
    report = cost("""
        args: {act: gelu}
        input: [3]
        layers:
          - linear: {out: 4}
          - linear: {out: 5}
          - act
          - linear: {out: 7}
            from: linear_2
          - linear: {out: 11}
            from: gelu
          - concat: {axis: features}
            from: [linear_3, linear_4, linear]
    """)
    assert inputs(report, "linear_3") == [[5]]
    assert inputs(report, "linear_4") == [[5]]
    assert outputs(report)["concat"] == [7 + 11 + 4]


def test_from_sees_its_own_list_first_and_then_the_enclosing_ones(cost: Cost) -> None:
    """A name inside hides the same name outside, from there on."""
    report = cost("""
        input: [3]
        layers:
          - linear: {out: 4}
            name: a
          - linear: {out: 5}
            name: b
          - layers:
              - linear: {out: 7}
                from: a
              - layers:
                  - concat: {axis: 0}
                    from: [a, b, linear]
                  - linear: {out: 11}
                    name: a
                  - concat: {axis: 0}
                    from: [a, b]
    """)
    assert inputs(report, "group.linear") == [[4]]
    assert inputs(report, "group.group.concat") == [[4], [5], [7]]
    assert inputs(report, "group.group.concat_2") == [[11], [5]]


@pytest.mark.parametrize(
    "reference",
    ["inside", "in_branch", "body", "later", "other"],
)
def test_from_never_sees_inside_a_group_a_branch_or_a_later_layer(cost: Cost, reference: str) -> None:
    with pytest.raises(SpecError, match=f"'from: {reference}'"):
        cost(f"""
            input: [3]
            blocks:
              block:
                - relu:
                  name: other
            layers:
              - layers:
                  - relu:
                    name: inside
              - add:
                  body:
                    - relu:
                      name: in_branch
                  shortcut: []
              - block
              - relu:
                from: {reference}
              - relu:
                name: later
        """)


def test_a_sibling_branch_is_not_seen(cost: Cost) -> None:
    with pytest.raises(SpecError, match="'from: a'"):
        cost("""
            input: [3]
            layers:
              - add:
                  one:
                    - relu:
                      name: a
                  two:
                    - relu:
                      from: a
        """)


# --- when ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("flag", "seen"), [(True, [7]), (False, [4])])
def test_a_layer_left_out_passes_its_first_input_through_under_its_name(
    cost: Cost, flag: bool, seen: list[int]
) -> None:
    """Both for the next layer and for `from`."""
    report = cost(
        """
        args: {flag: true}
        input: [3]
        layers:
          - linear: {out: 4}
          - linear: {out: 7}
            name: maybe
            when: flag
          - linear: {out: 2}
          - linear: {out: 2}
            from: maybe
          - add:
            from: [linear_2, linear_3]
        """,
        {"flag": flag},
    )
    assert inputs(report, "linear_2") == inputs(report, "linear_3") == [seen]
    assert ("maybe" in outputs(report)) is flag


def test_the_first_input_of_a_layer_left_out_is_what_from_says(cost: Cost) -> None:
    """Of a list the first; of a mapping the op's or block's first input, which is the layer before if not mentioned."""
    report = cost("""
        input: [3]
        blocks:
          join from x, other:
            - concat: {axis: 0}
              from: [x, other]
        layers:
          - linear: {out: 4}
            name: a
          - linear: {out: 5}
            name: b
          - concat: {axis: 0}
            from: [a, b]
            when: false
            name: of_list
          - linear: {out: 7}
            name: c
          - join:
            from: {other: a}
            when: false
            name: of_mapping
          - join:
            from: {other: a, x: b}
            when: false
            name: of_both
          - concat: {axis: 0}
            from: [of_list, of_mapping, of_both]
    """)
    assert inputs(report, "concat") == [[4], [7], [5]]


def test_a_layer_left_out_keeps_its_place_among_the_names(cost: Cost) -> None:
    """Paths do not move when a condition changes."""
    text = """
        args: {flag: true}
        input: [3]
        layers:
          - linear: {out: 4}
          - linear: {out: 4}
            when: flag
          - linear: {out: 5}
    """
    assert list(outputs(cost(text))) == ["linear", "linear_2", "linear_3"]
    assert list(outputs(cost(text, {"flag": False}))) == ["linear", "linear_3"]


def test_arguments_of_a_layer_left_out_are_not_evaluated(cost: Cost) -> None:
    report = cost("""
        args: {widths: [4]}
        input: [3]
        layers:
          - linear: {out: "widths[0]"}
          - linear: {out: "widths[1]"}
            when: len(widths) > 1
    """)
    assert outputs(report) == {"linear": [4]}


def test_a_group_and_a_block_and_a_join_can_be_left_out(cost: Cost) -> None:
    report = cost("""
        input: [3]
        blocks:
          block:
            - linear: {out: 5}
        layers:
          - layers: [{linear: {out: 7}}]
            when: 1 > 2
          - block:
            when: 1 > 2
          - concat: {axis: 0, a: [], b: []}
            when: 1 > 2
          - relu
    """)
    assert outputs(report) == {"relu": [3]}


# --- groups ----------------------------------------------------------------------------------------------------------


def test_a_group_names_several_layers_at_once(cost: Cost) -> None:
    """Unnamed it is `group`, then `group_2`; its output is its last layer's."""
    report = cost("""
        input: [3]
        layers:
          - layers:
              - linear: {out: 4}
              - relu
            name: stem
          - layers: [relu]
          - layers: [relu, sigmoid]
          - linear: {out: 2}
            from: stem
          - add:
            from: [linear, group_2]
            when: false
    """)
    assert outputs(report) == {
        "stem.linear": [4],
        "stem.relu": [4],
        "group.relu": [4],
        "group_2.relu": [4],
        "group_2.sigmoid": [4],
        "linear": [2],
    }


def test_a_group_starts_where_its_from_says(cost: Cost) -> None:
    report = cost("""
        input: [3]
        layers:
          - linear: {out: 4}
            name: a
          - linear: {out: 5}
          - layers:
              - linear: {out: 7}
            from: a
    """)
    assert inputs(report, "group.linear") == [[4]]


def test_a_group_sees_what_is_around_it(cost: Cost) -> None:
    """The block's parameters, its `x`, and the `i` of a repeat: a group is no function."""
    report = cost("""
        input: [3]
        blocks:
          block(width):
            - linear: {out: 2 * width}
            - layers:
                - linear: {out: width + x.features + i}
              repeat: 2
        layers:
          - block: {width: 10}
    """)
    assert outputs(report) == {"block.linear": [20], "block.group[0].linear": [13], "block.group[1].linear": [14]}


def test_an_empty_group_is_the_identity(cost: Cost) -> None:
    report = cost("""
        input: [3]
        layers:
          - linear: {out: 4}
          - layers: [{relu: , when: false}]
            name: nothing
          - linear: {out: 5}
            from: nothing
    """)
    assert outputs(report) == {"linear": [4], "linear_2": [5]}


# --- used and not run ------------------------------------------------------------------------------------------------


def test_a_top_level_layer_that_no_output_needs_is_not_run(cost: Cost) -> None:
    """Its params count, its work does not, and the report lists it: by hand 3 x 4 + 4 params beside 3 x 5 + 5."""
    report = cost("""
        input: [3]
        layers:
          - linear: {out: 4}
            name: head
          - linear: {out: 5}
            name: auxiliary
            from: input
        output: head
    """)
    assert report.graph.not_run == ("auxiliary",)
    assert report.totals.params == 16 + 20
    assert (report.totals.macs, report.totals.activations, report.totals.layers) == (12, 4, 1)
    row = report.find("auxiliary")
    assert (row.params, row.macs, row.cost.activations, row.run, row.stored) == (20, 0, 0, 0, 1)


def test_what_only_a_layer_not_run_needs_is_not_run_either(cost: Cost) -> None:
    """Every instance of a repeat is listed by its path; a layer that something else needs still runs."""
    report = cost("""
        input: [3]
        layers:
          - linear: {out: 4}
            name: trunk
          - linear: {out: 4}
            repeat: 2
            name: aux
          - relu
          - linear: {out: 5}
            name: head
            from: trunk
    """)
    assert report.graph.not_run == ("aux[0]", "aux[1]", "relu")
    assert report.output == {"head": (5,)}
    assert report.totals.macs == 3 * 4 + 4 * 5


@pytest.mark.parametrize("inside", ["layers", "block", "branch", "named_join"])
def test_a_layer_that_nothing_uses_is_an_error_below_the_top(cost: Cost, inside: str) -> None:
    body = "[{relu: , name: lost}, {sigmoid: , from: x}]"
    layer = {
        "layers": f"{{layers: {body}}}",
        "block": "block",
        "branch": f"{{add: {{a: {body}, b: []}}}}",
        "named_join": f"{{add: {{a: {body}, b: []}}, name: join}}",
    }[inside]
    with pytest.raises(SpecError, match="the output of layer 'lost' is never used"):
        cost(f"""
            input: [3]
            blocks: {{block: {body if inside == "block" else "[relu]"}}}
            layers: [relu, {layer}]
        """)


def test_a_tensor_that_a_block_does_not_take_is_not_used(cost: Cost) -> None:
    """A block may leave an input alone; the layer that made it is then not needed."""
    report = cost("""
        input: [3]
        blocks:
          first from x, other:
            - linear: {out: x.features + other.features}
        layers:
          - linear: {out: 4}
            name: a
          - linear: {out: 5}
            name: b
            from: input
          - first:
            from: {x: a, other: b}
    """)
    assert report.graph.not_run == ("b",)
    assert report.output == {"first": (9,)}


def test_a_join_without_branches_and_from_is_an_error(cost: Cost) -> None:
    """Somebody forgot the other tensor."""
    with pytest.raises(SpecError, match="add needs at least two tensors, and gets one"):
        cost("{input: [3], layers: [add]}")
    with pytest.raises(SpecError, match="concat needs at least two tensors, and gets one"):
        cost("{args: {join: concat}, input: [3], layers: [join]}")


def test_blocks_nest_to_a_limit(cost: Cost) -> None:
    """64 levels are built; more are refused with a message and not by the stack of the interpreter."""

    def nested(levels: int) -> str:
        blocks = "".join(f"  b{k}: [b{k + 1}]\n" for k in range(1, levels))
        return f"input: [3]\nblocks:\n{blocks}  b{levels}: [relu]\nlayers: [b1]\n"

    assert outputs(cost(nested(64))) == {".".join(f"b{k}" for k in range(1, 65)) + ".relu": [3]}
    with pytest.raises(SpecError, match="nested deeper than 64"):
        cost(nested(65))
    with pytest.raises(SpecError, match="nested deeper than 64"):
        cost(nested(2_000))


def test_blocks_that_call_two_others_each_are_read_and_built_once(cost: Cost) -> None:
    """Sixty blocks written out would be a Fibonacci number of layers, about 10^12; exact all the same."""
    blocks = "".join(f"  b{k}: [b{k + 1}, b{k + 2}]\n" for k in range(1, 59))
    report = cost(f"input: [3]\nblocks:\n{blocks}  b59: [relu]\n  b60: [sigmoid]\nlayers: [b1]\n")
    before, count = 1, 1
    for _ in range(58):
        before, count = count, before + count
    assert report.totals.layers == count
