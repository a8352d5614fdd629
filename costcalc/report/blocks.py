"""The bundled blocks as text: the list, and a page for one block."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from costcalc.report.document import Column, Document, Table, Text
from costcalc.spec.library import Bundled

_FIRST = re.compile(r".*?(?:(?<=[a-z)])\.(?= [A-Z])|$)", re.DOTALL)
"""The first sentence of a text."""


def listing(blocks: Sequence[Bundled]) -> Document:
    """Every block in a line: its file, its signature, what it is."""
    rows = [(block.file, block.signature, _sentence(block.about)) for block in blocks]
    columns = (Column("Include"), Column("Block", folds=True), Column("What it is", folds=True))
    note = "'include: [FILE]' in a spec takes in the blocks of a file; 'costcalc blocks NAME' shows one in YAML."
    return (Table("", columns, rows), Text(note))


def _sentence(text: str) -> str:
    found = _FIRST.match(text)
    return found[0] if found else text


def block_page(block: Bundled) -> Document:
    """One block: how a spec takes it in, its parameters and inputs, and what it is made of."""
    parts: list[Table | Text] = [Text(block.name), Text(block.about)]
    if block.source:
        parts.append(Text(f"Source: {block.source}"))
    parts.append(Text(f"A spec takes it in with include: [{block.file}]"))
    if len(block.inputs) > 1:
        parts.append(Text(f"Inputs: {', '.join(block.inputs)}"))
    if block.parameters:
        columns = (Column("Parameter"), Column("Default", folds=True))
        rows = [(name, "required" if default is None else default) for name, default in block.parameters]
        parts.append(Table("Parameters", columns, rows))
    return (*parts, Text(""), *(Text(line, code=True) for line in block.text))


def to_json(blocks: Sequence[Bundled]) -> dict[str, Any]:
    """`costcalc.blocks/1`."""
    return {
        "format": "costcalc.blocks/1",
        "blocks": [
            {
                "name": block.name,
                "include": block.file,
                "about": block.about,
                "source": block.source,
                "signature": block.signature,
                "inputs": list(block.inputs),
                "parameters": [{"name": name, "default": default} for name, default in block.parameters],
                "text": "\n".join(block.text),
            }
            for block in blocks
        ],
    }
