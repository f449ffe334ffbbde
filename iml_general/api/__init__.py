"""The Python API: what `import iml_general` offers, and the command line stands on where both do the same."""
