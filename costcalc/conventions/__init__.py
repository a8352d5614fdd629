"""Other tools' definitions of the cost of a network: one YAML table a tool, and their loader. Data, not code."""
