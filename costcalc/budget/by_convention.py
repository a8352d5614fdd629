"""Networks whose multiply-adds, or activations, are counted as a convention counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from costcalc.budget.model import Budget
from costcalc.conventions.model import UNITS, Convention
from costcalc.cost.account import accounts
from costcalc.cost.metrics import METRIC_OF_UNIT
from costcalc.errors import Problem
from costcalc.versions.match_networks import Model
from costcalc.versions.snapshot import Measured

OPERATIONS = ("macs", "flops")
"""Metrics of which a convention replaces one: the other would be costcalc's number under the convention's name."""


def counted(models: Sequence[Model], convention: Convention) -> tuple[Model, ...]:
    """The networks, and what they were, with the convention's number in the place of costcalc's.

    What a file says they were was counted by costcalc, so it says nothing of that number.

    Raises:
        SpecError: the convention mentions a block that none of them has.
    """
    metric = METRIC_OF_UNIT[convention.unit]
    measured = [side for model in models for side in (model.now, model.before) if isinstance(side, Measured)]
    known = {account.report: account for account in accounts({side.report: None for side in measured}, convention)}
    found = []
    for model in models:
        before = model.before
        if isinstance(before, Measured):
            before = Measured(before.report, known[before.report])
        elif before is not None:
            before = before.without(metric)
        found.append(replace(model, now=Measured(model.now.report, known[model.now.report]), before=before))
    return tuple(found)


def in_its_unit(budgets: Sequence[Budget], convention: Convention) -> tuple[list[Budget], list[Problem]]:
    """The budgets without limits on multiply-adds in a unit that is not the convention's: a problem each."""
    metric, kept, problems = METRIC_OF_UNIT[convention.unit], [], []
    for budget in budgets:
        others = [limit for limit in budget.limits if limit.metric in OPERATIONS and limit.metric != metric]
        kept.append(replace(budget, limits=tuple(limit for limit in budget.limits if limit not in others)))
        for limit in others:
            message = f"{convention.name} counts {UNITS[convention.unit]}: it has no {limit.metric} to judge"
            problems.append(Problem(message, limit.location, f"with this convention limit '{metric}'"))
    return kept, problems
