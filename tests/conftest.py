"""Settings for the whole suite."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from textwrap import dedent
from types import FrameType
from typing import Any

import pytest
from hypothesis import settings

from costcalc.cost.estimate import estimate
from costcalc.cost.model import Report
from costcalc.graph.build import build
from costcalc.spec.load import load_text

# A shared machine may take long over one example, which is no fault; and a failure must come back on the next run.
settings.register_profile("costcalc", deadline=None, derandomize=True)
settings.load_profile("costcalc")


@pytest.fixture
def cost() -> Callable[..., Report]:
    """The function `cost(text, args, input, batch)`: the report of a spec that is given as YAML."""

    def cost(text: str, args: Any = None, input: Any = None, batch: int = 1) -> Report:
        return estimate(build(load_text(dedent(text)), args, input), batch)

    return cost


Limit = Callable[[int], AbstractContextManager[None]]


@contextmanager
def _at_most(limit: int) -> Iterator[None]:
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")
        if calls > limit:
            sys.setprofile(None)
            raise AssertionError(f"more than {limit:,} calls")

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)


@pytest.fixture
def at_most() -> Limit:
    """`with at_most(20_000):` fails after so many calls of functions: how much work something is, whatever the machine."""
    return _at_most
