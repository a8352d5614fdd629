"""`load`: the name of a bundled table, or the path of one's own -> a `Convention`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from costcalc.conventions.model import UNITS, Convention, Rule
from costcalc.conventions.quantities import known, split
from costcalc.errors import Location, Problem, SpecError, UnknownChoice
from costcalc.ops import catalogue
from costcalc.text.bounds import is_below, repository
from costcalc.text.compose import compose, read
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence
from costcalc.text.suggest import did_you_mean
from costcalc.text.values import whole

if TYPE_CHECKING:
    from fractions import Fraction

HERE = Path(__file__).parent
KEYS = ("name", "describes", "unit", "about", "source", "like", "blocks", "ops", "others")
EXAMPLES = "as in 2, 0.5 or 1 / 3"
_WEIGHT = re.compile(r"(-?)(\d{1,40}(?:\.\d{1,40})?)(?:\s*/\s*(\d{1,40}(?:\.\d{1,40})?))?", re.ASCII)


def names() -> list[str]:
    """The names of the bundled tables, sorted. No file is opened."""
    return sorted(name.removesuffix(".yaml") for name in os.listdir(HERE) if name.endswith(".yaml"))


def is_file(name: str) -> bool:
    """True if a name is meant as a path: `./house.yaml`, not `thop`."""
    return name.endswith((".yaml", ".yml")) or "/" in name or os.sep in name


def load(name: str) -> Convention:
    """Read a table. One of one's own without a `name` is called as its file, or as its path where a tool is called so.

    >>> load("paper").unit
    'mac'

    Raises:
        UnknownChoice: no table is called so.
        SpecError: the file cannot be read, or is not a valid table; it carries every problem found.
    """
    return _load(name, ())


def _load(name: str, chain: tuple[str, ...]) -> Convention:
    if not is_file(name):
        if name not in names():
            raise UnknownChoice(f"there is no convention '{name}': {_named_like(name)}")
        path = HERE / f"{name}.yaml"
        return _Table(f"conventions/{name}.yaml", path, chain).read()
    return _Table(name, Path(name), chain).read()


class _Table:
    """One file being read. Problems are collected, so that one run names them all."""

    def __init__(self, name: str, path: Path, chain: tuple[str, ...]) -> None:
        self.name = name
        self.path = path
        self.chain = (*chain, os.path.realpath(path))
        self.problems: list[Problem] = []
        self.ops = catalogue()
        self.doubtful: dict[str, Problem] = {}

    def read(self) -> Convention:
        file = read(self.path, self.name)
        if not any(line.partition("#")[0].strip() for line in file.text.splitlines()):
            where = Location(file, 1, 1)
            raise SpecError([Problem("the file is empty", where, "a table has at least 'unit:' and 'ops:'")])
        root = compose(file)
        if not isinstance(root, Mapping):
            self.note(root, f"a convention is a mapping, not a {root.kind}", "it has at least 'unit:' and 'ops:'")
            raise SpecError(self.problems)
        for key, (node, _) in root.entries.items():
            if key not in KEYS:
                hint = "rules stand under 'ops:'" if key in self.ops else did_you_mean(key, KEYS)
                self.note(node, f"a convention has no key '{key}'", hint)
        name = self.called(root)
        base = self.base(root)
        own = self.rules(root, base)
        unit = self.unit(root, base)
        others = base.others if base else None
        if "others" in root.entries:
            others = self.weights("others", root.entries["others"][1], known(self.ops.values()), "any op")
        describes, about, source = (self.text(root, key) for key in ("describes", "about", "source"))
        if self.problems:
            raise SpecError([*self.problems, *self.doubtful.values()])
        if base and not describes:
            describes = f"{base.describes or base.name}, but with rules of its own for {', '.join(own) or 'nothing'}"
        rules = {**(base.rules if base else {}), **own}
        return Convention(
            name=name,
            describes=describes,
            unit=unit,
            about=about or (base.about if base else ""),
            source=source or (base.source if base else ""),
            path=self.name,
            rules=rules,
            others=others,
            blocks=frozenset(key.rpartition(".")[0] or key for key in rules if key not in self.ops),
            like=base.name if base else "",
            doubtful={**(base.doubtful if base else {}), **self.doubtful},
        )

    def called(self, root: Mapping) -> str:
        """The name of the convention. No table but its own is called as a bundled one."""
        name = self.text(root, "name")
        bundled = names() if self.path.parent != HERE else ()
        if name in bundled:
            self.note(root.entries["name"][1], f"'{name}' is a bundled convention", "call this one something else")
        by_file = self.path.stem
        return name or (self.name if by_file in bundled else by_file)

    def unit(self, root: Mapping, base: Convention | None) -> str:
        """The unit that the number is in."""
        unit = self.text(root, "unit")
        if unit in UNITS and base and base.unit != unit:
            message = f"'like: {base.name}' counts {UNITS[base.unit]}: its weights are no {UNITS[unit]}"
            self.note(root.entries["like"][1], message, f"leave 'like' out, or 'unit: {base.unit}'")
        elif unit and unit not in UNITS:
            self.note(root.entries["unit"][1], f"unknown unit '{unit}'", did_you_mean(unit, UNITS))
        elif not unit and "like" not in root.entries:
            self.note(root, "'unit' is missing", f"one of {', '.join(UNITS)}")
        return unit or (base.unit if base else "")

    def rules(self, root: Mapping, base: Convention | None) -> dict[str, Rule]:
        """The rules under `ops`."""
        if not {"ops", "others", "like"} & root.entries.keys():
            self.note(root, "'ops' is missing", "op -> {quantity: weight}")
        declared = self.declared(root.get("blocks"))
        if base:
            declared |= base.blocks - base.doubtful.keys()
        ops = self.mapping(root.get("ops"), "'ops'")
        entries = ops.entries.items() if ops else ()
        found = {key: self.rule(key, node, value, declared) for key, (node, value) in entries}
        return {key: rule for key, rule in found.items() if rule is not None}

    def base(self, root: Mapping) -> Convention | None:
        """The convention that this one is like, apart from what it says itself."""
        name = self.text(root, "like")
        if not name:
            return None
        node = root.entries["like"][1]
        if is_file(name):
            written, name = name, self.beside(name)
            if os.path.isabs(written) or not self.is_near(name):
                message = f"cannot read '{written}': it is outside the project"
                self.note(node, message, "write a path relative to this file, inside the project")
                return None
            if os.path.realpath(name) in self.chain:
                self.note(node, "a convention cannot be like itself", " -> ".join(map(os.path.basename, self.chain)))
                return None
        elif name not in names():
            self.note(node, f"there is no convention '{name}'", _named_like(name))
            return None
        try:
            return _load(name, self.chain)
        except SpecError as error:
            for problem in error.problems:
                if problem.location and problem.location.line:
                    self.problems.append(problem)
                else:  # the file itself cannot be read
                    written = self.text(root, "like")
                    self.note(node, f"cannot read '{written}': {problem.message}", problem.hint)
            return None

    def is_near(self, name: str) -> bool:
        """True for a file in the project of this one; what a table is like is printed, so it must be the project's."""
        folder = os.path.dirname(os.path.realpath(self.path))
        return is_below(os.path.realpath(name), repository(folder) or folder)

    def beside(self, name: str) -> str:
        """The path of a file as this one gives it, from where the user stands: `./b.yaml` in `./a.yaml` stays so."""
        path = os.path.normpath(os.path.join(os.path.dirname(self.name), name))
        return path if os.path.dirname(path) else os.path.join(os.curdir, path)

    def rule(self, key: str, node: Scalar, value: Node, declared: set[str]) -> Rule | None:
        """The rule under one key of `ops`."""
        if key in self.ops:
            return self.weights(key, value, known([self.ops[key]]), key)
        block, dot, op = key.rpartition(".")
        if dot and op not in self.ops:
            self.note(node, f"unknown op '{op}'", _op_meant(op, self.ops))
            return None
        name = block if dot else key
        if name not in declared:
            hint = _op_meant(name, self.ops) or "blocks of other networks stand in a list under 'blocks:'"
            message = f"'{name}' is neither an op nor a block of the network"
            self.doubtful[name] = Problem(message, node.location(), hint)
        if dot:
            return self.weights(key, value, known([self.ops[op]]), op)
        return self.weights(key, value, known(self.ops.values()), "any op")

    def weights(self, key: str, value: Node, quantities: set[str], owner: str) -> Rule | None:
        """`{quantity: weight}`, where a sentence in place of a weight, or of all, says why there is none."""
        if reason := _reason(value):
            return Rule(key, (), reason)
        entries = self.mapping(value, f"the rule of '{key}'", "as in {mac: 1}; {} counts nothing, on purpose")
        if entries is None:
            return None
        found, reasons = [], []
        for quantity, (node, weight) in entries.entries.items():
            prefixes, bare = split(quantity)
            if bare not in quantities and quantity not in quantities:
                hint = did_you_mean(quantity, quantities) or f"choose from: {', '.join(sorted(quantities))}"
                self.note(node, f"{owner} has no quantity '{quantity}'", hint)
            elif {"module_", "functional_"} <= prefixes:
                self.note(node, f"'{quantity}' is always 0", "an op is called as a module or as a function: keep one")
            elif reason := _reason(weight):
                reasons.append(reason)
            else:
                number = self.number(weight, quantity)
                if number is not None:
                    found.append((quantity, number))
        return Rule(key, tuple(found), "; ".join(reasons))

    def number(self, node: Node, quantity: str) -> int | Fraction | None:
        """A weight, exactly: 2, 0.5, 1 / 3. Literals only: no expressions."""
        written = _WEIGHT.fullmatch(node.value.strip()) if isinstance(node, Scalar) else None
        if not written:
            self.note(node, f"the weight of '{quantity}' is a number, written out", EXAMPLES)
            return None
        from fractions import Fraction

        sign, above, below = written.groups(default="1")
        if sign:
            self.note(node, f"the weight of '{quantity}' is negative", "nobody counts less than nothing: 0 or more")
        elif not Fraction(below):
            self.note(node, f"the weight of '{quantity}' divides by zero", EXAMPLES)
        else:
            return whole(Fraction(above) / Fraction(below))
        return None

    def declared(self, node: Node | None) -> set[str]:
        """The names under `blocks`."""
        if node is None:
            return set()
        if not isinstance(node, Sequence):
            self.note(node, "'blocks' is a list of names of blocks")
            return set()
        found = set()
        for item in node.items:
            if not isinstance(item, Scalar) or not re.fullmatch(r"[A-Za-z_]\w*", item.value):
                self.note(item, "'blocks' is a list of names of blocks", "as in [bottleneck_block]")
            elif item.value in self.ops:
                self.note(item, f"'{item.value}' is an op, not a block")
            else:
                found.add(item.value)
        return found

    def mapping(self, node: Node | None, what: str, hint: str = "") -> Mapping | None:
        if node is None or isinstance(node, Mapping):
            return node
        self.note(node, f"{what} is a mapping, not {'nothing' if _nothing(node) else f'a {node.kind}'}", hint)
        return None

    def text(self, root: Mapping, key: str) -> str:
        node = root.get(key)
        if node is None:
            return ""
        if isinstance(node, Scalar):
            return "" if node.null else " ".join(node.value.split())
        self.note(node, f"'{key}' is a text, not a {node.kind}")
        return ""

    def note(self, node: Node, message: str, hint: str = "") -> None:
        self.problems.append(Problem(message, node.location(), hint))


def _reason(node: Node) -> str:
    """The sentence that a node is: it begins with a word and has two in a row, unlike a sum without its braces."""
    text = " ".join(node.value.split()) if isinstance(node, Scalar) and not node.null else ""
    return text if text[:1].isalpha() and re.search(r"[^\W\d]{2} [^\W\d]{2}", text) else ""


def _named_like(name: str) -> str:
    return did_you_mean(name, names()) or f"there are {', '.join(names())}"


def _nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.null


def _op_meant(word: str, ops: Iterable[str]) -> str:
    """The question for a word that is no op."""
    from costcalc.ops.absent import did_you_mean  # only a mistake pays for it

    return did_you_mean(word, ops)
