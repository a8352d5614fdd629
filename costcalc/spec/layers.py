"""A list of layers: which op or block each calls, its arguments and branches, and where it takes its input from."""

from __future__ import annotations

import re
from collections.abc import Set

from costcalc.errors import Hint
from costcalc.ops.kinds import FLAG, NATURAL
from costcalc.ops.op import REQUIRED, Op
from costcalc.spec.model import DTYPE_BITS, LAYER_KEYS, Branch, Call, Layers, Reference, Value
from costcalc.spec.pieces import quoted
from costcalc.spec.place import INDEX, Needs, Place
from costcalc.spec.reading import NOTHING, Reading, Site
from costcalc.spec.sources import check_count, read_inputs, read_share, resolve
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence
from costcalc.text.suggest import did_you_mean, key_meant, same


def read_layers(reading: Reading, node: Node, place: Place, what: str = "layers") -> Layers:
    """A list node as `Layers`."""
    needs = Needs()
    calls: list[Call] = []
    if not isinstance(node, Sequence):
        _not_a_list(reading, node, what)
        return Layers((), (), (), ())
    for item in node.items:
        if isinstance(item, Mapping):
            name = item.get("name")
            if isinstance(name, Scalar):
                place.later.setdefault(name.value, item.line + 1)
    for position, item in enumerate(node.items):
        call = _read_call(reading, item, place, needs)
        if call is not None:
            calls.append(call)
            if not node.source.aliased:
                node.items[position] = call.node  # what is read is let go: of a long list that is half the memory
    return Layers(tuple(calls), tuple(sorted(needs.names)), tuple(needs.captures), tuple(needs.shares))


def _not_a_list(reading: Reading, node: Node, what: str) -> None:
    """A problem where a list of layers is wanted and something else stands."""
    hint = "a list: lines that begin with '- '"
    if isinstance(node, Mapping) and all(name.startswith("-") for name in node.entries):
        hint = "a space is missing after '-'"
    elif isinstance(node, Mapping) and "layers" in node.entries:
        hint = "the list stands right here, without 'layers:'"
    elif isinstance(node, Scalar) and not node.null:
        words = f"write [{node.value}], or lines that begin with '- '"
        hint = Hint(words, f"[{node.value}]") if re.fullmatch(r"\w+", node.value) else words
    if isinstance(node, Scalar) and node.null:
        reading.note(node, f"{what} must be a list of layers, and there is none", hint)
    else:
        reading.note(node, f"{what} must be a list of layers, not a {node.kind}", hint)


def _read_call(reading: Reading, node: Node, place: Place, needs: Needs) -> Call | None:
    if isinstance(node, Scalar):
        if node.null or not node.value:
            reading.note(node, "an empty layer", "name an op or a block, or remove the line")
            return None
        key, inner, entries = node, None, {}
        if node.value == "layers":
            reading.note(node, "a group needs its list", "write '- layers: [...]'")
            return None
    elif isinstance(node, Mapping):
        found = _target(reading, node, place)
        if found is None:
            _expect_names(reading, node, None, place)
            return None
        key, inner = found
        entries = node.entries
    else:
        from costcalc.spec import notation  # only a mistake pays for it

        hint = notation.listed(reading, node, place) if isinstance(node, Sequence) else ""
        reading.note(node, "a layer is an op or a block, not a list", hint)
        return None
    renamed: int | None = None
    kind = _kind(reading, key, place, node)
    if kind is None:
        meant = _meant(reading, key)
        if meant is None:
            _expect_names(reading, node, key, place)
            return None
        renamed = len(reading.problems) - 1 if reading.problems else 0
        key, node = _renamed(key, node, meant)  # so that all that is wrong with the call is told at once
        kind = "op" if meant in reading.ops else "block"
    faulty = len(reading.problems)
    target = key.value
    own = Needs()
    repeat = _modifier(reading, entries, "repeat", place.visible, own)
    repeats = repeat is not None
    # `i` inside a repeated layer is its own; in `repeat` itself it is the enclosing one's
    body_place = place.inner(repeats=repeats)
    visible = body_place.visible
    inside = Needs()
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
        arguments, branches = _read_arguments(reading, key, kind, inner, node, body_place, place, inside)
    own.names |= inside.names - INDEX if repeats else inside.names
    name = _name(reading, entries, place, target)
    if kind == "block":
        reading.sites.append(Site(target, key, name or target, reading.inside))
    inputs = read_inputs(reading, entries, key, kind)
    if len(reading.problems) == faulty:
        check_count(reading, key, kind, entries, inputs, branches)
    if renamed is not None:
        _join(reading, renamed, key)
    for _, reference in inputs:
        resolve(reading, reference, place, own.captures, "from")
    own_name = None
    if repeats:
        own_name = name or place.namer.following("group" if kind == "group" else target)
    share = read_share(reading, entries, place, own, own_name)
    for captured in inside.captures:
        if captured not in place.seen:
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
    if len(candidates) == 1 and _is_callable(reading, candidates[0][0].value, place):
        return candidates[0]
    from costcalc.spec import beside, notation  # only a mistake pays for them

    if notation.typed(reading, node, place):
        return None
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        reading.note(node, "this layer has no op", "add the op or block that it calls, as in '- conv: {out: 64}'")
        return None
    known = [entry for entry in candidates if _is_callable(reading, entry[0].value, place)]
    if len(known) == 1:
        owner, call = known[0][0].value, known[0][1]
        for key, value in candidates:
            if key.value != owner:
                beside.unknown_key(reading, node, owner, call, key, value)
        return None
    if len(known) > 1:
        first = known[0][0].value
        for key, _ in known[1:]:
            message = f"two ops in one layer: '{first}' and '{key.value}'"
            reading.note(key, message, beside.begin_layer(node, key))
        return None
    names = ", ".join(f"'{key.value}'" for key, _ in candidates)
    first_key = candidates[0][0]
    if reading.incomplete or any(key.value in reading.broken for key, _ in candidates):
        return None
    from costcalc.ops.absent import op_called

    unknown = [key for key, _ in candidates if op_called(key.value, reading.ops)]
    if unknown:
        reading.unknown_target(unknown[0], place.parameters, place)
        return None
    near = reading.suggest.did_you_mean(first_key.value, reading.ops, reading.signatures)
    hint = near or "one key must be an op or a block"
    reading.note(first_key, f"no op or block among {names}", hint)
    return None


def _takes(reading: Reading, target: str, name: str) -> bool:
    if target in reading.ops:
        return reading.ops[target].argument(name) is not None
    return target in reading.signatures and name in reading.signatures[target].parameters


def _is_callable(reading: Reading, name: str, place: Place) -> bool:
    return name in reading.ops or name in reading.signatures or name in place.parameters or name in ("layers", "none")


def _kind(reading: Reading, key: Scalar, place: Place, item: Node) -> str | None:
    target = key.value
    if target == "layers":
        return "group"
    if target in reading.broken:
        return None
    if target in reading.signatures:
        return "block"
    if target in reading.ops:
        return "op"
    if target in place.parameters:
        reading.used.add(target)
        return "parameter"
    from costcalc.spec import notation  # only a mistake pays for it

    if target == "none":
        reading.note(key, "'none' is no layer by itself", "it is the value of a parameter that holds an op")
    elif not notation.called(reading, key, item, place):
        reading.unknown_target(key, place.parameters, place)
    return None


def _meant(reading: Reading, key: Scalar) -> str | None:
    """The op or block that the word of another tool stands for."""
    if key.value in reading.broken or reading.incomplete or key.value == "none":
        return None
    from costcalc.ops.absent import op_called  # only a mistake pays for it

    return reading.suggest.same(key.value, reading.signatures) or op_called(key.value, reading.ops)


def _join(reading: Reading, first: int, key: Scalar) -> None:
    """Tell what is wrong with a call as a whole in the hint about its name, which is one problem and not two."""
    problem, *others = reading.problems[first:]
    same_place = [other for other in others if other.location == problem.location]
    if same_place:
        hint = Hint(f"{problem.hint} {same_place[0].message}", key.value)
        kept = [other for other in others if other.location != problem.location]
        reading.problems[first:] = [problem._replace(hint=hint), *kept]


def _renamed(key: Scalar, node: Node, name: str) -> tuple[Scalar, Node]:
    """A layer's key and the layer, as if the op had been written right."""
    called = Scalar(key.source, key.line, key.column, key.end_line, key.end_column, name, plain=True)
    if not isinstance(node, Mapping):
        return called, called
    layer = Mapping(node.source, node.line, node.column)
    layer.end_line, layer.end_column = node.end_line, node.end_column
    layer.entries = {
        name if old == key.value else old: (called if old == key.value else inner, value)
        for old, (inner, value) in node.entries.items()
    }
    return called, layer


def _expect_names(reading: Reading, node: Node, key: Scalar | None, place: Place) -> None:
    """Enter the names that a layer would have had that could not be read, so that nobody misses them."""
    name = node.get("name") if isinstance(node, Mapping) else None
    if isinstance(name, Scalar):
        place.namer.take(name.value)
        place.seen.add(name.value)
    elif key is not None:
        if key.value not in place.seen:
            place.seen.add(key.value)
            place.unread.add(key.value)
        meant = reading.suggest.nearest(key.value, reading.ops, reading.signatures)
        if meant is not None:
            place.seen.add(place.namer.automatic(meant))


def _modifier(
    reading: Reading, entries: dict[str, tuple[Scalar, Node]], key: str, visible: Set[str], needs: Needs
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
    reading: Reading,
    key: Scalar,
    kind: str,
    inner: Node | None,
    item: Node,
    place: Place,
    outer: Place,
    needs: Needs,
) -> tuple[dict[str, Value], tuple[Branch, ...]]:
    target = key.value
    op: Op | None = reading.ops.get(target) if kind == "op" else None
    arguments: dict[str, Value] = {}
    branches: list[Branch] = []
    faulty = len(reading.problems)
    entries: dict[str, tuple[Scalar, Node]] = {}
    if isinstance(inner, Mapping):
        entries = quoted(reading, inner, op)
    elif inner is not None and not (isinstance(inner, Scalar) and inner.null):
        from costcalc.spec import notation  # only a mistake pays for it

        hint = notation.bare_value(reading, key, inner, item, outer)
        reading.note(inner, f"the arguments of {target} must be a mapping, not a {inner.kind}", hint)
        return {}, ()
    for name, (name_node, node) in entries.items():
        argument = op.argument(name) if op is not None else None
        is_branch = (
            op is not None
            and op.joins
            and argument is None
            and name != "from"
            and (name not in LAYER_KEYS or isinstance(node, Sequence))
            and not _is_argument(op, name, node)
        )
        if is_branch and isinstance(node, Scalar):
            from costcalc.spec.branches import branch_value  # only a mistake pays for it

            hint = branch_value(reading, target, name_node, node, outer)
            reading.note(name_node, f"{target} has no argument '{name}', and a branch is a list of layers", hint)
            continue
        if is_branch and op is not None:
            branch = _read_branch(reading, op, target, name_node, node, inner, place, outer, needs)
            if branch is not None:
                branches.append(branch)
            continue
        known = None
        if kind != "parameter":
            before = len(reading.problems)
            known = reading.argument_kind(target, name, name_node, node, inner, item)
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
            missing = [name for name in reading.signatures[target].required if name not in arguments]
        else:
            missing = []
        if missing:
            wanted = " and ".join(f"'{name}'" for name in missing)
            example = ", ".join(f"{name}: ..." for name in missing)
            hint = f"add '{example}'" if entries else f"write '- {target}: {{{example}}}'"
            reading.note(key, f"{target} needs {wanted}", hint)
    return arguments, tuple(branches)


def _is_argument(op: Op, name: str, node: Node) -> bool:
    """True for what another tool calls an argument of a join, where it can be no branch."""
    if isinstance(node, Scalar):
        from costcalc.spec.arguments import says_nothing  # a branch is no single value, so this is a mistake

        if says_nothing(name):
            return True
    elif op.inputs == ("*",) or any(name == given.rstrip("?") for given in op.inputs):
        return False
    return same(name, [argument.name for argument in op.arguments]) is not None


def _read_branch(
    reading: Reading,
    op: Op,
    target: str,
    key: Scalar,
    node: Node,
    inner: Node | None,
    place: Place,
    outer: Place,
    needs: Needs,
) -> Branch | None:
    inputs = [name.rstrip("?") for name in op.inputs]
    if op.inputs != ("*",) and key.value not in inputs:
        from costcalc.spec.branches import unknown_input  # only a mistake pays for it

        reading.note(key, f"{target} has no input '{key.value}'", unknown_input(op, key, inner))
        return None
    if not _good_name(key.value):
        reading.note(key, f"a branch cannot be called '{key.value}'", "no '.', '[' or ']' in a name")
        return None
    source, when, layers = None, None, node
    if isinstance(node, Mapping):
        for name, (name_node, _) in node.entries.items():
            if name not in ("from", "when", "layers"):
                reading.note(
                    name_node,
                    f"a branch has no key '{name}'",
                    key_meant(name, ("from", "when", "layers"), node.entries),
                )
        when_node = node.get("when")
        if when_node is not None:
            when = reading.value(when_node, place.visible, FLAG, "when")
            if when is not None:
                needs.names |= when.names
        from_node = node.get("from")
        if from_node is not None:
            name_text = reading.text(from_node, "from", needed=True)
            if name_text:
                source = Reference(name_text, from_node)
                resolve(reading, source, outer, needs.captures, "from")
                needs.captures[name_text] = None  # also one of this list: a join with a name is a list of its own
        layers = node.get("layers") or Sequence(node.source, node.line, node.column)
    first = layers.items[0] if isinstance(layers, Sequence) and layers.items else None
    if isinstance(first, Scalar) and not _is_callable(reading, first.value, outer):
        from costcalc.spec.branches import branch_of_layers  # only a mistake pays for it

        if isinstance(layers, Sequence) and branch_of_layers(reading, key, layers, outer):
            return None
    body = read_layers(reading, layers, Place(place.visible, place.parameters, outer, set()), "a branch")
    _absorb(needs, body, NOTHING)
    return Branch(key.value, key, body, source, when)


def _absorb(needs: Needs, body: Layers, hidden: frozenset[str]) -> None:
    needs.names |= set(body.names) - hidden
    needs.captures.update(dict.fromkeys(body.captures))
    needs.shares.update(dict.fromkeys(body.shares))


def _good_name(name: str) -> bool:
    return bool(name) and not any(character in name for character in ".[]")


def _name(reading: Reading, entries: dict[str, tuple[Scalar, Node]], place: Place, target: str) -> str | None:
    if "name" not in entries:
        return None
    node = entries["name"][1]
    name = reading.text(node, "name", needed=True)
    if not _good_name(name):
        if name:
            reading.note(node, f"a layer cannot be called '{name}'", "any text without '.', '[' and ']'")
        return None
    if name in reading.ops and name != target:
        reading.note(node, f"a layer cannot be called '{name}': that is an op", "take another name")
        return None
    return name


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
            at = f", first at line {first}" if first is not None and first != node.line + 1 else ""
            message, hint = f"the name '{name}' is used twice in one list{at}", "names are unique in their list"
            if name in place.inputs:
                message, hint = f"a layer cannot be called '{name}': that is an input", "take another name"
            own = node.get("name") if isinstance(node, Mapping) else None
            reading.note(own or node, message, hint)
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
    text = reading.text(node, key, needed=True)
    if text in DTYPE_BITS:
        return text
    if text:
        message = f"unknown dtype '{text}'" if key == "dtype" else f"unknown dtype '{text}' of '{key}'"
        reading.note(node, message, did_you_mean(text, DTYPE_BITS))
    return None
