"""A verdict in one of the formats, by name: one table says what makes each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from costcalc.budget.verdict import Verdict


class Setting(NamedTuple):
    """Values that a format may need beside the verdict.

    Attributes:
        root: the folder that paths are given from.
        timestamp: when it was judged, as ISO 8601 in UTC.
        only_failures: leave out what passed, in text.
        why: with the layers behind every number, in text.
    """

    root: Path
    timestamp: str
    only_failures: bool = False
    why: bool = False


Lines = Callable[["Verdict", Setting], Iterator[str]]


def lines(verdict: Verdict, form: str, setting: Setting) -> Iterator[str]:
    """The lines of a verdict in one of `FORMATS`, without line ends."""
    return FORMATS[form](verdict, setting)


def _text(verdict: Verdict, setting: Setting) -> Iterator[str]:
    from costcalc.report.plain import render
    from costcalc.report.verdict.text import show

    return render(show(verdict, only_failures=setting.only_failures, why=setting.why))


def _json(verdict: Verdict, setting: Setting) -> Iterator[str]:
    from costcalc.report.json import dump
    from costcalc.report.verdict.json import to_json

    return dump(to_json(verdict, setting.root))


def _github(verdict: Verdict, setting: Setting) -> Iterator[str]:
    from costcalc.report.verdict.github import render

    return render(verdict, setting.root)


def _markdown(verdict: Verdict, setting: Setting) -> Iterator[str]:
    from costcalc.report.verdict.markdown import render

    return render(verdict)


def _junit(verdict: Verdict, setting: Setting) -> Iterator[str]:
    from costcalc.report.verdict.junit import render

    return render(verdict, setting.timestamp)


def _sarif(verdict: Verdict, setting: Setting) -> Iterator[str]:
    from costcalc.report.json import dump
    from costcalc.report.verdict.sarif import to_json

    return dump(to_json(verdict, setting.root))


FORMATS: Mapping[str, Lines] = {
    "text": _text,
    "json": _json,
    "github": _github,
    "markdown": _markdown,
    "junit": _junit,
    "sarif": _sarif,
}
"""Every format by its name. `--format`, `--output` and their completion are read off this table."""
