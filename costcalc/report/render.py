"""The formats: one table says which part of a view each renders, and with what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from costcalc.report.view import View


class Renderer(NamedTuple):
    """A format of output.

    Attributes:
        part: what it renders of a view: its `document`, its `rows`, or its `json`.
        function: what makes lines of that part, as `module:name`; imported when it is used.
        sentences: False where there is no room for notes, which are warnings then.
    """

    part: str
    function: str
    sentences: bool = True

    def lines(self, view: View) -> Iterator[str]:
        """The lines of a view, for a file or a pipe, without line ends."""
        module, _, name = self.function.partition(":")
        found: Iterator[str] = getattr(import_module(module), name)(getattr(view, self.part)())
        return found


FORMATS: Mapping[str, Renderer] = {
    "table": Renderer("document", "costcalc.report.plain:render"),
    "json": Renderer("json", "costcalc.report.json:dump", sentences=False),
    "csv": Renderer("rows", "costcalc.report.csv:render", sentences=False),
    "markdown": Renderer("document", "costcalc.report.markdown:render"),
}
"""Every format by its name. `--format`, its completion and its help are read off this table."""
