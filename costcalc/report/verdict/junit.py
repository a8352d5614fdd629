"""The verdict as JUnit XML: a suite for every network, a case for every judgement, an error for what was not judged.

It is valid by the schema of Apache Ant's JUnit task, the strictest that is in use, and by that of Jenkins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from costcalc.budget.verdict import Judgement, Verdict
from costcalc.errors import Problem
from costcalc.report.verdict.sentences import causes, definitions, limit, measure, outcome, since
from costcalc.text.printable import printable
from costcalc.versions.match_networks import Model


def render(verdict: Verdict, timestamp: str) -> Iterator[str]:
    """The lines of the document; `timestamp` is when it was judged, as `2026-01-31T12:00:00`."""
    suites = []
    for model in verdict.models:
        items = [item for item in verdict.judgements if item.model is model]
        suites.append((model.key, [_case(item) for item in items], definitions(items)))
    if verdict.problems:
        cases = [_problem(problem) for problem in verdict.problems]
        suites.append(("costcalc", cases, []))
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield "<testsuites>"
    for number, (name, cases, notes) in enumerate(suites):
        yield from _suite(number, name, cases, timestamp, notes)
    yield "</testsuites>"


RUNNER = {"##[": "#&#35;["}
"""The texts that GitHub's runner would take for a command if the document is printed in a job."""
Case = tuple[str, list[str]]
"""The result of a case (`failure`, `error`, `skipped` or nothing), and its lines."""


def _suite(number: int, name: str, cases: Sequence[Case], timestamp: str, notes: Sequence[str]) -> Iterator[str]:
    counts = {word: sum(kind == word for kind, _ in cases) for word in ("failure", "error", "skipped")}
    yield (
        f"  <testsuite {_attributes(name=name, package='costcalc', id=number, timestamp=timestamp)}"
        f' hostname="localhost" tests="{len(cases)}" failures="{counts["failure"]}" errors="{counts["error"]}"'
        f' skipped="{counts["skipped"]}" time="0">'
    )
    properties = [f"      <property {_attributes(name='convention', value=note)}/>" for note in notes]
    yield from ("    <properties>", *properties, "    </properties>") if notes else ("    <properties/>",)
    for _, lines in cases:
        yield from lines
    yield from ("    <system-out/>", "    <system-err/>", "  </testsuite>")


def _case(item: Judgement) -> Case:
    path = f" of {item.path}" if item.path else ""
    name = f"{item.budget}: {measure(item)}{path}, {limit(item)}"
    kind = {"fail": "failure", "skipped": "skipped" if item.excused else "error"}.get(item.status, "")
    head = f'    <testcase {_attributes(classname=_class(item.model), name=name)} time="0"'
    if not kind:
        return "", [f"{head}/>"]
    if kind == "skipped":
        return kind, [f"{head}>", f"      <skipped {_attributes(message=outcome(item))}/>", "    </testcase>"]
    where = str(item.location) if item.location is not None else item.model.key
    told = [outcome(item), since(item), *causes(item), item.remark, f"at {where}", item.message]
    return kind, [
        f"{head}>",
        *_told(kind, outcome(item), item.kind, [line for line in told if line]),
        "    </testcase>",
    ]


def _problem(problem: Problem) -> Case:
    place = str(problem.location or "base")
    head = f'    <testcase {_attributes(classname="costcalc", name=place)} time="0">'
    lines = [line for line in (problem.message, problem.hint) if line]
    return "error", [head, *_told("error", problem.message, "problem", lines), "    </testcase>"]


def _told(kind: str, message: str, of: str, lines: Sequence[str]) -> Iterator[str]:
    text = "\n".join(re.sub(r"^(\s*):", r"\1&#58;", escape(printable(line), RUNNER)) for line in lines)
    yield f"      <{kind} {_attributes(message=message, type=of)}>{text}</{kind}>"


def _class(model: Model) -> str:
    """The key as a class's name: services split these at dots."""
    return model.key.replace(".", "_").replace("/", ".")


def _attributes(**values: str | int) -> str:
    return " ".join(f'{name}="{_attribute(str(value))}"' for name, value in values.items())


def _attribute(text: str) -> str:
    r"""Text inside the quotes of an attribute.

    >>> _attribute('</testcase> "x" & \x07')
    '&lt;/testcase&gt; &quot;x&quot; &amp; \\x07'
    """
    return escape(printable(text), {'"': "&quot;", **RUNNER})
