"""What all readers of a file share: the problems found so far, the words that stand for themselves, and values."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from costcalc.errors import Fault, Problem
from costcalc.ops import catalogue
from costcalc.ops.kinds import AXES, Kind
from costcalc.spec.model import LAYER_KEYS, ListTree, OpCallTree, Value
from costcalc.text.expressions import Constant, Name, Tree, parse
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence
from costcalc.text.suggest import did_you_mean, nearest

_YES_NO = {"yes": "true", "on": "true", "no": "false", "off": "false", "True": "true", "False": "false"}
NOTHING: frozenset[str] = frozenset()


class Signature:
    """What a call of a block may say: parameter -> whether it must be given, and the names of its inputs."""

    __slots__ = ("inputs", "parameters")

    def __init__(self, parameters: dict[str, bool], inputs: tuple[str, ...]) -> None:
        self.parameters = parameters
        self.inputs = inputs


class Reading:
    """The state of reading one file. Problems are collected, so that one run names them all."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.ops = catalogue()
        self.signatures: dict[str, Signature] = {}
        self.words: frozenset[str] = NOTHING
        self.used: set[str] = set()
        self._trees: dict[tuple[str, frozenset[str]], Tree] = {}

    def note(self, node: Node, message: str, hint: str = "", trail: tuple[str, ...] = ()) -> None:
        """Remember a problem at `node`."""
        self.problems.append(Problem(message, node.location(), hint, trail))

    def warn(self, node: Node, message: str, hint: str = "") -> None:
        """Remember a warning at `node`."""
        self.warnings.append(Problem(message, node.location(), hint, (), "warning"))

    def note_fault(self, value: Value, fault: Fault, prefix: str = "") -> None:
        """Remember a fault raised about `value`."""
        location = value.place(fault).location
        self.problems.append(Problem(prefix + fault.message, location, fault.hint))

    def mapping(self, node: Node | None, what: str) -> Mapping | None:
        """`node` if it is a mapping; a problem if it is something else; None if nothing is there."""
        if node is None or isinstance(node, Mapping):
            return node
        if not (isinstance(node, Scalar) and node.null):
            self.note(node, f"{what} must be a mapping, not a {node.kind}")
        return None

    def text(self, node: Node, what: str) -> str:
        """The text of a scalar."""
        if isinstance(node, Scalar):
            return "" if node.null else node.value
        self.note(node, f"{what} must be a text, not a {node.kind}")
        return ""

    def value(
        self, node: Node, visible: frozenset[str], kind: Kind | None = None, what: str = "", *, calls: bool = False
    ) -> Value | None:
        """`node` as an expression over the names in `visible`; None (and a problem) if it is not one.

        `kind` gives words of its own and checks what is known already; with `calls` a one-key mapping is a value too.
        """
        if isinstance(node, Scalar):
            return self._scalar(node, visible, kind, what)
        if isinstance(node, Sequence):
            inner = None if kind is None else _item(kind)
            items = [self.value(item, visible, inner, "", calls=calls) for item in node.items]
            known = [item for item in items if item is not None]
            if len(known) < len(items):
                return None
            tree: Tree
            if all(item.tree.__class__ is Constant for item in known):
                tree = Constant(tuple(item.tree.value for item in known))  # type: ignore[attr-defined]
            else:
                tree = ListTree(tuple(known))
            return self._checked(Value(tree, node), kind, what)
        if isinstance(node, Mapping) and calls and len(node.entries) == 1:
            return self._op_call(node, visible)
        wanted = f"a value{f' for {what}' if what else ''}"
        self.note(node, f"expected {wanted}, got a mapping", "a call as a value has one key: an op or a block")
        return None

    def _scalar(self, node: Scalar, visible: frozenset[str], kind: Kind | None, what: str) -> Value | None:
        text = node.value
        if kind is not None and text in kind.words:
            return Value(Constant(text), node)
        tree = self._trees.get((text, self.words))
        if tree is None:
            if node.null:
                self.note(node, f"a value is missing{f' for {what}' if what else ''}")
                return None
            try:
                tree = parse(text, self.words)
            except Fault as fault:
                self.problems.append(Problem(fault.message, node.part(fault.start, fault.end), fault.hint))
                return None
            self._trees[text, self.words] = tree
        value = Value(tree, node)
        if tree.names and not self.names_known(value, visible):
            return None
        return self._checked(value, kind, what)

    def names_known(self, value: Value, visible: Collection[str]) -> bool:
        """Whether every free name of `value` is visible; a problem at each that is not."""
        self.used |= value.names
        unknown = [name for name in value.names if name not in visible]
        if not unknown:
            return True
        for tree in _walk(value.tree):
            if isinstance(tree, Name) and tree.name in unknown:
                hint = self.unknown_hint(tree.name, visible)
                location = value.location(tree.start, tree.end)
                self.problems.append(Problem(f"unknown name '{tree.name}'", location, hint))
        return False

    def unknown_hint(self, name: str, visible: Collection[str]) -> str:
        """What to do about a name that nobody knows."""
        if name == "i":
            return "'i' exists only where something repeats"
        if name in _YES_NO:
            return f"write {_YES_NO[name]}"
        if name in ("null", "None"):
            return "write none for no layer"
        near = nearest(name, [*visible, *self.words])
        if near is not None:
            return f"did you mean '{near}'?"
        return f"visible here: {', '.join(sorted(visible))}" if visible else "no names are visible here"

    def _checked(self, value: Value, kind: Kind | None, what: str) -> Value | None:
        tree = value.tree
        if kind is None or tree.names:
            return value
        try:
            kind.check(tree.evaluate({}))
        except Fault as fault:
            self.note_fault(value, fault, f"{what}: " if what else "")
            return None
        return value

    def _op_call(self, node: Mapping, visible: frozenset[str]) -> Value | None:
        ((key, inner),) = node.entries.values()
        if key.value not in self.ops and key.value not in self.signatures:
            self.note(key, f"unknown op or block '{key.value}'", did_you_mean(key.value, self.callable_names()))
            return None
        arguments = self.mapping(inner, f"the arguments of {key.value}")
        values: dict[str, Value] = {}
        for name, (name_node, argument) in arguments.entries.items() if arguments else ():
            kind = self.argument_kind(key.value, name, name_node)
            what = f"argument '{name}' of {key.value}"
            value = self.value(argument, visible, kind, what, calls=key.value in self.signatures)
            if value is not None:
                values[name] = value
        return Value(OpCallTree(key.value, values), node)

    def argument_kind(self, target: str, name: str, node: Node) -> Kind | None:
        """The kind of an argument of an op; a problem when neither the op nor the block has it."""
        if target in self.ops:
            argument = self.ops[target].argument(name)
            if argument is not None:
                return argument.kind
            known: Iterable[str] = [argument.name for argument in self.ops[target].arguments]
        else:
            known = self.signatures[target].parameters
            if name in known:
                return None
        hint = did_you_mean(name, known) if known else f"{target} takes no arguments"
        self.note(node, f"{target} has no argument '{name}'", hint)
        return None

    def callable_names(self) -> list[str]:
        """Every op and block."""
        return [*self.ops, *self.signatures]

    def claim(self, name: str, node: Node, what: str, taken: dict[str, str]) -> bool:
        """Take a name for an arg, a block, a parameter or an input; False (and a problem) if it cannot be."""
        if not name.isidentifier() or not name.isascii():
            self.note(node, f"{what} '{name}' is not a name", "letters, digits and _ only, not beginning with a digit")
            return False
        owner = taken.get(name) or self.owner(name)
        if owner is not None:
            self.note(node, f"{what} cannot be called '{name}': that is {owner}", "take another name")
            return False
        taken[name] = f"{what} already"
        return True

    def owner(self, name: str) -> str | None:
        """Whose a name is already, in words."""
        if name in self.ops:
            return "an op"
        if name in self.signatures:
            return "a block"
        if name in ("x", "i", "none", "true", "false", "and", "or", "not", "if", "else"):
            return "a word of the language"
        if name in LAYER_KEYS:
            return "a key of layers"
        if name in self.words:
            return "a word of an argument"
        return None


def _item(kind: Kind) -> Kind | None:
    """The kind of an item of a list argument: only its words matter, the whole list is checked later."""
    return Kind(kind.about, lambda value: value, kind.schema, kind.words) if kind.words is AXES else None


def _walk(tree: Tree) -> Iterable[Tree]:
    yield tree
    for child in tree.children():
        yield from _walk(child)
