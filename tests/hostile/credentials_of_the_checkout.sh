# The token that actions/checkout keeps in .git/config is asked for by name, and through a link.
# exit: 3
git config http.https://github.com/.extraheader 'AUTHORIZATION: basic hunter2'
ln -sf ../.git/config nets/b.yaml
printf 'specs: [nets/*.yaml, .git/config]\nbudgets: [{name: growth, limits: {macs: {grow: 5%%}}}]\n' > costcalc.yaml
