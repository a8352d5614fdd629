# A `.git` that names a folder of the pull request as the repository.
# exit: 3
# in: nets
widen
sed 's/nets.\*.yaml/a.yaml/' costcalc.yaml > nets/costcalc.yaml
git clone -q --bare . nets/forged
hostile_settings nets/forged/config
echo 'gitdir: forged' > nets/.git
