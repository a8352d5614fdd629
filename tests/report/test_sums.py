"""Every table adds up to its total line, on every bundled spec and variant, at every depth."""

from __future__ import annotations

import pytest

import costcalc
from costcalc.report.document import Table
from costcalc.report.layers import show
from costcalc.report.plain import render
from costcalc.spec.find import bundled, bundled_variants

NAMES = sorted((*bundled(), *bundled_variants()))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options", [{}, {"depth": 1}, {"depth": 2}, {"depth": 3}, {"top": 4, "sort": "macs"}])
def test_tables_add_up(name: str, options: dict[str, object]) -> None:
    """In the printed text, every column of numbers sums to its total."""
    report = costcalc.estimate(costcalc.build(costcalc.load(name)))
    for part in show(report, **options):  # type: ignore[arg-type]
        if not isinstance(part, Table) or part.total is None:
            continue
        lines = list(render((part,)))
        start = 1 if part.title else 0
        body, total = lines[start + 2 : -2], lines[-1]
        for title in ("Params", "MACs", "Activations"):
            places = [index for index, column in enumerate(part.columns) if column.title == title]
            for place in places:
                end = _right_edge(lines[start], part, place)
                values = [int(_ending_at(line, end)) for line in body]
                assert sum(values) == int(_ending_at(total, end)), f"{name}: {title}"


def _right_edge(header: str, table: Table, place: int) -> int:
    """Where a right-aligned column ends, from the titles."""
    position = 0
    for column in table.columns[: place + 1]:
        position = header.index(column.title, position) + len(column.title)
    return position


def _ending_at(line: str, end: int) -> str:
    return line[:end].split()[-1].replace(",", "")
