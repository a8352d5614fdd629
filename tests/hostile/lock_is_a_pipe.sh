# The lock is a named pipe, for which a reader and a writer would wait.
# exit: 3
# run: check --update
mkfifo costs.lock.json
printf 'specs: nets/*.yaml\nlock: costs.lock.json\nbudgets: [{name: growth, limits: {macs: {grow: 5%%}}}]\n' > costcalc.yaml
