"""Conventions against each other as text: a line each with its terms, two of them term by term, or who says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from costcalc.conventions.model import UNITS, Convention
from costcalc.cost.account import Account, Term, whole
from costcalc.reconcile.claim import Candidate, Finding
from costcalc.reconcile.lines import Comparison, Difference, Line, Reconciliation
from costcalc.report.account import definition, left_out, number
from costcalc.report.document import Cell, Column, Document, Table, Text
from costcalc.report.layers import heading
from costcalc.report.numbers import exact, scaled, shape, signed

if TYPE_CHECKING:
    from fractions import Fraction

WORDS = {"mac": "multiply-add", "bias_add": "bias", "scale_shift": "scaled element", "once": "run"}
"""Quantities that read better under another name."""

MOST = 10
"""So many explanations of a claim are shown."""


def show(reconciliation: Reconciliation) -> Document:
    """What `costcalc reconcile` prints: one line a tool."""
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
    parts = [f"{signed(amount)} {text}" for amount, text in reasons(line.differences)]
    if line.no_bias:
        parts.append("no bias")
    gaps = dict.fromkeys(gap.op for gap in line.account.not_counted)
    if gaps:
        parts.append(f"not counted: {', '.join(gaps)}")
    return "; ".join(parts)


def reasons(differences: Iterable[Difference]) -> list[tuple[int | Fraction, str]]:
    """An amount and a reason for each difference; ops whose multiply-adds count alike are told together."""
    together: dict[object, list[Difference]] = {}
    for item in differences:
        alike = (item.quantity, item.weight) if item.quantity == "mac" else item
        together.setdefault(alike, []).append(item)
    return [(sum(item.amount for item in items), _reason(items)) for items in together.values()]


def _reason(items: Sequence[Difference]) -> str:
    names = " and ".join(dict.fromkeys(item.op for item in items))
    first = items[0]
    if first.quantity != "mac":
        return f"{names}, {exact(first.weight)} per {_words(first.quantity)}"
    if first.weight == -1:
        return f"{names}, multiply-adds not counted"
    return f"{names}, {exact(first.weight + 1)} per multiply-add"


def _words(quantity: str) -> str:
    plain = quantity.removeprefix("once_")
    words = WORDS.get(plain, plain.replace("_", " "))
    return f"{words}, once a batch" if plain != quantity else words


def between(first: Account, second: Account, rows: Sequence[Comparison]) -> Document:
    """What `costcalc reconcile --between` prints: two conventions term by term."""
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
        (
            row.op,
            _words(row.quantity),
            max(sum(term.count for term in terms) for terms in row.terms),
            *(_each(terms) for terms in row.terms),
            *row.amounts,
            row.difference,
        )
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


def _each(terms: Sequence[Term]) -> Cell:
    weights = list(dict.fromkeys(term.weight for term in terms))
    return 0 if not weights else " or ".join(exact(weight) for weight in weights)


def _sentence(first: Account, second: Account, rows: Sequence[Comparison]) -> str:
    more = second.total - first.total
    if not more:
        return f"{second.convention.name} and {first.convention.name} say the same."
    reasons = [
        f"{signed(row.difference)} {row.op} ({now} per {_words(row.quantity)}, not {before})"
        for row in sorted(rows, key=lambda row: -abs(int(row.difference)))
        for before, now in [tuple(map(_each, row.terms))]
        if row.difference
    ]
    amount = f"{exact(more)} more" if more > 0 else f"{exact(-more)} less"
    return f"{second.convention.name} says {amount} than {first.convention.name}: {'; '.join(reasons)}."


def claim(finding: Finding) -> Document:
    """What `costcalc reconcile --claim` prints: who would say so, best first."""
    text = finding.claim.text
    shown = finding.candidates[:MOST]
    title = f"Who says {text}, the simplest explanation first"
    lines = []
    if not shown:
        shown = finding.nearest
        tried = f", at this or another {' or '.join(finding.tried)}" if finding.tried else ""
        title = f"Nobody says {text}{tried}; the nearest"
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
        "terms": [_term(term) for term in line.account.terms],
        "differences": [
            {
                "op": item.op,
                "quantity": item.quantity,
                "weight": number(item.weight),
                "count": item.count,
                "amount": number(item.amount),
            }
            for item in line.differences
        ],
        "not_counted": list(dict.fromkeys(gap.op for gap in line.account.not_counted)),
    }


def _term(term: Term) -> dict[str, Any]:
    return {
        "rule": term.key,
        "op": term.op,
        "quantity": term.quantity,
        "weight": number(term.weight),
        "count": term.count,
        "amount": number(term.amount),
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
                "quantity": row.quantity,
                "amounts": [number(amount) for amount in row.amounts],
                "difference": number(row.difference),
            }
            for row in rows
        ],
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
