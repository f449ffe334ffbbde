"""Finished units of work that other runs can reuse, found by a digest of all that their rows depend on."""
