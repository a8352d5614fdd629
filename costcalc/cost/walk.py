"""The rows of a report, made by walking the tree: all of them, the blocks, or what stands at a path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from costcalc.cost.away import Away
from costcalc.cost.extent import MOST_ROWS, Extent
from costcalc.cost.model import Report, Row
from costcalc.cost.places import Instance, Place, Tour
from costcalc.cost.sources import Made
from costcalc.errors import CostcalcError, UnknownChoice
from costcalc.graph.model import FOLD, Block, Layer
from costcalc.text.suggest import did_you_mean

MOST_SUGGESTED = 10_000


def rows(report: Report, depth: int | None, fold: int | None) -> Iterator[Row]:
    """See `Report.rows`."""
    fold = FOLD if fold is None else fold
    need_printable(report.extent if fold == FOLD else Extent(report, fold), depth)
    return (place.row(report) for place in walk(Tour(report, fold, depth)) if is_printed(place, depth))


def blocks(report: Report, depth: int | None) -> Iterator[Row]:
    """See `Report.blocks`."""
    need_printable(report.extent, depth)
    return (place.row(report) for place in walk(Tour(report, depth=depth)) if place.rolled)


def output_sources(report: Report, depth: int | None) -> dict[str, str]:
    """See `Report.output_sources`."""
    graph = report.graph
    inputs = list(graph.inputs)
    made = Made(graph.root, tuple, path="", away=Away(graph.root.tied), at=1, depth=depth, fold=FOLD)
    return {
        name: inputs[-1 - reference] if reference < 0 else made.maker(graph.root.edges[reference])
        for name, (reference, _) in graph.outputs.items()
    }


def need_printable(extent: Extent, depth: int | None) -> None:
    """Refuse rows that nobody could print, before any is made."""
    if extent.rows(depth) > MOST_ROWS:
        deepest = extent.deepest(MOST_ROWS)
        raise CostcalcError(f"more than {MOST_ROWS:,} rows: use --depth {deepest} or less to roll them up")


def is_printed(place: Place, depth: int | None) -> bool:
    """True for a row of a table of this depth: a layer, or a block on the last level."""
    return not place.rolled or (depth is not None and place.at >= depth)


def walk(tour: Tour) -> Iterator[Place]:
    """Every place, outer before inner, in stored order."""
    open_ = [tour.start()]
    while open_:
        for place in open_[-1]:
            yield place
            if place.rolled:
                open_.append(place.inside(tour))
                break
        else:
            open_.pop()


def towards(report: Report, leads: Callable[[str], bool]) -> Iterator[Place]:
    """The places on the way to where somebody wants to go, and those beside them that the walk does not enter."""
    return walk(Tour(report, leads=leads))


def find(report: Report, path: str) -> Row:
    """The row at `path`; an index inside a folded run finds the run.

    Raises:
        UnknownChoice: there is no such layer or block.
    """
    names = _names(path)
    for place in towards(report, lambda here: _leads(here, names)):
        here = place.path
        if len(_names(here)) == len(names) and _leads(here, names):
            return place.row(report)
    seen = [place.path for place in islice(walk(Tour(report)), MOST_SUGGESTED)]
    hint = did_you_mean(path, seen) or f"'costcalc show {report.graph.address}' lists the layers"
    raise UnknownChoice(f"{report.name} has no layer or block '{path}': {hint}")


def at(report: Report, path: str, plain: Callable[[str], str] = str) -> Row | None:
    """The row whose path is this one, once `plain` is made of both. A named join and its op share one: it is the op's.

    Unlike `find` it makes no difference between an index and a folded run, and nothing of what is not there.
    """
    wanted = plain(path)
    names, found = _names(wanted), None

    def leads(here: str) -> bool:
        own = _names(plain(here))
        return own == names[: len(own)]

    for place in towards(report, leads):
        if plain(place.path) == wanted and (found is None or place.path == found.path):
            found = place
    return None if found is None else found.row(report)


def on_the_way(report: Report, path: str) -> Iterator[Row]:
    """The rows of the blocks around `path`, outer first, and the one at it."""
    names = _names(path)
    for place in towards(report, lambda here: _leads(here, names)):
        if _leads(place.path, names):
            yield place.row(report)


def parts(report: Report, path: str) -> Iterator[Row]:
    """The rows directly inside the block at `path`: together they cost what the block costs."""
    names = _names(path)
    places = towards(report, lambda here: _leads(here, names))
    return (place.row(report) for place in places if place.above.parent == path)


def has_row(report: Report, depth: int | None, test: Callable[[Layer | Block, bool, bool], bool]) -> bool:
    """True if some row of a table of this depth passes a test on its layer or block, and on being stored and run.

    The tree is looked through, not the rows: every object once on every level, and once for each way to be stored.
    """
    known: set[tuple[Block, int, bool, bool]] = set()
    tour = Tour(report, depth=depth)

    def found(places: Iterator[Place]) -> bool:
        for place in places:
            if is_printed(place, depth):
                if isinstance(place, Instance):
                    below = place.below
                    passes = test(place.edge.child, below.stored > 0, below.run > 0)
                else:
                    stored = place.above.stored > 0 and any(edge.stored for edge in place.edges)
                    run = place.above.run > 0 and any(edge.run for edge in place.edges)
                    passes = test(place.edges[0].child, stored, run)
                if passes:
                    return True
                continue
            if isinstance(place, Instance):
                below = place.below
                assert isinstance(place.edge.child, Block)
                key = place.edge.child, place.at if depth is not None else 0, below.stored > 0, below.run > 0
                if key in known:
                    continue
                known.add(key)
            if found(place.inside(tour)):
                return True
        return False

    return found(tour.start())


_NAME = re.compile(r"\[[^\]]*\]|[^.\[]+")
_RANGE = re.compile(r"\[(\d+)\.\.(\d+)\]")


def _names(path: str) -> tuple[str, ...]:
    """`stage1[0].conv` -> `stage1`, `[0]`, `conv`."""
    return tuple(_NAME.findall(path))


def _leads(path: str, names: tuple[str, ...]) -> bool:
    """True if `path` is the place of these names, or one above it; `stage[1..9]` stands for `stage[4]`."""
    own = _names(path)
    return len(own) <= len(names) and all(map(_stands_for, own, names))


def _stands_for(shown: str, name: str) -> bool:
    folded = None if shown == name else _RANGE.fullmatch(shown)
    if folded is None:
        return shown == name
    index = name[1:-1]
    return index.isdecimal() and int(folded.group(1)) <= int(index) <= int(folded.group(2))


def level(path: str) -> int:
    """The depth of a path: every name is a level, and every index of a repeat is one.

    >>> [level(path) for path in ("stem", "stage1", "stage1[0]", "stage1[0].conv")]
    [1, 1, 2, 3]
    """
    return 1 + path.count(".") - path.count("..") * 2 + path.count("[")
