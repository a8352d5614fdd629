"""A YAML parser's complaint in words for somebody who writes specs, judged by the text at the place it names.

Each rule looks at one mistake people make and answers with the text to write; the first that fits speaks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from costcalc.errors import Edit, Hint, Location, Problem, Source

_STARTERS = {
    "*": "YAML reads '*' as an alias: write w * 2, or quote it if it is text",
    "&": "YAML reads '&' as an anchor: write 'and', or quote it if it is text",
    "%": "what is divided comes first: write w % 2, or quote it if it is text",
    "|": "write 'or', or quote it if it is text",
    ">": "what is compared comes first: write w > 2, or quote it if it is text",
    "!": "write 'not', or quote it if it is text",
    "@": "names stand without '@'; quote it if it is text",
    "`": "names stand without '`'; quote it if it is text",
}
LONGEST_KEY = 1_024  # YAML's own limit
_ITEM = re.compile(r"-\s++(?=\S)")
_TEXTS = ("name", "about", "source", "note")  # keys that hold prose, in which a ':' is likely


class _Scene:
    """A parser's complaint: its words, the line it is about, and where the unfinished value began (`opened`)."""

    __slots__ = ("column", "line", "opened", "source", "text", "words")

    def __init__(self, source: Source, error: Any) -> None:
        mark = error.problem_mark or error.context_mark
        last = max(0, source.text.rstrip("\n").count("\n"))
        self.source = source
        self.line = min(mark.line, last) if mark else 0
        self.text = source.line(self.line + 1)
        self.column = len(self.text) if mark and mark.line > last else min(mark.column if mark else 0, len(self.text))
        context = error.context_mark
        self.opened = (context.line, context.column) if context else (self.line, self.column)
        self.words = f"{error.context or ''}: {error.problem or ''}"

    def at(self, column: int, width: int = 1, line: int | None = None) -> Location:
        """A place on the line complained about, or on another."""
        return Location(self.source, (self.line if line is None else line) + 1, column + 1, max(1, width))

    def rest(self, column: int, text: str) -> tuple[Edit, ...]:
        """The edit that writes the line anew from a column on."""
        line = self.line + 1
        return (Edit(self.source, (line, column + 1), (line, len(self.text.rstrip()) + 1), text),)

    def before(self) -> int:
        """The last line above that is not blank and no comment, or -1."""
        line = self.line - 1
        while line >= 0 and not self.source.line(line + 1).partition("#")[0].strip():
            line -= 1
        return line

    @property
    def indent(self) -> int:
        """The indentation of the line."""
        return len(self.text) - len(self.text.lstrip())


def explain(source: Source, error: Any) -> Problem:
    """The problem behind a `MarkedYAMLError`."""
    scene = _Scene(source, error)
    for rule in _RULES:
        problem = rule(scene)
        if problem is not None:
            return problem
    found = scene.text[scene.column : scene.column + 1]
    if not found.strip():
        return Problem("something is missing here", scene.at(scene.column), "a value, a key or a closing bracket")
    return Problem(f"unexpected '{found}'", scene.at(scene.column), "quote it if it is text")


def _tab(scene: _Scene) -> Problem | None:
    place = scene.text[: max(scene.indent, scene.column + 1)].find("\t")
    if place < 0 or scene.text[:place].strip(" -"):
        return None
    return Problem("a tab in the indentation", scene.at(place), "use spaces")


def _quote(scene: _Scene) -> Problem | None:
    """A quote that is never closed, or closed too early by an apostrophe."""
    line, column = scene.opened
    opener = scene.source.line(line + 1)[column : column + 1]
    if "quoted" in scene.words and opener in ("'", '"') and opener and ("stream" in scene.words or "---" in scene.text):
        return Problem(f"the quote {opener} is never closed", scene.at(column, line=line), "close it on this line")
    if scene.column and scene.text.count('"', 0, scene.column) == 1 and scene.text[scene.column - 1] == '"':
        for above in range(scene.line - 1, -1, -1):  # the quote closes one of a line above
            if scene.source.line(above + 1).count('"') % 2:
                place = scene.at(scene.source.line(above + 1).rindex('"'), line=above)
                return Problem('the quote " is never closed', place, "close it on this line")
    closing, following = scene.text[scene.column - 1 : scene.column], scene.text[scene.column : scene.column + 1]
    if scene.column and closing in ("'", '"') and (following.isalnum() or following in ("'", '"')) and following:
        hint = "double it, '', or quote the text with \"" if closing == "'" else 'write \\" inside double quotes'
        return Problem(f"the quote {closing} ends the text here", scene.at(scene.column - 1), hint)
    return None


def _escape(scene: _Scene) -> Problem | None:
    if "escape" not in scene.words and "hex" not in scene.words:
        return None
    start = scene.text.rfind("\\", 0, scene.column + 1)
    if start < 0:
        return None
    if "unknown" in scene.words:
        message, width = f"'{scene.text[start : start + 2]}' is no escape", 2
    else:
        written = re.match(r"\\.[0-9A-Fa-f]*", scene.text[start:])
        width = len(written.group()) if written else 2
        message = f"'{scene.text[start : start + width]}' is no character"
    hint = Hint("write \\\\ for a backslash, or use single quotes", "\\" + scene.text[start : start + width])
    return Problem(message, scene.at(start, width), hint)


def _index(scene: _Scene) -> Problem | None:
    """`{width: widths[i]}`: YAML takes the bracket for a list."""
    opening = _enclosing(scene.text, scene.column)
    if opening < 0 and "flow" not in scene.words:
        return None
    line, column = scene.opened
    opener = scene.text[opening] if opening >= 0 else scene.source.line(line + 1)[column : column + 1]
    if opener not in ("{", "[") or not opener:
        return None
    start, end = _entry(scene.text, opening + 1, scene.column)
    key, colon, value = scene.text[start:end].partition(":") if opener == "{" else ("", "", scene.text[start:end])
    value_start = start + len(key) + len(colon) + len(value) - len(value.lstrip())
    value = value.strip()
    if "[" not in value or '"' in value or "'" in value or re.fullmatch(r"\[[^\[\]]*\]?", value):
        return None
    if not re.search(r"[\w\])]\[", value) and not re.search(r"\][ ]*[-+*/%\w]", value):
        return None
    if re.fullmatch(r"\[[^\[\]]*\]\s*[-+*/%].*", value):
        place = scene.at(value_start, len(value))
        return Problem("a list is not calculated with", place, "calculate its items, as in [2 * w, 2 * w]")
    pair = "{ }" if opener == "{" else "[ ]"
    message = f"an expression with '[' must be quoted inside '{pair}'"
    written = f'{key.strip()}: "{value}"' if colon else f'"{value}"'
    return Problem(message, scene.at(value_start, len(value)), Hint(f"write {written}", f'"{value}"'))


def _enclosing(text: str, column: int) -> int:
    """The innermost bracket that is open before `column`, or -1."""
    opened: list[int] = []
    for position, character in enumerate(text[:column]):
        if character in "[{":
            opened.append(position)
        elif character in "]}" and opened:
            opened.pop()
    return opened[-1] if opened else -1


def _entry(text: str, start: int, column: int) -> tuple[int, int]:
    """The first and last column of the flow collection's entry that holds `column`."""
    depth, begin = 0, start
    for position in range(start, len(text)):
        character = text[position]
        if character in "([{":
            depth += 1
        elif character in ")]}" and depth:
            depth -= 1
        elif depth == 0 and character in ",}]":
            if position >= column:
                return begin, position
            begin = position + 1
    return begin, len(text)


def _colon_after_op(scene: _Scene) -> Problem | None:
    """`- linear {out: 10}`."""
    found = re.match(r"\s*+(?:-\s++)?+(\w++)\s*+(\{.*)", scene.text)
    if found is None or scene.column <= found.start(2):
        return None
    place = scene.at(found.start(1), len(found.group(1)))
    hint = Hint(f"write {found.group(1)}: {found.group(2)}", f"{found.group(1)}:")
    return Problem(f"':' is missing after '{found.group(1)}'", place, hint)


def _bracket(scene: _Scene) -> Problem | None:
    """A bracket that is not closed, closed by another kind, or was never open."""
    found = scene.text[scene.column : scene.column + 1]
    line, column = scene.opened
    opener = scene.source.line(line + 1)[column : column + 1]
    if opener not in ("[", "{") or not opener or "flow" not in scene.words:
        if found in ("]", "}") and found:
            return Problem(f"'{found}' closes nothing", scene.at(scene.column), Hint("remove it", ""))
        return None
    closing = "]" if opener == "[" else "}"
    if found in ("]", "}") and found != closing:
        where = f"opened at line {line + 1}, column {column + 1}"
        return Problem(
            f"'{found}' cannot close '{opener}'", scene.at(scene.column), f"{where}: close it with '{closing}'"
        )
    if line == scene.line and scene.text[scene.column :].rstrip().endswith(closing):
        word = re.search(r"(?<!\w)\w++\s*+$", scene.text[: scene.column]) if found == ":" else None
        return Problem("a ',' is missing", scene.at(word.start() if word else scene.column), "put one before this")
    return Problem(f"'{opener}' is not closed", scene.at(column, line=line), f"'{closing}' is missing")


def _comma(scene: _Scene) -> Problem | None:
    if scene.text[scene.column : scene.column + 1] != "," or scene.text[: scene.column].rstrip()[-1:] not in (*",[{",):
        return None
    return Problem("nothing stands before the ','", scene.at(scene.column), Hint("remove it", ""))


def _after_bracket(scene: _Scene) -> Problem | None:
    """`- conv: {out: 8}, name: stem`."""
    before, rest = scene.text[: scene.column].rstrip(), scene.text[scene.column :].strip()
    if not rest or rest[0] in "]}" or before[-1:] not in ("]", "}") or "flow" in scene.words:
        return None
    place = scene.at(scene.column, len(rest))
    return Problem(f"something follows the closing '{before[-1]}'", place, "put it on a line of its own")


def _list_beside_key(scene: _Scene) -> Problem | None:
    """`layers: - relu`."""
    if "sequence entries are not allowed" not in scene.words:
        return None
    place = scene.at(scene.column, len(scene.text.rstrip()) - scene.column)
    return Problem("a list item on the line of its key", place, "put it on the next line, indented")


def _starter(scene: _Scene) -> Problem | None:
    """A value that begins with a character that YAML keeps for itself; the parser may stand behind it."""
    if scene.text.startswith("%"):
        return Problem("YAML directives are not used in specs", scene.at(0, len(scene.text)), "remove the line")
    columns = [scene.column, scene.column - 1]
    if "alias" in scene.words or "anchor" in scene.words:
        columns = [scene.opened[1] if scene.opened[0] == scene.line else 0, *columns]
    elif "line break" in scene.words:
        columns.extend(range(scene.column - 2, -1, -1))
    for column in columns:
        found = scene.text[column : column + 1] if column >= 0 else ""
        lead = scene.text[:column].rstrip()
        if found and found in _STARTERS and (lead == "" or lead[-1] in ":-,[{?"):
            return Problem(f"a value cannot start with '{found}'", scene.at(column), _STARTERS[found])
    return None


def _no_key(scene: _Scene) -> Problem | None:
    if scene.text[scene.column :].startswith(": ") and not scene.text[: scene.column].strip():
        return Problem("a key is missing before ':'", scene.at(scene.column), "write key: value")
    return None


def _key_under_value(scene: _Scene) -> Problem | None:
    """A key indented under something that has a value already, or under a bare op."""
    key = re.match(r"(\s*)([\w.-]+)\s*:", scene.text)
    if key is None or "mapping values" not in scene.words or scene.column > key.end():
        return None
    above = scene.before()
    if above < 0:
        return None
    place = scene.at(key.start(2), len(key.group(2)))
    for line in range(above, -1, -1):
        text = scene.source.line(line + 1).partition(" #")[0].rstrip()
        indent = len(text) - len(text.lstrip())
        if text and indent <= scene.indent:
            break
    if indent == scene.indent and (word := re.match(r"[\w.-]++(?!.*:)", text.strip())):
        rest = text.strip()[word.end() :].strip()
        written = f"{word.group()}: {rest}".rstrip()
        return Problem(
            "a key without ':'", scene.at(indent, len(text) - indent, line), Hint(f"write {written}", written)
        )
    text = scene.source.line(above + 1).partition(" #")[0].strip()
    if re.fullmatch(r"-\s+\w+", text):
        end = len(scene.source.line(above + 1).partition(" #")[0].rstrip()) + 1
        edit = Edit(scene.source, (above + 1, end), (above + 1, end), ":")
        colon = Hint(f"write '{text}:' with a colon on line {above + 1}", edits=(edit,))
        return Problem(f"a bare '{text[1:].strip()}' cannot have keys under it", place, colon)
    hint = f"align it with line {above + 1}" if ":" in text else f"end line {above + 1} with ':'"
    return Problem(f"the key '{key.group(2)}' stands under a value", place, hint)


def _second_colon(scene: _Scene) -> Problem | None:
    """`- conv: out: 8, kernel: 3` or a ':' in prose."""
    if "mapping values" not in scene.words:
        return None
    if scene.column > LONGEST_KEY and ":" not in scene.text[: scene.column]:
        return Problem(f"a key is longer than {LONGEST_KEY:,} characters", scene.at(scene.indent, 20))
    found = re.match(r"\s*+(?:-\s++)?+(\w++):\s++(.*\S)", scene.text)
    hint: str = "quote the text"
    if found is not None and re.match(r"\w+:", found.group(2)) and found.group(1) not in _TEXTS:
        hint = Hint(
            f"write {found.group(1)}: {{{found.group(2)}}}", edits=scene.rest(found.start(2), f"{{{found.group(2)}}}")
        )
    elif found is not None:
        quote = "'" if '"' in found.group(2) else '"'
        text = f"{quote}{found.group(2)}{quote}"
        hint = Hint(f"quote the text: {text}", edits=scene.rest(found.start(2), text))
    return Problem("a second ':' in one value", scene.at(scene.column), hint)


def _key_without_colon(scene: _Scene) -> Problem | None:
    if "find expected ':'" not in scene.words:
        return None
    line, column = scene.opened
    text = scene.source.line(line + 1).rstrip()
    word = re.match(r"[\w.-]+", text[column:])
    hint: str = "write key: value"
    if word is not None:
        written = f"{word.group()}: {text[column + word.end() :].strip()}".rstrip()
        hint = Hint(f"write {written}", written)
    return Problem("a key without ':'", scene.at(column, len(text) - column, line), hint)


def _ended(scene: _Scene) -> Problem | None:
    if "document start" not in scene.words:
        return None
    place = scene.at(scene.column, len(scene.text.rstrip()) - scene.column)
    return Problem("something follows the end of the document", place, "a file is one mapping: lines of key: value")


def _indentation(scene: _Scene) -> Problem | None:
    """A line that begins where no line above does."""
    if scene.column > scene.indent or not scene.text.strip():
        return None
    above = scene.before()
    previous = scene.source.line(above + 1)
    glued = re.match(r"\s*-(?=[A-Za-z_])", previous if above >= 0 else "")
    if glued is not None:
        return Problem("a space is missing after '-'", scene.at(glued.end() - 1, line=above), Hint("write '- '", "- "))
    columns = _columns(scene)
    if scene.indent in columns:
        is_item = scene.text.lstrip().startswith("-")
        kind = "a key" if is_item else "'- '"
        line = columns[scene.indent]
        message = (
            f"a list item where line {line + 1} has a key"
            if is_item
            else f"a key where line {line + 1} has a list item"
        )
        return Problem(message, scene.at(scene.indent, len(scene.text.strip())), f"{kind} is expected at this column")
    width = len(scene.text.strip())
    if not columns:
        return Problem("the indentation fits nothing above", scene.at(scene.indent, width), "begin at the first column")
    best = min(columns, key=lambda column: (abs(column - scene.indent), -column))
    spaces = f"{best} space{'s' * (best != 1)}"
    hint = (
        f"indent it by {spaces}, as line {columns[best] + 1}"
        if best
        else f"as line {columns[best] + 1}: no indentation"
    )
    return Problem("the indentation fits nothing above", scene.at(scene.indent, width), hint)


def _columns(scene: _Scene) -> dict[int, int]:
    """The columns at which open lines above begin, each with its line; the innermost first."""
    columns: dict[int, int] = {}
    limit: int | None = None
    for line in range(scene.line - 1, -1, -1):
        text = scene.source.line(line + 1)
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        marks = [len(text) - len(text.lstrip())]
        while (item := _ITEM.match(text, marks[-1])) is not None:
            marks.append(item.end())
        for mark in reversed(marks):
            if limit is None or mark < limit:
                columns[mark] = line
                limit = mark
        if marks[0] == 0:
            break
    return columns


_RULES: tuple[Callable[[_Scene], Problem | None], ...] = (
    _tab,
    _escape,
    _quote,
    _index,
    _colon_after_op,
    _list_beside_key,
    _starter,
    _bracket,
    _after_bracket,
    _comma,
    _no_key,
    _key_under_value,
    _second_colon,
    _key_without_colon,
    _ended,
    _indentation,
)
