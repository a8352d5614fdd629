"""Files -> subjects: the networks of specs, every file read once and every network built and costed once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from costcalc.cost.estimate import estimate
from costcalc.cost.model import Report
from costcalc.errors import Problem, Source, SpecError
from costcalc.graph.build import build
from costcalc.graph.memo import Memo
from costcalc.spec.file import File
from costcalc.spec.load import DISK, Files, choose, open_file
from costcalc.text.compose import read_standard_input
from costcalc.text.pattern import Pattern
from costcalc.versions.keys import key_of

STDIN = "<stdin>"
"""The name of what comes from standard input; its includes are relative to the working folder."""


@dataclass(frozen=True, slots=True)
class Target:
    """A file to judge: its path, the name it is reported under, its key, and one variant if only that is meant.

    `named` is whether somebody named it, and did not only match it by a pattern; `variants` are the patterns of those
    that are measured beside the spec as written.
    """

    path: Path
    name: str
    key: str
    variant: str | None = None
    named: bool = True
    variants: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """A network that was measured: its key is its file's with `@VARIANT`.

    Attributes:
        sources: the texts it was read from.
        linked: some of them were reached through links, which may not have led there before.
    """

    key: str
    target: Target
    report: Report
    sources: Mapping[Path, Source] = field(default_factory=dict)
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Measurement:
    """Every network that could be measured, and the problems of the others.

    Attributes:
        libraries: the keys of files that have only blocks.
        variants: key -> the variants that a file has.
    """

    subjects: tuple[Subject, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    libraries: frozenset[str] = frozenset()
    variants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def measure(targets: Iterable[Target]) -> Measurement:
    """Load, build and estimate every target: the spec as written, and the variants that are judged."""
    subjects: list[Subject] = []
    problems: list[Problem] = []
    warnings: dict[Problem, None] = {}
    libraries: set[str] = set()
    variants: dict[str, tuple[str, ...]] = {}
    for target in targets:
        sources: dict[Path, Source] = {}
        links: list[str] = []
        try:
            file = open_file(str(target.path), target.name, _remembering(sources, links))
            if file is None:
                if target.named:
                    raise SpecError([Problem(f"{target.name} has only blocks", None, "name a spec that includes it")])
                libraries.add(target.key)
                continue
            variants[target.key] = tuple(file.variants)
            for report in reports_of(file, _names(target, file), problems):
                key = key_of(target.key, report.graph.variant)
                subjects.append(Subject(key, target, report, sources, bool(links)))
                warnings.update(dict.fromkeys(report.graph.warnings))
        except SpecError as error:
            problems.extend(error.problems)
    return Measurement(tuple(subjects), tuple(problems), tuple(warnings), frozenset(libraries), variants)


def reports_of(file: File, names: Iterable[str | None], problems: list[Problem]) -> Iterable[Report]:
    """The report of each variant of a file; what cannot be built adds its problems."""
    memo = Memo()
    for name in names:
        try:
            yield estimate(build(choose(file, name), memo=memo), memo=memo)
        except SpecError as error:
            problems.extend(problem for problem in error.problems if problem not in problems)


def _names(target: Target, file: File) -> list[str | None]:
    """Which variants of a file to measure: the one that was named, or all that a pattern or `expect` speaks of."""
    if target.variant is not None:
        return [target.variant]
    judged = (
        name
        for name, variant in file.variants.items()
        if variant.expect or any(pattern.matches(name) for pattern in target.variants)
    )
    return [None, *judged]


def _remembering(sources: dict[Path, Source], links: list[str]) -> Files:
    """The disk, with what was read from it and which links were followed kept."""

    def read(path: str, name: str) -> Source:
        if name == STDIN:
            return read_standard_input(name)
        sources[Path(path)] = source = DISK.read(path, name)
        resolve(path)
        return source

    def resolve(path: str) -> str:
        found = DISK.resolve(path)
        if found != os.path.abspath(path):
            links.append(path)
        return found

    return Files(read, resolve, DISK.root)
