# The folder that the job works in is a bare repository, whose configuration names programs and whose base is forged.
# exit: 1
# in: nets
widen
sed 's/nets.\*.yaml/a.yaml/' costcalc.yaml > nets/costcalc.yaml
git commit -qam wide
git clone -q --bare . forged
rm forged/hooks/*
cp -r forged/. nets/
rm -rf forged
git -C nets update-ref refs/remotes/origin/main HEAD
git -C nets update-ref refs/heads/origin/main HEAD
hostile_settings nets/config
