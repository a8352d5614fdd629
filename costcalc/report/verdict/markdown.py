"""The verdict as GitHub's Markdown, for a comment or the summary of a job. Names stand as code, and stay names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from costcalc.budget.verdict import Judgement, Verdict
from costcalc.report.account import label
from costcalc.report.markdown import code, escaped, unlisted
from costcalc.report.numbers import exact, growth, signed
from costcalc.report.verdict.sentences import (
    causes,
    definitions,
    limit,
    margin,
    measure,
    number,
    outcome,
    since,
    total,
)
from costcalc.text.printable import printable

MARK = "<!-- costcalc:check -->"
"""The first line, by which an earlier comment is found and replaced."""
LONGEST = 60_000
"""GitHub takes 65,536 characters in a comment."""
SIGNS = {"pass": "✅", "warn": "⚠️", "fail": "❌", "skipped": "⏭️"}
TITLES = {
    "pass": "✅ Within budget",
    "warn": "⚠️ Within budget, with warnings",
    "fail": "❌ Over budget",
    "incomplete": "❌ Not everything could be judged",
}


def render(verdict: Verdict) -> Iterator[str]:
    """The lines, without line ends, within GitHub's limit."""
    yield from cut([*_lines(verdict)])


def _lines(verdict: Verdict) -> Iterator[str]:
    yield from (MARK, f"### costcalc: {TITLES[verdict.status]}", "", f"{escaped(total(verdict))}.", "")
    for line in definitions(verdict.judgements):
        yield from (escaped(line), "")
    for problem in (*verdict.problems, *verdict.warnings):
        place = f"{code(str(problem.location))}: " if problem.location is not None else ""
        hint = f" ({escaped(problem.hint)})" if problem.hint else ""
        yield from (f"- {problem.severity}: {place}{escaped(problem.message)}{hint}", "")
    serious = verdict.those("fail", "skipped", "warn")
    if serious:
        yield from _table(
            ("", "Spec", "Of", "Value", "Limit", "Left", "Since the base", "Mostly"), map(_cells, serious)
        )
        yield ""
    for message in dict.fromkeys(item.message for item in serious if item.message and item.status != "skipped"):
        yield from (f"> {unlisted(escaped(message))}", "")
    grown = [cells for cells in _growth(verdict) if cells]
    if grown:
        yield from (f"<details open><summary>What changed since {_tagged(verdict.base)}</summary>", "")
        yield from _table(("Spec", "Of", "Before", "Now", "Change", ""), grown)
        yield from ("", "</details>", "")
    if verdict.judgements:
        yield from (f"<details><summary>All {exact(len(verdict.judgements))} judgements</summary>", "")
        columns = ("", "Spec", "Budget", "Of", "Value", "Limit", "Left")
        yield from _table(columns, map(_all_cells, verdict.judgements))
        yield from ("", "</details>")


def _cells(item: Judgement) -> Sequence[str]:
    blamed = "<br>".join(escaped(line) for line in (*causes(item), item.remark) if line)
    growth_of = escaped(since(item)) if item.status != "skipped" else escaped(outcome(item))
    return (
        SIGNS[item.status],
        code(item.model.key),
        _of(item),
        number(item.value),
        _limit(item),
        margin(item),
        growth_of,
        blamed,
    )


def _all_cells(item: Judgement) -> Sequence[str]:
    return (
        SIGNS[item.status],
        code(item.model.key),
        code(item.budget),
        _of(item),
        number(item.value),
        _limit(item),
        margin(item),
    )


def _of(item: Judgement) -> str:
    return f"{escaped(measure(item))} of {code(item.path)}" if item.path else escaped(measure(item))


def _limit(item: Judgement) -> str:
    allowed = number(item.allowed)
    return f"{escaped(limit(item))} = {allowed}" if item.limit and allowed else escaped(limit(item))


def _growth(verdict: Verdict) -> Iterator[Sequence[str]]:
    """The params and MACs of every network that is not what it was."""
    for model in verdict.models:
        if model.status == "new":
            yield (code(model.key), "", "", "", "", "new")
        if model.status == "unreadable":
            yield (code(model.key), "", "", "", "", "not readable there")
        for metric in ("params", "macs"):
            before = None if model.before is None else model.before.total(metric)
            now = model.now.total(metric)
            if before is not None and before != now:
                convention = model.now.convention_of(metric)
                of = metric if convention is None else escaped(label(convention))
                yield (code(model.key), of, exact(before), exact(now), signed(now - before), growth(before, now))
        if model.status == "renamed":
            yield (code(model.key), "", "", "", "", f"was {code(model.was)}")
    for key in verdict.gone:
        yield (code(key), "", "", "", "", "gone")


def _tagged(text: str) -> str:
    """A name inside a tag of HTML."""
    return f"<code>{escape(printable(text))}</code>"


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(titles)} |"
    yield f"|{'---|' * len(titles)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def cut(lines: list[str]) -> Iterator[str]:
    """The lines up to GitHub's limit; what is left out is counted, and what is open is closed."""
    size = opened = 0
    for position, line in enumerate(lines):
        size += len(line) + 1
        if size > LONGEST:
            yield from ("", f"{exact(len(lines) - position)} more lines are left out: the text output has them all.")
            yield from ("", "</details>") * opened
            return
        opened += line.startswith("<details") - (line == "</details>")
        yield line
