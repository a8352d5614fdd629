"""`load -> build -> estimate` for a command: an address and the options of size -> a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from costcalc.cost.model import Report
from costcalc.errors import Problem, SpecError

if TYPE_CHECKING:
    from costcalc.conventions.model import Convention
    from costcalc.cost.account import Account
    from costcalc.cost.language import Language
    from costcalc.graph.size import Size
    from costcalc.reconcile.claim import Claim, Finding


def report_of(address: str, size: Size) -> Report:
    """The report of one spec at the size that the options give; warnings go to standard error."""
    from costcalc.cli.failure import say
    from costcalc.cost.estimate import estimate
    from costcalc.graph.build import build
    from costcalc.spec.load import load
    from costcalc.text.snippets import render

    graph = build(load(address), size.args, size.input, sequence=size.sequence)
    for warning in graph.warnings:
        say(render(warning))
    return estimate(graph, size.batch)


def language_report_of(address: str, size: Size, phase: str) -> tuple[Report, Language]:
    """The report of a language model in one phase, and its language view."""
    from costcalc.cli.failure import say
    from costcalc.cost.estimate import estimate
    from costcalc.cost.language import language
    from costcalc.graph.decode import decode, prompt
    from costcalc.spec.load import load
    from costcalc.text.snippets import render

    built = decode if phase == "decode" else prompt
    graph = built(load(address), size.args, size.input, sequence=size.sequence)
    for warning in graph.warnings:
        say(render(warning))
    report = estimate(graph, size.batch)
    return report, language(report)


def reports_of(addresses: Sequence[str], size: Size) -> list[Report]:
    """Several reports; the problems of all specs are raised together."""
    reports: list[Report] = []
    problems: list[Problem] = []
    for address in addresses:
        try:
            reports.append(report_of(address, size))
        except SpecError as error:
            problems.extend(error.problems)
    if problems:
        raise SpecError(problems)
    return reports


def accounts_of(reports: Sequence[Report], convention: str | None) -> list[Account]:
    """The account of each report under the convention of that name or file; none where no convention is asked for.

    Raises:
        SpecError: the file cannot be read, or mentions a block that no report has.
    """
    if convention is None:
        return []
    from costcalc.cost.account import accounts

    return accounts(reports, conventions_of([convention])[0])


def conventions_of(chosen: Sequence[str]) -> list[Convention]:
    """The conventions of these names or files; without any, every bundled one that counts work.

    Tables of one's own that have the same name are called as their files.

    Raises:
        SpecError: the problems of all files that are no valid tables.
    """
    from costcalc.conventions.load import load, names

    if not chosen:
        plainest = ["paper", "costcalc"]
        ordered = [*plainest, *(name for name in names() if name not in plainest)]
        return [convention for name in ordered if (convention := load(name)).unit != "activation"]
    found: list[Convention] = []
    problems: list[Problem] = []
    for name in dict.fromkeys(chosen):
        try:
            found.append(load(name))
        except SpecError as error:
            problems.extend(error.problems)
    if problems:
        raise SpecError(problems)
    called = [convention.name for convention in found]
    return [one if called.count(one.name) == 1 else replace(one, name=one.path) for one in found]


def find_claim(claim: Claim, address: str, size: Size, conventions: Sequence[Convention]) -> Finding:
    """Find who prints a number: for the spec as given, its other variants, or other resolutions."""
    from costcalc.cli.progress import progress
    from costcalc.graph.tokens import args_at
    from costcalc.reconcile.claim import find
    from costcalc.spec.load import load, load_family

    spec = load(address)
    family = [other for other in load_family(address) if (other.name, other.variant) != (spec.name, spec.variant)]
    with progress("variants at other resolutions") as bar:
        return find(
            claim,
            spec,
            family,
            conventions,
            args=args_at(spec, size.args, size.input, size.sequence),
            input=size.input,
            batch=size.batch,
            progress=bar(0, claim.text),
        )
