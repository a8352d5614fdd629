"""Lock files: what is written is what is read, line by line."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from costcalc.cost.metrics import METRICS
from costcalc.cost.model import Report
from costcalc.errors import Fault
from costcalc.report.json import dump
from costcalc.report.json import report as to_json
from costcalc.versions.lock import read_lock, write_lock
from costcalc.versions.recorded import recorded
from costcalc.versions.snapshot import Measured

NET = """\
name: net
input: [3, 9, 10]
layers:
  - {conv: {out: 4, kernel: 3}, repeat: 2, name: stage}
  - batch_norm
  - relu
  - flatten
"""


def test_a_lock_comes_back_as_it_was(cost: Callable[..., Report]) -> None:
    """Totals, and the numbers of the outermost blocks; zeros are left out of the file and come back."""
    now = Measured(cost(NET))
    text = write_lock({"net.yaml": (now, frozenset())})
    found = read_lock(text).models["net.yaml"]
    assert all(found.total(metric) == now.total(metric) for metric in METRICS)
    for piece in now.outline:
        for metric in ("params", "macs", "activations", "flops"):
            assert found.parts[piece.path].numbers[metric] == piece.numbers[metric]
    assert '"flatten": {}' in text
    assert write_lock({"net.yaml": found}) == text


def test_a_lock_is_one_block_a_line(cost: Callable[..., Report]) -> None:
    """The whole file for two networks, as a reviewer sees it.

    By hand: the first convolution has 3 x 9 weights and a bias for each of 4 channels and leaves 7 x 8 positions, the
    second 4 x 9 and leaves 5 x 6.
    """
    net = Measured(cost(NET.replace("  - batch_norm\n  - relu\n", "")))
    lines = write_lock({"b.yaml": (net, frozenset()), "a.yaml": (net, frozenset({("stage[1]", "macs")}))}).splitlines()
    stage = f'{{"activations": {4 * 56 + 4 * 30}, "macs": {108 * 56 + 144 * 30}, "params": {108 + 4 + 144 + 4}}}'
    assert lines[:10] == [
        "{",
        '  "convention": {"name": "costcalc", "version": 2},',
        '  "format": "costcalc.lock/1",',
        '  "models": {',
        '    "a.yaml": {',
        '      "blocks": {',
        '        "flatten": {},',
        f'        "stage": {stage},',
        f'        "stage[1]": {{"macs": {144 * 30}}}',
        "      },",
    ]
    assert json.loads("\n".join(lines))["models"].keys() == {"a.yaml", "b.yaml"}


def test_a_stored_report_is_the_network(cost: Callable[..., Report]) -> None:
    """Read back from JSON, a network has the same blocks and layers in the same order, and the same numbers."""
    now = Measured(cost(NET))
    found = recorded(json.loads("\n".join(dump(to_json(now.report)))))
    assert [piece.path for piece in found.layers] == [piece.path for piece in now.layers]
    assert [piece.arguments for piece in found.layers] == [piece.arguments for piece in now.layers]
    assert [piece.path for piece in found.outline] == [piece.path for piece in now.outline]
    assert all(found.total(metric) == now.total(metric) for metric in METRICS)


@pytest.mark.parametrize(
    "models",
    [
        "[]",
        '{"a": []}',
        '{"a": {"name": "a", "totals": {"macs": 1.5}, "blocks": {}}}',
        '{"a": {"name": "a", "totals": {"macs": true}, "blocks": {}}}',
        '{"a": {"name": "a", "totals": {}, "blocks": {"x": 3}}}',
        '{"a": {"name": "a", "blocks": {}}}',
    ],
)
def test_a_damaged_lock(models: str) -> None:
    """Whatever is wrong inside: one sentence, never a traceback."""
    text = f'{{"format": "costcalc.lock/1", "convention": {{"name": "costcalc", "version": 2}}, "models": {models}}}'
    with pytest.raises(Fault, match="this lock is damaged"):
        read_lock(text)


@pytest.mark.parametrize("text", ["", "[" * 100_000, '"x"', "null", '{"format": 3}'])
def test_what_is_no_lock(text: str) -> None:
    with pytest.raises(Fault, match="this is not"):
        read_lock(text)
