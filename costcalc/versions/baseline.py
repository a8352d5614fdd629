"""A baseline of networks: a lock file, a stored report, or the specs of an old commit."""

from __future__ import annotations

import json
import os
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from costcalc.errors import Fault, Problem, SpecError
from costcalc.spec.load import open_file
from costcalc.text.pattern import Pattern
from costcalc.versions.git import Revision
from costcalc.versions.keys import key_of
from costcalc.versions.lock import UPDATE, lock_of
from costcalc.versions.recorded import recorded
from costcalc.versions.snapshot import Measured, Snapshot
from costcalc.versions.subjects import Subject, reports_of


@dataclass(frozen=True, slots=True)
class Baseline:
    """The networks as they were.

    Attributes:
        name: what it is called: `origin/main`, `costs.lock.json`.
        models: key -> network.
        kind: `lock`, `report` or `git`; empty for a base that cannot be used.
        missing: it is a lock file that does not exist yet.
        unreadable: the keys of specs that were there and cannot be read, and why.
    """

    name: str
    models: Mapping[str, Snapshot]
    kind: str
    missing: bool = False
    unreadable: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)


def is_path(name: str) -> bool:
    """True if a name is written as one of a file, which no branch and no tag can be called.

    >>> is_path("./origin/main"), is_path("origin/main"), is_path("costs.lock.json")
    (True, False, False)
    """
    return os.path.isabs(name) or name.replace(os.sep, "/").startswith(("./", "../"))


def from_text(text: str, name: str, *, batch: int | None = None) -> Baseline:
    """A lock file or a stored report; with `batch`, a report of that batch and no other.

    Raises:
        Fault: it is neither, or is a lock that was counted by another convention.
    """
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise Fault("this is neither a lock file nor a stored report: it is not JSON") from None
    form = found.get("format") if isinstance(found, dict) else None
    if not isinstance(form, str):
        raise Fault("this is neither a lock file nor a stored report: it has no 'format'")
    if form.startswith("costcalc.lock/"):
        return Baseline(name, lock_of(found).models, "lock")
    if form != "costcalc.report/1":
        hint = f"'{UPDATE}' writes a lock, 'costcalc show SPEC --format json' a report"
        raise Fault(f"this is neither a lock file nor a report, but {form}", hint)
    again = "costcalc show SPEC --format json"
    try:
        if batch is not None and found["batch"] != batch:
            raise Fault(f"this report is for a batch of {found['batch']}, and budgets are for {batch}", again)
        network = recorded(found)
        return Baseline(name, {key_of(str(found["spec"]), network.variant): network}, "report")
    except (KeyError, TypeError, AttributeError):
        raise Fault("this report is damaged", f"write it anew: {again}") from None


def from_commit(
    revision: Revision,
    subjects: Sequence[Subject],
    folder: Path,
    patterns: Iterable[Pattern] = (),
    variants: Mapping[str, Sequence[str]] | None = None,
) -> Baseline:
    """The specs of a commit: those that are measured now, and where one of these is new, those that are gone.

    A spec whose files have not changed is not read a second time, and a variant that is there and not measured
    (`variants` says which are there) not at all.
    """
    models: dict[str, Snapshot] = {}
    unreadable: dict[str, tuple[Problem, ...]] = {}
    for path, those in _by_path(subjects).items():
        if not those[0].linked and all(_same(revision, path, text) for path, text in those[0].sources.items()):
            models.update((subject.key, Measured(subject.report)) for subject in those)
        elif _existed(revision, path):
            key = those[0].target.key
            skipped = {*(variants or {}).get(key, ())} - {subject.report.graph.variant for subject in those}
            _read(revision, path, key, models, unreadable, skipped)
    if any(subject.key not in models for subject in subjects):
        for path, key in _gone(revision, subjects, folder, tuple(patterns)):
            _read(revision, path, key, models, unreadable)
    return Baseline(revision.name, models, "git", unreadable=unreadable)


def _by_path(subjects: Sequence[Subject]) -> dict[Path, list[Subject]]:
    found: dict[Path, list[Subject]] = {}
    for subject in subjects:
        found.setdefault(subject.target.path, []).append(subject)
    return found


def _existed(revision: Revision, path: Path) -> bool:
    try:
        return revision.find(path) is not None
    except SpecError:
        return True  # and cannot be read, which reading it will say


def _same(revision: Revision, path: Path, text: Any) -> bool:
    try:
        before = revision.find(path)
    except SpecError:
        return False
    return before is not None and before.text == text.text


def _read(
    revision: Revision,
    path: Path,
    key: str,
    models: dict[str, Snapshot],
    unreadable: dict[str, tuple[Problem, ...]],
    skipped: Container[str] = (),
) -> None:
    """Every variant that a file of the commit had."""
    problems: list[Problem] = []
    try:
        file = open_file(str(path), key, revision.reader())
        names = [None, *(name for name in file.variants if name not in skipped)] if file is not None else []
        for report in reports_of(file, names, problems) if file is not None else ():
            models[key_of(key, report.graph.variant)] = Measured(report)
    except SpecError as error:
        problems.extend(error.problems)
    if problems:
        unreadable[key] = tuple(problems)


def _gone(
    revision: Revision, subjects: Sequence[Subject], folder: Path, patterns: tuple[Pattern, ...]
) -> Iterable[tuple[Path, str]]:
    """The files of the commit that were specs by these patterns and are not among those measured now."""
    here = {os.path.realpath(subject.target.path) for subject in subjects}
    for path in revision.files():
        try:
            key = path.relative_to(folder.resolve()).as_posix()
        except ValueError:
            continue
        if (
            any(pattern.matches(key) for pattern in patterns)
            and os.path.realpath(path) not in here
            and not path.exists()
        ):
            yield path, key
