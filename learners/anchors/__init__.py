"""Controls and references."""
