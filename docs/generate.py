"""Write the pages that are made from the code: the ops and the JSON formats.

    python docs/generate.py

A test fails when a written page is no longer what this makes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from costcalc.conventions.load import load, names
from costcalc.conventions.model import UNITS, Rule
from costcalc.ops import catalogue
from costcalc.report.catalogue import op_page
from costcalc.report.document import Column, Document, Table, Text
from costcalc.report.markdown import render
from costcalc.report.schemas import SHIPPED, schema

DOCS = Path(__file__).parent
MADE = "<!-- Made by docs/generate.py: change the code, then run it again. -->"


def ops() -> Iterator[str]:
    """The catalogue: every op with its arguments, formulas, weights, and what conventions count of it."""
    yield from (MADE, "", "# Ops", "")
    yield "Names and arguments are those of PyTorch's functions without the rank. `costcalc ops NAME` prints the same."
    conventions = [load(name) for name in names()]
    for op in catalogue().values():
        rules = [(one, one.rules.get(op.name, one.others)) for one in conventions]
        rows = [(one.name, UNITS[one.unit], _counted(rule)) for one, rule in rules if rule is not None]
        page: Document = op_page(op)[1:]
        if rows:
            columns = (Column("Convention"), Column("Unit"), Column("Counts"))
            page = (*page, Table("What conventions count", columns, rows))
        yield from ("", f"## {op.name}", "")
        yield from render(page)


def _counted(rule: Rule) -> str:
    """A rule in words: `1 mac + 2 bias_add`."""
    if rule.reason:
        return rule.reason
    return " + ".join(f"{weight} {quantity}" for quantity, weight in rule.weights) or "nothing, on purpose"


def json_formats() -> Iterator[str]:
    """The keys of every JSON format, with their types."""
    yield from (MADE, "", "# JSON", "")
    yield "Numbers are exact integers. Keys are only ever added. `costcalc schema NAME` prints the JSON Schema itself."
    for name in sorted(SHIPPED):
        found = schema(name)
        columns = (Column("Key"), Column("Type"), Column("Meaning"))
        yield from ("", f"## {name}", "")
        yield from render((Text(found.get("description", "")), Table("", columns, list(_keys(found, found, "")))))


def _keys(schema: dict[str, Any], whole: dict[str, Any], path: str) -> Iterator[tuple[str, str, str]]:
    """(path, type, description) of every key below a schema: `layers[].path`, `models.NAME.totals`."""
    kind = _resolved(schema, whole)
    for key, value in kind.get("properties", {}).items():
        yield from _key(value, whole, f"{path}.{key}" if path else key)
    for key in ("additionalProperties", "patternProperties"):
        inner = kind.get(key)
        for value in (
            inner.values() if key.startswith("pattern") and inner else [inner] if isinstance(inner, dict) else []
        ):
            yield from _key(value, whole, f"{path}.NAME" if path else "NAME")


def _key(schema: dict[str, Any], whole: dict[str, Any], path: str) -> Iterator[tuple[str, str, str]]:
    kind = _resolved(schema, whole)
    yield path, _type(kind, whole), kind.get("description", "")
    yield from _keys(kind, whole, path)
    if isinstance(kind.get("items"), dict):
        yield from _keys(kind["items"], whole, f"{path}[]")


def _resolved(schema: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """The schema that a `$ref` names, in the same file."""
    while "$ref" in schema and schema["$ref"].startswith("#/"):
        found: Any = whole
        for name in schema["$ref"][2:].split("/"):
            found = found[name]
        schema = found
    return schema


def _type(schema: dict[str, Any], whole: dict[str, Any]) -> str:
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " or ".join(json.dumps(value) for value in schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(_type(_resolved(one, whole), whole) for one in schema[key]))
    kind = schema.get("type", "any value")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


PAGES = {"reference/ops.md": ops, "reference/json.md": json_formats}
"""Page -> what makes its lines."""


def main() -> None:
    """Write every page."""
    for name, lines in PAGES.items():
        (DOCS / name).write_text("\n".join(lines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
