"""Conventions against each other as text: a line each with its terms, two of them term by term, or who says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from costcalc.conventions.model import UNITS, Convention
from costcalc.cost.account import Account
from costcalc.reconcile.claim import Candidate, Finding
from costcalc.reconcile.lines import Line, Reconciliation
from costcalc.reconcile.pair import Comparison, largest_first
from costcalc.report.account import definition, left_out, not_counted, number, reasons, term_to_json
from costcalc.report.document import Cell, Column, Document, Table, Text
from costcalc.report.layers import heading
from costcalc.report.numbers import exact, scaled, shape, signed
from costcalc.text.values import whole

if TYPE_CHECKING:
    from fractions import Fraction

WORDS = {"mac": "multiply-add", "bias_add": "bias", "scale_shift": "scaled element", "once": "run"}
"""Quantities that read better under another name."""

MOST = 10
"""So many explanations of a claim are shown."""


def show(reconciliation: Reconciliation) -> Document:
    """The document that `costcalc reconcile` prints: one line a tool."""
    report = reconciliation.report
    macs = report.totals.macs
    columns = (
        Column("Convention", folds=True),
        Column("Total", right=True),
        Column("Scaled", right=True),
        Column("Unit"),
        Column("Difference", right=True, signed=True),
        Column("Because of", folds=True),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            ", ".join(line.names),
            line.total,
            scaled(int(line.total)),
            UNITS[line.account.convention.unit],
            line.difference,
            because(line),
        )
        for line in reconciliation.lines
    ]
    return (
        Text(heading(report)),
        Table(f"What each convention says, and the difference to costcalc's {exact(macs)} MACs", columns, rows),
        Text(
            "A multiply-add counts 1 in MACs and 2 in FLOPs, here; what a tool calls its own number may be the other."
        ),
        Text("'costcalc show SPEC --convention NAME' prints the definition, and the number of every layer."),
    )


def because(line: Line) -> str:
    """The terms of a difference: `+22,227,968 batch_norm, 2 per input element; no bias`."""
    parts = [f"{signed(amount)} {text}" for amount, text in told(line.differences)]
    if line.no_bias:
        parts.append("no bias")
    gaps = left_out(line.account.not_counted)
    if gaps:
        parts.append(f"not counted: {gaps}")
    return "; ".join(parts)


def told(differences: Iterable[Comparison]) -> list[tuple[int | Fraction, str]]:
    """An amount and a reason for each difference; ops whose multiply-adds count alike are told together."""
    together: dict[object, list[Comparison]] = {}
    for row in differences:
        alike = (row.quantity, row.weights) if row.quantity == "mac" else row
        together.setdefault(alike, []).append(row)
    return [(whole(sum(row.difference for row in rows)), _told(rows)) for rows in together.values()]


def _told(rows: Sequence[Comparison]) -> str:
    names = " and ".join(dict.fromkeys(map(_name, rows)))
    quantity, (_, weight) = rows[0].quantity, rows[0].weights
    if not weight:
        return f"{names}, {_words(quantity)}s not counted"
    return f"{names}, {exact(weight)} per {_words(quantity)}"


def _name(row: Comparison) -> str:
    """`linear in multi_head_attention`, `relu called as a function`."""
    within = f" in {' and '.join(row.blocks)}" if row.blocks else ""
    if row.outside:
        within = f" outside {' and '.join(row.outside)}"
    return f"{row.op}{within}{' called as a function' if row.called else ''}"


def _words(quantity: str) -> str:
    plain = quantity.removeprefix("once_")
    words = WORDS.get(plain, plain.replace("_", " "))
    return f"{words}, once a batch" if plain != quantity else words


def between(first: Account, second: Account, rows: Sequence[Comparison]) -> Document:
    """The document that `costcalc reconcile --between` prints: two conventions term by term."""
    names = (first.convention.name, second.convention.name)
    columns = (
        Column("Op", folds=True),
        Column("Quantity", folds=True),
        Column("Count", right=True),
        Column(f"{names[0]} each", right=True),
        Column(f"{names[1]} each", right=True),
        Column(names[0], right=True),
        Column(names[1], right=True),
        Column("Difference", right=True, signed=True),
    )
    cells: list[tuple[Cell, ...]] = [
        (_name(row), _words(row.quantity), row.count, *map(exact, row.weights), *row.amounts, row.difference)
        for row in rows
    ]
    totals = first.total, second.total
    ending = ("Total", "", "", "", "", *totals, whole(totals[1] - totals[0]))
    lines = [definition(account.convention) for account in (first, second)]
    for account in (first, second):
        gaps = left_out(account.not_counted)
        if gaps:
            lines.append(f"Not counted by {account.convention.name}: {gaps}.")
    return (
        Text(heading(first.report)),
        Text(_sentence(first, second, rows)),
        Table("", columns, cells, ending),
        *(Text(line) for line in lines),
    )


def _sentence(first: Account, second: Account, rows: Sequence[Comparison]) -> str:
    more = second.total - first.total
    if not more:
        return f"{second.convention.name} and {first.convention.name} say the same."
    parts = [
        f"{signed(row.difference)} {_name(row)} ({exact(now)} per {_words(row.quantity)}, not {exact(before)})"
        for row in largest_first(rows)
        for before, now in [row.weights]
    ]
    amount = f"{exact(more)} more" if more > 0 else f"{exact(-more)} less"
    return f"{second.convention.name} says {amount} than {first.convention.name}: {'; '.join(parts)}."


def claim(finding: Finding) -> Document:
    """The document that `costcalc reconcile --claim` prints: who would say so, best first."""
    text = finding.claim.text
    shown = finding.candidates[:MOST]
    title = f"Who says {text}, the simplest explanation first"
    lines = []
    if not shown:
        shown = finding.nearest
        words = ["usual resolution" if change == "resolution" else change for change in finding.tried]
        tried = f", at this or another {' or '.join(words)}" if words else ""
        title = f"Nobody says {text}{tried}; the nearest"
        if finding.claim.value < 1000 < finding.report.totals.macs:
            lines.append(f"Is it {text}G, or {text}M?")
    elif len(finding.candidates) > MOST:
        lines.append(f"and {exact(len(finding.candidates) - MOST)} more; --format json prints them all")
    columns = (
        Column("Total", right=True),
        Column("Scaled", right=True),
        Column("Off by", right=True, signed=True),
        Column("Fit"),
        Column("Convention", folds=True),
        Column("Network", folds=True),
        Column("Input"),
    )
    rows = [_candidate(finding, item) for item in shown]
    named: dict[str, Convention] = {one.name: one for item in shown[:2] for one in item.conventions[:1]}
    abouts = {item.report.name: item.report.graph.about for item in shown if "variant" in item.changes}
    lines += [f"{name}: {about}." for name, about in abouts.items() if about]
    lines += [definition(convention) for convention in named.values()]
    return (Text(heading(finding.report)), Table(title, columns, rows), *(Text(line) for line in lines))


def _candidate(finding: Finding, item: Candidate) -> tuple[Cell, ...]:
    graph = item.report.graph
    names = ", ".join(convention.name for convention in item.conventions)
    return (
        item.total,
        scaled(int(item.total)),
        round(item.total - finding.claim.value),
        item.fit,
        f"2 x {names}" if "twice" in item.changes else names,
        item.report.name,
        ", ".join(shape(sizes) for sizes in graph.inputs.values()),
    )


def to_json(reconciliation: Reconciliation) -> dict[str, Any]:
    """`costcalc.reconciliation/1`: every convention, also those that say the same."""
    report = reconciliation.report
    return {
        "format": "costcalc.reconciliation/1",
        **_network(report),
        "macs": report.totals.macs,
        "conventions": [_line(line) for line in reconciliation.lines],
    }


def _network(report: Any) -> dict[str, Any]:
    return {
        "name": report.graph.name,
        "spec": report.graph.path,
        "variant": report.graph.variant,
        "batch": report.batch,
        "input": {name: list(sizes) for name, sizes in report.input.items()},
    }


def _line(line: Line) -> dict[str, Any]:
    convention = line.account.convention
    return {
        "name": convention.name,
        "same": list(line.names[1:]),
        "describes": convention.describes,
        "unit": convention.unit,
        "about": convention.about,
        "total": number(line.total),
        "difference": number(line.difference),
        "terms": [term_to_json(term) for term in line.account.terms],
        "differences": [
            {
                "op": row.op,
                "blocks": list(row.blocks),
                "outside": list(row.outside),
                "called_as_function": row.called,
                "quantity": row.quantity,
                "weight": number(row.weights[1] - row.weights[0]),
                "count": row.count,
                "amount": number(row.difference),
            }
            for row in line.differences
        ],
        "not_counted": not_counted(line.account),
        "reasons": reasons(line.account),
    }


def between_to_json(first: Account, second: Account, rows: Sequence[Comparison]) -> dict[str, Any]:
    """`costcalc.reconciliation.between/1`."""
    return {
        "format": "costcalc.reconciliation.between/1",
        **_network(first.report),
        "conventions": [first.convention.name, second.convention.name],
        "totals": [number(first.total), number(second.total)],
        "difference": number(second.total - first.total),
        "terms": [
            {
                "op": row.op,
                "blocks": list(row.blocks),
                "outside": list(row.outside),
                "called_as_function": row.called,
                "quantity": row.quantity,
                "count": row.count,
                "weights": [number(weight) for weight in row.weights],
                "amounts": [number(amount) for amount in row.amounts],
                "difference": number(row.difference),
            }
            for row in rows
        ],
        "not_counted": [not_counted(account) for account in (first, second)],
        "reasons": [reasons(account) for account in (first, second)],
    }


def claim_to_json(finding: Finding) -> dict[str, Any]:
    """`costcalc.claim/1`: every explanation, best first; where there is none, the nearest."""
    return {
        "format": "costcalc.claim/1",
        **_network(finding.report),
        "claim": finding.claim.text,
        "value": number(finding.claim.value),
        "candidates": [_candidate_json(item) for item in finding.candidates],
        "nearest": [_candidate_json(item) for item in finding.nearest],
    }


def _candidate_json(item: Candidate) -> dict[str, Any]:
    return {
        "total": number(item.total),
        "fit": item.fit,
        "conventions": [convention.name for convention in item.conventions],
        "changes": list(item.changes),
        **_network(item.report),
    }
