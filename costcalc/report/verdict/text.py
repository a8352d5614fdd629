"""The verdict for people: every judgement in a table, and what there is to say of those that did not pass."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from costcalc.budget.verdict import Judgement, Verdict
from costcalc.report.document import Cell, Column, Document, Table, Text
from costcalc.report.verdict.sentences import (
    causes,
    changes,
    definitions,
    limit,
    margin,
    measure,
    number,
    outcome,
    since,
    subject,
    total,
    worked,
)

LABELS = {"pass": "pass", "warn": "WARN", "fail": "FAIL", "skipped": "SKIP"}


def show(verdict: Verdict, *, only_failures: bool = False, why: bool = False) -> Document:
    """The document that `costcalc check` prints."""
    parts: list[Table | Text] = []
    if verdict.judgements and not only_failures:
        parts.append(table(verdict.judgements))
    explained = [item for item in verdict.those("pass") if why and item.causes]
    for judgement in (*verdict.those("fail", "skipped", "warn"), *explained):
        if parts and isinstance(parts[-1], Text):
            parts.append(Text(""))
        parts.extend(Text(line) for line in details(judgement, why=why))
    for lines in (changes(verdict), [total(verdict)], definitions(verdict.judgements)):
        if lines and parts and isinstance(parts[-1], Text):
            parts.append(Text(""))
        parts.extend(Text(line) for line in lines)
    return tuple(parts)


def table(judgements: Sequence[Judgement]) -> Table:
    """One line a judgement, with exact numbers; what a network was expected to have, and has, is one line."""
    columns = (
        Column("Result"),
        Column("Spec", folds=True),
        Column("Budget", folds=True),
        Column("Of", folds=True),
        Column("Value", right=True),
        Column("Limit"),
        Column("Allowed", right=True),
        Column("Left", right=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for (_, met), group in groupby(judgements, key=lambda item: (item.model.key, _is_met(item))):
        those = list(group)
        if met:
            numbers = ", ".join(item.metric for item in those)
            rows.append(("pass", those[0].model.key, "expect", numbers, "as expected", "", "", ""))
        else:
            rows += map(_row, those)
    return Table("", columns, rows)


def _is_met(item: Judgement) -> bool:
    return item.kind == "expect" and item.status == "pass"


def _row(item: Judgement) -> tuple[Cell, ...]:
    return (
        LABELS[item.status],
        item.model.key,
        item.budget,
        f"{measure(item)} of {item.path}" if item.path else measure(item),
        number(item.value),
        limit(item) if item.limit else item.kind,
        number(item.allowed),
        margin(item),
    )


def details(judgement: Judgement, *, why: bool) -> list[str]:
    """The sentences about one judgement."""
    place = f"{judgement.location}" if judgement.location is not None else judgement.model.key
    lines = [f"{judgement.budget}: {subject(judgement)} ({place})", outcome(judgement)]
    if judgement.written is not None and judgement.written.line and judgement.kind != "expect":
        lines.append(f"set at {judgement.written}")
    lines += [since(judgement), *causes(judgement), judgement.remark]
    if why:
        lines += [worked(cause, judgement) for cause in judgement.causes if cause.layer]
    lines.append(judgement.message if judgement.status in ("fail", "warn") else "")
    first, *others = filter(None, lines)
    return [f"{LABELS[judgement.status]}  {first}", *(f"      {line}" for line in others)]
