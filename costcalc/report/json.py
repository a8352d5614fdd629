"""Reports as JSON: exact integers, the contract of the design's section 7. Keys are only ever added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from costcalc.comparison import Comparison
from costcalc.cost.memory import input_bytes
from costcalc.cost.metrics import ROWS_OF_BLOCKS, ROWS_OF_LAYERS, part_of_row, totals
from costcalc.cost.model import Report, Row
from costcalc.graph.model import Layer
from costcalc.report.account import not_counted, number, to_json
from costcalc.report.description import remark
from costcalc.report.layers import rolled_up

if TYPE_CHECKING:
    from fractions import Fraction

    from costcalc.cost.account import Account


class Stream:
    """An array whose items are made when they are written, one after another, and kept by nobody."""

    def __init__(self, make: Callable[[], Iterable[Any]]) -> None:
        self.make = make

    def __iter__(self) -> Iterator[Any]:
        return iter(self.make())


def dump(value: Any) -> Iterator[str]:
    """The text of a JSON value, readable, in pieces of whole lines; nothing in it is a command to GitHub's runner."""
    for piece in _pieces(value, "", ""):
        text = piece.replace("##[", "\\u0023#[")
        yield _without_halves(text) if "\\ud" in text else text


def _pieces(value: Any, before: str, indent: str) -> Iterator[str]:
    """As `json.dumps(value, indent=2)` has it; `before` stands first on the first line, `indent` on the others."""
    import json

    if not _holds_stream(value):
        yield before + json.dumps(value, indent=2, allow_nan=False).replace("\n", f"\n{indent}")
        return
    inner = f"{indent}  "
    if isinstance(value, dict):
        parts = (_pieces(item, f"{inner}{json.dumps(key)}: ", inner) for key, item in value.items())
    else:
        parts = (_pieces(item, inner, inner) for item in value)
    first, last = "{}" if isinstance(value, dict) else "[]"
    held = f"{before}{first}"
    empty = True
    for part in parts:
        for place, piece in enumerate(part):
            yield held if empty or place else f"{held},"
            held, empty = piece, False
    yield f"{held}{last}" if empty else held
    if not empty:
        yield f"{indent}{last}"


def _holds_stream(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_stream, value.values()))
    return isinstance(value, Stream) or (isinstance(value, list) and any(map(_holds_stream, value)))


def _without_halves(text: str) -> str:
    r"""JSON in which a byte of a file's name that is no text, `\udcff`, is written out: half a character is none.

    >>> print(_without_halves(r'"a\udcff.yaml, \ud83d\udcff, \\udcff"'))
    "a\\udcff.yaml, \ud83d\udcff, \\udcff"
    """
    import re

    whole = r"\\\\|\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}"  # a backslash, or the two halves of a character
    return re.sub(rf"({whole})|\\(ud[89a-f][0-9a-f]{{2}})", lambda found: found[1] or rf"\\{found[2]}", text)


def value_of(value: Any) -> Any:
    """An argument's value in JSON: rationals as decimals, tuples as lists."""
    if value.__class__ is tuple:
        return [value_of(item) for item in value]
    if value is None or value.__class__ in (int, bool, str):
        return value
    if hasattr(value, "denominator"):
        return int(value) if value.denominator == 1 else float(value)
    return str(getattr(value, "word", value))


def report(report: Report, *, depth: int | None = None, account: Account | None = None) -> dict[str, Any]:
    """`costcalc.report/1`. With an `account`, `counted` is what its convention makes of each layer and block."""
    graph = report.graph
    peak = report.peak()
    cut = rolled_up(report, depth)
    level = depth if cut is None else cut.depth
    return {
        "format": "costcalc.report/1",
        "name": graph.name,
        "spec": graph.path,
        "variant": graph.variant,
        "args": {name: value_of(value) for name, value in graph.args.items()},
        "batch": report.batch,
        "convention": _costcalc(report) if account is None else to_json(account),
        "dtype": graph.dtype,
        "layout": graph.layout,
        "input": {name: list(shape) for name, shape in graph.inputs.items()},
        "input_dtype": dict(graph.input_dtypes),
        "input_bytes": input_bytes(graph, report.batch),
        "output": {name: list(shape) for name, (_, shape) in graph.outputs.items()},
        "output_from": report.output_sources(level),
        "totals": totals(report),
        "tally": report.tally(),
        "peak": {"layer": peak.layer, "live": [{"path": path, "bytes": size} for path, size in peak.live]},
        "not_counted": [] if account is None else not_counted(account),
        "not_run": list(graph.not_run),
        **({} if cut is None else {"rolled_up": {"depth": cut.depth, "rows": cut.rows, "deepest": cut.deepest}}),
        "blocks": Stream(lambda: (_block(row) | _counted(row, account) for row in report.blocks(level))),
        "layers": Stream(lambda: (_layer(row, report.batch) | _counted(row, account) for row in report.rows(level))),
    }


def _costcalc(report: Report) -> dict[str, Any]:
    return {"name": "costcalc", "unit": "mac", "total": report.totals.macs}


def _counted(row: Row, account: Account | None) -> dict[str, Any]:
    return {} if account is None else {"counted": number(account.of(row))}


def _block(row: Row) -> dict[str, Any]:
    return {
        "path": row.path,
        "parent": row.parent,
        "block": row.op,
        "count": row.count,
        **part_of_row(row.cost, ROWS_OF_BLOCKS),
        "stored": row.stored,
        "run": row.run,
    }


def _layer(row: Row, batch: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "path": row.path,
        "op": row.op,
        "arguments": {name: value_of(value) for name, value in row.arguments.items()},
        "input": [None if shape is None else list(shape) for shape in row.input],
        "output": list(row.output),
        **part_of_row(row.cost, ROWS_OF_LAYERS),
        "from": [None if source is None else source.path for source in row.sources],
        "tally": _tally(row, batch),
        "count": row.count,
        "stored": row.stored,
        "run": row.run,
    }
    later = _later(row)
    if later:
        found["from_later"] = later
    if isinstance(row.child, Layer):
        found["dtype"] = row.child.dtype
        if row.child.op.view:
            found["view"] = True
    for key, text in (("remark", remark(row)), ("note", row.note)):
        if text:
            found[key] = text
    return found


def _later(row: Row) -> dict[str, list[str | None]]:
    """Path of instances that are one row -> where the inputs come from in all of them but the first."""
    found: dict[str, list[str | None]] = {}
    for place, source in enumerate(row.sources):
        for instances, path in source.later if source is not None else ():
            found.setdefault(instances, [None] * len(row.sources))[place] = path
    return found


def _tally(row: Row, batch: int) -> Mapping[str, int]:
    if not isinstance(row.child, Layer):
        return {}
    return {event: count * row.run * batch for event, count in row.child.tally().items() if row.run}


def comparison(comparison: Comparison, *, depth: int | None = None) -> dict[str, Any]:
    """`costcalc.comparison/1`: the ratios are to the first report, null where that is 0 or a ratio is beyond 10^308."""
    return {
        "format": "costcalc.comparison/1",
        "names": list(comparison.names),
        "reports": [
            report(item, depth=depth, account=account)
            for item, account in zip(
                comparison.reports, comparison.accounts or (None,) * len(comparison.reports), strict=True
            )
        ],
        "ratios": {
            metric: [_ratio(value, values[0]) for value in values] for metric, values in comparison.metrics.items()
        }
        | _convention_ratios(comparison.accounts),
    }


def _convention_ratios(accounts: tuple[Account, ...]) -> dict[str, list[float | None]]:
    totals = [account.total for account in accounts]
    return {"convention": [_ratio(total, totals[0]) for total in totals]} if totals else {}


def _ratio(value: int | Fraction, first: int | Fraction) -> float | None:
    try:
        return float(value / first) if first else None
    except OverflowError:
        return None
