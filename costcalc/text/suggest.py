"""The nearest known name, for a message that ends in a question."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import chain

from costcalc.errors import Hint

# What other tools call the same key, argument, word or function. Written small and without `_`; see `bare`. What they
# call an op stands in the op's file.
_ELSEWHERE = {
    "out": "outchannels outfeatures outputchannels outputfeatures filters units numfeatures numoutput numoutputs nout "
    "outdim outputdim outputsize hiddensize hiddendim hiddenunits embeddingdim embeddim outplanes outch cout channels "
    "features dmodel dim",
    "kernel": "kernelsize kernelshape poolsize filtersize ksize k windowsize",
    "stride": "strides subsample",
    "padding": "pad pads paddings",
    "dilation": "dilationrate dilations rate atrous",
    "groups": "numgroups group featuregroupcount",
    "heads": "numheads nheads nhead numattentionheads attentionheads nhead h",
    "kv_heads": "numkvheads numkeyvalueheads nkvheads kvhead",
    "causal": "iscausal causalmask usecausalmask",
    "window": "windowsize slidingwindow",
    "layers": "nodes network body numlayers nlayers depth layer architecture backbone",
    "count": "numembeddings vocabsize vocab inputdim numclasses nclasses",
    "axis": "dim axes dims axises",
    "order": "dims axes perm permutation",
    "bias": "usebias biasterm hasbias withbias",
    "slope": "negativeslope alpha leakiness",
    "p": "rate prob dropoutrate dropratio ratio dropprob",
    "ceil": "ceilmode",
    "count_include_pad": "includepad countincludepadding",
    "keep": "keepdim keepdims",
    "start": "startdim begin startaxis from",
    "end": "stop",
    "affine": "elementwiseaffine",
    "eps": "epsilon",
    "min": "minval minvalue low",
    "max": "maxval maxvalue high",
    "scale": "scalefactor scales factor zoom",
    "size": "outputsize targetsize",
    "shape": "targetshape newshape size",
    "mode": "interpolation",
    "factor": "upscalefactor blocksize scalefactor",
    "shift": "shifts",
    "experts": "numexperts nexperts numlocalexperts",
    "active": "topk numexpertspertok k expertspertoken",
    "theta": "base ropetheta",
    "nearest": "trilinear area nearestexact linear",
    "bilinear": "bicubic lanczos",
    "name": "model id label",
    "args": "vars variables params parameters constants",
    "include": "import imports",
    "blocks": "modules functions",
    "about": "description comment",
    "note": "about description comment",
    "expect": "expected",
    "when": "if condition",
    "repeat": "times count",
    "from": "input inputs bottom",
    "share": "tie tied",
    "channels_first": "nchw ncw nchwd chw",
    "channels_last": "nhwc nwc nhwdc hwc",
    "float64": "double fp64",
    "float32": "float single fp32",
    "float16": "half fp16",
    "bfloat16": "bf16",
    "float8": "fp8",
    "int64": "long",
    "int32": "int",
    "input": "inputs inputshape inputsize",
    "output": "outputs",
    "true": "yes on",
    "floor": "int trunc",
    "round_to": "makedivisible roundup",
}

_sources: list[Callable[[], Mapping[str, str]]] = []


def learn(source: Callable[[], Mapping[str, str]]) -> None:
    """Have suggestions know what others call some names: `source` gives name -> words as `bare` makes them.

    It is called when there is a mistake, not before.
    """
    _sources.append(source)


def same(word: str, known: Iterable[str]) -> str | None:
    """The known name that differs from `word` in style alone, or that others call so; else None.

    >>> same("Conv2d", ["conv", "relu"]), same("filters", ["out", "kernel"]), same("kernle", ["kernel"])
    ('conv', 'out', None)
    """
    plain = {bare(name): name for name in sorted(known, reverse=True)}
    wanted = bare(word[:100])
    if wanted in plain:
        return plain[wanted]
    for elsewhere in (*(source() for source in _sources), _ELSEWHERE):
        for name, others in elsewhere.items():
            if wanted in others.split() and plain.get(bare(name)) == name:
                return name
    return None


MOST_CHOICES = 20
FEW = 200
"""A search among so few names is free: they are no more where there are more mistakes."""
MOST_COMPARED = 100_000
"""So many names one reading looks at in longer searches; after that it suggests no more. A hundred problems are
printed: for a thousand names each of these has its suggestion."""


class Suggestions:
    """Suggestions for the mistakes of one file: a thousand mistakes among as many names stay quick.

    A search costs as much as there are names, so all searches among more than a few have an allowance together. A file
    that somebody types never uses it up.
    """

    __slots__ = ("left",)

    def __init__(self, allowance: int = MOST_COMPARED) -> None:
        self.left = allowance

    def nearest(self, word: str, *known: Collection[str]) -> str | None:
        """As `nearest` among all of these names, while the allowance lasts; then None.

        >>> suggestions = Suggestions(allowance=300)
        >>> names = [f"layer{k}" for k in range(300)]
        >>> suggestions.nearest("layre7", names), suggestions.nearest("layre7", names)
        ('layer7', None)
        """
        return nearest(word, chain(*known)) if self.allow(*known) else None

    def same(self, word: str, *known: Collection[str]) -> str | None:
        """As `same` among all of these names, while the allowance lasts; then None."""
        return same(word, chain(*known)) if self.allow(*known) else None

    def did_you_mean(self, word: str, *known: Collection[str]) -> str:
        """As `did_you_mean` among all of these names, while the allowance lasts; then nothing."""
        return did_you_mean(word, chain(*known)) if self.allow(*known) else ""

    def choices(self, known: Collection[str]) -> str:
        """The names in order, the first of many; nothing when the allowance is used up."""
        if not self.allow(known):
            return ""
        more = f", ... ({len(known):,} names)" if len(known) > MOST_CHOICES else ""
        return ", ".join(sorted(known)[:MOST_CHOICES]) + more

    def allow(self, *known: Collection[str]) -> bool:
        """True if there is allowance for one look at these names, which is then used up."""
        count = sum(map(len, known))
        if count <= FEW:
            return True
        allowed = count <= self.left
        self.left -= count if allowed else 0
        return allowed


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name most like `word`, or what others call so, or None when nothing is near.

    >>> nearest("kernle", ["kernel", "stride"])
    'kernel'
    >>> nearest("BatchNorm2d", ["batch_norm", "relu"])
    'batch_norm'
    >>> nearest("filters", ["out", "kernel"])
    'out'
    """
    known = list(known)
    return same(word, known) or alike(word, known)


def alike(word: str, known: Iterable[str]) -> str | None:
    """The known name that `word` is a misspelling of."""
    plain = {bare(name): name for name in sorted(known, reverse=True)}
    match = _closest(bare(word[:100]), plain)
    return None if match is None else plain[match]


def question(name: str) -> Hint:
    """`did you mean 'kernel'?`, which is what to write."""
    return Hint(f"did you mean '{name}'?", name)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean 'kernel'?`, or the sorted choices when they are few, or nothing."""
    known = sorted(known)
    match = nearest(word, known)
    if match is not None:
        return question(match)
    return f"choose from: {', '.join(known)}" if 0 < len(known) <= 12 else ""


def _closest(wanted: str, known: Iterable[str]) -> str | None:
    """The word most like `wanted`, of equal ones the last in order; None where none is alike by 0.65.

    As `difflib.get_close_matches`, but a word that cannot be closer than the closest so far is not looked at further.
    """
    from difflib import SequenceMatcher  # only a mistake pays for it

    matcher = SequenceMatcher()
    matcher.set_seq2(wanted)
    best: tuple[float, str] | None = None
    least = 0.65
    for word in known:
        shorter = min(len(word), len(wanted))
        if 2 * shorter < least * (len(word) + len(wanted)):
            continue
        matcher.set_seq1(word)
        if matcher.quick_ratio() < least:
            continue
        score = (matcher.ratio(), word)
        if score[0] >= least and (best is None or score > best):
            best, least = score, score[0]
    return None if best is None else best[1]


def key_meant(word: str, known: Iterable[str], given: Iterable[str]) -> str:
    """The same for a key of a mapping that has the keys `given`: what is there already is not written twice."""
    match = nearest(word, known)
    if match is not None and match in given:
        return f"there is '{match}' already"
    return did_you_mean(word, known)


def bare(word: str) -> str:
    """A word without what only its style adds: capitals, `_`, `-` and the rank.

    >>> bare("BatchNorm2d"), bare("kernel_size")
    ('batchnorm', 'kernelsize')
    """
    word = re.sub(r"[-_\s]", "", word.lower())
    return re.sub(r"(?<=[a-z])[123]d$", "", word) or word
