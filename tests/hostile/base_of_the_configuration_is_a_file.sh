# The same, for the base that the configuration names.
# exit: 1
# run: check
printf 'specs: nets/*.yaml\nbase: origin/main\nbudgets: [{name: growth, limits: {macs: {grow: 5%%}}}]\n' > costcalc.yaml
widen
mkdir origin
lock_of_now "$PWD/origin/main"
