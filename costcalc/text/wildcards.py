"""Wildcards of files and of layer paths, matched in little time however many there are.

A regular expression of several `*` tries every way to divide the text among them: ten of them in a configuration, and
one long name, would take years. So where there are many ways all are followed at once, as the bits of one number.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_PIECES = {"/": re.compile(r"(\*\*/|\*\*|\*|\?)"), "": re.compile(r"(\*\*|\*|\?)")}
MOST_WAYS = 1_000_000


def matcher(pattern: str, separator: str) -> Callable[[str], bool]:
    """A test of whether a text is what a pattern stands for: `*` within a level, `**` across, `?` one character.

    `**/` also stands for no level at all.
    """
    level = f"[^{re.escape(separator)}]"
    means = {"**/": "(?:.*/)?", "**": ".*", "*": f"{level}*", "?": level}
    pieces = [means.get(piece) or re.escape(piece) for piece in _pieces(pattern, separator)]
    expression = re.compile("".join(pieces), re.DOTALL)
    stars = sum("*" in piece for piece in _pieces(pattern, separator))
    slow = one_pass(pattern, separator)
    return lambda text: slow(text) if len(text) ** stars > MOST_WAYS else expression.fullmatch(text) is not None


def _pieces(pattern: str, separator: str) -> list[str]:
    """The pattern cut at its wildcards; one that stands twice in a row is as much as one."""
    pieces = [piece for piece in _PIECES["/" if separator == "/" else ""].split(pattern) if piece]
    return [piece for piece, before in zip(pieces, ["", *pieces], strict=False) if piece != before or "*" not in piece]


def one_pass(pattern: str, separator: str) -> Callable[[str], bool]:
    """The same test, which goes over the text once."""
    literal: dict[str, int] = {}
    single = within = across = skip = 0
    place = 1  # the bit of the place in the pattern that is reached next
    for piece in _pieces(pattern, separator):
        if piece == "**/":  # over it at once, or any text and a separator
            skip |= place
            across |= place << 1
            literal[separator] = literal.get(separator, 0) | place << 2
            place <<= 3
        elif piece == "**":
            across |= place
            place <<= 1
        elif piece == "*":
            within |= place
            place <<= 1
        elif piece == "?":
            single |= place
            place <<= 1
        else:
            for character in piece:
                literal[character] = literal.get(character, 0) | place
                place <<= 1
    end, passed = place, within | across

    def closed(reached: int) -> int:
        """With what is reached without a character: behind a star, and behind `**/`."""
        while True:
            more = reached | (reached & passed) << 1 | (reached & skip) << 1 | (reached & skip) << 3
            if more == reached:
                return reached
            reached = more

    def matches(text: str) -> bool:
        reached = closed(1)
        for character in text:
            staying, moving = across, literal.get(character, 0)
            if character != separator:
                staying |= within
                moving |= single
            reached = closed(reached & staying | (reached & moving) << 1)
            if not reached:
                return False
        return bool(reached & end)

    return matches
