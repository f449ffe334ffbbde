"""How numbers and names are written."""
