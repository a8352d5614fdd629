"""The reference executor: every op as plain arithmetic on rows of numbers that count themselves.

Formulas say what a network costs; here it is done, and counted while it happens. `numbers` holds the counting,
`kernels/` the definitions, file by file as in `costcalc/ops/`; `verify` holds the two against each other.
"""

from __future__ import annotations
