"""The terminal renderer: it folds paths, never numbers, and colour is only colour."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcalc.report import plain, terminal
from costcalc.report.document import Column, Document, Table, Text

COLOUR = re.compile(r"\x1b\[[0-9;]*m")

AT_60 = """\
basic: two 3x3 convolutions

layers
layer         op           output shape  params         MACs   share
--------------------------------------------------------------------
add.body.     conv 3x3 64  (64, 56, 56)  36,864  115,605,504   50.0%
conv
add.body.     relu         (64, 56, 56)       0            0    0.0%
relu
add.body.     conv 3x3 64  (64, 56, 56)  36,864  115,605,504   50.0%
conv_2
--------------------------------------------------------------------
total                                    73,728  231,211,008  100.0%

name        peak
----------------
basic  1,605,632

first note
second note
"""


def rendered(document: Document, columns: int, *, colour: bool = False) -> list[str]:
    """The lines of the document on a screen of so many columns."""
    return list(terminal.render(document, columns=columns, colour=colour))


def integers(document: Document) -> Iterator[str]:
    """Every exact integer of the document's tables, as it must be seen."""
    for part in document:
        if isinstance(part, Table):
            for row in (*part.rows, part.total or ()):
                yield from (f"{cell:,}" for cell in row if isinstance(cell, int))


def test_only_the_columns_that_fold_give_way(document: Document) -> None:
    """At 60 columns the layers fold to their least, 12, and the rest needs 8 more than there are."""
    assert "".join(f"{line}\n" for line in rendered(document, 60)) == AT_60


def test_a_folded_table_uses_the_whole_screen() -> None:
    columns = (Column("path", folds=True), Column("MACs", right=True))
    table = Table("", columns, [("stage1[0].body.conv_norm.conv", 123456)])
    rules = [len(rendered((table,), room)[1]) for room in range(21, 41)]
    assert rules == [*range(21, 39), 38, 38]


def test_with_room_it_is_the_plain_table(document: Document) -> None:
    assert rendered(document, 120) == list(plain.render(document))


def test_colour_is_all_that_colour_adds(document: Document) -> None:
    coloured = rendered(document, 60, colour=True)
    assert [COLOUR.sub("", line) for line in coloured] == rendered(document, 60)
    assert coloured != rendered(document, 60)


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("columns", range(20, 121))
def test_no_number_is_cut_at_any_width(document: Document, columns: int, colour: bool) -> None:
    seen = " ".join(rendered(document, columns, colour=colour))
    numbers = re.findall(r"(?<![\d,.])\d[\d,]*(?![\d,.])", COLOUR.sub("", seen))
    missing = [number for number in integers(document) if number not in numbers]
    assert not missing
    assert "\u2026" not in seen


@given(
    st.lists(st.tuples(st.text("ab.[]_ /", max_size=40), st.integers(0, 10**20), st.integers(0, 10**20)), max_size=5),
    st.integers(1, 120),
)
def test_every_number_stands_whole_on_its_line(rows: list[tuple[str, int, int]], columns: int) -> None:
    """Also a number in a column that folds, and one in the middle of a text."""
    heads = (Column("path", folds=True), Column("MACs", right=True, folds=True), Column("note", folds=True))
    cells = [(path, macs, f"{path}={params:,}+{path}") for path, macs, params in rows]
    header, rule, *lines = rendered((Table("", heads, cells),), columns)
    seen = "\n".join(lines)
    assert all(len(line) <= len(rule) for line in (header, *lines))
    for _, macs, params in rows:
        assert re.search(rf"(?<![\d,]){macs:,}(?![\d,])", seen)
        assert re.search(rf"(?<![\d,]){params:,}(?![\d,])", seen)


visible = st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" ")


@given(st.text(visible, max_size=60), st.integers(1, 30))
def test_folding_loses_nothing_but_blanks(text: str, size: int) -> None:
    pieces = terminal.fold(text, size)
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")


@given(st.text("ab.[]_ /", max_size=80), st.integers(1, 30))
def test_folded_pieces_fit(text: str, size: int) -> None:
    assert all(len(piece) <= size for piece in terminal.fold(text, size))


@pytest.mark.parametrize(
    ("text", "size", "pieces"),
    [
        ("stage1[0].body.conv", 19, ["stage1[0].body.conv"]),
        ("stage1[0].body.conv", 18, ["stage1[0].body.", "conv"]),
        ("stage1[0].body.conv", 12, ["stage1[0].", "body.conv"]),
        ("conv_transpose", 6, ["conv_t", "ranspo", "se"]),
        ("dropout 0.25", 10, ["dropout", "0.25"]),
        ("kernel=4,089,184,256", 8, ["kernel=", "4,089,184,256"]),
        ("\u5c64\u5c64\u5c64", 4, ["\u5c64\u5c64", "\u5c64"]),
    ],
)
def test_a_fold_comes_after_a_dot_or_a_blank(text: str, size: int, pieces: list[str]) -> None:
    assert terminal.fold(text, size) == pieces


def test_a_sentence_folds_between_its_words() -> None:
    line = Text("basic.yaml: 1.00x the params of specs/basic.yaml")
    assert rendered((line,), 24) == ["basic.yaml: 1.00x the", "params of", "specs/basic.yaml"]


def test_what_a_name_holds_is_shown_and_not_obeyed(hostile: Document) -> None:
    """Neither escape sequences nor rich's own markup: the only escapes are those of our colours."""
    seen = "\n".join(rendered(hostile, 80, colour=True))
    assert "\x1b" not in COLOUR.sub("", seen)
    assert "\x1b[31m" not in seen
    for name in (r"\x1b[31mred\x1b[0m", r"two\x0alines\x0d\x0a", "[bold]rich[/bold]", r"\u202egnp"):
        assert name in seen


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),  # no-color.org: when present and not an empty string
        ({"TERM": "dumb"}, False),
    ],
)
def test_colour_is_asked_of_the_environment(environment: dict[str, str], wanted: bool) -> None:
    assert terminal.wants_colour(environment) is wanted
