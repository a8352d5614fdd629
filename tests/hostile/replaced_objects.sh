# The commit of the base is replaced by a wider one.
# exit: 1
widen
git commit -qam wide
git replace "$(git rev-parse origin/main)" HEAD
