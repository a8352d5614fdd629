"""What nine tools print for a single op, run one by one: the same from the tables, to the last digit.

`probes.csv` is what the tools printed for a batch of 2 (torch 2.15 on a CPU, versions as in the tables): images of
(2, 16, 8, 8), sequences of (2, 10, 64). `probes.yaml` says what each probe is as a spec.
"""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import costcalc
from costcalc.conventions.load import load
from costcalc.cost.account import account
from costcalc.cost.model import Report
from costcalc.spec.load import load_text

HERE = Path(__file__).parent
PROBES: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "probes.yaml").read_text(encoding="utf-8"))
with (HERE / "probes.csv").open(encoding="utf-8") as file:
    PRINTED = {row.pop("probe"): {tool: int(number) for tool, number in row.items()} for row in csv.DictReader(file)}
CASES = [(probe, tool) for probe, numbers in PRINTED.items() if "layers" in PROBES[probe] for tool in numbers]
LISTED = {
    "torch.bmm": {"calflops", "calflops-macs"},
    "einsum": {"calflops", "deepspeed-macs"},
    "RNN 16->32": set(PRINTED["RNN 16->32"]),
}
"""The numbers that the tables do not come to, each with its reason in probes.yaml."""


@cache
def report(probe: str) -> Report:
    spec = {key: value for key, value in PROBES[probe].items() if key not in ("reason", "except")}
    return costcalc.estimate(costcalc.build(load_text(json.dumps(spec))), batch=2)


def test_there_are_55_probes() -> None:
    assert len(PRINTED) == 55
    assert PROBES.keys() == PRINTED.keys()


@pytest.mark.parametrize(("probe", "tool"), CASES)
def test_probe(probe: str, tool: str) -> None:
    counted = account(report(probe), load(tool)).total
    if tool in LISTED.get(probe, ()):
        assert counted != PRINTED[probe][tool]
    else:
        assert counted == PRINTED[probe][tool]


def test_what_is_not_covered_is_listed_with_its_reason() -> None:
    """Fifty-two probes under every tool, two under all but two; there is no plain RNN."""
    assert {probe for probe, spec in PROBES.items() if "reason" in spec} == LISTED.keys()
    assert {probe: set(spec["except"]) for probe, spec in PROBES.items() if "except" in spec} == {
        probe: tools for probe, tools in LISTED.items() if "layers" in PROBES[probe]
    }
    assert len(CASES) == 54 * 11
