"""From episodes to score rows."""
