# The spec is a link to a file outside, a line of which would be printed as a problem.
# exit: 3
ln -sf "$OUTSIDE/secret.yaml" nets/a.yaml
