"""`check`: reports, budgets and what the networks were -> a `Verdict`. Every comparison is exact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costcalc.budget.expect import expectations
from costcalc.budget.explain import Explainer, number_of
from costcalc.budget.model import LOWER, RELATIVE, Budget, Limit
from costcalc.budget.reading import Notes, read_limits
from costcalc.budget.verdict import Judgement, Verdict
from costcalc.cost.metrics import METRICS, Number
from costcalc.cost.model import Report
from costcalc.errors import Problem, Source, SpecError
from costcalc.text.suggest import Suggestions
from costcalc.versions.baseline import Baseline
from costcalc.versions.keys import key_of, path_below, split
from costcalc.versions.lock import UPDATE
from costcalc.versions.match_networks import Model, pair
from costcalc.versions.recent import History
from costcalc.versions.recorded import Recorded
from costcalc.versions.snapshot import MOST_HELD

if TYPE_CHECKING:
    from costcalc.conventions.model import Convention


def check(
    reports: Sequence[Report] | Mapping[str, Report],
    budgets: Sequence[Budget] | Mapping[str, Any],
    base: Baseline | None = None,
    *,
    history: History | None = None,
    allow_new: bool = False,
    why: bool = False,
    convention: Convention | None = None,
) -> Verdict:
    """Judge every report by every budget that speaks of it, and by the `expect` of its spec.

    Args:
        reports: the reports; or key -> report, where patterns and the base call them otherwise than by their path from
            here (with `@VARIANT`).
        budgets: budgets as `costcalc.yaml` has them; or limits alone, `{"macs": "4.2G", "params": {"max": "26M"}}`,
            which hold for every report.
        base: what the networks were, for limits on growth; without it these are not judged, and the verdict says so.
        history: what the networks were lately, to say which layers an overrun comes from where `base` cannot.
        allow_new: do not insist on judging the growth of networks and blocks that the base does not have.
        why: name the layers behind every number, not only behind those that fail.
        convention: judge its number by the limits on `macs` (or on `flops` or `activations`, whichever its unit is);
            other numbers, and what specs expect, stay costcalc's.

    Raises:
        SpecError: the limits are not valid, or the convention mentions a block that no report has.
    """
    given = [budget_of(budgets)] if isinstance(budgets, Mapping) else budgets
    models, gone = pair(reports if isinstance(reports, Mapping) else _keyed(reports), base)
    problems: list[Problem] = []
    if convention is not None:
        from costcalc.budget.by_convention import counted, in_its_unit

        models = counted(models, convention)
        given, problems = in_its_unit(given, convention)
    explainer = Explainer(base.name if base is not None else "", history)
    judgements = []
    for judgement in _judgements(models, given, base, allow_new=allow_new):
        wanted = judgement.status in ("fail", "warn") or (why and judgement.status == "pass")
        judgements.append(explainer.explain(judgement) if wanted else judgement)
    problems += [*_matches_nothing(given, models), *_unreadable(base, judgements)]
    return Verdict(
        models=models,
        judgements=tuple(judgements),
        base=base.name if base is not None else "",
        gone=gone,
        problems=tuple(problems),
        warnings=tuple(_stale(base, models, gone)),
        convention=convention,
    )


def _keyed(reports: Sequence[Report]) -> dict[str, Report]:
    """Reports by their keys, as seen from the working folder."""
    graphs = [report.graph for report in reports]
    paths = [path_below(graph.path, Path.cwd()) or graph.path for graph in graphs]
    keys = [key_of(path, graph.variant) for path, graph in zip(paths, graphs, strict=True)]
    return dict(zip(keys, reports, strict=True))


def budget_of(limits: Mapping[str, Any], name: str = "budget") -> Budget:
    """Limits as plain data, as a budget for every report.

    Raises:
        SpecError: they are not valid.
    """
    from costcalc.budget.toml import located

    notes = Notes()
    found = read_limits(notes, located(Source(name, ""), dict(limits), {}), of_blocks=False)
    if notes.problems:
        raise SpecError(notes.problems)
    return Budget(name, found)


def applies(budget: Budget, key: str) -> bool:
    """True if a budget speaks of the network under a key."""
    path, variant = split(key)
    if budget.specs and not any(pattern.matches(path) for pattern in budget.specs):
        return False
    if budget.variants is None:
        return variant is None or not budget.specs
    return any(pattern.text == "*" if variant is None else pattern.matches(variant) for pattern in budget.variants)


def _judgements(
    models: Sequence[Model], budgets: Sequence[Budget], base: Baseline | None, *, allow_new: bool
) -> Iterator[Judgement]:
    for model in models:
        yield from expectations(model)
        for budget in budgets:
            for limit in budget.limits if applies(budget, model.key) else ():
                whole = model.now.total(limit.metric)
                for path, value in _numbers(budget, limit, model, whole):
                    before = _before(model, path, limit)
                    judgement = Judgement(
                        model=model,
                        budget=budget.name,
                        metric=limit.metric,
                        kind=limit.kind,
                        limit=limit.amount.text,
                        allowed=None,
                        value=value,
                        status="skipped",
                        path=path,
                        convention=model.now.convention_of(limit.metric),
                        before=before,
                        since=base.name if base is not None and before is not None else "",
                        whole=whole,
                        written=limit.location,
                        message=budget.message,
                    )
                    yield _judged(judgement, limit, base, allow_new=allow_new)


def _before(model: Model, path: str, limit: Limit) -> Number | None:
    """A number's earlier value. A peak takes as long to find as a network takes to build: only growth needs it."""
    if model.before is None or (limit.kind not in RELATIVE and not METRICS[limit.metric].of_blocks):
        return None
    return number_of(model.before, path, limit.metric)


def _numbers(budget: Budget, limit: Limit, model: Model, whole: Number) -> Iterable[tuple[str, Number]]:
    """The numbers a limit is about: the network's, or that of every block that the budget names."""
    if not budget.blocks:
        return [("", whole)]
    return [(piece.path, piece.numbers[limit.metric]) for piece in model.now.matching(budget.blocks) or ()]


def _judged(judgement: Judgement, limit: Limit, base: Baseline | None, *, allow_new: bool) -> Judgement:
    """The judgement passed or failed, or the reason why it cannot be judged."""
    if limit.kind in RELATIVE and judgement.before is None:
        reason, excused = _unknown(judgement, base, allow_new=allow_new)
        return replace(judgement, reason=reason, excused=excused)
    allowed = limit.bound(judgement.before, judgement.whole)
    value = judgement.value
    assert not isinstance(value, tuple)
    exceeded = value < allowed if limit.kind in LOWER else value > allowed
    if isinstance(value, int):  # the last whole number that passes
        allowed = ceil(allowed) if limit.kind in LOWER else floor(allowed)
    status = "pass" if not exceeded else "warn" if limit.kind == "warn" else "fail"
    return replace(judgement, allowed=allowed, status=status)


def _unknown(judgement: Judgement, base: Baseline | None, *, allow_new: bool) -> tuple[str, bool]:
    """The reason why an earlier number is unknown, and True if that is no failure."""
    model, path = judgement.model, judgement.path
    if base is None:
        return "there is no base: give the configuration 'lock' or 'base', or use --base", False
    if not base.kind:
        return f"{base.name} cannot be used", False
    if base.missing:
        return f"{base.name} does not exist yet: run '{UPDATE}' and commit it", False
    if model.before is None and split(model.key)[0] in base.unreadable:
        return f"it cannot be read in {base.name}", False
    if judgement.convention is not None and isinstance(model.before, Recorded):
        theirs = judgement.convention.name
        return f"{base.name} has costcalc's count, not that of {theirs}: compare with a git revision", False
    mend = f"run '{UPDATE}'" if base.kind == "lock" else "--allow-new accepts it"
    if model.before is None:
        return f"new: {base.name} does not have it ({mend})", allow_new
    if base.kind == "git":
        return f"'{path}' is new since {base.name} ({mend})", allow_new
    return f"{base.name} does not have this number ({mend})", False


def _matches_nothing(budgets: Sequence[Budget], models: Sequence[Model]) -> Iterator[Problem]:
    """A problem for every budget that speaks of no report, of a block that none of its reports has, or of too many."""
    suggest = Suggestions()
    keys = sorted(model.key for model in models)
    paths: dict[tuple[str, ...], list[str]] = {}  # keys of models -> the paths of their blocks
    for budget in budgets:
        those = [model for model in models if applies(budget, model.key)]
        for model in those if budget.blocks else ():
            if model.now.matching(budget.blocks) is None:
                yield too_many(budget, model.key)
        if budget.optional:
            continue
        if not those:
            hint = suggest.did_you_mean(budget.specs[0].text, keys) if budget.specs else ""
            yield Problem(f"the budget '{budget.name}' matches no spec", budget.location, hint)
        for pattern in budget.blocks if those else ():
            if all(model.now.matching([pattern]) == [] for model in those):
                message = f"the budget '{budget.name}' matches no block '{pattern.text}'"
                whose = tuple(model.key for model in those)
                if whose not in paths:
                    paths[whose] = [*dict.fromkeys(path for model in those for path in model.now.paths())]
                yield Problem(message, pattern.location, suggest.did_you_mean(pattern.text, paths[whose]))


def too_many(budget: Budget, key: str) -> Problem:
    """The problem of a budget whose blocks nobody could judge one by one."""
    location = budget.blocks[0].location or budget.location
    hint = "name blocks of the first levels, as in 'stage1' or 'stage*'; '**' stands for all of them"
    message = f"the budget '{budget.name}' speaks of too many blocks: {key} has more than {MOST_HELD:,} to look at"
    return Problem(message, location, hint)


def _unreadable(base: Baseline | None, judgements: Sequence[Judgement]) -> Iterator[Problem]:
    """The reason why the base could not be read, where something was to be compared with it."""
    waiting = {split(item.model.key)[0] for item in judgements if item.status == "skipped"}
    for key, problems in base.unreadable.items() if base is not None else ():
        if key in waiting:
            yield from problems


def _stale(base: Baseline | None, models: Sequence[Model], gone: Sequence[str]) -> Iterator[Problem]:
    """A warning that a lock file is not what the specs cost."""
    if base is None or base.kind != "lock":
        return
    if base.missing:
        yield Problem(f"{base.name} does not exist yet", None, f"'{UPDATE}' writes it", (), "warning")
        return
    counts = {word: sum(model.status == word for model in models) for word in ("changed", "renamed", "new")}
    counts["gone"] = len(gone)
    said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    if said:
        yield Problem(f"{base.name} is out of date: {said}", None, f"'{UPDATE}' rewrites it", (), "warning")
