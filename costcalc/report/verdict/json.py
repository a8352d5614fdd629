"""The verdict as JSON, `costcalc.check/1`: exact integers, and the sentence a person would read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from costcalc.budget.causes import Cause
from costcalc.budget.verdict import Judgement, Value, Verdict
from costcalc.conventions.model import Convention
from costcalc.cost.metrics import COUNTED_BY, METRIC_OF_UNIT
from costcalc.errors import Location, Problem
from costcalc.report.account import not_counted, number
from costcalc.report.verdict.places import file_of, place_of
from costcalc.report.verdict.sentences import outcome
from costcalc.versions.keys import split
from costcalc.versions.match_networks import Model


def to_json(verdict: Verdict, root: Path) -> dict[str, Any]:
    """`costcalc.check/1`; the paths in places are relative to `root`."""
    statuses = ("pass", "warn", "fail", "skipped")
    return {
        "format": "costcalc.check/1",
        "status": verdict.status,
        "convention": _convention(verdict.convention),
        "base": verdict.base or None,
        "counts": {status: sum(item.status == status for item in verdict.judgements) for status in statuses},
        "models": [_model(model) for model in verdict.models],
        "gone": list(verdict.gone),
        "judgements": [_judgement(item, root) for item in verdict.judgements],
        "problems": [_problem(problem, root) for problem in (*verdict.problems, *verdict.warnings)],
    }


def _convention(convention: Convention | None) -> dict[str, Any]:
    """Whose numbers are judged; with another convention than costcalc's, the one metric that it counts."""
    if convention is None:
        name, version = COUNTED_BY
        return {"name": name, "version": version}
    return {
        "name": convention.name,
        "metric": METRIC_OF_UNIT[convention.unit],
        "unit": convention.unit,
        "describes": convention.describes,
        "about": convention.about,
    }


def _model(model: Model) -> dict[str, Any]:
    graph, account, cut = model.now.report.graph, model.now.account, model.now.cut
    return {
        "key": model.key,
        "name": graph.name,
        "spec": split(model.key)[0],
        "variant": graph.variant,
        "status": model.status or None,
        "was": model.was or None,
        "not_counted": [] if account is None else not_counted(account),
        **({} if cut is None else {"rolled_up": {"depth": cut.depth, "rows": cut.rows}}),
    }


def _judgement(item: Judgement, root: Path) -> dict[str, Any]:
    file, location = place_of(item, root)
    return {
        "key": item.model.key,
        "budget": item.budget,
        "metric": item.metric,
        "path": item.path,
        "convention": COUNTED_BY[0] if item.convention is None else item.convention.name,
        "kind": item.kind,
        "limit": item.limit,
        "status": item.status,
        "value": _value(item.value),
        "allowed": _value(item.allowed),
        "over": _value(item.over),
        "before": _value(item.before),
        "growth": _value(item.growth),
        "since": item.since or None,
        "text": outcome(item),
        "reason": item.reason,
        "excused": item.excused,
        "message": item.message,
        "place": _place(file, location),
        "written": _at(item.written, root) if item.written is not None and item.written.line else None,
        "causes_since": item.blamed_since or None,
        "causes": [_cause(cause, root) for cause in item.causes],
    }


def _value(value: Value | None) -> int | str | list[int] | None:
    return list(value) if isinstance(value, tuple) else None if value is None else number(value)


def _cause(cause: Cause, root: Path) -> dict[str, Any]:
    return {
        "path": cause.path,
        "op": cause.op,
        "kind": "layer" if cause.layer else "block",
        "before": _value(cause.before),
        "after": _value(cause.after),
        "count": cause.count,
        "change": _value(cause.change),
        "place": _at(cause.location, root),
    }


def _at(location: Location | None, root: Path) -> dict[str, Any] | None:
    return None if location is None else _place(file_of(location.source.name, root), location)


def _place(file: str, location: Location | None) -> dict[str, Any]:
    if location is None or not location.line:
        return {"file": file, "line": None, "column": None, "end_column": None}
    end = location.column + location.width
    return {"file": file, "line": location.line, "column": location.column, "end_column": end}


def _problem(problem: Problem, root: Path) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "message": problem.message,
        "hint": problem.hint,
        "place": _at(problem.location, root),
    }
