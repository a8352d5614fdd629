"""A list of layers: which op or block each calls, its arguments and branches, and where it takes its input from."""

from __future__ import annotations

import re

from costcalc.errors import Problem
from costcalc.ops.kinds import FLAG, NATURAL
from costcalc.ops.op import REQUIRED, Op
from costcalc.spec.model import DTYPE_BITS, LAYER_KEYS, Branch, Call, Layers, Reference, Value
from costcalc.spec.names import Namer
from costcalc.spec.reading import NOTHING, Reading
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence
from costcalc.text.suggest import did_you_mean

_I = frozenset(("i",))


class Place:
    """Where a list stands: the names its expressions see, its parameters that may hold ops, and enclosing lists."""

    __slots__ = ("dynamic", "later", "namer", "parameters", "parent", "seen", "visible")

    def __init__(
        self, visible: frozenset[str], parameters: frozenset[str], parent: Place | None, seen: set[str]
    ) -> None:
        self.visible = visible
        self.parameters = parameters
        self.parent = parent
        self.seen = seen  # names of earlier layers in this list
        self.later: dict[str, int] = {}  # explicit names in this list, and their lines
        self.namer = Namer()
        self.dynamic = False  # a layer's name is known only when the list is built

    def inner(self, *, repeats: bool) -> Place:
        """The place of a list inside a layer of this one."""
        return Place(self.visible | _I if repeats else self.visible, self.parameters, self, set())


class _Needs:
    """What a list needs from outside, gathered while it is read."""

    __slots__ = ("captures", "names", "shares")

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.captures: dict[str, None] = {}
        self.shares: dict[str, None] = {}


def read_layers(reading: Reading, node: Node, place: Place, what: str = "layers") -> Layers:
    """A list node as `Layers`."""
    needs = _Needs()
    calls: list[Call] = []
    if not isinstance(node, Sequence):
        hint = "a list: lines that begin with '- '" if not (isinstance(node, Scalar) and node.null) else "it is empty"
        reading.note(node, f"{what} must be a list of layers", hint)
        return Layers((), (), (), ())
    for item in node.items:
        if isinstance(item, Mapping):
            name = item.get("name")
            if isinstance(name, Scalar):
                place.later.setdefault(name.value, item.line + 1)
    for item in node.items:
        call = _read_call(reading, item, place, needs)
        if call is not None:
            calls.append(call)
    return Layers(tuple(calls), tuple(sorted(needs.names)), tuple(needs.captures), tuple(needs.shares))


def _read_call(reading: Reading, node: Node, place: Place, needs: _Needs) -> Call | None:
    if isinstance(node, Scalar):
        if node.null:
            reading.note(node, "an empty layer", "write the name of an op or a block, or remove the line")
            return None
        key, inner, entries = node, None, {}
        if node.value == "layers":
            reading.note(node, "a group needs its list", "write '- layers: [...]'")
            return None
    elif isinstance(node, Mapping):
        found = _target(reading, node, place)
        if found is None:
            return None
        key, inner = found
        entries = node.entries
    else:
        reading.note(node, "a layer is an op or a block, not a list", "to group layers write '- layers: [...]'")
        return None
    target = key.value
    kind = _kind(reading, key, place)
    if kind is None:
        return None
    own = _Needs()
    repeat = _modifier(reading, entries, "repeat", place.visible, own)
    repeats = repeat is not None
    # `i` inside a repeated layer is its own; in `repeat` itself it is the enclosing one's
    body_place = place.inner(repeats=repeats)
    visible = body_place.visible
    inside = _Needs()
    if kind == "parameter":
        inside.names.add(target)
    when = _modifier(reading, entries, "when", visible, inside)
    arguments: dict[str, Value] = {}
    branches: tuple[Branch, ...] = ()
    body = None
    if kind == "group":
        body = read_layers(reading, inner if inner is not None else node, body_place, "a group")
        _absorb(inside, body, NOTHING)
    else:
        arguments, branches = _read_arguments(reading, key, kind, inner, body_place, place, inside)
    own.names |= inside.names - _I if repeats else inside.names
    name = _name(reading, entries, place, target)
    inputs = _inputs(reading, entries, kind, target, bool(branches))
    for _, reference in inputs:
        _resolve(reading, reference, place, own.captures, "from")
    own_name = None
    if repeats:
        own_name = name or place.namer.following("group" if kind == "group" else target)
    share = _share(reading, entries, place, own, own_name)
    for captured in inside.captures:
        if not _known_here(captured, place):
            own.captures[captured] = None
    for shared in inside.shares:
        if shared not in place.seen:
            own.shares[shared] = None
    needs.names |= own.names
    needs.captures.update(own.captures)
    needs.shares.update(own.shares)
    _take_names(reading, node, name, target, kind, branches, repeats, place)
    return Call(
        kind=kind,
        target=target,
        node=key,
        arguments=arguments,
        branches=branches,
        body=body,
        name=name,
        inputs=inputs,
        when=when,
        repeat=repeat,
        share=share,
        dtype=_dtype(reading, entries, "dtype"),
        weights=_dtype(reading, entries, "weights"),
        note=reading.text(entries["note"][1], "note").strip() if "note" in entries else "",
        names=tuple(sorted(inside.names)),
        captures=tuple(inside.captures),
        shares=tuple(inside.shares),
    )


def _target(reading: Reading, node: Mapping, place: Place) -> tuple[Scalar, Node] | None:
    """The one key of a layer that is an op or a block (or `layers`), with its value."""
    candidates = [entry for name, entry in node.entries.items() if name not in LAYER_KEYS or name == "layers"]
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        where = node if node.entries else node
        reading.note(where, "this layer has no op", "add the op or block that it calls, as in '- conv: {out: 64}'")
        return None
    known = [entry for entry in candidates if _is_callable(reading, entry[0].value, place)]
    if len(known) == 1:
        owner = known[0][0].value
        for key, _ in candidates:
            if key.value == owner:
                continue
            if _takes(reading, owner, key.value):
                reading.note(key, f"'{key.value}' is an argument of {owner}", f"indent it under '{owner}:'")
            else:
                hint = did_you_mean(key.value, LAYER_KEYS) or "one op or block a layer"
                reading.note(key, f"a layer has no key '{key.value}'", hint)
        return None
    if len(known) > 1:
        first = known[0][0].value
        reading.note(
            known[1][0], f"two ops in one layer: '{first}' and '{known[1][0].value}'", "begin a layer with '- '"
        )
        return None
    names = ", ".join(f"'{key.value}'" for key, _ in candidates)
    first_key = candidates[0][0]
    hint = did_you_mean(first_key.value, reading.callable_names()) or "one key must be an op or a block"
    reading.note(first_key, f"no op or block among {names}", hint)
    return None


def _takes(reading: Reading, target: str, name: str) -> bool:
    if target in reading.ops:
        return reading.ops[target].argument(name) is not None
    return target in reading.signatures and name in reading.signatures[target].parameters


def _is_callable(reading: Reading, name: str, place: Place) -> bool:
    return name in reading.ops or name in reading.signatures or name in place.parameters or name in ("layers", "none")


def _kind(reading: Reading, key: Scalar, place: Place) -> str | None:
    target = key.value
    if target == "layers":
        return "group"
    if target in reading.signatures:
        return "block"
    if target in reading.ops:
        return "op"
    if target in place.parameters:
        reading.used.add(target)
        return "parameter"
    brace = re.match(r"(\w+) ?\{", target)
    if brace is not None:
        reading.note(key, f"':' is missing after {brace.group(1)}", f"write '- {brace.group(1)}: {{...}}'")
    elif target == "none":
        reading.note(key, "'none' is no layer by itself", "it is the value of a parameter that holds an op")
    else:
        hint = did_you_mean(target, [*reading.callable_names(), *place.parameters])
        reading.note(key, f"unknown op or block '{target}'", hint or "'costcalc ops' lists the ops")
    return None


def _modifier(
    reading: Reading, entries: dict[str, tuple[Scalar, Node]], key: str, visible: frozenset[str], needs: _Needs
) -> Value | None:
    if key not in entries:
        return None
    value = reading.value(entries[key][1], visible, FLAG if key == "when" else NATURAL, key)
    if value is not None:
        needs.names |= value.names
        if key == "repeat" and not value.names and value.evaluate({}) == 0:
            reading.warn(entries[key][1], "repeat: 0 leaves the layer out")
    return value


def _read_arguments(
    reading: Reading, key: Scalar, kind: str, inner: Node | None, place: Place, outer: Place, needs: _Needs
) -> tuple[dict[str, Value], tuple[Branch, ...]]:
    target = key.value
    op: Op | None = reading.ops.get(target) if kind == "op" else None
    arguments: dict[str, Value] = {}
    branches: list[Branch] = []
    faulty = len(reading.problems)
    entries: dict[str, tuple[Scalar, Node]] = {}
    if isinstance(inner, Mapping):
        entries = _quoted(reading, inner)
    elif inner is not None and not (isinstance(inner, Scalar) and inner.null):
        example = next(iter(reading.signatures[target].parameters), "") if kind == "block" else ""
        if op is not None and op.arguments:
            example = op.arguments[0].name
        hint = f"as in '{target}: {{{example}: ...}}'" if example else "it takes none"
        reading.note(inner, f"the arguments of {target} must be a mapping", hint)
        return {}, ()
    for name, (name_node, node) in entries.items():
        argument = op.argument(name) if op is not None else None
        if argument is None and kind != "parameter" and not _takes(reading, target, name) and _branch_like(node):
            branch = _read_branch(reading, op, target, name_node, node, place, outer, needs)
            if branch is not None:
                branches.append(branch)
            continue
        known = None
        if kind != "parameter":
            before = len(reading.problems)
            known = reading.argument_kind(target, name, name_node)
            if len(reading.problems) > before:
                continue
        value = reading.value(node, place.visible, known, f"argument '{name}' of {target}", calls=kind != "op")
        if value is not None:
            arguments[name] = value
            needs.names |= value.names
    if len(reading.problems) == faulty:
        if op is not None:
            missing = [item.name for item in op.arguments if item.default is REQUIRED and item.name not in arguments]
        elif kind == "block":
            parameters = reading.signatures[target].parameters
            missing = [name for name, needed in parameters.items() if needed and name not in arguments]
        else:
            missing = []
        if missing:
            wanted = " and ".join(f"'{name}'" for name in missing)
            example = ", ".join(f"{name}: ..." for name in missing)
            reading.note(key, f"{target} needs {wanted}", f"as in '{target}: {{{example}}}'")
    return arguments, tuple(branches)


def _branch_like(node: Node) -> bool:
    if isinstance(node, Sequence):
        return True
    return isinstance(node, Mapping) and any(key in node.entries for key in ("layers", "from", "when"))


def _quoted(reading: Reading, node: Mapping) -> dict[str, tuple[Scalar, Node]]:
    """The entries, with an expression that YAML cut at a comma (`{out: round_to(w, 8)}`) told apart and reported."""
    entries: dict[str, tuple[Scalar, Node]] = {}
    cut: list[str] = []
    for name, (key, value) in node.entries.items():
        if cut:
            cut.append(name)
            if name.count(")") >= name.count("("):
                text = ", ".join(cut[1:])
                message = "an expression with ',' must be quoted inside '{ }'"
                location = entries.pop(cut[0])[1].location()
                reading.problems.append(Problem(message, location, f'write {cut[0]}: "{text}"'))
                cut = []
            continue
        entries[name] = (key, value)
        if isinstance(value, Scalar) and value.plain and value.value.count("(") > value.value.count(")"):
            following = list(node.entries)[list(node.entries).index(name) + 1 :]
            if any(")" in later for later in following):
                cut = [name, value.value]
    return entries


def _read_branch(
    reading: Reading, op: Op | None, target: str, key: Scalar, node: Node, place: Place, outer: Place, needs: _Needs
) -> Branch | None:
    if op is None or not op.joins:
        known = [argument.name for argument in op.arguments] if op else list(reading.signatures[target].parameters)
        hint = did_you_mean(key.value, known) or "only ops that join tensors have branches"
        reading.note(key, f"{target} has no argument '{key.value}' and takes no branches", hint)
        return None
    inputs = [name.rstrip("?") for name in op.inputs]
    if op.inputs != ("*",) and key.value not in inputs:
        reading.note(key, f"{target} has no input '{key.value}'", f"its inputs are {', '.join(inputs)}")
        return None
    if not _good_name(key.value):
        reading.note(key, f"a branch cannot be called '{key.value}'", "no '.', '[' or ']' in a name")
        return None
    source, when, layers = None, None, node
    if isinstance(node, Mapping):
        for name, (name_node, _) in node.entries.items():
            if name not in ("from", "when", "layers"):
                reading.note(name_node, f"a branch has no key '{name}'", did_you_mean(name, ("from", "when", "layers")))
        when_node = node.get("when")
        if when_node is not None:
            when = reading.value(when_node, place.visible, FLAG, "when")
            if when is not None:
                needs.names |= when.names
        from_node = node.get("from")
        if from_node is not None:
            name_text = reading.text(from_node, "from")
            if name_text:
                source = Reference(name_text, from_node)
                _resolve(reading, source, outer, needs.captures, "from")
                needs.captures[name_text] = None  # also one of this list: a join with a name is a list of its own
        layers = node.get("layers") or Sequence(node.source, node.line, node.column)
    body = read_layers(reading, layers, Place(place.visible, place.parameters, outer, set()), "a branch")
    _absorb(needs, body, NOTHING)
    return Branch(key.value, key, body, source, when)


def _absorb(needs: _Needs, body: Layers, hidden: frozenset[str]) -> None:
    needs.names |= set(body.names) - hidden
    needs.captures.update(dict.fromkeys(body.captures))
    needs.shares.update(dict.fromkeys(body.shares))


def _good_name(name: str) -> bool:
    return bool(name) and not any(character in name for character in ".[]")


def _name(reading: Reading, entries: dict[str, tuple[Scalar, Node]], place: Place, target: str) -> str | None:
    if "name" not in entries:
        return None
    node = entries["name"][1]
    name = reading.text(node, "name")
    if not _good_name(name):
        if not any(problem.location == node.location() for problem in reading.problems):
            reading.note(node, f"a layer cannot be called '{name}'", "any text without '.', '[' and ']'")
        return None
    if name in reading.ops and name != target:
        reading.note(node, f"a layer cannot be called '{name}': that is an op", "take another name")
        return None
    return name


def _inputs(
    reading: Reading, entries: dict[str, tuple[Scalar, Node]], kind: str, target: str, branches: bool
) -> tuple[tuple[str | None, Reference], ...]:
    """What `from` says, as (input name or None, reference)."""
    if "from" not in entries:
        return ()
    node = entries["from"][1]
    if isinstance(node, Mapping):
        inputs = []
        known: tuple[str, ...] | None = None
        if kind == "block":
            known = reading.signatures[target].inputs
        elif kind == "op" and reading.ops[target].inputs != ("*",):
            known = tuple(name.rstrip("?") for name in reading.ops[target].inputs)
        for name, (key, value) in node.entries.items():
            if known is not None and name not in known:
                reading.note(key, f"{target} has no input '{name}'", f"its inputs are {', '.join(known)}")
            text = reading.text(value, "from")
            if text:
                inputs.append((name, Reference(text, value)))
        return tuple(inputs)
    nodes = node.items if isinstance(node, Sequence) else [node]
    if not nodes:
        reading.note(node, "'from' names no layer")
    if branches and len(nodes) > 1:
        reading.note(node, "a layer with branches takes one tensor", "name the others as branches: {from: NAME}")
    references = []
    for item in nodes:
        text = reading.text(item, "from")
        if text:
            references.append((None, Reference(text, item)))
    return tuple(references)


def _known_here(name: str, place: Place) -> bool:
    return name in place.seen


def _resolve(reading: Reading, reference: Reference, place: Place, captures: dict[str, None], what: str) -> None:
    """Check that a reference names an earlier layer here or further out; remember it if it is not of this list."""
    name = reference.name
    scope: Place | None = place
    dynamic = False
    while scope is not None:
        if name in scope.seen:
            if scope is not place:
                captures[name] = None
            return
        dynamic = dynamic or scope.dynamic
        scope = scope.parent
    if dynamic:
        captures[name] = None
        return
    seen: list[str] = []
    scope = place
    while scope is not None:
        if name in scope.later:
            hint = f"'{name}' is defined below, at line {scope.later[name]}"
            reading.note(reference.node, f"'{what}: {name}' names a layer that comes later", hint)
            return
        seen.extend(scope.seen)
        scope = scope.parent
    hint = did_you_mean(name, seen) or "earlier layers of this list and of enclosing lists can be named"
    reading.note(reference.node, f"'{what}: {name}': there is no such layer before this one", hint)


def _share(
    reading: Reading, entries: dict[str, tuple[Scalar, Node]], place: Place, needs: _Needs, own_name: str | None
) -> Reference | None:
    if "share" not in entries:
        return None
    node = entries["share"][1]
    name = reading.text(node, "share")
    if not name:
        return None
    reference = Reference(name, node)
    if name != own_name:
        captures: dict[str, None] = {}
        _resolve(reading, reference, place, captures, "share")
        needs.shares.update(captures)
    return reference


def _take_names(
    reading: Reading,
    node: Node,
    name: str | None,
    target: str,
    kind: str,
    branches: tuple[Branch, ...],
    repeats: bool,
    place: Place,
) -> None:
    """Enter the names that a call brings into its scope."""
    if name is not None:
        if not place.namer.take(name) or name in place.seen:
            first = place.later.get(name)
            at = f" (first at line {first})" if first is not None and first != node.line + 1 else ""
            reading.note(node, f"the name '{name}' is used twice in one list{at}", "names are unique in their list")
        place.seen.add(name)
    elif kind == "parameter":
        place.dynamic = True
    else:
        place.seen.add(place.namer.automatic("group" if kind == "group" else target))
    if name is None and not repeats:
        for branch in branches:
            if not place.namer.take(branch.name):
                hint = "give the join a 'name:': its branches then stand under it"
                reading.note(branch.node, f"the name '{branch.name}' is used twice in one list", hint)


def _dtype(reading: Reading, entries: dict[str, tuple[Scalar, Node]], key: str) -> str | None:
    if key not in entries:
        return None
    return read_dtype(reading, entries[key][1], key)


def read_dtype(reading: Reading, node: Node, key: str) -> str | None:
    """A number format, or None and a problem."""
    text = reading.text(node, key)
    if text in DTYPE_BITS:
        return text
    reading.note(node, f"unknown {key} '{text}'", did_you_mean(text, DTYPE_BITS))
    return None
