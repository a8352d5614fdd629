"""Located nodes: what a YAML text says, and where. They hold text; meaning is given later, by whoever reads them."""

from __future__ import annotations

from costcalc.errors import Location, Source


class Node:
    """A piece of YAML with its place: first line and column, and where it ends (all counted from 0)."""

    __slots__ = ("column", "end_column", "end_line", "line", "source")
    kind = "value"

    def __init__(self, source: Source, line: int, column: int, end_line: int, end_column: int) -> None:
        self.source = source
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column

    def location(self) -> Location:
        """The place of the node; several lines are shortened to the first."""
        if self.end_line == self.line:
            width = self.end_column - self.column
        else:
            width = len(self.source.line(self.line + 1).rstrip()) - self.column
        return Location(self.source, self.line + 1, self.column + 1, max(1, width))


class Scalar(Node):
    """A single value. `plain` is False when it was quoted or a block scalar: then it is never null, true or false."""

    __slots__ = ("plain", "value")
    kind = "single value"

    def __init__(
        self, source: Source, line: int, column: int, end_line: int, end_column: int, value: str, plain: bool
    ) -> None:
        self.source = source
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column
        self.value = value
        self.plain = plain

    @property
    def null(self) -> bool:
        """True if nothing was written: an empty value, `~` or `null`."""
        return self.plain and self.value in ("", "~", "null")

    def part(self, start: int, end: int | None) -> Location:
        """The place of `value[start:end]`, also in quoted and folded text (see `_offsets`)."""
        if not self.value or (start <= 0 and (end is None or end >= len(self.value))):
            return self.location()
        offsets = self._offsets()
        start = min(start, len(offsets) - 1)
        last = min((len(self.value) if end is None else end), len(offsets)) - 1
        line, column = offsets[start]
        last_line, last_column = offsets[max(start, last)]
        width = last_column - column + 1 if last_line == line else 1
        return Location(self.source, line + 1, column + 1, max(1, width))

    def _offsets(self) -> list[tuple[int, int]]:
        """The place of every character of `value`, found by walking source and value side by side.

        What the source has and the value has not (quotes, escapes, indentation, folded line ends) is stepped over.
        """
        line, column = self.line, self.column
        text = self.source.line(line + 1)
        places: list[tuple[int, int]] = []
        quote = ""
        if not self.plain:
            while text[column : column + 1] in ("&", "!"):  # an anchor or a tag before the value
                column += len(text[column:].partition(" ")[0]) + 1
            if text[column : column + 1] in ("|", ">"):
                line, column = line + 1, 0
                text = self.source.line(line + 1)
            else:
                quote = text[column : column + 1]
                column += 1
        for character in self.value:
            while True:
                if quote == '"' and text[column : column + 1] == "\\":
                    if column + 1 < len(text):
                        break
                    line, column = line + 1, 0
                    text = self.source.line(line + 1)
                    column = len(text) - len(text.lstrip())
                elif column >= len(text):
                    if character in " \n" or line >= self.end_line:
                        break
                    line, column = line + 1, 0
                    text = self.source.line(line + 1)
                    column = len(text) - len(text.lstrip())
                elif text[column] == character or (line >= self.end_line and column >= self.end_column):
                    break
                else:
                    column += 1
            places.append((line, column))
            if quote == '"' and text[column : column + 1] == "\\":
                column += 2 + {"x": 2, "u": 4, "U": 8}.get(text[column + 1 : column + 2], 0)
            else:
                column += 2 if quote == "'" == text[column : column + 1] else 1
        return places


class Key(Scalar):
    """A scalar that is asked for many of its parts, as a signature for its parameters: their places are found once."""

    __slots__ = ("places",)

    def __init__(self, node: Scalar) -> None:
        super().__init__(node.source, node.line, node.column, node.end_line, node.end_column, node.value, node.plain)
        self.places: list[tuple[int, int]] | None = None

    def _offsets(self) -> list[tuple[int, int]]:
        if self.places is None:
            self.places = super()._offsets()
        return self.places


class Sequence(Node):
    """A list of nodes."""

    __slots__ = ("items",)
    kind = "list"

    def __init__(self, source: Source, line: int, column: int) -> None:
        super().__init__(source, line, column, line, column)
        self.items: list[Node] = []


class Mapping(Node):
    """Keys and values in written order; keys are scalars and no key comes twice."""

    __slots__ = ("entries",)
    kind = "mapping"

    def __init__(self, source: Source, line: int, column: int) -> None:
        super().__init__(source, line, column, line, column)
        self.entries: dict[str, tuple[Scalar, Node]] = {}

    def get(self, key: str) -> Node | None:
        """The value under `key`, or None."""
        entry = self.entries.get(key)
        return None if entry is None else entry[1]
