"""Two networks, or two collections of them, side by side: what was added, removed and changed, as exact numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from costcalc.cost.extent import FEWER_ROWS, Cut
from costcalc.cost.metrics import METRICS, Number
from costcalc.versions.match_layers import match
from costcalc.versions.piece import Piece
from costcalc.versions.snapshot import MOST_HELD, Measured, Snapshot


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
        same = before.arguments == after.arguments or not (before.op and after.op)
        if not (alike and named and same) or self.only_inside:
            return "changed"
        return "same" if before.path == after.path else "moved"

    @property
    def only_inside(self) -> bool:
        """True if something inside a block differs, which its numbers need not show."""
        before, after = self.before, self.after
        if before is None or after is None or before.inside is None or after.inside is None:
            return False
        return before.inside != after.inside

    @property
    def path(self) -> str:
        """Its path, now or before."""
        piece = self.after or self.before
        assert piece is not None
        return piece.path

    def numbers(self, metric: str) -> tuple[Number | None, Number | None]:
        """A metric before and after: 0 where there is nothing, None where it is not known."""
        before, after = (0 if piece is None else piece.numbers.get(metric) for piece in (self.before, self.after))
        return before, after


@dataclass(frozen=True, slots=True)
class Pairs(Collection[Change]):
    """The changes between two networks whose layers have the same paths: found when asked for, and kept by nobody."""

    before: Measured
    after: Measured
    depth: int | None

    def __iter__(self) -> Iterator[Change]:
        return map(Change, self.before.stream(self.depth), self.after.stream(self.depth))

    def __len__(self) -> int:
        return self.after.report.extent.printed(self.depth)

    def __contains__(self, change: object) -> bool:
        return any(change == own for own in self)


@dataclass(frozen=True)
class ModelDifference:
    """One network before and after; `old` and `new` are what it is called there, empty where it does not exist.

    `cut` says where it was rolled up because it has too many layers to look at each.
    """

    old: str
    new: str
    before: Snapshot | None
    after: Snapshot | None
    changes: Collection[Change]
    cut: Cut | None = None

    @cached_property
    def counts(self) -> Counter[str]:
        """The number of changes of each status."""
        return Counter(change.status for change in self.changes)

    @property
    def status(self) -> str:
        """`added`, `removed`, `changed` or `same`."""
        if self.before is None or self.after is None:
            return "added" if self.before is None else "removed"
        differs = any(before != after for before, after in self.totals.values())
        return "changed" if differs or self.counts.total() != self.counts["same"] else "same"

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
class Difference:
    """The differences between two things, as the user named them."""

    old: str
    new: str
    models: tuple[ModelDifference, ...]

    @property
    def differs(self) -> bool:
        """True if anything does."""
        return any(model.status != "same" for model in self.models)


def difference(
    old: str, new: str, before: Mapping[str, Snapshot], after: Mapping[str, Snapshot], depth: int | None = None
) -> Difference:
    """Compare networks by name -> network: one with one, or equal keys with equal keys.

    With `depth`, or where one side knows no layers, blocks are compared: `depth` levels of them, or the outermost. So
    are networks that have too many layers to look for the partner of each.
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
    if before is None or after is None:
        return ModelDifference(old, new, before, after, ())
    sides = [side for side in (before, after) if isinstance(side, Measured)]
    if depth is None and any(not isinstance(side, Measured) and not side.layers for side in (before, after)):
        depth = 1
    cuts = [cut for side in sides if (cut := side.report.extent.cut(depth, MOST_HELD, FEWER_ROWS)) is not None]
    if not cuts:
        return ModelDifference(old, new, before, after, _matched(before, after, depth))
    if isinstance(before, Measured) and isinstance(after, Measured):
        roots = [side.contents.outline(side.report.graph.root) for side in sides]
        if roots[0] == roots[1] and all(side.report.extent.cut(depth) is None for side in sides):
            return ModelDifference(old, new, before, after, Pairs(before, after, depth))
    cut = min(cuts, key=lambda cut: cut.depth)
    return ModelDifference(old, new, before, after, _matched(before, after, cut.depth), cut)


def _matched(before: Snapshot, after: Snapshot, depth: int | None) -> tuple[Change, ...]:
    return tuple(Change(was, now) for was, now in match(before.down_to(depth), after.down_to(depth)))
