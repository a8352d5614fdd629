# The configuration is a link to a file outside.
# exit: 3
ln -sf "$OUTSIDE/secret.yaml" costcalc.yaml
