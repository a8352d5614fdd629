"""`load`: an address -> a `Spec`, with the blocks of included files and the variant applied."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from costcalc.errors import Problem, Source, SpecError
from costcalc.ops import words as op_words
from costcalc.ops.kinds import AXES
from costcalc.spec.file import File, read_blocks, read_bodies, read_file
from costcalc.spec.find import locate, project_root
from costcalc.spec.model import Block, Spec
from costcalc.spec.reading import NOTHING, Reading
from costcalc.text.collection import uncollected
from costcalc.text.compose import LARGEST_FILE, compose, decode, read
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence
from costcalc.text.suggest import did_you_mean

MOST_INCLUDES = 256


@uncollected
def load(address: str | Path) -> Spec:
    """Read `FILE`, `FILE@VARIANT`, the bare name of a bundled spec or variant, or `-` for standard input.

    >>> load("resnet50").name
    'resnet50'

    Raises:
        SpecError: the file cannot be read or is not a valid spec; it carries every problem found.
    """
    address = str(address)
    if address == "-":
        return load_text(sys.stdin.buffer.read(LARGEST_FILE + 1), "<stdin>", Path.cwd() / "stdin")
    path, shown, variant = locate(address)
    spec = choose(_read(read(path, shown), path), variant)
    return spec


def load_variants(address: str | Path) -> list[Spec]:
    """Every variant of the spec at `address`, from one reading of the file."""
    path, shown, _ = locate(str(address))
    file = _read(read(path, shown), path)
    return [choose(file, name) for name in file.variants]


@uncollected
def load_text(text: str | bytes, name: str = "<text>", path: Path | None = None) -> Spec:
    """A spec from text; `path` is where relative includes start."""
    source = decode(text, name) if isinstance(text, bytes) else Source(name, text)
    return choose(_read(source, path or Path.cwd() / "text"), None)


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
    return replace(
        spec,
        variant=variant,
        args=tuple((name, overrides.get(name, value)) for name, value in spec.args),
        about=chosen.about or spec.about,
        source=chosen.source or spec.source,
        inputs=chosen.input or spec.inputs,
        expect=chosen.expect,
        verify=chosen.verify or spec.verify,
    )


def _read(source: Source, path: Path) -> File:
    reading = Reading()
    root = compose(source)
    taken: dict[str, str] = {}
    included: dict[str, Block] = {}
    if isinstance(root, Mapping) and root.get("include") is not None:
        included = _include(reading, root, path, taken)
    file = read_file(reading, root, source.name, included, taken)
    if reading.problems or file is None:
        raise SpecError(reading.problems)
    return file


def _include(reading: Reading, root: Mapping, path: Path, taken: dict[str, str]) -> dict[str, Block]:
    """The blocks of every included file, and of the files those include; each file once."""
    project = project_root(path)
    heads = []
    done: set[Path] = {path.resolve()}
    reading.words = frozenset(reading.ops) | (op_words() - set(AXES))

    def visit(root: Mapping, path: Path, chain: tuple[Path, ...]) -> None:
        node = root.get("include")
        items: list[Node] = node.items if isinstance(node, Sequence) else [] if node is None else [node]
        for item in items:
            found = _included_file(reading, item, path, project)
            if found is None:
                continue
            if found in chain:
                reading.note(item, "a file cannot include itself", " -> ".join(file.name for file in (*chain, found)))
                continue
            if found in done:
                continue
            done.add(found)
            if len(done) > MOST_INCLUDES:
                reading.note(item, f"more than {MOST_INCLUDES} included files")
                return
            name = _relative(found, root.source.name, path)
            try:
                inner = compose(read(found, name))
            except SpecError as error:
                missing = [
                    problem for problem in error.problems if not problem.location or not problem.location.source.text
                ]
                for problem in missing:
                    reading.note(item, f"included file '{item_text(item)}': {problem.message}", problem.hint)
                reading.problems.extend(problem for problem in error.problems if problem not in missing)
                continue
            if not isinstance(inner, Mapping):
                reading.note(inner, f"an included file is a mapping, not a {inner.kind}", "it has 'blocks:'")
                continue
            if inner.get("blocks") is None:
                reading.warn(item, f"'{item_text(item)}' has no blocks to include")
            heads.extend(read_blocks(reading, inner, NOTHING, taken, included=True))
            visit(inner, found, (*chain, found))

    visit(root, path, (path.resolve(),))
    reading.words = frozenset((*reading.words, *reading.signatures))
    return read_bodies(reading, heads, NOTHING, taken, included=True)


def item_text(node: Node) -> str:
    """What an `include` entry says."""
    return node.value if isinstance(node, Scalar) else node.kind


def _included_file(reading: Reading, item: Node, path: Path, project: Path) -> Path | None:
    text = reading.text(item, "include")
    if not text:
        return None
    if "://" in text or Path(text).is_absolute():
        reading.note(item, f"cannot include '{text}'", "a path relative to this file")
        return None
    found = (path.parent / text).resolve()
    if project not in found.parents:
        reading.note(item, f"cannot include '{text}': it is outside the project", "includes stay inside the project")
        return None
    return found


def _relative(found: Path, name: str, path: Path) -> str:
    """The included file's path as the including file's was given: `specs/a.yaml` includes `specs/blocks/b.yaml`."""
    import os.path

    relative = os.path.relpath(found, path.resolve().parent)
    return os.path.normpath(os.path.join(os.path.dirname(name), relative)).replace(os.sep, "/")
