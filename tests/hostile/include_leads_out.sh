# What the spec includes is a link to a file outside.
# exit: 3
ln -sf "$OUTSIDE/secret.yaml" nets/blocks/unit.yaml
