"""Deliver a verdict: to the lock file, the files asked for, standard output, and GitHub Actions."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import click

from costcalc.budget.gate import Outcome
from costcalc.cli.actions import on_actions, root, summarize
from costcalc.cli.failure import say, say_problems
from costcalc.cli.output import emit, print_document, write_whole
from costcalc.errors import CostcalcError, SpecError
from costcalc.report.verdict.render import Setting, lines
from costcalc.text.snippets import render

Outputs = Sequence[tuple[str, str]]


def refuse_doubles(form: str | None, outputs: Outputs) -> None:
    """Two outputs cannot go to one place, however its path is written."""
    taken: set[str] = set()
    for path in [path for _, path in outputs] + (["-"] if form is not None else []):
        place = path if path == "-" else os.path.realpath(path)
        if place in taken:
            raise click.UsageError(f"two outputs cannot go to {'standard output' if path == '-' else path}")
        taken.add(place)


def deliver(outcome: Outcome, form: str | None, outputs: Outputs, *, only_failures: bool, why: bool) -> bool:
    """Write and print everything; whether all of it could be written."""
    verdict = outcome.verdict
    setting = Setting(root(), datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"), only_failures, why)

    def rendered(form: str) -> Iterable[str]:
        return lines(verdict, form, setting)

    for warning in verdict.warnings:
        say(render(warning))
    written = True
    files = [(path, (f"{line}\n" for line in rendered(form))) for form, path in outputs if path != "-"]
    for path, text in [*([(outcome.lock[0], [outcome.lock[1]])] if outcome.lock else []), *files]:
        try:
            is_lock = outcome.lock is not None and path == outcome.lock[0]
            write_whole(path, text, () if is_lock else outcome.reads, regular=is_lock)
        except CostcalcError as error:
            say(f"error: {error}")
            written = False
    shown = form or next((form for form, path in outputs if path == "-"), "text")
    if shown == "text":
        from costcalc.report.verdict.text import show

        print_document(show(verdict, only_failures=only_failures, why=why))
    else:
        emit(rendered(shown))
    if verdict.problems:
        say_problems(SpecError(verdict.problems))
    waiting = [item for item in verdict.those("skipped") if not item.excused]
    if waiting:
        reasons = "; ".join(dict.fromkeys(item.reason for item in waiting))
        say(f"error: growth could not be judged {len(waiting)} time{'s' * (len(waiting) > 1)}: {reasons}")
    if outcome.lock is not None and written:
        say(f"written: {outcome.lock[0]}")
    if on_actions():
        _tell_actions(shown, outputs, rendered("github"), rendered("markdown"))
    return written


def _tell_actions(shown: str, outputs: Outputs, annotations: Iterable[str], summary: Iterable[str]) -> None:
    """Annotations, beside text on standard output and otherwise beside it, unless asked for; and the summary."""
    if "github" not in (shown, *(form for form, _ in outputs)):
        if shown == "text":
            emit(annotations)
        else:
            sys.stderr.write("".join(f"{line}\n" for line in annotations))
    summarize(summary)
