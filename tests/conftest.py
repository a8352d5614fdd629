"""Settings for the whole suite."""

from hypothesis import settings

# A shared machine may take long over one example, which is no fault; and a failure must come back on the next run.
settings.register_profile("costcalc", deadline=None, derandomize=True)
settings.load_profile("costcalc")
