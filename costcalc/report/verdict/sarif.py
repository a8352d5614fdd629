"""The verdict as SARIF 2.1.0, for code scanning: a rule for every kind of limit, a result for what did not pass."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from costcalc import __version__
from costcalc.budget.model import KINDS
from costcalc.budget.verdict import Judgement, Verdict
from costcalc.errors import Location, Problem
from costcalc.report.verdict.places import file_of, place_of
from costcalc.report.verdict.sentences import blamed, definitions, measure, outcome, since, subject
from costcalc.text.printable import printable

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RULES = {**KINDS, "expect": "the number that the spec says it has"}
LEVELS = {"fail": "error", "skipped": "error", "warn": "warning"}


def to_json(verdict: Verdict, root: Path) -> dict[str, Any]:
    """The log; paths are relative to `root`. What could not be judged is a notification of the run."""
    results = [_result(item, root) for item in verdict.those("fail", "skipped", "warn")]
    rules = [
        {"id": rule, "name": rule.capitalize(), "shortDescription": {"text": text}} for rule, text in RULES.items()
    ]
    notes = [Problem(line, severity="note") for line in definitions(verdict.judgements)]
    problems = (*verdict.problems, *verdict.warnings, *notes)
    invocation: dict[str, Any] = {"executionSuccessful": verdict.complete}
    if problems:
        invocation["toolExecutionNotifications"] = [_notification(problem, root) for problem in problems]
    driver = {"name": "costcalc", "semanticVersion": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(item: Judgement, root: Path) -> dict[str, Any]:
    file, location = place_of(item, root)
    said = [f"{subject(item)}: {outcome(item)}", since(item), blamed(item), item.message]
    identity = "\0".join((item.model.key, item.budget, item.path, measure(item), item.kind))
    return {
        "ruleId": item.kind,
        "ruleIndex": list(RULES).index(item.kind),
        "level": "note" if item.excused else LEVELS[item.status],
        "message": {"text": _text(". ".join(filter(None, said)))},
        "locations": [{"physicalLocation": _physical(file, location)}],
        "partialFingerprints": {
            "costcalc/v1": hashlib.sha256(identity.encode(errors="backslashreplace")).hexdigest()[:32]
        },
    }


def _notification(problem: Problem, root: Path) -> dict[str, Any]:
    text = f"{problem.message}: {problem.hint}" if problem.hint else problem.message
    found: dict[str, Any] = {"level": problem.severity, "message": {"text": _text(text)}}
    if problem.location is not None:
        file = file_of(problem.location.source.name, root)
        found["locations"] = [{"physicalLocation": _physical(file, problem.location)}]
    return found


def _physical(file: str, location: Location | None) -> dict[str, Any]:
    found: dict[str, Any] = {"artifactLocation": {"uri": quote(os.fsencode(file))}}
    if location is not None and location.line:
        end = location.column + location.width
        found["region"] = {"startLine": location.line, "startColumn": location.column, "endColumn": end}
    return found


def _text(text: str) -> str:
    r"""A message, in which nothing is a link: `[word](address)` would be one.

    >>> _text("stage1[0]"), _text("[a](http://b)")
    ('stage1[0]', '\\[a\\](http://b)')
    """
    text = printable(text)
    return re.sub(r"[\\\[\]]", r"\\\g<0>", text) if "](" in text else text
