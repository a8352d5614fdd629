"""Whole networks, call by call, against lists read off torchvision's models (`layers/*.json`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import costcalc

LISTS = Path(__file__).parent / "layers"


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
    ],
)
def test_convolutions_and_linears_are_torchvisions(name: str, calls: int) -> None:
    """Every convolution and linear layer has the shapes, params and MACs of torchvision's, in the same order.

    Source: forward hooks on torchvision 0.28.0; the number of calls is counted there too.
    """
    expected = [
        (op, tuple(taken), tuple(given), params, macs)
        for op, taken, given, params, macs in json.loads((LISTS / f"{name}.json").read_text())["calls"]
    ]
    report = costcalc.estimate(costcalc.build(costcalc.load(name)))
    found = [
        (row.op, row.input[0], row.output, row.params, row.macs)
        for row in report.rows()
        if row.op in ("conv", "linear")
    ]
    assert len(expected) == calls
    assert found == expected
