"""`account`: a `Report` under a `Convention` -> what somebody else calls its cost, term by term.

A rule under an op's name counts that op. A rule under a block's name counts everything inside the block, each op by
its own quantities; under `block.op` it counts that op inside the block. From the outermost block in, the first that
has a `block.op` or a rule of its own decides; then the op, then `others`. Layers that do not run count nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from costcalc.conventions.model import Convention, Rule
from costcalc.conventions.quantities import split
from costcalc.cost.census import Census, Kind
from costcalc.cost.model import Report, Row
from costcalc.graph.fold import objects
from costcalc.graph.functional import without_indices
from costcalc.graph.model import Block, Layer
from costcalc.text.values import whole

if TYPE_CHECKING:
    from fractions import Fraction

Place = tuple[tuple[str, ...], frozenset[str]]
"""The enclosing blocks that the convention has rules for, outer first, and the paths, from here, of function calls."""

UNSEEN = "called as a function"
OPERATOR = "not called as a function"


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a total: `count` of a quantity, each counted `weight` times.

    `key` is what the table calls it: an op, a block, `block.op`, or `others`.
    """

    key: str
    op: str
    quantity: str
    weight: int | Fraction
    count: int

    @property
    def amount(self) -> int | Fraction:
        """The term's part of the total."""
        return whole(self.weight * self.count)


@dataclass(frozen=True, slots=True)
class Gap:
    """An op that computes something and is not counted, and why: empty where the convention does not mention it.

    `block` is where that is so, if the convention says it of a block.
    """

    op: str
    reason: str = ""
    block: str = ""

    @property
    def key(self) -> str:
        """The op as tables write it: `gelu`, or `multi_head_attention.linear`."""
        return f"{self.block}.{self.op}" if self.block else self.op


@dataclass(frozen=True, eq=False)
class Account:
    """A report counted under a convention. The terms add up to the total."""

    convention: Convention
    report: Report
    terms: tuple[Term, ...]
    not_counted: tuple[Gap, ...]
    ledger: Ledger = field(repr=False)

    @property
    def total(self) -> int | Fraction:
        """The number that the tool would print, for the whole batch."""
        return whole(sum(term.amount for term in self.terms))

    def of(self, row: Row) -> int | Fraction:
        """The part of the total that a row of the report is."""
        return whole(sum(term.amount for term in self.terms_of(row)))

    def terms_of(self, row: Row) -> Iterator[Term]:
        """The terms of a row of the report, those of each layer or block that it stands for."""
        place = self.ledger.place_of(row)
        for child, run in row.work:
            for entry, count in self.ledger.entries(child, place).items() if run else ():
                yield Term(*entry, count * run * self.ledger.items(entry))


Entry = tuple[str, str, str, Any]
"""Key of the table, op, quantity, weight."""


def account(
    report: Report, convention: Convention, *, blocks: Iterable[str] = (), census: Census | None = None
) -> Account:
    """Count `report` as the convention says; `blocks` are names of further blocks that its table may mention.

    Several accounts of one report share a `census` of the blocks that any of their tables mentions.

    Raises:
        SpecError: a key of the table is neither an op nor a block.
    """
    ledger = Ledger(report, convention, census)
    if convention.doubtful:
        convention.need_blocks({*blocks, *block_names(report.graph.root)})
    root = report.graph.root
    counts = ledger.entries(root, ledger.start)
    terms = tuple(Term(*entry, count * ledger.items(entry)) for entry, count in counts.items() if count)
    return Account(convention, report, terms, tuple(ledger.gaps()), ledger)


def accounts(reports: Iterable[Report], convention: Convention) -> list[Account]:
    """Count several reports; a block that the table mentions need only be in one of them."""
    reports = list(reports)
    blocks = {name for report in reports for name in block_names(report.graph.root)}
    return [account(report, convention, blocks=blocks) for report in reports]


def block_names(root: Block) -> set[str]:
    """The names of all blocks of a network."""
    return {child.name for _, child in objects(root) if isinstance(child, Block)}


class Ledger:
    """The counts of every layer and block of a report, for one item."""

    def __init__(self, report: Report, convention: Convention, census: Census | None = None) -> None:
        self.convention = convention
        self.batch = report.batch
        self.root = report.graph.root
        self.census = Census(report, convention.blocks) if census is None else census
        self.start: Place = ((), report.graph.functional.paths)

    def items(self, entry: Entry) -> int:
        """The number of items of the batch that an entry counts for."""
        return 1 if entry[2].startswith("once") else self.batch

    def place_of(self, row: Row) -> Place:
        """The place of a row."""
        scope, paths = self.start
        names = without_indices(row.path).split(".")
        for name, block in zip_longest(names, row.within, fillvalue=""):
            paths = self.census.below(paths, name)
            if block:
                scope = (*scope, block) if block in self.census.blocks else scope
                paths = self.census.entered(block, paths)
        return scope, paths

    def entries(self, child: Layer | Block, place: Place) -> dict[Entry, int]:
        """The counts of one instance of a layer or block."""
        scope, paths = place
        found: dict[Entry, int] = {}
        for kind, sums in self.census.classes(child, paths).items():
            for entry, count in self.of_class(kind._replace(scope=scope + kind.scope), sums).items():
                found[entry] = found.get(entry, 0) + count
        return found

    def of_class(self, kind: Kind, sums: Mapping[str, int]) -> dict[Entry, int]:
        """The counts of the layers of a class together."""
        rule = self.rule(kind)
        if rule is None:
            return {}
        return {
            (rule.key, kind.op, quantity, weight): count
            for quantity, weight in resolved(rule, kind).items()
            if (count := amount_of(sums, quantity))
        }

    def rule(self, kind: Kind) -> Rule | None:
        """The rule for the layers of a class."""
        rules = self.convention.rules
        for block in kind.scope:
            rule = rules.get(f"{block}.{kind.op}") or rules.get(block)
            if rule is not None:
                return rule
        return rules.get(kind.op, self.convention.others)

    def gaps(self) -> dict[Gap, None]:
        """The ops that run, compute something, and are not counted, in stored order."""
        gaps = (self._gap(kind) for kind in self.census.classes(self.root, self.start[1]))
        return dict.fromkeys(gap for gap in gaps if gap is not None)

    def _gap(self, kind: Kind) -> Gap | None:
        rule, op = self.rule(kind), kind.op
        if not kind.computes:
            return None
        if rule is None:
            return Gap(op)
        block = block_of(rule, op)
        if rule.reason:
            return Gap(op, rule.reason, block)
        if not rule.weights or resolved(rule, kind):
            return None
        if any("image_" in split(name)[0] for name, _ in rule.weights) and not kind.image:
            return Gap(op, "not an image", block)
        return Gap(op, UNSEEN if kind.called else OPERATOR, block)


def resolved(rule: Rule, kind: Kind) -> dict[str, int | Fraction]:
    """Quantity -> weight for the layers of a class, the prefixes that narrow down taken away where they hold."""
    found: dict[str, int | Fraction] = {}
    for name, weight in rule.weights:
        flags, base = split(name)
        holds = (
            ("module_" not in flags or not kind.called)
            and ("functional_" not in flags or kind.called)
            and ("image_" not in flags or kind.image)
        )
        if holds:
            quantity = f"once_{base}" if "once_" in flags else base
            found[quantity] = found.get(quantity, 0) + weight
    return {quantity: weight for quantity, weight in found.items() if weight}


def block_of(rule: Rule, op: str) -> str:
    """The block that a rule for an op is about: `unit` for the keys `unit` and `unit.relu`, none for `relu`."""
    return "" if rule.key in (op, "others") else rule.key.removesuffix(f".{op}")


def amount_of(sums: Mapping[str, int], quantity: str) -> int:
    """The amount of a quantity, with or without the prefix `once_`."""
    return sums.get(quantity.removeprefix("once_"), 0)
