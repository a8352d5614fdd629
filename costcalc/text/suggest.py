"""The nearest known name, for a message that ends in a question."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name most like `word`, or None when nothing is near.

    >>> nearest("kernle", ["kernel", "stride"])
    'kernel'
    """
    from difflib import get_close_matches  # only a mistake pays for it

    matches = get_close_matches(word[:100], sorted(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean 'kernel'?`, or the sorted choices when they are few, or nothing."""
    known = sorted(known)
    match = nearest(word, known)
    if match is not None:
        return f"did you mean '{match}'?"
    return f"choose from: {', '.join(known)}" if 0 < len(known) <= 12 else ""
