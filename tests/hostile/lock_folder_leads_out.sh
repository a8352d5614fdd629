# The folder of the lock is a link that leads outside, to a lock that is read.
# exit: 3
# run: check
lock_of_now "$OUTSIDE/lock.json"
ln -s "$OUTSIDE" locks
printf 'specs: nets/*.yaml\nlock: locks/lock.json\nbudgets: [{name: growth, limits: {macs: {grow: 5%%}}}]\n' > costcalc.yaml
