"""Conformance checks for worlds, for the authors of worlds."""
