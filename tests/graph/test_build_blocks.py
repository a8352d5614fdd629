"""Blocks: parameters, defaults, several inputs, `x`, and parameters that hold ops and blocks."""

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


# --- signatures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["block", "block()", "block ( )", "block from x", "block() from x", "block(a=1) from x"]
)
def test_the_forms_of_a_signature_without_needs(cost: Cost, key: str) -> None:
    """A block without parameters may drop its parentheses; `from x` is the default."""
    assert outputs(cost(f"{{input: [3], blocks: {{{key!r}: [relu]}}, layers: [block]}}")) == {"block.relu": [3]}


def test_a_block_is_called_exactly_like_an_op(cost: Cost) -> None:
    """By names, in any order; a parameter with a default may be left out."""
    report = cost("""
        input: [3]
        blocks:
          block(a, b=10, c=a + b):
            - linear: {out: a}
            - linear: {out: b}
            - linear: {out: c}
        layers:
          - block: {a: 1}
          - block: {b: 2, a: 1}
          - block: {c: 7, a: 4}
    """)
    assert [shape[0] for shape in outputs(report).values()] == [1, 10, 11, 1, 2, 3, 4, 10, 7]


def test_a_default_uses_earlier_parameters_the_inputs_and_the_args(cost: Cost) -> None:
    """This is how a block names an intermediate value: 24 x 6 = 144, and round_to(5 x 3, 8) = 16."""
    report = cost("""
        input: [5, 2, 2]
        blocks:
          mbconv(expand, out, hidden=round_to(x.channels * expand, 8)):
            - conv: {out: hidden, kernel: 1}
            - conv: {out: out, kernel: 1}
        layers:
          - mbconv: {expand: 3, out: 24}
          - mbconv: {expand: 6, out: 4}
    """)
    assert [shape[0] for shape in outputs(report).values()] == [16, 24, 144, 4]


def test_a_default_reads_the_files_args_and_other_inputs(cost: Cost) -> None:
    report = cost("""
        args: {extra: 100}
        input: {image: [5], mask: [7]}
        blocks:
          block(out=x.features + other.features + extra) from x, other:
            - linear: {out: out}
              from: other
        layers:
          - block:
            from: [image, mask]
    """)
    assert outputs(report) == {"block.linear": [112]}


def test_a_default_may_be_a_list_a_word_and_a_choice(cost: Cost) -> None:
    """Commas inside brackets do not end a parameter."""
    report = cost("""
        input: [3, 8, 8]
        blocks:
          "block(kernels=[3, 1], padding=same, out=max(2, 5), act=relu if out > 4 else none)":
            - conv: {out: out, kernel: kernels, padding: padding}
            - act
        layers:
          - block
          - block: {out: 4}
    """)
    assert outputs(report) == {"block.conv": [5, 8, 8], "block.relu": [5, 8, 8], "block_2.conv": [4, 8, 8]}


def test_a_block_sees_its_parameters_the_args_and_its_inputs_and_nothing_else(cost: Cost) -> None:
    text = """
        args: {width: 4}
        input: {image: [3]}
        blocks:
          outer(a):
            - inner: {b: a + 1}
          inner(b):
            - linear: {out: NAME}
        layers:
          - outer: {a: 10}
    """
    assert outputs(cost(text.replace("NAME", "b + width + x.features"))) == {"outer.inner.linear": [18]}
    for name in ("a", "image.features", "i"):
        with pytest.raises(SpecError, match="unknown name"):
            cost(text.replace("NAME", name))


def test_arguments_are_evaluated_where_the_call_stands(cost: Cost) -> None:
    """The caller's `x` and parameters, not the block's: 3 + 100, then 103 + 100 would be the block's own."""
    report = cost("""
        input: [3]
        blocks:
          block(out):
            - linear: {out: out}
        layers:
          - block: {out: x.features + 100}
          - block: {out: x.features + 100}
    """)
    assert outputs(report) == {"block.linear": [103], "block_2.linear": [103]}


def test_blocks_may_be_written_in_any_order(cost: Cost) -> None:
    report = cost("""
        layers: [first]
        blocks:
          first: [second]
          second: [relu]
        input: [3]
    """)
    assert outputs(report) == {"first.second.relu": [3]}


def test_a_parameter_may_be_called_like_one_of_another_block(cost: Cost) -> None:
    report = cost("""
        input: [3]
        blocks:
          one(out):
            - linear: {out: out}
          two(out):
            - one: {out: 2 * out}
        layers:
          - two: {out: 5}
    """)
    assert outputs(report) == {"two.one.linear": [10]}


# --- x ---------------------------------------------------------------------------------------------------------------


def test_x_is_the_input_of_the_block_on_every_line(cost: Cost) -> None:
    """Never the tensor so far: in layers, conditions, groups and branches, as a size and as a tensor."""
    report = cost("""
        input: [2]
        blocks:
          block:
            - linear: {out: 10 * x.features}
            - linear: {out: 11 * x.features}
              when: x.features == 3
            - layers:
                - linear: {out: 12 * x.features}
                - concat:
                    a: [{linear: {out: 13 * x.features}}]
                    b: {from: x}
                    c: [{relu: , from: x}]
        layers:
          - linear: {out: 3}
          - block
    """)
    assert list(outputs(report).values()) == [[3], [30], [33], [36], [39], [3], [39 + 3 + 3]]


def test_x_at_top_level_is_the_first_input(cost: Cost) -> None:
    report = cost("""
        input: {image: [3], mask: [7]}
        layers:
          - linear: {out: 10 * x.features}
          - linear: {out: image.features + mask.features}
          - concat:
              a: []
              b: {from: x}
              c: {from: image}
              d: {from: mask}
    """)
    assert inputs(report, "concat") == [[10], [3], [3], [7]]


# --- several inputs --------------------------------------------------------------------------------------------------

DECODER = """
    input: {image: [3, 4, 4], mask: [5, 4, 4]}
    blocks:
      decoder(out) from x, skip:
        - conv: {out: out + skip.channels, kernel: 1}
        - concat:
          from: [conv, skip]
        - conv: {out: 2 * x.channels, kernel: 1}
          from: concat
    layers:
      - conv: {out: 7, kernel: 1}
        name: enc4
      - conv: {out: 11, kernel: 1}
        name: up
      - decoder: {out: 100}
        from: INPUTS
"""


@pytest.mark.parametrize("written", ["{skip: enc4}", "{x: up, skip: enc4}", "{skip: enc4, x: up}", "[up, enc4]"])
def test_inputs_are_named_after_the_signature(cost: Cost, written: str) -> None:
    """A call binds them by name, the first, unmentioned, being the layer before; or by position."""
    report = cost(DECODER.replace("INPUTS", written))
    assert inputs(report, "decoder.conv") == [[11, 4, 4]]
    assert inputs(report, "decoder.concat") == [[107, 4, 4], [7, 4, 4]]
    assert outputs(report)["decoder.conv_2"] == [22, 4, 4]


@pytest.mark.parametrize("written", ["enc4", "{x: up}", "[up]"])
def test_every_input_must_be_given(cost: Cost, written: str) -> None:
    with pytest.raises(SpecError, match="needs its input 'skip'"):
        cost(DECODER.replace("INPUTS", written))


def test_the_same_tensor_may_be_two_inputs(cost: Cost) -> None:
    report = cost(DECODER.replace("INPUTS", "[mask, mask]"))
    assert inputs(report, "decoder.concat") == [[105, 4, 4], [5, 4, 4]]


def test_a_parameter_that_holds_a_block_takes_its_inputs(cost: Cost) -> None:
    """Only when the block is known is it clear which input is the first."""
    report = cost("""
        args: {fuse: merge}
        input: [3]
        blocks:
          merge(out=4) from x, skip:
            - concat: {axis: 0}
              from: [x, skip]
            - linear: {out: out}
        layers:
          - linear: {out: 5}
            name: a
          - linear: {out: 7}
          - fuse: {out: 11}
            from: {skip: a}
            repeat: 2
    """)
    assert inputs(report, "merge[0].concat") == [[7], [5]]
    assert inputs(report, "merge[1].concat") == [[11], [5]]


# --- parameters that hold ops ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "last"),
    [
        ("relu", "relu"),
        ("prelu", "prelu"),
        ("unit", "unit.linear"),
        ("none", "linear"),
        ("{leaky_relu: {slope: 0.1}}", "leaky_relu"),
        ("{unit: {out: 9}}", "unit.linear"),
        ("gelu if 2 > 1 else none", "gelu"),
    ],
)
@pytest.mark.parametrize("place", ["body", "branch", "group", "repeat"])
def test_a_parameter_stands_where_an_op_stands(cost: Cost, act: str, last: str, place: str) -> None:
    """In every kind of list; two calls with different values are different, whatever was built before."""
    layers = {
        "body": "[{linear: {out: 4}}, act]",
        "branch": "[{add: {a: [{linear: {out: 4}}, act], b: {when: false, layers: []}}}]",
        "group": "[{layers: [{linear: {out: 4}}, act]}]",
        "repeat": "[{linear: {out: 4}}, {act: , repeat: 1}]",
    }[place]
    report = cost(f"""
        input: [3]
        blocks:
          unit(out=7): [{{linear: {{out: out}}}}]
          block(act): {layers}
        layers:
          - block: {{act: sigmoid}}
          - block: {{act: {act}}}
    """)
    path = [row.path for row in report.rows()][-1]
    assert path.startswith("block_2.")
    assert path.removesuffix(last).endswith(".") or path.replace("[0]", "").removesuffix(last).endswith(".")


def test_a_parameter_takes_arguments_beside_those_it_holds(cost: Cost) -> None:
    """What the call says wins over what the value says, and both over the default."""
    report = cost("""
        args: {unit: {make: {out: 5, bias: false}}}
        input: [3]
        blocks:
          make(out=2, bias=true, more=1):
            - linear: {out: out + more, bias: bias}
        layers:
          - unit
          - unit: {out: 7}
          - unit: {more: 10, bias: true}
    """)
    assert outputs(report) == {"make.linear": [6], "make_2.linear": [8], "make_3.linear": [15]}
    assert [row.params for row in report.rows()] == [3 * 6, 6 * 8, 8 * 15 + 15]


def test_a_call_as_a_value_may_hold_calls_and_expressions(cost: Cost) -> None:
    """They are evaluated where they are written: `width` is the file's."""
    report = cost("""
        args: {width: 4, unit: {make: {out: width + 1, act: {leaky_relu: {slope: 1 / 3}}}}}
        input: [3]
        blocks:
          make(out, act):
            - linear: {out: out}
            - act
          use(what):
            - what
        layers:
          - use: {what: unit}
    """)
    assert outputs(report) == {"use.make.linear": [5], "use.make.leaky_relu": [5]}
    assert str(report.find("use.make.leaky_relu").arguments["slope"]) == "1/3"


def test_a_list_may_hold_ops_and_calls(cost: Cost) -> None:
    report = cost("""
        args: {acts: [relu, {leaky_relu: {slope: 0.2}}, none]}
        input: [3]
        blocks:
          block(act):
            - sigmoid
            - act
        layers:
          - block: {act: "acts[i]"}
            repeat: 3
    """)
    assert list(outputs(report)) == [
        "block[0].sigmoid",
        "block[0].relu",
        "block[1].sigmoid",
        "block[1].leaky_relu",
        "block[2].sigmoid",
    ]


@pytest.mark.parametrize(("act", "count"), [("none", 1), ("relu", 2), ("{leaky_relu: {slope: 0.1}}", 2)])
def test_words_are_compared(cost: Cost, act: str, count: int) -> None:
    """`act != none` where a layer depends on it; a call is compared by its op."""
    report = cost(f"""
        input: [3]
        blocks:
          block(act):
            - linear: {{out: 5 if act == leaky_relu else 4}}
            - layers: [act]
              when: act != none
        layers:
          - block: {{act: {act}}}
    """)
    assert len(outputs(report)) == count
    assert report.output == {"block": (5,) if "leaky" in act else (4,)}


def test_none_is_no_layer_however_it_is_written(cost: Cost) -> None:
    """With a name the tensor passes under that name; with a repeat, nothing repeats."""
    report = cost("""
        args: {act: none}
        input: [3]
        layers:
          - linear: {out: 4}
          - act:
            name: activation
          - act:
            repeat: 3
          - act:
            name: several
            repeat: 3
          - linear: {out: 5}
          - add:
            from: [activation, several]
            when: true
    """)
    assert outputs(report) == {"linear": [4], "linear_2": [5], "add": [4]}


def test_none_hands_on_what_its_from_says(cost: Cost) -> None:
    report = cost("""
        args: {act: none}
        input: [3]
        layers:
          - linear: {out: 4}
            name: a
          - linear: {out: 5}
          - act:
            from: a
          - sigmoid
          - concat: {axis: 0}
            from: [sigmoid, linear]
    """)
    assert inputs(report, "sigmoid") == [[4]]


def test_a_parameter_in_a_group_inside_a_repeat_is_seen(cost: Cost) -> None:
    report = cost("""
        input: [3]
        blocks:
          block(act):
            - layers:
                - add:
                    a: [act]
                    b: []
              repeat: 2
        layers:
          - block: {act: relu}
          - block: {act: prelu}
    """)
    assert [path.rpartition(".")[2] for path in outputs(report)] == ["relu", "add", "relu", "add", "prelu", "add",
                                                                    "prelu", "add"]  # fmt: skip


def test_an_arg_that_holds_an_op_is_seen_in_blocks(cost: Cost) -> None:
    text = """
        args: {act: relu}
        input: [3]
        blocks:
          block:
            - act
        layers: [block]
    """
    assert list(outputs(cost(text))) == ["block.relu"]
    assert list(outputs(cost(text, {"act": "gelu"}))) == ["block.gelu"]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("relu(a)", "an op"),
        ("other(relu)", "an op"),
        ("other(same)", "a word of an argument"),
        ("other(x)", "a word of the language"),
        ("other(i)", "a word of the language"),
        ("other(none)", "a word of the language"),
        ("other(when)", "a key of layers"),
        ("other(width)", "an arg"),
        ("other(image)", "an input"),
        ("width(a)", "an arg"),
        ("image(a)", "a block"),
        ("other(a, a)", "a parameter"),
        ("other(a) from x, a", "an input"),
        ("other(second)", "a block"),
    ],
)
def test_no_name_is_taken_twice(cost: Cost, key: str, message: str) -> None:
    """Among ops, blocks, parameters, args, inputs, words and layer keys."""
    with pytest.raises(SpecError, match=f"cannot be called .*: that is {message}"):
        cost(f"""
            args: {{width: 1}}
            input: {{image: [3]}}
            blocks:
              {key}: [relu]
              second: [relu]
            layers: [second]
        """)
