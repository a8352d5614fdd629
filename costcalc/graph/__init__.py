"""A graph: a tree of blocks and layers with edges and shapes, built from a `Spec` at one size."""

from __future__ import annotations

from costcalc.graph.build import build
from costcalc.graph.model import Block, Edge, Graph, Layer, Tensor

__all__ = ["Block", "Edge", "Graph", "Layer", "Tensor", "build"]
