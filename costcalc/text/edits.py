"""Edits of a text by its nodes: what a hint asks for, so that following it can be tried.

Each function gives the edits, or nothing where the text is written in a way that a short edit cannot keep.
"""

from __future__ import annotations

import re
from collections.abc import Sequence as SequenceType

from costcalc.errors import Edit
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence

Pairs = SequenceType[tuple[str, str]]
Edits = tuple[Edit, ...]


def replace(node: Node, text: str) -> Edits:
    """Write `text` in place of a node."""
    line, column = end_of(node)
    return (Edit(node.source, (node.line + 1, node.column + 1), (line + 1, column + 1), text),)


def end_of(node: Node) -> tuple[int, int]:
    """The place where a node ends, counted from 0. What the parser says of a collection may lie lines below."""
    last: Node | None = None
    if isinstance(node, Mapping) and node.entries and not is_flow(node):
        key, last = list(node.entries.values())[-1]
        if isinstance(last, Scalar) and last.null and not last.value:
            return key.end_line, key.end_column + 1
    elif isinstance(node, Sequence) and node.items and not is_flow(node):
        last = node.items[-1]
    return (node.end_line, node.end_column) if last is None else end_of(last)


def is_flow(node: Node) -> bool:
    """True for a collection in brackets."""
    return node.source.line(node.line + 1)[node.column : node.column + 1] in ("[", "{")


def is_item(node: Node) -> bool:
    """True if a node stands behind a `- ` of its own line."""
    return re.fullmatch(r"\s*(-\s+)+", node.source.line(node.line + 1)[: node.column]) is not None


def text_of(node: Node) -> str | None:
    """A node as it may stand inside brackets: its own text on one line; None where it takes several."""
    line, column = end_of(node)
    if isinstance(node, (Mapping, Sequence)) and not is_flow(node):
        return None
    if line == node.line:
        text = node.source.line(node.line + 1)[node.column : column].strip()
        return text if isinstance(node, (Mapping, Sequence)) or not _needs_quotes(node, text) else None
    return None


def _needs_quotes(node: Node, text: str) -> bool:
    """True for a plain scalar that means something else inside brackets."""
    return isinstance(node, Scalar) and node.plain and re.search(r"[\[\]{},]|:\s", text) is not None


def call(target: str, arguments: Pairs) -> str:
    """A call on one line: `conv: {out: 8, kernel: 3}`, or the bare name.

    >>> call("conv", [("out", "8"), ("kernel", "3")]), call("relu", [])
    ('conv: {out: 8, kernel: 3}', 'relu')
    """
    return f"{target}: {{{', '.join(f'{name}: {value}' for name, value in arguments)}}}" if arguments else target


def layer(node: Node, target: str, arguments: Pairs, keys: Pairs = (), after: SequenceType[str] = ()) -> Edits:
    """Write a layer anew in the place of `node`: its call, its further keys, and layers that follow it."""
    block = is_item(node)
    written = call(target, arguments)
    if keys:
        written = written if arguments else f"{target}:"
        lines = [written, *(f"{name}: {value}" for name, value in keys)]
        inside = ", ".join([written if arguments else f"{target}: {{}}", *lines[1:]])
        written = f"\n{' ' * node.column}".join(lines) if block else f"{{{inside}}}"
    elif arguments and not block:
        written = f"{{{written}}}"
    if after:
        dash = node.source.line(node.line + 1)[: node.column].rindex("-") if block else 0
        more = [text if block or ":" not in text else f"{{{text}}}" for text in after]
        written += "".join(f"\n{' ' * dash}- {text}" for text in more) if block else f", {', '.join(more)}"
    return replace(node, written)


def without(node: Mapping, name: str) -> Edits:
    """Take an entry out of a mapping; of the last one `{}` is left."""
    entries = list(node.entries.items())
    place = next(place for place, (key, _) in enumerate(entries) if key == name)
    key, value = entries[place][1]
    source = node.source
    if len(entries) == 1:
        return replace(node, "{}")
    start, end = (key.line, key.column), _end_of_entry(key, value)
    if is_flow(node):
        if place + 1 < len(entries):
            following = entries[place + 1][1][0]
            end = (following.line, following.column)
        else:
            start = _end_of_entry(*entries[place - 1][1])
    elif place + 1 < len(entries):
        following = entries[place + 1][1][0]
        end = (following.line, following.column)
    else:
        start = _end_of_entry(*entries[place - 1][1])
    return (Edit(source, (start[0] + 1, start[1] + 1), (end[0] + 1, end[1] + 1), ""),)


def _end_of_entry(key: Scalar, value: Node) -> tuple[int, int]:
    if isinstance(value, Scalar) and value.null and not value.value:
        text = key.source.line(key.end_line + 1)[key.end_column :]
        colon = re.match(r"['\"]?\s*:", text)
        return key.end_line, key.end_column + (colon.end() if colon else 0)
    return end_of(value)


def applied(text: str, edits: SequenceType[Edit]) -> str:
    r"""A text with edits made, which must not overlap.

    >>> from costcalc.errors import Source
    >>> applied("- covn\n", [Edit(Source("", ""), (1, 3), (1, 7), "conv")])
    '- conv\n'
    """
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        (first, column), (last, end) = edit.start, edit.end
        text = text[: starts[first - 1] + column - 1] + edit.text + text[starts[last - 1] + end - 1 :]
    return text
