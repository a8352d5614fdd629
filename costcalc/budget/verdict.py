"""The outcome of a check, as values: a `Judgement` for every limit on every network, and the `Verdict` of them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from costcalc.budget.causes import Cause
from costcalc.conventions.model import Convention
from costcalc.cost.metrics import Number
from costcalc.errors import Location, Problem
from costcalc.versions.match_networks import Model

Value = Number | tuple[int, ...]
"""A number, or the shape of an output."""
SEVERITY = ("fail", "skipped", "warn", "pass")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One limit on one number.

    Attributes:
        path: the block or layer; empty for the whole network.
        kind: of the limit, or `expect`.
        limit: as it was written.
        allowed: the last number that passes, or the one that was expected; None where it was not judged.
        value: the number.
        convention: whose number it is, where it is not costcalc's.
        before: what it was, where that is known; `since` says when.
        whole: the number of the whole network.
        status: `pass`, `warn`, `fail`, or `skipped` because there was nothing to compare with: `reason` says why.
        excused: whether not having judged it was allowed.
        location: the line of the spec that it is about.
        written: where the limit is written.
        message: the budget's words for whoever exceeds it.
        remark: what the difference from an expected number may be.
        causes: the blocks and layers that the number, or its growth since `blamed_since`, comes from.
    """

    model: Model
    budget: str
    metric: str
    kind: str
    limit: str
    allowed: Value | None
    value: Value
    status: str
    path: str = ""
    convention: Convention | None = None
    before: Number | None = None
    since: str = ""
    whole: Number = 0
    reason: str = ""
    excused: bool = False
    location: Location | None = None
    written: Location | None = None
    message: str = ""
    remark: str = ""
    causes: tuple[Cause, ...] = ()
    blamed_since: str = ""

    @property
    def over(self) -> Number | None:
        """By how much the number is beyond what is allowed, to either side; None for shapes and what was skipped."""
        if self.allowed is None or isinstance(self.value, tuple) or isinstance(self.allowed, tuple):
            return None
        return self.value - self.allowed

    @property
    def growth(self) -> Number | None:
        """The growth of the number."""
        return None if self.before is None or isinstance(self.value, tuple) else self.value - self.before

    @property
    def gravity(self) -> tuple[int, bool, Fraction]:
        """The key by which the worst comes first: what failed, limits before expectations, by how large a part."""
        over, allowed, part = self.over, self.allowed, Fraction(0)
        if over is not None and isinstance(allowed, int | Fraction):
            part = abs(Fraction(over)) / max(Fraction(1), abs(Fraction(allowed)))
        return SEVERITY.index(self.status), self.kind == "expect", -part

    def __str__(self) -> str:
        whose = f" ({self.convention.name})" if self.convention is not None else ""
        of = f"{self.metric}{whose} of {self.model.key}{f' {self.path}' if self.path else ''}"
        if self.status == "skipped":
            return f"{of}: {self.kind} {self.limit} was not judged: {self.reason}"
        return f"{of}: {self.value}, {self.kind} {self.limit} ({self.allowed})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every judgement, and what could not be judged.

    Attributes:
        base: what growth is counted from; empty without one.
        gone: the keys of networks that the base had.
        problems: why something could not be judged.
        warnings: what does not decide, unless somebody is strict.
        convention: whose number a limit on multiply-adds is about; None if it is costcalc's.
    """

    models: tuple[Model, ...]
    judgements: tuple[Judgement, ...]
    base: str = ""
    gone: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    convention: Convention | None = None

    def those(self, *statuses: str) -> list[Judgement]:
        """The judgements of these statuses, the worst first."""
        return sorted((item for item in self.judgements if item.status in statuses), key=lambda item: item.gravity)

    @property
    def failed(self) -> Sequence[Judgement]:
        """The judgements that failed, the worst first."""
        return self.those("fail")

    @property
    def complete(self) -> bool:
        """True if everything that was asked for was judged."""
        return not self.problems and all(item.status != "skipped" or item.excused for item in self.judgements)

    @property
    def passed(self) -> bool:
        """True if everything was judged and nothing failed."""
        return self.complete and not self.failed

    @property
    def status(self) -> str:
        """`incomplete`, `fail`, `warn` or `pass`, in this order."""
        if not self.complete:
            return "incomplete"
        if self.failed:
            return "fail"
        return "warn" if self.warnings or self.those("warn") else "pass"

    def __str__(self) -> str:
        lines = [str(item) for item in self.those("fail", "skipped")]
        return "\n".join([self.status, *lines, *(problem.message for problem in self.problems)])
