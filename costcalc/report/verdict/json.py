"""The verdict as JSON, `costcalc.check/1`: exact integers, and the sentence a person would read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from costcalc.budget.blame import Cause
from costcalc.budget.keys import split
from costcalc.budget.metrics import COUNTED_BY
from costcalc.budget.verdict import Judgement, Model, Value, Verdict
from costcalc.errors import Location, Problem
from costcalc.report.verdict.places import file_of, place_of
from costcalc.report.verdict.sentences import outcome


def to_json(verdict: Verdict, root: Path) -> dict[str, Any]:
    """`costcalc.check/1`; the paths in places are relative to `root`."""
    statuses = ("pass", "warn", "fail", "skipped")
    name, version = COUNTED_BY
    return {
        "format": "costcalc.check/1",
        "status": verdict.status,
        "convention": {"name": name, "version": version},
        "base": verdict.base or None,
        "counts": {status: sum(item.status == status for item in verdict.judgements) for status in statuses},
        "models": [_model(model) for model in verdict.models],
        "gone": list(verdict.gone),
        "judgements": [_judgement(item, root) for item in verdict.judgements],
        "problems": [_problem(problem, root) for problem in (*verdict.problems, *verdict.warnings)],
    }


def _model(model: Model) -> dict[str, Any]:
    graph = model.now.report.graph
    return {
        "key": model.key,
        "name": graph.name,
        "spec": split(model.key)[0],
        "variant": graph.variant,
        "status": model.status or None,
        "was": model.was or None,
    }


def _judgement(item: Judgement, root: Path) -> dict[str, Any]:
    file, location = place_of(item, root)
    return {
        "key": item.model.key,
        "budget": item.budget,
        "metric": item.metric,
        "path": item.path,
        "kind": item.kind,
        "limit": item.limit,
        "status": item.status,
        "value": _value(item.value),
        "allowed": _value(item.allowed),
        "over": item.over,
        "before": item.before,
        "growth": item.growth,
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


def _value(value: Value | None) -> int | list[int] | None:
    return list(value) if isinstance(value, tuple) else value


def _cause(cause: Cause, root: Path) -> dict[str, Any]:
    return {
        "path": cause.path,
        "op": cause.op,
        "kind": "layer" if cause.layer else "block",
        "before": cause.before,
        "after": cause.after,
        "count": cause.count,
        "change": cause.change,
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
