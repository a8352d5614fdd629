"""Budgets as values: what may be how large, in which specs and blocks, and the words for the person who exceeds it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from costcalc.budget.amount import Amount
from costcalc.cost.metrics import Number
from costcalc.errors import Location
from costcalc.text.pattern import Pattern

KINDS = {
    "max": "no more than this",
    "min": "no less than this",
    "warn": "a warning above this",
    "grow": "may grow so much since the base",
    "shrink": "may shrink so much since the base",
    "share": "no larger part of the whole network than this",
}
RELATIVE = ("grow", "shrink")
LOWER = ("min", "shrink")
"""The kinds that fail below their bound; the others fail above."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit on one metric; `location` is where it is written."""

    metric: str
    kind: str
    amount: Amount
    location: Location | None = None

    def bound(self, before: Number | None, whole: Number) -> Number:
        """The exact bound, given the number of the base and that of the whole network."""
        if self.kind in RELATIVE:
            assert before is not None
            allowance = self.amount.of(before)
            return before + allowance if self.kind == "grow" else before - allowance
        return self.amount.of(whole)


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits under a name.

    Attributes:
        specs: which files, by patterns relative to `folder`; none means every report.
        variants: which variants, by patterns; None is the spec as written, `*` all of them and it.
        blocks: which parts, by patterns of paths; none means the whole network.
        message: what to do, told to whoever exceeds it.
        optional: whether it may match nothing.
    """

    name: str
    limits: tuple[Limit, ...]
    specs: tuple[Pattern, ...] = ()
    variants: tuple[Pattern, ...] | None = None
    blocks: tuple[Pattern, ...] = ()
    message: str = ""
    optional: bool = False
    folder: Path | None = None
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """A `costcalc.yaml`, or `[tool.costcalc]`: which specs, what they are compared with, and the budgets.

    Attributes:
        path: the file.
        specs: patterns relative to the file's folder.
        lock: path of the lock file relative to that folder.
        base: a git revision (with `git` true), or what `--base` takes.
    """

    path: Path
    specs: tuple[Pattern, ...]
    budgets: tuple[Budget, ...]
    lock: str | None = None
    base: str | None = None
    base_is_git: bool = False
    base_location: Location | None = None

    @property
    def folder(self) -> Path:
        """The folder that paths in the file are relative to."""
        return self.path.parent
