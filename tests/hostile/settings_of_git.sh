# Attributes, and the settings of the repository itself, name programs; a submodule and an alternate name folders.
# exit: 1
widen
printf '* filter=x diff=x merge=x\n' > .gitattributes
printf '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c %s\n' "$PROGRAM" > .gitmodules
hostile_settings .git/config
