"""Whole processes: costcalc against the cost of importing its dependencies, and against other counters.

    python benchmarks/start_up.py                 against the import floor
    python benchmarks/start_up.py --peers DIR     also against torch-based counters, in an environment made in DIR

Every round runs all commands once, in turn, so that a machine that slows down slows them all; a figure is the median
of the rounds, a ratio the median of the ratios round by round. Linux counts in a process's peak memory what this script
takes, 14 MiB, so nothing shows less.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FLOOR = "import click, yaml, rich.console, rich.table"
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import floor": [sys.executable, "-c", FLOOR],
    "costcalc --version": [sys.executable, "-m", "costcalc", "--version"],
    "compare basic bottleneck": [sys.executable, "-m", "costcalc", "compare", "basic", "bottleneck"],
    "show resnet18": [sys.executable, "-m", "costcalc", "show", "resnet18"],
    "show resnet50": [sys.executable, "-m", "costcalc", "show", "resnet50"],
    "show resnet152 --depth 1": [sys.executable, "-m", "costcalc", "show", "resnet152", "--depth", "1"],
    "show resnet152": [sys.executable, "-m", "costcalc", "show", "resnet152"],
    "show resnet152, json": [sys.executable, "-m", "costcalc", "show", "resnet152", "--format", "json"],
}
# as an installed program runs: with compiled modules, which the first round writes where they are missing
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
PEERS = {
    "torchinfo": "import torchinfo; torchinfo.summary(m, input_data=x, verbose=0)",
    "fvcore": "from fvcore.nn import FlopCountAnalysis, flop_count_table; flop_count_table(FlopCountAnalysis(m, x))",
    "ptflops": "import ptflops; ptflops.get_model_complexity_info(m, tuple(x.shape[1:]), print_per_layer_stat=False)",
    "thop": "import thop; thop.profile(m, inputs=(x,), verbose=False)",
    "calflops": "import calflops; calflops.calculate_flops(model=m, input_shape=tuple(x.shape), print_results=False)",
    "torch FlopCounterMode": "from torch.utils.flop_counter import FlopCounterMode as F\nwith F(display=False): m(x)",
    "torchprofile": "import torchprofile; torchprofile.profile_macs(m, x)",
}
PEER_PACKAGES = [
    "torchvision==0.28.0", "transformers", "torchinfo", "fvcore", "ptflops", "thop", "calflops", "torchprofile",
]  # fmt: skip
# torchvision is made for one build of torch; with another its compiled operators are missing, and it wants to see them
MODEL = """
import torch
library = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    library.define(f"{name}(Tensor boxes, Tensor scores, float threshold) -> Tensor")
import torchvision
m = torchvision.models.NETWORK().eval()
x = torch.zeros(1, 3, 224, 224)
"""
NETWORKS = ("resnet18", "resnet50", "resnet152", "vit_b_16")


def run(command: list[str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak MiB of a process; raises if it fails."""
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=ENVIRONMENT)  # noqa: S603
        assert process.stdout is not None
        process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise RuntimeError(errors.read().decode(errors="replace")[-300:] or f"exit code {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def table(commands: dict[str, list[str]], floor: str, rounds: int) -> None:
    """Measure all commands in turn and print a line for each."""
    runs: dict[str, list[tuple[float, float, float]]] = {}
    for name, command in commands.items():
        try:
            run(command)  # warm the file system, and see that it works
            runs[name] = []
        except (OSError, RuntimeError) as error:
            print(f"| {name} | left out: {str(error).strip().splitlines()[-1][:90]} | | | |")
    for _ in range(rounds):
        for name, measured in runs.items():
            measured.append(run(commands[name]))
    for name, measured in runs.items():
        wall, cpu, memory = (statistics.median(figures) for figures in zip(*measured, strict=True))
        ratio = statistics.median(a[0] / b[0] for a, b in zip(measured, runs[floor], strict=True))
        print(f"| {name} | {wall * 1000:.0f} ms | {cpu * 1000:.0f} ms | {memory:.1f} MiB | {ratio:.2f} |")


def peer_python(folder: Path) -> str:
    """A Python with the other counters, installed into `folder` where that is possible."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)  # noqa: S603
        for package in ("torch==2.13.0", *PEER_PACKAGES):
            extra = ["--no-deps"] if package.startswith("torchvision") else []  # it would bring another torch
            done = subprocess.run([str(python), "-m", "pip", "install", "-q", *extra, package], check=False)  # noqa: S603
            if done.returncode:
                print(f"{package} cannot be installed here")
    return str(python)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--peers", type=Path, help="a folder for an environment with other counters")
    options = parser.parse_args()
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}, {options.rounds} rounds\n"
    )
    heading = "| command | wall | CPU | peak memory | ratio to {} |\n|---|---:|---:|---:|---:|"
    print(heading.format("import floor"))
    table(COMMANDS, "import floor", options.rounds)
    if options.peers is None:
        return
    python = peer_python(options.peers)
    for network in NETWORKS:
        print(f"\n{network}\n\n{heading.format('costcalc')}")
        model = MODEL.replace("NETWORK", network)
        commands = {name: [python, "-c", model + code] for name, code in PEERS.items()}
        commands = {"costcalc": [sys.executable, "-m", "costcalc", "show", network], **commands}
        table(commands, "costcalc", min(options.rounds, 3))


if __name__ == "__main__":
    main()
    print(f"\npeak of this script: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
