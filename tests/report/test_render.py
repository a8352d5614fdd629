"""One table of formats, one view a result: each format takes the part that it renders, and no other part is made."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from costcalc.cli.output import deliver
from costcalc.report.document import Column, Document, Table, Text
from costcalc.report.render import FORMATS, Renderer
from costcalc.report.view import View


def recorded(asked: list[str]) -> View:
    """A view that writes down which of its parts is made."""

    def part(name: str, value: Any) -> Callable[[], Any]:
        def make() -> Any:
            asked.append(name)
            return value

        return make

    table = Table("Things", (Column("Thing"), Column("Many", right=True)), [("one", 1), ("thousand", 1000)])
    document: Document = (Text("a heading"), table)
    return View(
        part("document", document),
        part("json", {"many": 1001}),
        part("rows", (table,)),
        notes=lambda name: [f"of {name}"],
    )


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_makes_one_part(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []
    deliver(recorded(asked), form)
    assert asked == [FORMATS[form].part]
    said = capsys.readouterr()
    assert said.out
    assert said.err == ("" if FORMATS[form].sentences else f"warning: of {FORMATS[form].part}\n")


def test_what_the_formats_make() -> None:
    """Typed in: thousands have separators for people, and none for programs."""
    texts = {form: "\n".join(renderer.lines(recorded([]))) for form, renderer in FORMATS.items()}
    assert list(csv.reader(io.StringIO(texts["csv"]))) == [["thing", "many"], ["one", "1"], ["thousand", "1000"]]
    assert json.loads(texts["json"]) == {"many": 1001}
    for form in ("table", "markdown"):
        assert "a heading" in texts[form]
        assert "1,000" in texts[form]


def test_a_format_is_one_line_of_the_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A function that makes lines, and an entry: `deliver` needs no more."""
    monkeypatch.setitem(FORMATS, "names", Renderer("rows", f"{__name__}:names", sentences=False))  # type: ignore[arg-type]
    deliver(recorded([]), "names")
    assert capsys.readouterr().out == "one\nthousand\n"


def names(document: Document) -> list[str]:
    """The first cells of the first table."""
    table = next(part for part in document if isinstance(part, Table))
    return [str(row[0]) for row in table.rows]


def test_rows_are_the_document_where_nothing_else_is_said() -> None:
    view = View(lambda: (Text("all"),), lambda: {})
    assert view.rows() == view.document() == (Text("all"),)
    assert list(view.notes("rows")) == []
