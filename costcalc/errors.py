"""Errors as values: a `Fault` is the small fact, a `Problem` adds the place.

Deep code (a formula, an expression, a shape rule) raises `Fault` and knows no files. The boundary that does know
turns it into a `Problem` with a `Location`, and `SpecError` carries every problem that was found.
"""

from __future__ import annotations

from typing import NamedTuple


class Source:
    """A text and the name it is reported under (a path as the user wrote it).

    `aliased` says that parts of its tree stand in several places.
    """

    __slots__ = ("aliased", "lines_", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.aliased = False
        self.lines_: list[str] | None = None

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Source) and (self.name, self.text) == (other.name, other.text))

    def __hash__(self) -> int:
        return hash(self.name)

    def line(self, number: int) -> str:
        """Line `number`, counted from 1; empty beyond the end."""
        if self.lines_ is None:
            self.lines_ = self.text.split("\n")
        return self.lines_[number - 1].rstrip("\r") if 0 < number <= len(self.lines_) else ""


class Location(NamedTuple):
    """A place in a source: line and column from 1, and how many characters it covers.

    Line 0 is the source as a whole: a file that cannot be read.
    """

    source: Source
    line: int
    column: int
    width: int = 1

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}" if self.line else self.source.name


class Edit(NamedTuple):
    """A change of a source: what stands from `start` up to `end` becomes `text`. Lines and columns count from 1."""

    source: Source
    start: tuple[int, int]
    end: tuple[int, int]
    text: str


class Hint(str):
    """Advice on a problem, in words, and the text to write where the words say which.

    Attributes:
        replacement: what to write in place of what the problem's location covers.
        edits: the changes that do it, where it takes others than that.
    """

    __slots__ = ("edits", "replacement")
    edits: tuple[Edit, ...]
    replacement: str | None

    def __new__(cls, words: str, replacement: str | None = None, edits: tuple[Edit, ...] = ()) -> Hint:
        hint = super().__new__(cls, words)
        hint.replacement = replacement
        hint.edits = edits
        return hint


class Problem(NamedTuple):
    """One thing that is wrong, where, and what to do about it.

    `hint` stands beside the caret, and may know the edits that it asks for; `trail` holds further lines ("in block
    'stem', called at ...").
    """

    message: str
    location: Location | None = None
    hint: str = ""
    trail: tuple[str, ...] = ()
    severity: str = "error"

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The changes of sources that follow the hint; none where it leaves the choice to the reader."""
        hint, place = self.hint, self.location
        if not isinstance(hint, Hint):
            return ()
        if hint.replacement is None or place is None or not place.line:
            return hint.edits
        end = (place.line, place.column + place.width)
        return (Edit(place.source, (place.line, place.column), end, hint.replacement), *hint.edits)

    @property
    def order(self) -> tuple[str, int, int, str]:
        """The key by which problems are sorted: file, line, column, message."""
        if self.location is None:
            return ("", 0, 0, self.message)
        return (self.location.source.name, self.location.line, self.location.column, self.message)


class Fault(Exception):
    """A small fact raised by deep code, without a place: `groups=3 must divide the 64 input channels`.

    `start` and `end` are offsets inside an expression's text when the fact is about a part of it, `item` says which
    item of a list it is about. The first boundary that knows the place fills in `location`.
    """

    def __init__(self, message: str, hint: str = "", *, start: int = 0, end: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.start = start
        self.end = end
        self.item: int | None = None
        self.location: Location | None = None


class CostcalcError(Exception):
    """An input or an output cannot be used (exit code 3)."""


class SpecError(CostcalcError):
    """One or more inputs are not valid; `problems` holds everything that was found, sorted by place."""

    def __init__(self, problems: list[Problem] | tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.order))
        super().__init__("\n".join(f"{p.location}: {p.message}" if p.location else p.message for p in self.problems))


class UnknownChoice(CostcalcError):
    """A name given on the command line or to the library is not among the choices (exit code 3)."""
