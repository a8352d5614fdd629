"""YAML text -> located nodes, from parser *events*.

`yaml.compose` and `yaml.load` recurse, and crash or hang on hostile files: 100,000 opening brackets, merge keys that
multiply. Events come one by one, so every limit is one line here, and nothing in a file ever becomes an object.
The C parser is used where PyYAML has it; the pure one gives the same nodes, only more slowly.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from costcalc.errors import Edit, Hint, Location, Problem, Source, SpecError
from costcalc.text.bounds import mend, way_out
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence
from costcalc.text.printable import printable
from costcalc.text.suggest import Suggestions, nearest, question

if TYPE_CHECKING:
    StrPath = str | os.PathLike[str]

LARGEST_FILE = 16 * 2**20
DEEPEST = 64
MOST_NODES = 1_000_000
LONGEST_WORD = 32  # that is kept once however often it is written
MOST_ALIASES = 1_000

# what YAML forbids; the second is compiled only for a text that is not ASCII, because that takes longer than to read it
_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_CONTROL_BEYOND_ASCII = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"


def read(path: StrPath, name: str | None = None) -> Source:
    """The text of a regular file, decoded as UTF-8.

    Raises:
        SpecError: there is no such file, it cannot be read, a link takes it out of its repository, it is larger than
            16 MiB, or is not UTF-8.
    """
    name = str(path) if name is None else name

    def refuse(message: str, hint: str = "") -> SpecError:
        return SpecError([Problem(message, Location(Source(name, ""), 0, 0), hint)])

    forbidden = way_out(path)
    if forbidden is not None:
        raise refuse(forbidden, mend(forbidden))
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise refuse("a folder, not a file")
        if not stat.S_ISREG(mode):
            raise refuse("not a regular file")
        with open(path, "rb", buffering=0) as file:
            if os.fstat(file.fileno()).st_size > LARGEST_FILE:
                raise refuse(f"larger than {LARGEST_FILE // 2**20} MiB")
            data = file.read()
    except (FileNotFoundError, NotADirectoryError):
        raise refuse("no such file", similar(path, name)) from None
    except OSError as error:
        raise refuse(f"cannot be read: {(error.strerror or str(error)).lower()}") from None
    except ValueError:
        raise refuse("not a file name") from None
    if len(data) > LARGEST_FILE:
        raise refuse(f"larger than {LARGEST_FILE // 2**20} MiB")
    return decode(data, name)


def read_standard_input(name: str) -> Source:
    """Read standard input, up to one byte more than a file may have.

    Raises:
        SpecError: it is closed, or not UTF-8.
    """
    if sys.stdin is None:
        problem = Problem("standard input is closed", Location(Source(name, ""), 0, 0), "name a file, or pipe one in")
        raise SpecError([problem])
    return decode(sys.stdin.buffer.read(LARGEST_FILE + 1), name)


def decode(data: bytes, name: str) -> Source:
    """Bytes as a `Source`; a wrong byte is named with its line and column."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or (len(data) > 1 and 0 in data[:2] and 0 in data[2:4]):
        problem = Problem("the file is UTF-16", Location(Source(name, ""), 0, 0), "save it as UTF-8")
        raise SpecError([problem])
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8-sig")
        line = good.count("\n") + 1
        column = len(good) - (good.rfind("\n") + 1) + 1
        location = Location(Source(name, data.decode("utf-8-sig", "replace")), line, column)
        raise SpecError([Problem(f"not UTF-8: byte 0x{data[error.start]:02x}", location, "save it as UTF-8")]) from None


def compose(source: Source, parser: Callable[[str], Any] | None = None, problems: list[Problem] | None = None) -> Node:
    """The root node of the one document in `source`.

    Problems that leave a usable tree (a key written twice, a tag) are added to `problems` where that is given, so that
    one run names them beside what is wrong with the tree.

    Raises:
        SpecError: the text is not YAML, or uses what specs do without: tags, merge keys, several documents.
    """
    if len(source.text) > LARGEST_FILE:
        raise _error(source, 0, 0, f"larger than {LARGEST_FILE // 2**20} MiB")
    bad = re.search(_CONTROL if source.text.isascii() else _CONTROL_BEYOND_ASCII, source.text)
    if bad is not None:
        line = source.text.count("\n", 0, bad.start())
        column = bad.start() - (source.text.rfind("\n", 0, bad.start()) + 1)
        raise _error(
            source, line, column, f"control character {printable(bad.group())} in the text", Hint("remove it", "")
        )
    return _Composer(source, parser or fastest_parser()).run(problems)


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
        self.broken = False  # whether the tree lacks something that was meant
        self.nodes = 0
        self.aliases = 0
        self.suggest = Suggestions()
        self.cut: set[int] = set()  # ids of mappings with a value that a comma has cut, as `{out: max(w, 8)}`

    def run(self, problems: list[Problem] | None) -> Node:
        import yaml

        source = self.source
        events = self.parser(source.text)
        try:
            root = self._build(events)
        except SpecError as error:
            raise SpecError([*self.problems, *error.problems]) from None
        except yaml.MarkedYAMLError as error:
            from costcalc.text.complaint import explain

            self._read_up_to(error)
            found = explain(source, error)
            known = any(p.location and found.location and p.location.line == found.location.line for p in self.problems)
            raise SpecError(self.problems if known else [*self.problems, found]) from None
        except (yaml.YAMLError, ValueError, OverflowError):  # "\U00110000" in the pure parser
            from costcalc.text.complaint import explain

            mark = events.get_mark() if hasattr(events, "get_mark") else None
            said = yaml.MarkedYAMLError(problem="invalid escape code", problem_mark=mark)
            raise SpecError([*self.problems, explain(source, said)]) from None
        if self.problems and (problems is None or self.broken):
            raise SpecError(self.problems)
        if problems is not None:
            problems.extend(self.problems)
        if root is None:
            raise _error(source, 0, 0, "the file is empty", "a spec has at least 'input:' and 'layers:'")
        return root

    def _read_up_to(self, error: Any) -> None:
        """Read once more what stands before the parser's error, so that our own limits speak first.

        A parser looks ahead of its events (a bracket may begin a key), and newer ones have a limit of their own there.

        Raises:
            SpecError: the text before the error is already beyond a limit.
        """
        import yaml

        if not isinstance(error, yaml.scanner.ScannerError) or error.problem_mark is None:
            return  # a parser's error comes in its turn among the events
        again = _Composer(self.source, self.parser)
        try:
            again._build(self.parser(self.source.text[: error.problem_mark.index]))
        except SpecError as beyond:
            raise SpecError([*again.problems, *beyond.problems]) from None
        except yaml.YAMLError:  # what was cut is missing
            return

    def _build(self, events: Any) -> Node | None:
        source = self.source
        anchors: dict[str, tuple[Node, int]] = {}  # name -> node, and how many nodes an alias to it stands for
        opened: list[tuple[str, int]] = []  # anchor names of open collections, and the count when they opened
        stack: list[Sequence | Mapping] = []
        keys: list[Scalar | None] = []  # for each open collection the key that waits for its value
        root: Node | None = None
        documents = 0
        line = 0
        while True:
            event = events.get_event()
            if event is None:
                return root
            kind = event.__class__.__name__
            node: Node
            if kind == "ScalarEvent":
                start, end, value = event.start_mark, event.end_mark, event.value
                if len(value) < LONGEST_WORD:
                    value = sys.intern(value)
                if start.line != line:
                    line = start.line  # one object for all that stands there: a large file has a million of these
                last = line if end.line == line else end.line
                node = Scalar(source, line, start.column, last, end.column, value, event.style in (None, ""))
                if not value and node.plain:  # the parsers differ in whether spaces belong to nothing
                    node.column = node.end_column = _end_of_text(source.line(node.line + 1), node.column)
                if event.tag is not None:
                    self._tag(node)
            elif kind == "SequenceStartEvent" or kind == "MappingStartEvent":
                start = event.start_mark
                node = (Sequence if kind[0] == "S" else Mapping)(source, start.line, start.column)
                if event.tag is not None:
                    self._tag(node)
                if len(stack) >= DEEPEST:
                    raise _error(source, node.line, node.column, f"nested deeper than {DEEPEST}")
            elif kind == "SequenceEndEvent" or kind == "MappingEndEvent":
                done = stack.pop()
                keys.pop()
                done.end_line, done.end_column = event.end_mark.line, event.end_mark.column
                anchor, before = opened.pop()
                if anchor:
                    anchors[anchor] = (done, self.nodes - before + 1)
                continue
            elif kind == "AliasEvent":
                source.aliased = True
                node = self._resolve(event, anchors, opened)
            elif kind == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    place = Location(source, event.start_mark.line + 1, event.start_mark.column + 1, 3)
                    self.problems.append(Problem("a second document begins here", place, "one spec per file"))
                    return root
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
            doubled = self.source.line(node.line + 1)[node.column - 1 : node.column + 1] == "{{"
            hint: str = "names stand without braces, as in out: width" if doubled else "a key is a plain word"
            inside = (
                re.match(r"\{\{\s*([\w.]+)\s*\}\}", self.source.line(node.line + 1)[node.column - 1 :])
                if doubled
                else None
            )
            if inside is not None:
                start, end = (node.line + 1, node.column), (node.line + 1, node.column + inside.end())
                edit = Edit(self.source, start, end, inside[1])
                hint = Hint(f"names stand without braces: write {inside[1]}", edits=(edit,))
            place = Location(node.source, node.line + 1, node.column + 1)
            self.problems.append(Problem(f"a {node.kind} cannot be a key", place, hint))
            return _NO_KEY
        text = key.value
        first = parent.entries.get(text)
        if key is _NO_KEY:
            self.broken = True
        elif text == "<<" and key.plain:
            self._note(
                key, "merge keys ('<<') are not used in specs", "a block holds what layers have in common: call it"
            )
            self.broken = True
        elif key.null:
            self.broken = True
            if key.plain and key.end_column > key.column:
                self._note(key, f"the key {text} means nothing in YAML", "a key is a plain word")
            else:
                self._note(key, "a key is missing before ':'", "write key: value")
        elif first is not None and (text.count(")") > text.count("(") or id(parent) in self.cut):
            parent.entries[f"{text} at {key.line}:{key.column}"] = (key, node)
        elif first is not None:
            hint = f"first at line {first[0].line + 1}, column {first[0].column + 1}"
            self._note(key, f"the key '{text}' is written twice", hint)
        else:
            parent.entries[text] = (key, node)
        if (
            isinstance(node, Scalar)
            and "(" in node.value
            and node.plain
            and node.value.count("(") > node.value.count(")")
        ):
            self.cut.add(id(parent))
        return None

    def _resolve(self, event: Any, anchors: dict[str, tuple[Node, int]], opened: list[tuple[str, int]]) -> Node:
        name, mark = event.anchor, event.start_mark
        stand_in = Scalar(self.source, mark.line, mark.column, mark.line, mark.column + 1 + len(name), "", True)
        self.aliases += 1
        if self.aliases > MOST_ALIASES:
            raise _error(self.source, mark.line, mark.column, f"more than {MOST_ALIASES:,} aliases")
        if any(anchor == name for anchor, _ in opened):
            self._note(stand_in, f"the alias '*{name}' stands inside its own anchor", "an alias cannot hold itself")
            self.broken = True
            return stand_in
        if name not in anchors:
            near = self.suggest.nearest(name, anchors)
            hint = f"YAML reads '*{name}' as an alias: write {name} * 2, or quote it if it is text"
            hint = question(f"*{near}") if near else hint
            self._note(stand_in, "a value cannot start with '*'", hint)
            self.broken = True
            return stand_in
        node, size = anchors[name]
        self.nodes += size
        if self.nodes > MOST_NODES:
            raise _error(self.source, mark.line, mark.column, f"aliases expand to more than {MOST_NODES:,} values")
        return node

    def _note(self, node: Node, message: str, hint: str = "") -> None:
        self.problems.append(Problem(message, node.location(), hint))

    def _tag(self, node: Node) -> None:
        """Note a tag, as it is written. Without it a scalar still says what was meant; nothing else does."""
        self.broken = self.broken or not isinstance(node, Scalar) or not node.value
        written = re.compile(r"![^\s,\[\]{}]*+").search(self.source.line(node.line + 1), node.column)
        if written is None:
            self._note(node, "tags are not used in specs", "remove it")
            return
        tag = written.group()
        place = Location(self.source, node.line + 1, written.start() + 1, len(tag))
        hint: str = Hint("remove it", "")
        if re.fullmatch(r"!\w+", tag) and isinstance(node, Scalar) and not node.value:
            hint = Hint(f"write not {tag[1:]}", f"not {tag[1:]}")
        elif isinstance(node, Scalar) and not node.value:
            hint = "write a value in its place"
        self.problems.append(Problem(f"the tag '{tag}' is not used in specs", place, hint))


_NO_KEY = Scalar(Source("", ""), 0, 0, 0, 0, "", False)
"""Stands for a key that is no text; its problem is noted already."""


def _end_of_text(line: str, end: int) -> int:
    """The column after the last character before `end` that is no blank. A slice would copy a line that may be long."""
    end = min(end, len(line))
    while end and line[end - 1].isspace():
        end -= 1
    return end


def _error(source: Source, line: int, column: int, message: str, hint: str = "") -> SpecError:
    return SpecError([Problem(message, Location(source, line + 1, column + 1), hint)])


def similar(path: StrPath, name: str) -> str:
    """The file beside `path` that is named most like it, as a question; `name` is how the user wrote the path."""
    from difflib import get_close_matches  # only a mistake pays for it

    def stem(file: str) -> str:  # a suffix in common makes no likeness
        return os.path.splitext(file)[0].lower()

    folder, own = os.path.split(path)
    try:
        with os.scandir(folder or ".") as entries:
            files = [entry.name for entry in entries if os.path.isfile(entry)]
    except (OSError, ValueError):
        return ""
    match = nearest(own, [file for file in files if get_close_matches(stem(own), [stem(file)], cutoff=0.65)])
    folder = name.rpartition("/")[0]
    return question(f"{folder}/{match}" if folder else match) if match else ""
