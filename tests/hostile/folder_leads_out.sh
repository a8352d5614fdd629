# A pattern goes through a link to a folder outside.
# exit: 3
ln -s "$OUTSIDE" nets/out
printf 'specs: [nets/*.yaml, nets/out/*.yaml]\nbudgets: [{name: growth, limits: {macs: {grow: 5%%}}}]\n' > costcalc.yaml
