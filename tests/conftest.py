"""What holds for every test: how Hypothesis looks for counterexamples."""

import os

from hypothesis import HealthCheck, settings

# No deadline: a slow machine is no counterexample. In CI the examples are always the same, so that a change fails for
# what it changed; here they are new ones each time.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("here"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")
