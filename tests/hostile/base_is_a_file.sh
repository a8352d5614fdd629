# A lock file of the wide network lies where the name of the base leads.
# exit: 1
widen
lock_of_now "$PWD/forged.json"
mkdir origin
mv forged.json origin/main
