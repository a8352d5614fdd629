"""One new token: only the length of the input is one, args keep their values. The numbers are worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

import costcalc
from costcalc.cost.language import Language, language
from costcalc.cost.model import Report
from costcalc.errors import CostcalcError
from costcalc.graph.decode import decode, prompt
from costcalc.graph.one_token import RowTaken, rows_taken
from costcalc.spec.load import load_text

HEAD = "  - linear: {out: 100}\n"
ATTEND = """  - scaled_dot_product_attention: {heads: 2, causal: true}
    from: {query: LAST, key: LAST, value: LAST}
"""


def spec(place: str, last: str = "add", args: str = "T: 128", length: str = "T", attend: str = ATTEND) -> Any:
    """A table of 100 words of 16 features, what `place` does, attention, a head: 1,600 + ... + 17 x 100 params."""
    text = f"args: {{{args}}}\ninput: [{length}]\nlayers:\n  - embedding: {{count: 100, out: 16}}\n    name: e\n"
    return load_text(text + place + attend.replace("LAST", last) + HEAD)


PLACES = {
    "added": "  - add:\n      token: []\n      place: [{parameter: {shape: [T, 16]}}]\n",
    "first": "  - add:\n      place: [{parameter: {shape: [T, 16]}}]\n      token: []\n",
    "named": "  - parameter: {shape: [T, 16]}\n    name: place\n  - add:\n    from: [e, place]\n",
    "cut": "  - add:\n      token: []\n      place:\n        - parameter: {shape: [T, 16]}\n"
    "        - slice: {axis: 0, end: T}\n",
    "normed": "  - add:\n      token: []\n      place:\n        - parameter: {shape: [T, 16]}\n        - dropout\n",
    "multiplied": "  - mul:\n      token: []\n      place: [{parameter: {shape: [T, 16]}}]\n",
    "grouped": "  - layers:\n    - add:\n        token: []\n        place: [{parameter: {shape: [T, 16]}}]\n    name: group\n",
}


def report(graph: Any, batch: int = 1) -> Report:
    return costcalc.estimate(graph, batch)


def view(graph: Any, batch: int = 1) -> Language:
    return language(report(graph, batch))


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_learned_positions_keep_their_size(place: str) -> None:
    """64 tokens: 1,600 + 64 x 16 + 1,700 params, 4 bytes each, in both phases (karpathy/ng-video-lecture, issue 54).

    One token meets 64 keys and values of 16 features, 2 x 64 x 16 multiply-adds, and the head's 16 x 100. The cache is
    64 x (16 + 16) x 4 bytes; the key, which is also the value here, is stored once: see the tests of the cache.
    """
    last = next((name for name in ("mul", "group") if f"{name}:" in place or f": {name}" in place), "add")
    one, whole = (report(phase(spec(place, last), sequence=64)) for phase in (decode, prompt))
    assert one.totals.params == whole.totals.params == 1_600 + 64 * 16 + 1_700 == 4_324
    assert one.totals.weight_bytes == whole.totals.weight_bytes == 4 * 4_324
    assert one.totals.macs == 2 * 64 * 16 + 16 * 100
    assert whole.totals.macs == 2 * 64 * 64 * 16 + 64 * 16 * 100
    assert one.output == {"linear": (1, 100)}
    assert one.graph.args == whole.graph.args == {"T": 64}
    assert one.graph.inputs == {"input": (1,)}


def test_the_report_says_where_one_row_is_taken() -> None:
    assert list(rows_taken(decode(spec(PLACES["added"]), sequence=64).root)) == [
        RowTaken("add", "place", (64, 16), (1, 16))
    ]
    assert list(rows_taken(prompt(spec(PLACES["added"]), sequence=64).root)) == []


def test_positions_in_every_layer() -> None:
    """Two layers that add positions, each with a table of its own: 2 x 64 x 16 params, two rows taken."""
    place = "  - layers:\n" + PLACES["added"].replace("  - ", "    - ", 1).replace("\n      ", "\n        ")
    graph = decode(spec(place + "    repeat: 2\n    name: twice\n", "twice"), sequence=64)
    assert report(graph).totals.params == 1_600 + 2 * 64 * 16 + 1_700
    assert [taken.path for taken in rows_taken(graph.root)] == ["twice[0..1].add"]


def test_positions_that_are_joined_to_the_features() -> None:
    """16 features of the word and 4 of its place: a row of 20 for the new token."""
    place = "  - concat:\n      axis: features\n      token: []\n      place: [{parameter: {shape: [T, 4]}}]\n"
    one = report(decode(spec(place, "concat"), sequence=64))
    assert one.totals.params == 1_600 + 64 * 4 + 2_100
    assert one.totals.macs == 2 * 64 * 20 + 20 * 100


def test_a_gate_for_each_token_is_no_row_of_a_table() -> None:
    """The gate of a token, one number, is spread over as many features as there are tokens: nothing is taken there."""
    place = """  - mul:
      gate: [{linear: {out: 1}}]
      scale: [{parameter: {shape: [64]}}]
  - linear: {out: 16}
"""
    one = report(decode(spec(place, "linear"), sequence=64))
    assert one.find("mul").output == (1, 64)
    assert one.totals.params == 1_600 + 17 + 64 + 65 * 16 + 1_700


@pytest.mark.parametrize(("sequence", "seen"), [(64, 10), (8, 8)])
def test_a_window_that_an_arg_decides(sequence: int, seen: int) -> None:
    """`window: min(10, T)` is 10 for a context of 64, although the input is one token long."""
    attend = ATTEND.replace("causal: true", 'causal: true, window: "min(10, T)"')
    found = view(decode(spec("", "e", attend=attend), sequence=sequence))
    assert found.attention_macs == found.masked_attention_macs == 2 * seen * 16
    assert found.kept == (seen,)


@pytest.mark.parametrize(("sequence", "there"), [(64, False), (65, True)])
def test_a_condition_that_an_arg_decides(sequence: int, there: bool) -> None:
    """`when: T > 64` is true for a context of 65: 16 x 16 + 16 params more."""
    place = "  - linear: {out: 16}\n    when: T > 64\n    name: deep\n"
    assert report(decode(spec(place, "deep"), sequence=sequence)).totals.params == 3_300 + 272 * there


@pytest.mark.parametrize("name", ["T", "sequence", "seq_len", "tokens", "length"])
def test_the_arg_of_the_tokens_is_found_from_the_input(name: str) -> None:
    found = view(decode(spec("", "e", args=f"{name}: 128, other: 3", length=name), sequence=64))
    assert (found.context, found.tokens, found.input, found.arg) == (64, 1, "input", name)
    assert view(decode(spec("", "e", args=f"{name}: 128", length=name))).context == 128
    assert view(decode(spec("", "e", args=f"{name}: 128", length=name), {name: 32})).context == 32


@pytest.mark.parametrize(
    ("length", "sequence", "value"), [("T + 1", 64, 63), ("2 * T", 64, 32), ("T - 1", 64, 65), ("3 * T + 2", 65, 21)]
)
def test_a_length_that_is_worked_out(length: str, sequence: int, value: int) -> None:
    """--sequence says how many tokens there are, so the arg becomes what makes so many."""
    graph = decode(spec("", "e", length=length), sequence=sequence)
    assert (graph.args["T"], view(graph).context) == (value, sequence)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"length": "2 * T", "sequence": 65}, "no value of T makes 2 * T so many tokens: write --set T=... instead"),
        ({"length": "128", "sequence": 64}, r"write 'args: {sequence: 128}' and 'input: \[sequence\]'"),
        (
            {"length": "T * U", "args": "T: 8, U: 2", "sequence": 64},
            "depends on T and U: write --set T=... --set U=...",
        ),
        ({"length": "T", "sequence": 64, "set": {"T": 32}}, "--sequence 64 and --set T=32 both say"),
        ({"length": "T", "input": [64]}, "write --sequence 64 in its place"),
    ],
)
@pytest.mark.parametrize("phase", [decode, prompt])
def test_no_arg_or_several_give_the_tokens(phase: Any, given: dict[str, Any], message: str) -> None:
    made = spec("", "e", args=given.get("args", "T: 128"), length=given["length"])
    with pytest.raises(CostcalcError, match=message.replace("*", r"\*").replace("...", r"\.\.\.")):
        phase(made, given.get("set"), given.get("input"), sequence=given.get("sequence"))


def test_a_length_that_no_arg_gives() -> None:
    """Without --sequence the context is what the file says, or what --input says."""
    made = spec("", "e", length="128")
    assert (view(decode(made)).context, view(decode(made)).arg) == (128, None)
    assert view(decode(made, input=[64])).attention_macs == 2 * 64 * 16


@pytest.mark.parametrize("change", ["", ", window: 8"])
def test_self_attention_that_is_not_causal_is_refused(change: str) -> None:
    """It has no cache: a new token would change what those before it saw."""
    encoder = ATTEND.replace(", causal: true", change).replace("LAST", "e") + "    name: encoder\n"
    with pytest.raises(costcalc.SpecError, match="attention that is not causal cannot be decoded"):
        decode(spec(encoder, "encoder"))
    with pytest.raises(CostcalcError, match="no causal attention"):
        decode(spec("", "e", attend=encoder))


def test_attention_to_a_memory_that_is_no_token() -> None:
    """8 stored rows of 16 features are met whole, by every token: 2 x 8 x 16 multiply-adds, and nothing is kept."""
    memory = """  - parameter: {shape: [8, 16]}
    name: memory
  - scaled_dot_product_attention: {heads: 2}
    from: {query: e, key: memory, value: memory}
    name: recalled
"""
    found = view(decode(spec(memory, "recalled"), sequence=8))
    assert found.attention_macs == 2 * 8 * 16 + 2 * 8 * 16
    assert found.kept == (8,)


def test_a_prefix_before_the_tokens_is_kept_too() -> None:
    """10 trained rows stand before 64 keys and values: the new token meets 74 of each."""
    prefix = """  - concat:
      axis: 0
      prefix: [{parameter: {shape: [10, 16]}}]
      tokens: []
    name: longer
"""
    attend = ATTEND.replace("query: LAST", "query: e")
    found = view(decode(spec(prefix, "longer", attend=attend), sequence=64))
    assert found.attention_macs == 2 * 74 * 16
    assert found.kept == (74,)


@pytest.mark.parametrize("queries", ["T", '"x.shape[0]"'])
def test_a_bias_for_every_distance(queries: str) -> None:
    """The bias of one query and 64 keys, for 2 heads: 128 numbers; its table of 32 x 2 is as large as ever."""
    bias = f"  - relative_attention_bias: {{heads: 2, queries: {queries}, bidirectional: false}}\n    name: b\n"
    attend = ATTEND.replace("value: LAST", "value: LAST, bias: b")
    one = report(decode(spec(bias, "e", attend=attend), sequence=64))
    assert one.find("b").output == (2, 1, 64)
    assert one.find("b").params == 64
    assert language(one).attention_macs == 2 * 64 * 16


@pytest.mark.parametrize("shape", ["[2, T, T]", "[2, 1, T]", "[1, T, T]", "[T, T]"])
def test_a_bias_that_is_stored(shape: str) -> None:
    """As ALiBi or a mask has it: the new token takes its own row of scores."""
    bias = f"  - parameter: {{shape: {shape}}}\n    name: b\n"
    attend = ATTEND.replace("value: LAST", "value: LAST, bias: b")
    one = report(decode(spec(bias, "e", attend=attend), sequence=64))
    (layer,) = (row for row in one.rows() if row.op == "scaled_dot_product_attention")
    assert layer.output == (1, 16)
    assert layer.input[3][-2:] == (1, 64)


@pytest.mark.parametrize("size", ["T", '"x.shape[0]"', "-1"])
def test_a_reshape_of_all_tokens_is_one_of_one_token(size: str) -> None:
    """[T, 16] as [T, 4, 4] and back; a size that is the context's, where the tokens are, is 1 for one of them."""
    shapes = f"  - reshape: {{shape: [{size}, 4, 4]}}\n  - rms_norm\n  - reshape: {{shape: [T, -1]}}\n    name: back\n"
    one = report(decode(spec(shapes, "back"), sequence=64))
    assert one.find("rms_norm").output == (1, 4, 4)
    assert one.find("back").output == (1, 16)


def test_positions_that_are_as_long_as_the_input_are_refused() -> None:
    """With one token there would be one row: the params would not be those of the network."""
    place = PLACES["added"].replace("[T, 16]", '["x.shape[0]", 16]')
    with pytest.raises(costcalc.SpecError, match=r"\[128, 16\] for 128 tokens, \[1, 16\] for one") as caught:
        decode(spec(place))
    assert caught.value.problems[0].hint == "write 'T' where it takes its size from the length of the input"
    assert report(decode(spec(place.replace('"x.shape[0]"', "T")))).totals.params == 5_348  # as the hint says


def test_attention_written_out_is_refused() -> None:
    """Scores by a matmul would be those of one token with itself, and nothing would be kept."""
    written = """  - transpose: {order: [1, 0]}
    name: turned
  - matmul:
    from: {left: e, right: turned}
  - softmax: {axis: -1}
  - matmul:
    from: {right: e}
    name: mixed
"""
    with pytest.raises(costcalc.SpecError, match="matmul multiplies tokens with tokens") as caught:
        decode(spec(written, "mixed"))
    assert "scaled_dot_product_attention" in caught.value.problems[0].hint


def test_what_works_across_tokens_is_warned_of() -> None:
    """A mean over the tokens sees one of them."""
    text = "  - mean: {axis: 0}\n    name: pooled\n  - mul:\n    from: [e, pooled]\n    name: scaled\n"
    graph = decode(spec(text, "scaled"))
    assert [warning.message for warning in graph.warnings] == [
        "mean works across the tokens, and in decode it sees the new one alone, not all 128"
    ]


@pytest.mark.parametrize(
    ("name", "sequence", "macs", "cache"),
    [
        # every weight but the tables' is used once; 2 x context x features in each layer; published sizes
        ("gpt2", 1024, 12 * 12 * 768**2 + 50257 * 768 + 12 * 2 * 1024 * 768, 12 * 2 * 768 * 1024 * 4),
        ("llama2_7b", 512, 6_738_415_616 - 32_000 * 4096 - 65 * 4096 + 32 * 2 * 512 * 4096, 268_435_456),
        ("llama3_8b", 8192, 8_030_261_248 - 128_256 * 4096 - 65 * 4096 + 32 * 2 * 8192 * 4096, 131_072 * 8192),
    ],
)
def test_published_models(name: str, sequence: int, macs: int, cache: int) -> None:
    """Bytes of a token: 2 x layers x heads of keys x features x bytes: 131,072 for llama3_8b, 524,288 for llama2_7b."""
    graph = decode(costcalc.load(name), sequence=sequence)
    assert report(graph).totals.macs == macs
    assert view(graph).cache_bytes == cache
    assert report(graph).totals.params == report(prompt(costcalc.load(name))).totals.params


@pytest.mark.parametrize(
    ("layer", "warned"),
    [
        ("lstm: {out: 16}", True),
        ("gru: {out: 16}", True),
        ("linear: {out: 16}", False),
    ],
)
def test_a_state_beside_keys_and_values_is_warned_of(layer: str, warned: bool) -> None:
    """What a recurrent layer keeps is no key and no value, and is not in the KV cache."""
    made = spec(f"  - {layer}\n    name: state\n", "state")
    warnings = decode(made).warnings
    assert [warning.message for warning in warnings] == (
        [
            f"{layer[: layer.index(':')]} needs something of the tokens before the new one, and the KV cache does not count it"
        ]
        * warned
    )
    assert prompt(made).warnings == ()


def test_a_convolution_over_the_tokens_carries_its_window() -> None:
    """As Mamba's: 4 taps of which 3 are of the tokens before. Its multiply-adds are those of one place: 16 x 4."""
    turned = """  - transpose: {order: [1, 0]}
  - conv: {out: 16, kernel: K, padding: [[K - 1, 0]], groups: 16}
    name: taps
  - transpose: {order: [1, 0]}
    name: back
"""
    one = decode(spec(turned.replace("K - 1", "3").replace("K", "4"), "back"))
    assert report(one).find("taps").macs == 16 * 4
    assert ["conv needs something" in warning.message for warning in one.warnings] == [True]
    assert decode(spec(turned.replace("K - 1", "0").replace("K", "1"), "back")).warnings == ()


def test_a_layer_that_runs_in_both_directions_is_refused() -> None:
    made = spec("  - lstm: {out: 8, bidirectional: true}\n    name: state\n", "state")
    with pytest.raises(costcalc.SpecError, match="runs in both directions cannot be decoded"):
        decode(made)
