"""Run every command on every bundled spec at two commits, and list each output that is not the same to the byte.

    python benchmarks/same_output.py BEFORE [AFTER]

BEFORE and AFTER are git revisions; AFTER is the working tree when not given. Both sides run the specs of BEFORE. The
exit code is 1 where anything differs; `--show N` prints the first lines of N differences.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FORMATS = ("table", "json", "csv", "markdown")
DRIVER = """
import io, json, sys
from costcalc.cli import main

def run(arguments):
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    kept = sys.argv, sys.stdout, sys.stderr
    sys.argv, sys.stdout, sys.stderr = ["costcalc", *arguments], out, err
    try:
        code = main()
    except SystemExit as exit:
        code = exit.code
    finally:
        sys.argv, sys.stdout, sys.stderr = kept
    out.flush(), err.flush()
    return [code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode()]

for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
"""


def commands(names: list[str], files: list[str]) -> Iterator[list[str]]:
    """The command lines: for all networks, then for each."""
    yield ["--help"]
    for form in FORMATS:
        yield from (["zoo", "--format", form], ["ops", "--format", form], ["check", "--format", form])
    for name in names:
        for form in FORMATS:
            yield ["show", name, "--format", form]
            yield ["compare", "basic", name, "--format", form]
        yield ["show", name, "--depth", "1", "--top", "3"]
        yield ["show", name, "--top", "5", "--sort", "params", "--convention", "thop"]
        yield ["compare", name, "resnet18", "--summary", "--convention", "fvcore", "--format", "csv"]
        yield ["compare", name, "resnet18", "--convention", "thop", "--format", "csv"]
        yield ["reconcile", name]
        yield ["reconcile", name, "--between", "fvcore", "thop", "--format", "json"]
        yield ["explain", name, "no_such_layer"]
        yield ["diff", "resnet18", name, "--top", "5"]
    for file in files:
        yield ["validate", file]
        yield ["check", file, "--limit", "macs=1G", "--format", "json"]
        yield ["check", file, "--limit", "macs=1k", "--format", "markdown"]
    for name in names[::8]:
        yield ["verify", name, "--budget", "100k", "--format", "json"]
        yield ["show", name, "--phase", "decode", "--sequence", "64"]


class Side:
    """A process that runs commands of one commit."""

    def __init__(self, code: Path, specs: Path) -> None:
        self.process = subprocess.Popen(  # noqa: S603  this interpreter
            [sys.executable, "-P", "-c", DRIVER],  # -P: the folder of the specs has a costcalc of its own
            cwd=specs, env={**os.environ, "PYTHONPATH": str(code), "COLUMNS": "100"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def send(self, command: list[str]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def answer(self) -> list[str]:
        assert self.process.stdout is not None
        found: list[str] = json.loads(self.process.stdout.readline())
        return found


def checkout(revision: str, folder: Path) -> Path:
    """The files of a commit, in a folder."""
    folder.mkdir()
    archive = subprocess.run(["git", "-C", ROOT, "archive", revision], capture_output=True, check=True).stdout  # noqa: S603, S607
    subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)  # noqa: S603, S607
    return folder


def main() -> None:
    """Compare, and say how much is the same."""
    parser = argparse.ArgumentParser(description="Outputs of two commits, side by side.")
    parser.add_argument("before")
    parser.add_argument("after", nargs="?")
    parser.add_argument("--show", type=int, default=5, help="differences to print (default 5)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        old = checkout(options.before, Path(place) / "before")
        new = checkout(options.after, Path(place) / "after") if options.after else ROOT
        zoo = [sys.executable, "-m", "costcalc", "zoo", "--format", "csv"]
        listed = subprocess.run(zoo, cwd=old, capture_output=True, text=True, check=True).stdout.splitlines()  # noqa: S603
        names = [line.split(",")[0] for line in listed[1:]]
        files = [path.relative_to(old).as_posix() for path in sorted((old / "specs").rglob("*.yaml"))]
        subprocess.run(["git", "init", "-q"], cwd=old, check=True)  # noqa: S607  as a working tree, for `check`
        sides = Side(old, old), Side(new, old)
        same, shown, differing = 0, 0, []
        for command in commands(names, files):
            for side in sides:
                side.send(command)
            before, after = (side.answer() for side in sides)
            if before == after:
                same += 1
                continue
            differing.append(" ".join(command))
            if shown < options.show:
                shown += 1
                texts = ["\n".join(map(str, answer)).splitlines() for answer in (before, after)]
                print(f"\n$ costcalc {' '.join(command)}")
                print("\n".join([line[:200] for line in difflib.unified_diff(*texts, lineterm="", n=0)][:20]))
    print(f"\n{same} outputs are the same to the byte, {len(differing)} differ")
    print("\n".join(differing))
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
