"""All that `costcalc check` does before it prints: configuration -> specs -> reports -> base -> verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from costcalc.budget.base import find_base
from costcalc.budget.config import FILE, PROJECT, find_config, read_config, shown
from costcalc.budget.judge import applies, check
from costcalc.budget.model import RELATIVE, Budget, Config, Limit
from costcalc.budget.renewal import renewed
from costcalc.budget.select import configured, named, unmatched
from costcalc.budget.verdict import Verdict
from costcalc.conventions.model import Convention
from costcalc.errors import CostcalcError, Problem, SpecError
from costcalc.text.bounds import way_out
from costcalc.text.compose import LARGEST_FILE
from costcalc.text.pattern import Pattern
from costcalc.versions.baseline import from_text
from costcalc.versions.keys import key_of, split
from costcalc.versions.on_demand import Opened
from costcalc.versions.recent import recall
from costcalc.versions.subjects import Measurement, Target, measure


@dataclass(frozen=True, slots=True)
class Request:
    """A request: see the options of `costcalc check`."""

    addresses: Sequence[str] = ()
    config: str | None = None
    base: str | None = None
    limits: tuple[Limit, ...] = ()
    default_base: str | None = None
    update: bool = False
    allow_new: bool = False
    why: bool = False
    convention: Convention | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict; the lock file to write, as its path and text; and the files that were read."""

    verdict: Verdict
    lock: tuple[str, str] | None
    reads: tuple[str, ...]


def gate(request: Request) -> Outcome:
    """Do what is asked.

    Raises:
        CostcalcError: the configuration is not valid, or there is nothing to judge.
    """
    config = read_config(Path(request.config)) if request.config is not None else find_config(Path.cwd())
    folder = config.folder if config is not None else Path.cwd()
    targets = _targets(request, config, folder)
    measurement = measure(targets)
    budgets = _budgets(request, config, targets, measurement)
    problems = [*measurement.problems]
    if config is not None and not request.addresses:
        problems += unmatched(config, targets, measurement)
    with Opened(folder) as git:
        base, wrong = find_base(request.base, request.default_base, config, measurement, folder, git)
        unneeded: tuple[Problem, ...] = ()
        if (
            wrong
            and _is_default(request, config)
            and not any(limit.kind in RELATIVE for b in budgets for limit in b.limits)
        ):
            unneeded, wrong, base = tuple(problem._replace(severity="warning") for problem in wrong), (), None
        lock = None
        if request.update:
            name, path = _lock_of(config)
            wrong = ()
            if not problems:
                _refuse_other(name, path)
                lock = shown(path), renewed(measurement.subjects, budgets, base, whole=not request.addresses)
                base = from_text(lock[1], name)
        history = recall(git, measurement.subjects, folder)
        reports = {subject.key: subject.report for subject in measurement.subjects}
        try:
            verdict = check(
                reports,
                budgets,
                base,
                history=history,
                allow_new=request.allow_new,
                why=request.why,
                convention=request.convention,
            )
        except SpecError as error:  # the convention mentions a block that none of the networks has
            raise SpecError([*problems, *error.problems]) from None
    problems += [*wrong, *verdict.problems]
    if not problems:
        problems += _unjudged(request, config, targets, verdict)
    warnings = (*measurement.warnings, *unneeded, *verdict.warnings)
    verdict = replace(verdict, problems=tuple(dict.fromkeys(problems)), warnings=warnings)
    return Outcome(verdict, lock, _reads(request, config, measurement))


def _targets(request: Request, config: Config | None, folder: Path) -> list[Target]:
    if request.addresses:
        return named(request.addresses, config, folder)
    if config is None:
        hint = "write one, or name specs: costcalc check net.yaml --limit macs=4.2G"
        raise SpecError(
            [Problem(f"there is no {FILE} and no [tool.costcalc] in a {PROJECT} here or above", None, hint)]
        )
    return configured(config)


def _budgets(
    request: Request, config: Config | None, targets: Sequence[Target], measurement: Measurement
) -> list[Budget]:
    """The budgets to judge by: those that speak of something. Patterns that match nothing are told of already.

    Whether a budget's blocks are there is only asked when everything is judged.
    """
    partly = bool(request.addresses or measurement.problems)
    keys = [subject.key for subject in measurement.subjects]
    budgets = [
        replace(budget, optional=budget.optional or partly)
        for budget in (config.budgets if config is not None else ())
        if any(applies(budget, key) for key in keys)
    ]
    if request.limits and not request.addresses:
        budgets.append(Budget("--limit", request.limits, (Pattern("**"),), optional=True))
    for target in targets if request.limits and request.addresses else ():
        variants = (Pattern(target.variant, "@"),) if target.variant is not None else None
        budgets.append(Budget("--limit", request.limits, (Pattern(target.key),), variants, optional=True))
    return budgets


def _is_default(request: Request, config: Config | None) -> bool:
    """True if the base is only what there is where nobody names one."""
    return request.base is None and (config is None or (config.lock is None and config.base is None))


def _lock_of(config: Config | None) -> tuple[str, Path]:
    """The lock file of the configuration: what it is called there, and where it is."""
    if config is None or config.lock is None:
        raise CostcalcError(
            "there is no lock file to update: the configuration says where it is, 'lock: costs.lock.json'"
        )
    return config.lock, config.folder / config.lock


def _refuse_other(name: str, path: Path) -> None:
    """Refuse to write over what is no lock: the configuration may name any file.

    Raises:
        CostcalcError: there is such a file.
    """
    if way_out(path) is None and path.is_file():
        text = path.read_bytes()[:LARGEST_FILE]
        if text.strip() and b"costcalc.lock/" not in text:
            raise CostcalcError(f"{name} is not a lock file, and would be lost: 'lock' names another, or delete it")


def _unjudged(
    request: Request, config: Config | None, targets: Sequence[Target], verdict: Verdict
) -> Iterator[Problem]:
    """A problem for every spec that somebody names and of which nothing is asked: to pass would say too much."""
    judged = {item.model.key for item in verdict.judgements}
    files = {split(key)[0] for key in judged}
    hint = f"a budget in {FILE} asks something, or --limit macs=4.2G, or 'expect' in the spec"
    if not judged and not request.addresses and not (config and config.lock):
        yield Problem("there is nothing to judge", None, hint)
    for target in targets if request.addresses else ():
        key = key_of(target.key, target.variant)
        if key not in (judged if target.variant is not None else files):
            yield Problem(f"nothing is asked of {key}", None, hint)


def _reads(request: Request, config: Config | None, measurement: Measurement) -> tuple[str, ...]:
    paths = {path for subject in measurement.subjects for path in subject.sources}
    files = [str(path) for path in sorted(paths)]
    if config is not None:
        files += [str(config.path), *([str(config.folder / config.lock)] if config.lock else [])]
    return (*files, *([request.base] if request.base else []))
