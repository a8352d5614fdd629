"""A problem as text: the place, the line, a caret under it, and what to do."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

from costcalc.errors import Problem
from costcalc.text.printable import printable

WIDEST_LINE = 160
LONGEST_MESSAGE = 500


def render(problem: Problem) -> str:
    """The problem in the form of the design's section 7: one headline, the source line, carets, the trail."""
    message = _clipped(problem.message)
    if problem.location is None:
        head = f"{problem.severity}: {message}"
        return "\n".join([head, *_details(problem, 1)])
    location = problem.location
    head = f"{printable(str(location))}: {problem.severity}: {message}"
    line = location.source.line(location.line)
    if not line.strip():
        return "\n".join([head, *_details(problem, 1)])
    start = location.column - 1
    cut = max(0, start - WIDEST_LINE // 2) if len(line) > WIDEST_LINE else 0
    lead, tail = "..." if cut else "", "..." if cut + WIDEST_LINE < len(line) else ""
    shown = line[cut : cut + WIDEST_LINE]
    before, marked = lead + shown[: start - cut], shown[start - cut : start - cut + location.width]
    shown = lead + shown + tail
    number = str(location.line)
    gutter = " " * len(number)
    carets = "^" * max(1, _columns(printable(marked)))
    pad = " " * _columns(printable(before))
    hint = f" {_clipped(problem.hint)}" if problem.hint else ""
    rows = [head, f"{gutter} |", f"{number} | {printable(shown)}", f"{gutter} | {pad}{carets}{hint}"]
    return "\n".join([*rows, *(f"{gutter} = {_clipped(line)}" for line in problem.trail)])


def _columns(text: str) -> int:
    """The number of screen columns that a text takes: two for a wide character, none for an accent of its own."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(mark) else 2 if east_asian_width(mark) in "WF" else 1 for mark in text)


def _clipped(text: str) -> str:
    """A text that fits a screen, also where it quotes a name of a million characters."""
    half = LONGEST_MESSAGE // 2
    return printable(text if len(text) <= LONGEST_MESSAGE else f"{text[:half]}...{text[-half:]}")


def _details(problem: Problem, indent: int) -> list[str]:
    lines = ([problem.hint] if problem.hint else []) + list(problem.trail)
    return [f"{' ' * indent} = {_clipped(line)}" for line in lines]
