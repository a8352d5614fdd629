"""`from` in a JSON report: anybody can work out the peak from it, without costcalc."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import costcalc
from costcalc.cost.model import Report
from costcalc.report.json import dump
from costcalc.report.json import report as document
from costcalc.spec.find import bundled, bundled_variants
from tests.cost.test_brute_force import expanded, reported, specs
from tests.report.peak_from_json import moments

Cost = Callable[..., Report]


def to_json(report: Report, depth: int | None = None) -> dict[str, Any]:
    """The document as a reader has it."""
    found: dict[str, Any] = json.loads("\n".join(dump(document(report, depth=depth))))
    return found


def agree(report: dict[str, Any]) -> None:
    """The peak, where it is, and what lives there are what the edges say."""
    found, peak = moments(report), report["peak"]
    most = max(sum(size for _, size in live) for live in found.values())
    assert report["totals"]["peak_activation_bytes"] == most
    live = [(tensor["path"], tensor["bytes"]) for tensor in peak["live"]]
    assert found.get(peak["layer"], found[""]) == live
    assert sum(size for _, size in live) == most
    for metric in ("params", "params_active", "buffers", "macs", "activations", "activation_bytes"):
        assert report["totals"][metric] == sum(row[metric] for row in report["layers"])


NAMES = sorted({*bundled(), *bundled_variants()})


@pytest.mark.parametrize("name", NAMES)
def test_the_peak_of_a_bundled_network(name: str) -> None:
    agree(to_json(costcalc.estimate(costcalc.build(costcalc.load(name)))))


@given(spec=specs(), batch=st.integers(1, 3), fold=st.sampled_from([0, 1, 2, 64]))
@settings(max_examples=300)
def test_the_peak_of_a_random_network(spec: dict[str, Any], batch: int, fold: int) -> None:
    """Also where many instances are one row, inside one another."""
    if expanded(spec) is None:
        return
    with patch("costcalc.cost.walk.FOLD", fold):
        agree(to_json(reported(spec, batch)))


def edges(report: Report, depth: int | None = None) -> dict[str, list[str | None]]:
    return {row["path"]: row["from"] for row in to_json(report, depth=depth)["layers"]}


SPEC = """
    input: {image: [4, 2, 3], mask: [4, 2, 3]}
    blocks:
      unit(n) from x, other:
        - conv: {out: 4, kernel: 1}
        - relu:
          repeat: n
        - add:
            body: [{dropout: }]
            skip: {from: other}
    layers:
      - unit: {n: 2}
        from: {other: mask}
        repeat: 2
        name: stage
      - {relu: , when: false, name: nothing}
      - crop: {}
        from: {like: mask}
      - {parameter: {shape: [4, 1, 1]}, name: scale}
      - mul:
        from: [nothing, crop, scale]
      - {conv: {out: 1, kernel: 1}, name: aside}
      - {crop: {size: 1}, from: mul, name: head}
    output: {score: head, seen: mask}
"""


def test_where_every_input_comes_from(cost: Cost) -> None:
    """By hand: inputs by their name, blocks passed through, what `when` leaves out too; null for what is not given."""
    report = cost(SPEC)
    assert edges(report) == {
        "stage[0].conv": ["image"],
        "stage[0].relu[0]": ["stage[0].conv"],
        "stage[0].relu[1]": ["stage[0].relu[0]"],
        "stage[0].body.dropout": ["stage[0].relu[1]"],
        "stage[0].add": ["stage[0].body.dropout", "mask"],
        "stage[1].conv": ["stage[0].add"],
        "stage[1].relu[0]": ["stage[1].conv"],
        "stage[1].relu[1]": ["stage[1].relu[0]"],
        "stage[1].body.dropout": ["stage[1].relu[1]"],
        "stage[1].add": ["stage[1].body.dropout", "mask"],
        "crop": ["stage[1].add", "mask"],
        "scale": [],
        "mul": ["stage[1].add", "crop", "scale"],
        "aside": ["mul"],
        "head": ["mul", None],
    }
    assert to_json(report)["output_from"] == {"score": "head", "seen": "mask"}


def test_where_rolled_up_blocks_take_their_inputs_from(cost: Cost) -> None:
    """At a depth the rows that are there are named."""
    report = cost(SPEC)
    assert edges(report, 1) == {
        "stage": ["image", "mask"],
        "crop": ["stage", "mask"],
        "scale": [],
        "mul": ["stage", "crop", "scale"],
        "aside": ["mul"],
        "head": ["mul", None],
    }
    assert edges(report, 2)["stage[1]"] == ["stage[0]", "mask"]
    assert edges(report, 2)["crop"] == ["stage[1]", "mask"]
    for depth in (1, 2, 3, 4):
        rows = edges(report, depth)
        assert {path for taken in rows.values() for path in taken} - {None} <= {*rows, "image", "mask"}


def test_many_instances_in_one_row(cost: Cost) -> None:
    """By hand: the first takes the input, the others what the one before made."""
    report = to_json(
        cost("""
        input: [3]
        blocks:
          unit: [{linear: {out: 3}, repeat: 100}, relu]
        layers:
          - unit:
            repeat: 200
    """)
    )
    linear, relu = report["layers"]
    inner = "unit[0..199].linear[0..99]"
    assert (linear["path"], linear["from"]) == (inner, ["input"])
    assert list(linear["from_later"].items()) == [(inner, [inner]), ("unit[0..199]", ["unit[0..199].relu"])]
    assert (relu["from"], "from_later" in relu) == ([inner], False)
    assert report["output_from"] == {"unit": "unit[0..199].relu"}
    assert linear["activation_bytes"] == 4 * 3 * 100 * 200


def test_formats_and_views_are_said(cost: Cost) -> None:
    """Tokens are int64, 8 bytes each, whatever the network's format; a view is called one."""
    report = to_json(
        cost(
            """
            dtype: float16
            input: {tokens: [7], mask: {shape: [7, 1], dtype: bool}}
            layers:
              - embedding: {count: 10, out: 4}
              - {transpose: {order: [1, 0]}, name: turned}
              - {mul: , from: [embedding, mask], dtype: float32}
            output: [mul, turned]
            """,
            batch=3,
        )
    )
    assert report["input_dtype"] == {"tokens": "int64", "mask": "bool"}
    assert report["input_bytes"] == {"tokens": 3 * 7 * 8, "mask": 3 * 7}
    assert [(row["dtype"], row.get("view")) for row in report["layers"]] == [
        ("float16", None), ("float16", True), ("float32", None),
    ]  # fmt: skip
