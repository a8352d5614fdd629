"""Pair networks of the base with those measured now: the same spec, or the same network under another path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from costcalc.cost.metrics import ADDITIVE, METRICS
from costcalc.cost.model import Report
from costcalc.versions.baseline import Baseline
from costcalc.versions.keys import split
from costcalc.versions.snapshot import Measured, Snapshot


@dataclass(frozen=True, slots=True)
class Model:
    """A network beside what it was.

    Attributes:
        key: the spec's path, with `@VARIANT`.
        status: `same`, `changed`, `renamed` or `new` against the base, `unreadable` where it cannot be read in the
            base; empty where there is no base.
        was: the key it had, where it is renamed.
    """

    key: str
    now: Measured
    before: Snapshot | None = None
    status: str = ""
    was: str = ""

    @property
    def name(self) -> str:
        """The variant's name, or the spec's."""
        return self.now.report.name

    @property
    def plain(self) -> Model:
        """The network, and what it was, as costcalc counts them."""
        before = self.before.plain if isinstance(self.before, Measured) else self.before
        return self if self.now.account is None else replace(self, now=self.now.plain, before=before)


def pair(reports: Mapping[str, Report], base: Baseline | None) -> tuple[tuple[Model, ...], tuple[str, ...]]:
    """Every report, given by its key, with what it was, and the keys of the base that are left over."""
    measured = {key: Measured(report) for key, report in reports.items()}
    if base is None or not base.kind:
        return tuple(Model(key, now) for key, now in measured.items()), ()
    left = {key: snapshot for key, snapshot in base.models.items() if key not in measured}
    models = []
    for key, now in measured.items():
        before = base.models.get(key)
        if before is not None:
            models.append(Model(key, now, before, "same" if same(now, before) else "changed"))
            continue
        if split(key)[0] in base.unreadable:
            models.append(Model(key, now, None, "unreadable"))
            continue
        was = _renamed(now, left)
        if was is None:
            models.append(Model(key, now, None, "new"))
            continue
        found = left.pop(was)
        status = "renamed" if base.kind != "report" else "same" if same(now, found) else "changed"
        models.append(Model(key, now, found, status, was if base.kind != "report" else ""))
    return tuple(models), tuple(sorted(left)) if base.kind != "report" else ()


def same(now: Measured, before: Snapshot) -> bool:
    """True if every total is what it was; the peak, which takes longest, only where a file says what it was."""
    if isinstance(before, Measured) and before.report is now.report:
        return True
    metrics = ADDITIVE if isinstance(before, Measured) else METRICS
    return all(before.total(metric) in (None, now.total(metric)) for metric in metrics)


def _renamed(now: Measured, left: dict[str, Snapshot]) -> str | None:
    """The one network left over of the same name and variant; or else the one with the same totals."""
    named = [key for key, old in left.items() if (old.name, old.variant) == (now.name, now.variant)]
    if len(named) == 1:
        return named[0]
    alike = [key for key, old in left.items() if old.variant == now.variant and same(now, old)]
    return alike[0] if len(alike) == 1 else None
