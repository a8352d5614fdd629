"""Advice for words that other frameworks use and the language does not: the text to write in their place.

Words are compared without capitals, `_`, `-` and the rank (`Conv2d` is `conv`). Names that merely differ for the same
thing are in `text/suggest.py`; those for which a name alone would not do are in `advice.yaml`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from fractions import Fraction
from functools import cache

from costcalc.errors import Fault
from costcalc.ops.kinds import Kind
from costcalc.ops.op import REQUIRED, Op
from costcalc.text.compose import compose, read
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence
from costcalc.text.suggest import bare, nearest

_NOTATION = frozenset(
    ["op", "type", "layer", "class", "module", "kind", "operator", "operation", "function", "layertype", "classname"]
)
"""Keys that other configurations have for the name of an op."""

_INNER = frozenset(["args", "arguments", "config", "params", "kwargs", "attributes", "options", "param"])
"""Keys that they have for its arguments."""

_ABSENT_WORDS = frozenset(["trilinear", "bicubic", "area", "linear", "lanczos", "nearestexact"])


@cache
def _advice(kind: str) -> dict[str, str]:
    """Word -> advice, from one list of `advice.yaml`. Only a mistake reads it."""
    path = os.path.join(os.path.dirname(__file__), "advice.yaml")
    root = compose(read(path))
    assert isinstance(root, Mapping)
    listed = root.get(kind)
    found: dict[str, str] = {}
    for item in listed.items if isinstance(listed, Sequence) else ():
        assert isinstance(item, Mapping)
        words, write = item.get("words"), item.get("write")
        assert isinstance(words, Scalar)
        assert isinstance(write, Scalar)
        found.update(dict.fromkeys(words.value.split(), write.value))
    return found


def _look_up(word: str, kind: str) -> str:
    return _advice(kind).get(bare(word[:100]), "")


def for_op(word: str) -> str:
    """Advice for a word that is no op: the bundled file that has a block of that name, or what to write instead.

    >>> for_op("split")
    "write a slice for each part, as in '- slice: {axis: 0, end: 8}'"
    """
    from costcalc.spec.library import blocks  # it reads files with this package's readers

    block = blocks().get(word)
    if block is not None:
        return f"write 'include: [{block.file}]' at the top of the file: '{word}' is a block of that bundled file"
    return _look_up(word, "ops")


def for_argument(name: str, value: Node, ops: Collection[str]) -> str:
    """Advice for an argument that no op here has; empty where there is none."""
    usual = _look_up(name, "layers")
    if usual:
        written = value.value if isinstance(value, Scalar) else ""
        return f"put '- {nearest(written, ops) or usual}' on a line after it"
    return _look_up(name, "arguments")


def is_absent_word(word: str) -> bool:
    """True for a word that other tools have among those of an argument, and near which nothing here means the same."""
    return bare(word) in _ABSENT_WORDS


def in_this_notation(entries: Mapping, layer_keys: Collection[str], ops: Iterable[str]) -> tuple[Scalar, str] | None:
    """A layer written as `op: conv` beside its arguments: the key, and the layer as the language has it."""
    for key, value in entries.entries.values():
        if bare(key.value) in _NOTATION and isinstance(value, Scalar) and (op := nearest(value.value, ops)):
            given: list[tuple[Scalar, Node]] = []
            for name, node in entries.entries.values():
                if bare(name.value) in _INNER and isinstance(node, Mapping):
                    given += node.entries.values()
                elif name is not key and name.value not in layer_keys:
                    given.append((name, node))
            return key, f"write '- {call_of(op, given)}'"
    return None


def call_of(op: str, given: Iterable[tuple[Scalar, Node]]) -> str:
    """A call in one line, with the arguments under their names here: `conv: {out: 8, kernel: ...}`."""
    from costcalc.ops import catalogue

    known = catalogue().get(op)
    names = [argument.name for argument in known.arguments] if known else []
    written = {}
    for key, node in given:
        name = nearest(key.value, names) or ("" if known else key.value)
        if name and not _look_up(key.value, "arguments"):
            written[name] = as_written(node)
    if known is not None and (written or any(one.default is REQUIRED for one in known.arguments)):
        return call(known, written)
    inside = ", ".join(f"{name}: {text}" for name, text in written.items())
    return f"{op}: {{{inside}}}" if inside else op


def with_value(op: Op, text: str, value: object) -> str:
    """A call of an op that was given a value alone: it becomes the argument that takes such a value.

    The first required argument, else the first that takes it; items of a list go by position where they fit. Empty
    where nothing fits.
    """
    given = value if isinstance(value, tuple) else ()
    first, items = op.arguments[: len(given)], text.strip("[] ").split(",")
    fits = len(items) == len(first) and all(map(_accepts, [one.kind for one in first], given))
    if given and fits and first[0].default is REQUIRED:
        return call(op, {one.name: item.strip() for one, item in zip(first, items, strict=True)})
    ordered = sorted(op.arguments, key=lambda argument: argument.default is not REQUIRED)
    for argument in ordered:
        if _accepts(argument.kind, value):
            return call(op, {argument.name: text})
    return ""


def call(op: Op, written: dict[str, str]) -> str:
    """A call in one line; what is missing is `...`."""
    missing = {one.name: "..." for one in op.arguments if one.default is REQUIRED and one.name not in written}
    return f"{op.name}: {{{', '.join(f'{name}: {text}' for name, text in (written | missing).items())}}}"


def _accepts(kind: Kind, value: object) -> bool:
    try:
        kind.check(value)
    except Fault:
        return False
    return True


def plain_value(node: Node) -> object:
    """A number, truth value, list or word as an argument's kind takes it."""
    if isinstance(node, Sequence):
        return tuple(plain_value(item) for item in node.items)
    text = node.value if isinstance(node, Scalar) else ""
    if text in ("true", "false"):
        return text == "true"
    try:
        number = Fraction(text)
    except (ValueError, ZeroDivisionError):
        return text
    return int(number) if number.denominator == 1 else number


def as_written(node: Node) -> str:
    """A value as the file has it, on one line; `...` where it is longer than that."""
    if isinstance(node, Scalar) and node.end_line == node.line:
        return node.source.line(node.line + 1)[node.column : node.end_column]
    text = node.source.line(node.line + 1)[node.column :]
    depth = 0
    for position, character in enumerate(text):
        depth += (character in "[{") - (character in "]}")
        if depth == 0 and character in "]}":
            return text[: position + 1]
    return "..."
