"""Wildcards against the regular expressions that mean the same, which are slow only on hostile patterns."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from costcalc.text.wildcards import matcher, one_pass

MEANS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
patterns = st.lists(st.sampled_from(["**/", "**", "*", "?", "a", "b", "/", "ab/"]), max_size=6).map("".join)


def expression(pattern: str, separator: str) -> str:
    """The definition: each piece as `re` would have it."""
    split = r"(\*\*/|\*\*|\*|\?)" if separator == "/" else r"(\*\*|\*|\?)"
    pieces = [MEANS.get(piece) or re.escape(piece) for piece in re.split(split, pattern)]
    return "".join(pieces) if separator == "/" else "".join(pieces).replace("[^/]", f"[^{re.escape(separator)}]")


@given(patterns, st.text("ab/.\n", max_size=8))
def test_files(pattern: str, text: str) -> None:
    """Levels are divided by `/`."""
    meant = bool(re.fullmatch(expression(pattern, "/"), text, re.DOTALL))
    assert matcher(pattern, "/")(text) == one_pass(pattern, "/")(text) == meant


@given(patterns.map(lambda text: text.replace("/", ".")), st.text("ab.[", max_size=8))
def test_paths_of_layers(pattern: str, text: str) -> None:
    """Levels are divided by `.`, and `**.` is nothing of its own."""
    meant = bool(re.fullmatch(expression(pattern, "."), text, re.DOTALL))
    assert matcher(pattern, ".")(text) == one_pass(pattern, ".")(text) == meant


def test_many_stars_and_a_long_name() -> None:
    """As an expression this tries more than 10^40 divisions (2,000 over 20); here it is 2,000 steps."""
    assert not matcher("*a" * 20 + "*b", "/")("a" * 2000)
    assert matcher("*a" * 20 + "*b", "/")("a" * 2000 + "b")
    assert not matcher("**/*a/" * 20 + "b", "/")("a/" * 2000)
