"""Standard streams that are closed or full, and interrupts: an exit code and a message, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from costcalc.cli.failure import code_of

ROOT = Path(__file__).resolve().parent.parent.parent
SPEC = "input: [4]\nlayers: [{linear: {out: 3, bias: false}}]\n"  # 4 * 3 = 12 multiply-adds


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of sh, in which `costcalc` is the program."""
    script = f'costcalc() {{ "{sys.executable}" -m costcalc "$@"; }}; {command}'
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["sh", "-c", script],  # noqa: S607  any sh
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.yaml").write_text(SPEC)
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        "validate -",
        "show -",
        "show - --format json",
        "compare net.yaml -",
        "check - --limit macs=1k",
        "verify -",
        "run -",
    ],
)
def test_standard_input_that_is_closed(command: str, folder: Path) -> None:
    done = shell(f"costcalc {command} <&-", folder)
    assert done.returncode == 3
    assert done.stderr == "<stdin>: error: standard input is closed\n  = name a file, or pipe one in\n"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("show net.yaml", 0),
        ("show net.yaml --format json", 0),
        ("show net.yaml -o out.txt", 0),
        ("check net.yaml --limit macs=11", 1),
        ("check net.yaml --limit macs=11 --format sarif", 1),
        ("show", 2),
        ("show gone.yaml", 3),
        ("--help", 0),
        ("verify net.yaml", 0),
        ("diff net.yaml net.yaml", 0),
    ],
)
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_change_no_exit_code(command: str, code: int, closed: str, folder: Path) -> None:
    done = shell(f"costcalc {command} {closed}", folder)
    assert done.returncode == code
    assert "bug in costcalc" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_closed_stream_gives_its_place_to_no_file(folder: Path) -> None:
    """A file that is opened takes the lowest free number: what is printed must not end up in it."""
    done = shell("costcalc show net.yaml -o out.txt >&- 2>&-; cat out.txt net.yaml", folder)
    assert done.stdout.startswith("net: input (4), batch 1, float32\n")
    assert done.stdout.endswith(SPEC)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
@pytest.mark.parametrize(
    "command", ["show net.yaml", "show net.yaml --format json", "ops", "--help", "validate net.yaml"]
)
def test_an_output_that_cannot_be_written(command: str, folder: Path) -> None:
    done = shell(f"costcalc {command} >/dev/full", folder)
    assert done.returncode == 3
    assert done.stderr in {
        "error: standard output cannot be written: No space left on device\n",
        "error: input or output: No space left on device\n",  # click writes the help
    }
    assert shell(f"costcalc {command.replace('net', 'gone')} 2>/dev/full >/dev/null", folder).returncode in (0, 3)


def test_the_output_may_be_called_by_its_device(folder: Path) -> None:
    done = shell("costcalc show net.yaml -o /dev/stdout | head -n 1", folder)
    assert (done.stdout, done.stderr) == ("net: input (4), batch 1, float32\n", "")


def test_too_little_memory_is_no_bug(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of(MemoryError()) == 3
    assert capsys.readouterr().err.startswith("error: this needs more memory than there is")


# --- interrupts ------------------------------------------------------------------------------------------------------

# Runs the program, and at the import of one module does what an interrupt at that moment does.
INTERRUPTED = """
import os, runpy, signal, sys

class Finder:
    def find_spec(name, path=None, target=None):
        if name == {module!r}:
            sys.meta_path.remove(Finder)
            {act}

class Dropped:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background starts with interrupts ignored
sys.meta_path.insert(0, Finder)
sys.argv = ["costcalc", "show", "net.yaml", "--format", "json"]
runpy.run_module("costcalc", run_name="__main__")
"""
MODULES = [
    "click", "costcalc.cli", "costcalc.cli.show", "costcalc.spec.load", "yaml", "costcalc.ops.conv", "costcalc.report.json",
]  # fmt: skip


@pytest.mark.parametrize("act", ["os.kill(os.getpid(), signal.SIGINT)", "Dropped()"], ids=["at once", "in a callback"])
@pytest.mark.parametrize("module", MODULES)
def test_an_interrupt_during_an_import(module: str, act: str, folder: Path) -> None:
    """Python drops what is raised in a callback such as `__del__`, but says a traceback; here the interrupt counts."""
    command = [sys.executable, "-c", INTERRUPTED.format(module=module, act=act)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "interrupted")


def test_the_program_is_the_module_that_awaits_interrupts() -> None:
    assert 'costcalc = "costcalc.__main__:main"' in (ROOT / "pyproject.toml").read_text()
