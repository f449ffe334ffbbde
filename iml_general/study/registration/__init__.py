"""What a run is going to be, written down before it, and whether it kept to that."""
