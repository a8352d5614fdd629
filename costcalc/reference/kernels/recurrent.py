"""LSTM and GRU: a state that every step of a sequence changes, layer after layer, forwards and also backwards.

Beside the matrix products, a product stands on the left of a sum, or is taken off: added from the right it would count
as a multiply-add.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from operator import add
from typing import Any

from costcalc.reference.kernels import Kernel
from costcalc.reference.numbers import Number, dot, exp, tanh
from costcalc.reference.tensor import Tensor, cut
from costcalc.reference.weights import Weights

Row = list[Number]
Rows = list[Row]
Cell = Callable[[Rows, Rows, Rows], Rows]
"""(the gates as the input has them, as the hidden numbers have them, the state) -> the state, hidden numbers first."""


def recurrent(gates: int, states: int, cell: Cell) -> Kernel:
    """The kernel of a cell with so many gates, whose state is so many rows of numbers."""

    def kernel(inputs: Sequence[Tensor], weights: Weights, arguments: Mapping[str, Any], layout: str) -> Tensor:
        x = inputs[0]
        hidden, layers, directions = arguments["out"], arguments["layers"], 1 + arguments["bidirectional"]
        widths = [x.shape[1]] + [hidden * directions] * (layers - 1)
        ends = list(accumulate(widths))
        wide = weights.read("weight_ih", directions, gates * hidden, ends[-1]).rows()
        deep = weights.read("weight_hh", layers, directions, gates * hidden, hidden).rows()
        biases = weights.read("bias", layers, directions, 2, gates * hidden).rows() if arguments["bias"] else None

        rows = x.lines()
        for layer, (width, end) in enumerate(zip(widths, ends, strict=True)):
            outputs = []
            for direction in range(directions):
                from_input = [line[end - width : end] for line in wide[direction]]
                bias, more = biases[layer][direction] if biases else (None, None)
                state, found = [[x.constant(0.0)] * hidden for _ in range(states)], []
                for row in reversed(rows) if direction else rows:
                    own = cut(product(from_input, row, bias), hidden)
                    before = cut(product(deep[layer][direction], state[0], more), hidden)
                    state = cell(own, before, state)
                    found.append(state[0])
                outputs.append(found[::-1] if direction else found)
            rows = [[number for part in step for number in part] for step in zip(*outputs, strict=True)]
        return Tensor.of(rows, 2)

    return kernel


def product(matrix: Rows, row: Row, bias: Row | None) -> Row:
    """The product of a matrix and a row, and a bias."""
    numbers = [dot(line, row) for line in matrix]
    return numbers if bias is None else list(map(add, numbers, bias))


def sigmoid(x: Number) -> Number:
    return 1 / (1 + exp(-x))


def lstm(own: Rows, before: Rows, state: Rows) -> Rows:
    sums = [list(map(add, *pair)) for pair in zip(own, before, strict=True)]
    enter, keep, show = (list(map(sigmoid, sums[gate])) for gate in (0, 1, 3))
    new = list(map(tanh, sums[2]))
    kept = zip(keep, state[1], enter, new, strict=True)
    cell = [k * c - -e * n for k, c, e, n in kept]
    return [[s * tanh(c) for s, c in zip(show, cell, strict=True)], cell]


def gru(own: Rows, before: Rows, state: Rows) -> Rows:
    reset, update = ([sigmoid(a + b) for a, b in zip(own[gate], before[gate], strict=True)] for gate in (0, 1))
    new = [tanh(r * b + a) for r, a, b in zip(reset, own[2], before[2], strict=True)]
    return [[u * (h - n) + n for u, h, n in zip(update, state[0], new, strict=True)]]


KERNELS = {"lstm": recurrent(4, 2, lstm), "gru": recurrent(3, 1, gru)}
