"""The bundled networks as a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from costcalc.cost.model import Report
from costcalc.report.document import Column, Document, Table, Text
from costcalc.report.numbers import exact, scaled, shape


def show(reports: Sequence[Report], *, of: int) -> Document:
    """Name, source, input, params and MACs of each network."""
    columns = (
        Column("Network"),
        Column("Source", folds=True),
        Column("Input"),
        Column("Params", right=True),
        Column("MACs", right=True),
        Column("", right=True),
    )
    rows = [
        (
            report.name,
            origin(report.graph.source),
            " ".join(map(shape, report.input.values())),
            report.totals.params,
            report.totals.macs,
            scaled(report.totals.macs),
        )
        for report in reports
    ]
    count = exact(len(reports)) if len(reports) == of else f"{exact(len(reports))} of {exact(of)}"
    return (Table("", columns, rows), Text(f"{count} networks; 'costcalc show NETWORK' has the layers."))


def origin(source: str) -> str:
    """A source in short: up to its first comma or semicolon, outside brackets."""
    match = re.match(r"(?:\([^)]*\)|[^,;(])+", source)
    return match.group().strip() if match else ""


def to_json(reports: Sequence[Report]) -> dict[str, Any]:
    """`costcalc.zoo/1`."""
    return {
        "format": "costcalc.zoo/1",
        "networks": [
            {
                "name": report.name,
                "spec": report.graph.path,
                "variant": report.graph.variant,
                "about": report.graph.about,
                "source": report.graph.source,
                "input": {name: list(sizes) for name, sizes in report.input.items()},
                "output": {name: list(sizes) for name, sizes in report.output.items()},
                "params": report.totals.params,
                "params_active": report.totals.params_active,
                "macs": report.totals.macs,
            }
            for report in reports
        ],
    }
