"""The keys of a file: args and their overrides, variants, inputs, layout, formats, output, expect."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from textwrap import dedent
from typing import Any

import pytest

from costcalc.cost.estimate import estimate
from costcalc.cost.model import Report
from costcalc.errors import Source, SpecError
from costcalc.graph.build import build
from costcalc.spec.load import load_text
from costcalc.spec.model import Spec

Cost = Callable[..., Report]


@pytest.fixture
def variant(tmp_path: Any) -> Callable[[str, str | None], Spec]:
    """The function `variant(text, name)`: a variant of a spec in a file."""
    from costcalc.spec.load import load

    def variant(text: str, name: str | None) -> Spec:
        path = tmp_path / "net.yaml"
        path.write_text(dedent(text))
        return load(f"{path}@{name}" if name else path)

    return variant


def outputs(report: Report) -> list[list[int]]:
    return [list(row.output) for row in report.rows()]


# --- metadata --------------------------------------------------------------------------------------------------------


def test_metadata_is_text_and_meta_is_free() -> None:
    spec = load_text("""
name: net
about: What it is
source: Somebody 2024
meta:
  functional: [relu, add]
  answer: 42
  ratio: 0.5
  sure: true
  nothing:
  text: "42"
input: [3]
layers: [relu]
""")
    assert (spec.name, spec.about, spec.source) == ("net", "What it is", "Somebody 2024")
    assert spec.meta == {
        "functional": ["relu", "add"], "answer": 42, "ratio": 0.5, "sure": True, "nothing": None, "text": "42",
    }  # fmt: skip


def test_a_spec_without_a_name_is_called_like_its_file(variant: Callable[[str, str | None], Spec]) -> None:
    assert variant("{input: [3], layers: [relu]}", None).name == "net"


# --- args ------------------------------------------------------------------------------------------------------------

ARGS = """
    args:
      heads: 4
      kv_heads: heads
      width: 16 * heads
      act: relu
      call: {leaky_relu: {slope: 1 / width}}
      list: [heads, 2 * heads, true, same]
      exact: 0.1
    input: [3]
    layers: [relu]
"""


def args(overrides: dict[str, Any]) -> dict[str, Any]:
    return dict(build(load_text(dedent(ARGS)), overrides).args)


def test_args_are_evaluated_in_order() -> None:
    found = args({})
    call = found.pop("call")
    assert found == {
        "heads": 4, "kv_heads": 4, "width": 64, "act": "relu", "list": (4, 8, True, "same"), "exact": Fraction(1, 10),
    }  # fmt: skip
    assert (call.word, call.arguments) == ("leaky_relu", {"slope": Fraction(1, 64)})


def test_args_are_evaluated_after_overrides() -> None:
    """`kv_heads: heads` follows `heads`; an override of its own wins, and what follows it follows that."""
    assert {name: args({"heads": 8})[name] for name in ("kv_heads", "width")} == {"kv_heads": 8, "width": 128}
    assert args({"heads": 8, "kv_heads": 2})["kv_heads"] == 2


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (7, 7), ("7", 7), ("2 * 3", 6), ("[1, 2]", (1, 2)), ([1, "2 + 1"], (1, 3)), ("true", True), (True, True),
        ("gelu", "gelu"), ("none", "none"), ("0.25", Fraction(1, 4)), (0.1, Fraction(1, 10)), ("heads + 1", 5),
        ((3, 4), (3, 4)),
    ],
)  # fmt: skip
def test_an_override_is_a_value_or_an_expression_over_earlier_args(given: Any, expected: Any) -> None:
    found = args({"exact": given})["exact"]
    assert found == expected
    assert type(found) is type(expected)


def test_an_arg_sees_earlier_ones_only() -> None:
    for text in ("{a: b, b: 1}", "{a: a}"):
        with pytest.raises(SpecError, match="unknown name"):
            build(load_text(f"{{args: {text}, input: [3], layers: [{{linear: {{out: a}}}}]}}"))
    with pytest.raises(SpecError, match="unknown name 'kv_heads'"):
        args({"heads": "kv_heads"})


def test_unknown_args_and_inputs_are_errors() -> None:
    with pytest.raises(SpecError, match="no arg 'head'"):
        args({"head": 8})
    with pytest.raises(SpecError, match="no input 'image'"):
        build(load_text(dedent(ARGS)), {}, {"image": [3]})


# --- variants --------------------------------------------------------------------------------------------------------

VARIANTS = """
    name: net
    about: the base
    source: base source
    args: {depths: [1, 2], width: 4, double: 2 * width}
    input: [3, 8]
    layers:
      - linear: {out: width}
        repeat: "depths[0]"
      - linear: {out: double}
        repeat: "depths[1]"
    expect: {params: 1}
    verify: {args: {width: 1}}
    variants:
      wide:
        args: {width: 10}
      deep:
        about: a deep one
        source: deep source
        args: {depths: [2, 2]}
        input: [5, 8]
        expect: {macs: 2, output: [8]}
        verify: {input: [1, 8]}
      computed:
        args: {double: 3 * width}
      nothing:
"""


@pytest.mark.parametrize(
    ("name", "widths"),
    [
        (None, [4, 8, 8]),
        ("wide", [10, 20, 20]),
        ("deep", [4, 4, 8, 8]),
        ("computed", [4, 12, 12]),
        ("nothing", [4, 8, 8]),
    ],
)
def test_a_variant_replaces_args_key_by_key(
    variant: Callable[[str, str | None], Spec], name: str | None, widths: list[int]
) -> None:
    """What it does not mention stays, and follows what it does; the file alone is the base model."""
    report = estimate(build(variant(VARIANTS, name)))
    assert [shape[-1] for shape in outputs(report)] == widths
    assert report.name == (name or "net")


def test_overrides_win_over_the_variant_and_that_over_the_file(variant: Callable[[str, str | None], Spec]) -> None:
    spec = variant(VARIANTS, "wide")
    assert dict(build(spec, {"width": 5}).args) == {"depths": (1, 2), "width": 5, "double": 10}
    assert dict(build(spec, {"double": 7}).args) == {"depths": (1, 2), "width": 10, "double": 7}
    assert build(variant(VARIANTS, "deep"), {}, [9, 8]).inputs == {"input": (9, 8)}


def test_a_variant_replaces_the_rest_whole(variant: Callable[[str, str | None], Spec]) -> None:
    """`about`, `source`, `input`, `verify`; and the file's `expect` is never a variant's."""
    deep, wide = variant(VARIANTS, "deep"), variant(VARIANTS, "wide")
    assert (deep.about, deep.source) == ("a deep one", "deep source")
    assert (wide.about, wide.source) == ("the base", "base source")
    assert build(deep).inputs == {"input": (5, 8)}
    assert build(wide).inputs == {"input": (3, 8)}
    assert {name: value for name, (value, _) in deep.expect.items()} == {"macs": 2, "output": (8,)}
    assert wide.expect == {}
    assert {name: value for name, (value, _) in variant(VARIANTS, None).expect.items()} == {"params": 1}
    assert deep.verify is not None
    assert deep.verify.args == ()
    assert wide.verify is not None
    assert [name for name, _ in wide.verify.args] == ["width"]


def test_a_variant_has_an_address(variant: Callable[[str, str | None], Spec]) -> None:
    spec = variant(VARIANTS, "wide")
    assert (spec.name, spec.variant, spec.address) == ("net", "wide", f"{spec.path}@wide")
    assert spec.variants == ("wide", "deep", "computed", "nothing")
    with pytest.raises(SpecError, match="no variant 'wides'"):
        variant(VARIANTS, "wides")


# --- inputs ----------------------------------------------------------------------------------------------------------


def test_an_input_is_a_shape_over_args(cost: Cost) -> None:
    text = """
        args: {size: 8}
        input: [3, size, "size // 2 + 1"]
        layers:
          - relu
          - add:
            from: [relu, input]
    """
    assert cost(text).input == {"input": (3, 8, 5)}
    assert cost(text, {"size": 12}).output == {"add": (3, 12, 7)}


def test_several_inputs_have_names_and_the_chain_starts_at_the_first(cost: Cost) -> None:
    text = """
        input: {left: [3, 4, 6], right: [5, 4, 6]}
        layers:
          - conv: {out: 2, kernel: 1}
          - concat:
            from: [conv, right, left]
    """
    assert outputs(cost(text)) == [[2, 4, 6], [10, 4, 6]]
    report = cost(text, {}, {"right": [7, 4, 6]})
    assert report.input == {"left": (3, 4, 6), "right": (7, 4, 6)}
    assert report.output == {"concat": (12, 4, 6)}


def test_a_shape_alone_is_that_of_the_one_input_of_its_rank(cost: Cost) -> None:
    text = "{input: {left: [3], right: [4, 5]}, layers: [relu]}"
    assert cost(text, {}, (7,)).input == {"left": (7,), "right": (4, 5)}
    assert cost(text, {}, (7, 5)).input == {"left": (3,), "right": (7, 5)}
    with pytest.raises(SpecError, match="fits several inputs"):
        cost("{input: {left: [3], right: [4]}, layers: [relu]}", {}, (7,))


def test_the_only_input_is_called_input_and_no_arg_can_be(cost: Cost) -> None:
    assert cost("{input: [3], layers: [relu, {relu: , from: input}]}").graph.not_run == ("relu",)
    with pytest.raises(SpecError, match="an input cannot be called 'input': that is an arg"):
        cost("{args: {input: 3}, input: [3], layers: [{linear: {out: input}}]}")


# --- layout ----------------------------------------------------------------------------------------------------------

NET = """
    layout: LAYOUT
    input: INPUT
    blocks:
      double:
        - conv: {out: 2 * x.channels, kernel: [3, 1]}
    layers:
      - double
      - batch_norm
      - group_norm: {groups: 2}
      - max_pool: {kernel: [1, 2]}
      - concat:
          a: []
          b: []
      - global_avg_pool
"""


def test_the_layout_says_which_axis_is_channels(cost: Cost) -> None:
    """Conv, norms, pools, concat and `x.channels`: the same network on [C, H, W] and [H, W, C]."""
    first = cost(NET.replace("LAYOUT", "channels_first").replace("INPUT", "[4, 7, 10]"))
    last = cost(NET.replace("LAYOUT", "channels_last").replace("INPUT", "[7, 10, 4]"))
    assert outputs(first) == [[8, 5, 10], [8, 5, 10], [8, 5, 10], [8, 5, 5], [16, 5, 5], [16, 1, 1]]
    assert outputs(last) == [[5, 10, 8], [5, 10, 8], [5, 10, 8], [5, 5, 8], [5, 5, 16], [1, 1, 16]]
    assert first.totals == last.totals
    assert cost(NET.replace("layout: LAYOUT", "about: default").replace("INPUT", "[4, 7, 10]")).totals == first.totals


def test_every_other_op_works_on_the_shape_as_written(cost: Cost) -> None:
    """Linear, layer norm and softmax take the last axis in both layouts."""
    text = "{layout: LAYOUT, input: [5, 7, 4], layers: [{linear: {out: 6}}, layer_norm, softmax, flatten]}"
    first, last = (cost(text.replace("LAYOUT", layout)) for layout in ("channels_first", "channels_last"))
    assert outputs(first) == outputs(last) == [[5, 7, 6], [5, 7, 6], [5, 7, 6], [210]]
    assert first.totals == last.totals


# --- formats ---------------------------------------------------------------------------------------------------------


def test_a_number_format_is_the_files_or_the_layers(cost: Cost) -> None:
    """4 x 4 + 4 = 20 params each. `dtype` is for the layer, `weights` for its weights alone; inside wins."""
    report = cost("""
        dtype: float16
        input: [4]
        blocks:
          block:
            - linear: {out: 4}
            - linear: {out: 4}
              weights: int8
            - linear: {out: 4}
              dtype: float64
            - layers: [{add: {a: [{linear: {out: 4}}], b: {when: false, layers: []}}}]
        layers:
          - linear: {out: 4}
          - linear: {out: 4}
            dtype: float32
          - linear: {out: 4}
            weights: int4
          - linear: {out: 4}
            dtype: int8
            weights: float32
          - block
          - block:
            dtype: float32
          - block:
            weights: int4
          - layers: [{linear: {out: 4}}]
            dtype: float64
          - add:
              a: [{linear: {out: 4}}]
              b: []
            dtype: int8
    """)
    costs = {row.path: row.cost for row in report.rows()}
    assert {
        path: (8 * cost.weight_bytes // max(1, cost.params), 8 * cost.activation_bytes // 4)
        for path, cost in costs.items()
    } == {
        "linear": (16, 16),
        "linear_2": (32, 32),
        "linear_3": (4, 16),
        "linear_4": (32, 8),
        "block.linear": (16, 16),
        "block.linear_2": (8, 16),
        "block.linear_3": (64, 64),
        "block.group.a.linear": (16, 16),
        "block_2.linear": (32, 32),
        "block_2.linear_2": (8, 32),
        "block_2.linear_3": (64, 64),
        "block_2.group.a.linear": (32, 32),
        "block_3.linear": (4, 16),
        "block_3.linear_2": (8, 16),
        "block_3.linear_3": (64, 64),
        "block_3.group.a.linear": (4, 16),
        "group.linear": (64, 64),
        "a.linear": (8, 8),
        "add": (0, 8),
    }


def test_the_default_format_is_float32(cost: Cost) -> None:
    totals = cost("{input: [4], layers: [{linear: {out: 5}}]}").totals
    assert (totals.weight_bytes, totals.activation_bytes) == (25 * 4, 5 * 4)


# --- output ----------------------------------------------------------------------------------------------------------

HEADS = """
    args: {both: true}
    input: [3]
    layers:
      - linear: {out: 4}
        name: trunk
      - linear: {out: 5}
        name: first
      - linear: {out: 6}
        name: second
        from: trunk
        when: both
      - linear: {out: 7}
        name: last
        from: trunk
    output: OUTPUT
"""


@pytest.mark.parametrize(
    ("written", "expected", "not_run"),
    [
        ("last", {"last": (7,)}, ("first", "second")),
        ("[first, last]", {"first": (5,), "last": (7,)}, ("second",)),
        ("[last, first]", {"last": (7,), "first": (5,)}, ("second",)),
        ("{boxes: second, scores: first}", {"boxes": (6,), "scores": (5,)}, ("last",)),
        ("[input, last]", {"input": (3,), "last": (7,)}, ("first", "second")),
        ("trunk", {"trunk": (4,)}, ("first", "second", "last")),
    ],
)
def test_an_output_is_a_layer_a_list_or_a_mapping(
    cost: Cost, written: str, expected: dict[str, Any], not_run: tuple[str, ...]
) -> None:
    """What no output needs is not run."""
    report = cost(HEADS.replace("OUTPUT", written))
    assert list(report.output.items()) == list(expected.items())
    assert report.graph.not_run == not_run


def test_an_output_that_is_left_out_does_not_exist(cost: Cost) -> None:
    text = HEADS.replace("OUTPUT", "{a: first, b: second}")
    assert cost(text).output == {"a": (5,), "b": (6,)}
    assert cost(text, {"both": False}).output == {"a": (5,)}
    with pytest.raises(SpecError, match="every output is left out"):
        cost(HEADS.replace("OUTPUT", "second"), {"both": False})


@pytest.mark.parametrize(
    ("last", "name"),
    [
        ("{linear: {out: 4}}", "linear"),
        ("{linear: {out: 4}, name: head}", "head"),
        ("{linear: {out: 4}, repeat: 2}", "linear"),
        ("{add: {a: [relu], b: []}}", "add"),
        ("{add: {a: [relu], b: []}, name: fuse}", "fuse"),
        ("{layers: [relu]}", "group"),
    ],
)
def test_the_default_output_is_the_last_layer(cost: Cost, last: str, name: str) -> None:
    assert list(cost(f"{{input: [4], layers: [relu, {last}]}}").output) == [name]


def test_the_output_may_be_the_input(cost: Cost) -> None:
    """When every layer is left out: it passes through under the name of the last."""
    report = cost("{input: [4], layers: [{relu: , when: false}]}")
    assert report.output == {"relu": (4,)}
    assert (report.totals.layers, report.peak().bytes) == (0, 16)


# --- expect ----------------------------------------------------------------------------------------------------------


def test_expect_holds_numbers_from_outside() -> None:
    spec = load_text("""
input: [3]
layers: [relu]
expect: {params: 25_557_032, macs: 4089184256, output: [1000], peak_activation_bytes: 9}
""")
    assert {name: value for name, (value, _) in spec.expect.items()} == {
        "params": 25557032, "macs": 4089184256, "output": (1000,), "peak_activation_bytes": 9,
    }  # fmt: skip


def test_expect_may_name_several_outputs() -> None:
    spec = load_text("{input: [3], layers: [relu], expect: {output: {boxes: [4], scores: [91]}}}")
    assert spec.expect["output"][0] == {"boxes": (4,), "scores": (91,)}


def test_a_located_source_is_kept() -> None:
    """Every layer knows where it stands, for messages."""
    graph = build(load_text("input: [3]\nlayers:\n  - relu\n  - linear: {out: 2}\n", "net.yaml"))
    assert [str(edge.location) for edge in graph.root.edges] == ["net.yaml:3:5", "net.yaml:4:5"]
    assert isinstance(graph.root.edges[0].location.source, Source)
