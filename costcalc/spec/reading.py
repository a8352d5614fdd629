"""The state of reading a file: the problems found so far, the words that stand for themselves, and values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, MutableMapping, Set
from collections.abc import Mapping as MappingType

from costcalc.errors import Fault, Hint, Location, Problem, SpecError
from costcalc.ops import catalogue
from costcalc.ops.kinds import AXES, FLAG, Kind
from costcalc.spec.model import LAYER_KEYS, ListTree, OpCallTree, Reference, Value
from costcalc.spec.place import Place
from costcalc.text.expressions import ATTRIBUTES, parse
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence
from costcalc.text.suggest import Suggestions, alike, did_you_mean, nearest, question, same
from costcalc.text.trees import Comparison, Constant, Name, Tree

_YES_NO = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
_EXAMPLES = {
    "args": "as in 'args: {classes: 10}'",
    "blocks": "as in 'name(parameter):' with a list of layers under it",
    "variants": "as in 'variants: {wide: {args: {width: 64}}}'",
    "expect": "as in 'expect: {params: 25557032}'",
    "values": "as in 'values: {input: 1.5, conv.weight: [1, 0, 2]}'",
    "verify": "as in 'verify: {input: [3, 33, 32]}'",
}
LONGEST_TRAIL = 4
NOTHING: frozenset[str] = frozenset()
MOST_PROBLEMS = 1_000


class Signature:
    """The signature of a block: parameter -> True if it is required, those that are, the names of its inputs."""

    __slots__ = ("inputs", "parameters", "required")

    def __init__(self, parameters: dict[str, bool], inputs: tuple[str, ...]) -> None:
        self.parameters = parameters
        self.required = [name for name, needed in parameters.items() if needed]
        self.inputs = inputs


class Site:
    """A place where a block is called: which, where, the layer's name, and the block it stands in."""

    __slots__ = ("block", "inside", "layer", "node")

    def __init__(self, block: str, node: Node, layer: str, inside: str | None) -> None:
        self.block = block
        self.node = node
        self.layer = layer
        self.inside = inside


class Reading:
    """The state of reading one file. Problems are collected, so that one run names them all.

    `inside` is the block whose body is read, `sites` are the calls of blocks so far. What could not be read is kept in
    `broken` (names of blocks), `incomplete` (an include failed) and `below` (args further down), so that one mistake
    is not told again by whatever depends on it.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.inside: str | None = None
        self.sites: list[Site] = []
        self.broken: set[str] = set()
        self.incomplete = False
        self.below: set[str] = set()
        self.mentioned: set[str] = set()  # words that values stand for: a block may be handed over so
        self._bodies: list[tuple[int, int, str]] = []
        self.warnings: list[Problem] = []
        self.suggest = Suggestions()
        self.ops = catalogue()
        self.signatures: dict[str, Signature] = {}
        self.words: frozenset[str] = NOTHING
        self.used: set[str] = set()
        self.functional: list[Reference] = []  # what included files say of their own blocks
        self._trees: dict[tuple[str, frozenset[str]], Tree] = {}

    def note(self, node: Node, message: str, hint: str = "", location: Location | None = None) -> None:
        """Remember a problem at `node`, or at a part of it; after a thousand the reading stops."""
        if len(self.problems) >= MOST_PROBLEMS:
            raise SpecError([*self.problems, Problem(f"more than {MOST_PROBLEMS:,} problems: the reading stops here")])
        self.problems.append(Problem(message, location or node.location(), hint))

    def body(self, block: str, start: int) -> None:
        """Remember that the problems from number `start` on are in the body of `block`."""
        if len(self.problems) > start:
            self._bodies.append((start, len(self.problems), block))

    def found(self) -> list[Problem]:
        """Every problem, those inside a block with the call that leads there."""
        first: dict[str, Site] = {}
        sites: dict[str | None, list[Site]] = {}
        for site in self.sites:
            sites.setdefault(site.inside, []).append(site)
        reached: list[str | None] = [None]
        for place in reached:  # from the file's own layers inwards
            for site in sites.get(place, ()):
                if site.block not in first:
                    first[site.block] = site
                    reached.append(site.block)
        for site in self.sites:
            first.setdefault(site.block, site)
        problems = list(self.problems)
        for start, end, block in self._bodies:
            trail = () if block not in first and block in self.mentioned else tuple(_trail(block, first))
            problems[start:end] = [problem._replace(trail=(*problem.trail, *trail)) for problem in problems[start:end]]
        return problems

    def warn(self, node: Node, message: str, location: Location | None = None) -> None:
        """Remember a warning at `node`, or at a part of it."""
        self.warnings.append(Problem(message, location or node.location(), severity="warning"))

    def note_fault(self, value: Value, fault: Fault, prefix: str = "") -> None:
        """Remember a fault raised about `value`."""
        location = value.place(fault).location
        self.problems.append(Problem(prefix + fault.message, location, fault.hint))

    def mapping(self, node: Node | None, what: str) -> Mapping | None:
        """`node` if it is a mapping; a problem if it is something else; None if nothing is there."""
        if node is None or isinstance(node, Mapping):
            return node
        if not (isinstance(node, Scalar) and node.null):
            self.note(node, f"{what} must be a mapping, not a {node.kind}", _EXAMPLES.get(what, ""))
        return None

    def text(self, node: Node, what: str, *, needed: bool = False) -> str:
        """The text of a scalar; empty (and a problem) if it is none, or is `needed` and not there."""
        if not isinstance(node, Scalar):
            self.note(node, f"{what} must be text, not a {node.kind}")
            return ""
        text = "" if node.null else node.value
        if needed and not text:
            self.note(node, f"a value is missing for '{what}'")
        return text

    def value(
        self, node: Node, visible: Set[str], kind: Kind | None = None, what: str = "", *, calls: bool = False
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
        hint = "a call as a value has one key: an op or a block" if calls else kind.about if kind is not None else ""
        self.note(node, f"expected {wanted}, got a {node.kind}", hint)
        return None

    def _scalar(self, node: Scalar, visible: Set[str], kind: Kind | None, what: str) -> Value | None:
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
            self.mention(tree)
        value = Value(tree, node)
        if tree.names and not self.names_known(value, visible, kind, listed=not what):
            return None
        return self._checked(value, kind, what)

    def mention(self, tree: Tree) -> None:
        """Remember the words in an expression."""
        self.mentioned.update(
            part.value for part in _walk(tree) if isinstance(part, Constant) and part.value.__class__ is str
        )

    def names_known(
        self, value: Value, visible: Collection[str], kind: Kind | None = None, *, listed: bool = False
    ) -> bool:
        """True if every free name of `value` is visible; a problem at each that is not."""
        self.used |= value.names
        unknown = [name for name in value.names if name not in visible]
        if not unknown:
            return True
        words = kind is None or any(isinstance(tree, Comparison) for tree in _walk(value.tree))
        for tree in _walk(value.tree):
            if isinstance(tree, Name) and tree.name in unknown:
                hint = self.unknown_hint(tree.name, visible, kind, words=words, listed=listed)
                location = value.location(tree.start, tree.end)
                self.problems.append(Problem(f"unknown name '{tree.name}'", location, hint))
        return False

    def unknown_hint(
        self, name: str, visible: Collection[str], kind: Kind | None, *, words: bool, listed: bool = False
    ) -> str:
        """The advice for a name that nobody knows.

        `words` says that the name of an op may stand there, `listed` that it is an item of a list.
        """
        if name == "i":
            return "'i' exists only where something repeats"
        if name.lower() in _YES_NO:
            if kind is not None and kind is not FLAG and words is False:
                return kind.about
            written = _YES_NO[name.lower()]
            return Hint(f"write {written}", written)
        if name == "keep" or (listed and name in ("null", "None")):
            return "write the size, as a number or an expression: no word keeps it as it is"
        if name in ("null", "None"):
            if kind is FLAG:
                return Hint("write false", "false")
            return Hint("write none for no layer", "none") if kind is None else "write the value, or leave it out"
        if name in self.below:
            return f"'{name}' stands further down: an arg sees those above it"
        if name == "input" and "x" in visible:
            return "inside a block the input is called x"
        if kind is not None and kind.words:
            return self._word_hint(name, visible, kind)
        from costcalc.ops.absent import op_called  # only a mistake pays for it

        near = self.suggest.nearest(name, visible)
        if near is None and words:
            near = op_called(name, self.ops) or self.suggest.nearest(name, self.words)
        if near is None and "x" in visible and nearest(name, ATTRIBUTES):
            near = f"x.{nearest(name, ATTRIBUTES)}"
        if near is not None:
            return question(near)
        choices = self.suggest.choices(visible)
        if kind is FLAG and not words:
            return f"write true or false; visible here: {choices}" if choices else "write true or false"
        return f"visible here: {choices}" if choices else "" if visible else "no names are visible here"

    def _word_hint(self, name: str, visible: Collection[str], kind: Kind) -> str:
        """The advice for a name where a choice of words may stand, and where a name may."""
        meant = same(name, kind.words) or self.suggest.nearest(name, visible) or alike(name, kind.words)
        if meant is not None:
            return question(meant)
        if name.lower() == "valid" and kind.about.startswith("number"):
            return Hint("write 0", "0")
        return kind.about if kind.about.startswith("number") else did_you_mean(name, kind.words)

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

    def _op_call(self, node: Mapping, visible: Set[str]) -> Value | None:
        ((key, inner),) = node.entries.values()
        if key.value not in self.ops and key.value not in self.signatures:
            self.unknown_target(key, ())
            return None
        self.mentioned.add(key.value)
        arguments = self.mapping(inner, f"the arguments of {key.value}")
        values: dict[str, Value] = {}
        for name, (name_node, argument) in arguments.entries.items() if arguments else ():
            kind = self.argument_kind(key.value, name, name_node, argument, arguments)
            what = f"argument '{name}' of {key.value}"
            value = self.value(argument, visible, kind, what, calls=key.value in self.signatures)
            if value is not None:
                values[name] = value
        return Value(OpCallTree(key.value, values), node)

    def argument_kind(
        self, target: str, name: str, node: Scalar, value: Node, within: Node | None = None, item: Node | None = None
    ) -> Kind | None:
        """The kind of an argument of an op; a problem when neither the op nor the block has it.

        `value` is what it says, `within` the mapping of all arguments, `item` the layer as a whole.
        """
        if target in self.ops:
            argument = self.ops[target].argument(name)
            if argument is not None:
                return argument.kind
        elif name in self.signatures[target].parameters:
            return None
        from costcalc.spec.arguments import unknown  # only a mistake pays for it

        self.note(node, f"{target} has no argument '{name}'", unknown(self, target, node, value, within, item))
        return None

    def unknown_target(self, key: Scalar, parameters: Collection[str], place: Place | None = None) -> None:
        """A problem for a key that names no op and no block, unless what it names may be in what failed before."""
        name = key.value
        if name in self.broken or self.incomplete:
            return
        from costcalc.spec.words import unknown_word  # only a mistake pays for it

        self.note(key, f"unknown op or block '{name}'", unknown_word(self, key, parameters, place))

    def callable_names(self) -> list[str]:
        """Every op and block to suggest; the ops alone when the allowance is used up."""
        return [*self.ops, *(self.signatures if self.suggest.allow(self.signatures) else ())]

    def claim(
        self, name: str, node: Node, what: str, taken: MutableMapping[str, str], location: Location | None = None
    ) -> bool:
        """Take a name for an arg, a block, a parameter or an input; False (and a problem) if it cannot be."""
        location = location or node.location()
        if not name.isidentifier() or not name.isascii():
            hint = "letters, digits and _ only, not beginning with a digit"
            self.note(node, f"{what} cannot be called '{name}'", hint, location)
            return False
        owner = taken.get(name) or self.owner(name)
        if owner is not None:
            hint = "take another name"
            if what == "a parameter" and owner.startswith("an arg"):
                hint = f"take another name, such as 'own_{name}', here and in the block"
            self.note(node, f"{what} cannot be called '{name}': that is {owner}", hint, location)
            return False
        taken[name] = f"{what} already, at {location}"
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


def _trail(block: str, first: MappingType[str, Site]) -> Iterable[str]:
    """The calls through which `block` is reached, the innermost first."""
    seen: set[str] = set()
    place: str | None = block
    while place is not None and place not in seen and len(seen) < LONGEST_TRAIL:
        seen.add(place)
        site = first.get(place)
        if site is None:
            yield f"in block '{place}', which is never called"
            return
        yield f"in block '{place}', called at {site.node.location()} (layer '{site.layer}')"
        place = site.inside


def _walk(tree: Tree) -> Iterable[Tree]:
    yield tree
    for child in tree.children():
        yield from _walk(child)
