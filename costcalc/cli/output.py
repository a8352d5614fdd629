"""Write output: to the terminal, a pipe, or a file that is written whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from costcalc.errors import CostcalcError

if TYPE_CHECKING:
    from costcalc.report.document import Document
    from costcalc.report.view import View

NARROWEST_SCREEN = 20


def deliver(view: View, form: str = "table", path: str | None = None, reads: Iterable[str] = ()) -> None:
    """Print a view in a format, or write it to `path`; `reads` are files that must not be overwritten.

    Notes that the format has no room for are warnings.
    """
    from costcalc.report.render import FORMATS

    renderer = FORMATS[form]
    if not renderer.sentences:
        from costcalc.cli.failure import say

        for line in view.notes(renderer.part):
            say(f"warning: {line}")
    if renderer.part != "document" or path is not None:
        emit(renderer.lines(view), path, reads)
    elif form == "table":
        print_document(view.document())
    else:
        from costcalc.cli.actions import guarded

        emit(guarded(renderer.lines(view)))


def print_document(document: Document) -> None:
    """Print a document on a terminal in colours and as wide as that is, elsewhere as plain text."""
    if coloured():
        from costcalc.report.terminal import render, wants_colour

        columns = max(NARROWEST_SCREEN, width_of_screen())
        emit(render(document, columns=columns, colour=wants_colour(os.environ)))
        return
    from costcalc.cli.actions import guarded
    from costcalc.report.plain import render as plain

    emit(guarded(plain(document)))


def coloured() -> bool:
    """True if standard output is a terminal, or FORCE_COLOR says to treat it as one."""
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def width_of_screen() -> int:
    """The columns of the terminal."""
    import shutil

    return shutil.get_terminal_size().columns


def emit(lines: Iterable[str], path: str | None = None, reads: Iterable[str] = ()) -> None:
    """Print lines, or write them to `path` whole or not at all. `-` is standard output."""
    if path is not None and path != "-":
        write_whole(path, (f"{line}\n" for line in lines), reads)
        return
    encoding = sys.stdout.encoding or "ascii"
    try:
        for line in lines:  # a name of a file may hold bytes that are no text, and then no encoding has them
            text = line if line.isascii() else line.encode(encoding, "backslashreplace").decode(encoding)
            sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # the reader has enough; the command's exit code stays what it would have been
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise CostcalcError(f"standard output cannot be written: {error.strerror or error}") from None


def write_whole(path: str, text: Iterable[str], reads: Iterable[str] = (), *, regular: bool = False) -> None:
    """Write pieces of text to a file, through a temporary one beside it: the old one stays until the new is complete.

    With `regular`, nothing else is written: a named pipe would be waited for.

    Raises:
        CostcalcError: the place cannot be written, is one of the inputs, or a link takes it out of its repository.
    """
    import tempfile
    from pathlib import Path

    from costcalc.text.bounds import way_out

    forbidden = way_out(path)
    if forbidden is not None:
        raise CostcalcError(f"{path}: is {forbidden}: nothing is written there")
    target = Path(os.path.realpath(path))
    if str(target) in map(os.path.realpath, reads):
        raise CostcalcError(f"{path}: is an input of this command and would be overwritten")
    if target.suffix in (".yaml", ".yml") and target.is_file():
        raise CostcalcError(f"{path}: is a YAML file; what is written here is none, so it would be lost")
    if target.is_dir():
        raise CostcalcError(f"{path}: is a folder")
    if regular and target.exists() and not target.is_file():
        raise CostcalcError(f"{path}: is not a regular file")
    temporary = None
    try:
        if os.path.exists(path) and not os.path.isfile(path):  # /dev/null, a named pipe: nothing to keep
            with open(path, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.writelines(text)
            return
        handle, name = tempfile.mkstemp(prefix=".costcalc-", dir=target.parent)
        temporary = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.writelines(text)
        temporary.chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        raise CostcalcError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        if temporary is not None:  # there no more if all went well
            temporary.unlink(missing_ok=True)


def _umask() -> int:
    """The process's mask for new files; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
