"""Expressions that YAML cuts at a comma, as `{out: max(w, 8)}`: which pieces belong together."""

from __future__ import annotations

import re

from costcalc.errors import Fault, Hint, Problem
from costcalc.ops.op import Argument, Op
from costcalc.spec.reading import Reading
from costcalc.text.expressions import as_list
from costcalc.text.nodes import Mapping, Node, Scalar


def quoted(reading: Reading, node: Mapping, op: Op | None = None) -> dict[str, tuple[Scalar, Node]]:
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
        argument = op.argument(key.value) if op is not None else None
        _note_cut(reading, key, value, [piece for piece, _ in pairs[position:last]], argument)
        del entries[key.value]
        position = last
    return entries


def _takes_list(argument: Argument) -> bool:
    """True if an argument may be a list of numbers."""
    try:
        argument.kind.check((1, 1))
    except Fault:
        return False
    return True


def _is_rest(key: Scalar, value: Node) -> bool:
    """True if an entry is a bare number, as the `3` of `{kernel: 3, 3}`."""
    return key.value[:1].isdigit() and isinstance(value, Scalar) and value.null and not value.value


def _note_cut(reading: Reading, key: Scalar, value: Scalar, pieces: list[Scalar], argument: Argument | None) -> None:
    """A problem for a value that was cut into `value` and `pieces`."""
    end = pieces[-1]
    location = value.location()
    text = ", ".join(piece.value for piece in (value, *pieces))
    if end.end_line == value.line:
        location = location._replace(width=end.end_column - value.column)
        text = value.source.line(value.line + 1)[value.column : end.end_column]
    message = "an expression with ',' must be quoted inside '{ }'"
    hint = Hint(f'write {key.value}: "{text}"', f'"{text}"')
    listed = as_list(text)
    if listed is not None:
        message, hint = (
            "a list is written in brackets, not in parentheses",
            Hint(f"write {key.value}: {listed}", listed),
        )
    elif "(" not in text and all(re.fullmatch(r"\d{3}", piece.value) for piece in pieces):
        joined = text.replace(",", "").replace(" ", "")
        message, hint = (
            "a number is written without ','",
            Hint(f"write {key.value}: {joined}", joined),
        )
    elif "(" not in text:
        if argument is not None and not _takes_list(argument):
            reading.note(value, f"argument '{argument.name}' takes one value", f"{argument.kind.about}", location)
            return
        message, hint = "a list needs brackets", Hint(f"write {key.value}: [{text}]", f"[{text}]")
    reading.problems.append(Problem(message, location, hint))
