"""JSON is written piece by piece, and reads as if it had been written at once."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from costcalc.comparison import compare
from costcalc.cost.model import Report
from costcalc.report.comparison import flat
from costcalc.report.csv import render as csv_lines
from costcalc.report.json import Stream, comparison, dump, report
from costcalc.report.layers import show

Cost = Callable[..., Report]


def whole(value: Any) -> Any:
    """A value with its streams as lists."""
    if isinstance(value, dict):
        return {key: whole(inner) for key, inner in value.items()}
    return [whole(inner) for inner in value] if isinstance(value, (list, Stream)) else value


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        {"a": Stream(list)},
        {"a": 1, "none": Stream(list), "some": Stream(lambda: [1, {"x": [1, 2], "y": {}, "z": []}, "ü\n"]), "last": {}},
        {"reports": [{"rows": Stream(lambda: [{"a": [1]}])}, {"rows": Stream(list)}], "ratios": {"macs": [1, None]}},
        [Stream(lambda: [Stream(lambda: [1, 2]), Stream(list)])],
    ],
)
def test_a_stream_is_written_as_json_writes_a_list(value: Any) -> None:
    """To the letter, wherever it stands."""
    assert "\n".join(dump(value)) == json.dumps(whole(value), indent=2)


def test_a_stream_is_no_list_that_might_be_taken_for_an_empty_one() -> None:
    """Who writes it by another way is told."""
    with pytest.raises(TypeError, match="Stream is not JSON serializable"):
        json.dumps({"layers": Stream(lambda: [1])})


NESTED = """
    input: [3, 9, 8]
    layers:
      - layers:
          - {conv: {out: 3, kernel: 3, padding: 1}, repeat: 60, name: conv}
          - batch_norm
        repeat: 50
        name: inner
    """


def peak(pieces: Iterable[str]) -> tuple[int, int]:
    """How many pieces come, and the most bytes in use while they do."""
    tracemalloc.start()
    count = sum(1 for _ in pieces)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return count, most


@pytest.mark.parametrize("form", ["show json", "compare json", "show csv", "show csv by path", "compare csv"])
def test_rows_are_forgotten_once_they_are_written(cost: Cost, form: str) -> None:
    """Thousands of rows take no more memory than a hundred: of 3,050 layers none is kept, which would be megabytes."""
    many, few = cost(NESTED), cost(NESTED.replace("repeat: 50", "repeat: 2"))

    def pieces(network: Report) -> Iterable[str]:
        if form == "show json":
            return dump(report(network))
        if form == "compare json":
            return dump(comparison(compare([network, network])))
        if form.startswith("show csv"):
            return csv_lines(show(network, sort="path" if form.endswith("path") else "position")[1:2])
        return csv_lines(flat(compare([network, network]), depth=None, sort="position", top=None, summary=False))

    for network in (few, many):  # what is found once and kept is no row
        list(pieces(network))
    rows, least = peak(pieces(few))
    more, most = peak(pieces(many))
    assert more > 20 * rows
    assert most < least + 400_000


def test_a_ratio_that_no_float_holds_is_null(cost: Cost) -> None:
    """10^9 repeated 40 times is 10^360 layers; the other way round the ratio is 0."""
    blocks = "".join(f"      b{k}: [{{b{k + 1}: , repeat: 1000000000}}]\n" for k in range(40))
    huge = cost(f"\n    input: [4]\n    blocks:\n{blocks}      b40: [relu]\n    layers: [b0]\n")
    small = cost("input: [4]\nlayers: [relu]\n")
    assert huge.totals.layers == 10**360
    assert whole(comparison(compare([small, huge])))["ratios"]["layers"] == [1.0, None]
    assert whole(comparison(compare([huge, small])))["ratios"]["layers"] == [1.0, 0.0]
