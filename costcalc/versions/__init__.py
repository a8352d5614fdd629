"""Versions of a network and how they differ. `costcalc.budget` judges by them; nothing here knows of limits.

`snapshot`, `recorded` and `piece` are a network and its layers, built here or read from a file. `match_layers` and
`match_networks` pair old with new; `difference` is the outcome. `baseline` reads what to compare with: a `lock`, a
stored report, or a commit through `git`; `recent` looks for the last commit that differs. `subjects` reads the specs
that are judged, `address` reads the operands of `diff`.
"""
