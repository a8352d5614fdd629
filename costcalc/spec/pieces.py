"""Expressions that YAML cuts at a comma, as `{out: max(w, 8)}`: which pieces belong together."""

from __future__ import annotations

import re

from costcalc.errors import Problem
from costcalc.spec.reading import Reading
from costcalc.text.nodes import Mapping, Node, Scalar


def quoted(reading: Reading, node: Mapping) -> dict[str, tuple[Scalar, Node]]:
    """The entries, with a value that YAML cut at a comma (`{out: round_to(w, 8)}`) told apart and reported."""
    entries: dict[str, tuple[Scalar, Node]] = {}
    pairs = list(node.entries.values())
    position = 0
    while position < len(pairs):
        key, value = pairs[position]
        position += 1
        entries[key.value] = (key, value)
        if not isinstance(value, Scalar) or not value.plain or not value.value:
            continue
        last = position
        opened = value.value.count("(") - value.value.count(")")
        if opened > 0:
            while last < len(pairs) and opened > 0:
                opened += pairs[last][0].value.count("(") - pairs[last][0].value.count(")")
                last += 1
            if opened > 0:
                continue
        elif position < len(pairs) and _is_rest(*pairs[position]) and value.value[-1].isdigit():
            while last < len(pairs) and _is_rest(*pairs[last]):
                last += 1
        if last == position:
            continue
        _note_cut(reading, key, value, [piece for piece, _ in pairs[position:last]])
        del entries[key.value]
        position = last
    return entries


def _is_rest(key: Scalar, value: Node) -> bool:
    """True if an entry is a bare number, as the `3` of `{kernel: 3, 3}`."""
    return key.value[:1].isdigit() and isinstance(value, Scalar) and value.null and not value.value


def _note_cut(reading: Reading, key: Scalar, value: Scalar, pieces: list[Scalar]) -> None:
    """A problem for a value that was cut into `value` and `pieces`."""
    end = pieces[-1]
    location = value.location()
    text = ", ".join(piece.value for piece in (value, *pieces))
    if end.end_line == value.line:
        location = location._replace(width=end.end_column - value.column)
        text = value.source.line(value.line + 1)[value.column : end.end_column]
    message, hint = "an expression with ',' must be quoted inside '{ }'", f'write {key.value}: "{text}"'
    if tuple_ := re.fullmatch(r"\(([^()]*)\)", text):
        message, hint = "a list has brackets", f"write {key.value}: [{tuple_.group(1)}]"
    elif "(" not in text and all(re.fullmatch(r"\d{3}", piece.value) for piece in pieces):
        message, hint = (
            "a number is written without ','",
            f"write {key.value}: {text.replace(',', '').replace(' ', '')}",
        )
    elif "(" not in text:
        message, hint = "a list needs brackets", f"one value, or {key.value}: [{text}]"
    reading.problems.append(Problem(message, location, hint))
