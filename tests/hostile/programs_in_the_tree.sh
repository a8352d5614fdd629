# Files are called as the programs and the modules that a check needs.
# exit: 1
# path: .
widen
cp "$PROGRAM" git
cp "$PROGRAM" gh
for name in click yaml rich sitecustomize usercustomize subprocess; do
  printf 'open("%s", "w")\n' "$RAN" > "$name.py"
done
