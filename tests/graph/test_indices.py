"""Number formats of inputs: whole numbers that only pick rows of tables are int64, as in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import jsonschema
import pytest
import yaml

from costcalc.cost.model import Report
from costcalc.graph.build import build
from costcalc.graph.indices import Use, uses_of_inputs
from costcalc.reference.run import run
from costcalc.spec.load import load, load_text
from costcalc.spec.schema import schema

Cost = Callable[..., Report]

# fact: (input, layers, formats of the inputs); the network's own format is float16
FACTS: dict[str, tuple[str, str, dict[str, str]]] = {
    "tokens": ("[7]", "[{embedding: {count: 9, out: 4}}]", {"input": "int64"}),
    "an input of numbers": ("[7]", "[relu]", {"input": "float16"}),
    "an input that nothing reads": (
        "{a: [7], b: [7]}", "[{embedding: {count: 9, out: 4}}]", {"a": "int64", "b": "float16"},
    ),
    "two tables, one input": (
        "[7]",
        "[{embedding: {count: 9, out: 4}, name: e}, {embedding: {count: 5, out: 4}, from: x, name: f},"
        " {add: , from: [e, f]}]",
        {"input": "int64"},
    ),
    "read as numbers, too": (
        "[7]",
        "[{embedding: {count: 9, out: 7}, name: e}, {relu: , from: x, name: f}, {add: , from: [e, f]}]",
        {"input": "float16"},
    ),
    "views in between": (
        "[14]",
        "[{reshape: {shape: [2, 7]}}, {slice: {axis: 0, end: 1}, repeat: 3}, {transpose: {order: [1, 0]}}, identity,"
        " {layers: [{dropout: }, flatten]}, {embedding: {count: 9, out: 4}}]",
        {"input": "int64"},
    ),
    "a copy in between": (
        "[7]", "[{roll: {axis: 0, shift: 1}}, {embedding: {count: 9, out: 4}}]", {"input": "float16"},
    ),
    "handed out as well": (
        "{a: [7]}", "[{embedding: {count: 9, out: 4}, name: e}]\noutput: [a, e]", {"a": "int64"},
    ),
    "inside blocks, the second input": (
        "{image: [7, 4], tokens: [7]}",
        "[{unit: , from: {x: image, words: tokens}}]\n"
        "blocks: {'unit from x, words': [{layers: [{table: , from: words}]}, {add: , from: [x, group]}],"
        " table: [identity, {embedding: {count: 9, out: 4}}]}",
        {"image": "float16", "tokens": "int64"},
    ),
    "written": ("{a: {shape: [7], dtype: int32}}", "[{embedding: {count: 9, out: 4}}]", {"a": "int32"}),
    "written for the only input": ("{shape: [7], dtype: uint8}", "[relu]", {"input": "uint8"}),
    "a shape without a format": ("{a: {shape: [7]}, b: [7]}", "[relu]", {"a": "float16", "b": "float16"}),
}  # fmt: skip


def text(fact: str) -> str:
    shapes, layers, _ = FACTS[fact]
    return f"dtype: float16\ninput: {shapes}\nlayers: {layers}\n"


@pytest.mark.parametrize("fact", FACTS)
def test_the_format_of_an_input(fact: str) -> None:
    assert build(load_text(text(fact))).input_dtypes == FACTS[fact][2]


@pytest.mark.parametrize("fact", FACTS)
def test_the_schema_for_editors_allows_it(fact: str) -> None:
    jsonschema.validate(yaml.safe_load(text(fact)), schema())


@pytest.mark.parametrize("fact", ["tokens", "two tables, one input", "views in between", "written"])
def test_what_picks_rows_is_drawn_from_the_smallest_table(fact: str) -> None:
    """Where the values are not given, the executor draws rows that every table has."""
    ran = run(build(load_text(text(fact))))
    rows = 5 if fact.startswith("two") else 9
    (drawn,) = ran.inputs.values()
    assert all(number == int(number) and 0 <= number < rows for number in drawn.numbers)


def test_seven_tokens_are_56_bytes(cost: Cost) -> None:
    """Measured in PyTorch: 56, as float32 it was 28; a table of 4 float16 numbers a row makes 56 more."""
    report = cost(text("tokens"))
    assert report.peak().live == (("input", 56), ("embedding", 56))


def test_a_variant_states_its_own_format(tmp_path: Path) -> None:
    """A variant's `input` replaces the file's whole, its format too; without one it keeps it. Shapes given keep it."""
    (tmp_path / "net.yaml").write_text(
        dedent("""
        input: {a: {shape: [7], dtype: int8}}
        variants:
          wide: {input: {a: [9]}}
          wider: {input: {a: {shape: [11], dtype: float64}}}
          same: {about: the same}
        layers: [relu]
        """)
    )
    found = {
        name: dict(build(load(f"{tmp_path / 'net.yaml'}{name}")).input_dtypes)
        for name in ("", "@wide", "@wider", "@same")
    }
    assert found == {"": {"a": "int8"}, "@wide": {"a": "float32"}, "@wider": {"a": "float64"}, "@same": {"a": "int8"}}
    assert build(load(tmp_path / "net.yaml"), input={"a": [13]}).input_dtypes == {"a": "int8"}


def test_every_block_is_looked_at_once(at_most: Any) -> None:
    """Doubling blocks, 2^40 layers: the tokens are followed through each block once."""
    blocks = "".join(f"  b{k}: [b{k - 1}, b{k - 1}]\n" for k in range(1, 41))
    graph = build(
        load_text(f"input: [7]\nblocks:\n  b0: [identity]\n{blocks}layers: [b40, {{embedding: {{count: 9, out: 4}}}}]")
    )
    with at_most(5_000):
        assert uses_of_inputs(graph.root, graph.inputs) == {"input": Use(rows=9)}
