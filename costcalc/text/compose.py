"""YAML text -> located nodes, from parser *events*.

`yaml.compose` and `yaml.load` recurse, and crash or hang on hostile files: 100,000 opening brackets, merge keys that
multiply. Events come one by one, so every limit is one line here, and nothing in a file ever becomes an object.
The C parser is used where PyYAML has it; the pure one gives the same nodes, only more slowly.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from costcalc.errors import Location, Problem, Source, SpecError
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence

LARGEST_FILE = 16 * 2**20
DEEPEST = 64
MOST_NODES = 1_000_000
MOST_ALIASES = 1_000

# what YAML forbids; the second is compiled only for a text that is not ASCII, because that takes longer than to read it
_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_CONTROL_BEYOND_ASCII = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
_STARTERS = {"*": "alias", "&": "anchor", "%": "directive", "@": "reserved character", "`": "reserved character"}


def read(path: Path, name: str | None = None) -> Source:
    """The text of a regular file, decoded as UTF-8.

    Raises:
        SpecError: there is no such file, it cannot be read, is larger than 16 MiB, or is not UTF-8.
    """
    name = str(path) if name is None else name

    def refuse(message: str, hint: str = "") -> SpecError:
        return SpecError([Problem(message, Location(Source(name, ""), 1, 1), hint)])

    try:
        if not path.is_file():
            if path.is_dir():
                raise refuse("is a folder, not a file")
            raise refuse("not a regular file" if path.exists() else "no such file", _similar(path))
        if path.stat().st_size > LARGEST_FILE:
            raise refuse(f"larger than {LARGEST_FILE // 2**20} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise refuse("not a file name") from None
    return decode(data, name)


def decode(data: bytes, name: str) -> Source:
    """Bytes as a `Source`; a wrong byte is named with its line and column."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        problem = Problem("the file is UTF-16", Location(Source(name, ""), 1, 1), "save it as UTF-8")
        raise SpecError([problem])
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8-sig")
        line = good.count("\n") + 1
        column = len(good) - (good.rfind("\n") + 1) + 1
        location = Location(Source(name, data.decode("utf-8-sig", "replace")), line, column)
        raise SpecError([Problem(f"not UTF-8: byte 0x{data[error.start]:02x}", location, "save it as UTF-8")]) from None


def compose(source: Source, parser: Callable[[str], Any] | None = None) -> Node:
    """The root node of the one document in `source`.

    Raises:
        SpecError: the text is not YAML, or uses what specs do without: tags, merge keys, several documents.
    """
    if len(source.text) > LARGEST_FILE:
        raise _error(source, 0, 0, f"larger than {LARGEST_FILE // 2**20} MiB")
    bad = re.search(_CONTROL if source.text.isascii() else _CONTROL_BEYOND_ASCII, source.text)
    if bad is not None:
        line = source.text.count("\n", 0, bad.start())
        column = bad.start() - (source.text.rfind("\n", 0, bad.start()) + 1)
        raise _error(source, line, column, f"control character \\x{ord(bad.group()):02x} in the text", "remove it")
    collecting = gc.isenabled()
    gc.disable()  # nothing here is garbage before the end: 1.6 times faster on large files
    try:
        return _Composer(source, parser or fastest_parser()).run()
    finally:
        if collecting:
            gc.enable()


def fastest_parser() -> Callable[[str], Any]:
    """PyYAML's C parser, or its pure one where libyaml is missing."""
    import yaml

    parser: Callable[[str], Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return parser


class _Composer:
    """The state of one reading: the open collections, the anchors, and the problems that do not stop the reading."""

    def __init__(self, source: Source, parser: Callable[[str], Any]) -> None:
        self.source = source
        self.parser = parser
        self.problems: list[Problem] = []
        self.nodes = 0
        self.aliases = 0

    def run(self) -> Node:
        import yaml

        source = self.source
        try:
            root = self._build(self.parser(source.text))
        except yaml.MarkedYAMLError as error:
            raise SpecError([*self.problems, _translate(source, error)]) from None
        except (yaml.YAMLError, ValueError, OverflowError):  # e.g. "\U00110000", which PyYAML lets through
            raise SpecError([*self.problems, *_error(source, 0, 0, "not readable as YAML").problems]) from None
        if self.problems:
            raise SpecError(self.problems)
        if root is None:
            raise _error(source, 0, 0, "the file is empty", "a spec has at least 'input:' and 'layers:'")
        return root

    def _build(self, events: Any) -> Node | None:
        source = self.source
        anchors: dict[str, tuple[Node, int]] = {}  # name -> node, and how many nodes an alias to it stands for
        opened: list[tuple[str, int]] = []  # anchor names of open collections, and the count when they opened
        stack: list[Sequence | Mapping] = []
        keys: list[Scalar | None] = []  # for each open collection the key that waits for its value
        root: Node | None = None
        documents = 0
        while True:
            event = events.get_event()
            if event is None:
                return root
            kind = event.__class__.__name__
            node: Node
            if kind == "ScalarEvent":
                start, end = event.start_mark, event.end_mark
                node = Scalar(
                    source, start.line, start.column, end.line, end.column, event.value, event.style in (None, "")
                )
                if event.tag is not None:
                    self._note(node, f"the tag {event.tag!r} is not used in specs", "remove it")
            elif kind == "SequenceStartEvent" or kind == "MappingStartEvent":
                start = event.start_mark
                node = (Sequence if kind[0] == "S" else Mapping)(source, start.line, start.column)
                if event.tag is not None:
                    self._note(node, f"the tag {event.tag!r} is not used in specs", "remove it")
                if len(stack) >= DEEPEST:
                    raise SpecError(
                        [
                            *self.problems,
                            *_error(source, node.line, node.column, f"nested deeper than {DEEPEST}").problems,
                        ]
                    )
            elif kind == "SequenceEndEvent" or kind == "MappingEndEvent":
                done = stack.pop()
                keys.pop()
                done.end_line, done.end_column = event.end_mark.line, event.end_mark.column
                anchor, before = opened.pop()
                if anchor:
                    anchors[anchor] = (done, self.nodes - before + 1)
                continue
            elif kind == "AliasEvent":
                node = self._resolve(event, anchors, opened)
            elif kind == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    mark = event.start_mark
                    raise _error(source, mark.line, mark.column, "a second document begins here", "one spec per file")
                continue
            else:
                continue
            self.nodes += 1
            if self.nodes > MOST_NODES:
                raise _error(source, node.line, node.column, f"more than {MOST_NODES:,} values")
            if stack:
                keys[-1] = self._place(stack[-1], keys[-1], node)
            elif root is None:
                root = node
            if kind == "ScalarEvent":
                if event.anchor:
                    anchors[event.anchor] = (node, 1)
            elif kind != "AliasEvent":
                stack.append(node)  # type: ignore[arg-type]  # a collection: scalars and aliases went before
                keys.append(None)
                opened.append((event.anchor or "", self.nodes))

    def _place(self, parent: Sequence | Mapping, key: Scalar | None, node: Node) -> Scalar | None:
        """Put `node` into the open collection; returns the key that now waits for a value."""
        if isinstance(parent, Sequence):
            parent.items.append(node)
            return None
        if key is None:
            if isinstance(node, Scalar):
                return node
            self._note(node, f"a {node.kind} cannot be a key", "a key is a plain word")
            return Scalar(node.source, node.line, node.column, node.line, node.column + 1, "", False)
        text = key.value
        first = parent.entries.get(text)
        if text == "<<" and key.plain:
            self._note(key, "merge keys ('<<') are not used in specs", "write a block and call it")
        elif key.null:
            if key.plain and key.end_column > key.column:
                self._note(key, f"the key {text!r} means nothing in YAML", "a key is a plain word")
            else:
                self._note(key, "a key is missing before ':'")
        elif first is not None:
            self._note(key, f"the key '{text}' is written twice", f"first at {first[0].location()}")
        else:
            parent.entries[text] = (key, node)
        return None

    def _resolve(self, event: Any, anchors: dict[str, tuple[Node, int]], opened: list[tuple[str, int]]) -> Node:
        name, mark = event.anchor, event.start_mark
        stand_in = Scalar(self.source, mark.line, mark.column, mark.line, mark.column + 1 + len(name), "", True)
        self.aliases += 1
        if self.aliases > MOST_ALIASES:
            raise _error(self.source, mark.line, mark.column, f"more than {MOST_ALIASES:,} aliases")
        if any(anchor == name for anchor, _ in opened):
            self._note(stand_in, f"the alias '*{name}' stands inside its own anchor", "an alias cannot hold itself")
            return stand_in
        if name not in anchors:
            hint = f"if '{name}' is a factor, write it first or quote the text"
            self._note(stand_in, f"a value cannot start with '*': there is no anchor '{name}'", hint)
            return stand_in
        node, size = anchors[name]
        self.nodes += size
        if self.nodes > MOST_NODES:
            raise _error(self.source, mark.line, mark.column, f"aliases expand to more than {MOST_NODES:,} values")
        return node

    def _note(self, node: Node, message: str, hint: str = "") -> None:
        self.problems.append(Problem(message, node.location(), hint))


def _error(source: Source, line: int, column: int, message: str, hint: str = "") -> SpecError:
    return SpecError([Problem(message, Location(source, line + 1, column + 1), hint)])


def _similar(path: Path) -> str:
    from costcalc.text.suggest import nearest

    try:
        match = nearest(path.name, [entry.name for entry in path.parent.iterdir()])
    except OSError:
        return ""
    return f"did you mean '{path.with_name(match)}'?" if match else ""


def _translate(source: Source, error: Any) -> Problem:
    """A parser's complaint in words for somebody who writes specs, judged by the text at the place it names."""
    mark = error.problem_mark or error.context_mark
    last = max(0, source.text.rstrip("\n").count("\n"))
    line, column = (min(mark.line, last), mark.column) if mark else (0, 0)
    text = source.line(line + 1)
    if mark and mark.line > last:
        column = len(text)
    location = Location(source, line + 1, min(column, len(text)) + 1)
    indent = text[: len(text) - len(text.lstrip())]
    if "\t" in indent:
        return Problem("a tab in the indentation", Location(source, line + 1, indent.index("\t") + 1), "use spaces")
    opening = _unclosed(source, error, line, column)
    if opening is not None:
        return opening
    found = text[column : column + 1]
    value = re.match(r"[^,\]}#]*", text[column:])
    rest = value.group().strip() if value else found
    if found in _STARTERS and found:
        if found == "*":
            hint = f"write the factors the other way round, or quote it: '{rest}'"
        else:
            hint = f"quote it: '{rest}'" if found != "&" else "remove it"
        return Problem(f"a value cannot start with '{found}' (YAML {_STARTERS[found]})", location, hint)
    previous = source.line(line).strip()
    if re.match(r"- [A-Za-z_]\w*$", previous) and re.match(r"\s+\w+:", text):
        word = previous[2:]
        return Problem(
            f"a bare '{word}' cannot have keys under it", location, f"write '- {word}:' with a colon on line {line}"
        )
    flow = re.search(r"\w+\s*:\s*[\w.]+\[", text)
    if flow is not None and "{" in text[: flow.start()] and column >= flow.start():
        word = re.match(r"[^,}]*", text[flow.start() :])
        name, _, expression = (word.group() if word else flow.group()).partition(":")
        message = "an expression with '[' must be quoted inside '{ }'"
        return Problem(message, location, f'write {name.strip()}: "{expression.strip()}"')
    if "mapping values are not allowed" in str(error.problem):
        return Problem("a second ':' in one value", location, "put it on a line of its own, or quote the text")
    return Problem("this is not YAML here", location, _plain_words(str(error.problem or "")))


def _unclosed(source: Source, error: Any, line: int, column: int) -> Problem | None:
    """A bracket or quote that is opened and never closed, named at the place where it opens."""
    context = error.context_mark
    words = f"{error.context or ''} {error.problem or ''}"
    if context is None:
        return None
    opener = source.line(context.line + 1)[context.column : context.column + 1]
    ended = "end" in words and ("stream" in words or "document" in words) and line >= context.line
    place = Location(source, context.line + 1, context.column + 1)
    if opener in ("'", '"') and opener and ("quoted" in words) and ended:
        return Problem(f"the quote {opener} is never closed", place, f"the text ends at line {line + 1}")
    if opener in ("[", "{") and opener and "flow" in words:
        bare = source.line(line + 1)[: column + 1].rstrip()
        if re.search(r":\s*[\w.]+\[[^\]]*\]?$|:\s*[\w.]+\[", bare) and opener == "{" and context.line == line:
            return None  # `{width: widths[i]}`: answered with the text to write
        closing = "]" if opener == "[" else "}"
        return Problem(
            f"'{opener}' is not closed before line {line + 1}, column {column + 1}", place, f"'{closing}' is missing"
        )
    return None


def _plain_words(problem: str) -> str:
    return re.sub(r"<(\w+)( \w+)*>", lambda found: found.group()[1:-1], problem).replace("token", "text")
