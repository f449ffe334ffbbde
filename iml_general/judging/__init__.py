"""From score rows to findings; knows nothing else."""
