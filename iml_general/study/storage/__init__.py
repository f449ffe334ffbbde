"""Where a run lives: its database, its queues, its rows."""
