"""`account`: a `Report` under a `Convention` -> what somebody else calls its cost, term by term.

A rule under an op's name counts that op. A rule under a block's name counts everything inside the block, each op by
its own quantities; under `block.op` it counts that op inside the block. From the outermost block in, the first that
has a `block.op` or a rule of its own decides; then the op, then `others`. Layers that do not run count nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from costcalc.conventions.model import Convention, Rule
from costcalc.conventions.quantities import split
from costcalc.cost.model import Report, Row
from costcalc.graph.functional import by_first, without_indices
from costcalc.graph.model import Block, Edge, Layer
from costcalc.text.values import product, whole

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
        """What the term adds to the total."""
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
    """What a convention makes of a report. The terms add up to the total."""

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


def account(report: Report, convention: Convention, *, blocks: Iterable[str] = ()) -> Account:
    """Count `report` as the convention says; `blocks` are names of further blocks that its table may mention.

    Raises:
        SpecError: a key of the table is neither an op nor a block.
    """
    ledger = Ledger(report, convention)
    if convention.doubtful:
        convention.need_blocks({*blocks, *block_names(report.graph.root)})
    root = report.graph.root
    counts = ledger.entries(root, ledger.start)
    terms = tuple(Term(*entry, count * ledger.items(entry)) for entry, count in counts.items() if count)
    return Account(convention, report, terms, tuple(ledger.gaps(root, ledger.start)), ledger)


def accounts(reports: Iterable[Report], convention: Convention) -> list[Account]:
    """Count several reports; a block that the table mentions need only be in one of them."""
    reports = list(reports)
    blocks = {name for report in reports for name in block_names(report.graph.root)}
    return [account(report, convention, blocks=blocks) for report in reports]


def block_names(root: Block) -> set[str]:
    """The names of all blocks of a network."""
    found: dict[int, Block] = {}
    waiting: list[Block] = [root]
    while waiting:
        for edge in waiting.pop().edges:
            if isinstance(edge.child, Block) and id(edge.child) not in found:
                found[id(edge.child)] = edge.child
                waiting.append(edge.child)
    return {block.name for block in found.values()}


class Ledger:
    """What every object of a graph counts, for one item; found once for each kind of place it stands in."""

    def __init__(self, report: Report, convention: Convention) -> None:
        self.convention = convention
        self.blocks = convention.blocks
        self.batch = report.batch
        self.root = report.graph.root
        self.functional = report.graph.functional
        self.start: Place = ((), self.functional.paths)
        self.known: dict[tuple[int, Place], dict[Entry, int]] = {}
        self.paths: dict[frozenset[str], dict[str, frozenset[str]]] = {}
        self.open: dict[tuple[int, Place], dict[Gap, None]] = {}

    def items(self, entry: Entry) -> int:
        """How many items of the batch an entry counts for."""
        return 1 if entry[2].startswith("once") else self.batch

    def place_of(self, row: Row) -> Place:
        """The place of a row."""
        place = self.start
        names = without_indices(row.path).split(".")
        for name, block in zip_longest(names, row.within, fillvalue=""):
            place = place[0], self.below(place[1], name)
            if block:
                place = self.entered(block, place)
        return place

    def below(self, paths: frozenset[str], name: str) -> frozenset[str]:
        """Paths from a block as paths from its entry `name`."""
        entries = self.paths.get(paths)
        if entries is None:
            entries = self.paths[paths] = by_first(paths)
        return entries.get(name, frozenset())

    def inside(self, block: Block, place: Place) -> Iterator[tuple[Edge, Place]]:
        """The edges of a block that run, and their places; the network as a whole is no block."""
        scope, paths = place if block is self.root else self.entered(block.name, place)
        for edge in block.edges:
            if edge.run:
                yield edge, (scope, self.below(paths, edge.name) if paths else paths)

    def entered(self, block: str, place: Place) -> Place:
        """The place of what is inside a block that stands at `place`."""
        scope, paths = place
        if block in self.blocks:
            scope = (*scope, block)
        return scope, paths | self.functional.blocks.get(block, frozenset())

    def entries(self, child: Layer | Block, place: Place) -> dict[Entry, int]:
        """What one instance of a layer or block counts."""
        known = self.known.get((id(child), place))
        if known is None:
            known = self.known[id(child), place] = (
                self.of_layer(child, place) if isinstance(child, Layer) else self.of_block(child, place)
            )
        return known

    def of_block(self, block: Block, place: Place) -> dict[Entry, int]:
        found: dict[Entry, int] = {}
        for edge, inner in self.inside(block, place):
            for entry, count in self.entries(edge.child, inner).items():
                found[entry] = found.get(entry, 0) + count * edge.run
        return found

    def of_layer(self, layer: Layer, place: Place) -> dict[Entry, int]:
        rule = self.rule(layer.op.name, place)
        if rule is None:
            return {}
        return {
            (rule.key, layer.op.name, quantity, weight): count
            for quantity, weight in self.resolved(rule, layer, place).items()
            if (count := quantity_of(layer, quantity))
        }

    def rule(self, op: str, place: Place) -> Rule | None:
        """The rule for an op at a place."""
        rules = self.convention.rules
        for block in place[0]:
            rule = rules.get(f"{block}.{op}") or rules.get(block)
            if rule is not None:
                return rule
        return rules.get(op, self.convention.others)

    def called(self, layer: Layer, place: Place) -> bool:
        """Whether the reference code calls the layer as a function."""
        return layer.op.name in self.functional.ops or "" in place[1]

    def resolved(self, rule: Rule, layer: Layer, place: Place) -> dict[str, int | Fraction]:
        """Quantity -> weight for one layer, the prefixes that narrow down taken away where they hold."""
        found: dict[str, int | Fraction] = {}
        called = self.called(layer, place)
        for name, weight in rule.weights:
            flags, base = split(name)
            holds = (
                ("module_" not in flags or not called)
                and ("functional_" not in flags or called)
                and ("image_" not in flags or len(layer.inputs[0] or ()) == 3)
            )
            if holds:
                quantity = f"once_{base}" if "once_" in flags else base
                found[quantity] = found.get(quantity, 0) + weight
        return {quantity: weight for quantity, weight in found.items() if weight}

    def gaps(self, child: Layer | Block, place: Place) -> dict[Gap, None]:
        """The ops below `child` that run, compute something, and are not counted, in stored order."""
        known = self.open.get((id(child), place))
        if known is None:
            known = {}
            if isinstance(child, Layer):
                gap = self._gap(child, place)
                if gap is not None:
                    known[gap] = None
            else:
                for edge, inner in self.inside(child, place):
                    known.update(self.gaps(edge.child, inner))
            self.open[id(child), place] = known
        return known

    def _gap(self, layer: Layer, place: Place) -> Gap | None:
        rule, op = self.rule(layer.op.name, place), layer.op
        if not any(formula.evaluate(layer.symbols) for formula in op.tally.values()):
            return None
        if rule is None:
            return Gap(op.name)
        block = block_of(rule, op.name)
        if rule.reason:
            return Gap(op.name, rule.reason, block)
        if not rule.weights or self.resolved(rule, layer, place):
            return None
        if any("image_" in split(name)[0] for name, _ in rule.weights) and len(layer.inputs[0] or ()) != 3:
            return Gap(op.name, "not an image", block)
        return Gap(op.name, UNSEEN if self.called(layer, place) else OPERATOR, block)


def block_of(rule: Rule, op: str) -> str:
    """The block that a rule for an op is about: `unit` for the keys `unit` and `unit.relu`, none for `relu`."""
    return "" if rule.key in (op, "others") else rule.key.removesuffix(f".{op}")


def quantity_of(layer: Layer, quantity: str) -> int:
    """A quantity of one layer for one item: one that every op has, an event, or what the op publishes."""
    name = quantity.removeprefix("once_")
    if name == "input_element":
        return sum(product(shape) for shape in layer.inputs if shape is not None)
    if name == "output_element":
        return product(layer.output)
    if name == "param":
        return sum(weight.size for weight in layer.weights if weight.trainable)
    if name == "once":
        return 1
    formula = layer.op.tally.get(name) or layer.op.quantities.get(name)
    return 0 if formula is None else formula.evaluate(layer.symbols)
