# The base branch has a name that could be a file's, and such a file is there.
# exit: 1
# run: check --base origin/release.json
widen
mkdir origin
lock_of_now "$PWD/origin/release.json"
