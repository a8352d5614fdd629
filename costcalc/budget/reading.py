"""Located nodes -> budgets. Every problem of the file is noted, so that one run names them all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from costcalc.budget.amount import Amount, read_amount
from costcalc.budget.model import KINDS, RELATIVE, Budget, Limit
from costcalc.cost.metrics import METRICS
from costcalc.errors import Fault, Problem
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence
from costcalc.text.pattern import Pattern
from costcalc.text.suggest import did_you_mean

BUDGET_KEYS = ("name", "specs", "variants", "blocks", "limits", "message", "optional")
BOTH = ("percent", "over")


class Notes:
    """The problems of one file."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def note(self, node: Node, message: str, hint: str = "") -> None:
        """Remember a problem at `node`."""
        self.problems.append(Problem(message, node.location(), hint))

    def keys(self, mapping: Mapping, known: Collection[str], whose: str) -> None:
        """Note every key that is not known."""
        for name, (key, _) in mapping.entries.items():
            if name not in known:
                self.note(key, f"{whose} has no key '{name}'", did_you_mean(name, known))

    def text(self, node: Node | None, what: str) -> str:
        """The text of a scalar; empty where there is none."""
        if node is None:
            return ""
        if not isinstance(node, Scalar):
            self.note(node, f"{what} must be text, not a {node.kind}")
            return ""
        if node.null or not node.value.strip():
            self.note(node, f"a value is missing for '{what}'")
        return "" if node.null else node.value.strip()

    def flag(self, node: Node | None, what: str) -> bool:
        """True or false; false where there is nothing."""
        if node is None:
            return False
        if isinstance(node, Scalar) and node.plain and node.value in ("true", "false"):
            return node.value == "true"
        self.note(node, f"{what} is true or false")
        return False

    def patterns(self, node: Node | None, what: str, separator: str) -> tuple[Pattern, ...]:
        """One pattern, or a list of them."""
        if node is None:
            return ()
        items = node.items if isinstance(node, Sequence) else [node]
        if not items:
            self.note(node, f"'{what}' names nothing")
        found = []
        for item in items:
            text = self.text(item, what)
            if separator == "/" and text:
                text = self._inside(item, text)
            if text:
                found.append(Pattern(text, separator, item.location()))
        return tuple(found)

    def _inside(self, node: Node, text: str) -> str:
        """A pattern of files as it is compared: with `/`, and below the folder of the file."""
        text = text.replace("\\", "/").removeprefix("./")
        if text.startswith("/") or ".." in text.split("/") or text[1:2] == ":":
            self.note(node, f"'{text}' leads out of the folder of this file", "write a path relative to it")
            return ""
        return text


def read_budgets(notes: Notes, node: Node | None, folder: Path | None) -> tuple[Budget, ...]:
    """The list under `budgets`."""
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        notes.note(node, f"budgets must be a list, not a {node.kind}", "as in '- name: small' with 'limits:' below")
        return ()
    budgets: dict[str, Budget] = {}
    for item in node.items:
        budget = _budget(notes, item, folder)
        if budget is None:
            continue
        first = budgets.setdefault(budget.name, budget)
        if first is not budget:
            notes.note(item, f"a second budget is called '{budget.name}'", f"the first is at {first.location}")
    return tuple(budgets.values())


def _budget(notes: Notes, node: Node, folder: Path | None) -> Budget | None:
    if not isinstance(node, Mapping):
        notes.note(node, f"a budget is a mapping, not a {node.kind}", "it has 'name' and 'limits'")
        return None
    notes.keys(node, BUDGET_KEYS, "a budget")
    for needed in ("name", "limits"):
        if needed not in node.entries:
            first = next(iter(node.entries.values()))[0] if node.entries else node
            notes.note(first, f"this budget has no '{needed}'")
    blocks = notes.patterns(node.get("blocks"), "blocks", ".")
    variants = notes.patterns(node.get("variants"), "variants", "@") if "variants" in node.entries else None
    if variants is not None:
        variants = tuple(replace(pattern, text="*") if pattern.text == "all" else pattern for pattern in variants)
    return Budget(
        name=notes.text(node.get("name"), "name"),
        limits=read_limits(notes, node.get("limits"), of_blocks=bool(blocks)),
        specs=notes.patterns(node.get("specs"), "specs", "/"),
        variants=variants,
        blocks=blocks,
        message=notes.text(node.get("message"), "message"),
        optional=notes.flag(node.get("optional"), "optional"),
        folder=folder,
        location=node.location(),
    )


def read_limits(notes: Notes, node: Node | None, *, of_blocks: bool) -> tuple[Limit, ...]:
    """`{macs: {max: 4.2G, grow: 5%}, params: 26M}`; a bare amount is a `max`."""
    if node is None:
        return ()
    if not isinstance(node, Mapping) or not node.entries:
        notes.note(node, "limits are a mapping", "as in 'macs: {max: 4.2G}'")
        return ()
    limits: list[Limit] = []
    for metric, (key, value) in node.entries.items():
        if metric not in METRICS:
            notes.note(key, f"there is no metric '{metric}'", did_you_mean(metric, METRICS))
            continue
        if of_blocks and not METRICS[metric].of_blocks:
            notes.note(key, f"{metric} is a number of the whole network: blocks have none", "limit it without 'blocks'")
            continue
        if isinstance(value, Scalar):
            limits += _limits(notes, metric, {"max": (key, value)}, of_blocks=of_blocks)
        elif isinstance(value, Mapping) and value.entries:
            notes.keys(value, KINDS, f"a limit on {metric}")
            limits += _limits(notes, metric, value.entries, of_blocks=of_blocks)
        else:
            notes.note(value, f"the limit on {metric} is an amount or a mapping", "as in '{max: 4.2G, grow: 5%}'")
    return tuple(limits)


def _limits(notes: Notes, metric: str, entries: dict[str, tuple[Scalar, Node]], *, of_blocks: bool) -> list[Limit]:
    found: dict[str, Limit] = {}
    for kind, (key, node) in entries.items():
        if kind not in KINDS:
            continue
        if kind == "share" and not of_blocks:
            notes.note(key, "'share' limits a block", "say which with 'blocks:'")
            continue
        amount = _both(notes, metric, node) if isinstance(node, Mapping) else _amount(notes, metric, kind, node)
        if isinstance(node, Mapping) and kind not in RELATIVE:
            notes.note(node, f"'{kind}' takes one amount", "only 'grow' and 'shrink' take 'percent' and 'over'")
        elif amount is not None:
            found[kind] = Limit(metric, kind, amount, node.location())
    _in_order(notes, found, entries)
    return list(found.values())


def _amount(notes: Notes, metric: str, kind: str, node: Node) -> Amount | None:
    """The amount of one limit: `max`, `min` and `warn` are absolute, `share` is a percentage, growth is either."""
    if not isinstance(node, Scalar) or node.null:
        notes.note(node, f"the {kind} of {metric} is an amount", "as in 4.2G" if not isinstance(node, Scalar) else "")
        return None
    try:
        amount = read_amount(node.value, bytes=METRICS[metric].bytes)
    except Fault as fault:
        notes.note(node, fault.message, fault.hint)
        return None
    if kind in ("max", "min", "warn") and amount.percent is not None:
        notes.note(node, f"'{kind}' is not a percentage", "'grow' is: a part of what the base has")
        return None
    if kind == "share" and (amount.percent is None or amount.percent > 100):
        notes.note(node, "'share' is a percentage of the whole network, at most 100%", "as in 25%")
        return None
    return amount


def _both(notes: Notes, metric: str, node: Mapping) -> Amount | None:
    """`{percent: 5, over: 1M}`: exceeded only by what exceeds both."""
    notes.keys(node, BOTH, "a growth of two amounts")
    percent, over = node.get("percent"), node.get("over")
    if percent is None or over is None:
        notes.note(node, "a growth of two amounts has 'percent' and 'over'", "as in {percent: 5, over: 1M}")
        return None
    share = _amount(notes, metric, "grow", _as_percentage(percent))
    least = _amount(notes, metric, "grow", over)
    if share is None or least is None:
        return None
    if least.percent is not None:
        notes.note(over, "'over' is an amount, not a percentage", "as in 1M")
        return None
    return Amount(f"{share.text} and {least.text}", least.number, share.percent)


def _as_percentage(node: Node) -> Node:
    """The node with `%` behind a bare number."""
    if not isinstance(node, Scalar) or node.value.rstrip().endswith("%"):
        return node
    return Scalar(node.source, node.line, node.column, node.end_line, node.end_column, f"{node.value}%", node.plain)


def _in_order(notes: Notes, limits: dict[str, Limit], entries: dict[str, tuple[Scalar, Node]]) -> None:
    """Note a floor or a warning that lies above the ceiling: it could never be met, or never speak."""
    highest = limits.get("max")
    for kind in ("min", "warn"):
        limit = limits.get(kind)
        if highest is not None and limit is not None and (limit.amount.number or 0) > (highest.amount.number or 0):
            notes.note(entries[kind][1], f"{kind} {limit.amount.text} is above max {highest.amount.text}")
