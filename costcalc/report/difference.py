"""A difference as text: what was added, removed and changed, with signed amounts, and one sentence for the total."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import nsmallest
from itertools import islice
from typing import Any

from costcalc.budget.breach import Breach
from costcalc.cost.metrics import METRICS, Number
from costcalc.report.description import describe
from costcalc.report.document import Cell, Column, Document, Rows, Table, Text
from costcalc.report.json import Stream
from costcalc.report.numbers import exact, growth, signed
from costcalc.report.view import View
from costcalc.versions.difference import Change, Difference, ModelDifference
from costcalc.versions.piece import Piece

KEYS = {"added": "+", "removed": "-", "changed": "~", "moved": ">", "same": " "}
METRICS_SHOWN = ("params", "macs")


def view(
    difference: Difference,
    breaches: Sequence[Breach] = (),
    *,
    metrics: Sequence[str] = (),
    sort: str | None = None,
    top: int | None = None,
    everything: bool = False,
) -> View:
    """The view that `costcalc diff` prints; with `everything` also what did not change.

    Params and MACs are shown when no `metrics` are given; `sort` is by position when not given, and by MACs
    with `top`.
    """
    shown, order = metrics or METRICS_SHOWN, sort or ("macs" if top else "position")
    return View(
        lambda: show(difference, breaches, metrics=shown, sort=order, top=top, everything=everything),
        lambda: to_json(difference, breaches, everything=everything),
        rows=lambda: flat(difference, metrics=shown),
        notes=lambda part: rolled_up_notes(difference),
    )


def show(
    difference: Difference,
    breaches: Sequence[Breach],
    *,
    metrics: Sequence[str],
    sort: str,
    top: int | None,
    everything: bool,
) -> Document:
    """The document that `costcalc diff` prints."""
    parts: list[Table | Text] = []
    if len(difference.models) != 1:
        parts.append(_models(difference, metrics, everything=everything))
    for model in difference.models:
        changed = model.counts.total() - model.counts["same"]
        if changed or (everything and len(model.changes)):
            name = model.new if model.old == model.new else f"{model.old} -> {model.new}"
            parts.append(_changes(model, name, metrics, sort=sort, top=top, everything=everything))
    parts.extend(Text(line) for line in (*_sentences(difference), *rolled_up_notes(difference)))
    parts.extend(Text(breached(breach)) for breach in breaches)
    return tuple(parts)


def flat(difference: Difference, *, metrics: Sequence[str]) -> Document:
    """One table for CSV: every layer of every network before and now."""
    columns = [Column("Status"), Column("Network"), Column("Path"), Column("Was"), Column("Op")]
    for metric in metrics:
        columns += [Column(f"{metric} before"), Column(metric), Column(f"{metric} change")]

    def rows() -> Iterator[tuple[Cell, ...]]:
        for model in difference.models:
            for change in model.changes:
                was = change.before.path if change.before is not None else None
                row = (change.status, model.new or model.old, change.path, was, _op(change))
                yield (*row, *_numbers([change], metrics))

    return (Table("", tuple(columns), Rows(rows, sum(len(model.changes) for model in difference.models))),)


def rolled_up_notes(difference: Difference) -> list[str]:
    """The notes on networks of which only blocks are compared."""
    return [
        f"{model.new}: {exact(model.cut.rows)} layers and blocks are too many to compare one by one: what lies deeper "
        f"than level {model.cut.depth} is compared as its block."
        for model in difference.models
        if model.cut is not None
    ]


def breached(breach: Breach) -> str:
    """The findings of `--fail-on`."""
    metric, limit = breach.limit.metric, breach.limit.amount.text
    grown = f"{metric} of {breach.name} grew by {signed(breach.after - breach.before)}"
    allowed = f"{exact(breach.after)} is {exact(breach.after - breach.allowed)} over {exact(breach.allowed)}"
    return f"FAIL  {grown}: {allowed}, which is {limit} more than {exact(breach.before)}"


def _changes(
    model: ModelDifference, title: str, metrics: Sequence[str], *, sort: str, top: int | None, everything: bool
) -> Table:
    """One line for each change; what is not shown is summed up, so that columns add up."""
    count = model.counts.total() - (0 if everything else model.counts["same"])
    wanted = (change for change in model.changes if everything or change.status != "same")
    if sort == "path":
        shown = sorted(wanted, key=lambda change: change.path)[:top]
    elif sort == "position":
        shown = [*islice(wanted, top)]
    else:
        shown = nsmallest(
            count if top is None else top, wanted, key=lambda change: -abs(int(_delta(change, sort) or 0))
        )
    rows = [(KEYS[change.status], _path(change), _op(change), *_numbers([change], metrics)) for change in shown]
    if len(shown) < count:
        rest = _less(_numbers((change for change in model.changes if everything or change.status != "same"), metrics),
                     _numbers(shown, metrics))  # fmt: skip
        rows.append(("", f"[{exact(count - len(shown))} others]", "", *rest))
    if not everything and model.counts["same"]:
        same = (change for change in model.changes if change.status == "same")
        rows.append(("", f"[{exact(model.counts['same'])} unchanged]", "", *_numbers(same, metrics)))
    total = ("", "Total", "", *(cell for metric in metrics for cell in _total(model, metric)))
    columns = (Column(""), Column("Layer", folds=True), Column("Op", folds=True), *_columns(metrics))
    return Table(title, columns, rows, total)


def _models(difference: Difference, metrics: Sequence[str], *, everything: bool) -> Table:
    """One line for each network that differs."""
    rows = [
        (KEYS[model.status], model.new or model.old, *(cell for metric in metrics for cell in _total(model, metric)))
        for model in difference.models
        if everything or model.status != "same"
    ]
    columns = (Column(""), Column("Network", folds=True), *_columns(metrics))
    return Table(f"{difference.old} -> {difference.new}", columns, rows)


def _columns(metrics: Sequence[str]) -> list[Column]:
    found = []
    for metric in metrics:
        title = METRICS[metric].label
        found += [
            Column(f"{title} before", right=True),
            Column("Now", right=True),
            Column("Change", right=True, signed=True),
        ]
    return found


def _total(model: ModelDifference, metric: str) -> tuple[Cell, ...]:
    if metric not in model.totals:
        return (None, None, None)
    before, after = model.totals[metric]
    return (before, after, after - before)


def _numbers(changes: Iterable[Change], metrics: Sequence[str]) -> list[Number | None]:
    """Of each metric the sum before, the sum after and the change; None where some number is not known."""
    sums: list[list[Number | None]] = [[0, 0] for _ in metrics]
    for change in changes:
        for metric, both in zip(metrics, sums, strict=True):
            for side, number in enumerate(change.numbers(metric)):
                known = both[side]
                both[side] = None if known is None or number is None else known + number
    cells: list[Number | None] = []
    for before, after in sums:
        cells += [before, after, None if before is None or after is None else after - before]
    return cells


def _less(whole: Iterable[Number | None], part: Iterable[Number | None]) -> list[Number | None]:
    """The rest of sums, each without a part of it."""
    return [None if a is None or b is None else a - b for a, b in zip(whole, part, strict=True)]


def _delta(change: Change, metric: str) -> Number | None:
    before, after = change.numbers(metric)
    return None if before is None or after is None else after - before


def _path(change: Change) -> str:
    before, after = change.before, change.after
    if before is not None and after is not None and before.path != after.path:
        return f"{before.path} -> {after.path}"
    return change.path


def _op(change: Change) -> str:
    """The description of a change: the whole op where it is new or gone, else the arguments that changed."""
    before, after = change.before, change.after
    piece = after or before
    assert piece is not None
    if before is None or after is None:
        return _described(piece)
    op = piece.op if before.op in (piece.op, "") or not piece.op else f"{before.op} -> {piece.op}"
    names = dict.fromkeys((*before.arguments, *after.arguments)) if before.op and after.op else ()
    changed = [name for name in names if before.arguments.get(name) != after.arguments.get(name)]
    if change.only_inside and not changed and not any(_delta(change, metric) for metric in METRICS):
        op = f"{op}, changed inside"
    return " ".join(
        [op, *(f"{name}={before.arguments.get(name, '-')}->{after.arguments.get(name, '-')}" for name in changed)]
    )


def _described(piece: Piece) -> str:
    return describe(piece.row) if piece.row is not None else piece.op


def _sentences(difference: Difference) -> list[str]:
    """One sentence for each network that differs, or one that says that nothing does."""
    if not difference.differs:
        return [f"{difference.old} and {difference.new} do not differ."]
    return [_sentence(model) for model in difference.models if model.status != "same"]


def _sentence(model: ModelDifference) -> str:
    if model.before is None or model.after is None:
        number = " and ".join(f"{exact(max(model.totals[m]))} {m}" for m in METRICS_SHOWN if m in model.totals)
        return f"{model.new or model.old} is {'new' if model.before is None else 'gone'}: {number}."
    said = []
    for metric in METRICS_SHOWN:
        if metric in model.totals:
            before, after = model.totals[metric]
            change = f"{signed(after - before)} ({growth(before, after)})" if after != before else "unchanged"
            said.append(f"{metric} {change}")
    counts = model.counts
    words = [
        f"{exact(counts[status])} {'unchanged' if status == 'same' else status}" for status in KEYS if counts[status]
    ]
    return f"{model.new}: {', '.join(said)}; {', '.join(words)}."


def to_json(difference: Difference, breaches: Sequence[Breach], *, everything: bool) -> dict[str, Any]:
    """`costcalc.diff/1`; unchanged layers are left out unless `everything` is asked for, and counted."""
    return {
        "format": "costcalc.diff/1",
        "old": difference.old,
        "new": difference.new,
        "differs": difference.differs,
        "models": [_model(model, everything=everything) for model in difference.models],
        "failed": [
            {
                "name": breach.name,
                "metric": breach.limit.metric,
                "limit": breach.limit.amount.text,
                "before": breach.before,
                "after": breach.after,
                "allowed": breach.allowed,
                "over": breach.after - breach.allowed,
                "text": breached(breach).removeprefix("FAIL  "),
            }
            for breach in breaches
        ],
    }


def _model(model: ModelDifference, *, everything: bool) -> dict[str, Any]:
    return {
        "old": model.old or None,
        "new": model.new or None,
        "status": model.status,
        "totals": {
            metric: {"before": before, "after": after, "change": after - before}
            for metric, (before, after) in model.totals.items()
        },
        "counts": {status: model.counts[status] for status in KEYS},
        **({} if model.cut is None else {"rolled_up": {"depth": model.cut.depth, "rows": model.cut.rows}}),
        "changes": Stream(
            lambda: (_change(change) for change in model.changes if everything or change.status != "same")
        ),
    }


def _change(change: Change) -> dict[str, Any]:
    before, after = change.before, change.after
    known = [metric for metric in METRICS if None not in change.numbers(metric)]
    return {
        "status": change.status,
        "path": change.path,
        "was": before.path if before is not None else None,
        "op": _op(change),
        "before": None if before is None else {metric: before.numbers[metric] for metric in before.numbers},
        "after": None if after is None else {metric: after.numbers[metric] for metric in after.numbers},
        "change": {metric: _delta(change, metric) for metric in known if METRICS[metric].of_blocks},
    }
