"""Two networks, or two collections of them, side by side: what was added, removed and changed, as exact numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor

from costcalc.budget.amount import Number
from costcalc.budget.match import match
from costcalc.budget.metrics import METRICS
from costcalc.budget.model import Limit
from costcalc.budget.snapshot import Measured, Piece, Snapshot
from costcalc.errors import CostcalcError


@dataclass(frozen=True, slots=True)
class Change:
    """A layer or block before and after; None where it did not exist."""

    before: Piece | None
    after: Piece | None

    @property
    def status(self) -> str:
        """`added`, `removed`, `changed`, `moved` (equal under another path) or `same`."""
        before, after = self.before, self.after
        if before is None or after is None:
            return "added" if before is None else "removed"
        known = before.numbers.keys() & after.numbers.keys()
        alike = all(before.numbers[metric] == after.numbers[metric] for metric in known)
        named = not before.op or not after.op or before.op == after.op  # a lock does not say what a block is
        if not (alike and named and (before.arguments == after.arguments or not (before.op and after.op))):
            return "changed"
        return "same" if before.path == after.path else "moved"

    @property
    def path(self) -> str:
        """Where it stands, or stood."""
        piece = self.after or self.before
        assert piece is not None
        return piece.path

    def numbers(self, metric: str) -> tuple[Number | None, Number | None]:
        """A metric before and after: 0 where there is nothing, None where it is not known."""
        before, after = (0 if piece is None else piece.numbers.get(metric) for piece in (self.before, self.after))
        return before, after


@dataclass(frozen=True, slots=True)
class ModelDifference:
    """One network before and after; `old` and `new` are what it is called there, empty where it does not exist."""

    old: str
    new: str
    before: Snapshot | None
    after: Snapshot | None
    changes: tuple[Change, ...]

    @property
    def status(self) -> str:
        """`added`, `removed`, `changed` or `same`."""
        if self.before is None or self.after is None:
            return "added" if self.before is None else "removed"
        differs = any(before != after for before, after in self.totals.values())
        return "changed" if differs or any(change.status != "same" for change in self.changes) else "same"

    @property
    def totals(self) -> Mapping[str, tuple[Number, Number]]:
        """Every metric that both sides know; 0 where the network does not exist."""
        found = {}
        for metric in METRICS:
            before = 0 if self.before is None else self.before.total(metric)
            after = 0 if self.after is None else self.after.total(metric)
            if before is not None and after is not None:
                found[metric] = (before, after)
        return found


@dataclass(frozen=True, slots=True)
class Breach:
    """A network that grew by more than was allowed."""

    name: str
    limit: Limit
    before: Number
    after: Number
    allowed: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two things, as the user named them."""

    old: str
    new: str
    models: tuple[ModelDifference, ...]

    @property
    def differs(self) -> bool:
        """Whether anything does."""
        return any(model.status != "same" for model in self.models)

    def breaches(self, limits: tuple[Limit, ...]) -> list[Breach]:
        """Where growth is beyond a limit. A network that is new has grown from nothing, so it breaks every limit.

        Raises:
            CostcalcError: one side does not know the number.
        """
        found = []
        for model in self.models:
            for limit in limits if model.after is not None else ():
                if limit.metric not in model.totals:
                    raise CostcalcError(f"{self.old} or {self.new} does not say the {limit.metric} of {model.new}")
                before, after = model.totals[limit.metric]
                allowed = floor(limit.bound(before, after))
                if after > allowed:
                    found.append(Breach(model.new, limit, before, after, allowed))
        return found


def difference(
    old: str, new: str, before: Mapping[str, Snapshot], after: Mapping[str, Snapshot], depth: int | None = None
) -> Difference:
    """Compare networks by name -> network: one with one, or equal keys with equal keys.

    With `depth`, or where one side knows no layers, blocks are compared: `depth` levels of them, or the outermost.
    """
    if len(before) == len(after) == 1:
        pairs = [(*next(iter(before.items())), *next(iter(after.items())))]
        models = [_pair(left, right, was, now, depth) for left, was, right, now in pairs]
    else:
        keys = sorted(before.keys() | after.keys())
        models = [
            _pair(key if key in before else "", key if key in after else "", before.get(key), after.get(key), depth)
            for key in keys
        ]
    return Difference(old, new, tuple(models))


def _pair(old: str, new: str, before: Snapshot | None, after: Snapshot | None, depth: int | None) -> ModelDifference:
    outline = depth is not None or any(side is not None and not side.layers for side in (before, after))
    pieces = [() if side is None else _pieces(side, depth) if outline else side.layers for side in (before, after)]
    changes = tuple(Change(was, now) for was, now in match(*pieces)) if before is not None and after is not None else ()
    return ModelDifference(old, new, before, after, changes)


def _pieces(snapshot: Snapshot, depth: int | None) -> tuple[Piece, ...]:
    return snapshot.rolled(depth) if isinstance(snapshot, Measured) and depth else snapshot.outline
