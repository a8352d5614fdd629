"""TOML as located nodes, so that `[tool.costcalc]` is read by the same code as `costcalc.yaml`.

`tomllib` tells no positions. The line of a key is found by looking for it, which is right wherever a key stands at the
beginning of a line or in a table on one line; elsewhere the nearest key around it is named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from typing import Any

from costcalc.errors import Location, Problem, Source, SpecError
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence

Path = tuple[str | int, ...]
Place = tuple[int, int, int]
"""Line and column from 0, and how wide."""

_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


def table(source: Source, *names: str) -> Mapping | None:
    """The table `[names[0].names[1]...]` of a TOML text, or None where it has none.

    Raises:
        SpecError: the text is not TOML.
    """
    import tomllib

    try:
        found: Any = tomllib.loads(source.text, parse_float=str)
    except tomllib.TOMLDecodeError as error:
        raise SpecError([_not_toml(source, str(error))]) from None
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        return None
    places = _places(source)
    node = located(source, found, places, names, places.get(names, (0, 0, 1)))
    assert isinstance(node, Mapping)
    return node


def located(
    source: Source, value: Any, places: MappingType[Path, Place], path: Path = (), around: Place = (-1, 0, 1)
) -> Node:
    """Plain data as nodes; what has no place of its own gets that of what is around it."""
    line, column, width = place = places.get(path) or _inside(source, path, around)
    if isinstance(value, dict):
        mapping = Mapping(source, line, column)
        mapping.end_column = column + width
        for key, inner in value.items():
            node = located(source, inner, places, (*path, key), place)
            name = Scalar(source, node.line, node.column, node.end_line, node.end_column, str(key), False)
            mapping.entries[str(key)] = (name, node)
        return mapping
    if isinstance(value, list | tuple):
        sequence = Sequence(source, line, column)
        sequence.end_column = column + width
        sequence.items = [located(source, inner, places, (*path, k), place) for k, inner in enumerate(value)]
        return sequence
    text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    return Scalar(source, line, column, line, column + width, text, not isinstance(value, str))


def _inside(source: Source, path: Path, around: Place) -> Place:
    """The key's place in a table written on one line."""
    line, column, _ = around
    if path and isinstance(path[-1], str) and line >= 0:
        pattern = re.compile(rf"""(?<![\w-])["']?{re.escape(path[-1])}["']?\s*=""")
        found = pattern.search(source.line(line + 1), column)
        if found is not None:
            return line, found.start(), len(found.group().rstrip("= "))
    return around


def _places(source: Source) -> dict[Path, Place]:
    """The places of the keys and headers at the beginning of lines."""
    places: dict[Path, Place] = {}
    counts: dict[Path, int] = {}
    current: Path = ()
    for number, text in enumerate(source.text.split("\n")):
        header = _HEADER.match(text)
        if header is not None:
            current = _resolved(_parts(header.group(2)), counts)
            if header.group(1) == "[[":
                index = counts[current] = counts.get(current, -1) + 1
                current = (*current, index)
            places.setdefault(current, (number, header.start(1), len(text.rstrip()) - header.start(1)))
            continue
        key = _KEY.match(text)
        if key is not None:
            path = (*current, *_parts(key.group(1)))
            places.setdefault(path, (number, key.start(1), key.end(1) - key.start(1)))
    return places


def _parts(text: str) -> Path:
    return tuple(part.strip("\"'") for part in _PART.findall(text))


def _resolved(path: Path, counts: MappingType[Path, int]) -> Path:
    """The path of a header with the index of every array of tables in it, the array itself left out."""
    found: Path = ()
    for position, part in enumerate(path):
        found = (*found, part)
        if position < len(path) - 1 and found in counts:
            found = (*found, counts[found])
    return found


def _not_toml(source: Source, said: str) -> Problem:
    place = re.search(r"\(at line (\d+), column (\d+)\)", said)
    last = len(source.text.rstrip("\n").split("\n"))
    line, column = (int(place.group(1)), int(place.group(2))) if place else (last, 1)
    words = re.sub(r"\s*\(at .*\)$", "", said)
    return Problem(f"this is not TOML: {words[:1].lower()}{words[1:]}", Location(source, line, column))
