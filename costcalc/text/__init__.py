"""Text with places: YAML as located nodes, expressions, and messages that point at what is wrong."""
