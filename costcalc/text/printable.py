"""Text from a spec as it may safely be printed: no control character reaches a terminal or a log."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""`text` with control characters, escape sequences and direction marks written as `\x1b` or `\u202e`.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escape(ord(character)) for character in text)


def _escape(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def inert(line: str) -> str:
    r"""A line that GitHub's runner will not take for a command: `::name` first on it, or `##[name]` anywhere.

    >>> inert("  ::error::x"), inert("a ##[error]x"), inert("a::b")
    ('  \\::error::x', 'a #\\#[error]x', 'a::b')
    """
    line = line.replace("##[", "#\\#[") if "##[" in line else line
    return line.replace("::", "\\::", 1) if line.lstrip().startswith("::") else line
