"""The nearest known name, for a message that ends in a question."""

from __future__ import annotations

import re
from collections.abc import Iterable

# What other tools call the same thing. Written small and without `_`; see `_bare`.
_ELSEWHERE = {
    "linear": "dense fc fullyconnected innerproduct gemm",
    "conv": "convolution",
    "conv_transpose": "deconv deconvolution transposedconv upconv",
    "batch_norm": "bn batchnormalization",
    "layer_norm": "ln layernormalization",
    "group_norm": "gn",
    "local_response_norm": "lrn",
    "global_avg_pool": "gap globalaveragepool globalaveragepooling",
    "avg_pool": "averagepool averagepooling meanpool",
    "max_pool": "maxpooling",
    "silu": "swish",
    "hardswish": "hswish",
    "add": "sum plus residual",
    "mul": "multiply product",
    "sub": "subtract minus",
    "concat": "cat concatenate",
    "upsample": "resize interpolate",
    "pixel_shuffle": "depthtospace",
    "transpose": "permute",
    "reshape": "view",
    "out": "outchannels outfeatures outputchannels filters units numfeatures",
    "kernel": "kernelsize kernelshape",
    "stride": "strides",
    "padding": "pad pads",
    "dilation": "dilationrate dilations",
    "groups": "numgroups group",
    "axis": "dim axes",
    "order": "dims axes perm",
    "bias": "usebias",
    "slope": "negativeslope alpha",
    "ceil": "ceilmode",
    "scale": "scalefactor",
    "factor": "upscalefactor",
    "name": "model id label",
    "args": "vars variables params parameters constants",
    "include": "import imports",
    "blocks": "modules functions",
    "layers": "nodes network body",
    "about": "description comment",
    "note": "about description comment",
    "expect": "expected",
    "when": "if condition",
    "repeat": "times count",
    "from": "input inputs",
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
    "floor": "int trunc",
    "round_to": "makedivisible roundup",
}


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name most like `word`, or what others call so, or None when nothing is near.

    >>> nearest("kernle", ["kernel", "stride"])
    'kernel'
    >>> nearest("BatchNorm2d", ["batch_norm", "relu"])
    'batch_norm'
    >>> nearest("filters", ["out", "kernel"])
    'out'
    """
    from difflib import get_close_matches  # only a mistake pays for it

    bare = {_bare(name): name for name in sorted(known, reverse=True)}
    wanted = _bare(word[:100])
    if wanted in bare:
        return bare[wanted]
    for name, others in _ELSEWHERE.items():
        if wanted in others.split() and bare.get(_bare(name)) == name:
            return name
    matches = get_close_matches(wanted, bare, n=1, cutoff=0.65)
    return bare[matches[0]] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean 'kernel'?`, or the sorted choices when they are few, or nothing."""
    known = sorted(known)
    match = nearest(word, known)
    if match is not None:
        return f"did you mean '{match}'?"
    return f"choose from: {', '.join(known)}" if 0 < len(known) <= 12 else ""


def _bare(word: str) -> str:
    """A word without what only its style adds: capitals, `_`, `-` and the rank."""
    word = re.sub(r"[-_\s]", "", word.lower())
    return re.sub(r"(?<=[a-z])[123]d$", "", word) or word
