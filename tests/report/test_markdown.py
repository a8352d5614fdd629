"""The Markdown renderer: GitHub's tables, and names that stay names. markdown-it says what a reader would see."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from costcalc.report import markdown
from costcalc.report.document import Column, Document, Table, Text

EXPECTED = """\
basic: two 3x3 convolutions

### layers

| layer | op | output shape | params | MACs | share |
| --- | --- | --- | ---: | ---: | ---: |
| add.body.conv | conv 3x3 64 | (64, 56, 56) | 36,864 | 115,605,504 | 50.0% |
| add.body.relu | relu | (64, 56, 56) | 0 | 0 | 0.0% |
| add.body.conv_2 | conv 3x3 64 | (64, 56, 56) | 36,864 | 115,605,504 | 50.0% |
| **total** |  |  | **73,728** | **231,211,008** | **100.0%** |

| name | peak |
| --- | ---: |
| basic | 1,605,632 |

first note

second note
"""

MARKUP = r"""
# a
a #
- a
+ a
* a
-
1. a
2) a
---
***
___
===
:-:
> a
    a
```
~~~ a
*a*
**a**
_a_
__a__
~~a~~
`a`
a_b_c
$a$
a\
\*a*
&lt;b&gt;
&#35; a
<b>a</b>
<!-- a -->
<http://a.b>
[a](b)
![a](b)
[0](b)
![0](b)
[0][0]
[0]: /b
[a]: /b
[^1]: a
a | b
|---|
""".strip("\n").split("\n")

# What Markdown is made of, with a few letters and digits between.
lines = st.text(" \\`*_{}[]()<>#+-.!|~&$=:;@\"'^/ab1\n\t", max_size=30)


def read(document: Document) -> list[Token]:
    """What a reader of Markdown makes of the document."""
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse("\n".join(markdown.render(document)))


def said(text: str) -> str:
    """A text as it must be seen: control characters shown, no blanks at the ends."""
    return text.replace("\n", r"\x0a").replace("\t", r"\x09").strip()


def seen(token: Token) -> str:
    """The text of an inline token, which must hold nothing but text, some of it as code."""
    assert {child.type for child in token.children or ()} <= {"text", "code_inline"}
    return "".join(child.content for child in token.children or ())


def test_a_table_is_githubs(document: Document) -> None:
    assert "".join(f"{line}\n" for line in markdown.render(document)) == EXPECTED


def test_what_a_name_holds_is_shown_and_not_obeyed(hostile: Document) -> None:
    assert list(markdown.render(hostile)) == [
        r"\# \\x07bell",
        "",
        r"### t\\x1b]0;title\\x07",
        "",
        "| name | n |",
        "| --- | ---: |",
        r"| \\x1b\[31mred\\x1b\[0m | 1 |",
        r"| two\\x0alines\\x0d\\x0a | 2 |",
        r"| a \| 9 \| | 3 |",
        r"| \<script\>\`\*\*\[x](y)\*\*\` | 4 |",
        r"| \[bold]rich\[/bold] | 5 |",
        r"| \\u202egnp | 6 |",
    ]


@pytest.mark.parametrize("line", MARKUP)
def test_known_markup_is_shown_as_written(line: str) -> None:
    tokens = read((Text("before"), Text(line), Text("after [0] [a]")))
    assert [seen(token) for token in tokens if token.type == "inline"] == ["before", line.strip(), "after [0] [a]"]
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"] * 3


@given(lines)
def test_a_line_of_text_is_a_paragraph_of_that_text(line: str) -> None:
    if said(line):
        tokens = read((Text(line),))
        assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
        assert seen(tokens[1]) == said(line)


@given(st.lists(st.tuples(lines, lines), min_size=1, max_size=4), lines)
def test_a_table_has_the_cells_it_was_given(rows: list[tuple[str, str]], title: str) -> None:
    tokens = read((Table(title, (Column("a"), Column("b")), rows), Text("end")))
    cells = [seen(tokens[at + 1]) for at, token in enumerate(tokens) if token.type == "td_open"]
    assert cells == [said(cell) for row in rows for cell in row]
    headings = [seen(tokens[at + 1]) for at, token in enumerate(tokens) if token.type == "heading_open"]
    assert headings == ([said(title)] if title else [])
    assert tokens[-2].content == "end"


FORGED = [
    "@everyone",
    "ask @owner/team, or (@somebody)",
    "fixes #123, owner/name#4 and gh-5",
    "someone@example.org",
    "owner/name@0123abc",
    "www.example.org",
    "WWW.example.org",
    "https://example.org/x",
    "ftp://example.org",
    "mailto:someone and xmpp:someone",
    "[here](https://example.org)",
    "[click here](https://example.org)",
    "![](https://example.org/pixel.png)",
    "[x]: https://example.org",
    "<https://example.org>",
    "<img src=https://example.org>",
    "at 0123abcdef0123abcdef0123abcdef0123abcdef",
    "since deadbeef",
    ":tada: a:100:5",
    "`@everyone` ``@everyone``",
    "`a|@everyone|b`",
    "@a\\|@b",
    "##[error]@everyone",
    "<!-- costcalc:check --> @everyone",
    "a\n\n@everyone",
]


@pytest.mark.parametrize("text", FORGED)
def test_nobody_is_mentioned_and_nothing_is_linked(text: str) -> None:
    """GitHub looks for names, issues, commits and addresses in all text but code, escaped or not, so these are code."""
    document = (Text(text), Table("", (Column("a"), Column("b")), [(text, "end")]))
    read = MarkdownIt("gfm-like", {"linkify": False}).parse("\n".join(markdown.render(document)))
    inline = [token for token in read if token.type == "inline"]
    assert [seen(token) for token in inline] == [said(text), "a", "b", said(text), "end"]
    plain = "|".join(child.content for token in inline for child in token.children or () if child.type == "text")
    found = r"@\w|#\d|(?i:gh-\d|://|www\.|mailto:|xmpp:)|:\w+:|\b[0-9a-f]*[a-f][0-9a-f]*[0-9][0-9a-f]{5}|deadbeef"
    assert not re.search(found, plain), plain


def test_what_is_meant_as_code_is_code() -> None:
    """Names of specs and blocks, with whatever in them."""
    for text in (*FORGED, *MARKUP, "a\\|b", "|", "||a"):
        line = f"x {markdown.code(text)} y"
        table = f"| a |\n|---|\n| {line} |"
        for tokens in (MarkdownIt("commonmark").parse(line), MarkdownIt("commonmark").enable("table").parse(table)):
            assert said(seen([token for token in tokens if token.type == "inline"][-1])) == said(f"x {said(text)} y"), (
                text
            )
