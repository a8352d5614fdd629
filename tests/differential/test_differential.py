"""Random specs, read by costcalc and by an evaluator of its own: shapes, costs and peak of every layer are equal.

300 specs as part of every run. For a long run:

    COSTCALC_SPECS=10000 pytest tests/differential
"""

from __future__ import annotations

import json
import os
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from costcalc.cost.estimate import estimate
from costcalc.cost.metrics import Cost
from costcalc.cost.model import Report, Row
from costcalc.errors import SpecError
from costcalc.graph.build import build
from costcalc.graph.memo import Memo
from costcalc.spec.load import load
from tests.differential.evaluator import Network, Refused
from tests.differential.generator import spec

SPECS = int(os.environ.get("COSTCALC_SPECS", "300"))
CHUNK = 50
METRICS = ("params", "params_active", "buffers", "weight_bytes", "macs", "activations", "activation_bytes", "layers")


def report_of(path: Path, variant: str | None, batch: int) -> Report:
    return estimate(build(load(f"{path}@{variant}" if variant else str(path))), batch)


def evaluated(written: dict[str, Any], variant: str | None, batch: int) -> Network | None:
    try:
        return Network(written, variant, batch)
    except Refused:
        return None


def compare(path: Path, variant: str | None, batch: int) -> int:
    """Hold one network against its evaluation; returns how many layers it has, 0 where both refuse it."""
    written = json.loads(path.read_text())
    network = evaluated(written, variant, batch)
    if network is None:
        with pytest.raises(SpecError):
            report_of(path, variant, batch)
        return 0
    report = report_of(path, variant, batch)
    wanted = network.rows()
    rows = list(report.rows(fold=10**9))
    found = [
        {"path": row.path, "op": row.op, "output": row.output, **{name: getattr(row.cost, name) for name in METRICS}}
        for row in rows
    ]
    assert found == wanted
    for name in METRICS:
        assert getattr(report.totals, name) == sum(row[name] for row in wanted), name
    moments, peak = network.moments(), report.peak()
    assert peak.bytes == network.peak()
    assert sum(size for _, size in peak.live) == peak.bytes
    if moments:
        assert list(peak.live) == moments[peak.layer]
    adds_up(report, rows)
    return len(rows)


def adds_up(report: Report, layers: list[Row]) -> None:
    """The rows of every depth are the total, also where equal neighbours are one; a block is what lies under it."""
    for depth, fold in product((None, 1, 2, 3), (0, 1, 2, 64)):
        assert sum((row.cost for row in report.rows(depth, fold=fold)), Cost()) == report.totals
    for block in report.blocks():
        under = (f"{block.path}.", f"{block.path}[")
        inside = [row.cost for row in layers if row.path.startswith(under) or row.path == block.path]
        assert sum(inside, Cost()) == block.cost


@pytest.mark.parametrize("start", range(0, SPECS, CHUNK))
def test_random_specs_cost_what_their_layers_cost_one_by_one(start: int, tmp_path: Path) -> None:
    layers, path = 0, tmp_path / "random.yaml"
    for seed in range(start, min(start + CHUNK, SPECS)):
        written = spec(seed)
        path.write_text(json.dumps(written))  # JSON is YAML
        for variant in (None, *written.get("variants", {})):
            try:
                layers += compare(path, variant, batch=1 + seed % 3)
            except Exception as difference:
                difference.add_note(f"seed {seed}, variant {variant}: {json.dumps(written)}")
                raise
    assert layers > 2 * CHUNK  # most specs are valid, and have layers


@pytest.mark.parametrize("seed", range(0, SPECS, 10))
def test_builds_that_share_their_memory_give_the_same_as_builds_alone(seed: int, tmp_path: Path) -> None:
    """What was built before for other args changes no number and no error."""
    path = tmp_path / "random.yaml"
    path.write_text(json.dumps(spec(seed)))
    try:
        loaded = load(str(path))
    except SpecError:
        return
    memo = Memo()
    for w, flag in ((1, True), (3, False), (2, True), (1, True), (3, False)):
        outcomes = []
        for remembered in (memo, Memo()):
            try:
                report = estimate(build(loaded, {"w": w, "flag": flag}, memo=remembered))
            except SpecError as error:
                outcomes.append([str(error)])
            else:
                outcomes.append([(row.path, row.op, row.output, row.cost) for row in report.rows()])
        assert outcomes[0] == outcomes[1]
