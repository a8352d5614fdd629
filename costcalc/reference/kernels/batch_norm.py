"""Batch normalisation at inference: a scale and a shift for every channel, from stored statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.reference.image import from_planes, planes, sizes
from costcalc.reference.numbers import sqrt
from costcalc.reference.tensor import Tensor
from costcalc.reference.weights import Weights


def batch_norm(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
    x = inputs[0]
    rows = planes(x, layout)
    channels, eps = len(rows), float(arguments["eps"])
    means = weights.read("running_mean", channels).numbers
    variances = weights.read("running_var", channels).numbers
    deviations = [sqrt(variance + eps) for variance in variances]
    if arguments["affine"]:
        factors = weights.read("weight", channels).numbers
        biases = weights.read("bias", channels).numbers
        scales = [factor / deviation for factor, deviation in zip(factors, deviations, strict=True)]
        shifts = [bias - mean * scale for bias, mean, scale in zip(biases, means, scales, strict=True)]
    else:
        scales = [1 / deviation for deviation in deviations]
        shifts = [-(mean * scale) for mean, scale in zip(means, scales, strict=True)]
    result = [[n * scale + shift for n in row] for row, scale, shift in zip(rows, scales, shifts, strict=True)]
    return from_planes(result, sizes(x.shape, layout), layout)


KERNELS = {"batch_norm": batch_norm}
