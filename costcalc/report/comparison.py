"""A comparison as text: each network's layers, the totals side by side, and a sentence that says it in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from costcalc.comparison import Comparison, channels
from costcalc.cost.metrics import METRICS
from costcalc.report.account import definition, label, left_out, total_line
from costcalc.report.columns import OF_LAYERS
from costcalc.report.document import Cell, Column, Document, Rows, Table, Text
from costcalc.report.layers import MACS, heading, layer_table, rolled_up_note
from costcalc.report.numbers import ratio, scaled_metric
from costcalc.report.view import View

if TYPE_CHECKING:
    from costcalc.cost.account import Account


def view(
    comparison: Comparison,
    *,
    depth: int | None = None,
    sort: str | None = None,
    top: int | None = None,
    summary: bool = False,
    columns: Sequence[str] = (),
) -> View:
    """The view that `costcalc compare` prints; with `summary` the totals alone.

    `sort` is by position when not given, and by MACs with `top`.
    """
    order = sort or ("macs" if top else "position")

    def json() -> dict[str, Any]:
        from costcalc.report.json import comparison as to_json

        return to_json(comparison, depth=depth)

    def notes(part: str) -> list[str]:
        if summary and part == "rows":
            return []
        return rolled_up_notes(comparison, depth, top if part == "rows" else None)

    return View(
        lambda: show(comparison, depth=depth, sort=order, top=top, summary=summary, columns=columns),
        json,
        rows=lambda: flat(comparison, depth=depth, sort=order, top=top, summary=summary, columns=columns),
        notes=notes,
    )


def show(
    comparison: Comparison,
    *,
    depth: int | None,
    sort: str,
    top: int | None,
    summary: bool,
    columns: Sequence[str] = (),
) -> Document:
    """The document that `costcalc compare` prints. `columns` chooses those of the layers."""
    parts: list[Table | Text] = []
    if not summary:
        for report, account in zip(comparison.reports, _accounts(comparison), strict=True):
            parts.append(Text(heading(report)))
            parts.append(layer_table(report, depth=depth, sort=sort, top=top, account=account, columns=columns))
            parts.extend(map(Text, rolled_up_note(report, depth, top)))
    else:
        parts.extend(Text(heading(report)) for report in comparison.reports)
    parts.append(totals(comparison))
    parts.extend(Text(line) for line in sentences(comparison))
    parts.append(Text(MACS))
    parts.extend(Text(line) for line in convention_notes(comparison))
    return tuple(parts)


def rolled_up_notes(comparison: Comparison, depth: int | None, top: int | None) -> list[str]:
    """The notes on networks whose rows cannot all be printed."""
    return [line for report in comparison.reports for line in rolled_up_note(report, depth, top)]


def _accounts(comparison: Comparison) -> tuple[Account | None, ...]:
    """One per report."""
    return comparison.accounts or (None,) * len(comparison.reports)


def convention_notes(comparison: Comparison) -> list[str]:
    """The convention's definition once, and what it leaves out of each network."""
    if not comparison.accounts:
        return []
    lines = [definition(comparison.accounts[0].convention)]
    for name, account in zip(comparison.names, comparison.accounts, strict=True):
        gaps = left_out(account.not_counted)
        if gaps:
            lines.append(f"Not counted by {account.convention.name} in {name}: {gaps}.")
    return lines


def totals(comparison: Comparison) -> Table:
    """The totals side by side; beside every number its ratio to the first network's."""
    first, *others = comparison.names
    columns = [Column("Total"), Column(first, right=True), Column("", right=True)]
    for name in others:
        columns += [Column(name, right=True), Column("", right=True), Column("Ratio", right=True)]
    rows = []
    for metric, values in comparison.metrics.items():
        rows.append(_total_row(metric, values))
        if metric == "flops" and comparison.accounts:
            rows.append(_convention_row(comparison.accounts))
    return Table("Totals, and ratios to the first", tuple(columns), rows)


def _total_row(metric: str, values: tuple[int, ...]) -> tuple[Cell, ...]:
    cells: list[Cell] = [METRICS[metric].label, values[0], scaled_metric(metric, values[0])]
    for value in values[1:]:
        cells += [value, scaled_metric(metric, value), ratio(value, values[0])]
    return tuple(cells)


def _convention_row(accounts: tuple[Account, ...]) -> tuple[Cell, ...]:
    name, *first = total_line(accounts[0])
    cells: list[Cell] = [name, *first]
    for account in accounts[1:]:
        cells += [*total_line(account)[1:], ratio(account.total, accounts[0].total)]
    return tuple(cells)


def sentences(comparison: Comparison) -> list[str]:
    """One sentence for each other network, as in `bottleneck: 0.94x the params and 0.94x the MACs of basic`."""
    first = comparison.names[0]
    lines = []
    for position, name in enumerate(comparison.names[1:], start=1):
        params, macs = comparison.metrics["params"], comparison.metrics["macs"]
        line = (
            f"{name}: {ratio(params[position], params[0])} the params and "
            f"{ratio(macs[position], macs[0])} the MACs of {first}"
        )
        before, after = channels(comparison.reports[0]), channels(comparison.reports[position])
        if before != after and before[0] * after[1] == before[1] * after[0]:
            line += f", with {ratio(after[1], before[1])} the channels"
        lines.append(f"{line}.")
    return lines


def flat(
    comparison: Comparison,
    *,
    depth: int | None,
    sort: str,
    top: int | None,
    summary: bool,
    columns: Sequence[str] = (),
) -> Document:
    """One table for CSV: the totals with `summary`, else the layers of every network, each with its name."""
    if summary:
        rows: list[tuple[Cell, ...]] = [
            (
                name,
                *(values[position] for values in comparison.metrics.values()),
                *(account.total for account in comparison.accounts[position : position + 1]),
            )
            for position, name in enumerate(comparison.names)
        ]
        headings = (
            Column("Network"),
            *(Column(metric) for metric in comparison.metrics),
            *(Column(label(account.convention)) for account in comparison.accounts[:1]),
        )
        return (Table("", headings, rows),)
    tables = [
        layer_table(report, depth=depth, sort=sort, top=top, account=account, columns=columns or OF_LAYERS)
        for report, account in zip(comparison.reports, _accounts(comparison), strict=True)
    ]

    def lines() -> Iterator[tuple[Cell, ...]]:
        for name, table in zip(comparison.names, tables, strict=True):
            yield from ((name, *row) for row in table.rows)

    count = sum(len(table.rows) for table in tables)
    return (Table("", (Column("Network"), *tables[0].columns), Rows(lines, count)),)
