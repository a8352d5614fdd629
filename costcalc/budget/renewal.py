"""A lock written anew: what the specs cost now, whatever it said before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from costcalc.budget.judge import applies, too_many
from costcalc.budget.model import RELATIVE, Budget
from costcalc.errors import CostcalcError, SpecError
from costcalc.versions.baseline import Baseline
from costcalc.versions.lock import UPDATE, write_lock
from costcalc.versions.recorded import Recorded
from costcalc.versions.snapshot import Measured
from costcalc.versions.subjects import Subject

Entry = tuple[Measured, frozenset[tuple[str, str]]] | Recorded


def renewed(subjects: Sequence[Subject], budgets: Sequence[Budget], old: Baseline | None, *, whole: bool) -> str:
    """The text of the lock. With `whole`, the networks measured are all there are; else the others stay as they were.

    Raises:
        CostcalcError: the others cannot stay, because the old lock cannot be read.
    """
    models: dict[str, Entry] = {}
    if not whole:
        if old is None or old.kind != "lock":
            raise CostcalcError(f"the lock cannot be read, so all of it must be written anew: {UPDATE}")
        models.update(_kept(old.models))
    for subject in subjects:
        now = Measured(subject.report)
        models[subject.key] = (now, _compared(now, subject.key, budgets))
    return write_lock(models)


def _kept(models: Mapping[str, object]) -> dict[str, Entry]:
    return {key: model for key, model in models.items() if isinstance(model, Recorded)}


def _compared(now: Measured, key: str, budgets: Sequence[Budget]) -> frozenset[tuple[str, str]]:
    """The blocks, with the metrics, whose growth budgets limit."""
    return frozenset(
        (path, limit.metric)
        for budget in budgets
        if budget.blocks and applies(budget, key)
        for limit in budget.limits
        if limit.kind in RELATIVE
        for path in _paths(now, key, budget)
    )


def _paths(now: Measured, key: str, budget: Budget) -> list[str]:
    found = now.matching(budget.blocks)
    if found is None:
        raise SpecError([too_many(budget, key)])
    return [piece.path for piece in found]
