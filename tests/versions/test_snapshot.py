"""What is inside a network is found by walking to it just as in a list of everything."""

from __future__ import annotations

import pytest

import costcalc
from costcalc.text.pattern import Pattern
from costcalc.versions import snapshot
from costcalc.versions.piece import Piece
from costcalc.versions.snapshot import Measured

PATTERNS = ["stage1", "stage?", "stage*", "*", "*.*", "**", "**.conv", "stage3[*]", "stage3[2].**.conv", "*[1]", "none"]


@pytest.mark.parametrize("name", ["resnet50", "googlenet_aux", "mixtral_8x7b"])
def test_what_is_looked_for_is_what_a_list_has(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Patterns and paths give the same whether all is listed (as for small networks) or walked to (as for large)."""
    report = costcalc.estimate(costcalc.build(costcalc.load(name)))
    listed = Measured(report)
    assert listed.cut is None
    paths = [*listed.paths()]
    wanted = {text: listed.matching([Pattern(text, ".")]) for text in (*PATTERNS, *paths[:40])}
    pieces = {path: listed.part(path) for path in paths[::7]}
    monkeypatch.setattr(snapshot, "MOST_HELD", 0)
    walked = Measured(report)
    assert walked.cut is not None
    monkeypatch.setattr(snapshot, "MOST_HELD", 10**9)
    assert {*walked.paths()} == {*paths}
    for text, those in wanted.items():
        assert told(walked.matching([Pattern(text, ".")])) == told(those)
    for path, piece in pieces.items():
        assert told([walked.part(path)]) == told([piece])
    assert walked.part("nothing.of.this") is None


def told(pieces: list[Piece | None] | list[Piece] | None) -> list[tuple[str, str, dict[str, object]]]:
    assert pieces is not None
    assert None not in pieces
    return [(piece.path, piece.op, dict(piece.numbers)) for piece in pieces if piece is not None]
