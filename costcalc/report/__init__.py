"""A `Document` (tables and lines) as text: plain, for a terminal, Markdown, CSV. Numbers are formatted in `numbers`."""
