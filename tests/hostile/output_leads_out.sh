# The file that the job writes is a link to one outside.
# exit: 3
# run: check --base origin/main --output junit=costs.xml
ln -s "$OUTSIDE/written.xml" costs.xml
