"""Whole networks, call by call, against lists read off torchvision's models (`layers/*.json`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import costcalc

LISTS = Path(__file__).parent / "layers"
Call = tuple[str, tuple[int, ...], tuple[int, ...], int, int]


def calls_of(row: Any) -> list[Call]:
    """What PyTorch calls for one layer: op, input, output, params, MACs.

    Attention is two matrix products for every head, of equal cost where its values are as wide as its keys: the
    queries with the keys give the scores, the scores with the values give the output.
    """
    if row.op in ("conv", "linear"):
        return [(row.op, row.input[0], row.output, row.params, row.macs)]
    if row.op != "scaled_dot_product_attention":
        return []
    heads, (tokens, features) = row.arguments["heads"], row.input[0]
    queries, scores = (heads, tokens, features // heads), (heads, tokens, row.input[1][0])
    assert set(row.input[:3]) == {row.output}
    assert row.macs % 2 == 0
    return [("matmul", queries, scores, row.params, row.macs // 2), ("matmul", scores, queries, 0, row.macs // 2)]


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("densenet121", 121),
        ("googlenet", 58),
        ("mobilenet_v2", 53),
        ("resnet18", 21),
        ("resnet50", 54),
        ("squeezenet1_1", 26),
        ("vgg16", 16),
        ("vit_b_16", 74),
    ],
)
def test_calls_are_torchvisions(name: str, calls: int) -> None:
    """Every convolution, linear layer and matrix product has the shapes, params and MACs of torchvision's, in order.

    Source: forward hooks on torchvision 0.28.0; the number of calls is counted there too.
    """
    expected = [
        (op, tuple(taken), tuple(given), params, macs)
        for op, taken, given, params, macs in json.loads((LISTS / f"{name}.json").read_text())["calls"]
    ]
    report = costcalc.estimate(costcalc.build(costcalc.load(name)))
    found = [call for row in report.rows() for call in calls_of(row)]
    assert len(expected) == calls
    assert found == expected
