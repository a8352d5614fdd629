"""A report whose multiply-adds are counted as a convention counts: for whoever judges another tool's number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from costcalc.cost.account import Account
from costcalc.cost.model import Report, Row
from costcalc.errors import CostcalcError


@dataclass(frozen=True, eq=False)
class Recounted(Report):
    """A report in which `macs` of the whole and of every row are what `account` says."""

    account: Account

    def rows(self, depth: int | None = None, *, fold: int | None = None) -> Iterator[Row]:
        return map(self._recount, super().rows(depth, fold=fold))

    def blocks(self, depth: int | None = None) -> Iterator[Row]:
        return map(self._recount, super().blocks(depth))

    def _recount(self, row: Row) -> Row:
        return replace(row, cost=row.cost._replace(macs=_whole(self, self.account.of(row))))


def recount(account: Account) -> Recounted:
    """The report of an account, counted its way; what the spec expects of `macs` is not asked of another count.

    Raises:
        CostcalcError: the convention gives no whole number.
    """
    report = account.report
    expect = {key: value for key, value in report.graph.expect.items() if key not in ("macs", "flops")}
    totals = report.totals._replace(macs=_whole(report, account.total))
    return Recounted(replace(report.graph, expect=expect), report.batch, totals, report.costs, account)


def _whole(report: Report, number: object) -> int:
    if not isinstance(number, int):
        raise CostcalcError(f"the convention gives {report.name} {number}, which is not whole: it cannot be judged")
    return number
