"""Settings that all tests share."""

import os

from hypothesis import settings

# Timings never decide a test, and the same examples are tried on every machine.
settings.register_profile("project", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("project")

# What a test measures it measures itself; tests of the cache give one of their own.
os.environ["IML_CACHE"] = "off"
