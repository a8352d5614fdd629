# An object of the base is not here, and the repository says by which program it is fetched.
# exit: 3
widen
wanted=$(git rev-parse origin/main:nets/a.yaml)
git repack -adq
mv .git/objects/pack/*.pack .
rm -f .git/objects/pack/*
for pack in *.pack; do git unpack-objects -q < "$pack"; rm "$pack"; done
rm -f ".git/objects/$(echo "$wanted" | cut -c1-2)/$(echo "$wanted" | cut -c3-)"
git config core.repositoryformatversion 1
git config extensions.partialClone origin
git config remote.origin.promisor true
git config remote.origin.url "ext::$PROGRAM"
git config protocol.allow always
git config protocol.ext.allow always
