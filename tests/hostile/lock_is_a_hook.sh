# The lock is one of git's hooks.
# exit: 3
# run: check --update
printf 'specs: nets/*.yaml\nlock: .git/hooks/post-checkout\nbudgets: [{name: growth, limits: {macs: {grow: 5%%}}}]\n' > costcalc.yaml
