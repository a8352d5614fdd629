"""Recall networks from recent commits, to say which layers an overrun comes from without a base."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from costcalc.cost.model import Report
from costcalc.errors import Fault
from costcalc.versions.baseline import from_commit
from costcalc.versions.git import Revision
from costcalc.versions.on_demand import Opened
from costcalc.versions.snapshot import Measured, Snapshot
from costcalc.versions.subjects import Subject

Past = tuple[str, Snapshot]
"""An earlier state of a network, and its name."""
History = Callable[[Report], Past | None]
"""A function that finds a network's recent past: it explains and decides nothing."""
COMMITS = ("HEAD", "HEAD~1")
"""The revisions to look at: the last commit, and if nothing changed since, the one before (a pull request's base)."""


def recall(git: Opened, subjects: Sequence[Subject], folder: Path) -> History:
    """Return a function that finds a report's network in the last commit with other files, if git can tell."""
    revisions: dict[str, Revision] = {}

    def lately(report: Report) -> Past | None:
        subject = next(subject for subject in subjects if subject.report is report)
        for name in COMMITS:
            try:
                if name not in revisions:
                    revisions[name] = git.repository().revision(name)
            except Fault:
                return None
            before = from_commit(revisions[name], [subject], folder).models.get(subject.key)
            if isinstance(before, Measured) and before.report is not report:
                return name, before
        return None

    return lately
