"""What a network costs, the same to look at whether it was just measured or is read from a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from costcalc.cost.extent import FEWER_ROWS, Cut
from costcalc.cost.metrics import ADDITIVE, METRIC_OF_UNIT, Number, part, total
from costcalc.cost.model import Cost, Report, Row
from costcalc.cost.places import Tour
from costcalc.cost.walk import at, level, towards, walk
from costcalc.errors import Location

if TYPE_CHECKING:
    from costcalc.conventions.model import Convention
    from costcalc.cost.account import Account
    from costcalc.text.pattern import Pattern
    from costcalc.versions.contents import Contents


MOST_HELD = 50_000
"""So many rows of a network are kept to be looked at one beside another; where there are more, blocks are."""

_FOLDED = re.compile(r"\[(\d+)\.\.\d+\]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A layer or block of a network: what it is, and its numbers, as far as they are known.

    `inside` tells blocks apart that have equal numbers; empty for a layer, None where it is not known.
    """

    path: str
    op: str
    numbers: Mapping[str, Number]
    arguments: Mapping[str, str] = field(default_factory=dict)
    count: int = 1
    location: Location | None = None
    row: Row | None = None
    inside: str | None = None


class RowNumbers(Mapping[str, Number]):
    """The metrics of a row, or of one of `many` that it stands for, read when somebody asks for them."""

    __slots__ = ("cost", "many")

    def __init__(self, cost: Cost, many: int = 1) -> None:
        self.cost = cost
        self.many = many

    def __getitem__(self, metric: str) -> Number:
        if metric not in ADDITIVE:
            raise KeyError(metric)
        return part(self.cost, metric) // self.many

    def __iter__(self) -> Iterator[str]:
        return iter(ADDITIVE)

    def __len__(self) -> int:
        return len(ADDITIVE)


class CountedNumbers(RowNumbers):
    """The metrics of a row, of which a convention counts one."""

    __slots__ = ("account", "row")

    def __init__(self, row: Row, account: Account, many: int = 1) -> None:
        super().__init__(row.cost, many)
        self.row = row
        self.account = account

    def __getitem__(self, metric: str) -> Number:
        if metric != METRIC_OF_UNIT[self.account.convention.unit]:
            return super().__getitem__(metric)
        number = Fraction(self.account.of(self.row)) / self.many
        return int(number) if number.denominator == 1 else number


class RowArguments(Mapping[str, str]):
    """The arguments of a row as texts, made when somebody compares them."""

    __slots__ = ("raw",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.raw = values

    def __getitem__(self, name: str) -> str:
        return _text(self.raw[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)


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
        """What is inside its blocks."""
        from costcalc.versions.contents import Contents

        return Contents(self.report.costs, _text)

    @cached_property
    def cut(self) -> Cut | None:
        """Where the network is rolled up because it has too many layers to look at each; None where it is not."""
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
        piece = self.part(_FOLDED.sub(r"[\1]", path))
        if piece is not None or self.cut is None:
            return piece or next((other for name, other in self._parts.items() if _alike(name) == _alike(path)), None)
        row = at(self.report, path, _alike)
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

    def _match(self, patterns: tuple[Pattern, ...]) -> list[Piece] | None:
        if self.cut is None:
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
        return self._piece(row, _folded(row))

    def _piece(self, row: Row, many: int = 1) -> Piece:
        """A row, or one of `many` alike that it stands for."""
        account = self.account
        return Piece(
            path=row.path,
            op=row.op,
            numbers=RowNumbers(row.cost, many) if account is None else CountedNumbers(row, account, many),
            arguments=RowArguments(row.arguments),
            count=row.count // many,
            location=row.location,
            row=row,
            inside=self.contents.of_row(row),
        )


@dataclass(frozen=True)
class Recorded:
    """A network as a lock file or a stored report has it; `layers` is empty where only blocks were kept."""

    name: str
    variant: str | None
    totals: Mapping[str, int]
    parts: Mapping[str, Piece]
    layers: tuple[Piece, ...] = ()

    def without(self, metric: str) -> Recorded:
        """The same, as if a metric had not been kept."""
        totals = {name: number for name, number in self.totals.items() if name != metric}
        parts = {path: _without(piece, metric) for path, piece in self.parts.items()}
        return replace(self, totals=totals, parts=parts, layers=tuple(_without(one, metric) for one in self.layers))

    def total(self, metric: str) -> int | None:
        """A metric of the whole network, None where it was not kept."""
        return self.totals.get(metric)

    def down_to(self, depth: int | None) -> tuple[Piece, ...]:
        """The layers, those deeper than a depth rolled up; the outermost where only blocks were kept."""
        if depth is None or not self.layers:
            return self.layers if depth is None else self.outline
        layers = {piece.path for piece in self.layers}
        levels = ((level(path), piece) for path, piece in self.parts.items())
        return tuple(piece for at, piece in levels if at == depth or (at < depth and piece.path in layers))

    def part(self, path: str) -> Piece | None:
        """The block or layer at a path; None if it is not known."""
        return self.parts.get(path)

    def part_like(self, path: str) -> Piece | None:
        """See `Measured.part_like`."""
        return self.parts.get(_FOLDED.sub(r"[\1]", path)) or next(
            (other for name, other in self.parts.items() if _alike(name) == _alike(path)), None
        )

    @property
    def outline(self) -> tuple[Piece, ...]:
        """The outermost layers and blocks."""
        return tuple(piece for piece in self.parts.values() if level(piece.path) == 1)


Snapshot = Measured | Recorded


def recorded(report: Mapping[str, Any]) -> Recorded:
    """A report as `costcalc show --format json` writes it. A `KeyError` or `TypeError` where it is not one."""
    if not isinstance(report["name"], str) or not isinstance(report["variant"], str | None):
        raise TypeError
    layers = tuple(_stored(row, "op") for row in report["layers"])
    pieces = {piece.path: piece for piece in (*(_stored(row, "block") for row in report["blocks"]), *layers)}
    order = {path: place for place, path in enumerate(_opened(layers))}
    parts = dict(sorted(pieces.items(), key=lambda item: order.get(item[0], len(order))))
    return Recorded(report["name"], report["variant"], _numbers(report["totals"]), parts, layers)


def _opened(layers: tuple[Piece, ...]) -> Iterator[str]:
    """Every path on the way to each layer, in the order in which they come up."""
    for piece in layers:
        for end in re.finditer(r"[.\[]|$", piece.path):
            yield piece.path[: end.start()]


def _alike(path: str) -> str:
    """A path without the indices of folded runs."""
    return _FOLDED.sub("[]", path)


def _folded(row: Row) -> int:
    """How many instances a folded row stands for."""
    many = 1
    for first, last in re.findall(r"\[(\d+)\.\.(\d+)\]", row.path):
        many *= int(last) - int(first) + 1
    return many


def _without(piece: Piece, metric: str) -> Piece:
    return replace(piece, numbers={name: number for name, number in piece.numbers.items() if name != metric})


def _stored(row: Mapping[str, Any], kind: str) -> Piece:
    arguments = {name: _text(value) for name, value in row.get("arguments", {}).items()}
    path, op, count = row["path"], row[kind], row["count"]
    if not isinstance(path, str) or not isinstance(op, str) or count.__class__ is not int:
        raise TypeError
    return Piece(path, op, _numbers(row), arguments, count)


def _numbers(entry: Mapping[str, Any]) -> dict[str, int]:
    """The metrics among the keys of an entry; `flops` is 2 x macs. A `TypeError` where one is not an integer."""
    known = (*ADDITIVE, "peak_activation_bytes")
    numbers = {metric: entry[metric] for metric in known if metric in entry}
    if any(value.__class__ is not int for value in numbers.values()):
        raise TypeError
    return {**numbers, "flops": 2 * numbers["macs"]} if "macs" in numbers else numbers


def _text(value: Any) -> str:
    """An argument's value as text, the same from a spec and from JSON."""
    if value.__class__ in (tuple, list):
        return f"[{', '.join(map(_text, value))}]"
    if value.__class__ in (int, str):
        return str(value)
    if value is None or value.__class__ is bool:
        return str(value).lower()
    if hasattr(value, "denominator"):
        return str(int(value) if value.denominator == 1 else float(value))
    return str(getattr(value, "word", value))
