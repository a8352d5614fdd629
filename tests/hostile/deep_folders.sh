# Folders so deep that nobody can go down them one call at a time.
# exit: 1
widen
deep=nets
for _ in 1 2 3 4 5 6 7 8 9; do deep=$deep/$(printf 'a/%.0s' $(seq 150)); done
mkdir -p "$deep"
printf 'input: [3]\nlayers: [relu]\n' > "$deep/a.yaml"
printf 'specs: nets/**/*.yaml\nbudgets: [{name: growth, specs: nets/a.yaml, limits: {macs: {grow: 5%%}}}]\n' > costcalc.yaml
