"""How many examples hypothesis tries, and whether they are the same each time."""

import os

from hypothesis import settings

settings.register_profile("local", max_examples=200, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True)
settings.register_profile("nightly", max_examples=5000, deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")
