"""Read `from` and `share`: the layers that a call takes its tensors from, and those whose weights it uses."""

from __future__ import annotations

from collections.abc import Set

from costcalc.spec.model import Branch, Reference
from costcalc.spec.place import Needs, Place
from costcalc.spec.reading import Reading
from costcalc.text.nodes import Mapping, Node, Scalar, Sequence
from costcalc.text.suggest import MOST_CHOICES


def read_inputs(
    reading: Reading, entries: dict[str, tuple[Scalar, Node]], key: Scalar, kind: str
) -> tuple[tuple[str | None, Reference], ...]:
    """Read `from`, as (input name or None, reference)."""
    faulty = len(reading.problems)
    node = entries["from"][1] if "from" in entries else None
    names = _input_names(reading, key.value, kind)
    known = None if names is None else dict.fromkeys(name.rstrip("?") for name in names)
    inputs: list[tuple[str | None, Reference]] = []
    if isinstance(node, Mapping):
        for name, (name_node, value) in node.entries.items():
            if known is not None and name not in known:
                hint = reading.suggest.did_you_mean(name, known)
                hint = hint or f"its inputs are {', '.join([*known][:MOST_CHOICES])}"
                reading.note(name_node, f"{key.value} has no input '{name}'", hint)
            text = reading.text(value, "from", needed=True)
            if text:
                inputs.append((name, Reference(text, value)))
    elif node is not None:
        for item in node.items if isinstance(node, Sequence) else [node]:
            text = reading.text(item, "from", needed=True)
            if text:
                inputs.append((None, Reference(text, item)))
    if node is not None and not inputs and len(reading.problems) == faulty:
        reading.note(node, "'from' names no layer")
    return tuple(inputs)


def _input_names(reading: Reading, target: str, kind: str) -> tuple[str, ...] | None:
    """The names of a target's inputs; None where any number may come, or nobody knows yet."""
    if kind == "block":
        return reading.signatures[target].inputs
    if kind == "op" and reading.ops[target].inputs != ("*",):
        return reading.ops[target].inputs
    return None


def check_count(
    reading: Reading,
    key: Scalar,
    kind: str,
    entries: dict[str, tuple[Scalar, Node]],
    inputs: tuple[tuple[str | None, Reference], ...],
    branches: tuple[Branch, ...],
) -> None:
    """A problem where a call gets too many tensors or too few, as far as that is known before building."""
    target, names = key.value, _input_names(reading, key.value, kind)
    node = entries["from"][1] if "from" in entries else None
    if node is not None and len(inputs) > 1 and (kind == "group" or branches):
        hint = "layers inside it may say 'from:' themselves"
        if branches:
            hint = "name the others as branches: {from: NAME}"
        reading.note(node, f"{'a group' if kind == 'group' else 'a layer with branches'} takes one tensor", hint)
    elif kind == "op" and names is None and not branches and not inputs:
        reading.note(
            key, f"{target} needs at least two tensors, and gets one", "give it branches, or 'from: [one, another]'"
        )
    elif names:
        known = [name.rstrip("?") for name in names]
        given = {branch.name for branch in branches}
        if node is not None and len(inputs) > len(known):
            wanted = f"{len(known)} inputs: {', '.join(known)}" if len(known) > 1 else "1 input"
            joined = "join them first, with add or concat" if len(known) == 1 else ""
            reading.note(node, f"{target} takes {wanted}; got {len(inputs)}", joined)
            return
        if not branches:
            given |= {known[position] if name is None else name for position, (name, _) in enumerate(inputs)}
        if not branches or (kind == "op" and reading.ops[target].copies):
            given.add(known[0])  # the layer before
        missing = [name for name in names if not name.endswith("?") and name not in given]
        if missing:
            wanted = " and ".join(f"'{name}'" for name in missing)
            hint = f"as in 'from: {{{', '.join(f'{name}: LAYER' for name in missing)}}}'"
            if branches:
                hint = f"as in '{missing[0]}: [...]'"
            reading.note(key, f"{target} needs its input{'s' * (len(missing) > 1)} {wanted}", hint)


def resolve(reading: Reading, reference: Reference, place: Place, captures: dict[str, None], what: str) -> None:
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
    seen: list[Set[str]] = []
    scope = place
    while scope is not None:
        if name in scope.later:
            hint = f"'{name}' is defined below, at line {scope.later[name]}"
            reading.note(reference.node, f"'{what}: {name}' names a layer that comes later", hint)
            return
        seen.append(scope.seen)
        scope = scope.parent
    hint = reading.suggest.did_you_mean(name, *seen)
    hint = hint or "earlier layers of this list and of enclosing lists can be named"
    if any(name.partition("[")[0] in names for names in seen):
        hint = f"instances of a repeat have no name of their own; '{name.partition('[')[0]}' is the last"
    elif any(name.partition(".")[0] in names for names in seen):
        hint = "layers inside another have no name outside"
    elif name == "input" and any("x" in names for names in seen):
        hint = "inside a block the input is called x"
    reading.note(reference.node, f"'{what}: {name}': no earlier layer is called '{name}'", hint)


def read_share(
    reading: Reading, entries: dict[str, tuple[Scalar, Node]], place: Place, needs: Needs, own_name: str | None
) -> Reference | None:
    """Read `share`; a layer from an enclosing list is remembered in `needs`."""
    if "share" not in entries:
        return None
    node = entries["share"][1]
    name = reading.text(node, "share", needed=True)
    if not name:
        return None
    reference = Reference(name, node)
    if "name" in entries and name != own_name and getattr(entries["name"][1], "value", None) == name:
        reading.note(node, f"'share: {name}' names the layer itself", "with 'repeat', its instances share")
    elif name != own_name:
        captures: dict[str, None] = {}
        resolve(reading, reference, place, captures, "share")
        needs.shares.update(captures)
    return reference
