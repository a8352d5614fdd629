"""Arguments that an op or a block does not have: what other tools write there, and what to write here."""

from __future__ import annotations

import re
from collections.abc import Iterable

from costcalc.errors import Edit, Hint
from costcalc.ops.absent import NO_LAYER, op_called
from costcalc.spec.model import LAYER_KEYS
from costcalc.spec.reading import Reading
from costcalc.text import edits
from costcalc.text.nodes import Mapping, Node, Scalar
from costcalc.text.suggest import alike, bare, question, same


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FROM_INPUT = _words(
    "inchannels infeatures inputsize inputchannels inputfeatures inplanes inputdim inputdims indim numfeatures "
    "normalizedshape numchannels channels features dim embeddim dmodel numparameters inputshape inch cin nin "
    "hiddensize hiddendim inputlength insize kdim vdim inputunits ndim"
)
"""Sizes that costcalc takes from the input. Written as `bare` gives them, here and below."""

WITHOUT_EFFECT = _words(
    "inplace momentum trackrunningstats training device paddingmode kernelinitializer biasinitializer "
    "weightinitializer initializer init weightinit biasinit kernelregularizer biasregularizer activityregularizer "
    "weightregularizer regularizer weightdecay kernelconstraint biasconstraint betainitializer gammainitializer "
    "batchfirst returnsequences returnstate stateful unroll implementation dropoutp dropout dropoutrate attndrop "
    "recurrentdropout attentiondropout resdropout sparse maxnorm scalegradbyfreq memoryformat returnindices "
    "antialias recomputescalefactor seed lr lrmult decaymult learningrate noiseshape fused weightfiller biasfiller "
    "paddingidx maskzero needweights averageattnweights addbiaskv addzeroattn usecache decay renorm movingaverage"
)
"""Arguments that change neither a shape nor a count."""

FROZEN = _words("trainable requiresgrad freeze frozen")
"""Marks of weights that are not trained."""

PROJECTED = _words("projection projsize projectionsize numproj proj")
"""The size of a projection behind a recurrent layer."""

LAYOUT = _words("dataformat layout channelslast")
"""Keys that say which axis is channels."""

FOLLOWING = _words(
    "activation act activationfn actfn actlayer acttype activationtype activationlayer nonlinearity nonlin "
    "activationfunction actfunc norm normlayer normtype normalization normalizer normfn bn usebn batchnorm "
    "withbn withrelu relu userelu dropout dropoutrate pooling pool actcfg normcfg"
)
"""Arguments of other tools that are layers of their own here."""


def unknown(reading: Reading, target: str, key: Scalar, value: Node, within: Node | None, item: Node | None) -> str:
    """The advice for an argument that `target` does not have.

    Args:
        reading: the reading of the file.
        target: the op or block.
        key: the name of the argument, and `value` what it says.
        value: see `key`.
        within: the mapping of the arguments.
        item: the layer as a whole, None for a call that is a value.
    """
    name = key.value
    known = known_arguments(reading, target)
    glued = re.match(r"(\w+):(\S+)", name)
    if glued is not None and glued.group(1) in known:
        written = f"{glued.group(1)}: {glued.group(2)}"
        return Hint(f"a space is missing: write {written}", written)
    if name in LAYER_KEYS and item is not None:
        words = f"'{name}' is a key of the layer: it stands beside '{target}:', not under it"
        return Hint(words, edits=_beside(target, name, within, item))
    meant = same(name, known)
    removed = edits.without(within, name) if isinstance(within, Mapping) else ()
    if meant is not None and isinstance(within, Mapping) and meant in within.entries:
        return Hint(f"remove it: that is '{meant}', which is given", edits=removed)
    if meant is not None:
        return question(meant)
    wanted = bare(name)
    if wanted in FOLLOWING | PROJECTED and item is not None and target in reading.ops:
        follower = _follower(reading, name, value)
        if follower is not None:
            return _after(follower, target, name, within, item, removed)
    without = useless(wanted)
    if without:
        return Hint(without, edits=removed)
    if wanted in LAYOUT:
        words = "remove it: for channels last the file says 'layout: channels_last' at the top"
        return Hint(words, edits=removed)
    near = alike(name, known)
    if near is not None:
        return question(near)
    if not known:
        return Hint(f"{target} takes no arguments: remove it", edits=removed)
    return f"choose from: {', '.join(sorted(known))}" if len(list(known)) <= 12 else ""


def useless(wanted: str) -> str:
    """The reason not to write an argument of other tools; empty where it may be needed."""
    if wanted in FROM_INPUT:
        return "remove it: that size comes from the input"
    if wanted in WITHOUT_EFFECT:
        return "remove it: it changes no shape and no count"
    return "remove it: frozen weights are counted like all others" if wanted in FROZEN else ""


def says_nothing(name: str) -> bool:
    """True for an argument of other tools that is not written here."""
    return bool(useless(bare(name))) or bare(name) in LAYOUT


def known_arguments(reading: Reading, target: str) -> list[str]:
    """The names of the arguments of an op or a block."""
    if target in reading.ops:
        return [argument.name for argument in reading.ops[target].arguments]
    return list(reading.signatures[target].parameters)


def translated(reading: Reading, target: str, entries: Iterable[tuple[Scalar, Node]]) -> list[tuple[str, str]] | None:
    """The arguments of a call in another notation, under the names here; None where one cannot be said in a line."""
    known = known_arguments(reading, target)
    found: dict[str, str] = {}
    for key, value in entries:
        name = same(key.value, known)
        if name is None:
            if bare(key.value) in FROM_INPUT | WITHOUT_EFFECT:
                continue
            name = alike(key.value, known)
        text = edits.text_of(value)
        if name is None or not text:
            return None
        found[name] = {"True": "true", "False": "false"}.get(text, text)
    return list(found.items())


def missing(reading: Reading, target: str, given: Iterable[str]) -> list[str]:
    """The arguments that a call must give and does not."""
    if target in reading.ops:
        needed = [argument.name for argument in reading.ops[target].required]
    else:
        signature = reading.signatures.get(target)
        needed = [name for name, must in signature.parameters.items() if must] if signature is not None else []
    return [name for name in needed if name not in given]


def _follower(reading: Reading, name: str, value: Node) -> str | None:
    """The layer that an argument asks for; empty where it says that there is none; None where it is not known."""
    if isinstance(value, Mapping):
        value = next((inner for key, (_, inner) in value.entries.items() if key in ("type", "name", "op")), value)
    if not isinstance(value, Scalar):
        return None
    text = value.value
    if bare(name) in PROJECTED:
        op = op_called("dense", reading.ops)
        return f"{op}: {{out: {text}, bias: false}}" if op and text.isdigit() else None
    if text.lower() in NO_LAYER:
        return ""
    own = op_called(name.removeprefix("use_").removeprefix("with_"), reading.ops)
    op = op_called(text, reading.ops) or op_called(f"{text}_norm", reading.ops)
    if op is None and own is not None:
        is_share = own is not None and re.fullmatch(r"0?\.\d+", text) is not None
        main = reading.ops[own].main
        return edits.call(own, [(main.name, text)] if is_share and main else [])
    if op is None and bare(name).startswith("dropout") and re.fullmatch(r"0?\.\d+", text):
        op = op_called("dropout", reading.ops)
        return f"{op}: {{p: {text}}}" if op else None
    if op is None or reading.ops[op].required:
        return None
    return op


def follower_beside(reading: Reading, target: str, call: Node, key: Scalar, value: Node, item: Mapping) -> str:
    """The advice for a layer that stands as a key beside another; empty where it is not known."""
    follower = _follower(reading, key.value, value)
    removed = edits.without(item, key.value)
    if not follower:
        return "" if follower is None else Hint("remove it: there is no layer to add", edits=removed)
    words = f"put '- {follower}' after it"
    entries = call.entries if isinstance(call, Mapping) else {}
    pairs = [(name, edits.text_of(inner)) for name, (_, inner) in entries.items()]
    keys = [
        (name, edits.text_of(inner)) for name, (_, inner) in item.entries.items() if name not in (target, key.value)
    ]
    if any(text is None for _, text in (*pairs, *keys)):
        return words
    return Hint(words, edits=edits.layer(item, target, _sure(pairs), _sure(keys), [follower]))


def _after(follower: str, target: str, name: str, within: Node | None, item: Node, removed: tuple[Edit, ...]) -> str:
    """The advice to put a layer behind the one that asks for it."""
    if not follower:
        return Hint("remove it: there is no layer to add", edits=removed)
    words = f"put '- {follower}' after it"
    entries = within.entries if isinstance(within, Mapping) else {}
    pairs = [(key, edits.text_of(value)) for key, (_, value) in entries.items() if key != name]
    keys = [
        (key, edits.text_of(value))
        for key, (_, value) in (item.entries.items() if isinstance(item, Mapping) else ())
        if key != target
    ]
    if any(text is None for _, text in (*pairs, *keys)):
        return words
    return Hint(words, edits=edits.layer(item, target, _sure(pairs), _sure(keys), [follower]))


def _beside(target: str, name: str, within: Node | None, item: Node) -> tuple[Edit, ...]:
    """A layer with one of its keys moved from under the op to beside it."""
    if not isinstance(within, Mapping) or not isinstance(item, Mapping) or name in item.entries:
        return ()
    pairs = [(key, edits.text_of(value)) for key, (_, value) in within.entries.items()]
    keys = [(key, edits.text_of(value)) for key, (_, value) in item.entries.items() if key != target]
    if any(text is None for _, text in (*pairs, *keys)):
        return ()
    moved = [(key, text) for key, text in pairs if key in LAYER_KEYS and key not in item.entries]
    rest = [(key, text) for key, text in pairs if key not in LAYER_KEYS]
    return edits.layer(item, target, _sure(rest), _sure([*moved, *keys]))


def _sure(pairs: list[tuple[str, str | None]]) -> list[tuple[str, str]]:
    return [(name, text or "") for name, text in pairs]
