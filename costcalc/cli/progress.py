"""A progress bar on standard error: only on a terminal, and gone when the work is done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Show = Callable[[int, int, str], None]


@contextmanager
def progress(unit: str, *, parts: int = 1) -> Iterator[Callable[[int, str], Show]]:
    """Inside, `show = bar(part, name)` gives a function (done, total, what) for part number `part` of `parts`."""
    if not sys.stderr.isatty():
        yield lambda part, name: lambda done, total, what: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=parts)

        def begin(part: int, name: str) -> Show:
            def show(done: int, total: int, what: str) -> None:
                share = done / total if total else 1.0
                text = f"{name}: {what}" if what else name
                bar.update(task, completed=part + share, description=f"{text[:48]} ({done:,} of {total:,} {unit})")

            return show

        yield begin
