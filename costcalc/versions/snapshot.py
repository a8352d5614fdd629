"""Networks as they are compared: a `Snapshot` was just built and costed, or is read from a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from costcalc.cost.extent import FEWER_ROWS, Cut
from costcalc.cost.metrics import METRIC_OF_UNIT, Number, metrics_of, total
from costcalc.cost.model import Report, Row
from costcalc.cost.places import Tour
from costcalc.cost.walk import at, towards, walk
from costcalc.text.values import whole
from costcalc.versions.contents import Contents
from costcalc.versions.piece import Piece, alike, first_of, instances, text_of
from costcalc.versions.recorded import Recorded

if TYPE_CHECKING:
    from costcalc.conventions.model import Convention
    from costcalc.cost.account import Account
    from costcalc.graph.model import Block, Layer
    from costcalc.text.pattern import Pattern


MOST_HELD = 50_000
"""So many rows of a network are kept to be looked at one beside another; where there are more, blocks are."""


@dataclass(frozen=True)
class Measured:
    """A network that was built and costed here; with an `account`, a convention counts one of its metrics."""

    report: Report
    account: Account | None = None

    @property
    def name(self) -> str:
        """The spec's name."""
        return self.report.graph.name

    @property
    def variant(self) -> str | None:
        """The variant, if it is one."""
        return self.report.graph.variant

    @cached_property
    def plain(self) -> Measured:
        """The network with all of its metrics as costcalc counts them."""
        return self if self.account is None else Measured(self.report)

    def convention_of(self, metric: str) -> Convention | None:
        """The convention that counts a metric; None where costcalc does."""
        if self.account is None or metric != METRIC_OF_UNIT[self.account.convention.unit]:
            return None
        return self.account.convention

    def total(self, metric: str) -> Number:
        """A metric of the whole network."""
        if self.account is not None and self.convention_of(metric) is not None:
            return self.account.total
        return total(self.report, metric)

    @cached_property
    def outline(self) -> tuple[Piece, ...]:
        """The outermost layers and blocks; together they are the whole network."""
        return self.rolled(1)

    def rolled(self, depth: int | None) -> tuple[Piece, ...]:
        """The rows of the network with what lies deeper than `depth` in them."""
        return tuple(self.stream(depth))

    def stream(self, depth: int | None) -> Iterator[Piece]:
        """The same one after another: none is kept."""
        return map(self._piece, self.report.rows(depth))

    @cached_property
    def contents(self) -> Contents:
        """The part inside its blocks."""
        return Contents(self.report.costs)

    @cached_property
    def cut(self) -> Cut | None:
        """The depth that a network with too many layers is rolled up to; None where it is not."""
        return self.report.extent.cut(None, MOST_HELD, FEWER_ROWS)

    @cached_property
    def layers(self) -> tuple[Piece, ...]:
        """Every layer in order; of a network with too many, the layers and blocks down to where it is cut."""
        return self.rolled(None if self.cut is None else self.cut.depth)

    def down_to(self, depth: int | None) -> tuple[Piece, ...]:
        """The layers, those deeper than a depth rolled up."""
        return (
            self.layers if depth is None or (self.cut is not None and self.cut.depth == depth) else self.rolled(depth)
        )

    @cached_property
    def _parts(self) -> Mapping[str, Piece]:
        """Every block and layer by its path; equal neighbours in one row are given once, as one of them."""
        rows = (*self.report.blocks(), *self.report.rows())
        return {row.path: self._one(row) for row in rows}

    def part(self, path: str) -> Piece | None:
        """The block or layer at a path; None if there is none."""
        if self.cut is None:
            return self._parts.get(path)
        row = at(self.report, path)
        return None if row is None else self._one(row)

    def part_like(self, path: str) -> Piece | None:
        """One of many alike, of which there may have been fewer: `stage[0..99]` was `stage[0..79]`, or `stage[0]`."""
        piece = self.part(first_of(path))
        if piece is not None or self.cut is None:
            return piece or next((other for name, other in self._parts.items() if alike(name) == alike(path)), None)
        row = at(self.report, path, alike)
        return None if row is None else self._one(row)

    @cached_property
    def _matching(self) -> dict[tuple[Pattern, ...], list[Piece] | None]:
        return {}

    def matching(self, patterns: Iterable[Pattern]) -> list[Piece] | None:
        """The blocks and layers that patterns stand for, blocks first; None where they are too many to look at each."""
        key = tuple(patterns)
        if key not in self._matching:
            self._matching[key] = self._match(key)
        return self._matching[key]

    @cached_property
    def _order(self) -> dict[str, int]:
        """Path -> its position among the blocks and layers."""
        return {path: position for position, path in enumerate(self._parts)}

    @cached_property
    def _ranges(self) -> list[str]:
        """The paths that stand for several, as `stage[0..9]`."""
        return [path for path in self._parts if ".." in path]

    def _written_out(self, patterns: tuple[Pattern, ...]) -> list[Piece]:
        """The matches of patterns without wildcards: looked up, as there may be many of them and many blocks."""
        found = {pattern.text for pattern in patterns if pattern.text in self._order}
        if any("[" in pattern.text for pattern in patterns):
            found.update(path for path in self._ranges if any(pattern.matches_path(path) for pattern in patterns))
        return [self._parts[path] for path in sorted(found, key=self._order.__getitem__)]

    def _match(self, patterns: tuple[Pattern, ...]) -> list[Piece] | None:
        if self.cut is None:
            if not any(pattern.wild for pattern in patterns):
                return self._written_out(patterns)
            return [
                piece for path, piece in self._parts.items() if any(pattern.matches_path(path) for pattern in patterns)
            ]
        places = towards(self.report, lambda path: any(pattern.leads_to(path) for pattern in patterns))
        blocks: dict[str, Piece] = {}
        layers: dict[str, Piece] = {}
        for place in islice(places, MOST_HELD):
            path = place.path
            if any(pattern.matches_path(path) for pattern in patterns):
                (blocks if place.rolled and path not in layers else layers)[path] = self._one(place.row(self.report))
        return None if next(places, None) is not None else [*({**blocks, **layers}).values()]

    def paths(self) -> Iterator[str]:
        """The paths of blocks and layers; of very many, the first."""
        if self.cut is None:
            return iter(self._parts)
        return (place.path for place in islice(walk(Tour(self.report)), MOST_HELD))

    def _one(self, row: Row) -> Piece:
        """A row, or one of those alike in one row."""
        return self._piece(row, instances(row.path))

    def _piece(self, row: Row, many: int = 1) -> Piece:
        """A row, or one of `many` alike that it stands for."""
        return Piece(
            path=row.path,
            op=row.op,
            numbers=self._numbers(row, many),
            arguments=self._arguments(row),
            count=row.count // many,
            location=row.location,
            row=row,
            inside=self.contents.of_row(row),
        )

    def _numbers(self, row: Row, many: int) -> Mapping[str, Number]:
        """The metrics of a row, or of one of `many` that it stands for; the convention's in place of costcalc's."""
        numbers = metrics_of(row.cost, many)
        if self.account is not None:
            counted = Fraction(self.account.of(row)) / many
            numbers[METRIC_OF_UNIT[self.account.convention.unit]] = whole(counted)
        return numbers

    @cached_property
    def _texts(self) -> dict[Layer | Block, Mapping[str, str]]:
        return {}

    def _arguments(self, row: Row) -> Mapping[str, str]:
        """The arguments of a row as texts; those of a layer that stands in many places are made once."""
        texts = self._texts.get(row.child)
        if texts is None:
            texts = self._texts[row.child] = {name: text_of(value) for name, value in row.arguments.items()}
        return texts


Snapshot = Measured | Recorded
"""A network to compare: built here, or read from a file."""
