"""A verdict in one of the formats, by name: the one place that knows them all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from costcalc.budget.verdict import Verdict

FORMATS = ("text", "json", "github", "markdown", "junit", "sarif")


def lines(verdict: Verdict, form: str, root: Path, timestamp: str) -> Iterator[str]:
    """The lines of a verdict in any format but `text`, which is a document."""
    if form == "junit":
        from costcalc.report.verdict.junit import render as junit

        yield from junit(verdict, timestamp)
    elif form == "github":
        from costcalc.report.verdict.github import render as github

        yield from github(verdict, root)
    elif form == "markdown":
        from costcalc.report.verdict.markdown import render as markdown

        yield from markdown(verdict)
    else:
        from costcalc.report.json import dump

        if form == "sarif":
            from costcalc.report.verdict.sarif import to_json
        else:
            from costcalc.report.verdict.json import to_json
        yield from dump(to_json(verdict, root))
