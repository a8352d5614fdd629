# `diff REV:PATH` finds a file of that very name.
# exit: 1
# run: diff origin/main:nets/a.yaml nets/a.yaml --fail-on macs=5%
widen
mkdir -p origin/main:nets
cp nets/a.yaml origin/main:nets/a.yaml
