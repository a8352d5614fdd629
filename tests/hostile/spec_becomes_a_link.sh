# The spec is a link to a wider one that the base has too, so the file under it has not changed.
# exit: 1
ln -sf wide/a.yaml nets/a.yaml
