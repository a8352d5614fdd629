# The folder that the job writes to is a link.
# exit: 3
# run: check --base origin/main --output junit=reports/costs.xml
ln -s "$OUTSIDE" reports
