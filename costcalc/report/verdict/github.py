"""The verdict as annotations for GitHub Actions: workflow commands, escaped as the protocol asks.

GitHub shows ten annotations of a step and drops the others in silence, so there are never more, the worst come first,
and the last says how many there are beside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from costcalc.budget.verdict import Judgement, Verdict
from costcalc.errors import Location, Problem
from costcalc.report.numbers import exact
from costcalc.report.verdict.places import file_of, place_of
from costcalc.report.verdict.sentences import blamed, outcome, since, subject
from costcalc.text.printable import inert, printable

MOST = 10


def render(verdict: Verdict, root: Path) -> Iterator[str]:
    """At most ten lines: what could not be judged, what failed, what was skipped, what is only a warning."""
    lines = [_of_problem(problem, root) for problem in verdict.problems]
    lines += [_of_judgement(item, root) for item in verdict.those("fail", "skipped", "warn")]
    lines += [_of_problem(problem, root) for problem in verdict.warnings]
    if len(lines) > MOST:
        left = escaped(f" (and {exact(len(lines) - MOST)} more, which GitHub would not show: see the summary)")
        lines[MOST - 1] += left
    yield from lines[:MOST]


def _of_judgement(item: Judgement, root: Path) -> str:
    severe = item.status == "fail" or (item.status == "skipped" and not item.excused)
    file, location = place_of(item, root)
    text = "; ".join(filter(None, [f"{subject(item)}: {outcome(item)}", since(item), blamed(item), item.message]))
    return _command("error" if severe else "warning", {**_place(file, location), "title": item.budget}, text)


def _of_problem(problem: Problem, root: Path) -> str:
    location = problem.location
    properties = _place(file_of(location.source.name, root), location) if location is not None else {}
    text = f"{problem.message}: {problem.hint}" if problem.hint else problem.message
    return _command(problem.severity, {**properties, "title": "costcalc"}, text)


def _place(file: str, location: Location | None) -> dict[str, str]:
    if location is None or not location.line:
        return {"file": file}
    end = location.column + location.width
    return {"file": file, "line": str(location.line), "col": str(location.column), "endColumn": str(end)}


def _command(name: str, properties: Mapping[str, str], text: str) -> str:
    said = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {said}::{escaped(text)}"


def escaped(text: str) -> str:
    r"""Text as the message of a command: on one line, and nothing in it is a command.

    >>> escaped("100%\n::error::x")
    '100%25\\x0a::error::x'
    """
    return inert(printable(text)).replace("%", "%25")


def _property(text: str) -> str:
    return escaped(text).replace(":", "%3A").replace(",", "%2C")
