# A tag and a branch are called as the base is.
# exit: 3
widen
git commit -qam wide
git tag origin/main
git branch origin/main
