"""Specs, graphs and reports can be sent to another process: they come back as they were."""

from __future__ import annotations

import copy
import gc
import pickle
import subprocess
import sys
from typing import Any

import pytest

import costcalc
from costcalc.ops import catalogue
from costcalc.report.json import dump
from costcalc.report.json import report as to_json
from costcalc.report.layers import show
from costcalc.report.plain import render
from costcalc.spec.find import bundled
from costcalc.spec.load import load_text


def back(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301  made here


def said(report: costcalc.Report) -> str:
    """All of it: the tables with their notes, and JSON with every row, its sources and the peak."""
    return "\n".join((*render(show(report)), *dump(to_json(report))))


@pytest.mark.parametrize("name", sorted(bundled()))
def test_a_report_says_the_same_when_it_comes_back(name: str) -> None:
    spec = costcalc.load(name)
    report = costcalc.estimate(costcalc.build(spec), 2)
    expected = said(report)
    assert said(costcalc.estimate(costcalc.build(back(spec)), 2)) == expected
    assert said(costcalc.estimate(back(costcalc.build(spec)), 2)) == expected
    assert said(back(report)) == expected  # after its rows, its extent and its peak were asked for


def test_objects_that_are_one_stay_one() -> None:
    """The 16 stages of ResNet-50 are few blocks: what is shared in memory is shared when it comes back."""
    graph = costcalc.build(costcalc.load("resnet152"))
    assert len(pickle.dumps(graph)) < 100_000
    (stage,) = (edge for edge in back(graph).root.edges if edge.name == "stage3" and edge.count > 1)
    assert stage.count == 35


def test_an_op_is_the_one_of_its_name() -> None:
    for op in catalogue().values():
        assert back(op) is op
        assert copy.deepcopy(op) is op


def test_deep_and_long_networks_come_back() -> None:
    """2^60 layers by doubling, and a line of 5,000 layers that are all different."""
    doubling = "".join(f"  b{n}:\n    - b{n + 1}\n    - b{n + 1}\n" for n in range(60))
    deep = f"input: [8]\nblocks:\n{doubling}  b60:\n    - relu\nlayers:\n  - b0\n"
    long = "input: [8, 9, 8]\nlayers:\n" + "".join(f"  - conv: {{out: {k + 1}, kernel: 1}}\n" for k in range(5000))
    for text in (deep, long):
        report = costcalc.estimate(costcalc.build(load_text(text)))
        assert back(report).totals == report.totals


def test_another_process_reads_it() -> None:
    """Nothing but the name of an op is needed on the other side, whatever was imported there before."""
    report = costcalc.estimate(costcalc.build(costcalc.load("mobilenet_v2")))
    program = "import pickle, sys; print(pickle.load(sys.stdin.buffer).totals.macs)"
    done = subprocess.run(
        [sys.executable, "-c", program], input=pickle.dumps(report), capture_output=True, check=True, timeout=60
    )
    assert int(done.stdout) == 300_774_272


def test_the_collector_of_the_host_is_left_alone() -> None:
    """It is the host's to decide: it is on while the library works, and its thresholds stay."""
    seen: list[bool] = []
    before = gc.get_threshold()
    gc.callbacks.append(lambda phase, info: seen.append(gc.isenabled()))
    gc.set_threshold(500)
    try:
        costcalc.estimate(costcalc.build(costcalc.load("densenet201")))
        assert gc.get_threshold()[0] == 500
    finally:
        gc.set_threshold(*before)
        gc.callbacks.pop()
    assert seen
    assert all(seen)
