"""A problem as text: the place, the line, a caret under it, and what to do."""

from __future__ import annotations

from costcalc.errors import Problem
from costcalc.text.printable import printable

WIDEST_LINE = 160


def render(problem: Problem) -> str:
    """The problem in the form of the design's section 7: one headline, the source line, carets, the trail."""
    if problem.location is None:
        head = f"{problem.severity}: {printable(problem.message)}"
        return "\n".join([head, *_details(problem, 1)])
    location = problem.location
    head = f"{printable(str(location))}: {problem.severity}: {printable(problem.message)}"
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
    carets = "^" * max(1, len(printable(marked)))
    pad = " " * len(printable(before))
    hint = f" {printable(problem.hint)}" if problem.hint else ""
    rows = [head, f"{gutter} |", f"{number} | {printable(shown)}", f"{gutter} | {pad}{carets}{hint}"]
    return "\n".join([*rows, *(f"{gutter} = {printable(line)}" for line in problem.trail)])


def _details(problem: Problem, indent: int) -> list[str]:
    lines = ([problem.hint] if problem.hint else []) + list(problem.trail)
    return [f"{' ' * indent} = {printable(line)}" for line in lines]
