# The convention of the job says that it is like a file outside.
# exit: 3
# run: check --base origin/main --convention ./house.yaml
printf 'like: ../outside/secret.yaml\n' > house.yaml
