"""The built-in learners, one file per family, found by entry point like anyone's plugin."""
