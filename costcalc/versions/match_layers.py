"""Match the layers of two networks: by path and content, then by alignment, never by position alone.

Automatic names (`conv_2`) shift when a layer is put before them. So equal layers in equal places are found first, as
a sequence, with such numbers left out; then equal paths; then equal ops with equal arguments, in order; then equal ops
that stand alike within blocks of another name.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher

from costcalc.versions.piece import Piece

Pair = tuple[Piece | None, Piece | None]
"""A layer before and after; None where it did not exist."""
LARGEST = 4_000_000
"""Sequences whose lengths have a larger product are cut up before they are aligned: it would take minutes."""

REACH = 100
"""So far ahead a partner is looked for where nothing else tells which of many equal layers is which."""


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
    partner.update((new[now], old[was]) for was, now in common(*keys))


def common(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[tuple[int, int]]:
    """The positions of equal keys, in order; of long sequences between keys that occur once on each side.

    That is how patience diff cuts up files: what is equal at both ends is paired first, then what is unique, and only
    what stands between is looked at closely. Where that is still too long, equal keys are paired in order.
    """
    waiting = [(0, len(old), 0, len(new))]
    while waiting:
        first, last, start, end = waiting.pop()
        if (last - first) * (end - start) <= LARGEST:
            blocks = SequenceMatcher(None, old[first:last], new[start:end], autojunk=False).get_matching_blocks()
            yield from ((first + a + k, start + b + k) for a, b, size in blocks for k in range(size))
            continue
        while first < last and start < end and old[first] == new[start]:
            yield first, start
            first, start = first + 1, start + 1
        while first < last and start < end and old[last - 1] == new[end - 1]:
            last, end = last - 1, end - 1
            yield last, end
        if (last - first) * (end - start) <= LARGEST:
            waiting.append((first, last, start, end))
            continue
        anchors = _unique(old, new, first, last, start, end)
        yield from anchors or _in_order(old, new, first, last, start, end)
        for was, now in [*anchors, (last, end)] if anchors else ():
            waiting.append((first, was, start, now))
            first, start = was + 1, now + 1


def _unique(
    old: Sequence[Hashable], new: Sequence[Hashable], first: int, last: int, start: int, end: int
) -> list[tuple[int, int]]:
    """The keys that occur once on each side, those of them that stand in the same order: as many as there can be."""
    counts = Counter(old[first:last]), Counter(new[start:end])
    places = {old[was]: was for was in range(first, last) if counts[0][old[was]] == 1}
    pairs = [(places[new[now]], now) for now in range(start, end) if counts[1][new[now]] == 1 and new[now] in places]
    ends: list[int] = []  # the smallest old position that a chain of each length ends at
    tails: list[int] = []  # and which pair that is
    before: list[int] = []  # the pair that stands before each pair in its chain
    for position, (was, _) in enumerate(pairs):
        length = bisect_left(ends, was)
        ends[length : length + 1] = [was]
        tails[length : length + 1] = [position]
        before.append(tails[length - 1] if length else -1)
    chain: list[tuple[int, int]] = []
    position = tails[-1] if tails else -1
    while position >= 0:
        chain.append(pairs[position])
        position = before[position]
    return chain[::-1]


def _in_order(
    old: Sequence[Hashable], new: Sequence[Hashable], first: int, last: int, start: int, end: int
) -> Iterator[tuple[int, int]]:
    """After each pair the next equal keys, not far off: one that is leaves all between without a partner."""
    places: dict[Hashable, list[int]] = {}
    for was in reversed(range(first, last)):
        places.setdefault(old[was], []).append(was)
    for now in range(start, end):
        those = places.get(new[now], [])
        while those and those[-1] < first:
            those.pop()
        if those and those[-1] - first < REACH:
            first = those.pop() + 1
            yield first - 1, now


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
