"""A spec: located nodes read into blocks and calls, with every name and argument checked, called or not."""
