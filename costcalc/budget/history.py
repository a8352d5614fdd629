"""What networks were lately, from the commits at hand, to say which layers an overrun comes from without a base."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from costcalc.budget.baseline import from_commit
from costcalc.budget.explain import Past
from costcalc.budget.git import Repository
from costcalc.budget.measure import Subject
from costcalc.budget.snapshot import Measured
from costcalc.cost.model import Report
from costcalc.errors import Fault

COMMITS = ("HEAD", "HEAD~1")
"""Where to look: what is committed, and where that is what is here, the commit before (a pull request's base)."""


def lately(repository: Repository, subjects: Sequence[Subject], folder: Path, report: Report) -> Past | None:
    """The network of a report in the last commit in which its files were others."""
    subject = next(subject for subject in subjects if subject.report is report)
    for name in COMMITS:
        try:
            before = from_commit(repository.revision(name), [subject], folder).models.get(subject.key)
        except Fault:
            return None
        if isinstance(before, Measured) and before.report is not report:
            return name, before
    return None
