"""Which layer of one network is which of another: by path and content, then by alignment, never by position alone.

Automatic names (`conv_2`) shift when a layer is put before them. So equal layers in equal places are found first, as
a sequence, with such numbers left out; then equal paths; then equal ops with equal arguments, in order; then equal ops
that stand alike within blocks of another name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from difflib import SequenceMatcher

from costcalc.budget.snapshot import Piece

Pair = tuple[Piece | None, Piece | None]
"""A layer before and after; None where it did not exist."""
LARGEST = 4_000_000
"""Products of lengths beyond this are not aligned: it would take seconds."""


def match(before: Sequence[Piece], after: Sequence[Piece]) -> list[Pair]:
    """Every layer of both once, in the order of `after`; those that are gone stand where they stood."""
    if [(piece.path, piece.op) for piece in before] == [(piece.path, piece.op) for piece in after]:
        return list(zip(before, after, strict=True))
    partner: dict[int, int] = {}  # position after -> position before
    _align(before, after, partner, _same)
    _by_path(before, after, partner)
    for key in (_alike, _standing_alike):
        if (len(before) - len(partner)) * (len(after) - len(partner)) <= LARGEST:
            _align(before, after, partner, key)
    return _ordered(before, after, partner)


def _align(
    before: Sequence[Piece], after: Sequence[Piece], partner: dict[int, int], key: Callable[[Piece], Hashable]
) -> None:
    """Pair what has no partner yet, by the longest common subsequences of keys."""
    taken = set(partner.values())
    old = [position for position in range(len(before)) if position not in taken]
    new = [position for position in range(len(after)) if position not in partner]
    keys = [key(before[position]) for position in old], [key(after[position]) for position in new]
    for start, other, size in SequenceMatcher(None, *keys, autojunk=False).get_matching_blocks():
        partner.update((new[other + k], old[start + k]) for k in range(size))


def _by_path(before: Sequence[Piece], after: Sequence[Piece], partner: dict[int, int]) -> None:
    taken = set(partner.values())
    old = {piece.path: position for position, piece in enumerate(before) if position not in taken}
    for position, piece in enumerate(after):
        if position not in partner and piece.path in old:
            partner[position] = old[piece.path]


def _ordered(before: Sequence[Piece], after: Sequence[Piece], partner: dict[int, int]) -> list[Pair]:
    gone = iter(sorted(set(range(len(before))) - set(partner.values())))
    waiting = next(gone, None)
    pairs: list[Pair] = []
    for position, piece in enumerate(after):
        old = partner.get(position)
        while old is not None and waiting is not None and waiting < old:
            pairs.append((before[waiting], None))
            waiting = next(gone, None)
        pairs.append((None if old is None else before[old], piece))
    while waiting is not None:
        pairs.append((before[waiting], None))
        waiting = next(gone, None)
    return pairs


def _stable(path: str) -> str:
    """A path without the numbers of automatic names and of rows folded: `conv_2.stage[0..9]` -> `conv.stage[..]`."""
    return re.sub(r"_\d+(?=[.\[]|$)|\d+(?=\.\.\d)|(?<=\.\.)\d+(?=\])", "", path)


def _same(piece: Piece) -> Hashable:
    return _stable(piece.path), piece.op, tuple(piece.arguments.items())


def _alike(piece: Piece) -> Hashable:
    return piece.op, tuple(piece.arguments.items())


def _standing_alike(piece: Piece) -> Hashable:
    return piece.op, _stable(piece.path).partition(".")[2]
