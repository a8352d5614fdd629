"""Peak memory and time of whole processes: a million rows as JSON and CSV, and networks of 2^60 layers.

    python benchmarks/rows.py [--rows 950000]

The first table has one network with about so many rows, layers and blocks together, and everything that writes rows.
The second has blocks that call blocks twice, 60 levels deep. Outputs go to no file; nothing is written but two specs
in a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT = 256
"""MiB that a process may take."""
UNIT = """
    - conv: {out: 8, kernel: KERNEL, padding: KERNEL // 2}
    - batch_norm
    - relu
    - conv: {out: 8, kernel: 1}
    - batch_norm
    - relu
    - conv: {out: 8, kernel: 1}
    - gelu
"""
MANY = """input: [8, 6, 5]
blocks:
  unit:UNITlayers:
  - layers:
      - layers:
          - unit:
            repeat: 60
            name: unit
        repeat: 50
        name: mid
    repeat: STAGES
    name: stage
"""
ROWS_OF_A_STAGE = 50 * (60 * 9 + 2) + 1
ONE, TWO = "many", "wide"
COMMANDS = [
    ("show", [ONE, "--format", "json"]),
    ("show", [ONE, "--format", "csv"]),
    ("show --sort macs", [ONE, "--sort", "macs", "--format", "csv"]),
    ("show --top 10", [ONE, "--top", "10"]),
    ("compare", [ONE, TWO, "--format", "json"]),
    ("compare", [ONE, TWO, "--format", "csv"]),
    ("diff", [ONE, TWO, "--format", "json"]),
    ("diff", [ONE, TWO, "--format", "csv"]),
    ("check", [ONE, "--limit", "macs=1"]),
]
DOUBLING = [
    ("show", ["doubling"]),
    ("show --top 10", ["doubling", "--top", "10"]),
    ("show", ["doubling", "--format", "json"]),
    ("compare", ["doubling", "gelu", "--format", "json"]),
    ("diff", ["doubling", "gelu"]),
    ("diff", ["doubling", "gelu", "--format", "json"]),
    ("check --why", ["doubling", "--limit", "macs=1", "--why"]),
]


def write(folder: Path, rows: int) -> None:
    """Write the specs."""
    stages = str(max(1, round(rows / ROWS_OF_A_STAGE)))
    for name, kernel in ((ONE, "1"), (TWO, "3")):
        text = MANY.replace("UNIT", UNIT.replace("KERNEL", kernel)).replace("STAGES", stages)
        (folder / f"{name}.yaml").write_text(text)
    calls = "".join(f"  b{level}: [b{level + 1}, b{level + 1}]\n" for level in range(60))
    for name, act in (("doubling", "relu"), ("gelu", "gelu")):
        leaf = f"  b60: [{{conv: {{out: 8, kernel: 1}}}}, {act}]\n"
        (folder / f"{name}.yaml").write_text(f"input: [8, 6, 5]\nblocks:\n{calls}{leaf}layers: [b0]\n")


def measure(folder: Path, command: str, arguments: list[str]) -> tuple[float, float, float, int]:
    """The wall seconds, CPU seconds and MiB of one process, and how many bytes it writes."""
    specs = [f"{word}.yaml" if (folder / f"{word}.yaml").exists() else word for word in arguments]
    start = time.perf_counter()
    with subprocess.Popen(  # noqa: S603  our own command
        [sys.executable, "-m", "costcalc", command.split()[0], *specs],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        size = 0
        while piece := process.stdout.read(1 << 20):
            size += len(piece)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"costcalc {command} {' '.join(specs)}: exit code {process.returncode}")
    seconds = usage.ru_utime + usage.ru_stime
    return time.perf_counter() - start, seconds, usage.ru_maxrss / (1 if sys.platform == "darwin" else 1024), size


def table(folder: Path, commands: list[tuple[str, list[str]]]) -> bool:
    """Print a table; True if no process takes more than it may."""
    print("| command | form | wall | CPU | peak memory | output |\n|---|---|---:|---:|---:|---:|")
    good = True
    for command, arguments in commands:
        form = arguments[arguments.index("--format") + 1] if "--format" in arguments else "table"
        wall, cpu, memory, size = measure(folder, command, arguments)
        good &= memory <= LIMIT
        print(f"| {command} | {form} | {wall:.1f} s | {cpu:.1f} s | {memory:.0f} MiB | {size / 2**20:,.1f} MiB |")
        sys.stdout.flush()
    return good


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=950_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, rows)
        print(f"\nAbout {rows:,} rows\n")
        good = table(folder, COMMANDS)
        print("\n2^60 times a convolution\n")
        good &= table(folder, DOUBLING)
    print(f"\n{'No' if good else 'A'} process takes more than {LIMIT} MiB.")
    raise SystemExit(not good)


if __name__ == "__main__":
    main()
