"""Select the files to judge: those that match the configuration's patterns, or those given by name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from costcalc.budget.config import shown
from costcalc.budget.model import Budget, Config
from costcalc.errors import Problem, SpecError
from costcalc.spec.find import locate
from costcalc.text.bounds import mend, way_out
from costcalc.text.pattern import Pattern
from costcalc.text.suggest import Suggestions
from costcalc.versions.keys import path_below
from costcalc.versions.subjects import STDIN, Measurement, Target


def configured(config: Config) -> list[Target]:
    """Every file that a pattern of the configuration stands for, once, sorted; not the configuration itself."""
    keys = {key for pattern in patterns_of(config) for key in pattern.files(config.folder)}
    keys -= {config.path.name, config.lock or ""}
    paths = {key: config.folder / key for key in sorted(keys)}
    literal = {pattern.text for pattern in patterns_of(config) if not pattern.wild}
    return [
        Target(path, shown(path), key, None, key in literal, _variants(config.budgets, key))
        for key, path in paths.items()
    ]


def named(addresses: Sequence[str], config: Config | None, folder: Path) -> list[Target]:
    """The files at addresses as every command takes them: a path, `FILE@VARIANT`, or a bundled name.

    Raises:
        SpecError: there is no bundled spec of a name.
    """
    targets: dict[tuple[str, str | None], Target] = {}
    problems: list[Problem] = []
    budgets = config.budgets if config is not None else ()
    for address in addresses:
        try:
            file, name, variant = locate(address) if address != "-" else ("stdin", STDIN, None)
        except SpecError as error:
            problems.extend(error.problems)
            continue
        path = Path(file)
        key = name if name == STDIN else path_below(path, folder) or name
        known = targets.setdefault((key, variant), Target(path, name, key, variant, True, _variants(budgets, key)))
        if os.path.realpath(known.path) != os.path.realpath(path):
            problems.append(Problem(f"two specs are called '{key}'", None, f"{known.path} and {path}"))
    if problems:
        raise SpecError(problems)
    return list(targets.values())


def patterns_of(config: Config) -> list[Pattern]:
    """Every pattern of files in a configuration, in written order."""
    budgets = (pattern for budget in config.budgets for pattern in budget.specs)
    return list({pattern.text: pattern for pattern in (*config.specs, *budgets)}.values())


def unmatched(config: Config, targets: Sequence[Target], measurement: Measurement) -> Iterator[Problem]:
    """A problem for every pattern that stands for no spec, or for no variant: a rename would switch a budget off."""
    specs = [target.key for target in targets if target.key not in measurement.libraries]
    known = frozenset(specs)
    suggest = Suggestions()
    optional = {pattern.text for budget in config.budgets if budget.optional for pattern in budget.specs}
    whose = {pattern.text: budget.name for budget in config.budgets for pattern in budget.specs}
    for pattern in patterns_of(config):
        found = any(pattern.matches(key) for key in specs) if pattern.wild else pattern.text in known
        if pattern.text in optional or found:
            continue
        forbidden = way_out(config.folder / pattern.fixed)
        if forbidden is not None and pattern.wild:
            yield Problem(f"'{pattern.fixed}' is {forbidden}", pattern.location, mend(forbidden, "folder"))
            continue
        owner = f", and the budget '{whose[pattern.text]}' asks for it" if pattern.text in whose else ""
        message = f"'{pattern.text}' matches no spec{owner}"
        hint = suggest.did_you_mean(pattern.text, specs) or "paths are relative to this file"
        yield Problem(message, pattern.location, hint)
    for budget in config.budgets:
        yield from _without_variant(budget, specs, measurement, suggest)


def _without_variant(
    budget: Budget, specs: Iterable[str], measurement: Measurement, suggest: Suggestions
) -> Iterator[Problem]:
    files = [key for key in specs if any(pattern.matches(key) for pattern in budget.specs)]
    known = [name for key in files for name in measurement.variants.get(key, ())]
    if budget.optional or not all(key in measurement.variants for key in files):
        return
    for pattern in budget.variants or ():
        if pattern.text != "*" and not any(map(pattern.matches, known)):
            message = f"the budget '{budget.name}' matches no variant '{pattern.text}'"
            yield Problem(message, pattern.location, suggest.did_you_mean(pattern.text, known) if files else "")


def _variants(budgets: Iterable[Budget], key: str) -> tuple[Pattern, ...]:
    """The patterns of variants of the budgets that speak of a file."""
    speaking = (budget for budget in budgets if any(pattern.matches(key) for pattern in budget.specs))
    return tuple(pattern for budget in speaking for pattern in budget.variants or ())
