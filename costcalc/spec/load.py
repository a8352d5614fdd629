"""`load`: an address -> a `Spec`, with the blocks of included files and the variant applied."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from costcalc.errors import Hint, Problem, Source, SpecError
from costcalc.ops import words as op_words
from costcalc.ops.kinds import AXES
from costcalc.spec import library
from costcalc.spec.file import (
    OF_NETWORKS,
    File,
    check_keys,
    has_only_blocks,
    read_blocks,
    read_bodies,
    read_file,
    read_functional,
)
from costcalc.spec.find import bundled_folder, locate, named, project_root, relatives
from costcalc.spec.model import Block, Spec
from costcalc.spec.reading import NOTHING, Reading
from costcalc.spec.signature import Head
from costcalc.text.bounds import is_below
from costcalc.text.compose import compose, decode, read, read_standard_input, similar
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence
from costcalc.text.suggest import did_you_mean, nearest

if TYPE_CHECKING:
    from costcalc.text.compose import StrPath

MOST_INCLUDES = 256


class Files(NamedTuple):
    """A source of files: the disk, or an old commit.

    Attributes:
        read: gives the text of a path, reported under a name.
        resolve: follows the links in a path.
        root: gives the folder that what the file at a path includes stays in.
    """

    read: Callable[[str, str], Source]
    resolve: Callable[[str], str]
    root: Callable[[str], str]


DISK = Files(read, os.path.realpath, project_root)


def load(address: StrPath) -> Spec:
    """Read `FILE`, `FILE@VARIANT`, the bare name of a bundled spec or variant, or `-` for standard input.

    >>> load("resnet50").name
    'resnet50'

    Raises:
        SpecError: the file cannot be read or is not a valid spec; it carries every problem found.
    """
    address = os.fspath(address)
    if address == "-":
        source = read_standard_input("<stdin>")
        return choose(_read(source, os.path.join(os.getcwd(), "stdin")), None)
    path, shown, variant = locate(address)
    spec = choose(_read(read(path, shown), path), variant)
    return spec


def load_all(address: StrPath) -> tuple[list[Spec], tuple[Problem, ...]]:
    """The spec at `address` and its variants, unless it names one, from one reading.

    A file that has only blocks gives no spec: its blocks are checked as a spec that includes them sees them, and what
    they are warned of comes second.
    """
    address = os.fspath(address)
    if address == "-":
        source, path, variant = read_standard_input("<stdin>"), os.path.join(os.getcwd(), "stdin"), None
    else:
        path, shown, variant = locate(address)
        source = read(path, shown)
    reading = Reading()
    root = compose(source, problems=reading.problems)
    if variant is None and isinstance(root, Mapping) and has_only_blocks(root):
        return [], _check_library(reading, root, path)
    file = _file(reading, root, path, DISK)
    return [choose(file, variant), *(choose(file, name) for name in file.variants if variant is None)], ()


def _check_library(reading: Reading, root: Mapping, path: str) -> tuple[Problem, ...]:
    """Read the blocks of a file that has nothing else, and return the warnings about it."""
    taken: dict[str, str] = {}
    if root.get("include") is not None:
        _include(reading, root, path, DISK, taken, [])
    check_keys(reading, root)
    for name, (key, _) in root.entries.items():
        if name in OF_NETWORKS:
            reading.warn(key, f"'{name}' means nothing in a file that has only blocks")
    heads = read_blocks(reading, root, NOTHING, taken, included=True)
    reading.words = frozenset((*reading.ops, *reading.signatures, *(op_words() - set(AXES))))
    read_bodies(reading, heads, NOTHING, taken, included=True)
    if reading.problems:
        raise SpecError(reading.found())
    return tuple(reading.warnings)


def load_variants(address: StrPath) -> list[Spec]:
    """Every variant of the spec at `address`, from one reading of the file."""
    path, shown, _ = locate(os.fspath(address))
    file = _read(read(path, shown), path)
    return [choose(file, name) for name in file.variants]


def open_file(path: str, name: str, files: Files = DISK) -> File | None:
    """The spec at `path` with its variants, from one reading; None where the file has only blocks."""
    source = files.read(path, name)
    reading = Reading()
    root = compose(source, problems=reading.problems)
    return None if has_only_blocks(root) else _file(reading, root, path, files)


def load_family(address: StrPath) -> list[Spec]:
    """The spec that `address` names without a variant, and every variant of it; bundled specs of its folder, too."""
    if os.fspath(address) == "-":
        return []
    path, shown, _ = locate(os.fspath(address))
    found: list[Spec] = []
    for name in (path, *(other for other in relatives(path) if other != path)):
        file = _read(read(name, shown if name == path else name), name)
        found += [file.spec, *(choose(file, variant) for variant in file.variants)]
    return found


def load_text(text: str | bytes, name: str = "<text>", path: str | None = None) -> Spec:
    """A spec from text; `path` is where relative includes start."""
    source = decode(text, name) if isinstance(text, bytes) else Source(name, text.removeprefix("\ufeff"))
    return choose(_read(source, path or os.path.join(os.getcwd(), "text")), None)


def choose(file: File, variant: str | None) -> Spec:
    """The spec with `variant` applied: args key by key, the rest whole; the file's `expect` is never a variant's."""
    spec = file.spec
    if variant is None:
        return spec
    chosen = file.variants.get(variant)
    if chosen is None:
        hint = did_you_mean(variant, file.variants) if file.variants else "it has no variants"
        raise SpecError([Problem(f"{spec.path} has no variant '{variant}'", None, hint)])
    overrides = dict(chosen.args)
    return spec._replace(
        variant=variant,
        args=tuple((name, overrides.get(name, value)) for name, value in spec.args),
        about=chosen.about or spec.about,
        source=chosen.source or spec.source,
        inputs=chosen.input or spec.inputs,
        input_dtypes=chosen.input_dtypes if chosen.input else spec.input_dtypes,
        expect=chosen.expect,
        verify=chosen.verify or spec.verify,
    )


def _read(source: Source, path: str) -> File:
    reading = Reading()
    return _file(reading, compose(source, problems=reading.problems), path, DISK)


def _file(reading: Reading, root: Node, path: str, files: Files) -> File:
    taken: dict[str, str] = {}
    included: dict[str, Block] = {}
    brought: list[tuple[Node, set[str]]] = []
    if isinstance(root, Mapping) and root.get("include") is not None:
        included = _include(reading, root, path, files, taken, brought)
    file = read_file(reading, root, root.source.name, included, taken)
    if reading.problems or file is None:
        raise SpecError(reading.found())
    callers: dict[str, set[str | None]] = {}
    for site in reading.sites if brought else ():
        callers.setdefault(site.block, set()).add(site.inside)
    for item, names in brought:
        called = any(not callers[name] <= names for name in names if name in callers)
        if names and not called and not names & reading.mentioned:
            reading.warn(item, f"no block of '{item_text(item)}' is used: remove the include")
    return file._replace(spec=file.spec._replace(warnings=tuple(reading.warnings)))


def _include(
    reading: Reading,
    root: Mapping,
    path: str,
    files: Files,
    taken: dict[str, str],
    brought: list[tuple[Node, set[str]]],
) -> dict[str, Block]:
    """The blocks of every included file, and of the files those include; each file once.

    `brought` gets the names of the blocks that each entry of the file brings.
    """
    heads: list[tuple[Head, Mapping, Node]] = []
    own_path = files.resolve(path)
    done: set[str] = {own_path}
    reading.words = frozenset(reading.ops) | (op_words() - set(AXES))

    def visit(root: Mapping, path: str, chain: tuple[str, ...], files: Files, project: str) -> None:
        node = root.get("include")
        items: list[Node] = node.items if isinstance(node, Sequence) else [] if node is None else [node]
        for item in items:
            before = len(heads)
            include(item, path, chain, files, project)
            if len(chain) == 1:
                brought.append((item, {head.name for head, _, _ in heads[before:]}))

    def include(item: Node, path: str, chain: tuple[str, ...], files: Files, project: str) -> None:
        bundled = library.files().get(item.value) if isinstance(item, Scalar) else None
        if bundled is not None:  # it belongs to costcalc as its ops do, and comes from no commit
            files, project = DISK, bundled_folder()
        found = bundled or _included_file(reading, item, path, project, files)
        if found is None:
            reading.incomplete = True
            return
        if found in chain:
            reading.note(item, "a file cannot include itself", " -> ".join(map(os.path.basename, (*chain, found))))
            return
        if found in done:
            return
        done.add(found)
        if len(done) > MOST_INCLUDES:
            reading.note(item, f"more than {MOST_INCLUDES} included files")
            return
        name = library.shown(item_text(item)) if bundled else _relative(found, item.source.name, files.resolve(path))
        trail = (f"included at {item.location()}",)
        within: list[Problem] = []
        try:
            inner = compose(files.read(found, name), problems=within)
        except SpecError as error:
            reading.incomplete = True
            for problem in error.problems:
                if problem.location and problem.location.line:
                    reading.problems.append(problem._replace(trail=trail))
                else:  # the file itself cannot be read
                    hint = problem.hint
                    if not os.path.exists(found):
                        hint = _instead(item_text(item), found)
                    reading.note(item, f"cannot include '{item_text(item)}': {problem.message}", hint)
            return
        reading.problems.extend(problem._replace(trail=trail) for problem in within)
        if not isinstance(inner, Mapping):
            reading.incomplete = True
            message = f"an included file is a mapping, not a {inner.kind}"
            reading.problems.append(Problem(message, inner.location(), "it has 'blocks:'", trail))
            return
        inner = check_keys(reading, inner)
        if inner.get("blocks") is None:
            reading.warn(item, f"'{item_text(item)}' has no blocks to include")
        before = len(heads)
        heads.extend(read_blocks(reading, inner, NOTHING, taken, included=True))
        own = {head.name for head, _, _ in heads[before:]}
        for reference in read_functional(reading, inner.get("meta")):
            if reference.name.partition(".")[0] in own:
                reading.functional.append(reference)
            elif inner.get("layers") is None:  # else it is about the network that the file is itself
                message = f"'functional: {reference.name}' is no layer of the blocks in this file"
                reading.problems.append(Problem(message, reference.node.location(), "as in 'block.relu'", trail))
        visit(inner, found, (*chain, found), files, project)

    visit(root, path, (own_path,), files, files.root(path))
    reading.words = frozenset((*reading.words, *reading.signatures))
    return read_bodies(reading, heads, NOTHING, taken, included=True)


def item_text(node: Node) -> str:
    """The text of an `include` entry."""
    return node.value if isinstance(node, Scalar) else node.kind


def _included_file(reading: Reading, item: Node, path: str, project: str, files: Files) -> str | None:
    text = reading.text(item, "include", needed=True)
    if not text:
        return None
    if "://" in text or os.path.isabs(text):
        kind = "a web address" if "://" in text else "an absolute path"
        reading.note(item, f"cannot include '{text}': {kind}", "a path is relative to this file")
        return None
    try:
        found = files.resolve(os.path.join(os.path.dirname(files.resolve(path)), text))
    except (OSError, ValueError):  # a NUL
        reading.note(item, f"cannot include '{text}': not a file name")
        return None
    if not is_below(found, project):
        reading.note(
            item, f"cannot include '{text}': it is outside the project", f"includes stay inside {named(project)}"
        )
        return None
    return found


def _instead(text: str, found: str) -> str:
    """The text to write where no file is at the path of an entry."""
    name = os.path.splitext(os.path.basename(text))[0]
    known = library.files()
    near = name if name in known else nearest(name, known) if name == text else None
    if os.path.splitext(text)[1] == "" and os.path.isfile(f"{found}.yaml"):
        return Hint(f"write {text}.yaml", f"{text}.yaml")
    if near is not None:
        return Hint(f"write {near}: bundled files of blocks are included by name", near)
    return similar(found, text) or ("'costcalc blocks' lists the bundled files of blocks" if name == text else "")


def _relative(found: str, name: str, path: str) -> str:
    """The included file's path as the including file's was given: `specs/a.yaml` includes `specs/blocks/b.yaml`."""
    relative = os.path.relpath(found, os.path.dirname(path))
    return os.path.normpath(os.path.join(os.path.dirname(name), relative)).replace(os.sep, "/")
