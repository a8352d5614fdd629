# The spec stays as it is, and what it includes is a link to blocks that the base has too, and that are wider.
# exit: 1
ln -sf ../wide/blocks/unit.yaml nets/blocks/unit.yaml
