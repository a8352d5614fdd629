"""The view of one network: its layers, blocks and totals, and what a phase of a language model adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from costcalc.cost.model import Report
from costcalc.report.document import Document
from costcalc.report.layers import rolled_up_note, show
from costcalc.report.view import View

if TYPE_CHECKING:
    from costcalc.cost.account import Account
    from costcalc.cost.language import Language


def view(
    report: Report,
    *,
    depth: int | None = None,
    sort: str | None = None,
    top: int | None = None,
    account: Account | None = None,
    columns: Sequence[str] = (),
    language: Language | None = None,
) -> View:
    """The view that `costcalc show` prints.

    `sort` is by position when not given, and by MACs with `top`. The rows are those of the layers.
    """
    order = sort or ("macs" if top else "position")

    def layers() -> Document:
        return show(report, depth=depth, sort=order, top=top, account=account, columns=columns)

    def document() -> Document:
        if language is None:
            return layers()
        from costcalc.report.language import show as show_language

        return (*layers(), *show_language(report, language))

    def json() -> dict[str, Any]:
        from costcalc.report.json import report as to_json

        found = to_json(report, depth=depth, account=account)
        if language is not None:
            from costcalc.report.language import to_json as language_to_json

            found["language"] = language_to_json(report, language)
        return found

    def notes(part: str) -> Sequence[str]:
        return rolled_up_note(report, depth, top if part == "rows" else None)

    return View(document, json, rows=lambda: layers()[1:2], notes=notes)
