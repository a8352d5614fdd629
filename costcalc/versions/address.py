"""`diff`: two versions of a network, each a spec, a spec of a commit, a lock file or a stored report."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costcalc.cost.estimate import estimate
from costcalc.errors import CostcalcError, Fault, Problem, SpecError
from costcalc.graph.build import build
from costcalc.graph.size import Size
from costcalc.spec.find import is_ambiguous
from costcalc.spec.load import choose, load, open_file
from costcalc.text.compose import read
from costcalc.versions.baseline import from_text, is_path
from costcalc.versions.difference import Difference, difference
from costcalc.versions.git import Repository, Revision
from costcalc.versions.on_demand import Opened
from costcalc.versions.snapshot import Measured, Snapshot

if TYPE_CHECKING:
    from costcalc.graph.inputs import Given
    from costcalc.text.compose import StrPath

_STORED = re.compile(r'\s*\{.*"format"\s*:\s*"costcalc\.', re.DOTALL)


def diff(
    old: StrPath | None,
    new: StrPath,
    args: Mapping[str, Any] | None = None,
    input: Given = None,
    *,
    batch: int = 1,
    sequence: int | None = None,
    depth: int | None = None,
    warn: Callable[[Problem], None] | None = None,
) -> Difference:
    """Compare two versions of a network, layer by layer: here 17 more bottlenecks of 10 layers each.

    >>> found = diff("resnet50", "resnet101")
    >>> found.models[0].totals["params"], found.models[0].counts["added"]
    ((25557032, 44549160), 170)

    Args:
        old: a spec as `load` takes it, `REV:PATH` for a file of a commit, a lock file, or a report that `costcalc show
            --format json` has written. None is the last committed version of `new`.
        new: the same. If one side has several networks (a lock) and the other has one, that one is compared.
        args: as for `build`, on both sides; for specs only.
        input: as for `build`, likewise.
        batch: as for `estimate`, likewise.
        sequence: as for `build`, likewise.
        depth: compare blocks, so many levels of them, in place of layers.
        warn: takes every warning about a spec that is read here.

    Raises:
        CostcalcError: one of them is not there, cannot be read, or does not have the network of the other.
    """
    name, size = os.fspath(new), Size(args, input, batch, sequence)
    with Opened(Path.cwd()) as git:
        was = committed(name, git) if old is None else os.fspath(old)
        before, after = networks(was, size, git, warn), networks(name, size, git, warn)
    if len(before) > 1 and len(after) == 1:
        before = of_one(before, after, was)
    elif len(after) > 1 and len(before) == 1:
        after = of_one(after, before, name)
    return difference(was, name, before, after, depth)


def networks(
    address: str, size: Size, git: Opened, warn: Callable[[Problem], None] | None = None
) -> Mapping[str, Snapshot]:
    """Find the networks at an address, by their keys; a spec is one. `warn` takes the warnings about it.

    Raises:
        CostcalcError: there is nothing at the address, or it cannot be read.
    """
    if is_ambiguous(address):
        hint = f"./{address} is the file; rename it to have the bundled one"
        raise SpecError([Problem(f"'{address}' is a file here, and a bundled spec", None, hint)])
    revision, colon, path = address.partition(":")
    if is_path(address) or not colon or not path:
        if Path(address).is_file():
            text = read(Path(address)).text
            if _holds_numbers(address, text):
                return _stored(text, address, size)
        graph = build(load(address), size.args, size.input, sequence=size.sequence)
        if warn is not None:
            for warning in graph.warnings:
                warn(warning)
        return {address: Measured(estimate(graph, size.batch))}
    try:
        return _committed(git.repository().revision(revision), path, address, size)
    except Fault as fault:
        hint = f"a file is written ./{address}" if Path(address).exists() else fault.hint
        raise SpecError([Problem(f"{address}: {fault.message}", None, hint)]) from None


def committed(path: str, git: Opened) -> str:
    """Name the last committed version of a file as git does: `HEAD:path`, from the root of the repository."""
    name, at, variant = path.partition("@") if not Path(path).exists() else (path, "", "")
    try:
        inside = git.repository().relative(Path(name))
    except Fault as fault:
        hint = fault.hint or f"name both: costcalc diff OLD {path}"
        raise SpecError([Problem(f"{path}: {fault.message}", None, hint)]) from None
    if inside is None:
        raise CostcalcError(f"{path} is not in this repository: name what to compare it with")
    return f"HEAD:{inside}{at}{variant}"


def _committed(revision: Revision, path: str, address: str, size: Size) -> Mapping[str, Snapshot]:
    """Read a file of a commit; `./` before its path counts from the working folder, as in git."""
    repository = revision.repository
    variant = None
    where = _where(repository, path)
    if revision.find(where) is None and "@" in path:
        path, _, variant = path.rpartition("@")
        where = _where(repository, path)
    source = revision.find(where)
    if source is None:
        near = f"{revision.name}:./{path}" if revision.find(Path(path)) is not None else ""
        raise Fault(f"there is no '{path}' in {revision.name or 'the index'}", f"did you mean {near}?" if near else "")
    if _holds_numbers(path, source.text):
        return _stored(source.text, address, size)
    file = open_file(str(where), address, revision.reader())
    if file is None:
        raise Fault("this file has only blocks")
    graph = build(choose(file, variant), size.args, size.input, sequence=size.sequence)
    return {address: Measured(estimate(graph, size.batch))}


def _where(repository: Repository, path: str) -> Path:
    return Path(path) if path.startswith(("./", "../")) else repository.folder / path


def _holds_numbers(name: str, text: str) -> bool:
    """True if a file is a lock or a report, and no spec: by its name, or whatever it is called by what it says."""
    return name.endswith(".json") or _STORED.match(text) is not None


def _stored(text: str, address: str, size: Size) -> Mapping[str, Snapshot]:
    if size.given:
        raise CostcalcError(f"{address} holds numbers: --set, --input, --sequence and --batch are of specs")
    try:
        return from_text(text, address).models
    except Fault as fault:
        raise SpecError([Problem(f"{address}: {fault.message}", None, fault.hint)]) from None


def of_one(many: Mapping[str, Snapshot], one: Mapping[str, Snapshot], where: str) -> Mapping[str, Snapshot]:
    """Pick of several networks the one that is meant by `one`: of the same path, or the same name and variant.

    Raises:
        CostcalcError: there is none.
    """
    ((address, network),) = one.items()
    path = Path(address).as_posix().rpartition(":")[2].removeprefix("./")
    for key in (key for key in many if key == path or path.endswith(f"/{key}")):
        return {key: many[key]}
    found = {key: old for key, old in many.items() if (old.name, old.variant) == (network.name, network.variant)}
    if len(found) == 1:
        return found
    listed: Sequence[str] = sorted(many)[:5]
    raise CostcalcError(f"{where} does not have {address}: it has {', '.join(listed)}{', ...' * (len(many) > 5)}")
