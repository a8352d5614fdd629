"""Answer the completion scripts in `shells/`: a line up to the cursor -> what its last word can become.

The answer is a line of flags (`files`, `nospace`), then a candidate a line, with a tab before its help. A candidate is
never shell code: the scripts hand it to the shell as a word, and what cannot be printed is no candidate.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Mapping

SECONDS = 2
"""Nobody waits longer for the Tab key; what takes more, a hostile spec perhaps, completes nothing."""
MOST = 1_000


def answer(environment: Mapping[str, str]) -> int:
    """Print the answer to a shell and return the exit code, which is always 0."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        shell, line, word = (environment.get(f"COSTCALC_{name}", "") for name in ("COMPLETE", "LINE", "WORD"))
        lines = complete(shell, line, word)
    except Exception:
        return 0
    sys.stdout.write("".join(f"{text}\n" for text in lines))
    sys.stdout.flush()
    return 0


def complete(shell: str, line: str, word: str = "") -> list[str]:
    """The lines of the answer. `word` is what bash would replace, or the last word in zsh, without its quotes."""
    from click.shell_completion import ShellComplete, split_arg_string

    from costcalc.cli import group

    words = split_arg_string(line)
    if shell == "zsh":
        args, last = words[1:], word
    elif len(split_arg_string(f"{line}x")) > len(words):  # the cursor stands behind a space
        args, last = words[1:], ""
    else:
        args, last = words[1:-1], words[-1]
    option = last[: last.index("=") + 1] if last.startswith("-") and "=" in last else ""
    items = ShellComplete(group, {}, "costcalc", "").get_completions(args, last)
    found = {f"{option}{item.value}": item.help for item in items if item.type == "plain"}
    found = {value: text for value, text in found.items() if value.isprintable() and _whole(value)}
    flags = ["files"] if any(item.type in ("file", "dir") for item in items) else []
    flags += ["nospace"] if found and all(value.endswith(("=", ".")) for value in found) else []
    lines = [" ".join(flags)]
    kept, quote = _kept(last, word), _open_quote(line)
    for value, text in list(found.items())[:MOST]:
        if shell != "bash":
            lines.append(f"{value}\t{' '.join(text.split())}" if text else value)
        elif (written := _quoted(value.removeprefix(kept), quote)) is not None:
            lines.append(written)
    return lines


def _kept(last: str, word: str) -> str:
    """The part of a word before the part that bash replaces: it also ends words at `=`, `:` and `@`."""
    from click.shell_completion import split_arg_string

    part = word if last.endswith(word) else "".join(split_arg_string(word)[-1:])
    return last[: len(last) - len(part)] if last.endswith(part) else last


def _open_quote(line: str) -> str:
    """The quote that a line of shell ends in, or nothing."""
    quote, escaped = "", False
    for character in line:
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif character in ("'", '"') and quote in ("", character):
            quote = "" if quote else character
    return quote


def _quoted(value: str, quote: str) -> str | None:
    r"""A word as bash must read it, inside the quote that is open; None where it cannot stand in that.

    >>> print(_quoted("a $(b)", ""), _quoted("a $(b)", "'"), _quoted("a $(b)", '"'), _quoted("it's", "'"))
    a\ \$\(b\) a $(b) a \$(b) None
    """
    if quote == "'":
        return None if "'" in value else value
    if quote:
        return None if "!" in value else re.sub(r'([$`"\\])', r"\\\1", value)
    return re.sub(r"([^\w.,:@=/+%-])", r"\\\1", value)


def _whole(value: str) -> bool:
    """True if a text can be written as UTF-8: a name of a file may hold bytes that are no text."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
