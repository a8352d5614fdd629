"""The program: `costcalc`, or `python -m costcalc`. An interrupt is one word and an exit code, also during imports."""

import sys


def main() -> int:
    """Run the command line and return its exit code. Nothing is imported before an interrupt is caught."""
    try:
        import os
        from signal import SIG_IGN, SIGINT, signal

        def end(lost: "sys.UnraisableHookArgs") -> None:
            """Python drops what is raised in a callback of its own, such as `__del__`: an interrupt ends us there."""
            if lost.exc_type is not KeyboardInterrupt:
                sys.__unraisablehook__(lost)
                return
            _say_so()
            os._exit(130)

        sys.unraisablehook = end
        from costcalc.cli import main as run

        code = run()
        signal(SIGINT, SIG_IGN)  # all is written: what follows is Python's own end
        return code
    except KeyboardInterrupt:
        from signal import SIG_IGN, SIGINT, signal

        signal(SIGINT, SIG_IGN)
        _say_so()
        return 130


def _say_so() -> None:
    if sys.stderr is not None:
        sys.stderr.write("interrupted\n")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
