"""`find`: a number that somebody quoted -> the conventions, and the variant or resolution, that come to it.

The simplest explanation is the best: the network as it is; then one change, which is twice the number, for
multiply-adds sold as FLOPs, another variant, or another resolution; then two. The first that is enough ends the search.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from costcalc.conventions.model import Convention, Rule
from costcalc.cost.account import account, block_names
from costcalc.cost.census import Census
from costcalc.cost.estimate import estimate
from costcalc.cost.model import Report
from costcalc.errors import Fault, SpecError
from costcalc.graph.build import build
from costcalc.graph.inputs import Given
from costcalc.spec.model import Spec
from costcalc.text.values import divide

if TYPE_CHECKING:
    from fractions import Fraction

RESOLUTIONS = tuple(
    sorted({*range(32, 513, 16), *range(512, 1025, 32), 75, 227, 231, 260, 299, 300, 331, 380, 456, 600, 1280})
)
"""Sides of square images that people train and test with."""

POWERS = {"": 0, "k": 3, "m": 6, "g": 9, "b": 9, "t": 12, "p": 15}
LARGEST = 10**24
"""Beyond what any network does."""
CHANGES = ("twice", "variant", "resolution")
"""The plainest first."""
RUNS = Convention("runs", "", "mac", "", "", "", {}, Rule("others", (("once", 1),)))
Progress = Callable[[int, int, str], None]
_CLAIM = re.compile(
    r"(?P<digits>(?:\d+|\d{1,3}(?:[,_]\d{3})+)(?:\.\d+)?|\.\d+)\s*(?:e\+?(?P<power>\d{1,2}))?\s*(?P<unit>[kmgbtp]?)\s*"
    r"(?:macs?|maccs?|flops?|ops|mult-adds|multiply-adds)?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A quoted number: its value, and what its last digit is worth."""

    text: str
    value: int | Fraction
    unit: int | Fraction

    @classmethod
    def parse(cls, text: str) -> Claim:
        """Read `4.12G`, `300 M`, `8.2 GFLOPs`, `3.8e9` or `4,089,184,256`.

        >>> claim = Claim.parse("4.12G")
        >>> int(claim.value), int(claim.unit), claim.fit(4_121_925_096), claim.fit(4_132_436_968)
        (4120000000, 10000000, 'rounded', '')
        >>> Claim.parse("3.8e9").fit(3_857_973_248)
        'cut off'

        Raises:
            Fault: it is no number, or nothing.
        """
        found = _CLAIM.fullmatch(text.strip())
        if found is None or len(text) > 40:
            hint = ": a comma stands between thousands, a point before a fraction" if "," in text else ""
            raise Fault(f"'{text}' is not a number, as in 4.12G, 300M or 3.8e9{hint}")
        from fractions import Fraction

        digits = re.sub("[,_]", "", found["digits"])
        power = int(found["power"] or 0) + POWERS[found["unit"].lower()]
        unit = Fraction(10) ** (power - len(digits.partition(".")[2]))
        value = unit * int(digits.replace(".", ""))
        if not value:
            raise Fault(f"'{text}' claims nothing")
        if value >= LARGEST:
            raise Fault(f"'{text}' is more than any network does")
        return cls(text.strip(), value, unit)

    def fit(self, total: int | Fraction) -> str:
        """The way in which the total becomes the claim: `rounded`, `cut off` behind the last digit, or not at all."""
        beyond: Any = total - self.value
        if 2 * abs(beyond) <= self.unit:
            return "rounded"
        return "cut off" if 0 <= beyond < self.unit else ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An explanation: a network at a size, the conventions that say this total, and what had to be changed for it."""

    report: Report
    conventions: tuple[Convention, ...]
    total: int | Fraction
    fit: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """The explanations of a claim, the best first.

    Where there is none, `nearest` is what comes nearest as it is, and `tried` are the changes that did not help.
    """

    claim: Claim
    report: Report
    candidates: tuple[Candidate, ...]
    nearest: tuple[Candidate, ...] = ()
    tried: tuple[str, ...] = ()


def find(
    claim: Claim,
    spec: Spec,
    family: Iterable[Spec],
    conventions: Sequence[Convention],
    *,
    args: Mapping[str, Any] | None = None,
    input: Given = None,
    batch: int = 1,
    progress: Progress | None = None,
) -> Finding:
    """Explain the claim; `family` are variants of the spec and its relatives, at the same args, input and batch.

    `progress` is called with how many variants are tried at other resolutions, of how many, and which is next.

    Raises:
        SpecError: the spec cannot be built so, or a table mentions a block that it does not have.
    """
    search = _Search(claim, conventions, dict(args or {}), input, batch)
    asked = search.report(spec, search.input)
    for convention in conventions:
        convention.need_blocks(block_names(asked.graph.root))
    search.ops = ops_of(asked)
    found = search.candidates(asked, ())
    if found:
        return Finding(claim, asked, search.best(found))
    variants = search.reports(family, spec.path)
    sized = list(search.resized(spec, asked))
    found = search.candidates(asked, ("twice",))
    for _, report in variants:
        found += search.candidates(report, ("variant",))
    for report in sized:
        found += search.candidates(report, ("resolution",))
    if found:
        return Finding(claim, asked, search.best(found))
    for _, report in variants:
        found += search.candidates(report, ("twice", "variant"))
    for report in sized:
        found += search.candidates(report, ("twice", "resolution"))
    for position, (other, variant) in enumerate(variants):
        if progress is not None:
            progress(position, len(variants), variant.name)
        for report in search.resized(other, variant):
            found += search.candidates(report, ("variant", "resolution"))
    if found:
        return Finding(claim, asked, search.best(found))
    tried = (*(["resolution"] if square(asked) else []), *(["variant"] if variants else []))
    return Finding(claim, asked, (), search.best(search.candidates(asked, (), every=True))[:3], tried)


def square(report: Report) -> tuple[int, int, int] | None:
    """The shape of the first input where it is a square image."""
    shape = next(iter(report.input.values()))
    sides = set(shape[1:] if report.graph.layout == "channels_first" else shape[:-1])
    return shape if len(shape) == 3 and len(sides) == 1 else None


class _Search:
    """The values that all steps of a search share."""

    def __init__(
        self,
        claim: Claim,
        conventions: Sequence[Convention],
        args: Mapping[str, Any],
        input: Given,
        batch: int,
    ) -> None:
        self.claim = claim
        self.conventions = conventions
        self.args = args
        self.input = input
        self.batch = batch
        self.ops: frozenset[str] = frozenset()  # of the network as it is
        self.ratios: list[Any] = []  # what the conventions say, to the multiply-adds, of the network as it is

    def report(self, spec: Spec, input: Given) -> Report:
        return estimate(build(spec, self.args, input), self.batch)

    def reports(self, family: Iterable[Spec], path: str) -> list[tuple[Spec, Report]]:
        """The variants that can be built at these args and this input; those of other files, if of the same ops."""
        found = []
        for spec in family:
            try:
                report = self.report(spec, self.input)
            except SpecError:
                continue
            if spec.path == path or ops_of(report) == self.ops:
                found.append((spec, report))
        return found

    def resized(self, spec: Spec, report: Report) -> Iterator[Report]:
        """The network on other square images, where one of the conventions may come near the claim."""
        shape = square(report)
        if shape is None:
            return
        for side in RESOLUTIONS:
            sizes = (side, side)
            other = (shape[0], *sizes) if report.graph.layout == "channels_first" else (*sizes, shape[-1])
            if other == shape:
                continue
            try:
                resized = self.report(spec, {**report.input, next(iter(report.input)): other})
            except SpecError:
                continue
            if self.may_say(resized):
                yield resized

    def may_say(self, report: Report) -> bool:
        """True if it is worth to ask the conventions: by what they make of the multiply-adds of the network as it is.

        That is not the same at another size, and the number may be doubled: so anything within a factor of 4 is.
        """
        if not self.ratios:
            return True
        macs, value = report.totals.macs, self.claim.value
        return bool(macs * min(self.ratios) <= 4 * value <= 16 * macs * max(self.ratios))

    def candidates(self, report: Report, changes: tuple[str, ...], *, every: bool = False) -> list[Candidate]:
        """The totals that fit, or every one; conventions with the same total are one candidate."""
        totals: dict[int | Fraction, list[Convention]] = {}
        census = Census(report, frozenset().union(*(convention.blocks for convention in self.conventions)))
        for convention in self.conventions:
            if "twice" in changes and convention.unit != "mac":
                continue
            total = account(report, convention, blocks=convention.doubtful, census=census).total
            total *= 2 if "twice" in changes else 1
            same = totals.setdefault(total, [])
            if all(convention.tool != other.tool for other in same):  # in another context it says the same
                same.append(convention)
            if not changes and report.totals.macs:
                self.ratios.append(divide(total, report.totals.macs))
        return [
            Candidate(report, tuple(names), total, fit, changes)
            for total, names in totals.items()
            if (fit := self.claim.fit(total)) or every
        ]

    def best(self, candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
        """Fewest changes first, then the likeliest.

        Within what the claim rounds away the distance says little. So a network of the same ops as the one asked for
        comes first, and of its totals the one that most conventions say. Then rounded before cut off, the plainer
        change, and only then the nearest.
        """

        def order(item: Candidate) -> tuple[Any, ...]:
            changes = tuple(CHANGES.index(change) for change in item.changes)
            unlike = len(ops_of(item.report) ^ self.ops)
            off = abs(item.total - self.claim.value)
            if not item.fit:
                return (off,)
            return (len(changes), unlike, -len(item.conventions), item.fit != "rounded", changes, off)

        return tuple(sorted(candidates, key=order))


def ops_of(report: Report) -> frozenset[str]:
    """The names of the ops that a network runs."""
    return frozenset(term.op for term in account(report, RUNS).terms)
