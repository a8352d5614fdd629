# The lock is a link to a file outside that does not exist yet, and is updated.
# exit: 3
# run: check --update
ln -s "$OUTSIDE/written.json" costs.lock.json
printf 'specs: nets/*.yaml\nlock: costs.lock.json\nbudgets: [{name: growth, limits: {macs: {grow: 5%%}}}]\n' > costcalc.yaml
