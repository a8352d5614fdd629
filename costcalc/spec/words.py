"""A word that names no op and no block: what is meant by it, and where the bundled block of that name is."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from costcalc.errors import Edit, Hint, Source
from costcalc.ops.absent import advice, op_called
from costcalc.spec import library
from costcalc.spec.branches import layer_named
from costcalc.spec.model import LAYER_KEYS
from costcalc.spec.place import Place
from costcalc.spec.reading import Reading
from costcalc.text import edits
from costcalc.text.nodes import Scalar
from costcalc.text.suggest import alike, question, same


def unknown_word(reading: Reading, key: Scalar, parameters: Collection[str], place: Place | None) -> str:
    """The advice for the key of a layer that names nothing."""
    name = key.value
    meant = reading.suggest.same(name, reading.signatures, parameters) or op_called(name, reading.ops)
    if meant is not None:
        return question(meant)
    block = library.block_called(name)
    if block is not None:
        return included(key, block)
    if place is not None and layer_named(place, name):
        return f"'{name}' is a layer: the layer that takes it says 'from: {name}'"
    if advice(name):
        return Hint(advice(name))
    meant = same(name, LAYER_KEYS) or reading.suggest.nearest(
        name, reading.ops, reading.signatures, parameters, LAYER_KEYS
    )
    if meant in LAYER_KEYS:
        return f"a layer that has '{meant}' needs an op or a block, too"
    if meant is not None:
        return question(meant)
    near = alike(name, library.blocks())
    if near is not None:
        return included(key, library.blocks()[near])
    return "'costcalc ops' lists the ops, 'costcalc blocks' the bundled blocks"


def included(key: Scalar, block: library.Bundled) -> str:
    """The hint to include the bundled file of a block."""
    words = f"write 'include: [{block.file}]' at the top: a bundled file with the block {block.brief}"
    renamed = () if key.value == block.name else edits.replace(key, block.name)
    if renamed:
        words = f"write '{block.name}', and {words.removeprefix('write ')}"
    return Hint(words, edits=(*_include(key.source, block.file), *renamed))


@lru_cache(maxsize=8)
def _place(source: Source) -> tuple[int, str]:
    """The line of `include` in a file and what it says, or the first line of a key."""
    first = 0
    for number, line in enumerate(source.text.split("\n"), 1):
        found = re.match(r"include:\s*(.*?)\s*(?:#.*)?$", line[:1_000])
        if found is not None:
            return number, found[1]
        if not first and re.match(r"[A-Za-z_]\w*\s*:", line):
            first = number
    return -first, ""


def _include(source: Source, name: str) -> tuple[Edit, ...]:
    """One more entry of `include` in a file, or the key anew before the first."""
    number, text = _place(source)
    if number <= 0:
        return (Edit(source, (-number, 1), (-number, 1), f"include: [{name}]\n"),) if number else ()
    start = source.line(number).index(text, len("include:")) + 1 if text else 0
    if text.startswith("[") and text.endswith("]"):
        end = start + len(text) - 1
        inserted = f"{', ' if text[1:-1].strip() else ''}{name}"
        return (Edit(source, (number, end), (number, end), inserted),)
    if text and text[0] not in "[&*!|>":
        return (Edit(source, (number, start), (number, start + len(text)), f"[{text}, {name}]"),)
    item = re.match(r"(\s*)- ", source.line(number + 1)) if not text else None
    return () if item is None else (Edit(source, (number + 1, 1), (number + 1, 1), f"{item[1]}- {name}\n"),)
