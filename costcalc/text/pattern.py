"""Patterns of files and of layer paths: `*` within a level, `**` across levels, `?` one character."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from costcalc.errors import Location
from costcalc.text.bounds import way_out
from costcalc.text.wildcards import matcher


@dataclass(frozen=True)
class Pattern:
    """A pattern and where it is written. `separator` divides levels: `/` in files, `.` in paths of layers."""

    text: str
    separator: str = "/"
    location: Location | None = None

    @property
    def wild(self) -> bool:
        """True if it may stand for more than itself."""
        return "*" in self.text or "?" in self.text

    def matches(self, text: str) -> bool:
        """True if it stands for `text`.

        >>> Pattern("specs/**/*.yaml").matches("specs/a.yaml"), Pattern("specs/*.yaml").matches("specs/a/b.yaml")
        (True, False)
        >>> Pattern("stage3[*]", ".").matches("stage3[2]"), Pattern("stage?", ".").matches("stage3[2]")
        (True, False)
        """
        return self._matcher(text) if self.wild else text == self.text

    @cached_property
    def _matcher(self) -> Callable[[str], bool]:
        return matcher(self.text, self.separator)

    def matches_path(self, path: str) -> bool:
        """True if it stands for a layer or block, or for one of the equal ones that `stage[0..9]` stands for.

        >>> Pattern("stage[*]", ".").matches_path("stage[0..9]"), Pattern("stage[10]", ".").matches_path("stage[0..9]")
        (True, False)
        """
        if ".." not in path:
            return self.matches(path)
        wanted = [int(index) for index in re.findall(r"\[(\d{1,9})\]", self.text)]

        def one(found: re.Match[str]) -> str:
            first, last = int(found.group(1)), int(found.group(2))
            return f"[{next((index for index in wanted if first <= index <= last), first)}]"

        return self.matches(re.sub(r"\[(\d+)\.\.(\d+)\]", one, path))

    def leads_to(self, path: str) -> bool:
        """False if it stands for nothing inside the block at `path`: that is seen where the block around it says so.

        >>> Pattern("a.*.c", ".").leads_to("a.b"), Pattern("a.*.c", ".").leads_to("b.b")
        (True, False)
        """
        levels = self.text.split(".")
        depth = path.count(".") - 2 * path.count("..")  # of what is around it
        if "**" in self.text and "**" in ".".join(levels[:depth]):
            return Pattern(f"{self.text.partition('**')[0]}**", ".").matches_path(path)
        around = ".".join(_LEVELS.findall(path)[:depth])
        return depth < len(levels) and (not depth or Pattern(".".join(levels[:depth]), ".").matches_path(around))

    def files(self, folder: Path) -> Iterator[str]:
        """The files below `folder` that it stands for, relative to it, sorted; nothing hidden."""
        if not self.wild:
            if (folder / self.text).is_file():
                yield self.text
            return
        start = folder / self.fixed
        if way_out(start) is None:
            found = (path.relative_to(folder).as_posix() for path in _walk(start))
            yield from sorted(name for name in found if self.matches(name))

    @property
    def fixed(self) -> str:
        """The folders before the first wildcard, which are looked up as they are written."""
        return re.split(r"[*?]", self.text, maxsplit=1)[0].rpartition("/")[0] if self.wild else self.text


_LEVELS = re.compile(r"(?:\[\d+\.\.\d+\]|[^.])+")
"""The levels of a path: `stage[0..9].conv` has two."""


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below, without hidden files and folders and without following links to folders."""
    folders = [folder]
    while folders:
        try:
            entries = list(folders.pop().iterdir())
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            try:
                if entry.is_dir():
                    if not entry.is_symlink():
                        folders.append(entry)
                elif entry.is_file():
                    yield entry
            except OSError:
                continue
