"""Following a hint helps: the suggested text is put in, and nothing is wrong any more with what was put in.

Every hint of every wrong spec in `tests/errors/` is tried. Three forms are understood: "did you mean 'X'?", "write X" and
"put '- X' on a line after it" or "remove it"; a hint with `...` in it leaves something to the reader.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from costcalc.errors import Problem, SpecError
from costcalc.spec.load import load_text

FOLDER = Path(__file__).resolve().parents[1] / "errors"
WRONG = sorted(FOLDER.rglob("*.yaml"))
MEANT = re.compile(r"did you mean '([^']+)'\?")
WRITE = re.compile(
    r"write (?:'(?P<quoted>[^']+)'(?P<rest>$|;.*| beside .*| at the top.*)|(?P<plain>[^'; ][^';]*?)(?:$|;.*|, which .*))"
)
OTHER_THING = re.compile(r"is written twice|needs its input|needs '|needs at least two|has only blocks|has no layer")
"""What may still be missing around a word that is right now."""
AFTER = re.compile(r"put '- (\w+)' on a line after it")


def problems(text: str) -> list[Problem]:
    try:
        load_text(text, "spec.yaml", str(FOLDER / "spec.yaml"))
    except SpecError as error:
        return list(error.problems)
    return []


def entry(line: str, column: int) -> tuple[int, int]:
    """Where `key: value` begins and ends on a line, if its key or its value holds a column."""
    start = max(line.rfind(mark, 0, column + 1) + 1 for mark in ("{", ", ", "- "))
    start += len(line[start:]) - len(line[start:].lstrip())
    depth = 0
    for end in range(start, len(line)):
        depth += (line[end] in "[{(") - (line[end] in "]})")
        if depth < 0 or (depth == 0 and line[end] == ","):
            return start, end
    return start, len(line)


def followed(text: str, problem: Problem) -> tuple[str, int, int, int] | None:
    """The text with the hint followed: and the line, and the columns, of what was put in. None for no such hint."""
    place, hint = problem.location, problem.hint
    if (
        place is None
        or place.source.name != "spec.yaml"
        or not place.line
        or "..." in hint
        or "a if condition else b" in hint
    ):
        return None
    lines = text.split("\n")
    number, start = place.line - 1, place.column - 1
    line, end = lines[number], start + place.width
    if meant := MEANT.match(hint):
        new = meant.group(1)
    elif hint.startswith("remove it") and line[end : end + 1] != ":":
        new = ""
    elif (after := AFTER.match(hint)) or hint.startswith("remove it"):
        start, end = entry(line, start)
        lines[number] = (
            re.sub(r", *([}\\]])", r"\1", line[:start] + line[end:].removeprefix(", ")).replace("{}", "").rstrip(": ")
        )
        if after is not None:
            indent = " " * (len(line) - len(line.lstrip()))
            lines.insert(number + 1, f"{indent}- {after.group(1)}")
        return "\n".join(lines), number + (after is not None), 0, 10_000
    elif write := WRITE.match(hint):
        new = write.group("quoted") or write.group("plain")
        rest = write.group("rest") or ""
        if rest.startswith(" at the top"):
            if here := re.search(r"and '([^']+)' here", rest):
                lines[number] = line[: line.index("- ") + 2] + here.group(1)
            return "\n".join([new, *lines]), number + 1, start, end
        if rest.startswith(" beside"):
            item = line.index("- ")
            lines[number] = f"{line[: line.index(':', item) + 1]}\n{' ' * (item + 2)}{new}"
            return "\n".join(lines), number + 1, 0, 10_000
        if new.startswith("- ") and "- " in line:
            start, end = line.index("- "), len(line)
            block = [other for other in lines[number + 1 :] if other.startswith(" " * (start + 1)) and other.strip()]
            above = number
            while not lines[above].startswith(" " * start + "- "):
                above -= 1
            named = [other for other in lines[above : number + 1 + len(block)] if re.match(r" *(- )?name:", other)]
            lines[above : number + 1 + len(block)] = [
                " " * start + new + (":" if named and ":" not in new else ""),
                *(f"{' ' * (start + 4)}{one.strip().removeprefix('- ')}" for one in named if ":" in new),
            ]
            return "\n".join(lines), above, start, 10_000
        if key := re.match(r"([\w.]+):(?: |$)", new):
            found = [
                match.start()
                for match in re.finditer(rf"\b{re.escape(key.group(1))}\b", line)
                if match.start() <= start
            ]
            if not found:
                start, end = entry(line, start)
            else:
                start, end = entry(line, found[-1])[0], max(end, entry(line, found[-1])[1])
    else:
        return None
    if new[-1:].isalnum() and line[end : end + 1].isalnum():
        new += " "
    lines[number] = line[:start] + new + line[end:]
    return "\n".join(lines), number, start, start + len(new)


def told(path: Path) -> list[Problem]:
    try:
        return problems(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return []


CASES = [(path, number) for path in WRONG for number, problem in enumerate(told(path))]


@pytest.mark.parametrize(
    ("path", "number"), CASES, ids=lambda value: value.stem if isinstance(value, Path) else str(value)
)
def test_following_a_hint_gives_no_other_error_about_the_same_thing(path: Path, number: int) -> None:
    text = path.read_text(encoding="utf-8")
    problem = problems(text)[number]
    done = followed(text, problem)
    if done is None:
        return
    mended, line, start, end = done
    left = [
        other.message
        for other in problems(mended)
        if other.location is not None
        and other.location.line - 1 == line
        and start <= other.location.column - 1 < end
        and not OTHER_THING.search(other.message)
        and (end < 10_000 or other.message == problem.message)
    ]
    assert not left, f"{problem.hint!r}\n{mended}\n{left}"


def test_most_hints_are_tried() -> None:
    tried = [
        followed(path.read_text(encoding="utf-8"), problems(path.read_text(encoding="utf-8"))[n]) for path, n in CASES
    ]
    assert sum(done is not None for done in tried) > 150
