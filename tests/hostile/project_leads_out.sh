# pyproject.toml is a link to a file outside.
# exit: 3
rm costcalc.yaml
echo 'costcalc = hunter2 [' > "$OUTSIDE/secret.toml"
ln -s "$OUTSIDE/secret.toml" pyproject.toml
